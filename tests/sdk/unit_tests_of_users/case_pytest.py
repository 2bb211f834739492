"""Functions and fixtures of pytest, mocks of their own for each test, configuration, previews."""

import mocked
import pulumi
import pytest


@pytest.fixture
def mocks():
    mocks = mocked.MyMocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="dev", preview=False)
    return mocks


@pytest.fixture
def infra():
    import infra

    return infra


@pulumi.runtime.test
def test_address(mocks, infra):
    server = infra.Server("web", [80])

    def check(args):
        address, urn, project = args
        assert address == "http://203.0.113.12"
        assert urn.startswith("urn:pulumi:dev::shop::")
        assert project == "shop"

    return pulumi.Output.all(server.address, server.urn, server.instance.tags["Project"]).apply(check)


def test_what_was_asked_for(mocks, infra):
    @pulumi.runtime.test
    def run():
        infra.Server("api", [80])

    run()
    assert sorted(mocks.seen) == ["api", "api-sg", "api-vm"]


@pytest.mark.parametrize("ports", [[80], [80, 8080]])
def test_parameters(mocks, infra, ports):
    @pulumi.runtime.test
    def run():
        server = infra.Server("api", ports)
        return server.group.ingress.apply(
            lambda rules: [rule["from"] for rule in rules] == ports or pytest.fail()
        )

    run()


def test_configuration(mocks):
    pulumi.runtime.set_all_config({"shop:size": "3", "shop:key": "hush"}, ["shop:key"])
    config = pulumi.Config()
    assert config.require_int("size") == 3
    assert isinstance(config.require_secret("key"), pulumi.Output)
    with pytest.raises(pulumi.ConfigMissingError):
        config.require("nothing")


class SecretMocks(mocked.MyMocks):
    def new_resource(self, args):
        assert args.custom is not None
        return args.name, dict(args.inputs)


@pulumi.runtime.test
def test_secrets_stay_secret(infra):
    pulumi.runtime.set_mocks(SecretMocks())
    instance = infra.Instance("x", "ami", user_data=pulumi.Output.secret("hush"))

    async def check():
        assert await instance.user_data.is_secret()
        assert await instance.user_data.future() == "hush"

    return check()


@pulumi.runtime.test
def test_in_a_preview_ids_are_unknown(infra):
    pulumi.runtime.set_mocks(mocked.MyMocks(), preview=True)
    instance = infra.Instance("x", "ami")
    assert pulumi.runtime.is_dry_run()

    async def check():
        assert await instance.urn.is_known()

    return check()


def test_a_failing_mock_fails_the_test(infra):
    class Failing(mocked.MyMocks):
        def new_resource(self, args):
            raise ValueError("no such thing")

    @pulumi.runtime.test
    def inner():
        infra.Group("x", [])

    pulumi.runtime.set_mocks(Failing())
    with pytest.raises(Exception, match="no such thing"):
        inner()


def test_functions_that_fail(infra):
    class Failing(mocked.MyMocks):
        def call(self, args):
            return {}, [("mostRecent", "is wrong")]

    pulumi.runtime.set_mocks(Failing())
    with pytest.raises(Exception, match="is wrong"):
        pulumi.runtime.invoke("aws:ec2/getAmi:getAmi", {})


@pulumi.runtime.test
def test_stack_references_and_reads(infra):
    class Reading(mocked.MyMocks):
        def new_resource(self, args):
            if args.typ == "pulumi:pulumi:StackReference":
                return args.name, {"name": args.name, "outputs": {"vpc": "vpc-1"}, "secretOutputNames": []}
            assert args.resource_id in (None, "", "i-1")
            return args.resource_id or args.name, {"ami": "found"}

    pulumi.runtime.set_mocks(Reading())
    reference = pulumi.StackReference("org/network/dev")
    found = infra.Instance("got", "x", opts=pulumi.ResourceOptions(id="i-1"))

    def check(args):
        assert args == ["vpc-1", "i-1"]

    return pulumi.Output.all(reference.get_output("vpc"), found.id).apply(check)
