"""
The providers that programs of this process have just written down, by their text.

Whoever hosts providers in the same process takes them from here instead of unpickling
what was pickled a moment ago. An entry lives as long as the resource that brought it.
"""

from __future__ import annotations

import copy as copying
import weakref
from typing import Any, Final


class Made:
    """
    A provider as it was when it was written down, for `Resource` to hold on to.

    `provider` is None where only the text will do: it holds outputs, whose values are
    reached otherwise inside a provider than outside.
    """

    __slots__ = ("__weakref__", "provider")

    def __init__(self, provider: Any) -> None:
        self.provider = provider


_by_text: Final[weakref.WeakValueDictionary[str, Made]] = weakref.WeakValueDictionary()


def remember(text: str, provider: Any, *, copy: bool) -> Made:
    """Note that *provider* has become *text*; this is known for as long as somebody keeps the answer."""
    known = _by_text.get(text)
    if known is None:
        # A copy: what `configure` sets must not end up in the next pickle of the program's own object.
        known = _by_text[text] = Made(copying.copy(provider) if copy else None)
    return known


def find(text: str) -> Made | None:
    """What has become *text* in this process, if anything has."""
    return _by_text.get(text)
