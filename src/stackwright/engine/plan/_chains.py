"""From a decision to the steps that carry it out, in order (E148, E149, E158-E163)."""

from __future__ import annotations

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._decide import Decision, DecisionKind
from stackwright.state import ResourceState
from stackwright.urn import Urn
from stackwright.values import contains_secrets, reveal


def steps_for(decision: Decision, urn: Urn, old: Record | None, new: ResourceState) -> list[Step]:
    """
    The chain for one resource; it runs strictly in order.

    A replacement that deletes first begins with the delete of *old*; what hangs on it
    (`cascade`) is to be deleted before that.
    """
    if decision.kind is DecisionKind.CREATE or old is None:
        return [Step(op=Op.CREATE, urn=urn, new=new)]
    if decision.kind is DecisionKind.SAME:
        return [Step(op=Op.SAME, urn=urn, old=old, new=new)]
    if decision.kind is DecisionKind.UPDATE:
        return [
            Step(
                op=Op.UPDATE,
                urn=urn,
                old=old,
                new=new,
                diffs=decision.diffs,
                detailed=decision.detailed,
            )
        ]
    return _replacement(decision, urn, old, new)


def _replacement(decision: Decision, urn: Urn, old: Record, new: ResourceState) -> list[Step]:
    marker = Step(
        op=Op.REPLACE,
        urn=urn,
        old=old,
        new=new,
        keys=decision.keys,
        diffs=decision.diffs,
        detailed=decision.detailed,
    )
    create = msgspec.structs.replace(marker, op=Op.CREATE_REPLACEMENT)
    # A record with `pending_replacement` was deleted by a run that got no further: never twice (S7).
    if decision.deleted or old.state.pending_replacement:
        return [marker, create]
    if decision.delete_before_replace and not old.state.external:
        delete = Step(op=Op.DELETE_REPLACED, urn=urn, old=old, sets_pending_replacement=True)
        return [delete, marker, create]
    return [msgspec.structs.replace(create, pending_delete=True), marker]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a replacement may not be; a warning lets it go on."""

    message: str
    is_warning: bool = False
    stops: bool = True


def replacement_refused(
    new: ResourceState,
    old: ResourceState,
    decision: Decision,
    *,
    import_id: str,
    preview: bool,
    ignore_protect: bool,
) -> Refusal | None:
    """
    Protected resources, and those that were just imported, are not replaced (E158, E159).

    Previews go on where they can, so that the cause shows.
    """
    if decision.deleted or old.external:
        return None  # there is no object of ours any more, or there has been none yet
    if new.protect and old.protect and not ignore_protect:
        text = (
            f"{new.urn} is protected, and this change would replace it"
            f"{_because(decision)}. Remove `protect=True` first, or undo the change"
        )
        return Refusal(message=text, stops=not preview)
    if import_id:
        lines = [_changed(key, old, new) for key in decision.keys]
        text = "\n".join(
            [
                f"previously-imported resource {new.urn} may not be replaced:",
                *lines,
            ]
        )
        return Refusal(message=text, is_warning=preview)
    return None


def _because(decision: Decision) -> str:
    return f" (because of {', '.join(decision.keys)})" if decision.keys else ""


def _changed(key: str, old: ResourceState, new: ResourceState) -> str:
    before, after = old.inputs.get(key), new.inputs.get(key)
    if contains_secrets(before) or contains_secrets(after):
        return f"    {key}: [secret] => [secret]"
    return f"    {key}: {reveal(before)!r} => {reveal(after)!r}"
