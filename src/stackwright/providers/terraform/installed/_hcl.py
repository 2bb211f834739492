"""
Terraform's configuration language, as far as CLI configurations and lock files use it.

Blocks, attributes, and values that are written out: texts, numbers, truth values,
lists, maps. No expressions, no interpolation. The same documents in JSON are read
too; there a block is an object, or a list of objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import msgspec

HclValue: TypeAlias = "str | float | bool | list[HclValue] | dict[str, HclValue] | None"

_MAX_DEPTH: Final = 50
_TOKEN: Final = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*|//[^\n]*|/\*.*?\*/)+)
    |(?P<text>"(?:[^"\\\n]|\\.)*")
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
    |(?P<word>[^\W\d][\w.-]*)
    |(?P<mark>[{}\[\]=:,])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_WORDS: Final[dict[str, HclValue]] = {"true": True, "false": False, "null": None}


class MalformedHclError(Exception):
    """The text cannot be read; says on which line, and why."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")


class Body(msgspec.Struct):
    """What a document or a block holds, in the order in which it is written."""

    labels: tuple[str, ...] = ()
    attributes: dict[str, HclValue] = msgspec.field(default_factory=dict)
    nested: list[tuple[str, Body]] = msgspec.field(default_factory=list)

    def blocks(self, name: str, *, labels: int = 0) -> Iterator[Body]:
        """The blocks of this name; of a JSON document, the objects that stand for them."""
        for each, block in self.nested:
            if each == name and len(block.labels) == labels:
                yield block
        yield from _as_blocks(self.attributes.get(name), labels, ())

    def all_blocks(self) -> Iterator[tuple[str, Body]]:
        """Every block without labels."""
        yield from self.nested
        for name, value in self.attributes.items():
            for block in _as_blocks(value, 0, ()):
                yield name, block


def _as_blocks(value: HclValue, labels: int, above: tuple[str, ...]) -> Iterator[Body]:
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        if labels:
            for label, inner in each.items():
                yield from _as_blocks(inner, labels - 1, (*above, label))
        else:
            yield Body(labels=above, attributes=each)


def parse_hcl(text: str) -> Body:
    """
    Read a document, in the native syntax or in JSON.

    Raises:
        MalformedHclError: It is neither.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            value: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise MalformedHclError(error.lineno, error.msg) from None
        except RecursionError:
            raise MalformedHclError(1, "values are nested too deeply") from None
        return Body(attributes=value)
    reader = _Reader(text)
    return reader.body(closed=False, depth=0)


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self._line = 1
        self._tokens = self._scan(text)
        self._kind, self._token = "", ""
        self._advance()

    def _scan(self, text: str) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._problem(f"`{text[at]}` is not expected here")
            if match.lastgroup != "space":
                yield str(match.lastgroup), match[0]
            self._line += match[0].count("\n")
            at = match.end()
        yield "end", ""

    def _problem(self, text: str) -> MalformedHclError:
        return MalformedHclError(self._line, text)

    def _advance(self) -> None:
        self._kind, self._token = next(self._tokens)

    def _accept(self, mark: str) -> bool:
        if self._kind == "mark" and self._token == mark:
            self._advance()
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._problem(f"expected `{mark}`, not `{self._token or 'the end'}`")

    def _name(self) -> str:
        if self._kind not in ("word", "text"):
            raise self._problem(f"expected a name, not `{self._token or 'the end'}`")
        name = self._text() if self._kind == "text" else self._token
        self._advance()
        return name

    def body(self, *, closed: bool, depth: int) -> Body:
        """The attributes and blocks up to the closing brace, or to the end."""
        if depth > _MAX_DEPTH:
            raise self._problem("blocks are nested too deeply")
        body = Body()
        while not self._accept("}") if closed else self._kind != "end":
            name = self._name()
            if self._accept("=") or self._accept(":"):
                body.attributes[name] = self._value(depth)
                self._accept(",")
                continue
            labels = []
            while self._kind in ("word", "text"):
                labels.append(self._name())
            self._expect("{")
            inner = self.body(closed=True, depth=depth + 1)
            inner.labels = tuple(labels)
            body.nested.append((name, inner))
        return body

    def _value(self, depth: int) -> HclValue:
        if depth > _MAX_DEPTH:
            raise self._problem("values are nested too deeply")
        if self._accept("["):
            return list(self._elements(depth))
        if self._accept("{"):
            return dict(self.body(closed=True, depth=depth + 1).attributes)
        kind, token = self._kind, self._token
        if kind == "text":
            value: HclValue = self._text()
        elif kind == "number":
            value = float(token)
        elif kind == "word" and token in _WORDS:
            value = _WORDS[token]
        else:
            raise self._problem(f"expected a value, not `{token or 'the end'}`")
        self._advance()
        return value

    def _elements(self, depth: int) -> Iterator[HclValue]:
        while not self._accept("]"):
            yield self._value(depth + 1)
            if not self._accept(","):
                self._expect("]")
                return

    def _text(self) -> str:
        def plain(match: re.Match[str]) -> str:
            if match[1] in _ESCAPES:
                return _ESCAPES[match[1]]
            if match[2]:
                return chr(int(match[2], 16))
            raise self._problem(f"`\\{match[1]}` means nothing")

        return re.sub(r"\\(u([0-9A-Fa-f]{4})|.)", plain, self._token[1:-1]).replace("$${", "${")
