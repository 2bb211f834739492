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

_HELPERS: Final = 3
"""Frames of helper methods that may lie between two constructors of one object."""

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
    frame: FrameType | None = sys._getframe(1)
    outer: FrameType | None = None
    beyond = 0
    while frame is not None and beyond < _HELPERS:
        if frame.f_code in constructors:
            # A component's constructor may make a child of its own class: that one is made out here.
            if outer is not None and _makes_another(frame, resource):
                break
            outer = frame
            beyond = 0
        elif outer is not None:
            beyond += 1
        frame = frame.f_back
    found: list[SourcePosition] = []
    frame = outer.f_back if outer is not None else None
    while frame is not None and len(found) < _MOST:
        if frame.f_globals.get("__name__", "").startswith(_OUTSIDE):
            if found:
                break  # from here on it is the machinery that runs the program
        elif uri := _uri(frame.f_code.co_filename):
            found.append(SourcePosition(uri, frame.f_lineno))
        frame = frame.f_back
    return tuple(found)


def _makes_another(frame: FrameType, resource: object) -> bool:
    code = frame.f_code
    if code.co_name == "get" or not code.co_argcount:  # `get` is static: it has no object yet
        return False
    return frame.f_locals.get(code.co_varnames[0]) is not resource
