"""
The record that each operation leaves behind. Pure.

Facts: engine.md E112-E119, E182, E227-E230, E272.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Final

import msgspec

from stackwright.engine._steps import Op, Supplied
from stackwright.providers import DiffChanges, DiffResult, ReadResult
from stackwright.state import ResourceState
from stackwright.values import PropertyDiff, PropertyMap, Secret, Value, contains_secrets, seal, values_equal

_COMPARED_APART: Final = frozenset(
    {
        "inputs",
        "outputs",
        "replacement_trigger",
        "dependencies",
        "property_dependencies",
        # Not worth a write: positions move with every edit of the program (E272), aliases are never stored.
        "source_position",
        "stack_trace",
        "aliases",
    }
)
_CARRIED_OVER: Final = frozenset({"id", "created", "modified", "init_errors", "refresh_before_update"})
"""What a `same` takes from the old record (E112)."""

_PLAIN_FIELDS: Final = [name for name in ResourceState.__struct_fields__ if name not in _COMPARED_APART]
_stored_fields: Final = attrgetter(*_PLAIN_FIELDS)
_goal_fields: Final = attrgetter(*(name for name in _PLAIN_FIELDS if name not in _CARRIED_OVER))


class Outcomes:
    """The rules, without state; made once and handed to whoever carries steps out."""

    @staticmethod
    def created(
        new: ResourceState,
        id_: str,
        outputs: PropertyMap,
        *,
        now: str,
        init_errors: tuple[str, ...] = (),
        refresh_before_update: bool = False,
    ) -> ResourceState:
        """After a create, healthy or not (E113)."""
        return msgspec.structs.replace(
            new,
            id=id_,
            outputs=outputs,
            created=now,
            modified=now,
            init_errors=init_errors,
            refresh_before_update=refresh_before_update,
        )

    @staticmethod
    def updated(
        old: ResourceState,
        new: ResourceState,
        outputs: PropertyMap,
        *,
        now: str,
        refresh_before_update: bool = False,
    ) -> ResourceState:
        """After an update: the id stays; only custom resources count as modified (E114)."""
        return msgspec.structs.replace(
            new,
            id=old.id,
            outputs=outputs,
            created=old.created,
            modified=now if new.custom else old.modified,
            init_errors=(),
            refresh_before_update=refresh_before_update,
        )

    @staticmethod
    def partially_updated(
        old: ResourceState,
        new: ResourceState,
        outputs: PropertyMap,
        reasons: tuple[str, ...],
        *,
        now: str,
        refresh_before_update: bool = False,
    ) -> ResourceState:
        """After an update that did not become healthy: the *old* inputs stand, to be compared again."""
        return msgspec.structs.replace(
            new,
            id=old.id,
            inputs=old.inputs,
            outputs=outputs,
            created=old.created,
            modified=now,
            init_errors=reasons,
            refresh_before_update=refresh_before_update,
        )

    @staticmethod
    def partially_deleted(old: ResourceState, outputs: PropertyMap, *, now: str) -> ResourceState:
        """After a delete that failed half-way: what its provider says is left (terraform.md §5.11)."""
        return msgspec.structs.replace(old, outputs=_sealed_like(outputs, old.outputs), modified=now)

    @staticmethod
    def same(old: ResourceState, new: ResourceState) -> ResourceState:
        """
        Nothing to do: what is there keeps its id and outputs, with the goal's inputs and options (E112).

        *old* itself where nothing differs that is stored, so that nothing is kept twice.
        """
        if (
            _goal_fields(old) == _goal_fields(new)
            and _dependencies_equal(old, new)
            and _value_equal(old.inputs, new.inputs)
            and _value_equal(old.replacement_trigger, new.replacement_trigger)
        ):
            return old
        made = msgspec.structs.replace(
            new,
            id=old.id,
            outputs=old.outputs,
            created=old.created,
            modified=old.modified,
            init_errors=old.init_errors,
            refresh_before_update=old.refresh_before_update,
        )
        return Outcomes.mark_secrets(made)[0]

    @staticmethod
    def read(
        new: ResourceState,
        result: ReadResult,
        *,
        old: ResourceState | None,
        now: str,
        init_errors: tuple[str, ...] = (),
    ) -> ResourceState:
        """After a read that the program asked for; the properties it gave stay the inputs (E117)."""
        made = msgspec.structs.replace(
            new,
            id=result.id or new.id,
            outputs=result.outputs or {},
            created=old.created if old else "",
            modified=old.modified if old else "",
            init_errors=init_errors,
            refresh_before_update=result.refresh_before_update,
        )
        made, _ = Outcomes.mark_secrets(made)
        if old and not (_value_equal(old.inputs, made.inputs) and _value_equal(old.outputs, made.outputs)):
            return msgspec.structs.replace(made, modified=now)
        return made

    @staticmethod
    def refreshed(
        old: ResourceState, result: ReadResult, *, now: str, init_errors: tuple[str, ...] = ()
    ) -> ResourceState | None:
        """
        After looking at a recorded resource (E118): None if it is gone, *old* itself if nothing differs.
        """
        if not result.exists:
            return None
        inputs = result.inputs if result.inputs is not None else old.inputs
        outputs = result.outputs if result.outputs is not None else {}
        new = msgspec.structs.replace(
            old,
            id=result.id,
            inputs=_sealed_like(inputs, old.inputs),
            outputs=_sealed_like(outputs, old.outputs),
            init_errors=init_errors,
            refresh_before_update=result.refresh_before_update,
        )
        if (
            new.id == old.id
            and new.init_errors == old.init_errors
            and new.refresh_before_update == old.refresh_before_update
            and values_equal(new.inputs, old.inputs)
            and values_equal(new.outputs, old.outputs)
        ):
            return old
        return msgspec.structs.replace(new, modified=now)

    @staticmethod
    def imported(
        new: ResourceState,
        result: ReadResult,
        *,
        now: str,
        init_errors: tuple[str, ...] = (),
        supplied: PropertyMap | None = None,
    ) -> ResourceState:
        """
        After adopting an object by its id (E227, E230).

        *supplied* inputs fill in what was not read, and say what is secret.
        """
        return msgspec.structs.replace(
            new,
            id=result.id or new.import_id,
            inputs=_filled_in(result.inputs or {}, supplied or {}),
            outputs=result.outputs or {},
            created=now,
            modified=now,
            init_errors=init_errors,
            refresh_before_update=result.refresh_before_update,
        )

    @staticmethod
    def adopted(new: ResourceState, supplied: Supplied) -> tuple[ResourceState, tuple[str, ...]]:
        """
        What a command's import leaves behind (E228): an ordinary resource, with no import id.

        Answers besides which of the inputs that it wants there are not.
        """
        made = msgspec.structs.replace(new, import_id="")
        if not supplied.properties:
            return made, ()
        kept = {name: value for name, value in new.inputs.items() if name in supplied.properties}
        missing = tuple(name for name in supplied.properties if name not in new.inputs)
        return msgspec.structs.replace(made, inputs=kept), missing

    @staticmethod
    def drift(diff: DiffResult) -> tuple[Op, DiffResult]:
        """
        What a refresh found, as displays show it (E119): the kind of change, and the way there.

        *diff* is the provider's answer to how one would get back: the refreshed inputs and
        outputs as the old side, the recorded inputs as the new one. So it is turned around.
        """
        if diff.changes is DiffChanges.NONE:
            return Op.SAME, diff
        detailed = diff.detailed
        if detailed is not None:
            detailed = {
                path: PropertyDiff(entry.kind.inverted, entry.input_diff) for path, entry in detailed.items()
            }
        return Op.UPDATE, msgspec.structs.replace(diff, detailed=detailed)

    @staticmethod
    def mark_secrets(state: ResourceState) -> tuple[ResourceState, tuple[str, ...]]:
        """
        Outputs that must be secret: those the program named, and those whose input is (E182).

        Answers the record and warnings for names that cannot be secret.
        """
        names = state.additional_secret_outputs
        outputs = state.outputs
        sealed: dict[str, object] = {}
        for key, value in state.inputs.items():
            if type(value) is Secret and type(outputs.get(key)) is not Secret and key in outputs:
                sealed[key] = seal(outputs[key])
        warnings: tuple[str, ...] = ()
        for name in names:
            if name == "id":
                warnings = ("the id of a resource cannot be secret: `additional_secret_outputs` names it",)
            elif name in outputs:
                marked = seal(outputs[name])
                if marked is not outputs[name]:
                    sealed[name] = marked
        if not sealed:
            return state, warnings
        return msgspec.structs.replace(state, outputs={**outputs, **sealed}), warnings

    @staticmethod
    def must_write(old: ResourceState, new: ResourceState) -> bool:
        """
        Whether an unchanged resource's record differs in anything that is stored (E272).

        Everything but source positions and stack traces counts; dependencies are sets.
        """
        if old is new:
            return False
        return not (
            _stored_fields(old) == _stored_fields(new)
            and _dependencies_equal(old, new)
            and _value_equal(old.inputs, new.inputs)
            and _value_equal(old.outputs, new.outputs)
            and _value_equal(old.replacement_trigger, new.replacement_trigger)
        )

    @staticmethod
    def outputs_differ(old: ResourceState, new: ResourceState) -> bool:
        """Whether a component's outputs are other than recorded."""
        return not _value_equal(old.outputs, new.outputs)


def _value_equal(old: Value, new: Value) -> bool:
    return old is new or values_equal(old, new)


def _dependencies_equal(old: ResourceState, new: ResourceState) -> bool:
    """Programs may name the same dependencies in another order each time they run."""
    if old.dependencies == new.dependencies and old.property_dependencies == new.property_dependencies:
        return True
    named, before = new.property_dependencies, old.property_dependencies
    return (
        set(old.dependencies) == set(new.dependencies)
        and named.keys() == before.keys()
        and all(set(urns) == set(before[name]) for name, urns in named.items())
    )


def _filled_in(found: PropertyMap, supplied: PropertyMap) -> PropertyMap:
    """What was read, with what is missing or null taken from what was supplied (E227)."""
    inputs = dict(found)
    for key, value in supplied.items():
        if inputs.get(key) is None:
            inputs[key] = value
        elif type(value) is Secret:
            inputs[key] = seal(inputs[key])
    return inputs


def _sealed_like(found: PropertyMap, known: Mapping[str, object]) -> PropertyMap:
    """What was secret stays secret, whatever a provider answers."""
    sealed = {
        key: seal(value)
        for key, value in found.items()
        if key in known and contains_secrets(known[key]) and not contains_secrets(value)
    }
    return {**found, **sealed} if sealed else found
