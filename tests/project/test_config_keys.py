"""Configuration keys and paths (spec: state.md §3.1, §3.2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.project import (
    ConfigError,
    ConfigKey,
    format_config_path,
    parse_config_key,
    parse_config_path,
)


class TestKeys:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("aws:region", ConfigKey("aws", "region")),
            ("aws:config:region", ConfigKey("aws", "region")),
            ("size", ConfigKey("shop", "size")),
            ("shop:size", ConfigKey("shop", "size")),
        ],
    )
    def test_forms(self, text: str, key: ConfigKey) -> None:
        """Keys have a namespace; the historical form and the bare form are understood (state.md §3.1)."""
        assert parse_config_key(text, project="shop") == key

    @pytest.mark.parametrize("text", ["", ":", "a:", ":b", "a:b:c", "a:config:b:c"])
    def test_no_keys(self, text: str) -> None:
        """Anything else is refused with the form that is expected."""
        with pytest.raises(ConfigError, match="is not a configuration key") as caught:
            parse_config_key(text, project="shop")
        assert "<namespace>:<name>" in str(caught.value.hint)

    def test_a_bare_name_needs_a_project(self) -> None:
        """Without a project a key must be written in full."""
        with pytest.raises(ConfigError):
            parse_config_key("size")

    def test_order(self) -> None:
        """Keys sort by namespace, then by name (state.md §3.1)."""
        keys = [parse_config_key(text) for text in ("b:a", "a:z", "a:b", "a-b:a", "a:B")]

        assert [str(key) for key in sorted(keys)] == ["a:B", "a:b", "a:z", "a-b:a", "b:a"]

    def test_shown(self) -> None:
        """People see the project's own keys without the namespace (state.md §3.1)."""
        assert ConfigKey("shop", "size").shown("shop") == "size"
        assert ConfigKey("aws", "region").shown("shop") == "aws:region"

    @given(st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True), st.from_regex(r"[^:]{1,8}", fullmatch=True))
    def test_round_trip(self, namespace: str, name: str) -> None:
        """A key's text means the key."""
        key = ConfigKey(namespace, name)
        assert parse_config_key(str(key)) == key


class TestPaths:
    @pytest.mark.parametrize(
        ("text", "key", "path"),
        [
            ("a", "shop:a", ()),
            ("aws:a", "aws:a", ()),
            ("a.b", "shop:a", ("b",)),
            ("a[0]", "shop:a", (0,)),
            ("a.b[1].c", "shop:a", ("b", 1, "c")),
            ("a[0][1]", "shop:a", (0, 1)),
            ('a["b.c"]', "shop:a", ("b.c",)),
            ('a["b \\" c"].d', "shop:a", ('b " c', "d")),
            ('["a.b"].c', "shop:a.b", ("c",)),
            ("aws:tags.x:y", "aws:tags", ("x:y",)),
            ('a[""]', "shop:a", ("",)),
        ],
    )
    def test_grammar(self, text: str, key: str, path: tuple[str | int, ...]) -> None:
        """Only the first segment is a key; the rest leads into the value (state.md §3.2)."""
        found, rest = parse_config_path(text, project="shop")

        assert (str(found), rest) == (key, path)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "must not be empty"),
            ("[0]", "starts with an index"),
            ("a.", "character 2: a name must follow the dot"),
            ("a.[0]", "character 2: a name must follow the dot"),
            ("a..b", "character 2: a name must follow the dot"),
            (".a", "character 1: a name must follow the dot"),
            ("a[-1]", "an index must not be negative"),
            ("a[b]", "character 3: brackets hold an index"),
            ("a[*]", "brackets hold an index"),
            ("a[0", "and are closed"),
            ('a["b]', "and are closed"),
            ("a[0]b", "character 5: a dot or a bracket must follow"),
        ],
    )
    def test_malformed(self, text: str, words: str) -> None:
        """What breaks the grammar is told with its place."""
        with pytest.raises(ConfigError) as caught:
            parse_config_path(text, project="shop")
        assert words in caught.value.message

    @settings(max_examples=100)
    @given(st.lists(st.text(min_size=0, max_size=6) | st.integers(min_value=0, max_value=99), max_size=4))
    def test_round_trip(self, path: list[str | int]) -> None:
        """A formatted path reads back as the path."""
        text = format_config_path(tuple(path))
        text = f"key.{text}" if text and not text.startswith("[") else f"key{text}"

        assert parse_config_path(text, project="shop") == (ConfigKey("shop", "key"), tuple(path))
