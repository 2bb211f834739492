"""The new record of a registration (engine.md E65, E138)."""

from __future__ import annotations

import msgspec
import pytest
from support.records import PROVIDER_REFERENCE, goal, state, urn

from stackwright.engine.plan import new_record, position_text
from stackwright.goals import CustomTimeouts, RegisterRequest, SourcePosition
from stackwright.state import ResourceState
from stackwright.urn import provider_type
from stackwright.values import InvalidPathError


def made(request: RegisterRequest, old: ResourceState | None = None) -> ResourceState:
    name = urn(request.name, type_=request.type, parent=request.parent)
    return new_record(request, name, old, None, PROVIDER_REFERENCE, "/home/me/shop")


class TestNewRecord:
    def test_it_takes_everything_from_the_goal(self) -> None:
        """Inputs and options are the goal's (E138)."""
        timeouts = CustomTimeouts(create=60)
        request = goal(
            "a",
            inputs={"x": 1},
            parent=urn("p"),
            protect=True,
            retain_on_delete=True,
            import_id="i-1",
            ignore_changes=("x",),
            replace_on_changes=("y",),
            hide_diffs=("a.b[0]",),
            replacement_trigger=7,
            replace_with=(urn("r"),),
            deleted_with=urn("d"),
            custom_timeouts=timeouts,
            additional_secret_outputs=("s",),
        )

        new = made(request)

        assert new.inputs == {"x": 1}
        assert (new.parent, new.provider, new.protect, new.retain_on_delete) == (
            urn("p"),
            PROVIDER_REFERENCE,
            True,
            True,
        )
        assert (new.import_id, new.ignore_changes, new.replace_on_changes) == ("i-1", ("x",), ("y",))
        assert (new.hide_diffs, new.replacement_trigger) == ((("a", "b", 0),), 7)
        assert (new.replace_with, new.deleted_with, new.custom_timeouts) == ((urn("r"),), urn("d"), timeouts)
        assert new.additional_secret_outputs == ("s",)

    def test_it_has_neither_id_nor_outputs_nor_flags(self) -> None:
        """Those are for the operation to say; taint and init errors are cleared (E111, E138)."""
        old = state("a", outputs={"x": 1}, taint=True, init_errors=("bad",), delete=True)

        new = made(goal("a"), old)

        assert (new.id, new.outputs, new.taint, new.init_errors, new.delete) == ("", {}, False, (), False)

    def test_timestamps_and_the_refresh_flag_are_carried_over(self) -> None:
        """`created`, `modified` and refreshBeforeUpdate are the old record's (E138)."""
        old = state("a", created="c", modified="m", refresh_before_update=True, snippet_id="s")

        new = made(goal("a"), old)

        assert (new.created, new.modified, new.refresh_before_update) == ("c", "m", True)
        assert new.snippet_id == "s"

    def test_the_extension_is_what_the_goal_says(self) -> None:
        """A resource that a newer extension describes, or none any more, is recorded so (E138)."""
        assert made(goal("a"), state("a", extension_ref="e")).extension_ref == ""

    def test_unset_flags_are_false(self) -> None:
        """Unset protect and retainOnDelete mean false (E138)."""
        new = made(goal("a"), state("a", protect=True, retain_on_delete=True))

        assert (new.protect, new.retain_on_delete) == (False, False)

    def test_without_dependencies_by_property_each_depends_on_all(self) -> None:
        """Every input property depends on every dependency when none are sent by property (E65)."""
        new = made(goal("a", inputs={"x": 1, "y": 2}, depends_on=(urn("b"),)))

        assert new.property_dependencies == {"x": (urn("b"),), "y": (urn("b"),)}

    def test_dependencies_by_property_are_used_as_sent(self) -> None:
        """Sent dependencies by property stand, those without any left out (E65)."""
        request = goal(
            "a",
            inputs={"x": 1, "y": 2},
            depends_on=(urn("b"),),
            property_dependencies={"x": (urn("c"),), "y": ()},
        )

        new = made(request)

        assert new.property_dependencies == {"x": (urn("c"),)}
        assert new.dependencies == (urn("b"),)

    @pytest.mark.parametrize(
        "request_",
        [goal("a", custom=False), goal("a", type_=provider_type("pkg"))],
        ids=["component", "provider"],
    )
    def test_components_and_providers_have_no_provider(self, request_: RegisterRequest) -> None:
        """Only custom resources that are no providers refer to one (E111)."""
        assert made(request_).provider == ""

    def test_timeouts_that_say_nothing_are_none(self) -> None:
        """All-zero timeouts are stored like absent ones (E122)."""
        assert made(goal("a", custom_timeouts=CustomTimeouts())).custom_timeouts is None

    def test_a_malformed_hidden_path_is_an_error(self) -> None:
        """hideDiffs are parsed when they arrive (E75)."""
        with pytest.raises(InvalidPathError):
            made(goal("a", hide_diffs=("a[",)))


class TestPositions:
    def test_positions_are_relative_to_the_project(self) -> None:
        """Files of the project are named from its root, with line and column (protocol.md §10.12)."""
        inside = SourcePosition("file:///home/me/shop/src/main.py", 12, 4)

        assert position_text(inside, "/home/me/shop") == "project:///src/main.py#12,4"
        assert position_text(msgspec.structs.replace(inside, column=0), "/home/me/shop/").endswith("#12")

    @pytest.mark.parametrize(
        "position",
        [
            None,
            SourcePosition("file:///elsewhere/main.py", 1),
            SourcePosition("http://host/main.py", 1),
            SourcePosition("file:///home/me/shop/main.py", -1),
            SourcePosition("file:///home/me/shopping/main.py", 1),
        ],
    )
    def test_unusable_positions_are_ignored(self, position: SourcePosition | None) -> None:
        """A bad position is never an error (protocol.md §10.12)."""
        assert position_text(position, "/home/me/shop") == ""
