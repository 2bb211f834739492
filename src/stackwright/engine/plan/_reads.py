"""Resources that the program reads instead of managing them (E136)."""

from __future__ import annotations

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._record import read_record
from stackwright.goals import ReadRequest
from stackwright.urn import Urn


def plan_read(
    request: ReadRequest, urn: Urn, old: Record | None, root_directory: str, *, extension_ref: str = ""
) -> list[Step]:
    """
    A read; where another object of that name is managed, it is replaced by what is read.

    The managed one stays recorded, flagged, until it has been deleted at the end (S6).
    """
    new = read_record(request, urn, root_directory, extension_ref=extension_ref)
    if old is not None and not old.state.external and old.state.id != request.id:
        return [
            Step(op=Op.READ_REPLACEMENT, urn=urn, old=old, new=new, pending_delete=True),
            Step(op=Op.REPLACE, urn=urn, old=old, new=new, keys=("id",)),
        ]
    return [Step(op=Op.READ, urn=urn, old=old, new=new)]
