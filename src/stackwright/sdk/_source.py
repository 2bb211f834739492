"""Where in the program a resource is made: the line that a person would point at (sdk.md §3.4, edge 102)."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from stackwright.goals import SourcePosition

_MOST: Final = 32
"""Frames sent at most: a deep recursion says nothing new below that."""

_OUTSIDE: Final = ("stackwright.sdk.", "runpy", "asyncio.", "importlib.")


_known: dict[type, frozenset[CodeType]] = {}


def _constructors(cls: type) -> frozenset[CodeType]:
    """The code that runs while an object of *cls* is made, `get` and generated helpers included."""
    known = _known.get(cls)
    if known is not None:
        return known
    found: set[CodeType] = set()
    for klass in cls.__mro__:
        for name in ("__init__", "_internal_init", "get"):
            member: Any = vars(klass).get(name)
            member = getattr(member, "__func__", member)
            code = getattr(member, "__code__", None)
            if code is not None:
                found.add(code)
    known = _known[cls] = frozenset(found)
    return known


@functools.lru_cache(maxsize=1024)
def _uri(filename: str) -> str:
    return Path(filename).absolute().as_uri() if not filename.startswith("<") else ""


def call_site(resource: object) -> tuple[SourcePosition, ...]:
    """
    The frames outside the constructor of *resource*, nearest first; the first is where it is made.

    Frames of the machinery that runs the program are left out. Only for use inside the constructor.
    """
    constructors = _constructors(type(resource))
    frame: FrameType | None = sys._getframe(1)  # `inspect` reads source files
    outer: FrameType | None = None
    looked = 0
    while frame is not None and looked < _MOST:
        if frame.f_code in constructors:
            outer = frame.f_back
        frame = frame.f_back
        looked += 1
        # The constructor of a child may be called from the constructor of its parent, of the
        # same class: that one is made outside of ours.
        if (
            outer is not None
            and frame is outer
            and frame.f_code in constructors
            and _makes_another(frame, resource)
        ):
            break
    found: list[SourcePosition] = []
    frame = outer
    while frame is not None and len(found) < _MOST:
        if not frame.f_globals.get("__name__", "").startswith(_OUTSIDE):
            uri = _uri(frame.f_code.co_filename)
            if uri:
                found.append(SourcePosition(uri, frame.f_lineno))
        elif found and frame.f_globals.get("__name__") == "runpy":
            break
        frame = frame.f_back
    return tuple(found)


def _makes_another(frame: FrameType, resource: object) -> bool:
    code = frame.f_code
    if not code.co_argcount:
        return False
    return frame.f_locals.get(code.co_varnames[0]) is not resource
