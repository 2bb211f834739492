"""Schemas on disk (terraform.md §7.8)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stackwright.providers.terraform import SchemaCache
from stackwright.providers.terraform._cache import KeptSchema
from stackwright.providers.terraform._memory import LIMIT, ValidConfigurations

SCHEMA = KeptSchema(5, b"schema", b"identities")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "provider"
    path.write_bytes(b"version 1")
    return path


@pytest.fixture
def cache(tmp_path: Path) -> SchemaCache:
    return SchemaCache(tmp_path / "cache")


def test_kept_for_as_long_as_the_program_stays(cache: SchemaCache, program: Path, tmp_path: Path) -> None:
    assert cache.load(program) is None
    cache.keep(program, SCHEMA)

    assert cache.load(program) == SCHEMA
    assert SchemaCache(tmp_path / "cache").load(program) == SCHEMA


def test_another_program_in_its_place_has_another_schema(cache: SchemaCache, program: Path) -> None:
    cache.keep(program, SCHEMA)
    program.write_bytes(b"version 2, and longer")

    assert cache.load(program) is None


def test_a_copy_and_a_link_share_it(cache: SchemaCache, program: Path, tmp_path: Path) -> None:
    """It is the content that counts, not the way there."""
    cache.keep(program, SCHEMA)
    (tmp_path / "link").symlink_to(program)
    (tmp_path / "copy").write_bytes(program.read_bytes())

    assert cache.load(tmp_path / "link") == SCHEMA
    assert cache.load(tmp_path / "copy") == SCHEMA


def test_a_large_program_is_hashed_once(
    cache: SchemaCache, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep(program, SCHEMA)
    monkeypatch.setattr("hashlib.file_digest", None)

    assert cache.load(program) == SCHEMA


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize(
    "damage",
    [_truncate, lambda path: path.write_bytes(b"?"), lambda path: path.write_bytes(b""), Path.unlink],
    ids=["truncated", "garbage", "empty", "gone"],
)
@pytest.mark.parametrize("what", ["*.schema.z", "sums/*"])
def test_what_is_damaged_is_not_there(
    cache: SchemaCache, program: Path, tmp_path: Path, damage: Callable[[Path], None], what: str
) -> None:
    cache.keep(program, SCHEMA)
    for path in (tmp_path / "cache").glob(what):
        damage(path)

    assert cache.load(program) == (SCHEMA if what == "sums/*" else None)


def test_a_folder_that_cannot_be_written_only_costs_time(program: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = SchemaCache(tmp_path / "file")
    cache.keep(program, SCHEMA)

    assert cache.load(program) is None
    assert cache.load(tmp_path / "missing") is None


def test_nothing_half_written_stays_behind(cache: SchemaCache, program: Path, tmp_path: Path) -> None:
    cache.keep(program, SCHEMA)

    assert not list((tmp_path / "cache").rglob(".new-*"))
    assert len(list((tmp_path / "cache").iterdir())) == 2


class TestValidConfigurations:
    """terraform.md §5.3: what a program had nothing to say about is not asked again."""

    def opened(self, cache: SchemaCache, program: Path) -> ValidConfigurations:
        return ValidConfigurations(lambda: cache.validated(program))

    def kept(self, cache: SchemaCache, program: Path, *configs: bytes) -> None:
        valid = self.opened(cache, program)
        for config in configs:
            valid.keep("a_thing", config)
        data, anew = valid.news()
        cache.keep_validated(program, data, anew=anew)

    def test_known_by_type_and_words(self, cache: SchemaCache, program: Path) -> None:
        self.kept(cache, program, b"one", b"two")
        self.kept(cache, program, b"two", b"three")
        valid = self.opened(cache, program)

        assert [valid.knows("a_thing", each) for each in (b"one", b"two", b"three", b"four")] == [
            *[True] * 3,
            False,
        ]
        assert not valid.knows("another_thing", b"one")
        assert len(cache.validated(program)) == 3 * 16

    def test_another_program_knows_nothing(self, cache: SchemaCache, program: Path) -> None:
        self.kept(cache, program, b"one")
        program.write_bytes(b"version 2, and longer")

        assert not self.opened(cache, program).knows("a_thing", b"one")

    def test_what_was_cut_off_does_no_harm(self, cache: SchemaCache, program: Path) -> None:
        self.kept(cache, program, b"one", b"two")
        cache.keep_validated(program, cache.validated(program)[:-5], anew=True)
        valid = self.opened(cache, program)

        assert valid.knows("a_thing", b"one")
        assert not valid.knows("a_thing", b"two")

    def test_it_does_not_grow_for_ever(self, cache: SchemaCache, program: Path) -> None:
        many = b"".join(at.to_bytes(16, "big") for at in range(LIMIT))
        cache.keep_validated(program, many, anew=True)
        self.kept(cache, program, b"one")

        assert len(cache.validated(program)) == 16
        assert self.opened(cache, program).knows("a_thing", b"one")

    def test_nothing_is_remembered_without_a_place(self) -> None:
        assert not ValidConfigurations().remembers
