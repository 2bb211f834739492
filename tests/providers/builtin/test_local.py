"""The embedded package `local`: names and values of Terraform's `local`, without its surprises."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.embedded import Driver, invoke, run

from stackwright.diagnostics import Severity
from stackwright.providers import DiffChanges, ProviderError, builtin
from stackwright.providers.builtin.local import _disk
from stackwright.values import UNKNOWN, DiffKind, Secret, Unknown

FILE = "local:index/file:File"
SENSITIVE = "local:index/sensitiveFile:SensitiveFile"
DIRECTORY = "local:index/directory:Directory"


@pytest.fixture
def files() -> Driver:
    return Driver(FILE)


@pytest.fixture
def directories() -> Driver:
    return Driver(DIRECTORY)


@pytest.fixture(autouse=True)
def usual_mask() -> Iterator[None]:
    """Permissions depend on the process's mask; here it is the usual one."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFile:
    def test_outputs(self, files: Driver, tmp_path: Path) -> None:
        """Every hash of the contents is there, and the id is the SHA-1."""
        path = tmp_path / "deep" / "er" / "file"
        made = files.create(filename=str(path), content="héllo")
        data = "héllo".encode()
        assert path.read_bytes() == data
        assert made.id == hashlib.sha1(data).hexdigest()
        expected = {
            "content": "héllo",
            "contentBase64sha256": base64.b64encode(hashlib.sha256(data).digest()).decode(),
            "contentBase64sha512": base64.b64encode(hashlib.sha512(data).digest()).decode(),
            "contentMd5": hashlib.md5(data).hexdigest(),
            "contentSha1": made.id,
            "contentSha256": hashlib.sha256(data).hexdigest(),
            "contentSha512": hashlib.sha512(data).hexdigest(),
            "directoryPermission": "0777",
            "filePermission": "0777",
            "filename": str(path),
        }
        assert {name: value for name, value in made.outputs.items() if name != "__meta"} == expected

    def test_kinds_of_contents(self, files: Driver, tmp_path: Path) -> None:
        """Text, base64, secret text, or another file."""
        path, source = tmp_path / "file", tmp_path / "source"
        source.write_bytes(b"\x00\xff")
        files.create(filename=str(path), contentBase64="AP8=")
        assert path.read_bytes() == b"\x00\xff"
        files.create(filename=str(path), source=str(source))
        assert path.read_bytes() == b"\x00\xff"
        made = files.create(filename=str(path), sensitiveContent="hush")
        assert path.read_text() == "hush"
        assert made["sensitiveContent"] == Secret("hush")

    def test_exactly_one_kind_of_contents(self, files: Driver) -> None:
        """None and several are both refused; an unknown one counts as given."""
        assert len(files.failures(filename="a")) == 1
        assert len(files.failures(filename="a", content="b", source="c")) == 1
        assert files.failures(filename="a", content=UNKNOWN) == ()
        assert files.failures(filename="a", content="") == ()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("filename", ""),
            ("filename", "a/"),
            ("filePermission", "rwx"),
            ("filePermission", "999"),
            ("directoryPermission", "1"),
            ("contentBase64", "?"),
        ],
    )
    def test_wrong_values(self, files: Driver, name: str, value: str) -> None:
        """Wrong values are named before anything is written."""
        inputs = {"filename": "a", "contentBase64": "", name: value}
        assert {failure.property for failure in files.failures(**inputs)} == {name}

    def test_permissions(self, files: Driver, tmp_path: Path) -> None:
        """The defaults go through the mask; what is asked for is what the file gets."""
        files.create(filename=str(tmp_path / "usual/file"), content="")
        assert (mode(tmp_path / "usual"), mode(tmp_path / "usual/file")) == (0o755, 0o755)
        asked = {"filePermission": "0666", "directoryPermission": "0770"}
        files.create(filename=str(tmp_path / "asked/file"), content="", **asked)
        assert (mode(tmp_path / "asked"), mode(tmp_path / "asked/file")) == (0o770, 0o666)

    def test_previews_write_nothing(self, files: Driver, tmp_path: Path) -> None:
        """A preview knows the hashes of contents that are known."""
        path = tmp_path / "file"
        previewed = files.preview(filename=str(path), content="a")
        assert previewed.outputs["contentSha1"] == hashlib.sha1(b"a").hexdigest()
        assert isinstance(files.preview(filename="a", content=UNKNOWN).outputs["contentMd5"], Unknown)
        assert isinstance(files.preview(filename="a", source="none").outputs["contentMd5"], Unknown)
        assert list(tmp_path.iterdir()) == []

    def test_relative_names_begin_at_the_project(self, tmp_path: Path) -> None:
        """The directory of the project counts, wherever this process runs."""
        driver = Driver(FILE)
        provider = builtin.open("local", directory=tmp_path)
        assert provider is not None
        driver.provider = provider
        made = driver.create(filename="sub/file", content="a")
        assert (tmp_path / "sub/file").read_text() == "a"
        assert made["filename"] == "sub/file"

    def test_missing_sources(self, files: Driver, tmp_path: Path) -> None:
        """A source that is not there is an error that names it."""
        with pytest.raises(ProviderError, match="nothing-here"):
            files.create(filename=str(tmp_path / "file"), source=str(tmp_path / "nothing-here"))
        assert not (tmp_path / "file").exists()


class TestFileChanges:
    def test_contents_and_names_replace(self, files: Driver, tmp_path: Path) -> None:
        """Other contents are another object, since the id is their hash."""
        made = files.create(filename=str(tmp_path / "a"), content="a")
        assert made.diff(filename=str(tmp_path / "a"), content="a").changes is DiffChanges.NONE
        assert made.diff(filename=str(tmp_path / "b"), content="b").replaces == ("content", "filename")

    def test_permissions_change_in_place(self, files: Driver, tmp_path: Path) -> None:
        """Permissions are no reason for another object."""
        path = tmp_path / "a"
        made = files.create(filename=str(path), content="a")
        diff = made.diff(filename=str(path), content="a", filePermission="0600")
        assert (diff.changes, diff.replaces) == (DiffChanges.SOME, ())
        made.update(filename=str(path), content="a", filePermission="0600")
        assert (mode(path), made["filePermission"], path.read_text()) == (0o600, "0600", "a")

    def test_a_changed_source_replaces(self, files: Driver, tmp_path: Path) -> None:
        """The source's name is the same, its contents are not."""
        source = tmp_path / "source"
        source.write_text("one")
        inputs = {"filename": str(tmp_path / "file"), "source": str(source)}
        made = files.create(**inputs)
        assert made.diff(**inputs).changes is DiffChanges.NONE
        source.write_text("two")
        diff = made.diff(**inputs)
        assert diff.detailed is not None
        assert {path: entry.kind for path, entry in diff.detailed.items()} == {
            "source": DiffKind.UPDATE_REPLACE
        }
        assert made.diff(("source",), **inputs).changes is DiffChanges.NONE

    @pytest.mark.parametrize("content", ["one", "two"])
    def test_the_successor_keeps_its_file(self, files: Driver, tmp_path: Path, content: str) -> None:
        """A replaced object is deleted last, when its path is the new one's, whatever it holds."""
        path = tmp_path / "file"
        old = files.create(filename=str(path), content="one")
        new = files.create(filename=str(path), content=content)
        old.delete()
        assert path.read_text() == content
        new.delete()
        assert not path.exists()


class TestFileRead:
    def test_unchanged(self, files: Driver, tmp_path: Path) -> None:
        """A file as it was written reads as it is recorded."""
        made = files.create(filename=str(tmp_path / "a"), content="a")
        read = made.read()
        assert (read.id, read.outputs, read.inputs) == (made.id, made.outputs, made.inputs)

    def test_gone(self, files: Driver, tmp_path: Path) -> None:
        """A missing file, or something else in its place, is no longer there."""
        path = tmp_path / "a"
        made = files.create(filename=str(path), content="a")
        path.unlink()
        assert not made.read().exists
        path.mkdir()
        assert not made.read().exists

    def test_drift(self, files: Driver, tmp_path: Path) -> None:
        """Contents that somebody else changed are shown, and lead to a new object."""
        path = tmp_path / "a"
        made = files.create(filename=str(path), content="a")
        path.write_text("changed")
        read = made.read()
        assert read.outputs is not None
        assert read.outputs["content"] == "changed"
        assert read.id == read.outputs["contentSha1"] == hashlib.sha1(b"changed").hexdigest()
        made.id, made.outputs = read.id, read.outputs
        assert made.diff(filename=str(path), content="a").replaces == ("content",)

    def test_drift_of_secret_contents_stays_secret(self, tmp_path: Path) -> None:
        """What was secret is secret whoever wrote it."""
        path = tmp_path / "a"
        made = Driver(SENSITIVE).create(filename=str(path), content="a")
        path.write_text("changed")
        read = made.read()
        assert read.outputs is not None
        assert read.outputs["content"] == Secret("changed")
        assert (read.inputs or {})["content"] == Secret("changed")

    def test_no_import(self, files: Driver) -> None:
        """A hash does not say where the file is."""
        with pytest.raises(ProviderError, match="cannot be imported"):
            files.adopt("da39a3ee5e6b4b0d3255bfef95601890afd80709")


class TestFileDelete:
    def test_deleting_twice(self, files: Driver, tmp_path: Path) -> None:
        """That it is gone already is success (Provider.delete)."""
        made = files.create(filename=str(tmp_path / "a"), content="a")
        made.delete()
        made.delete()
        assert list(tmp_path.iterdir()) == []

    def test_what_others_wrote_is_left(self, files: Driver, tmp_path: Path) -> None:
        """Contents that were not written here are not deleted here, and the user is told."""
        path = tmp_path / "a"
        made = files.create(filename=str(path), content="a")
        path.write_text("precious")
        made.delete()
        assert path.read_text() == "precious"
        assert files.said[0].severity is Severity.WARNING


class TestLinks:
    def test_a_link_is_not_written_through(self, files: Driver, tmp_path: Path) -> None:
        """Where a link leads is somebody else's file."""
        (tmp_path / "target").write_text("precious")
        (tmp_path / "link").symlink_to(tmp_path / "target")
        with pytest.raises(ProviderError, match="a link in its place"):
            files.create(filename=str(tmp_path / "link"), content="a")
        assert (tmp_path / "target").read_text() == "precious"
        assert (tmp_path / "link").is_symlink()

    def test_a_link_put_in_place_later(self, files: Driver, tmp_path: Path) -> None:
        """It is not read through, and not deleted."""
        path = tmp_path / "a"
        made = files.create(filename=str(path), content="a")
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")
        assert not made.read().exists
        made.delete()
        assert path.is_symlink()
        assert (tmp_path / "moved").read_text() == "a"

    def test_a_directory_is_not_written_over(self, files: Driver, tmp_path: Path) -> None:
        """A directory in its place is an error that says so."""
        with pytest.raises(ProviderError, match="a directory in its place"):
            files.create(filename=str(tmp_path), content="a")

    def test_pipes_are_not_waited_for(self, tmp_path: Path) -> None:
        """A pipe in place of a file is no file, and reading does not wait for a writer."""
        os.mkfifo(tmp_path / "pipe")
        assert _disk.read_file(tmp_path / "pipe") is None


class TestAtomicity:
    def test_a_failed_write_leaves_the_old_file(
        self, files: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk loses nothing that was there, and leaves no draft behind."""
        path = tmp_path / "a"
        path.write_text("old")

        def full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(_disk.os, "fsync", full)
        with pytest.raises(ProviderError, match="No space left"):
            files.create(filename=str(path), content="new")
        assert path.read_text() == "old"
        assert [entry.name for entry in tmp_path.iterdir()] == ["a"]

    def test_readers_keep_the_old_file(self, files: Driver, tmp_path: Path) -> None:
        """Who has the file open while it is written goes on reading the old contents."""
        path = tmp_path / "a"
        path.write_text("old")
        with path.open() as reader:
            files.create(filename=str(path), content="new")
            assert reader.read() == "old"


class TestSensitiveFile:
    def test_contents_are_secret(self, tmp_path: Path) -> None:
        """Contents are secret though they were given openly, and nobody else may read the file."""
        made = Driver(SENSITIVE).create(filename=str(tmp_path / "a"), content="hush")
        assert made["content"] == Secret("hush")
        assert mode(tmp_path / "a") == 0o700
        assert made.diff(filename=str(tmp_path / "a"), content="hush").changes is DiffChanges.NONE

    def test_there_is_no_sensitive_content(self) -> None:
        """Everything is sensitive here."""
        (failure, *_) = Driver(SENSITIVE).failures(filename="a", content="b", sensitiveContent="c")
        assert failure.property == "sensitiveContent"


class TestDirectory:
    def test_made_and_deleted(self, directories: Driver, tmp_path: Path) -> None:
        """A directory that was made goes again if it is empty."""
        path = tmp_path / "a" / "b"
        made = directories.create(path=str(path), permission="0750")
        assert (made.id, made["existed"], mode(path)) == (str(path), False, 0o750)
        made.delete()
        made.delete()
        assert not path.exists()

    def test_one_that_was_there_stays(self, directories: Driver, tmp_path: Path) -> None:
        """What was not made here is not deleted here, whatever was asked for."""
        made = directories.create(path=str(tmp_path), deleteContents=True)
        assert made["existed"] is True
        made.delete()
        assert tmp_path.is_dir()

    def test_contents_are_deleted_only_if_asked(self, directories: Driver, tmp_path: Path) -> None:
        """A directory that is not empty is an error, unless its contents may go too."""
        path = tmp_path / "a"
        made = directories.create(path=str(path))
        (path / "file").touch()
        with pytest.raises(ProviderError, match="not empty"):
            made.delete()
        assert made.diff(path=str(path), deleteContents=True).replaces == ()
        made.update(path=str(path), deleteContents=True)
        made.delete()
        assert not path.exists()

    def test_the_successor_keeps_it(self, directories: Driver, tmp_path: Path) -> None:
        """A replaced object does not take its successor's directory along."""
        path = tmp_path / "a"
        old = directories.create(path=str(path))
        directories.create(path=str(path))
        old.delete()
        assert path.is_dir()

    def test_drift_and_import(self, directories: Driver, tmp_path: Path) -> None:
        """A missing directory is gone; one that is there can be imported by its path, and stays."""
        path = tmp_path / "a"
        made = directories.create(path=str(path))
        path.rmdir()
        assert not made.read().exists
        path.mkdir()
        read = directories.adopt(str(path))
        assert (read.id, read.inputs) == (str(path), {"path": str(path)})
        assert (read.outputs or {})["existed"] is True
        assert not directories.adopt(str(tmp_path / "none")).exists

    def test_moving_replaces(self, directories: Driver, tmp_path: Path) -> None:
        """Another path is another directory."""
        made = directories.create(path=str(tmp_path / "a"))
        assert made.diff(path=str(tmp_path / "b")).replaces == ("path",)


class TestFunctions:
    def read(self, name: str, path: Path) -> dict[str, Any]:
        return dict(invoke(f"local:index/{name}:{name}", filename=str(path)).value)

    def test_reading(self, tmp_path: Path) -> None:
        """Contents in both forms, and every hash."""
        path = tmp_path / "a"
        path.write_text("a")
        answer = self.read("getFile", path)
        assert (answer["content"], answer["contentBase64"]) == ("a", "YQ==")
        assert answer["id"] == answer["contentSha1"] == hashlib.sha1(b"a").hexdigest()

    def test_sensitive_contents(self, tmp_path: Path) -> None:
        """Both forms of the contents are secret."""
        path = tmp_path / "a"
        path.write_text("a")
        answer = self.read("getSensitiveFile", path)
        assert (answer["content"], answer["contentBase64"]) == (Secret("a"), Secret("YQ=="))

    def test_missing_files(self, tmp_path: Path) -> None:
        """A file that is not there is an error that names it."""
        with pytest.raises(ProviderError, match="nothing-here"):
            self.read("getFile", tmp_path / "nothing-here")


def test_info() -> None:
    """The provider says who it is without being configured."""
    provider = builtin.open("local")
    assert provider is not None
    info = run(provider.info())
    assert (info.name, info.source) == ("local", "embedded")
