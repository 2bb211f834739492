"""Which store a URL means (state.md §11.1)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stackwright import state
from stackwright.state import MemoryStore, SqliteStore, StoreUrlError, open_store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of the test's own."""
    monkeypatch.setenv("STACKWRIGHT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("url", [None, "", "sqlite://", "sqlite:"])
def test_the_default_is_a_file_of_the_users(home: Path, url: str | None) -> None:
    """Nothing, and `sqlite://` without a path, mean the database in the user's own directory."""
    store = open_store(url)

    assert isinstance(store, SqliteStore)
    assert store.path == home / "state.db"
    store.close()


def test_a_file_by_name(tmp_path: Path) -> None:
    """A path may be given, with spaces encoded; the store's URL leads back to it."""
    store = open_store(f"sqlite://{tmp_path}/a%20b/state.db?synchronous=full")
    again = open_store(store.url)

    assert isinstance(again, SqliteStore)
    assert again.path == tmp_path / "a b" / "state.db"
    assert again.url == store.url
    store.close()
    again.close()


def test_memory() -> None:
    """`memory://` is a new store each time."""
    store = open_store("memory://")
    assert isinstance(store, MemoryStore)
    store.create(state.StackName("organization", "p", "s"))

    assert open_store("memory://").stacks() == []
    assert open_store("mem://").url == "memory://"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("file://~", "Pulumi's file layout"),
        ("file:///srv/state", "Pulumi's file layout"),
        ("s3://bucket/prefix?region=x", "Amazon S3"),
        ("gs://bucket", "Google Cloud Storage"),
        ("azblob://container", "Azure Blob Storage"),
        ("postgres://user:hush@host/db", "PostgreSQL"),
        ("https://api.example.com", "Pulumi Cloud"),
    ],
)
def test_kinds_that_come_later(url: str, named: str) -> None:
    """A kind that a later release brings is named, with what works now, and without the URL's credentials."""
    with pytest.raises(StoreUrlError, match=f"{named} .* come with a later release") as caught:
        open_store(url)
    assert "stackwright login --local" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://user:hush@x", "nonsense", "/just/a/path"])
def test_what_is_no_store(url: str) -> None:
    """Any other URL is refused with the kinds that there are."""
    with pytest.raises(StoreUrlError, match="no kind of store") as caught:
        open_store(url)
    assert "sqlite://" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["sqlite:///folder/", "sqlite://~", "sqlite:///x?y=1", "sqlite:///x?synchronous=off"]
)
def test_urls_that_name_no_file(url: str) -> None:
    """A folder, or an option that there is not, is refused."""
    with pytest.raises(StoreUrlError):
        open_store(url)


def test_records_cost_no_storage() -> None:
    """Whoever only needs records loads neither SQLite nor asyncio."""
    code = "import sys, stackwright.state; print({'sqlite3', 'asyncio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_every_public_name_is_there() -> None:
    """The front door has what it lists."""
    for name in state.__all__:
        assert getattr(state, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = state.Nothing  # type: ignore[attr-defined]
