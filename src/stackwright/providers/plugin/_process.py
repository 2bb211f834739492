"""The process of a Pulumi plugin: its first line is the port it serves on (protocol.md §7.5)."""

from __future__ import annotations

import re
from typing import Final

from stackwright.providers._watched import PluginStartError, WatchedProcess

# What .NET prints around its progress before the port line (§7.5).
_PROGRESS: Final = re.compile(r"\x1b\]9;4;[30];\x1b\\")


class PluginProcess(WatchedProcess):
    """A running plugin."""

    async def port(self, *, within: float) -> int:
        """
        The port it serves on.

        Raises:
            PluginStartError: It printed something else, nothing in time, or ended.
        """
        line = await self.first_line(
            "on which port it serves",
            within=within,
            hint="Run it by hand to see what is missing: a plugin prints a port number and waits",
        )
        text = _PROGRESS.sub("", line).strip()
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
            raise PluginStartError(
                f"The plugin {self.program} wrote an invalid port to stdout: {text[:200]!r}",
                said=self.tail,
                hint="The first line that a plugin prints is the number of its port and nothing else",
            )
        return int(text)
