"""
How operations look: live trees, plain lines, diffs and JSON.

Decides words, colours and layout, from what the engine reports and from nothing else.
Leaves to others what is shown when (`cli`) and what happens (`engine`). A secret is
masked here on both sides of every diff, whoever forgot to. May import `engine` and what
lies below it; the rich terminal library is loaded for terminals only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.display._diff import DiffDisplay
from stackwright.display._digest import Digest
from stackwright.display._events import EventLog, Lines, event_json
from stackwright.display._paint import Paint
from stackwright.display._phase import PhaseLine
from stackwright.display._plain import PlainDisplay
from stackwright.display._policies import PolicyReports
from stackwright.display._sections import banner, render_end
from stackwright.display._settings import DisplaySettings
from stackwright.display._values import render_value, value_json
from stackwright.lazy import on_first_use

if TYPE_CHECKING:
    from stackwright.display._tree import TreeDisplay

__all__ = [
    "DiffDisplay",
    "Digest",
    "DisplaySettings",
    "EventLog",
    "Lines",
    "Paint",
    "PhaseLine",
    "PlainDisplay",
    "PolicyReports",
    "TreeDisplay",
    "banner",
    "event_json",
    "render_end",
    "render_value",
    "value_json",
]

# It loads the terminal library, which most commands have no use for.
__getattr__ = on_first_use(__name__, {"_tree": ("TreeDisplay",)})
