"""
Checking given values against declared properties: for resources and functions alike.

Everything wrong is reported at once, by path; a name that nobody declared comes with
the one that was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stackwright.goals import CheckFailure
from stackwright.providers.builtin._properties import MismatchError, Property
from stackwright.values import PropertyMap


def check_arguments(
    declared: Mapping[str, Property], given: PropertyMap, *, ignored: frozenset[str] = frozenset()
) -> tuple[PropertyMap, list[CheckFailure]]:
    """
    The values as their properties hold them, and what is wrong with them.

    Nulls are dropped, as are names that begin with `__` (bridged providers keep notes
    under such names in states) and those *ignored*. The very map given is returned where
    nothing had to change.
    """
    failures: list[CheckFailure] = []
    accepted = given
    for name, value in given.items():
        known = declared.get(name)
        if known is None or value is None:
            if known is None and name not in ignored and not name.startswith("__") and value is not None:
                failures.append(CheckFailure(name, _not_declared(name, declared)))
            if accepted is given:
                accepted = dict(given)
            del accepted[name]
            continue
        if type(value) in known.type.exact and known.at_least is None:
            continue
        try:
            held = known.accept(value)
        except MismatchError as mismatch:
            failures.append(CheckFailure(mismatch.full_path(name), mismatch.reason))
            continue
        if held is not value:
            if accepted is given:
                accepted = dict(given)
            accepted[name] = held
    failures.extend(
        CheckFailure(name, f"`{name}` is required, and missing")
        for name, known in declared.items()
        if known.required and given.get(name) is None
    )
    return accepted, failures


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The known name that *name* was probably meant to be, or None."""
    from difflib import get_close_matches

    plain = {candidate.replace("_", "").lower(): candidate for candidate in known}
    close = get_close_matches(name.replace("_", "").lower(), plain, n=1, cutoff=0.7)
    return plain[close[0]] if close else None


def _not_declared(name: str, declared: Mapping[str, Property]) -> str:
    meant = suggestion(name, declared)
    if meant is not None:
        return f"there is no property `{name}`; did you mean `{meant}`?"
    if not declared:
        return f"there is no property `{name}`; none are taken here"
    listed = ", ".join(f"`{each}`" for each in declared)
    return f"there is no property `{name}`; known are {listed}"
