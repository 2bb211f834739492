"""What policies do to a deployment (engine.md §8)."""

from __future__ import annotations

from typing import Any

import pytest
from support.deployments import Bench, Client, Run
from support.policies import FakePack, FakePacks, against

from stackwright.engine import (
    EnforcementLevel,
    OperationResult,
    OperationType,
    PolicyRemediated,
    PolicySubject,
    PolicySummary,
    PolicyViolated,
    Violation,
)
from stackwright.errors import StackwrightError, UserError
from stackwright.goals import CustomTimeouts
from stackwright.values import UNKNOWN, Secret

ADVISORY, MANDATORY = EnforcementLevel.ADVISORY, EnforcementLevel.MANDATORY


def two(client: Client) -> None:
    client.stack()
    client.resource("a", {"size": 1, "fixed": "x"})
    client.resource("b", {"size": 2})


def one(client: Client, fixed: str = "x") -> None:
    client.stack()
    client.resource("a", {"size": 1, "fixed": fixed})


def mending(**changes: Any) -> Any:
    """A remediation that sets these inputs of the resource `a`."""
    return lambda subject: {**subject.properties, **changes} if subject.name == "a" else None


def violations(run: Run) -> list[PolicyViolated]:
    return [event for event in run.events if isinstance(event, PolicyViolated)]


def up(bench: Bench, *packs: Any, program: Any = two, preview: bool = False, **options: Any) -> Run:
    return bench.run(program, policies=FakePacks(*packs), preview=preview, **options)


class TestLevels:
    """E204."""

    def test_what_is_only_advised_against_is_made_all_the_same(self) -> None:
        bench = Bench()
        run = up(bench, FakePack(look=against("a", ADVISORY, severity="low")))
        assert run.summary.result is OperationResult.SUCCEEDED
        (told,) = violations(run)
        assert (told.policy, told.level, told.severity, told.message) == ("look", "advisory", "low", "no")
        assert bench.names == ["a", "b"]

    def test_an_update_ends_before_anything_is_done_to_what_must_not_be(self) -> None:
        bench = Bench()
        run = up(bench, FakePack(look=against("a")))
        assert run.summary.result is OperationResult.FAILED
        assert "a" not in bench.names
        assert all(given.get("size") != 1 for given in bench.provider.objects.values())

    def test_a_preview_tells_of_everything_and_fails(self) -> None:
        """X71."""

        def both(subject: PolicySubject) -> list[Violation]:
            return [Violation(policy="look", message="no", level=MANDATORY)] if subject.provider else []

        run = up(Bench(), FakePack(look=both), preview=True)
        assert sorted(str(told.urn).rpartition("::")[2] for told in violations(run)) == ["a", "b"]
        assert run.summary.result is OperationResult.FAILED

    def test_what_remediation_left_over_must_not_be(self) -> None:
        """E203."""
        run = up(Bench(), FakePack(look=against("a", EnforcementLevel.REMEDIATE)))
        assert [told.level for told in violations(run)] == ["mandatory"]
        assert run.summary.result is OperationResult.FAILED

    def test_what_is_disabled_is_not_even_told(self) -> None:
        run = up(Bench(), FakePack(look=against("a", EnforcementLevel.DISABLED)))
        assert violations(run) == []
        assert run.summary.result is OperationResult.SUCCEEDED


class TestOrder:
    """E201."""

    def test_everything_that_is_registered_is_looked_at(self) -> None:
        """The stack, providers, and what stays the same; not what is read or deleted."""
        pack = FakePack()
        bench = Bench()
        up(bench, pack)
        names = {name for what, name in pack.asked if what == "analyze"}
        assert {"a", "b", "proj-dev", "default"} <= names

        again = FakePack()
        up(
            bench,
            again,
            program=lambda client: (client.stack(), client.resource("a", {"size": 1, "fixed": "x"})),
        )
        assert {name for what, name in again.asked if what == "analyze"} == names - {"b"}

    def test_packs_mend_one_after_the_other_and_then_all_look(self) -> None:
        def doubled(subject: PolicySubject) -> Any:
            return mending(twice=subject.properties.get("size", 0) * 2)(subject)

        first, second = FakePack("first", mend=mending(size=5)), FakePack("second", mend=doubled)
        bench = Bench()
        run = up(bench, first, second)
        assert bench.record("a").inputs == {"size": 5, "twice": 10, "fixed": "x"}
        assert second.subjects["a"].properties["twice"] == 10
        mended = [
            (e.pack, e.before.get("size"), e.after["size"])
            for e in run.events
            if isinstance(e, PolicyRemediated)
        ]
        assert mended == [("first", 1, 5), ("second", 5, 5)]
        assert up(bench, first, second).changes == []

    def test_so_it_is_when_something_is_replaced(self) -> None:
        """Its inputs are checked once more, and mended once more."""
        pack = FakePack(mend=mending(size=9))
        bench = Bench()
        up(bench, pack)
        up(
            bench,
            pack,
            program=lambda client: (client.stack(), client.resource("a", {"size": 1, "fixed": "y"})),
        )
        assert bench.record("a").inputs == {"size": 9, "fixed": "y"}

    def test_why_it_cannot_be_mended_is_only_told(self) -> None:
        """E203."""
        run = up(Bench(), FakePack(mend=lambda s: "cannot" if s.name == "a" else None))
        assert [(told.level, told.message) for told in violations(run)] == [("advisory", "cannot")]
        assert run.summary.result is OperationResult.SUCCEEDED


class TestSight:
    """E202."""

    def test_what_a_policy_sees(self) -> None:
        def program(client: Client) -> None:
            root = client.stack()
            first = client.resource("a", {"size": 1})
            client.resource(
                "b",
                {"name": Secret("hush")},
                parent=root.urn,
                protect=True,
                ignore_changes=("x",),
                delete_before_replace=True,
                depends_on=(first.urn,),
                custom_timeouts=CustomTimeouts(create=60),
            )

        pack = FakePack()
        bench = Bench()
        up(bench, pack, program=program)
        seen = pack.subjects["b"]
        assert seen.properties["name"] == Secret("hush")  # what a stack policy sees are outputs
        assert (seen.protect, seen.ignore_changes, seen.delete_before_replace) == (True, ("x",), True)
        assert seen.timeouts == CustomTimeouts(create=60)
        assert seen.dependencies == (bench.record("a").urn,)
        assert seen.parent == bench.record("proj-dev").urn
        assert seen.provider is not None
        assert seen.provider.type == "pulumi:providers:test"

    def test_what_a_preview_does_not_know(self) -> None:
        seen: dict[str, Any] = {}

        def look(subject: PolicySubject) -> list[Violation]:
            seen[subject.name] = subject.properties
            return []

        def program(client: Client) -> None:
            client.stack()
            client.resource("a", {"size": client.resource("b", {"size": 1}).outputs["out"]})

        up(Bench(), FakePack(look=look), program=program, preview=True)
        assert seen["a"] == {"size": UNKNOWN}

    def test_secrets_do_not_stand_in_what_is_told(self) -> None:
        def program(client: Client) -> None:
            client.stack()
            client.resource("a", {"password": Secret("hush-hush")})

        run = up(Bench(), FakePack(look=against("a", ADVISORY, message="hush-hush is weak")), program=program)
        assert [told.message for told in violations(run)] == ["[secret] is weak"]


class TestStack:
    """E205."""

    def test_it_is_looked_at_when_all_is_done_and_may_fail_what_was_done(self) -> None:
        def sums(subjects: Any) -> list[Violation]:
            (found,) = (s for s in subjects if s.name == "a")
            assert found.properties["out"]
            return [
                Violation(policy="sum", message="one", level=MANDATORY, urn=found.urn),
                Violation(policy="sum", message="two", level=ADVISORY, urn=None),
            ]

        pack = FakePack(sums=sums)
        bench = Bench()
        run = up(bench, pack)
        assert pack.asked[-1] == ("stack", "")
        assert run.summary.result is OperationResult.FAILED
        assert bench.names == ["a", "b"]
        assert [told.urn for told in violations(run)] == [bench.record("a").urn, bench.record("proj-dev").urn]

    def test_it_is_not_looked_at_when_something_failed(self) -> None:
        pack = FakePack(look=against("b"))
        up(Bench(), pack)
        assert ("stack", "") not in pack.asked


class TestSummaries:
    """E206, E207."""

    def test_what_passed_and_what_failed(self) -> None:
        run = up(Bench(), FakePack(look=against("a", ADVISORY)))
        told = {
            (e.kind.value, e.urn.rpartition("::")[2] if e.urn else ""): (e.passed, e.failed)
            for e in run.events
            if isinstance(e, PolicySummary)
        }
        assert told["policyAnalyze", "a"] == ((), ("look",))
        assert told["policyAnalyze", "b"] == (("look",), ())
        assert told["policyAnalyzeStack", ""] == (("sum",), ())

    def test_the_packs_are_named_at_the_end(self) -> None:
        local = FakePack("here")
        local.place = "/packs/here"
        run = up(Bench(), FakePack("one"), local)
        assert run.summary.policy_packs == {"one": "1.0.0", "here|local|/packs/here": "(local)"}

    def test_nobody_is_asked_in_a_refresh(self) -> None:
        bench = Bench()
        bench.up(two)
        pack = FakePack(look=against("a"))
        run = bench.run(policies=FakePacks(pack), type=OperationType.REFRESH)
        assert pack.asked == []
        assert run.summary.policy_packs == {}


class TestFailures:
    @pytest.mark.parametrize("preview", [False, True])
    def test_packs_that_cannot_be_loaded_end_the_run_before_it_begins(self, preview: bool) -> None:
        bench = Bench()
        packs = FakePacks(fails=UserError("no such pack"))
        run = bench.run(two, policies=packs, preview=preview)
        assert run.summary.result is OperationResult.FAILED
        assert "no such pack" in run.errors[0]
        assert bench.names == []
        assert packs.closed

    def test_a_pack_that_goes_wrong_fails_the_run(self) -> None:
        def broken(_: PolicySubject) -> list[Violation]:
            raise StackwrightError("the pack is broken")

        bench = Bench()
        run = up(bench, FakePack(look=broken))
        assert run.summary.result is OperationResult.FAILED
        assert any("the pack is broken" in text for text in run.errors)
        assert bench.names == []
