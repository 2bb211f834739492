"""Replacing, in both orders, with everything that hangs on it (engine.md §5.6)."""

from __future__ import annotations

from typing import Any

from support.deployments import Bench, Client, ProgramError

from stackwright.engine import OperationResult
from stackwright.providers import DiffChanges, DiffRequest, DiffResult, ProviderError
from stackwright.values import contains_unknowns


def pair(fixed: int, *, linked: bool = True, **options: Any):
    """A, and B which uses A's output in a property that replaces it."""

    def program(client: Client) -> None:
        a = client.resource("a", {"fixed": fixed}, **options)
        if linked:
            client.resource(
                "b",
                {"fixed_from": a.outputs["out"], "version": fixed},
                depends_on=(a.urn,),
                property_dependencies={"fixed_from": (a.urn,)},
            )

    return program


class TestCreateBeforeDelete:
    def test_the_old_one_goes_at_the_end(self) -> None:
        """E162: create-replacement, the marker, and the delete when all else is done."""
        bench = Bench()
        bench.up(pair(1))
        run = bench.up(pair(2))

        assert run.changes == [
            ("create-replacement", "a"),
            ("replace", "a"),
            ("update", "b"),
            ("delete-replaced", "a"),
        ]
        assert run.counts == {"replace": 1, "update": 1}
        assert run.step("a").keys == ("fixed",)
        assert len(bench.provider.objects) == 2

    def test_functions_that_wait_for_it_are_called(self) -> None:
        """E93: once its successor is made it has an id, whatever is still to go."""
        bench = Bench()
        answers: list[Any] = []

        def program(fixed: int, client: Client) -> None:
            a = client.resource("a", {"fixed": fixed})
            answers.append(client.invoke("test:index:get", depends_on=(a.urn,)))

        bench.up(lambda client: program(1, client))
        run = bench.up(lambda client: program(2, client))

        assert ("replace", "a") in run.changes
        assert [answer.unknown for answer in answers] == [False, False]

    def test_an_interrupted_replacement_is_finished_later(self) -> None:
        """X42: what was replaced and not deleted goes at the end of the next run."""
        bench = Bench()
        bench.up(pair(1, linked=False))

        def failing(client: Client) -> None:
            pair(2, linked=False)(client)
            raise ProgramError

        bench.up(failing)
        assert bench.record("a", deleted=True).inputs == {"fixed": 1}
        run = bench.up(pair(2, linked=False))

        assert run.changes == [("delete-replaced", "a")]
        assert [state.inputs for state in bench.state if state.urn.endswith("::a")] == [{"fixed": 2}]

    def test_several_old_halves_all_go(self) -> None:
        """X42: however often it was interrupted."""
        bench = Bench()
        bench.up(pair(1, linked=False))
        for fixed in (2, 3):

            def failing(client: Client, fixed: int = fixed) -> None:
                pair(fixed, linked=False)(client)
                raise ProgramError

            bench.up(failing)
        run = bench.up(pair(3, linked=False))

        assert run.changes == [("delete-replaced", "a"), ("delete-replaced", "a")]
        assert len(bench.provider.objects) == 1

    def test_inputs_are_checked_again_without_the_old_ones(self) -> None:
        """E160: so that defaults and names are made anew."""
        bench = Bench()
        bench.up(pair(1, linked=False))
        olds = []
        bench.provider.hooks["check"] = lambda request: olds.append(request.olds)
        bench.up(pair(2, linked=False))

        assert olds == [{"fixed": 1}, {}]

    def test_a_failed_delete_is_tried_again(self) -> None:
        """The old half stays recorded until it is gone."""
        bench = Bench()
        bench.up(pair(1, linked=False))

        def refuse(request: object) -> None:
            raise ProviderError("busy")

        bench.provider.hooks["delete"] = refuse
        assert bench.up(pair(2, linked=False)).summary.result is OperationResult.FAILED
        del bench.provider.hooks["delete"]
        run = bench.up(pair(2, linked=False))

        assert run.changes == [("delete-replaced", "a")]


class TestDeleteBeforeReplace:
    def test_what_would_be_replaced_too_goes_first(self) -> None:
        """X36: delete B, delete A, create A, create B."""
        bench = Bench()
        bench.up(pair(1))
        run = bench.up(pair(2, delete_before_replace=True))

        assert run.changes == [
            ("delete-replaced", "b"),
            ("delete-replaced", "a"),
            ("replace", "a"),
            ("create-replacement", "a"),
            ("replace", "b"),
            ("create-replacement", "b"),
        ]
        assert run.counts == {"replace": 2}
        assert sorted(bench.names) == ["a", "b"]
        assert len(bench.provider.objects) == 2

    def test_questions_are_asked_with_unknowns(self) -> None:
        """E164: the properties that depend on what goes are unknown in the question."""
        bench = Bench()
        bench.up(pair(1))
        asked: list[DiffRequest] = []

        def diff(request: DiffRequest) -> None:
            if contains_unknowns(request.news):
                asked.append(request)

        bench.provider.hooks["diff"] = diff
        bench.up(pair(2, delete_before_replace=True))

        assert [request.urn.split("::")[3] for request in asked] == ["b"]
        assert asked[0].preview

    def test_who_only_depends_is_left_alone(self) -> None:
        """X36: C has A in depends_on only."""
        bench = Bench()

        def program(fixed: int):
            def run(client: Client) -> None:
                a = client.resource("a", {"fixed": fixed}, delete_before_replace=True)
                client.resource("c", {"x": 1}, depends_on=(a.urn,), property_dependencies={})

            return run

        bench.up(program(1))
        run = bench.up(program(2))

        assert [step for step in run.changes if step[1] == "c"] == []

    def test_the_provider_may_demand_it(self) -> None:
        """E161."""
        bench = Bench()
        bench.up(pair(1, linked=False))
        bench.provider.delete_before_replace = True
        run = bench.up(pair(2, linked=False))

        assert run.changes[0] == ("delete-replaced", "a")

    def test_the_program_has_the_last_word(self) -> None:
        """E161."""
        bench = Bench()
        bench.up(pair(1, linked=False))
        bench.provider.delete_before_replace = True
        run = bench.up(pair(2, linked=False, delete_before_replace=False))

        assert run.changes[0] == ("create-replacement", "a")

    def test_who_is_not_asked_for_any_more_is_forgotten_quietly(self) -> None:
        """X38: a cascaded resource that never comes back is removed without another delete."""
        bench = Bench()
        bench.up(pair(1))
        run = bench.up(pair(2, linked=False, delete_before_replace=True))

        assert bench.provider.names("delete") == ["b", "a"]
        assert bench.names == ["a"]
        assert run.counts == {"replace": 1}

    def test_a_protected_dependent_stops_it(self) -> None:
        """X39: in previews too; nothing is deleted."""
        bench = Bench()

        def program(fixed: int):
            def run(client: Client) -> None:
                a = client.resource("a", {"fixed": fixed}, delete_before_replace=True)
                client.resource(
                    "b",
                    {"fixed_from": a.outputs["out"]},
                    depends_on=(a.urn,),
                    protect=True,
                )

            return run

        bench.up(program(1))
        for run in (bench.preview(program(2)), bench.up(program(2))):
            assert run.summary.result is OperationResult.FAILED
            assert "protected" in run.errors[0]
        assert bench.provider.names("delete") == []

    def test_a_failed_delete_leaves_no_mark(self) -> None:
        """X40: pending_replacement is set only after the delete succeeded."""
        bench = Bench()
        bench.up(pair(1, linked=False))

        def refuse(request: object) -> None:
            raise ProviderError("busy")

        bench.provider.hooks["delete"] = refuse
        bench.up(pair(2, linked=False, delete_before_replace=True))

        assert not bench.record("a").pending_replacement

    def test_interrupted_between_delete_and_create(self) -> None:
        """X41: the next run creates it, even with the old inputs, and deletes nothing twice (S7)."""
        for first in (True, None):
            bench = Bench()
            bench.up(pair(1, linked=False))

            def refuse(request: object) -> None:
                raise ProviderError("no capacity")

            bench.provider.hooks["create"] = refuse
            bench.up(pair(2, linked=False, delete_before_replace=True))
            assert bench.record("a").pending_replacement
            del bench.provider.hooks["create"]
            run = bench.up(pair(1, linked=False, delete_before_replace=first))

            assert ("create-replacement", "a") in run.changes
            assert bench.provider.names("delete") == ["a"]
            assert not bench.record("a").pending_replacement
            assert len(bench.provider.objects) == 1


class TestCauses:
    def test_replace_on_changes(self) -> None:
        """E156: an update becomes a replacement where the program says so."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        run = bench.up(lambda client: client.resource("a", {"size": 2}, replace_on_changes=("size",)))

        assert run.counts == {"replace": 1}
        assert run.step("a").keys == ("size",)

    def test_triggers(self) -> None:
        """X50: null to 1, 1 to 2, 2 to null."""
        bench = Bench()
        bench.up(lambda client: client.resource("a"))
        counts = [
            bench.up(lambda client, value=value: client.resource("a", replacement_trigger=value)).counts
            for value in (1, 2, None)
        ]

        assert counts == [{"same": 1}, {"replace": 1}, {"same": 1}]

    def test_replace_with(self) -> None:
        """X49: who says so is replaced together with another."""
        bench = Bench()

        def program(fixed: int):
            def run(client: Client) -> None:
                a = client.resource("a", {"fixed": fixed})
                client.resource("b", replace_with=(a.urn,))

            return run

        bench.up(program(1))
        run = bench.up(program(2))

        assert run.counts == {"replace": 2}
        assert run.step("b").keys == ("replaceWith",)
        deletes = [name for op, name in run.changes if op == "delete-replaced"]
        assert deletes == ["b", "a"]

    def test_a_provider_that_cannot_tell_is_compared_by_inputs(self) -> None:
        """E154: what it says of replacement counts only if something differs."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        bench.provider.hooks["diff"] = lambda request: DiffResult(
            changes=DiffChanges.UNKNOWN, replaces=("size",)
        )
        same = bench.up(lambda client: client.resource("a", {"size": 1}))
        changed = bench.up(lambda client: client.resource("a", {"size": 2}))

        assert same.counts == {"same": 1}
        assert changed.counts == {"replace": 1}


class TestProtection:
    def test_protected_ones_are_not_replaced(self) -> None:
        """E158: while both the record and the goal are protected."""
        bench = Bench()
        bench.up(pair(1, linked=False, protect=True))
        run = bench.up(pair(2, linked=False, protect=True))

        assert run.summary.result is OperationResult.FAILED
        assert bench.record("a").inputs == {"fixed": 1}

    def test_dropping_protection_and_replacing_at_once(self) -> None:
        """X46."""
        bench = Bench()
        bench.up(pair(1, linked=False, protect=True))

        assert bench.up(pair(2, linked=False)).counts == {"replace": 1}

    def test_protected_ones_are_not_deleted_others_are(self) -> None:
        """X45, E242: each refusal is told, everything else goes on; a preview fails as well."""
        bench = Bench()

        def program(client: Client) -> None:
            client.resource("kept", protect=True)
            client.resource("gone")

        bench.up(program)
        preview = bench.preview(lambda client: None)
        run = bench.up(lambda client: None)

        assert preview.summary.result is OperationResult.FAILED
        assert run.summary.result is OperationResult.FAILED
        assert bench.names == ["kept"]

    def test_what_a_protected_one_needs_stays(self) -> None:
        """E254: its dependencies and provider are not deleted from under it."""
        bench = Bench()

        def program(client: Client) -> None:
            a = client.resource("needed")
            client.resource("kept", depends_on=(a.urn,), protect=True)

        bench.up(program)
        bench.destroy()

        assert bench.names == ["kept", "needed"]
        assert any(state.type == "pulumi:providers:test" for state in bench.state)

    def test_ignoring_protection(self) -> None:
        """E177: a destroy may be told to."""
        bench = Bench()
        bench.up(pair(1, linked=False, protect=True))

        assert bench.destroy(ignore_protect=True).summary.result is OperationResult.SUCCEEDED
        assert bench.state == []
