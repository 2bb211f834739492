"""One step on its way: where it is, and what has come of it so far. The lifecycle is a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from stackwright.engine._steps import Step
from stackwright.errors import InternalError
from stackwright.state import Key, ResourceState


class Moment(Enum):
    """Where a step is."""

    WAITING = "waiting"
    BEGUN = "begun"
    APPLIED = "applied"
    RECORDED = "recorded"
    FAILED = "failed"
    DROPPED = "dropped"


_NEXT: Final[Mapping[Moment, frozenset[Moment]]] = {
    Moment.WAITING: frozenset({Moment.BEGUN, Moment.DROPPED, Moment.FAILED}),
    Moment.BEGUN: frozenset({Moment.APPLIED, Moment.FAILED}),
    Moment.APPLIED: frozenset({Moment.RECORDED, Moment.FAILED}),
    Moment.RECORDED: frozenset(),
    Moment.FAILED: frozenset(),
    Moment.DROPPED: frozenset(),
}
"""A step moves only along these arrows; anything else is a bug here."""


class Run:
    """One step on its way."""

    __slots__ = ("failure", "key", "moment", "new", "number", "op", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.moment = Moment.WAITING
        self.op = step.op
        self.new = step.new
        self.key: Key | None = step.old.key if step.old is not None else None
        self.number: int | None = None
        self.failure: BaseException | None = None

    def move(self, moment: Moment) -> None:
        if moment not in _NEXT[self.moment]:
            raise InternalError(f"{self.step.urn}: a step cannot go from {self.moment} to {moment}")
        self.moment = moment

    @property
    def old(self) -> ResourceState:
        """The record that the step began with."""
        if self.step.old is None:
            raise InternalError(f"{self.step.urn}: a {self.step.op.value} step needs an old record")
        return self.step.old.state

    @property
    def wanted(self) -> ResourceState:
        """The record that the step is to make."""
        if self.step.new is None:
            raise InternalError(f"{self.step.urn}: a {self.step.op.value} step needs a new record")
        return self.step.new
