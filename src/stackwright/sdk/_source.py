"""
Where in the program something was asked for: the line that a person would point at (sdk.md §3.4, edge 102).

Resources and functions note it on the failure they end with (`note_site`), so that a
failure that never passed through the program's lines can still name one.
"""

from __future__ import annotations

import bisect
import contextlib
import functools
import os
import sys
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stackwright.goals import SourcePosition
from stackwright.lazy import LazyModule

if TYPE_CHECKING:
    import pathlib
else:
    pathlib = LazyModule("pathlib")

_OURS: Final = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 # compared with the files of frames
_SITE: Final = "_stackwright_site"


class Site(NamedTuple):
    """Where in the program a request that failed was made, nearest frame first (see `note_site`)."""

    frames: tuple[SourcePosition, ...] = ()
    foreign: bool = False


def note_site(error: BaseException, frames: tuple[SourcePosition, ...], *, foreign: bool = False) -> None:
    """
    Note on *error* which lines of the program asked for what failed; the first to note it wins.

    A *foreign* error was made elsewhere: where it was raised says nothing about the program.
    """
    if frames and not hasattr(error, _SITE):
        with contextlib.suppress(AttributeError):  # exceptions with slots are shown without the lines
            setattr(error, _SITE, Site(frames, foreign))


def site_of(error: BaseException) -> Site:
    """What is known of where the request was made that *error* belongs to."""
    found: Site = getattr(error, _SITE, Site())
    return found


def is_the_users(file: str) -> bool:
    """Whether code in *file* was written by the user, rather than by us or by a package's author."""
    return not file.startswith((_OURS, "<")) and "site-packages" not in file


def users_frame() -> FrameType | None:
    """The nearest frame that runs the user's code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_the_users(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def users_line() -> tuple[SourcePosition, ...]:
    """The line of the user's code that is being run, as a site; empty if there is none."""
    frame = users_frame()
    return () if frame is None else (SourcePosition(_uri(frame.f_code.co_filename), _line(frame)),)


_MOST: Final = 32
"""Frames sent at most: a deep recursion says nothing new below that."""

_HELPERS: Final = 3
"""Frames of helper methods that may lie between two constructors of one object."""

_OUTSIDE: Final = ("stackwright.sdk.", "stackwright.program_main", "runpy", "asyncio.", "importlib.")


# Code is told apart by what it is, not by what is in it: to look at all of a long program, which
# hashing its code does, for each resource in it would take ever longer.
_known: dict[type, dict[int, CodeType]] = {}


def _constructors(cls: type) -> dict[int, CodeType]:
    """The code that runs while an object of *cls* is made, `get` and helpers included, by its identity."""
    known = _known.get(cls)
    if known is not None:
        return known
    found: dict[int, CodeType] = {}
    for klass in cls.__mro__:
        for name in ("__init__", "_internal_init", "get"):
            member: Any = vars(klass).get(name)
            member = getattr(member, "__func__", member)
            code = getattr(member, "__code__", None)
            if code is not None:
                found[id(code)] = code
    _known[cls] = found
    return found


@functools.lru_cache(maxsize=1024)
def _uri(filename: str) -> str:
    return pathlib.Path(filename).absolute().as_uri() if not filename.startswith("<") else ""


_MOST_TABLES: Final = 64

_LONG: Final = 4096
"""Bytes of code within which Python finds the line of an instruction fast enough by itself."""


def _line(frame: FrameType) -> int:
    """
    The line that *frame* runs, or 0.

    Python counts lines from the start of the code each time it is asked, which takes a program that
    declares its resources one after the other ever longer.
    """
    if frame.f_lasti < _LONG:
        return frame.f_lineno or 0
    table = _tables.get(id(frame.f_code))
    if table is None:
        if len(_tables) >= _MOST_TABLES:
            _tables.clear()
        table = _tables[id(frame.f_code)] = _Lines(frame.f_code)
    return table.numbers[bisect.bisect_right(table.starts, frame.f_lasti) - 1]


class _Lines:
    """Where the lines of *code* start, in ascending order, and their numbers."""

    __slots__ = ("code", "numbers", "starts")

    def __init__(self, code: CodeType) -> None:
        known = [(start, line or 0) for start, _, line in code.co_lines()]
        self.code = code  # kept, so that nothing else gets its identity
        self.starts = [start for start, _ in known]
        self.numbers = [line for _, line in known]


_tables: dict[int, _Lines] = {}


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
        if id(frame.f_code) in constructors:
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
            found.append(SourcePosition(uri, _line(frame)))
        frame = frame.f_back
    return tuple(found)


def _makes_another(frame: FrameType, resource: object) -> bool:
    code = frame.f_code
    if code.co_name == "get" or not code.co_argcount:  # `get` is static: it has no object yet
        return False
    return frame.f_locals.get(code.co_varnames[0]) is not resource
