"""
Whether outputs may be pickled right now: only while a provider is written down, or read (sdk.md §2.7).

Everything else that pickles or copies an output is a mistake of the program's, and is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final


class Pickling:
    """One provider being written down or read, and what was met on the way."""

    __slots__ = ("allow_secrets", "outputs", "secrets")

    def __init__(self, *, allow_secrets: bool) -> None:
        self.allow_secrets = allow_secrets
        self.outputs = False
        """An output is part of it."""
        self.secrets = False
        """One of them is secret."""


_under_way: Final[ContextVar[Pickling | None]] = ContextVar("stackwright_pickling", default=None)


@contextmanager
def pickling(*, allow_secrets: bool = True) -> Iterator[Pickling]:
    """Outputs can be pickled and unpickled while the block lasts."""
    found = Pickling(allow_secrets=allow_secrets)
    token = _under_way.set(found)
    try:
        yield found
    finally:
        _under_way.reset(token)


def under_way() -> Pickling | None:
    """What is being pickled by the code that runs right now, if anything is."""
    return _under_way.get()


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise Exception(  # noqa: TRY002 # the plain class, as for every misuse of an output
            f"`{name}` cannot be called inside a provider: the value is known there, and `get()` answers it"
        )

    refuse.__name__ = name
    return refuse


def captured_class(output: type) -> type:
    """The class of outputs that a provider brought along: they hold a value, and give it away by `get`."""

    def reduce(self: Any, protocol: int) -> tuple[Any, ...]:
        import copyreg

        return copyreg.__newobj__, (output,), {"value": self._value}  # type: ignore[attr-defined]

    body: dict[str, Any] = {
        "__slots__": (),
        "__class__": property(lambda self: output),  # pickled again it is an output like any other
        "__reduce_ex__": reduce,
        "get": lambda self: self._value,
    }
    for name in ("apply", "resources", "future", "is_known", "is_secret"):
        body[name] = _refusal(name)
    return type("CapturedOutput", (output,), body)


__all__ = ["Pickling", "captured_class", "pickling", "under_way"]
