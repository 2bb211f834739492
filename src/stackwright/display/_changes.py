"""What differs between two values, line by line (cli.md §15.4)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from stackwright.display._paint import Paint, Style
from stackwright.display._values import quote, render_value, shorten, structured
from stackwright.values import Archive, Asset, Secret, Value, values_equal

_CONTEXT = 2


class Changes:
    """Renders changes of values; secrets are masked on both sides."""

    def __init__(self, paint: Paint, *, show_secrets: bool = False, full: bool = False) -> None:
        self._paint = paint
        self._show_secrets = show_secrets
        self._full = full

    def properties(self, old: Mapping[str, Value], new: Mapping[str, Value], *, indent: int) -> Iterator[str]:
        """Lines for each property that differs; names padded to the longest that does."""
        keys = [
            key
            for key in sorted(old.keys() | new.keys())
            if not key.startswith("__")
            and not (key in old and key in new and values_equal(old[key], new[key]))
        ]
        width = max((len(key) for key in keys), default=0)
        for key in keys:
            label = key.ljust(width) + ": "
            if key not in new:
                yield self.removed(label, old[key], indent=indent)
            elif key not in old:
                yield self.added(label, new[key], indent=indent)
            else:
                yield from self.changed(label, old[key], new[key], indent=indent)

    def added(self, label: str, value: Value, *, indent: int) -> str:
        """A value that was not there before."""
        return self._block("+ ", label, self._value(value, indent), indent, Style.CREATE)

    def removed(self, label: str, value: Value, *, indent: int) -> str:
        """A value that goes."""
        return self._block("- ", label, self._value(value, indent), indent, Style.DELETE)

    def changed(self, label: str, old: Value, new: Value, *, indent: int) -> Iterator[str]:
        """A value that becomes another, taken apart where both have the same shape."""
        if isinstance(old, Secret) or isinstance(new, Secret):
            if self._show_secrets:
                bare = [side.value if isinstance(side, Secret) else side for side in (old, new)]
                yield from self.changed(label, bare[0], bare[1], indent=indent)
            else:
                # A value that is, or was, secret shows on neither side (design.md §8).
                yield self._block("~ ", label, "[secret] => [secret]", indent, Style.UPDATE)
            return
        if isinstance(old, str) and isinstance(new, str):
            yield from self._text(label, old, new, indent)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield self._line("~ ", label + "{", indent, Style.UPDATE)
            yield from self.properties(old, new, indent=indent + 4)
            yield " " * (indent + 2) + "}"
        elif isinstance(old, list) and isinstance(new, list):
            yield self._line("~ ", label + "[", indent, Style.UPDATE)
            yield from self._items(old, new, indent + 4)
            yield " " * (indent + 2) + "]"
        elif isinstance(old, Asset) and isinstance(new, Asset):
            yield from self._asset(label, old, new, indent)
        elif isinstance(old, Archive) and isinstance(new, Archive) and old.assets and new.assets:
            yield self._line(
                "~ ", f"{label}archive(assets:{old.hash[:7]}->{new.hash[:7]}) {{", indent, Style.UPDATE
            )
            yield from self.properties(old.assets, new.assets, indent=indent + 4)
            yield " " * (indent + 2) + "}"
        elif _is_scalar(old) and _is_scalar(new):
            text = f"{self._value(old, indent)} => {self._value(new, indent)}"
            yield self._block("~ ", label, text, indent, Style.UPDATE)
        else:
            yield self.removed(label, old, indent=indent)
            yield self.added(label, new, indent=indent)

    def _items(self, old: list[Value], new: list[Value], indent: int) -> Iterator[str]:
        for index in range(max(len(old), len(new))):
            label = f"[{index}]: "
            if index >= len(new):
                yield self.removed(label, old[index], indent=indent)
            elif index >= len(old):
                yield self.added(label, new[index], indent=indent)
            elif not values_equal(old[index], new[index]):
                yield from self.changed(label, old[index], new[index], indent=indent)

    def _text(self, label: str, old: str, new: str, indent: int) -> Iterator[str]:
        before, after = structured(old), structured(new)
        if before is not None and after is not None and type(before[1]) is type(after[1]):
            yield from self._document(label, before[1], after[1], indent)
        elif "\n" in old or "\n" in new:
            yield from self._lines(label, old, new, indent)
        else:
            left = quote(shorten(old, full=self._full))
            right = quote(shorten(new, full=self._full))
            yield self._block("~ ", label, f"{left} => {right}", indent, Style.UPDATE)

    def _document(self, label: str, old: Any, new: Any, indent: int) -> Iterator[str]:
        if values_equal(old, new):  # only its formatting differs
            yield self._block("~ ", label, "(json) formatting only", indent, Style.UPDATE)
            return
        yield from self.changed(label + "(json) ", old, new, indent=indent)

    def _lines(self, label: str, old: str, new: str, indent: int) -> Iterator[str]:
        yield self._line("~ ", label, indent, Style.UPDATE)
        pad = indent + 4
        before, after = old.split("\n"), new.split("\n")
        matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
        groups = list(matcher.get_grouped_opcodes(_CONTEXT))
        for position, group in enumerate(groups):
            if group[0][1] > 0 or position:
                yield " " * (pad + 2) + "..."
            for tag, start, end, new_start, new_end in group:
                if tag == "equal":
                    yield from (" " * (pad + 2) + line for line in before[start:end])
                    continue
                yield from (self._line("- ", line, pad, Style.DELETE) for line in before[start:end])
                yield from (self._line("+ ", line, pad, Style.CREATE) for line in after[new_start:new_end])
        if groups and groups[-1][-1][2] < len(before):
            yield " " * (pad + 2) + "..."

    def _asset(self, label: str, old: Asset, new: Asset, indent: int) -> Iterator[str]:
        where = new.path or new.uri
        kind = "file" if new.path else "uri" if new.uri else "text"
        head = f"{label}asset({kind}:{old.hash[:7]}->{new.hash[:7]})"
        if where:
            yield self._line("~ ", f"{head} {{ {where} }}", indent, Style.UPDATE)
            return
        yield from self._lines(head, old.text or "", new.text or "", indent)

    def _value(self, value: Value, indent: int) -> str:
        return render_value(value, indent=indent + 2, show_secrets=self._show_secrets, full=self._full)

    def _block(self, glyph: str, label: str, text: str, indent: int, style: Style) -> str:
        return "\n".join(
            self._paint(line, style) for line in f"{' ' * indent}{glyph}{label}{text}".split("\n")
        )

    def _line(self, glyph: str, text: str, indent: int, style: Style) -> str:
        return self._paint(f"{' ' * indent}{glyph}{text}".rstrip(), style)


def _is_scalar(value: Value) -> bool:
    return not isinstance(value, Mapping | list | Asset | Archive)
