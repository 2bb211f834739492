"""Policies as objects in this process, as the package `pulumi_policy` makes them (sdk.md §20)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from stackwright import sdk as pulumi
from stackwright.policy import PolicyPackError
from stackwright.policy._seen import seen
from stackwright.testing import DeploymentFailedError, Fakes, MemoryStack
from stackwright.values import Secret


class ResourceValidationPolicy:
    """What is asked of such an object, and no more."""

    def __init__(
        self, name: str, validate: Any = None, *, remediate: Any = None, level: str | None = None, **more: Any
    ) -> None:
        self.name = name
        self.description = f"About {name}."
        self.enforcement_level = None if level is None else SimpleNamespace(value=level)
        self.config_schema = more.get("schema")
        self.severity = more.get("severity")
        self._validate, self._remediate = validate, remediate

    def has_validation(self) -> bool:
        return self._validate is not None

    def has_remediation(self) -> bool:
        return self._remediate is not None

    def validate(self, args: Any, report: Callable[..., None]) -> Any:
        return self._validate(args, report)

    def remediate(self, args: Any) -> Any:
        return self._remediate(args)


class StackValidationPolicy(ResourceValidationPolicy):
    """Its class says what it looks at."""


class Bucket(pulumi.CustomResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("cloud:store/bucket:Bucket", name, {"arn": None, **props}, opts)


def site() -> None:
    bucket: Any = Bucket("site", acl="public", tags={"a": 1}, key=pulumi.Output.secret({"k": "hush-hush"}))
    Bucket("logs", target=bucket.arn)


def stack_with(*policies: Any, program: Any = site, **given: Any) -> MemoryStack:
    fakes = Fakes()
    fakes.resource("cloud:store/bucket:Bucket", lambda asked: {"arn": f"arn:{asked.name}"})
    return MemoryStack(program, policies=policies, fakes=fakes, **given)


def never(args: Any, report: Any) -> None:
    threading.Event().wait()


def looking(into: list[Any], *, only: str = "cloud:store/bucket:Bucket") -> Any:
    def validate(args: Any, _: Any) -> None:
        if args.resource_type == only:
            into.append(args)

    return validate


class TestSight:
    def test_what_a_policy_sees_of_a_resource(self) -> None:
        """Numbers are floats, secrets are bare."""
        seen: list[Any] = []
        stack_with(ResourceValidationPolicy("look", looking(seen))).up()
        site = next(each for each in seen if each.name == "site")
        assert (site.props["acl"], site.props["tags"]["a"], site.props["key"]["k"]) == (
            "public",
            1.0,
            "hush-hush",
        )
        assert isinstance(site.props["tags"]["a"], float)
        assert site.props.get("nothing") is None
        assert sorted(site.props) == ["acl", "key", "tags"]
        assert site.opts.protect is False
        assert site.provider.resource_type == "pulumi:providers:cloud"
        assert site.get_config() == {}

    def test_touching_what_is_not_known_ends_the_policy_and_is_told(self) -> None:
        touched = ResourceValidationPolicy(
            "touch", lambda args, _: args.props.get("target"), level="mandatory"
        )
        result = stack_with(touched).preview()
        (told,) = result.violations
        assert told.level == "advisory"
        assert told.message == (
            "can't run policy 'touch' from policy pack 'policies@v0.0.1' during preview: "
            "string value at .target can't be known during preview"
        )

    def test_a_policy_may_be_of_no_concern(self) -> None:
        result = stack_with(
            ResourceValidationPolicy(
                "never", lambda args, _: args.not_applicable("not here"), level="mandatory"
            )
        ).up()
        assert result.violations == []

    def test_the_stack_as_a_whole(self) -> None:
        def validate(args: Any, report: Any) -> None:
            by_name = {each.name: each for each in args.resources}
            logs = by_name["logs"]
            assert [each.name for each in logs.dependencies] == ["site"]
            assert [each.name for each in logs.property_dependencies["target"]] == ["site"]
            assert logs.parent.resource_type == "pulumi:pulumi:Stack"
            report("look here", logs.urn)

        result = stack_with(StackValidationPolicy("whole", validate)).up()
        assert [(each.policy, each.message) for each in result.violations] == [
            ("whole", "About whole.\nlook here")
        ]


class TestVerdicts:
    def test_what_must_not_be(self) -> None:
        async def validate(args: Any, report: Any) -> None:
            if args.props.get("acl") == "public":
                report(f"{args.name} is public, with {args.props['key']['k']}")

        policy = ResourceValidationPolicy("private", validate, level="mandatory", severity="high")
        stack = stack_with(policy)
        result = stack.up(check=False)
        (told,) = result.violations
        assert told.message == "About private.\nsite is public, with [secret]"
        assert (told.level, told.severity) == ("mandatory", "high")
        assert not result.ok
        with pytest.raises(DeploymentFailedError):
            stack.preview()

    def test_a_policy_mends(self) -> None:
        """In place or by an answer, however deep; what was secret stays so (E203)."""

        def remediate(args: Any) -> Any:
            if args.name != "site":
                return None
            args.props["acl"] = "private"
            args.props["tags"]["b"] = [1, {"c": 2}]
            args.props["key"]["k"] = "hush-more"
            return args.props

        def another(args: Any) -> Any:
            return {**args.props, "seen": args.props["acl"]} if args.name == "site" else None

        stack = stack_with(
            ResourceValidationPolicy("mend", remediate=remediate, level="remediate"),
            ResourceValidationPolicy("then", remediate=another, level="remediate"),
        )
        result = stack.up()
        inputs = stack.resource("site").inputs
        assert (inputs["acl"], inputs["seen"], inputs["tags"]) == (
            "private",
            "private",
            {"a": 1, "b": [1, {"c": 2}]},
        )
        assert inputs["key"] == Secret({"k": "hush-more"})
        assert [each.policy for each in result.remediations] == ["mend", "then"]
        assert stack.up().changes == {}

    def test_assets_are_those_of_the_program(self) -> None:
        seen: list[Any] = []

        def program() -> None:
            Bucket("a", body=pulumi.StringAsset("text"))

        stack_with(ResourceValidationPolicy("look", looking(seen)), program=program).up()
        assert isinstance(seen[0].props["body"], pulumi.StringAsset)


class TestSettings:
    SCHEMA = SimpleNamespace(properties={"least": {"type": "number", "default": 3}}, required=None)

    def judged(self, settings: dict[str, Any]) -> Any:
        def validate(args: Any, report: Any) -> None:
            if args.name == "site":
                report(f"least {args.get_config()['least']}")

        policy = ResourceValidationPolicy("least", validate, schema=self.SCHEMA)
        return stack_with(policy, policy_settings=settings).preview(check=False)

    @pytest.mark.parametrize(
        ("settings", "level", "least"),
        [
            ({}, "advisory", 3),
            ({"least": "mandatory"}, "mandatory", 3),
            ({"all": "mandatory"}, "mandatory", 3),
            ({"all": "mandatory", "least": {"enforcementLevel": "advisory", "least": 5}}, "advisory", 5),
        ],
    )
    def test_settings_go_before_what_the_policy_says(
        self, settings: dict[str, Any], level: str, least: int
    ) -> None:
        """protocol.md §14.1; defaults come from the schema."""
        (told,) = self.judged(settings).violations
        assert (told.level, told.message.splitlines()[1]) == (level, f"least {least}")

    def test_a_policy_can_be_switched_off(self) -> None:
        assert self.judged({"all": "disabled"}).violations == []

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"lest": "mandatory"}, "there is no policy `lest`"),
            ({"least": {"least": "x"}}, "`least`.least: 'x' is not of type 'number'"),
        ],
    )
    def test_settings_that_cannot_be_meant(self, settings: dict[str, Any], said: str) -> None:
        result = self.judged(settings)
        assert not result.ok
        assert said in "\n".join(result.errors)

    def test_levels_that_there_are_not(self) -> None:
        result = self.judged({"least": "strict"})
        assert "`strict` is no enforcement level, which `least` is to have" in result.errors[0]


class TestMistakes:
    def test_what_is_no_policy(self) -> None:
        result = stack_with(object()).preview(check=False)
        assert "object is no policy" in result.errors[0]

    def test_a_policy_that_fails_fails_the_run(self) -> None:
        def broken(args: Any, report: Any) -> None:
            raise ValueError("oh no")

        result = stack_with(ResourceValidationPolicy("broken", broken)).up(check=False)
        assert not result.ok
        assert "the policy `broken` of `policies` failed: ValueError: oh no" in "\n".join(result.errors)

    def test_properties_are_what_a_remediation_makes(self) -> None:
        bad = ResourceValidationPolicy("bad", remediate=lambda args: [1], level="remediate")
        result = stack_with(bad).up(check=False)
        assert "made no properties" in "\n".join(result.errors)

    def test_the_error_has_a_code(self) -> None:
        assert PolicyPackError("x").code == "policy-pack"


@pytest.mark.parametrize(
    "hangs", [ResourceValidationPolicy("hang", never), StackValidationPolicy("hang", never)]
)
def test_one_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, hangs: Any) -> None:
    """Its thread stays, and keeps neither the operation nor the process."""
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "1")
    result = stack_with(hangs).up(check=False)
    assert not result.ok
    assert any("`policies` did not analyze" in each for each in result.errors)


def test_a_number_that_is_too_large_for_a_double() -> None:
    """It is seen as it is; all others are doubles, as packs in other processes see them."""
    assert [type(seen(number)) for number in (3, 10**400)] == [float, int]
