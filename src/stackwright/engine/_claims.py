"""
Whose turn a request takes: its URN, and the old record that it goes on with.

Facts: engine.md E11, §3.3.
"""

from __future__ import annotations

from stackwright.engine._context import Context
from stackwright.engine._roll import Roll
from stackwright.engine.plan import Match, position_text
from stackwright.goals import ReadRequest, RegisterRequest
from stackwright.urn import Urn, child_urn


def claim(context: Context, roll: Roll, request: RegisterRequest | ReadRequest) -> tuple[Urn, Match]:
    """
    The URN of *request*, entered in *roll*, and its old record under its own or an alias's name.

    Raises:
        BailError: Somebody else has one of the names. The user has been told.
    """
    target = context.target
    urn = child_urn(target.stack, target.project, request.parent, request.type, request.name)
    if not roll.enter(urn, request.parent):
        raise context.bail(
            f"Duplicate resource URN '{urn}'; try giving it a unique name",
            urn=urn,
            code=2001,
            place=position_text(request.source, target.root_directory),
        )
    match = context.aliases.claim(urn, context.aliases.candidates(urn, request), context.base)
    if match.conflict is not None:
        code, message = match.conflict
        raise context.bail(message, urn=urn, code=code)
    return urn, match
