"""Packs written with the genuine `pulumi_policy`, in processes of their own (protocol.md §14.1)."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from support.provider_packages import fetched

from stackwright import sdk as pulumi
from stackwright.testing import Fakes, MemoryStack, Result
from stackwright.urn import urn_name
from stackwright.values import Secret

from .conftest import MakePack

pytestmark = pytest.mark.real

PACK = """
    from pulumi_policy import (
        EnforcementLevel, PolicyConfigSchema, PolicyPack, ResourceValidationPolicy, Severity,
        StackValidationPolicy,
    )

    def private(args, report):
        if args.resource_type.endswith(":Bucket") and args.props.get("acl") == "public":
            report(f"{args.name} is public; {args.opts.protect}; {args.provider.resource_type}")

    def least(args, report):
        if "size" in args.props and args.props["size"] < args.get_config()["least"]:
            report(f"{args.props['size']} < {args.get_config()['least']}")

    def tag(args):
        if args.resource_type.endswith(":Bucket"):
            args.props["tags"] = {"by": "policy"}
            return args.props

    def whole(args, report):
        for each in args.resources:
            if each.resource_type.endswith(":Bucket") and each.props["arn"] == "arn:site":
                names = [one.name for one in each.dependencies]
                report(f"{each.name} after {names} in {each.parent.name}", each.urn)

    PolicyPack("demo", [
        ResourceValidationPolicy("private", "Nothing is public.", private, EnforcementLevel.MANDATORY,
                                 severity=Severity.HIGH),
        ResourceValidationPolicy("least", "Large enough.", least, config_schema=PolicyConfigSchema(
            {"least": {"type": "number", "default": 3}})),
        ResourceValidationPolicy("tag", "Tagged.", remediate=tag,
                                 enforcement_level=EnforcementLevel.REMEDIATE),
        StackValidationPolicy("whole", "All in all.", whole),
    ])
"""


class Bucket(pulumi.CustomResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("cloud:store/bucket:Bucket", name, {"arn": None, **props}, opts)


def site() -> None:
    first = Bucket("first", size=2)
    Bucket(
        "site",
        acl=pulumi.Config().get("acl") or "private",
        key=pulumi.Output.secret("hush-hush"),
        opts=pulumi.ResourceOptions(depends_on=[first]),
    )


def stack_with(*packs: Path, program: Any = site) -> MemoryStack:
    fakes = Fakes()
    fakes.resource("cloud:store/bucket:Bucket", lambda asked: {"arn": f"arn:{asked.name}"})
    return MemoryStack(program, policies=packs, fakes=fakes)


def test_a_pack_judges_mends_and_sums_up(make_pack: MakePack) -> None:
    stack = stack_with(make_pack(PACK, "version: 1.2.3\n"))
    result = stack.up()
    assert [(each.policy, each.level, each.message) for each in result.violations] == [
        ("least", "advisory", "Large enough.\n2.0 < 3.0"),
        ("whole", "advisory", "All in all.\nsite after ['first'] in project-test"),
    ]
    assert {each.version for each in result.violations} == {"1.2.3"}
    assert stack.resource("site").inputs == {
        "acl": "private",
        "key": Secret("hush-hush"),
        "tags": {"by": "policy"},
    }
    assert sorted(each.policy for each in result.remediations) == ["tag", "tag"]
    assert list(result.summary.policy_packs.values()) == ["(local)"]

    stack.set_config("acl", "public")
    preview = stack.preview(check=False)
    assert not preview.ok
    told = next(each for each in preview.violations if each.level == "mandatory")
    assert told.message == "Nothing is public.\nsite is public; False; pulumi:providers:cloud"
    assert told.severity == "high"
    assert not stack.up(check=False).ok
    assert stack.resource("site").inputs["acl"] == "private"


def errors(result: Result) -> str:
    assert not result.ok
    return "\n".join(result.errors)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise SystemExit('no more')", "did not come up"),
        ("1 / 0", "ZeroDivisionError"),
        ("print('hello', flush=True)", "invalid port"),
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
    ],
)
def test_packs_that_do_not_come_up(make_pack: MakePack, program: str, said: str) -> None:
    result = stack_with(make_pack(program)).preview(check=False)
    told = "\n".join(each.message for each in result.events if hasattr(each, "message"))
    assert said in told
    assert not result.ok


def test_a_pack_that_dies_while_it_is_asked(make_pack: MakePack) -> None:
    pack = make_pack(
        """
        import os, sys
        from pulumi_policy import PolicyPack, ResourceValidationPolicy

        def die(args, report):
            print("dying", file=sys.stderr, flush=True)
            os._exit(3)

        PolicyPack("mortal", [ResourceValidationPolicy("die", "d", die)])
        """
    )
    told = errors(stack_with(pack).up(check=False))
    assert "the policy pack `mortal` ended with exit status 3" in told
    assert "dying" in told


HANGING = """
    import os, threading
    from pathlib import Path
    from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy

    Path("pid").write_text(str(os.getpid()))

    def hang(args, report):
        if {when}:
            threading.Event().wait()

    PolicyPack("hanging", [{policy}("hang", "h", hang)])
"""
A_RESOURCE = HANGING.format(when="args.name == 'site'", policy="ResourceValidationPolicy")
THE_STACK = HANGING.format(when="True", policy="StackValidationPolicy")


@pytest.mark.parametrize(
    ("program", "doing", "made"),
    [(A_RESOURCE, "::site", ["first"]), (THE_STACK, "the stack", ["first", "site"])],
)
def test_a_pack_that_comes_up_and_then_answers_nothing(
    make_pack: MakePack, monkeypatch: pytest.MonkeyPatch, program: str, doing: str, made: list[str]
) -> None:
    """It is given up, with its process; whatever was made before is recorded."""
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "3")
    pack = make_pack(program)
    stack = stack_with(pack)
    told = errors(stack.up(check=False))
    assert "the policy pack `hanging` did not analyze" in told
    assert f"{doing} within 3 s" in told
    assert sorted(urn_name(each.urn) for each in stack.resources if each.type.startswith("cloud:")) == made
    assert not Path(f"/proc/{(pack / 'pid').read_text()}").exists()


def test_a_pack_that_is_killed_from_outside(make_pack: MakePack) -> None:
    """Between two questions, as by a machine that runs out of memory."""
    pack = make_pack(THE_STACK)

    def create(asked: Any) -> dict[str, Any]:
        if asked.name == "site":
            os.kill(int((pack / "pid").read_text()), signal.SIGKILL)
        return {"arn": asked.name}

    fakes = Fakes()
    fakes.resource("cloud:store/bucket:Bucket", create)
    told = errors(MemoryStack(site, policies=[pack], fakes=fakes).up(check=False))
    assert "the policy pack `hanging`" in told
    assert "SIGKILL" in told
    assert "analyze the stack" in told


def test_a_policy_that_raises(make_pack: MakePack) -> None:
    pack = make_pack(
        """
        from pulumi_policy import PolicyPack, ResourceValidationPolicy

        def broken(args, report):
            raise ValueError("oh no")

        PolicyPack("fragile", [ResourceValidationPolicy("broken", "b", broken)])
        """
    )
    assert "the policy pack `fragile` did not analyze" in errors(stack_with(pack).up(check=False))


class TestDirectories:
    def test_there_is_none(self, tmp_path: Path) -> None:
        assert "no such directory" in errors(stack_with(tmp_path / "none").preview(check=False))

    def test_it_is_no_pack(self, tmp_path: Path) -> None:
        assert "it has no PulumiPolicy.yaml" in errors(stack_with(tmp_path).preview(check=False))

    def test_its_manifest_says_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "PulumiPolicy.yaml").write_text("description: x\n")
        assert "has no `runtime`" in errors(stack_with(tmp_path).preview(check=False))

    def test_its_environment_is_missing(self, tmp_path: Path) -> None:
        (tmp_path / "PulumiPolicy.yaml").write_text(
            "runtime:\n  name: python\n  options:\n    virtualenv: venv\n"
        )
        assert "stackwright install" in errors(stack_with(tmp_path).preview(check=False))

    def test_another_runtime_needs_its_own_program(self, tmp_path: Path) -> None:
        (tmp_path / "PulumiPolicy.yaml").write_text("runtime: nodejs\n")
        assert "no program `pulumi-analyzer-policy-nodejs`" in errors(
            stack_with(tmp_path).preview(check=False)
        )


def test_nothing_stays_behind(make_pack: MakePack) -> None:
    """Its process ends with the operation."""
    pack = make_pack(
        """
        import os
        from pathlib import Path
        from pulumi_policy import PolicyPack, ResourceValidationPolicy

        Path("pid").write_text(str(os.getpid()))
        PolicyPack("p", [ResourceValidationPolicy("ok", "ok", lambda args, report: None)])
        """
    )
    stack_with(pack).up()
    assert not Path(f"/proc/{(pack / 'pid').read_text()}").exists()


def test_a_pack_may_run_on_our_own_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its environment has Stackwright, that is what `import pulumi` means to it (sdk.md §20)."""
    monkeypatch.setenv("PYTHONPATH", str(fetched("pulumi_policy", "1.21.0")))
    (tmp_path / "PulumiPolicy.yaml").write_text(
        f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    )
    program = """
        import pulumi
        import stackwright.sdk
        from pulumi_policy import PolicyPack, ResourceValidationPolicy

        def validate(args, report):
            if args.name == "site":
                report(f"{pulumi.Config is stackwright.sdk.Config} {pulumi.get_stack()}")

        PolicyPack("own", [ResourceValidationPolicy("own", "Ours.", validate)])
    """
    (tmp_path / "__main__.py").write_text(dedent(program))
    (told,) = stack_with(tmp_path).up().violations
    assert told.message == "Ours.\nTrue test"
