"""Reading YAML and JSON: values, limits, positions, malformed files (spec: state.md §1.2, §3.3)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stackwright.project._document import MAX_BYTES, Document, _Composed, read_document
from stackwright.project._plain_yaml import read_plain_yaml
from stackwright.project._problems import FileProblemsError, Position
from stackwright.project._scalars import plain_scalar


def read(text: str, name: str = "Pulumi.yaml") -> Any:
    return Document(Path("/p") / name, text).value


def by_library(text: str) -> Any:
    return _Composed(Path("/p/Pulumi.yaml"), text, FileProblemsError).walk({})


def problem_of(text: str, name: str = "Pulumi.yaml") -> tuple[str, Position | None]:
    with pytest.raises(FileProblemsError) as caught:
        read(text, name)
    (problem,) = caught.value.problems
    return problem.message, problem.position


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("", None),
            ("~", None),
            ("null", None),
            ("true", True),
            ("False", False),
            ("yes", "yes"),
            ("5", 5),
            ("-5", -5),
            ("1_000", 1000),
            ("0123", 83),
            ("0o17", 15),
            ("089", 89.0),
            ("0x1F", 31),
            ("0b101", 5),
            ("1.5", 1.5),
            ("1e3", 1000.0),
            (".inf", math.inf),
            ("18446744073709551616", 18446744073709551616.0),
            ("2020-01-01", "2020-01-01"),
            ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00Z"),
            ("1.2.3", "1.2.3"),
            ("us-west-2", "us-west-2"),
        ],
    )
    def test_meaning(self, text: str, value: object) -> None:
        """Unquoted words have the compatible tool's types; dates stay text (state.md §3.3)."""
        assert plain_scalar(text) == value
        assert type(plain_scalar(text)) is type(value)
        assert read(f"a: {text}\n") == {"a": value}
        assert by_library(f"a: {text}\n") == {"a": value}

    def test_quotes_make_text(self) -> None:
        """Quoted words and blocks are text whatever they look like."""
        assert read("a: '5'\nb: \"true\"\nc: |\n  1\nd: >-\n  2\n") == {
            "a": "5",
            "b": "true",
            "c": "1\n",
            "d": "2",
        }

    def test_explicit_tags(self) -> None:
        """A tag decides where a word alone would not."""
        assert read("a: !!str 5\nb: !!int 5\nc: !custom 5\nd: &x !!str 1\n") == {
            "a": "5",
            "b": 5,
            "c": "5",
            "d": "1",
        }


class TestYaml:
    def test_byte_order_mark(self, tmp_path: Path) -> None:
        """A byte-order mark is removed (state.md §1.2)."""
        path = tmp_path / "Pulumi.yaml"
        path.write_bytes(b"\xef\xbb\xbfname: x\n")

        assert read_document(path).value == {"name": "x"}

    def test_aliases_and_merges(self) -> None:
        """Aliases repeat a value, `<<` inherits what a map does not say itself."""
        assert read("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n") == {
            "a": {"x": 1, "y": 2},
            "b": {"y": 3, "x": 1},
        }

    def test_keys_are_text(self) -> None:
        """Keys that read as numbers are text as well."""
        assert read("1: a\n'2': b\n") == {"1": "a", "2": "b"}

    @pytest.mark.parametrize(
        ("text", "words", "position"),
        [
            ("name: x\n  bad: [1\n", "not valid YAML", Position(2, 6)),
            ("name: [1\nb: 2\n", "not valid YAML", Position(2, 2)),
            ("name: x\nname: y\n", "the key `name` appears twice", Position(2, 1)),
            ("a:\n  b: 1\n  b: 2\n", "the key `b` appears twice", Position(3, 3)),
            ("name: *unknown\n", "not valid YAML", Position(1, 7)),
            ("\tname: x\n", "not valid YAML", Position(1, 1)),
            ("a: 1\n---\nb: 2\n", "not valid YAML", Position(2, 1)),
            ("a: &a [*a]\n", "contains itself", Position(1, 4)),
            ("? [a]\n: b\n", "a key must be a single word", Position(1, 3)),
            ("a:\n  <<: 5\n", "`<<` must be given a map", Position(2, 7)),
        ],
    )
    def test_malformed(self, text: str, words: str, position: Position) -> None:
        """What cannot be read is told with its line and column."""
        message, where = problem_of(text)

        assert words in message
        assert where == position

    def test_control_characters(self) -> None:
        """Bytes that are no text at all are refused."""
        message, _ = problem_of("name: \x00\n")

        assert "not valid YAML" in message

    def test_not_utf8(self, tmp_path: Path) -> None:
        """A file in another encoding is told with the place of the first foreign byte."""
        path = tmp_path / "Pulumi.yaml"
        path.write_bytes(b"name: x\ndescription: caf\xe9\n")

        with pytest.raises(FileProblemsError) as caught:
            read_document(path)

        assert caught.value.problems[0].position == Position(2, 17)
        assert "UTF-8" in str(caught.value)

    def test_unreadable(self, tmp_path: Path) -> None:
        """A file that is none is told as such."""
        with pytest.raises(FileProblemsError, match="cannot be read"):
            read_document(tmp_path)

    def test_too_large(self) -> None:
        """Size is bounded."""
        assert "larger than" in problem_of("a" * (MAX_BYTES + 1))[0]

    def test_too_deep(self) -> None:
        """Depth is bounded, whether the library survives it or not."""
        assert "nested too deeply" in problem_of("[" * 150 + "]" * 150)[0]
        assert "nested too deeply" in problem_of("[" * 5000 + "]" * 5000)[0]

    def test_too_much(self) -> None:
        """What aliases expand to is bounded."""
        bomb = "a0: &a0 [x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
        )

        assert "more than" in problem_of(bomb)[0]


class TestJson:
    def test_values(self) -> None:
        """A `.json` file is JSON, tabs and all."""
        assert read('{\n\t"name": "x",\n\t"n": [1, true, null]}', "Pulumi.json") == {
            "name": "x",
            "n": [1, True, None],
        }

    @pytest.mark.parametrize(
        ("text", "words", "position"),
        [
            ('{\n\t"name": x\n}', "not valid JSON", Position(2, 10)),
            ('{\n\t"a": 1,\n\t"a": 2\n}', "appears twice", Position(3, 2)),
        ],
    )
    def test_malformed(self, text: str, words: str, position: Position) -> None:
        """What cannot be read is told with its line and column."""
        message, where = problem_of(text, "Pulumi.json")

        assert words in message
        assert where == position

    def test_too_deep(self) -> None:
        """Depth is bounded."""
        assert "nested too deeply" in problem_of("[" * 100_000, "Pulumi.json")[0]

    def test_positions(self) -> None:
        """Positions count characters, a tab as one."""
        document = Document(Path("/p/Pulumi.json"), '{\n\t"a": {\n\t\t"b": 1}}')

        assert document.position(("a", "b")) == Position(3, 8)
        assert document.position(("a", "b"), key=True) == Position(3, 3)


class TestPositions:
    def test_nearest(self) -> None:
        """Where a value is missing, the nearest one around it answers."""
        document = Document(Path("/p/Pulumi.yaml"), "a:\n  b: 1\n")

        assert document.position(("a", "b")) == Position(2, 6)
        assert document.position(("a", "b"), key=True) == Position(2, 3)
        assert document.position(("a", "x", "y"), key=True) == Position(1, 1)
        assert document.position(()) == Position(1, 1)

    def test_empty(self) -> None:
        """An empty file has no places."""
        assert Document(Path("/p/Pulumi.yaml"), "").position(("a",)) is None


class TestPlainReader:
    """The fast reader gives the library's answer, or none."""

    def test_an_ordinary_file(self) -> None:
        """What projects and stacks usually look like is read without the library."""
        text = (
            "# a project\nname: quickstart\nruntime:\n  name: python\n  options:\n    toolchain: pip\n"
            "description: A thing  # nice\nconfig:\n  aws:region: us-west-2\n  quickstart:size: 3\n"
            '  quickstart:text: "5"\n'
            "  secret:\n    secure: v1:abc:def==\n  zones:\n  - a\n  - -1\n  none: []\n"
        )

        assert read_plain_yaml(text) == by_library(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "just a word",
            "a: 1\na: 2",
            "a: |\n  x",
            "a: [1]",
            "a: &x 1",
            "a: b: c",
            "a: 'it''s'",
            'a: "\\n"',
            "a: 1\n b: 2",
            "a:\n  b: 1\n c: 2",
            "a: x\n  y",
            "- a",
            "a: - b",
            "a:\n- b: 1",
            "a: !!str 1",
            "%YAML 1.2\n---\na: 1",
            "a: 1\n...",
            "a: 1\n---\nb: 1",
            "\ta: 1",
            "a:\tb",
            "a: \x85",
            "a:b",
            "'a': 1",
            "a: @b",
            "a: %b",
            "a: x:",
        ],
    )
    def test_anything_else_is_left_to_the_library(self, text: str) -> None:
        """The reader gives up rather than guess."""
        assert read_plain_yaml(text) is None

    @settings(max_examples=300)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["", "  ", "    "]),
                st.sampled_from(["a: ", "b:", "a:b: ", "- ", "# ", "", "c_d: ", "-", "a : "]),
                st.text(alphabet="ab 01:#-'\"_.,x", max_size=8),
            ),
            max_size=8,
        ).map(lambda lines: "\n".join("".join(line) for line in lines))
    )
    @example("a: x #")
    @example("a:\n- b\n-")
    @example("a: - b")
    @example("a: b #c: d")
    @example("a:  # c\n  b: 1\n")
    @example("---\na: 1")
    def test_agrees(self, text: str) -> None:
        """Whatever the fast reader accepts, the library reads alike."""
        plain = read_plain_yaml(text)

        assert plain is None or repr(plain) == repr(by_library(text))
