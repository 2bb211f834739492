"""
Small edits in the text of a YAML file.

The YAML library says where every key and value starts and ends; here the text in
between is replaced, removed or added, and all else stays as it was typed. Only
block style is edited in place; anything in braces is replaced as a whole.
Whether the result means what it should is checked by `_editing`.
"""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from stackwright.project._scalars import AMBIGUOUS_WORDS, plain_scalar

if TYPE_CHECKING:
    from stackwright.project._document import Tree

_FIRST_LIST: Final = re.compile(
    r"^(?P<parent> *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?P<dash> *)- ", re.MULTILINE
)
_ANY_DEPTH: Final = sys.maxsize


class CannotEditError(Exception):
    """The text is laid out in a way that this editor does not touch."""


def same(left: Tree, right: Tree) -> bool:
    """Whether two trees are equal in values, types and order of lists; keys of maps have no order."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right) or (left != left and right != right)


def edited(text: str, old: dict[str, Tree], new: dict[str, Tree], *, depth: int = _ANY_DEPTH) -> str:
    """
    *text*, which reads as *old*, changed to read as *new*.

    Values more than *depth* maps down are not edited but replaced with their parent.

    Raises:
        CannotEditError: The layout is one that cannot be edited in place.
    """
    root = _composed(text)
    if root is None:
        lead = text if not text or text.endswith("\n") else text + "\n"
        return lead + (dumped(new) if new else "")
    editor = _Editor(text)
    if root.flow_style or not new or not old:
        editor.replace(root.start_mark.index, root.end_mark.index, dumped(new).rstrip("\n"))
    else:
        editor.mapping(root, old, new, depth)
    return editor.result()


def dumped(value: Tree, *, list_offset: int = 2) -> str:
    """*value* as a text of its own."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = sys.maxsize
    yaml.indent(mapping=2, sequence=2 + list_offset, offset=list_offset)
    buffer = io.StringIO()
    yaml.dump(_styled(value), buffer)
    return buffer.getvalue()


class _Editor:
    """Collects changes to one text; none of them overlap."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[tuple[int, int, str]] = []
        match = _FIRST_LIST.search(text)
        self._offset = 0 if match is not None and len(match["dash"]) <= len(match["parent"]) else 2

    def result(self) -> str:
        """The text with all changes made."""
        text = self._text
        # From the end, so that places stay valid; of insertions at one place the first
        # asked for comes first, and what is replaced there comes after them.
        edits = sorted(self._edits, key=lambda edit: edit[:2])
        for start, end, replacement in reversed(edits):
            text = text[:start] + replacement + text[end:]
        return text

    def replace(self, start: int, end: int, replacement: str) -> None:
        """Put *replacement* in the place of a part of the text."""
        self._edits.append((start, end, replacement))

    def mapping(self, node: Any, old: dict[str, Tree], new: dict[str, Tree], depth: int) -> None:
        """Change the entries of a block map that differ."""
        column = node.value[0][0].start_mark.column
        present: set[str] = set()
        last = 0
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag == "tag:yaml.org,2002:merge" or not isinstance(key, str):
                raise CannotEditError
            present.add(key)
            end = self._end(key_node, value_node)
            last = max(last, end)
            if key not in new:
                self._remove(key_node.start_mark.index, end)
            elif not same(old[key], new[key]):
                self._value(key_node, value_node, key, old[key], new[key], depth)
        added = {key: value for key, value in new.items() if key not in present}
        if added:
            self._add(self._line_end(last), _indented(dumped(added, list_offset=self._offset), column))

    def _value(self, key_node: Any, node: Any, key: str, old: Tree, new: Tree, depth: int) -> None:
        if depth > 0 and node.start_mark.index > key_node.start_mark.index and not _is_flow(node):
            if isinstance(old, dict) and isinstance(new, dict) and old and new:
                return self.mapping(node, old, new, depth - 1)
            if isinstance(old, list) and isinstance(new, list) and old and new:
                return self._sequence(node, old, new, depth - 1)
        start, end = node.start_mark.index, node.end_mark.index
        if _is_inline(node) and start > key_node.end_mark.index and end > start:
            text = _inline(new, getattr(node, "style", None))
            if text is not None:
                return self.replace(start, end, text)
        entry = _indented(dumped({key: new}, list_offset=self._offset), key_node.start_mark.column)
        return self.replace(key_node.start_mark.index, self._end(key_node, node), entry.strip())

    def _sequence(self, node: Any, old: list[Tree], new: list[Tree], depth: int) -> None:
        nodes = node.value
        head = 0
        while head < min(len(old), len(new)) and same(old[head], new[head]):
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
            tail += 1
        changed = min(len(old), len(new)) - head - tail
        for index in range(head, head + changed):
            self._entry(nodes[index], old[index], new[index], depth)
        for index in range(head + changed, len(old) - tail):
            self._remove(self._dash(nodes[index]), _content_end(nodes[index], self._text))
        added = new[head + changed : len(new) - tail]
        if added:
            column = node.start_mark.column
            text = _indented(dumped(added, list_offset=0), column)
            before = head + changed
            if before:
                self._add(self._line_end(_content_end(nodes[before - 1], self._text)), text)
            else:
                line = self._line_start(self._dash(nodes[0]))
                self.replace(line, line, text)

    def _entry(self, node: Any, old: Tree, new: Tree, depth: int) -> None:
        if (
            depth > 0
            and not _is_flow(node)
            and isinstance(old, dict)
            and isinstance(new, dict)
            and old
            and new
        ):
            return self.mapping(node, old, new, depth - 1)
        if _is_inline(node):
            text = _inline(new, getattr(node, "style", None))
            if text is not None and node.end_mark.index > node.start_mark.index:
                return self.replace(node.start_mark.index, node.end_mark.index, text)
        dash = self._dash(node)
        entry = _indented(dumped([new], list_offset=0), dash - self._line_start(dash))
        return self.replace(dash, _content_end(node, self._text), entry.strip())

    def _remove(self, start: int, end: int) -> None:
        line = self._line_start(start)
        if self._text[line:start].strip():
            raise CannotEditError  # something else stands on the same line, such as a dash
        self.replace(line, min(self._line_end(end) + 1, len(self._text)), "")

    def _add(self, at: int, text: str) -> None:
        if at < len(self._text):
            self.replace(at + 1, at + 1, text)
        else:
            self.replace(at, at, "\n" + text)

    def _end(self, key_node: Any, value_node: Any) -> int:
        if value_node.start_mark.index < key_node.end_mark.index:
            # An alias: the node is the anchored one, elsewhere in the text.
            start = int(key_node.end_mark.index)
            line = self._text[start : self._line_end(start)]
            return start + len(line.split(" #")[0].rstrip())
        end = _content_end(value_node, self._text)
        # The place of an absent value can lie before the colon's end.
        return max(end, self._text.index(":", key_node.end_mark.index) + 1)

    def _dash(self, node: Any) -> int:
        start = int(node.start_mark.index)
        line = self._line_start(start)
        before = self._text[line:start]
        if before.strip() != "-":
            raise CannotEditError
        return line + before.index("-")

    def _line_start(self, index: int) -> int:
        return self._text.rfind("\n", 0, index) + 1

    def _line_end(self, index: int) -> int:
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found


def _composed(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).compose(text)


def _is_flow(node: Any) -> bool:
    return isinstance(node.value, str) or bool(node.flow_style)


def _is_inline(node: Any) -> bool:
    """Whether the node stands on one line and can be exchanged for another such one."""
    if isinstance(node.value, str) and node.style in {"|", ">"}:
        return False
    return _is_flow(node) and bool(node.start_mark.line == node.end_mark.line)


def _content_end(node: Any, text: str) -> int:
    """Where the last visible letter of *node* ends; the library counts what follows to block nodes."""
    if not isinstance(node.value, str) and not node.flow_style and node.value:
        last = node.value[-1]
        if isinstance(last, tuple):
            key, value = last
            colon: int = text.index(":", key.end_mark.index)
            if value.start_mark.index < key.start_mark.index:
                raise CannotEditError  # ends in an alias
            return max(_content_end(value, text), colon + 1)
        if last.start_mark.index < node.start_mark.index:
            raise CannotEditError
        return _content_end(last, text)
    start, end = node.start_mark.index, node.end_mark.index
    return int(start + len(text[start:end].rstrip()))


def inline_scalar(text: str) -> str:
    """*text* as a value on one line, quoted where it must be."""
    return _inline(text, None) or json.dumps(text, ensure_ascii=False)


def _inline(value: Tree, style: str | None) -> str | None:
    """*value* on one line, quoted as *style* says; None when it needs more lines."""
    if isinstance(value, str) and value.isprintable():
        if style == "'":
            return "'" + value.replace("'", "''") + "'"
        if style == '"':
            return json.dumps(value, ensure_ascii=False)
    if value in ([], {}):
        return "[]" if value == [] else "{}"
    if isinstance(value, dict | list) or (isinstance(value, str) and "\n" in value):
        return None
    text = dumped({"k": value}).rstrip("\n").removeprefix("k:").lstrip(" ")
    return None if "\n" in text else text or "null"


def _indented(text: str, column: int) -> str:
    space = " " * column
    return "".join(space + line if line.strip() else line for line in text.splitlines(keepends=True))


def _styled(value: Tree) -> Any:
    """*value* with quotes where a reader, ours or another, could mistake a text for something else."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, dict):
        return CommentedMap((_styled(key), _styled(entry)) for key, entry in value.items())
    if isinstance(value, list):
        return CommentedSeq(_styled(entry) for entry in value)
    if isinstance(value, str):
        if "\n" in value and _fits_a_block(value):
            return LiteralScalarString(value)
        if (
            not value.isprintable()
            or not isinstance(plain_scalar(value), str)
            or value.lower() in AMBIGUOUS_WORDS
        ):
            return DoubleQuotedScalarString(value)
    return value


def _fits_a_block(value: str) -> bool:
    """Whether a literal block keeps every character of *value*."""
    lines = value.split("\n")
    return (
        lines[0] != ""
        and not lines[0].startswith(" ")
        and not value.endswith("\n\n")
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )
