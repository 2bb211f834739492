"""Programs deployed in memory, with fakes for their providers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from stackwright import sdk as pulumi
from stackwright.sdk import dynamic
from stackwright.sdk._import_aliases import install
from stackwright.testing import DeploymentFailedError, Fakes, MemoryStack
from stackwright.values import UNKNOWN, Secret


class Bucket(pulumi.CustomResource):
    """A resource by hand, whose outputs a test has to say."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("cloud:store/bucket:Bucket", name, {"arn": None, "acl": None, **props}, opts)


def site() -> None:
    bucket: Any = Bucket("site", acl=pulumi.Config().get("acl") or "private")
    Bucket("logs", target=bucket.arn, opts=pulumi.ResourceOptions(parent=bucket))
    pulumi.export("arn", bucket.arn)
    pulumi.export("key", pulumi.Output.secret("hush"))


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    fakes.resource("cloud:store/bucket:Bucket", lambda asked: {"arn": f"arn:{asked.name}"})
    return fakes


class TestOperations:
    def test_a_whole_life(self, fakes: Fakes) -> None:
        """Preview, create, no change, update, refresh after drift, destroy: all on the real engine."""
        stack = MemoryStack(site, fakes=fakes)
        assert stack.preview().changes == {"create": 3}
        assert stack.resources == []
        assert fakes.calls == []

        up = stack.up()
        assert up.changes == {"create": 3}
        assert up.outputs == stack.outputs == {"arn": "arn:site", "key": "hush"}
        assert stack.resource("logs").inputs == {"target": "arn:site"}
        assert [call.name for call in fakes.called("create")] == ["site", "logs"]
        assert stack.up().changes == {}

        stack.set_config("acl", "public")
        assert stack.preview().step("site").op == "update"
        assert stack.up().names == ["site"]
        (held,) = [each for each in fakes["cloud"].objects.values() if each.get("acl")]
        assert held["acl"] == "public"

        held["acl"] = "drifted"
        stack.refresh()
        assert stack.resource("site").outputs["acl"] == "drifted"
        assert stack.destroy().changes == {"delete": 3}
        assert stack.resources == []
        assert fakes["cloud"].objects == {}

    def test_what_is_computed_is_unknown_in_a_preview(self, fakes: Fakes) -> None:
        stack = MemoryStack(site, fakes=fakes)
        seen = stack.preview()

        assert seen.outputs["arn"] == UNKNOWN

    def test_an_async_program(self, fakes: Fakes) -> None:
        async def program() -> None:
            bucket: Any = Bucket("a")
            assert await bucket.arn.future() == "arn:a"

        assert MemoryStack(program, fakes=fakes).up().changes == {"create": 2}

    def test_in_a_test_that_is_a_coroutine(self, fakes: Fakes) -> None:
        """An event loop may be running: the program gets a thread with a loop of its own."""

        async def test() -> None:
            assert MemoryStack(site, fakes=fakes).up().outputs["arn"] == "arn:site"

        asyncio.run(test())

    def test_a_project_directory(self, tmp_path: Path, fakes: Fakes) -> None:
        """With its name, its stack file, and its modules read anew each time."""
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (tmp_path / "Pulumi.test.yaml").write_text("config:\n  shop:size: 3\n")
        (tmp_path / "parts.py").write_text("SIZE = 1\n")
        (tmp_path / "__main__.py").write_text(
            "import pulumi, parts\n"
            "pulumi.export('size', pulumi.Config().require_int('size') + parts.SIZE)\n"
            "pulumi.export('project', pulumi.get_project())\n"
        )
        stack = MemoryStack(tmp_path, fakes=fakes)
        assert stack.up().outputs == {"size": 4, "project": "shop"}
        (tmp_path / "parts.py").write_text("SIZE = 100\n")
        assert stack.up().outputs["size"] == 103

    def test_a_project_with_defaults(self, tmp_path: Path, fakes: Fakes) -> None:
        """They are what the program gets where the stack file says nothing (state.md §4)."""
        declared = "config:\n  size: {type: integer, default: 3}\n  shop:kind: {value: small}\n"
        (tmp_path / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{declared}")
        (tmp_path / "Pulumi.test.yaml").write_text("config:\n  shop:kind: large\n")
        (tmp_path / "__main__.py").write_text(
            "import pulumi\nconfig = pulumi.Config()\n"
            "pulumi.export('got', [config.require_int('size'), config.require('kind')])\n"
        )
        assert MemoryStack(tmp_path, fakes=fakes).up().outputs == {"got": [3, "large"]}

    def test_replacement(self, fakes: Fakes) -> None:
        fakes.replace_on("cloud:store/bucket:Bucket", "acl")
        stack = MemoryStack(site, fakes=fakes)
        stack.up()
        stack.set_config("acl", "public")

        assert stack.up().changes["replace"] == 1
        assert len(fakes.called("delete")) >= 1


class TestFailures:
    def test_a_failing_provider(self, fakes: Fakes) -> None:
        """The operation raises, and can be looked at; what was made is kept; the next run goes on."""
        fakes.fail("logs", "create", "no space")
        stack = MemoryStack(site, fakes=fakes)
        with pytest.raises(DeploymentFailedError, match="no space") as failure:
            stack.up()
        assert not failure.value.result.ok
        assert [s.urn.rpartition("::")[2] for s in stack.resources] == ["site"]

        fakes.succeed("logs", "create")
        assert stack.up().changes == {"create": 1}

    def test_a_failing_program(self, fakes: Fakes) -> None:
        def program() -> None:
            raise ValueError("wrong")

        result = MemoryStack(program, fakes=fakes).up(check=False)
        assert "ValueError: wrong" in result.errors[0]
        assert "During handling" not in result.errors[0]

    def test_a_lookup_says_what_there_is(self, fakes: Fakes) -> None:
        stack = MemoryStack(site, fakes=fakes)
        stack.up()

        with pytest.raises(LookupError, match="Bucket site"):
            stack.resource("nothing")
        with pytest.raises(LookupError, match="nothing happens"):
            stack.up().step("site")


class TestFakes:
    def test_outputs_come_from_the_class(self) -> None:
        """A generated class says what it computes; an embedded provider may run for real instead."""
        install()
        pytest.importorskip("pulumi_random")
        import pulumi_random

        def program() -> None:
            pulumi.export("made", pulumi_random.RandomId("id", byte_length=4).hex)

        assert MemoryStack(program).up().outputs == {"made": "id-hex"}
        real = MemoryStack(program, fakes=Fakes(real=("random",))).up()
        assert len(real.outputs["made"]) == 8

    def test_functions(self) -> None:
        fakes = Fakes()
        fakes.function("cloud:index:find", lambda asked: {"id": f"{asked.inputs['name']}-1"})

        def program() -> None:
            pulumi.export("found", pulumi.runtime.invoke("cloud:index:find", {"name": "x"}).value["id"])

        assert MemoryStack(program, fakes=fakes).up().outputs == {"found": "x-1"}
        assert [call.inputs for call in fakes.called("invoke")] == [{"name": "x"}]

    def test_secrets_stay_secret(self, fakes: Fakes) -> None:
        def program() -> None:
            bucket: Any = Bucket("b", password=pulumi.Output.secret("hush"))
            pulumi.export("password", bucket.password)

        stack = MemoryStack(program, fakes=fakes)
        stack.up()
        assert fakes.called("create")[0].inputs == {"password": "hush"}
        assert stack.resource("b").outputs["password"] == Secret("hush")

    def test_reads_and_imports(self, fakes: Fakes) -> None:
        """An object that nobody made here is taken to exist."""

        def program() -> None:
            Bucket("read", opts=pulumi.ResourceOptions(id="b-1"))
            Bucket("taken", acl="private", opts=pulumi.ResourceOptions(import_="b-2"))

        stack = MemoryStack(program, fakes=fakes)
        stack.up()
        assert stack.resource("read").id == "b-1"
        assert stack.resource("taken").id == "b-2"
        assert stack.resource("read").outputs["arn"] == "arn:read"

    def test_stack_references(self, fakes: Fakes) -> None:
        def program() -> None:
            pulumi.export("vpc", pulumi.StackReference("org/network/dev").get_output("vpc"))

        stack = MemoryStack(program, fakes=fakes, others={"org/network/dev": {"vpc": "v-1"}})
        assert stack.up().outputs == {"vpc": "v-1"}

    def test_provider_configuration(self, fakes: Fakes) -> None:
        stack = MemoryStack(site, fakes=fakes, config={"cloud:region": "here"}, secrets={"cloud:token": "t"})
        stack.up()

        assert fakes["cloud"].configuration == {"region": "here", "token": "t"}


class Network(pulumi.ComponentResource):
    """A component that its package's provider builds."""

    vpc_id: pulumi.Output[str]
    zones: pulumi.Output[list[str]]

    def __init__(self, name: str, cidr: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"cidr": cidr, "vpc_id": None, "zones": None}
        super().__init__("cloud:net:Network", name, props, opts, remote=True)

    def translate_output_property(self, prop: str) -> str:
        return "vpc_id" if prop == "vpcId" else prop


class TestRemoteComponents:
    """Programs with components of other packages are tested without those packages' providers."""

    def program(self) -> None:
        network = Network("network", "10.0.0.0/16")
        Bucket("inside", acl=network.vpc_id, opts=pulumi.ResourceOptions(parent=network))
        pulumi.export("vpc", network.vpc_id)

    def test_outputs_are_the_tests(self, fakes: Fakes) -> None:
        """Not known before the component is; its parts are nobody's business here."""
        fakes.resource("network", {"vpcId": "vpc-1", "zones": ["a"]})
        stack = MemoryStack(self.program, fakes=fakes)
        preview = stack.preview()
        assert (preview.changes, preview.step("inside").new.inputs["acl"]) == ({"create": 3}, UNKNOWN)

        assert stack.up().outputs == {"vpc": "vpc-1"}
        assert [call.inputs for call in fakes.called("construct")] == [{"cidr": "10.0.0.0/16"}]
        assert stack.resource("network").outputs == {"vpcId": "vpc-1", "zones": ["a"]}
        assert stack.resource("inside").parent == stack.resource("network").urn
        assert stack.up().changes == {}
        assert stack.destroy().changes == {"delete": 3}

    def test_failures(self, fakes: Fakes) -> None:
        """A component that cannot be built fails the deployment."""
        fakes.fail("cloud:net:Network", "construct", "no room")
        failed = MemoryStack(self.program, fakes=fakes).up(check=False)

        assert "no room" in failed.errors[0]
        assert "network" in failed.errors[0]


class Named(dynamic.ResourceProvider):
    """A dynamic provider, which is the program's own code and runs for real."""

    def __init__(self, prefix: Any) -> None:
        self.prefix = prefix

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        prefix = self.prefix.get() if isinstance(self.prefix, pulumi.Output) else self.prefix
        return dynamic.CreateResult("n", {**props, "full": f"{prefix}-{props['name']}"})


def test_dynamic_providers_run_for_real() -> None:
    """With plain state and with outputs they have captured; also when they are gone from the program."""

    def program() -> None:
        plain: Any = dynamic.Resource(Named("p"), "plain", {"name": "a", "full": None})
        captured: Any = dynamic.Resource(
            Named(pulumi.Output.secret("s")), "captured", {"name": "b", "full": None}
        )
        pulumi.export("names", pulumi.Output.all(plain.full, captured.full))

    stack = MemoryStack(program)
    assert stack.up().outputs == {"names": ["p-a", "s-b"]}
    assert stack.up().changes == {}
    stack.program = lambda: None
    assert stack.up().changes["delete"] == 2


class TestHooksAndTransforms:
    def test_both_run(self, fakes: Fakes) -> None:
        """They are the engine's, so they work as in any deployment."""
        heard: list[str] = []

        def program() -> None:
            def tag(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
                if args.type_ == "cloud:store/bucket:Bucket":
                    return pulumi.ResourceTransformResult(props={**args.props, "tag": "t"}, opts=args.opts)
                return None

            pulumi.runtime.register_resource_transform(tag)
            hook = pulumi.ResourceHook("after", lambda args: heard.append(args.name))
            hooks = pulumi.ResourceHookBinding(after_create=[hook])
            Bucket("b", opts=pulumi.ResourceOptions(hooks=hooks))

        stack = MemoryStack(program, fakes=fakes)
        stack.preview()
        assert heard == []
        stack.up()
        assert heard == ["b"]
        assert stack.resource("b").inputs == {"tag": "t"}


class TestRender:
    def test_it_is_the_same_each_time(self, fakes: Fakes) -> None:
        """Sorted, without ids and times, secrets masked."""
        stack = MemoryStack(site, fakes=fakes)
        assert stack.preview().render() == (
            "preview succeeded\n"
            "\n"
            "+ cloud:store/bucket:Bucket logs\n"
            '    target: "<computed>"\n'
            "\n"
            "+ cloud:store/bucket:Bucket site\n"
            '    acl: "private"\n'
            "\n"
            "outputs\n"
            '    arn: "<computed>"\n'
            '    key: "[secret]"\n'
        )
        stack.up()
        stack.set_config("acl", "public")
        assert '    acl: "private" => "public"\n' in stack.preview().render()


def test_nothing_leaks_into_the_next_deployment(fakes: Fakes) -> None:
    """Two stacks in one test know nothing of each other, nor of what is outside."""
    MemoryStack(site, fakes=fakes, config={"acl": "one"}).up()
    other = MemoryStack(site, config={"acl": "two"}, stack="other")
    other.up()

    assert other.resource("site").inputs["acl"] == "two"
    assert pulumi.get_stack() == "stack"
    assert pulumi.Config("project").get("acl") is None
