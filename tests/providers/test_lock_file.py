"""`stackwright.lock` (terraform.md §7.4, §7.6; design.md §5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.providers._lock_file import (
    LockedPlugin,
    LockedProvider,
    LockFileError,
    LockMismatchError,
    check_hashes,
    pins_for,
    read_lock_file,
    with_pins,
    write_lock_file,
)

AWS = LockedProvider(
    address="registry.terraform.io/hashicorp/aws",
    version="5.100.0",
    constraints="~> 5.0",
    hashes=("zh:b", "h1:a"),
    schema="sha256:c",
)
RANDOM = LockedPlugin(name="random", version="4.18.0", hashes=("h1:x",))


def test_written_and_read(tmp_path: Path) -> None:
    """Both families, in an order that does not depend on how they came; nothing is lost."""
    lock = read_lock_file(tmp_path).with_plugin(RANDOM).with_provider(AWS)
    write_lock_file(lock)
    again = read_lock_file(tmp_path)

    assert again.provider(AWS.address) == LockedProvider(
        address=AWS.address,
        version="5.100.0",
        constraints="~> 5.0",
        hashes=("h1:a", "zh:b"),
        schema="sha256:c",
    )
    assert again.plugin("resource", "random") == RANDOM
    assert again.plugin("resource", "random", "1.0.0") is None
    before = (tmp_path / "stackwright.lock").read_text()
    write_lock_file(again)
    assert (tmp_path / "stackwright.lock").read_text() == before
    assert before.startswith("# Which providers this project runs")


def test_entries_are_replaced_and_removed(tmp_path: Path) -> None:
    """One entry for an address, and for a plugin's version."""
    lock = read_lock_file(tmp_path).with_provider(AWS).with_plugin(RANDOM)
    newer = LockedProvider(address=AWS.address, version="6.0.0")
    assert lock.with_provider(newer).providers == (newer,)
    assert lock.without_provider(AWS.address).providers == ()
    assert lock.without_plugin("resource", "random").plugins == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2\n", "Update Stackwright"),
        ("", "Update Stackwright"),
        ("version = ", "damaged"),
        ("version = 1\n[[provider]]\nversion = 1\n", "damaged"),
        ("version = 1\n[[provider]]\naddress = 'a'\n", "damaged"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    """A lock file that says something unknown pins nothing, so nothing may run."""
    (tmp_path / "stackwright.lock").write_text(text)
    with pytest.raises(LockFileError) as caught:
        read_lock_file(tmp_path)
    assert said in str(caught.value)


def test_a_mismatch_shows_both_sides(tmp_path: Path) -> None:
    """What is pinned, what was found, and how to accept it; nothing is hashed where nothing is pinned."""
    with pytest.raises(LockMismatchError) as caught:
        check_hashes("The plugin x", tmp_path / "stackwright.lock", pinned=["h1:a"], found=lambda: ["h1:b"])
    assert "stackwright.lock pins" in str(caught.value)
    assert "h1:a" in str(caught.value)
    assert "h1:b" in str(caught.value)
    check_hashes("The plugin x", None, pinned=["h1:a", "h1:b"], found=lambda: ["h1:b"])
    check_hashes("The plugin x", None, pinned=[], found=lambda: pytest.fail("asked"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The error says which file."""
    lock = read_lock_file(tmp_path / "missing").with_provider(AWS)
    with pytest.raises(LockFileError, match="cannot be written"):
        write_lock_file(lock)


def test_hashes_of_one_platform() -> None:
    """issue 5: those of others do not count here, and stay; old ones without a name count everywhere."""
    hashes = ("h1:old", "linux-amd64 h1:a", "darwin-arm64 h1:b")
    assert pins_for(hashes, "linux-amd64") == ("h1:old", "h1:a")
    assert pins_for(hashes, "linux-arm64") == ("h1:old",)
    assert with_pins(hashes, ["h1:old", "h1:a", "h1:c"], "linux-amd64") == (*hashes, "linux-amd64 h1:c")
