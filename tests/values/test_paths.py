"""Property paths (protocol.md §5.3, engine.md E172, E173)."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from support.value_strategies import keys

from stackwright.values import (
    UNKNOWN,
    WILDCARD,
    InvalidPathError,
    OutputValue,
    PropertyPath,
    Secret,
    format_path,
    get_path,
    parse_path,
    path_contains,
)

paths = st.lists(keys | st.integers(0, 50), max_size=5).map(tuple)
patterns = st.lists(st.sampled_from([WILDCARD, "a", "b", 0]), max_size=4).map(tuple)


def has_no_spelling(path: PropertyPath) -> bool:
    """Whether this is the one case that the grammar cannot write (see `format_path`)."""
    keys = [str(key) for key in path]
    starts = [at for at, key in enumerate(keys) if key.endswith("\\") and ("." in key or "[" in key)]
    later = keys[starts[0] + 1 :] if starts else []
    return any(key.startswith("]") or '"]' in key for key in later)


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("", ()),
            ("a", ("a",)),
            ("a.b.c", ("a", "b", "c")),
            ("a[0].b", ("a", 0, "b")),
            ("[0]", (0,)),
            ("[0][1]", (0, 1)),
            ("a[-1]", ("a", -1)),
            ('["a.b"]', ("a.b",)),
            ('a["b c"].d', ("a", "b c", "d")),
            ('a["say \\"hi\\""]', ("a", 'say "hi"')),
            ('a["x\\y"]', ("a", "x\\y")),
            ('a["[0]"]', ("a", "[0]")),
            ('[""]', ("",)),
            ("a..b", ("a", "b")),
            ("a b-c/d]", ("a b-c/d]",)),
            ("root.nested", ("root", "nested")),
            ("#initerror", ("#initerror",)),
        ],
    )
    def test_forms(self, text: str, path: PropertyPath) -> None:
        """Names, indexes and quoted keys, in the spellings that E172 lists."""
        assert parse_path(text) == path

    @pytest.mark.parametrize("text", ["*", "[*]", '["*"]'])
    def test_wildcards(self, text: str) -> None:
        """Every spelling of the key `*` is the wildcard (E172)."""
        assert parse_path(text) == (WILDCARD,)

    @pytest.mark.parametrize(
        ("text", "position"),
        [
            (".a", 0),
            (".", 0),
            ("a.", 2),
            ("a[0", 1),
            ('a["b', 1),
            ('a["b"', 1),
            ('a["b"x]', 1),
            ("a[]", 2),
            ("a[b]", 2),
            ("a['b']", 2),
            ("a[1_0]", 2),
            ("a[ 1]", 2),
            ("a[\u0661]", 2),
            ("a[" + "9" * 5000 + "]", 2),
        ],
    )
    def test_errors_say_where(self, text: str, position: int) -> None:
        """What is not a path is an error with the text and the position (E172)."""
        with pytest.raises(InvalidPathError) as caught:
            parse_path(text)

        assert (caught.value.text, caught.value.position) == (text, position)
        assert f"position {position}" in caught.value.message

    def test_dot_before_bracket(self) -> None:
        """`.[` is what old providers write; only the strict reading refuses it (§5.3)."""
        assert parse_path("a.[0]") == ("a", 0)
        with pytest.raises(InvalidPathError):
            parse_path("a.[0]", strict=True)

    @given(paths)
    def test_round_trip(self, path: PropertyPath) -> None:
        """What `format_path` writes, `parse_path` reads, strictly too."""
        assume(not has_no_spelling(path))
        assert parse_path(format_path(path), strict=True) == path

    @given(st.lists(st.text('a.[]"\\', max_size=5), max_size=4).map(tuple))
    def test_round_trip_of_signs(self, path: PropertyPath) -> None:
        """Keys full of the grammar's own signs are read back too."""
        assume(not has_no_spelling(path))
        assert parse_path(format_path(path), strict=True) == path

    @given(st.text('ab.[]"\\*0-', max_size=12))
    @example("\\.]")
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        """Any text is a path, which then survives rewriting, or an `InvalidPathError`."""
        try:
            path = parse_path(text)
        except InvalidPathError as error:
            position = error.position
        else:
            position = 0
            assume(not has_no_spelling(path))
            assert parse_path(format_path(path)) == path
        assert 0 <= position <= len(text)

    def test_long_paths_take_linear_time(self) -> None:
        """Neither many elements nor many backslashes make reading slow."""
        with pytest.raises(InvalidPathError):
            parse_path('["' + '\\"' * 100_000)
        assert len(parse_path("a." * 50_000 + "a")) == 50_001


class TestFormatting:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ((), ""),
            (("a", 0, "b"), "a[0].b"),
            (("a.b", "c"), '["a.b"].c'),
            (("a", "b.c"), 'a["b.c"]'),
            (("a", WILDCARD, 1), "a[*][1]"),
            (("tags", "kubernetes.io/name"), 'tags["kubernetes.io/name"]'),
            (("größe",), "größe"),
        ],
    )
    def test_shortest_spelling(self, path: PropertyPath, text: str) -> None:
        """Names stand bare where they can, quoted where they must."""
        assert format_path(path) == text


class TestContainment:
    @pytest.mark.parametrize(
        ("pattern", "path", "contains"),
        [
            ("spec", "spec.a[0]", True),
            ("spec", "spec", True),
            ("spec.a", "spec", False),
            ("*", "anything", True),
            ("*", "", False),
            ("", "a", True),
            ("a[*].b", "a[3].b.c", True),
            ("a[*].b", "a.key.b", True),
            ("a[*].b", "a[3].c", False),
            ("a[0]", 'a["0"]', False),
        ],
    )
    def test_cases(self, pattern: str, path: str, contains: bool) -> None:
        """A path lies within a pattern that it begins with, wildcards standing for any element (E173)."""
        assert path_contains(parse_path(pattern), parse_path(path)) is contains

    @given(paths, paths)
    def test_every_path_contains_its_extensions(self, path: PropertyPath, more: PropertyPath) -> None:
        """A pattern contains itself and all below it; wildcards contain whatever is long enough (E173)."""
        assert path_contains(path, path + more)
        assert path_contains((WILDCARD,) * len(path), path + more)

    @given(patterns, paths, paths)
    def test_transitive(self, pattern: PropertyPath, path: PropertyPath, more: PropertyPath) -> None:
        """What contains a path contains everything within that path."""
        if path_contains(pattern, path):
            assert path_contains(pattern, path + more)


class TestGetting:
    VALUE = {"a": [{"b": 1}, Secret({"c": None})], "o": OutputValue(value={"x": 2}), "t": "text", "*": 7}

    @pytest.mark.parametrize(
        ("text", "found"),
        [("a[0].b", 1), ("a[1].c", None), ("o.x", 2), ("t", "text"), ("*", 7)],
    )
    def test_found(self, text: str, found: object) -> None:
        """Keys and indexes lead through maps, lists, secrets and output values (§5.3)."""
        assert get_path(self.VALUE, parse_path(text), "absent") == found

    @pytest.mark.parametrize(
        "text", ["b", "a[2]", "a[-1]", "a.b", "t.x", "t[0]", "a[0][0]", "a[*].b", "a[0].b.c"]
    )
    def test_not_found(self, text: str) -> None:
        """A missing key, an index out of range or no container at all gives the default (§5.3)."""
        assert get_path(self.VALUE, parse_path(text), "absent") == "absent"

    def test_secret_found_stays_secret(self) -> None:
        """The value is returned as it stands; the empty path is the value itself."""
        secret = Secret("s")

        assert get_path({"a": secret}, ("a",)) is secret
        assert get_path(secret, ()) is secret
        assert get_path(UNKNOWN, ("a",), "absent") == "absent"
