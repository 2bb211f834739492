"""
Under which ids an object may exist whose create was cut short. Pure.

Its id never reached us. Many kinds of objects are called by a name that the program gave,
or by an address that is made of such names; how it is made is seen at recorded objects of
the same kind. Whether what is found there is ours is decided by whoever looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from stackwright.providers import LikelyId
from stackwright.state import ResourceState
from stackwright.values import reveal

_MOST_NAMES: Final = 4
_MOST_FORMS: Final = 3
_LOOKED_AT: Final = 200
"""How many objects of the same kind are looked at."""
_SHOWN: Final = 5
_SHOWN_LENGTH: Final = 60


class _Form(msgspec.Struct, frozen=True):
    """How ids are made: the names of inputs, and literal text before, between and behind them."""

    texts: tuple[str, ...]
    inputs: tuple[str, ...]

    def filled(self, inputs: Mapping[str, Any]) -> str | None:
        names = [inputs.get(name) for name in self.inputs]
        if not all(isinstance(name, str) and name for name in names):
            return None
        return self.texts[0] + "".join(
            f"{name}{text}" for name, text in zip(names, self.texts[1:], strict=True)
        )


def likely_ids(wanted: ResourceState, recorded: Iterable[ResourceState]) -> Iterator[LikelyId]:
    """
    The ids that *wanted* may have got, the likeliest first; none that a *recorded* one has.

    The new half of a replacement may have the id of the old one, which was deleted.
    """
    plain = reveal(wanted.inputs)
    recorded = tuple(recorded)
    alike = [each for each in recorded if each.type == wanted.type and each.id]
    forms = Counter(
        form for each in islice(alike, _LOOKED_AT) if (form := _form(each.id, reveal(each.inputs)))
    )
    found = [
        LikelyId(filled, form.inputs)
        for form, _ in forms.most_common(_MOST_FORMS)
        if (filled := form.filled(plain)) is not None
    ]
    found += (LikelyId(plain[key], (key,)) for key in islice(_names(plain), _MOST_NAMES))
    seen = ids_taken(wanted, recorded)
    for each in found:
        if each.id not in seen:
            seen.add(each.id)
            yield each


def ids_taken(wanted: ResourceState, recorded: Iterable[ResourceState]) -> set[str]:
    """The ids of recorded objects that *wanted* cannot be, since they are something else."""
    return {each.id for each in recorded if each.type == wanted.type and not each.pending_replacement}


def _names(inputs: Mapping[str, Any]) -> Iterator[str]:
    """The inputs that many providers use as the id: names of all kinds, the plainest first."""
    names = [key for key in inputs if key.lower().endswith(("name", "bucket", "identifier"))]
    for key in sorted(names, key=lambda key: (key != "name", len(key), key)):
        if isinstance(inputs[key], str) and inputs[key]:
            yield key


def _form(id_: str, inputs: Mapping[str, Any]) -> _Form | None:
    """How *id_* is made of *inputs*; None if none of them is in it."""
    texts, names = [id_], list[str]()
    said = {key: value for key, value in inputs.items() if isinstance(value, str) and value}
    for key in sorted(said, key=lambda key: (-len(said[key]), key != "name", len(key), key)):
        for at, text in enumerate(texts):
            start = _place(text, said[key])
            if start is not None:
                texts[at : at + 1] = [text[:start], text[start + len(said[key]) :]]
                names.insert(at, key)
                break
    return _Form(tuple(texts), tuple(names)) if names else None


def _place(text: str, part: str) -> int | None:
    """Where *part* is a whole part of *text*, between its ends and what is no letter or digit."""
    start = text.find(part)
    while start >= 0:
        end = start + len(part)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            return start
        start = text.find(part, start + 1)
    return None


def description(wanted: ResourceState) -> str:
    """What somebody who looks for *wanted* goes by: its type and its plainest inputs, nothing secret."""
    keys = [
        key
        for key, value in wanted.inputs.items()
        if not key.startswith("__") and isinstance(value, str | int | float)  # so nothing that is sealed
    ]
    keys.sort(key=lambda key: (not key.lower().endswith(("name", "bucket", "identifier")), len(key), key))
    shown = [f"{key} = {_short(wanted.inputs[key])}" for key in keys[:_SHOWN]]
    return f"a {wanted.type} with {', '.join(shown)}" if shown else f"a {wanted.type}"


def _short(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 3]}..."
