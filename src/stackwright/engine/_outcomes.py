"""
The record that each operation leaves behind. Pure.

Facts: engine.md E112-E119, E182, E227-E230, E272.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stackwright.providers import ReadResult
from stackwright.state import ResourceState
from stackwright.values import PropertyMap, contains_secrets, seal, values_equal

_FIELDS = tuple(
    name
    for name in ResourceState.__struct_fields__
    # Neither is worth a write by itself: source positions move with every edit of the program (E272).
    if name not in ("source_position", "stack_trace", "aliases", "modified", "inputs", "outputs")
)


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
        """After an update that did not become healthy: the *old* inputs stand, to be compared again (E114)."""
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
    def same(old: ResourceState, new: ResourceState) -> ResourceState:
        """Nothing to do: what is there keeps its id and outputs, with the goal's options (E112)."""
        return msgspec.structs.replace(
            new,
            id=old.id,
            outputs=old.outputs,
            created=old.created,
            modified=old.modified,
            init_errors=old.init_errors,
            refresh_before_update=old.refresh_before_update,
        )

    @staticmethod
    def read(
        new: ResourceState,
        result: ReadResult,
        *,
        old: ResourceState | None,
        now: str,
        init_errors: tuple[str, ...] = (),
    ) -> ResourceState:
        """After a read that the program asked for (E117)."""
        inputs = result.inputs if result.inputs is not None else new.inputs
        outputs = result.outputs or {}
        unchanged = (
            old is not None and values_equal(old.inputs, inputs) and values_equal(old.outputs, outputs)
        )
        return msgspec.structs.replace(
            new,
            id=result.id or new.id,
            inputs=inputs,
            outputs=outputs,
            created=old.created if old else now,
            modified=old.modified if old and unchanged else now,
            init_errors=init_errors,
            refresh_before_update=result.refresh_before_update,
        )

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
        new: ResourceState, result: ReadResult, *, now: str, init_errors: tuple[str, ...] = ()
    ) -> ResourceState:
        """After adopting an object by its id (E227, E230)."""
        return msgspec.structs.replace(
            new,
            id=result.id or new.import_id,
            inputs=result.inputs or {},
            outputs=result.outputs or {},
            created=now,
            modified=now,
            init_errors=init_errors,
            refresh_before_update=result.refresh_before_update,
        )

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
            if key in outputs and contains_secrets(value) and not contains_secrets(outputs[key]):
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

        Everything but source positions and stack traces counts.
        """
        for name in _FIELDS:
            before, after = getattr(old, name), getattr(new, name)
            if before is not after and before != after:
                return True
        return not (values_equal(old.inputs, new.inputs) and values_equal(old.outputs, new.outputs))

    @staticmethod
    def outputs_differ(old: ResourceState, new: ResourceState) -> bool:
        """Whether a component's outputs are other than recorded."""
        return not values_equal(old.outputs, new.outputs)


def _sealed_like(found: PropertyMap, known: Mapping[str, object]) -> PropertyMap:
    """What was secret stays secret, whatever a provider answers."""
    sealed = {
        key: seal(value)
        for key, value in found.items()
        if key in known and contains_secrets(known[key]) and not contains_secrets(value)
    }
    return {**found, **sealed} if sealed else found
