"""Property values as people read them, and as masked JSON (cli.md §15.3, engine.md E290)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackwright.values import Archive, Asset, OutputValue, ResourceRef, Secret, Unknown, Value

SIGNATURE = "4dabf18193072939515e22adb298388d"
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_MOST_LINES = 3
_MOST_CHARACTERS = 150


def number(value: float) -> str:
    """Whole numbers without decimals, others at their shortest."""
    if float(value).is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def shorten(text: str, *, full: bool) -> str:
    """At most three lines of 150 characters, unless everything is wanted (cli.md §15.5)."""
    if full:
        return text
    lines = text.split("\n")
    kept = [line if len(line) <= _MOST_CHARACTERS else line[:_MOST_CHARACTERS] + "..." for line in lines]
    if len(kept) > _MOST_LINES:
        return "\n".join([*kept[:_MOST_LINES], "..."])
    return "\n".join(kept)


def structured(text: str) -> tuple[str, Any] | None:
    """What a string holds if it is a whole JSON document, with the word for it."""
    stripped = text.strip()
    if not stripped or stripped[0] not in "{[" or stripped[-1] not in "}]":
        return None
    try:
        return "json", json.loads(stripped)
    except ValueError:
        return None


def quote(text: str) -> str:
    """A string in double quotes, control characters escaped."""
    return json.dumps(text, ensure_ascii=False)


def render_value(value: Value, *, indent: int = 0, show_secrets: bool = False, full: bool = False) -> str:
    """
    One value, its further lines indented by *indent* spaces.

    A secret is `[secret]` unless *show_secrets*; what is not known yet is `[unknown]`.
    """
    pad = " " * indent

    def inner(item: Value, deeper: int = 4) -> str:
        return render_value(item, indent=indent + deeper, show_secrets=show_secrets, full=full)

    match value:
        case None:
            return "<null>"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case str() if value == _UNKNOWN_TEXT:
            return "[unknown]"
        case str():
            return _render_text(value, indent, full=full)
        case bytes():
            return f"bytes({len(value)})"
        case Secret():
            return inner(value.value, 0) if show_secrets else "[secret]"
        case Unknown():
            return "[unknown]"
        case OutputValue():
            return "[secret]" if value.secret and not show_secrets else inner(value.value, 0)
        case Asset():
            return _render_asset(value, pad)
        case Archive():
            return _render_archive(value, indent, show_secrets=show_secrets, full=full)
        case ResourceRef():
            shown = value.id if isinstance(value.id, str) else "[unknown]" if value.id else ""
            return f"{{ URN: {quote(value.urn)}" + (f", ID: {quote(shown)}" if shown else "") + " }"
        case list() | tuple():
            if not value:
                return "[]"
            lines = [f"{pad}    [{index}]: {inner(item, 8)}" for index, item in enumerate(value)]
            return "\n".join(["[", *lines, f"{pad}]"])
        case Mapping():
            if not value:
                return "{}"
            lines = render_properties(
                value, indent=indent + 4, show_secrets=show_secrets, full=full, colon=" :"
            )
            return "\n".join(["{", *lines, f"{pad}}}"])
    return str(value)


def render_properties(
    properties: Mapping[str, Value],
    *,
    indent: int,
    show_secrets: bool = False,
    full: bool = False,
    colon: str = ":",
) -> list[str]:
    """A line for each property, sorted, names padded to the longest; internal `__` ones are left out."""
    shown = {key: value for key, value in properties.items() if not key.startswith("__")}
    width = max((len(key) for key in shown), default=0)
    pad = " " * indent
    return [
        f"{pad}{key.ljust(width)}{colon} "
        + render_value(shown[key], indent=indent, show_secrets=show_secrets, full=full)
        for key in sorted(shown)
    ]


def _render_text(text: str, indent: int, *, full: bool) -> str:
    document = structured(text)
    if document is not None:
        kind, data = document
        return f"({kind}) " + render_value(data, indent=indent, full=full)
    if "\n" not in text:
        return quote(shorten(text, full=full))
    pad = " " * (indent + 4)
    body = "\n".join(pad + line for line in shorten(text, full=full).split("\n"))
    return f'"""\n{body}\n{" " * indent}"""'


def _render_asset(asset: Asset, pad: str) -> str:
    short = asset.hash[:7]
    if asset.path:
        return f"asset(file:{short}) {{ {asset.path} }}"
    if asset.uri:
        return f"asset(uri:{short}) {{ {asset.uri} }}"
    if asset.text is None:
        return f"asset({short})"
    lines = [f"{pad}    {line}" for line in shorten(asset.text, full=False).split("\n")]
    return "\n".join([f"asset(text:{short}) {{", *lines, f"{pad}}}"])


def _render_archive(archive: Archive, indent: int, *, show_secrets: bool, full: bool) -> str:
    short = archive.hash[:7]
    if archive.path:
        return f"archive(file:{short}) {{ {archive.path} }}"
    if archive.uri:
        return f"archive(uri:{short}) {{ {archive.uri} }}"
    pad = " " * indent
    lines = [
        f"{pad}    {quote(name)}: "
        + render_value(member, indent=indent + 4, show_secrets=show_secrets, full=full)
        for name, member in sorted((archive.assets or {}).items())
    ]
    return "\n".join([f"archive(assets:{short}) {{", *lines, f"{pad}}}"])


def value_json(value: Value, *, show_secrets: bool = False, tagged: bool = True) -> Any:
    """
    A value as events and digests carry it: a secret is a secret of `[secret]` (E290).

    Without *tagged* a secret is the bare text `[secret]`, as digests and outputs have it.
    """

    def inner(item: Value) -> Any:
        return value_json(item, show_secrets=show_secrets, tagged=tagged)

    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) < 1e21 else value
        case Secret():
            if show_secrets:
                return inner(value.value)
            return {SIGNATURE: _SECRET, "ciphertext": "[secret]"} if tagged else "[secret]"
        case OutputValue() if value.secret and not show_secrets:
            return {SIGNATURE: _SECRET, "ciphertext": "[secret]"} if tagged else "[secret]"
        case OutputValue():
            return inner(value.value)
        case Unknown():
            return _UNKNOWN_TEXT
        case Asset():
            source = {"text": "<contents elided>"} if value.text is not None else {}
            if value.path:
                source = {"path": value.path}
            elif value.uri:
                source = {"uri": value.uri}
            return {SIGNATURE: _ASSET, "hash": value.hash, **source}
        case Archive():
            members = {name: inner(member) for name, member in (value.assets or {}).items()}
            held: dict[str, Any] = {"assets": members}
            if value.path:
                held = {"path": value.path}
            elif value.uri:
                held = {"uri": value.uri}
            return {SIGNATURE: _ARCHIVE, "hash": value.hash, **held}
        case ResourceRef():
            reference: dict[str, Any] = {
                SIGNATURE: _RESOURCE,
                "urn": value.urn,
                "packageVersion": value.package_version,
            }
            if value.id is not None:
                reference["id"] = value.id if isinstance(value.id, str) else ""
            return reference
        case bytes():
            return value.decode("utf-8", "replace")
        case list() | tuple():
            return [inner(item) for item in value]
        case Mapping():
            return {key: inner(item) for key, item in value.items()}
    return str(value)


_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a password
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
