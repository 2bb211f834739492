"""
Names of configuration values: keys, and paths into structured values.

A key is `<namespace>:<name>`; where people write only a name, the namespace is
the project's (spec: state.md §3.1). A path names a value inside of a structured
one: `data.active[0]`, `root["two words"]` (spec: state.md §3.2).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from stackwright.project._problems import ConfigError

ConfigPath = tuple[str | int, ...]
"""The way into a structured value: keys of maps and indices of lists; empty for the whole value."""

ENGINE_NAMESPACE: Final = "pulumi"
"""Keys of this namespace are settings for the engine and do not reach programs' own `Config`."""

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\]')
_INDEX: Final = re.compile(r"(-?[0-9]+)\]")
_NAME: Final = re.compile(r"[^.\[]+")
_BARE: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$:-]*\Z")


class ConfigKey(NamedTuple):
    """A configuration key; sorts by namespace, then by name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.name}"

    def shown(self, project: str) -> str:
        """The key as people of *project* write it: without the namespace when it is the project's."""
        return self.name if self.namespace == project else str(self)


def parse_config_key(text: str, *, project: str | None = None) -> ConfigKey:
    """
    The key that *text* means; a text without `:` belongs to *project*.

    The historical form `<namespace>:config:<name>` means `<namespace>:<name>`.

    Raises:
        ConfigError: *text* is no key.
    """
    parts = text.split(":")
    if len(parts) == 1 and project is not None:
        parts = [project, text]
    if len(parts) == 3 and parts[1] == "config":
        del parts[1]
    if len(parts) != 2 or not all(parts):
        raise ConfigError(
            f"`{text}` is not a configuration key",
            hint="A key has the form `<namespace>:<name>`, or just `<name>` for the project's own values",
        )
    return ConfigKey(parts[0], parts[1])


def parse_config_path(text: str, *, project: str | None = None) -> tuple[ConfigKey, ConfigPath]:
    """
    The key that the first segment of *text* names, and the rest of the way.

    Raises:
        ConfigError: *text* does not follow the grammar of paths, or its first
            segment is no key.
    """
    segments = _segments(text)
    if isinstance(segments[0], int):
        raise ConfigError(f"The path `{text}` starts with an index; it must start with the name of a key")
    return parse_config_key(segments[0], project=project), tuple(segments[1:])


def format_config_path(path: ConfigPath) -> str:
    """The text that `parse_config_path` reads as *path*, without the key in front."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif _BARE.match(segment):
            text += f".{segment}" if text else segment
        else:
            escaped = segment.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def _segments(text: str) -> list[str | int]:
    segments: list[str | int] = []
    at = 0
    while at < len(text):
        if text[at] == "[":
            segment, at = _bracketed(text, at + 1)
            segments.append(segment)
            continue
        if text[at] == ".":
            if not segments or text[at + 1 : at + 2] in {"", ".", "["}:
                raise _malformed(text, at, "a name must follow the dot")
            at += 1
        elif segments:
            raise _malformed(text, at, "a dot or a bracket must follow the bracket")
        match = _NAME.match(text, at)
        if match is None:
            raise _malformed(text, at, "a name is missing")
        segments.append(match[0])
        at = match.end()
    if not segments:
        raise ConfigError("The path of a configuration value must not be empty")
    return segments


def _bracketed(text: str, at: int) -> tuple[str | int, int]:
    if quoted := _QUOTED.match(text, at):
        return re.sub(r"\\(.)", r"\1", quoted[1]), quoted.end()
    if index := _INDEX.match(text, at):
        if index[1].startswith("-"):
            raise _malformed(text, at, "an index must not be negative")
        return int(index[1]), index.end()
    raise _malformed(text, at, "brackets hold an index, or a name in double quotes, and are closed")


def _malformed(text: str, at: int, why: str) -> ConfigError:
    return ConfigError(
        f"The path `{text}` is malformed at character {at + 1}: {why}",
        hint='Paths look like `data.active[0]` or `data["two words"]`',
    )
