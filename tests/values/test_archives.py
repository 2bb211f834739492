"""Unpacking what came from somewhere else (design.md §8): complete, bounded, and never outside."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import stat
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackwright.values import ArchiveError, ArchiveLimits, UnsafeArchiveError, _archives, extract_archive


class Entry(NamedTuple):
    """A member to be written, however dishonest."""

    name: str
    data: bytes = b""
    kind: str = "file"
    target: str = ""
    mode: int = 0o644


TAR_TYPES = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
}


def tar(*entries: Entry, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mode = TAR_TYPES[entry.kind], entry.target, entry.mode
            info.size = len(entry.data)
            archive.addfile(info, io.BytesIO(entry.data))
    return buffer.getvalue()


def tgz(*entries: Entry) -> bytes:
    return gzip.compress(tar(*entries), 1)


def zip_(*entries: Entry) -> bytes:
    buffer = io.BytesIO()
    types = {"symlink": stat.S_IFLNK, "pipe": stat.S_IFIFO, "device": stat.S_IFCHR}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            info = zipfile.ZipInfo()
            info.filename = entry.name + ("/" if entry.kind == "directory" else "")
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = (types.get(entry.kind, stat.S_IFREG) | entry.mode) << 16
            archive.writestr(info, os.fsencode(entry.target) if entry.kind == "symlink" else entry.data)
    return buffer.getvalue()


FORMATS = [tar, tgz, zip_]
Write = Callable[..., bytes]


def extract(data: bytes, destination: Path, **options: object) -> None:
    extract_archive(io.BytesIO(data), destination, **options)  # type: ignore[arg-type]


def tree(root: Path) -> dict[str, str]:
    """Everything below *root*: a file's text, `->` and a link's target, `/` for a directory."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = f"->{path.readlink()}"
        else:
            found[name] = "/" if path.is_dir() else path.read_text()
    return found


@pytest.mark.parametrize("write", FORMATS)
class TestHonestArchives:
    def test_contents(self, tmp_path: Path, write: Write) -> None:
        """Files, directories and links inside come out as they went in; missing parents are made."""
        data = write(
            Entry("./", kind="directory"),
            Entry("bin", kind="directory"),
            Entry("./bin/tool", b"#!", mode=0o755),
            Entry("share/doc/readme", b"text"),
            Entry("empty", kind="directory"),
            Entry("share/tool", kind="symlink", target="../bin/./tool"),
            Entry("here", kind="symlink", target="."),
        )

        extract(data, tmp_path / "new" / "out")

        assert tree(tmp_path / "new" / "out") == {
            "bin": "/",
            "bin/tool": "#!",
            "empty": "/",
            "here": "->.",
            "share": "/",
            "share/doc": "/",
            "share/doc/readme": "text",
            "share/tool": "->../bin/tool",
        }

    def test_modes(self, tmp_path: Path, write: Write) -> None:
        """Of the permissions only «may be executed» is taken over; nothing sets a user id."""
        extract(
            write(Entry("a", mode=0o7777), Entry("b", mode=0o0666), Entry("d/e", mode=0o100)),
            tmp_path / "out",
        )

        umask = os.umask(0)
        os.umask(umask)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*")}
        assert modes == {
            "a": 0o777 & ~umask,
            "b": 0o666 & ~umask,
            "d": 0o777 & ~umask,
            "e": 0o777 & ~umask,
        }
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o777 & ~umask

    def test_from_a_path(self, tmp_path: Path, write: Write) -> None:
        """The format is told by the contents, not by the name."""
        (tmp_path / "download").write_bytes(write(Entry("a", b"1")))

        extract_archive(tmp_path / "download", tmp_path / "out")

        assert tree(tmp_path / "out") == {"a": "1"}

    def test_strip(self, tmp_path: Path, write: Write) -> None:
        """Leading directories are dropped on request, and what lies above them."""
        data = write(
            Entry("pkg-1.0", kind="directory"),
            Entry("pkg-1.0/a", b"1"),
            Entry("pkg-1.0/d/b", b"2"),
            Entry("top", b"3"),
            Entry("pkg-1.0/d/c", kind="symlink", target="../a"),
        )

        extract(data, tmp_path / "out", strip=1)

        assert tree(tmp_path / "out") == {"a": "1", "d": "/", "d/b": "2", "d/c": "->../a"}

    def test_empty_directory_is_taken_over(self, tmp_path: Path, write: Write) -> None:
        """An empty destination is as good as none."""
        (tmp_path / "out").mkdir()

        extract(write(Entry("a", b"1")), tmp_path / "out")

        assert tree(tmp_path / "out") == {"a": "1"}

    def test_nothing_is_overwritten(self, tmp_path: Path, write: Write) -> None:
        """A destination that holds something stays as it is."""
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").write_text("kept")

        with pytest.raises(ArchiveError, match="cannot be unpacked"):
            extract(write(Entry("a", b"1")), tmp_path / "out")

        assert tree(tmp_path) == {"out": "/", "out/mine": "kept"}


def test_hard_links_become_copies(tmp_path: Path) -> None:
    """A hard link is a copy of the file before it, execution bit included."""
    extract(
        tar(Entry("d/a", b"x", mode=0o755), Entry("b", kind="hardlink", target="./d/a")), tmp_path / "out"
    )

    a, b = tmp_path / "out" / "d" / "a", tmp_path / "out" / "b"
    assert b.read_text() == "x"
    assert a.stat().st_ino != b.stat().st_ino
    assert b.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize(
    "options", [["--format=ustar"], ["--format=gnu"], ["--format=pax"], ["-z"], ["--format=v7"]]
)
def test_system_tar(tmp_path: Path, options: list[str]) -> None:
    """What the system's own tar writes is read in each of its dialects."""
    source = tmp_path / "source"
    (source / ("long" * 20)).mkdir(parents=True)
    (source / ("long" * 20) / "f").write_text("x")
    (source / "größe").write_text("y")
    try:
        made = subprocess.run(
            ["tar", *options, "-cf", tmp_path / "a", "-C", source, "."], capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no tar program")
    if made.returncode:
        pytest.skip(f"this tar cannot write {options[0]}")

    extract_archive(tmp_path / "a", tmp_path / "out")

    assert tree(tmp_path / "out") == tree(source)


HOSTILE = [
    Entry("../evil"),
    Entry("a/../../evil"),
    Entry("a/../evil"),
    Entry("/evil"),
    Entry("/"),
    Entry("."),
    Entry(".."),
    Entry("../evil", kind="directory"),
    Entry("link", kind="symlink", target="/etc/passwd"),
    Entry("link", kind="symlink", target="../evil"),
    Entry("d/link", kind="symlink", target="../../evil"),
    Entry("d/link", kind="symlink", target="x/../../../evil"),
    Entry("d/link", kind="symlink", target="x/.."),
    Entry("link", kind="symlink", target=""),
    Entry("../link", kind="symlink", target="x"),
    Entry("pipe", kind="pipe"),
    Entry("device", kind="device"),
    Entry("n" * 5000),
    Entry("d/" * 101 + "f"),
]

HOSTILE_TAR = [
    [Entry("link", kind="hardlink", target="../evil")],
    [Entry("link", kind="hardlink", target="/etc/passwd")],
    [Entry("link", kind="hardlink", target="later"), Entry("later", b"x")],
    [Entry("s", kind="symlink", target="x"), Entry("link", kind="hardlink", target="s")],
    [Entry("d", kind="directory"), Entry("link", kind="hardlink", target="d")],
]

CONFLICTS = [
    [Entry("a", b"1"), Entry("a", b"2")],
    [Entry("a", b"1"), Entry("./a", b"2")],
    [Entry("a", b"1"), Entry("a/b", b"2")],
    [Entry("a/b", b"1"), Entry("a", b"2")],
    [Entry("a", b"1"), Entry("a", kind="directory")],
    [Entry("a", kind="symlink", target="."), Entry("a", b"2")],
    [Entry("a", kind="symlink", target="."), Entry("a", kind="directory")],
    [Entry("a", kind="symlink", target="b"), Entry("b", kind="directory"), Entry("a/c", b"x")],
    [Entry("a/c", b"x"), Entry("a", kind="symlink", target="b")],
    [Entry("a", kind="symlink", target="b"), Entry("a/c", kind="symlink", target="d")],
]


class TestHostileArchives:
    @pytest.mark.parametrize("write", FORMATS)
    @pytest.mark.parametrize(
        "entry", HOSTILE, ids=lambda entry: f"{entry.kind}-{entry.name[:12]}-{entry.target}"
    )
    def test_refused(self, tmp_path: Path, write: Write, entry: Entry) -> None:
        """Names and links that lead outside, and what is no file, are refused; nothing is left behind."""
        self.refuse(tmp_path, write(Entry("good", b"1"), entry))

    @pytest.mark.parametrize("entries", HOSTILE_TAR)
    def test_hard_links(self, tmp_path: Path, entries: list[Entry]) -> None:
        """A hard link leads to a file before it, and to nothing else."""
        self.refuse(tmp_path, tar(*entries))

    @pytest.mark.parametrize("write", FORMATS)
    @pytest.mark.parametrize("entries", CONFLICTS)
    def test_conflicts(self, tmp_path: Path, write: Write, entries: list[Entry]) -> None:
        """Two members of one name, or a member below what is no directory, are refused."""
        with contextlib.suppress(UserWarning):
            self.refuse(tmp_path, write(*entries))

    @pytest.mark.parametrize("write", FORMATS)
    def test_limits(self, tmp_path: Path, write: Write) -> None:
        """Too many members, too big a member, too much in total: each limit stops the unpacking."""
        data = write(Entry("a", b"x" * 600), Entry("d/e/b", b"y" * 600))

        for limits in (
            ArchiveLimits(members=3),
            ArchiveLimits(member_bytes=599),
            ArchiveLimits(total_bytes=1199),
            ArchiveLimits(name_bytes=4),
            ArchiveLimits(depth=2),
        ):
            self.refuse(tmp_path, data, limits=limits)
        extract(
            data,
            tmp_path / "out",
            limits=ArchiveLimits(members=4, member_bytes=600, total_bytes=1200, name_bytes=5, depth=3),
        )

    def test_bomb(self, tmp_path: Path) -> None:
        """Sizes are counted as they unpack, so a small file cannot fill the disk."""
        bomb = zip_(Entry("a", bytes(20_000_000)))
        assert len(bomb) < 30_000

        self.refuse(tmp_path, bomb, limits=ArchiveLimits(total_bytes=1_000_000))

    def test_copies_count(self, tmp_path: Path) -> None:
        """Hard links count with their copies' sizes."""
        data = tar(
            Entry("a", b"x" * 1000), *(Entry(f"l{at}", kind="hardlink", target="a") for at in range(10))
        )

        self.refuse(tmp_path, data, limits=ArchiveLimits(total_bytes=5000))

    def test_endless_trailer(self, tmp_path: Path) -> None:
        """What follows the end of a compressed tar is not unpacked forever."""
        data = gzip.compress(tar(Entry("a")) + bytes(20_000_000))

        with pytest.raises(ArchiveError, match="damaged"):
            extract(data, tmp_path / "out")

    def test_encrypted_or_exotic(self, tmp_path: Path) -> None:
        """Encrypted members, and ways of compression that may take any memory, are refused by name."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("member", b"x")
        encrypted = bytearray(zip_(Entry("member", b"x")))
        encrypted[6] |= 1
        encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1

        for data in (buffer.getvalue(), bytes(encrypted)):
            with pytest.raises(ArchiveError, match="member"):
                extract(data, tmp_path / "out")

    def test_huge_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A zip's table of contents is read only up to a bound."""
        monkeypatch.setattr(_archives, "_MAX_ZIP_DIRECTORY", 100_000)

        self.refuse(tmp_path, zip_(*(Entry(f"{at:0200}") for at in range(500))))

    @pytest.mark.parametrize(
        "data", [b"", b"text" * 200, b"\x1f\x8b" + b"x" * 600, b"PK\x03\x04" + b"x" * 600]
    )
    def test_no_archive(self, tmp_path: Path, data: bytes) -> None:
        """What is no archive is an error, and so is what only begins like one."""
        with pytest.raises(ArchiveError):
            extract(data, tmp_path / "out")
        assert tree(tmp_path) == {}

    @pytest.mark.parametrize("write", FORMATS)
    def test_cut_short(self, tmp_path: Path, write: Write) -> None:
        """A download that broke off is an error, and nothing of it is left."""
        data = write(Entry("a", bytes(range(256)) * 40), Entry("b", b"x" * 3000))

        for length in (len(data) // 8, len(data) // 4, len(data) // 2):
            with pytest.raises(ArchiveError):
                extract(data[:length], tmp_path / "out")
        assert tree(tmp_path) == {}

    def test_damaged_contents(self, tmp_path: Path) -> None:
        """A member whose checksum is wrong is an error."""
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as archive:
            archive.writestr("a", b"precious")
        damaged = stored.getvalue().replace(b"precious", b"poisoned")
        flipped = bytearray(tgz(Entry("a", bytes(range(256)) * 10)))
        flipped[-5] ^= 1

        for data in (damaged, bytes(flipped)):
            with pytest.raises(ArchiveError, match="damaged"):
                extract(data, tmp_path / "out")

    def test_disk_refuses(self, tmp_path: Path) -> None:
        """A destination that cannot be made is an error that names it."""
        (tmp_path / "file").write_text("")

        with pytest.raises(ArchiveError, match="file/out"):
            extract(tar(Entry("a")), tmp_path / "file" / "out")
        with pytest.raises(ArchiveError, match="out"):
            extract_archive(tmp_path / "missing", tmp_path / "out")
        assert tree(tmp_path) == {"file": ""}

    @staticmethod
    def refuse(tmp_path: Path, data: bytes, **options: object) -> None:
        with pytest.raises(UnsafeArchiveError):
            extract(data, tmp_path / "inner" / "out", **options)
        assert tree(tmp_path) == {"inner": "/"}


segments = st.sampled_from(["a", "b", "c", "..", ".", "", "l"])
hostile_names = st.lists(segments, min_size=1, max_size=5).map("/".join)
hostile_entries = st.builds(
    Entry,
    hostile_names,
    st.binary(max_size=20),
    st.sampled_from(["file", "directory", "symlink", "symlink", "hardlink"]),
    hostile_names | st.just("/etc"),
    st.integers(0, 0o7777),
)


class TestAnyArchive:
    @settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(hostile_entries, max_size=6), st.sampled_from(FORMATS), st.integers(0, 2))
    def test_nothing_escapes(self, entries: list[Entry], write: Write, strip: int) -> None:
        """Whatever an archive says, it is refused without a trace, or all of it lies inside."""
        if write is zip_:
            entries = [entry for entry in entries if entry.kind != "hardlink"]
        with tempfile.TemporaryDirectory() as directory:
            outside = Path(directory).resolve()
            destination = outside / "deep" / "out"
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("warnings.warn", lambda *_, **__: None)  # zipfile warns of duplicates
                data = write(*entries)
            try:
                extract(data, destination, strip=strip)
            except ArchiveError:
                assert tree(outside) == {"deep": "/"}
                return
            assert list(outside.iterdir()) == [outside / "deep"]
            assert list((outside / "deep").iterdir()) == [destination]
            for path in destination.rglob("*"):
                assert not path.lstat().st_mode & 0o7000
                try:
                    real = path.resolve()
                except (OSError, RuntimeError):
                    continue  # links in a circle lead nowhere
                assert real == destination or destination in real.parents

    @settings(max_examples=100)
    @given(st.data(), st.sampled_from(FORMATS))
    def test_damage_ends_in_an_error_or_inside(self, data: st.DataObject, write: Write) -> None:
        """Whatever bytes are changed, unpacking ends, and ends inside."""
        archive = bytearray(
            write(Entry("a/b", b"x" * 50), Entry("a/l", kind="symlink", target="b"), Entry("c", b"y"))
        )
        for _ in range(data.draw(st.integers(1, 4))):
            archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
        with tempfile.TemporaryDirectory() as directory:
            with contextlib.suppress(ArchiveError):
                extract(bytes(archive), Path(directory, "out"))
            assert {path.name for path in Path(directory).iterdir()} <= {"out"}
