"""
Providers as pickles, byte for byte as the `pulumi` package writes them (sdk.md §18).

`dill` does the work, because that is what the pickles in existing states are made with:
classes and functions of the program travel by value. Two things are special. The entries
of dictionaries are sorted, so that the same provider gives the same text. And our own
modules go by the names they have in the `pulumi` package, in both directions, so that
either tool can read what the other has written.

This module's name has to contain `dill`: that is how `dill` recognises picklers of its own.
"""

from __future__ import annotations

import base64
import io
import pickle
from itertools import pairwise
from types import ModuleType
from typing import Any, Final

from dill import _dill

from stackwright.errors import UserError

_OURS: Final = "stackwright.sdk"
_THEIRS: Final = ("pulumi", "khulnasoft", "codeinfra")
_SHOWN: Final = 60


class UnpicklableProviderError(UserError):
    """A dynamic provider holds something that cannot be written down."""

    code = "unpicklable-provider"

    def __init__(self, provider: object, what: str, where: str, reason: str) -> None:
        super().__init__(
            f"The dynamic provider `{type(provider).__name__}` cannot be stored: "
            f"{where} is {what}, which cannot be pickled",
            detail=reason,
            hint="A dynamic provider becomes part of the state. Make connections, clients and open "
            "files in `configure` or inside the method that uses them, or write the provider as a "
            "`stackwright.Provider`, which is not pickled",
        )


class UnreadablePickleError(UserError):
    """The pickle of a provider cannot be read here."""

    code = "unreadable-provider"

    def __init__(self, error: BaseException) -> None:
        missing = getattr(error, "name", None) if isinstance(error, ImportError) else None
        super().__init__(
            "A dynamic provider in the state cannot be loaded",
            detail=f"{type(error).__name__}: {error}",
            hint=f"Install or restore the module `{missing}`, which it uses"
            if missing
            else "It was written by a program whose modules have changed since, or by another version of "
            "Python. Run it with the code and the Python that deployed it",
        )


def text_of(provider: object) -> str:
    """*provider* as text. Raises `UnpicklableProviderError`."""
    stream = io.BytesIO()
    pickler = _Pickler(stream, protocol=pickle.DEFAULT_PROTOCOL, recurse=True)
    try:
        pickler.dump(provider)
    except RecursionError as error:
        reason = "it is nested too deeply"
        raise UnpicklableProviderError(provider, "too deep", "something in it", reason) from error
    except Exception as error:
        what, where = pickler.whereabouts()
        raise UnpicklableProviderError(provider, what, where, f"{type(error).__name__}: {error}") from error
    return base64.b64encode(stream.getvalue()).decode("ascii")


def provider_from(text: str) -> Any:
    """
    The provider that *text* is. This runs whatever code the text brings along: ask first who wrote it.

    Raises:
        UnreadablePickleError: It is damaged, or something that it uses is not there.
    """
    try:
        data = base64.b64decode(text, validate=True)
        return _Unpickler(io.BytesIO(data), ignore=True).load()
    except Exception as error:
        raise UnreadablePickleError(error) from error


class _Pickler(_dill.Pickler):  # type: ignore[misc] # dill has no types
    """`dill.Pickler` with sorted dictionaries and the other package's names, which knows where it is."""

    dispatch = _dill.MetaCatchingDict(_dill.Pickler.dispatch.copy())

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # What dill takes for the interactive session is never the program.
        self._main = ModuleType("__main__")
        self._names: dict[str, str] = {}
        self._trail: list[object] = []

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if type(obj) is str and obj.startswith(_OURS):
            obj = self._their_name(obj)
        self._trail.append(obj)
        super().save(obj, save_persistent_id)
        self._trail.pop()  # not when it fails: then the trail leads to what failed

    def _their_name(self, text: str) -> str:
        if text != _OURS and not text.startswith(f"{_OURS}."):
            return text
        # One object for each name, as the names of modules are.
        return self._names.setdefault(text, _THEIRS[0] + text.removeprefix(_OURS))

    def _batch_setitems(self, items: Any, *rest: Any) -> None:
        entries = list(items)
        try:
            entries.sort(key=lambda entry: entry[0])
        except TypeError:  # keys of several kinds
            entries.sort(key=lambda entry: (type(entry[0]).__name__, repr(entry[0])))
        super()._batch_setitems(iter(entries), *rest)

    def whereabouts(self) -> tuple[str, str]:
        """What failed, and the way to it, in words."""
        trail = [item for item in self._trail if not isinstance(item, tuple)]
        what = trail[-1]
        steps = []
        for holder, held in pairwise(trail):
            if isinstance(holder, dict):
                names = [key for key, value in holder.items() if value is held]
                steps += [f".{names[0]}" if isinstance(names[0], str) else f"[{names[0]!r}]"] if names else []
        kind = type(what)
        shown = repr(what)[:_SHOWN] if isinstance(what, (type, ModuleType)) else ""
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        return (
            f"a `{name}`{f' ({shown})' if shown else ''}",
            f"`self{''.join(steps)}`" if steps else "part of it",
        )


def _save_module(pickler: _Pickler, module: ModuleType) -> None:
    if module.__name__.partition(".")[0] != "stackwright":
        _dill.save_module(pickler, module)
        return
    # An editable installation would pass for a module of the program, and be pickled whole.
    pickler.save_reduce(_dill._import_module, (module.__name__,), obj=module)  # as dill does


_Pickler.dispatch[ModuleType] = _save_module


class _Unpickler(_dill.Unpickler):  # type: ignore[misc] # dill has no types
    """`dill.Unpickler` that finds the other package's modules here."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("dill._dill", "_import_module"):
            return _import_module
        return super().find_class(_our_name(module), name)


def _import_module(name: str, safe: bool = False) -> Any:
    return _dill._import_module(_our_name(name), safe)


def _our_name(name: str) -> str:
    from stackwright.sdk._import_aliases import target_of

    brand, _, rest = name.partition(".")
    return target_of(rest) if brand in _THEIRS else name
