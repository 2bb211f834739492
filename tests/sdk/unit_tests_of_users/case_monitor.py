"""What was registered, asked of the monitor; providers, transformations and a dynamic resource under mocks."""

import infra
import mocked
import pulumi
from pulumi import dynamic
from pulumi.runtime.mocks import MockMonitor


class Recording(MockMonitor):
    """A monitor of a suite's own."""


def test_registered_resources():
    monitor = Recording(mocked.MyMocks())
    pulumi.runtime.set_mocks(mocked.MyMocks(), monitor=monitor)

    @pulumi.runtime.test
    def run():
        infra.Server("web", [80])

    run()
    names = sorted(urn.rpartition("::")[2] for urn in monitor.get_registered_resources())
    assert names == ["web", "web-sg", "web-vm"] or names[1:] == ["web", "web-sg", "web-vm"]


def test_transformations():
    pulumi.runtime.set_mocks(mocked.MyMocks())

    def tag(args):
        if args.type_ == "aws:ec2/instance:Instance":
            return pulumi.ResourceTransformationResult(
                props={**args.props, "tags": {"Added": "yes"}}, opts=args.opts
            )
        return None

    @pulumi.runtime.test
    def run():
        instance = infra.Instance("x", "ami", opts=pulumi.ResourceOptions(transformations=[tag]))
        return instance.tags.apply(lambda tags: tags["Added"] == "yes" or 1 / 0)

    run()


class Provider(dynamic.ResourceProvider):
    def create(self, props):
        raise AssertionError("mocks answer instead")


class Thing(dynamic.Resource):
    size: pulumi.Output[int]

    def __init__(self, name):
        super().__init__(Provider(), name, {"size": None, "x": "y"})


def test_a_dynamic_resource():
    class Mocks(mocked.MyMocks):
        def new_resource(self, args):
            assert args.typ == "pulumi-python:dynamic:Resource"
            return "id", {**args.inputs, "size": 3}

    pulumi.runtime.set_mocks(Mocks())

    @pulumi.runtime.test
    def run():
        return Thing("t").size.apply(lambda size: size == 3 or 1 / 0)

    run()


@pulumi.runtime.test
def test_explicit_providers_reach_the_mocks():
    found = {}

    class Mocks(mocked.MyMocks):
        def new_resource(self, args):
            found[args.name] = args.provider
            return args.name + "_id", args.inputs

    pulumi.runtime.set_mocks(Mocks())
    provider = pulumi.ProviderResource("aws", "mine", {"region": "eu-west-1"})
    group = infra.Group("g", [], pulumi.ResourceOptions(provider=provider))

    def check(urn):
        assert "mine" in found["g"]

    return group.urn.apply(check)
