"""
What to do about failures that Python words for everybody, in the words of this SDK.

A wrong use of an output ends in whatever operation was tried with it, and a
misspelled option in a constructor's list of parameters. Their messages are kept; a
hint is added where one can be given.
"""

from __future__ import annotations

import inspect
import re
from types import FrameType, TracebackType
from typing import Any, Final

_NOT_KNOWN_YET: Final = (
    "The value of an Output is not known while the program runs: work with it inside "
    "`output.apply(lambda value: ...)`"
)

_HINTS: Final = (
    (
        r"Object of type Output is not JSON serializable",
        "Use `pulumi.Output.json_dumps(...)`, which waits for the outputs inside and answers an Output",
    ),
    (
        r"can only concatenate \w+ \(not \"Output\"\)|unsupported operand type\(s\) for \+.*'Output'",
        (
            'To put texts together use `pulumi.Output.concat("a", output)` or '
            '`output.apply(lambda value: f"a{value}")`'
        ),
    ),
    (
        r"object Output can't be used in 'await' expression",
        "Await `output.future()`; better, work with the value inside `output.apply(...)`",
    ),
    (
        (
            r"'Output' object (does not support item|has no attribute)|passed to Output.__format__|"
            r"not 'Output'|not Output\b|type 'Output'|'Output' and|and 'Output'|instances of 'Output'"
        ),
        _NOT_KNOWN_YET,
    ),
    (
        (
            r"asyncio\.run\(\) cannot be called from a running event loop|"
            r"Cannot run the event loop while another loop is running|This event loop is already running"
        ),
        (
            "The program runs on an event loop already: use `await` (callbacks of `apply` may be async "
            "functions, and a program's body can be given to `pulumi.run`), or run the other loop in a "
            "thread with `asyncio.to_thread`"
        ),
    ),
)

_UNEXPECTED: Final = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")


def hint_for(error: BaseException) -> str | None:
    """What to do about *error*, if that is known; of a chain of errors, the last one counts."""
    text = str(error)
    for pattern, hint in _HINTS:
        if re.search(pattern, text) and hint not in text:
            return hint
    return _meant(error) if isinstance(error, TypeError) else None


def _meant(error: TypeError) -> str | None:
    """The parameter that an unknown one was probably meant to be."""
    found = _UNEXPECTED.search(str(error))
    if found is None:
        return None
    import difflib

    function, given = found.groups()
    close = difflib.get_close_matches(
        given, sorted(_parameters(str(error), function, error.__traceback__)), 1
    )
    return f"Did you mean `{close[0]}`?" if close else None


def _parameters(text: str, function: str, trace: TracebackType | None) -> set[str]:
    """The parameters of the function that refused one, as far as it can be found."""
    owner = text.rpartition(f".{function}()")[0].rpartition(" ")[2].rpartition(".")[2]
    names: set[str] = set()
    while trace is not None:
        for candidate in _candidates(trace.tb_frame, owner):
            member = getattr(candidate, function, None)
            if callable(member):
                names.update(inspect.signature(member).parameters)
        trace = trace.tb_next
    return names - {"self", "args", "kwargs", "__props__", "resource_name"}


def _candidates(frame: FrameType, owner: str) -> list[Any]:
    """Classes of that name that a frame can see: its object's, and those among its names."""
    seen = [type(frame.f_locals.get("self")), frame.f_locals.get(owner), frame.f_globals.get(owner)]
    modules = [value for value in frame.f_globals.values() if inspect.ismodule(value)]
    seen += [vars(module).get(owner) for module in modules]
    return [one for one in seen if isinstance(one, type) and one.__name__ == owner]
