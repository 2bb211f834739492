"""
Read a YAML or JSON file into plain values, and say where in the text each is.

A document is read once into dictionaries, lists, strings, numbers, booleans and
None. Positions are worked out only when a problem has to be shown. What the
values mean is decided by the callers; writing is `_editing`'s work.

Limits: files come from outside, so their size, their depth and what aliases
expand to are bounded.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stackwright.project._plain_yaml import read_plain_yaml
from stackwright.project._problems import FileProblemsError, Position, Problem
from stackwright.project._scalars import plain_scalar

if TYPE_CHECKING:
    from pathlib import Path

Tree: TypeAlias = Any
"""None, bool, int, float, str, list of trees, or dict of str to tree."""

Steps = tuple[str | int, ...]
"""The way to a value: mapping keys and list indices from the top."""

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_VALUES: Final = 100_000
MAX_DEPTH: Final = 100

_TAGGED: Final = re.compile(r"(?:&\S+\s+)?!")


class Document:
    """
    The content of one file.

    Attributes:
        path: The file.
        text: Its text, without byte-order mark.
        value: Its content as plain values; None for an empty file.
    """

    __slots__ = ("_error", "_places", "path", "text", "value")

    def __init__(self, path: Path, text: str, *, error: type[FileProblemsError] = FileProblemsError) -> None:
        """
        Raises:
            FileProblemsError: Of the class *error*: the text is not well-formed,
                or too large.
        """
        self.path = path
        self.text = text
        self._error = error
        self._places: dict[Steps, tuple[Position, Position]] | None = None
        if len(text) > MAX_BYTES:
            raise error(path, [Problem(f"the file is larger than {MAX_BYTES // 2**20} MiB")])
        self.value: Tree = self._parse()

    @property
    def is_json(self) -> bool:
        """Whether the file's name says that it is JSON."""
        return self.path.suffix == ".json"

    def position(self, steps: Steps, *, key: bool = False) -> Position | None:
        """
        Where the value at *steps* starts; with *key*, where its key does.

        Where there is no such value, the nearest one around it answers.
        """
        if self._places is None:
            self._places = {}
            _Composed(
                self.path, self.text.replace("\t", " ") if self.is_json else self.text, self._error
            ).walk(self._places)
        while steps not in self._places and steps:
            steps = steps[:-1]
        found = self._places.get(steps)
        return None if found is None else found[0 if key else 1]

    def _parse(self) -> Tree:
        if self.is_json:
            return self._parse_json()
        plain = read_plain_yaml(self.text)
        if plain is not None:
            return plain
        return _Composed(self.path, self.text, self._error).walk({})

    def _parse_json(self) -> Tree:
        if not self.text.strip():
            return None
        try:
            return json.loads(self.text, object_pairs_hook=_without_duplicates)
        except json.JSONDecodeError as problem:
            where = Position(problem.lineno, problem.colno)
            raise self._error(self.path, [Problem(f"this is not valid JSON: {problem.msg}", where)]) from None
        except _DuplicateKeyError as problem:
            # JSON's reader knows no positions; the composer finds the same duplicate and does.
            _Composed(self.path, self.text.replace("\t", " "), self._error).walk({})
            raise self._error(self.path, [Problem(f"the key `{problem}` appears twice")]) from None
        except RecursionError:
            raise self._error(self.path, [Problem("values are nested too deeply")]) from None


def read_document(path: Path, *, error: type[FileProblemsError] = FileProblemsError) -> Document:
    """
    Read and parse the file *path*.

    Raises:
        FileNotFoundError: There is no such file.
        FileProblemsError: Of the class *error*: it cannot be read, is not UTF-8 text,
            or is malformed.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise error(path, [Problem(f"the file cannot be read: {reason}")]) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        column = problem.start - (data.rfind(b"\n", 0, problem.start) + 1) + 1
        raise error(
            path,
            [
                Problem(
                    "the file is not UTF-8 text",
                    Position(line, column),
                    "Save the file in the UTF-8 encoding",
                )
            ],
        ) from None
    return Document(path, text, error=error)


class _DuplicateKeyError(Exception):
    pass


def _without_duplicates(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return mapping


class _Composed:
    """One walk over the nodes that the YAML library finds in a text."""

    def __init__(self, path: Path, text: str, error: type[FileProblemsError]) -> None:
        self._path = path
        self._text = text
        self._error = error
        self._values = 0
        self._open: set[int] = set()

    def walk(self, places: dict[Steps, tuple[Position, Position]]) -> Tree:
        """The document's value; *places* receives where each key and value starts."""
        root = self._compose()
        if root is None:
            return None
        self._places = places
        start = _position(root.start_mark)
        places[()] = (start, start)
        return self._value(root, ())

    def _compose(self) -> Any:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        try:
            return YAML(typ="safe", pure=True).compose(self._text)
        except MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            words = ", ".join(str(part) for part in (problem.context, problem.problem) if part)
            raise self._failure(f"this is not valid YAML: {words}", mark) from None
        except YAMLError as problem:
            first_line = str(problem).strip().splitlines()[0]
            raise self._failure(f"this is not valid YAML: {first_line}", None) from None
        except RecursionError:
            raise self._failure("values are nested too deeply", None) from None

    def _failure(self, message: str, mark: Any, hint: str | None = None) -> FileProblemsError:
        return self._error(self._path, [Problem(message, _position(mark) if mark else None, hint)])

    def _value(self, node: Any, steps: Steps) -> Tree:
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._failure(f"the file holds more than {MAX_VALUES:,} values", node.start_mark)
        if len(steps) > MAX_DEPTH:
            raise self._failure("values are nested too deeply", node.start_mark)
        if isinstance(node.value, str):
            return node.value if self._is_text(node) else plain_scalar(node.value)
        if id(node) in self._open:
            raise self._failure("a value contains itself through an alias", node.start_mark)
        self._open.add(id(node))
        try:
            if node.value and isinstance(node.value[0], tuple):
                return self._mapping(node, steps)
            if node.tag == "tag:yaml.org,2002:map" and not node.value:
                return {}
            return [self._place(entry, entry, (*steps, index)) for index, entry in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _is_text(self, node: Any) -> bool:
        if node.style in {"'", '"', "|", ">"}:
            return True
        if not _TAGGED.match(self._text, node.start_mark.index):
            return False
        return node.tag not in {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")}

    def _place(self, key_node: Any, node: Any, steps: Steps) -> Tree:
        self._places[steps] = (_position(key_node.start_mark), _position(node.start_mark))
        return self._value(node, steps)

    def _mapping(self, node: Any, steps: Steps) -> dict[str, Tree]:
        mapping: dict[str, Tree] = {}
        inherited: list[Any] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node.value, str):
                raise self._failure("a key must be a single word or text", key_node.start_mark)
            key = key_node.value
            if key_node.tag == "tag:yaml.org,2002:merge":
                inherited.append(value_node)
                continue
            if key in mapping:
                raise self._failure(
                    f"the key `{key}` appears twice", key_node.start_mark, "Remove or rename one of the two"
                )
            mapping[key] = self._place(key_node, value_node, (*steps, key))
        for source in inherited:
            self._merge(mapping, source, steps)
        return mapping

    def _merge(self, mapping: dict[str, Tree], source: Any, steps: Steps) -> None:
        # What a mapping says itself wins over what it inherits; of several sources the first wins.
        sources = source.value if source.tag == "tag:yaml.org,2002:seq" else [source]
        for one in sources:
            if one.tag != "tag:yaml.org,2002:map":
                raise self._failure("`<<` must be given a map, or a list of maps", one.start_mark)
            places = self._places
            self._places = {}
            inherited = self._value(one, steps)
            self._places = places
            for key, value in inherited.items():
                mapping.setdefault(key, value)


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)
