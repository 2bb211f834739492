"""
What a preview cannot show: resources that a callback would make of a value that is not known yet.

The callback is not run, so its code is looked at: names in it that stand for classes
of resources. What it makes through other functions is not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

from stackwright.diagnostics import Severity
from stackwright.sdk._session import Session


def tell_of_hidden_resources(session: Session, func: Any) -> None:
    """Say once for each callback which resources a preview leaves out because it was not run."""
    code = getattr(func, "__code__", None)
    if code is None or code in session.skipped:
        return
    session.skipped.add(code)
    names = sorted(set(_made_in(code, func)))
    if names:
        listed = " and ".join(f"`{name}`" for name in names)
        session.log(
            Severity.INFO,
            f"Resources of {listed} are made inside `apply`, of a value that is not known yet: "
            f"this preview does not show them.\n{code.co_filename}, line {code.co_firstlineno}",
        )


def _made_in(code: CodeType, func: Any) -> Iterator[str]:
    scope: dict[str, Any] = dict(getattr(func, "__globals__", {}))
    for name, cell in zip(code.co_freevars, getattr(func, "__closure__", None) or (), strict=False):
        try:
            scope[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for part in _with_inner(code):
        for name in part.co_names + part.co_freevars:
            found = scope.get(name)
            if _makes_resources(found):
                yield name
            elif type(found) is ModuleType:
                # Classes that packages load lazily are looked for among what is loaded.
                yield from (other for other in part.co_names if _makes_resources(vars(found).get(other)))


def _with_inner(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _with_inner(constant)


def _makes_resources(thing: Any) -> bool:
    # By a mark, as resources are defined above this module; inside the SDK it has the value True.
    return isinstance(thing, type) and getattr(thing, "_sdk_base", None) is True
