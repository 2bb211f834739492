"""
What a stack has already of what Terraform manages, and what has become of it since.

A state can be brought in again while Terraform still works on it. Whose word counts then is
decided here. What the stack has as it was brought in follows Terraform; what the stack has
changed itself stays as it is. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

import msgspec

from stackwright.providers.terraform._stored import StoredObject, parse_stored, stored_text
from stackwright.state import ResourceState
from stackwright.urn import Urn, rename_urn, urn_name
from stackwright.values import PropertyMap

_TELLING: Final = 8
"""Ids of so many characters are hardly those of two objects by chance."""


class Standing(Enum):
    """What a stack has of an object that Terraform manages."""

    NEW = "new"
    SAME = "same"
    LATER = "later"
    """The stack has it as Terraform once had it; nobody but Terraform has changed it since."""

    OWN = "own"
    """The stack has changed it itself, so that Terraform's state is the one that is out of date."""

    OTHER = "other"
    """The stack has another object by this name, and not from this state."""

    @property
    def is_recorded(self) -> bool:
        """Whether what Terraform says is to be written down."""
        return self in (Standing.NEW, Standing.LATER)


class Object(msgspec.Struct, frozen=True, kw_only=True):
    """An object of a state, as far as it takes to know it again."""

    urn: Urn
    type: str
    id: str
    outputs: PropertyMap
    deposed: bool


class Place(msgspec.Struct, frozen=True):
    """What a stack has of an object, and under which URN."""

    standing: Standing
    urn: Urn


class Held:
    """
    The resources of a stack, to be asked for what Terraform manages in the state of *origin*.

    An object that is called otherwise in Terraform by now keeps the name that the stack has for it.
    Objects of different states that are called the same are told apart by a number.
    """

    def __init__(self, records: Iterable[ResourceState], origin: str) -> None:
        self._origin = origin
        self._current: dict[Urn, ResourceState] = {}
        self._of_id: dict[tuple[str, str], list[ResourceState]] = {}
        self._deposed: set[tuple[Urn, str]] = set()
        for each in records:
            if each.delete:
                self._deposed.add((each.urn, each.id))
            else:
                self._current[each.urn] = each
                self._of_id.setdefault((each.type, each.id), []).append(each)

    def places(self, objects: Sequence[Object]) -> list[Place]:
        """What the stack has of each of *objects*, in their order."""
        at_home = {each.urn for each in objects if not each.deposed and self._is_at_home(each)}
        alike = Counter((each.type, each.id) for each in objects if not each.deposed)
        moved: dict[Urn, Urn] = {}
        for each in objects:
            if each.deposed or each.urn in at_home:
                continue
            free = [it for it in self._of_id.get((each.type, each.id), ()) if it.urn not in at_home]
            if len(free) == alike[each.type, each.id] == 1 and _is_surely(free[0], each):
                moved[each.urn] = free[0].urn
        given = set(moved.values())
        used = {*self._current, *(each.urn for each in objects)}
        for each in objects:
            is_named_anew = each.urn in given or self._is_of_another_state(each)
            if not each.deposed and each.urn not in at_home and each.urn not in moved and is_named_anew:
                moved[each.urn] = _free(each.urn, used)
        return [self._place(each, moved) for each in objects]

    def left(self, places: Iterable[Urn]) -> list[Urn]:
        """What came from this state, and is under none of *places*."""
        used = set(places)
        return [
            urn
            for urn, record in self._current.items()
            if urn not in used and _origin(record) == self._origin
        ]

    def _is_at_home(self, object_: Object) -> bool:
        record = self._current.get(object_.urn)
        if record is None or record.id != object_.id:
            return False
        return _is_surely(record, object_) or not self._is_of_another_state(object_)

    def _is_of_another_state(self, object_: Object) -> bool:
        record = self._current.get(object_.urn)
        return record is not None and _origin(record) not in ("", self._origin)

    def _place(self, object_: Object, moved: dict[Urn, Urn]) -> Place:
        urn = moved.get(object_.urn, object_.urn)
        record = self._current.get(urn)
        if object_.deposed:
            return Place(Standing.SAME if (urn, object_.id) in self._deposed else Standing.NEW, urn)
        if record is None:
            return Place(Standing.NEW, urn)
        is_alike = record.id == object_.id
        if is_alike and _is_the_same(record, object_):
            return Place(Standing.SAME, urn)
        if _origin(record) == self._origin or (is_alike and _origin(record)):
            return Place(Standing.LATER, urn)
        return Place(Standing.OWN if is_alike else Standing.OTHER, urn)


def _free(urn: Urn, used: set[Urn]) -> Urn:
    """*urn* with a number behind it that makes it none of *used*, and one of them from then on."""
    number = 2
    while (made := rename_urn(urn, name=f"{urn_name(urn)}-{number}")) in used:
        number += 1
    used.add(made)
    return made


def _is_surely(record: ResourceState, object_: Object) -> bool:
    """Whether both are one object, which has the same id in both."""
    return len(object_.id) >= _TELLING or _is_the_same(record, object_)


def _is_the_same(record: ResourceState, object_: Object) -> bool:
    """Whether both say the same of an object."""
    one, other = _stored(record.outputs), _stored(object_.outputs)
    if one is None or other is None:
        return False
    return one.tainted == other.tainted and _attributes(one) == _attributes(other)


def _origin(record: ResourceState) -> str:
    stored = _stored(record.outputs)
    return stored.origin if stored is not None else ""


def _stored(outputs: PropertyMap) -> StoredObject | None:
    text = stored_text(outputs)
    return parse_stored(text) if text else None


def _attributes(stored: StoredObject) -> object:
    return msgspec.json.decode(stored.state)
