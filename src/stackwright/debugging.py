"""What is to wait for a debugger: the values of `--attach-debugger` (cli.md §4); and what never is to."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import msgspec

from stackwright.errors import UserError


class DebugTargets(msgspec.Struct, frozen=True):
    """The program, plugins by name, or all plugins; nothing by default."""

    program: bool = False
    plugins: frozenset[str] = frozenset()
    all_plugins: bool = False

    def has_plugin(self, name: str) -> bool:
        """Whether the plugin *name* is meant."""
        return self.all_plugins or name in self.plugins


NOT_DEBUGGED = DebugTargets()


def parse_debug_targets(values: Iterable[str]) -> DebugTargets:
    """
    What *values* name, each of them one or several separated by commas.

    Raises:
        UserError: One is not known.
    """
    program = all_plugins = False
    plugins: set[str] = set()
    for word in (word.strip() for value in values for word in value.split(",")):
        kind, _, name = word.partition(":")
        if word == "program":
            program = True
        elif word == "plugins":
            all_plugins = True
        elif word == "all":
            program = all_plugins = True
        elif kind == "plugin" and name:
            plugins.add(name)
        else:
            raise UserError(
                f"invalid --attach-debugger flag value: {word}",
                hint="It is `program`, `plugins`, `plugin:NAME` or `all`, or several of them with commas",
            )
    return DebugTargets(program, frozenset(plugins), all_plugins)


def untraced(thread: threading.Thread) -> threading.Thread:
    """
    *thread*, which goes on while a debugger has stopped the program.

    For what others rely on meanwhile: the engine's own thread, and the one that keeps its lease.
    """
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined] # what debugpy looks for
    return thread
