"""Writing files back: what people wrote survives (spec: state.md §1.9, §2, §16.8)."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.project._document import Document
from stackwright.project._editing import rendered, write_file
from stackwright.project._text_edits import same

YAML = Path("/p/Pulumi.dev.yaml")
FILES = Path(__file__).parent / "files"


def edited(text: str, **changes: Any) -> str:
    value = dict(Document(YAML, text).value or {})
    for key, entry in changes.items():
        if entry is None:
            del value[key]
        else:
            value[key] = entry
    return rendered(YAML, text, value)


class TestTrivia:
    def test_pair_of_files(self) -> None:
        """A file full of comments, quotes, blank lines and dates changes only where it has to."""
        before = (FILES / "edited.before.yaml").read_text()
        value = Document(YAML, before).value
        value["config"]["aws:region"] = "eu-central-1"
        value["config"]["shop:zones"].append("c")
        value["config"]["shop:quoted"] = "changed"
        del value["config"]["shop:old"]
        value["config"]["shop:new"] = {"deep": [True, "yes", "5", "a\nb\n"]}

        assert rendered(YAML, before, value) == (FILES / "edited.after.yaml").read_text()

    def test_no_change_no_difference(self) -> None:
        """A file that already says so is returned to the letter, however it is laid out."""
        text = "a:   1   # odd\n\n\nb: {x: 1,   y: 2}\n"

        assert edited(text) == text

    def test_new_keys_are_appended(self) -> None:
        """Keys that are there keep their place, new ones come last."""
        assert edited("b: 1\na: 2\n", c="x", b="z") == "b: z\na: 2\nc: x\n"

    def test_comments_alone(self) -> None:
        """A file of nothing but comments keeps them on top."""
        assert edited("# mine\n", a="x") == "# mine\na: x\n"

    def test_list_style_is_kept(self) -> None:
        """Lists are set in as the file's other lists are; in new files by two."""
        assert edited("a:\n- 1\n", b=["x"]) == "a:\n- 1\nb:\n- x\n"
        assert edited("a:\n  - 1\n", b=["x"]) == "a:\n  - 1\nb:\n  - x\n"
        assert edited("", b=["x"]) == "b:\n  - x\n"

    def test_an_alias_does_not_leak(self) -> None:
        """Changing an anchored value leaves its aliases' meaning alone."""
        text = "a: &x\n  k: 1\nb: *x\nc: 3 # kept\n"
        after = edited(text, a={"k": 2})

        assert Document(YAML, after).value == {"a": {"k": 2}, "b": {"k": 1}, "c": 3}

    def test_an_inherited_key_can_go(self) -> None:
        """A key that came through `<<` can be removed."""
        after = edited("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n", b={"l": 2})

        assert Document(YAML, after).value == {"a": {"k": 1, "l": 2}, "b": {"l": 2}}

    def test_json(self) -> None:
        """JSON files are written with four spaces."""
        path = Path("/p/Pulumi.json")

        assert rendered(path, '{"name":"x"}', {"name": "y"}) == '{\n    "name": "y"\n}\n'


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["yes", "0123", "1e3", "2020-01-01", "~", "", " x ", "a: b", "- c", "#d", "a\nb", "\n", "x\n\n"]
    )
)
_KEYS = st.sampled_from(["a", "b:c", "d e", "yes", "1", "-", "#", "null", "<<x"])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_MAPS = st.dictionaries(_KEYS, _TREES, max_size=4)


class TestRoundTrips:
    @settings(max_examples=150, deadline=None)
    @given(_MAPS, _MAPS)
    def test_any_edit_reads_back(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Whatever is written reads back as what was asked for, over whatever was there."""
        text = rendered(YAML, "", before)
        changed = rendered(YAML, text, {**before, **after})

        assert same(Document(YAML, changed).value or {}, {**before, **after})


class TestWriting:
    def test_directories_and_mode(self, tmp_path: Path) -> None:
        """Missing directories are created; new files are readable by all (state.md §1.9)."""
        path = tmp_path / "a" / "b" / "Pulumi.yaml"
        write_file(path, "x: 1\n")

        assert path.read_text() == "x: 1\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o644

    def test_permissions_stay(self, tmp_path: Path) -> None:
        """An existing file keeps its permissions, and a link stays a link."""
        target = tmp_path / "target.yaml"
        target.write_text("x: 1\n")
        target.chmod(0o600)
        link = tmp_path / "link.yaml"
        link.symlink_to(target)
        write_file(link, "x: 2\n")

        assert link.is_symlink()
        assert target.read_text() == "x: 2\n"
        assert stat.S_IMODE(target.stat().st_mode) == 0o600

    def test_nothing_is_left_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A failing write leaves the old file and no other."""
        path = tmp_path / "Pulumi.yaml"
        path.write_text("old")

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(OSError, match="No space"):
            write_file(path, "new")

        assert [entry.name for entry in tmp_path.iterdir()] == ["Pulumi.yaml"]
        assert path.read_text() == "old"
