"""
Unpacking archives that came from somewhere else.

This is the only place in Stackwright that unpacks anything: plugins, packages,
templates. An archive is untrusted. Nothing of it is executed, and nothing is
written outside the destination:

* Names are relative and never go up. Modes are reduced to «may be executed or not».
* Directories and files are made first, in a fresh directory that only this process
  can reach, with calls that follow no link; links come last. So nothing is ever
  written through a link, not even through one of the archive's own.
* A symbolic link's target goes up at its beginning or not at all, and stays inside.
  As no member lies below a link, each link starts in a real directory, and so a
  chain of links stays inside too.
* A hard link becomes a copy of a file that came before it.
* Sizes are counted as they are unpacked, whatever the headers say.

The destination appears with everything in it or not at all.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import stat
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple, Protocol, TypeAlias, cast

import msgspec

from stackwright.errors import UserError
from stackwright.values._tar import BLOCK, TarFormatError, TarReader, looks_like_tar

ArchiveFormat: TypeAlias = Literal["tar", "tgz", "zip"]

_SUFFIXES: Final[tuple[tuple[str, ArchiveFormat], ...]] = (
    (".tar", "tar"),
    (".tgz", "tgz"),
    (".tar.gz", "tgz"),
    (".zip", "zip"),
    (".jar", "zip"),
)
_CHUNK: Final = 256 * 1024
_MAX_ZIP_DIRECTORY: Final = 32 * 1024**2
"""Bound for one read by the zip reader, which takes a table of contents in one piece."""


class ArchiveError(UserError):
    """An archive cannot be unpacked: it is damaged, of no known format, or the disk refuses."""

    code = "bad-archive"


class UnsafeArchiveError(ArchiveError):
    """An archive asks for something that no honest archive asks for, or is bigger than allowed."""

    code = "unsafe-archive"


class ArchiveLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much an archive may hold; beyond it, unpacking stops and leaves nothing behind."""

    members: int = 200_000
    member_bytes: int = 4 * 1024**3
    total_bytes: int = 8 * 1024**3
    name_bytes: int = 4096
    depth: int = 100
    """Directories within one another."""

    @classmethod
    def for_archive(cls, size: int) -> ArchiveLimits:
        """Limits for an archive of *size* bytes; programs shrink to a fifth, so to a fiftieth is odd."""
        total = min(4 * 1024**3, max(256 * 1024**2, size * 50))
        return cls(members=100_000, member_bytes=total, total_bytes=total)


def archive_format(name: str) -> ArchiveFormat | None:
    """The format that the end of a path or URI names, or None (protocol.md §4.3); case counts."""
    path = re.split("[?#]", name, maxsplit=1)[0] if "://" in name else name
    return next((format_ for suffix, format_ in _SUFFIXES if path.endswith(suffix)), None)


def extract_archive(
    source: Path | BinaryIO, destination: Path, *, limits: ArchiveLimits | None = None, strip: int = 0
) -> None:
    """
    Unpack a tar, gzipped tar or zip into *destination*, which must not exist yet (or be an empty directory).

    The format is recognised by the contents. *strip* drops that many leading
    directories from every name, and with them the members that have no more.
    Files get the usual permissions of new files; only whether the owner may execute
    them is taken from the archive. The parent of *destination* is made if need be.
    Nothing is flushed to disk: who needs it to survive a power cut checks it on use.

    Blocks; call it from a thread.

    Raises:
        UnsafeArchiveError: A name or link leads outside, a member is neither file, directory
            nor link, two members have one name, or a limit is exceeded.
        ArchiveError: The archive is damaged, encrypted, of another format, or cannot be written.
    """
    import shutil
    import tempfile

    parent = destination.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp makes it for this user alone; what is inside has usual permissions once it is moved.
        fresh = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", suffix=".partial", dir=parent))
    except OSError as error:
        raise ArchiveError(f"`{destination}` cannot be made", detail=str(error)) from error
    try:
        root = fresh / "contents"
        root.mkdir()
        writer = _Writer(root, limits or ArchiveLimits(), strip)
        with contextlib.ExitStack() as opened:
            stream = opened.enter_context(source.open("rb")) if isinstance(source, Path) else source
            opened.enter_context(damage_reported())
            for member in opened.enter_context(contextlib.closing(open_members(stream))):
                writer.add(member)
        writer.finish()
        root.rename(destination)
    except OSError as error:
        raise ArchiveError(f"The archive cannot be unpacked to `{destination}`", detail=str(error)) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


# Reading any format -----------------------------------------------------------------------------


class Readable(Protocol):
    """Something with data to take in pieces."""

    def read(self, size: int = -1, /) -> bytes: ...


class Member(NamedTuple):
    """A member as the archive describes it; its data is there until the next one is asked for."""

    name: str
    kind: str
    size: int
    executable: bool
    target: str
    data: Readable


@contextlib.contextmanager
def damage_reported() -> Iterator[None]:
    """Inside, whatever a reader of archives says of damage becomes an `ArchiveError`."""
    import gzip
    import zipfile

    try:
        yield
    except (TarFormatError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise ArchiveError("The archive is damaged", detail=str(error)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ArchiveError("The archive is damaged or cut short", detail=str(error)) from error


def open_members(stream: BinaryIO, format_: ArchiveFormat | None = None) -> Generator[Member, None, None]:
    """
    The members of an archive in the order in which they lie there.

    *stream* must be able to seek. Without *format_* it is told by the contents. Use it,
    and read the members, inside `damage_reported`.

    Raises:
        ArchiveError: The archive is damaged, encrypted or of no known format.
    """
    format_ = format_ or _recognise(stream)
    if format_ == "zip":
        yield from _zip_members(stream)
    elif format_ == "tgz":
        import gzip

        with gzip.GzipFile(fileobj=stream, mode="rb") as unzipped:
            yield from _tar_members(cast(BinaryIO, unzipped))
    else:
        yield from _tar_members(stream)


def _recognise(stream: BinaryIO) -> ArchiveFormat:
    start = stream.read(BLOCK)
    stream.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return "tgz"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if looks_like_tar(start):
        return "tar"
    raise ArchiveError("The file is not an archive", hint="It must be a tar, a gzipped tar or a zip")


def _tar_members(stream: BinaryIO) -> Iterator[Member]:
    reader = TarReader(stream)
    for entry in reader:
        executable = bool(entry.mode & stat.S_IXUSR)
        yield Member(entry.name, entry.kind, entry.size, executable, entry.target, reader)
    reader.drain()


class _BoundedReads:
    """A file of which nothing takes more than a bounded piece at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(_MAX_ZIP_DIRECTORY + 1 if size < 0 else min(size, _MAX_ZIP_DIRECTORY + 1))
        if len(data) > _MAX_ZIP_DIRECTORY:
            raise UnsafeArchiveError("The archive's table of contents is too long")
        return data


def _zip_members(stream: BinaryIO) -> Iterator[Member]:
    import zipfile

    try:
        archive = zipfile.ZipFile(cast(BinaryIO, _BoundedReads(stream)))
    except (ValueError, NotImplementedError) as error:
        raise ArchiveError("The archive is damaged", detail=str(error)) from error
    with archive:
        for info in archive.infolist():
            if info.flag_bits & 0x1:
                raise ArchiveError(f"The archive's member `{info.filename}` is encrypted")
            # Other methods are rare, and one of them may ask for gigabytes of memory.
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ArchiveError(
                    f"The archive's member `{info.filename}` is compressed in a way that is not supported"
                )
            mode = info.external_attr >> 16
            if info.filename.endswith("/"):  # not `is_dir`, which stumbles over an empty name
                yield Member(info.filename, "directory", 0, False, "", _NOTHING)
                continue
            try:
                data = archive.open(info)
            except (RuntimeError, NotImplementedError, ValueError) as error:
                raise ArchiveError("The archive is damaged", detail=str(error)) from error
            with data:
                kind, target = "file", ""
                file_type = stat.S_IFMT(mode)
                if file_type == stat.S_IFLNK:
                    kind, target = "symlink", os.fsdecode(data.read(4097))
                elif file_type not in (0, stat.S_IFREG):
                    kind = "device"
                yield Member(info.filename, kind, info.file_size, bool(mode & stat.S_IXUSR), target, data)


class _Nothing:
    def read(self, size: int = -1, /) -> bytes:
        return b""


_NOTHING: Final = _Nothing()


# Writing ----------------------------------------------------------------------------------------


class _Writer:
    """Puts members below a directory; see the module's docstring for what it refuses."""

    def __init__(self, root: Path, limits: ArchiveLimits, strip: int) -> None:
        self._root = str(root)
        self._limits = limits
        self._strip = strip
        self._members = 0
        self._bytes = 0
        self._files: dict[str, bool] = {}  # by name: whether it is executable
        self._directories = {""}
        self._links: dict[str, str] = {}

    def add(self, member: Member) -> None:
        self._count()
        name = self._safe_name(member.name)
        if name is None:
            if member.kind != "directory" and not self._strip:
                raise UnsafeArchiveError("The archive has a member without a name")
            return
        if member.kind == "directory":
            self._make_directory(name, member.name, implied=False)
            return
        if name in self._files or name in self._links or name in self._directories:
            raise UnsafeArchiveError(f"The archive has two members named `{member.name}`")
        self._make_directory(posixpath.dirname(name), member.name)
        if member.kind == "file":
            self._write(name, member.data, executable=member.executable)
        elif member.kind == "hardlink":
            self._copy(name, member)
        elif member.kind == "symlink":
            self._links[name] = self._safe_target(name, member)
        else:
            raise UnsafeArchiveError(
                f"The archive's member `{member.name}` is a {member.kind}",
                hint="Only files, directories and links inside the archive are unpacked",
            )

    def finish(self) -> None:
        """Make the links, after everything else is in place."""
        for name, target in self._links.items():
            if any(parent in self._links for parent in _parents(name)):
                raise UnsafeArchiveError(f"The archive's member `{name}` lies below a link")
            Path(self._path(name)).symlink_to(target)

    def _count(self) -> None:
        """One more member, or one more directory that members imply."""
        self._members += 1
        if self._members > self._limits.members:
            raise UnsafeArchiveError(f"The archive has more than {self._limits.members} members")

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def _safe_name(self, name: str) -> str | None:
        """The name in its shortest form, or None if nothing of it is left."""
        if "\0" in name or name.startswith("/") or len(os.fsencode(name)) > self._limits.name_bytes:
            raise UnsafeArchiveError(f"The archive has a member with the impossible name `{name[:200]}`")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if ".." in parts:
            raise UnsafeArchiveError(f"The archive's member `{name}` leads outside the archive")
        if len(parts) > self._limits.depth:
            raise UnsafeArchiveError(f"The archive's member `{name[:200]}` lies too deep")
        return "/".join(parts[self._strip :]) or None

    def _make_directory(self, name: str, shown: str, *, implied: bool = True) -> None:
        if name in self._directories:
            return
        for step in (*_parents(name), name):
            if step in self._directories:
                continue
            if step in self._files or step in self._links:
                raise UnsafeArchiveError(
                    f"The archive's member `{shown}` lies below `{step}`, which is no directory"
                )
            if implied or step != name:
                self._count()
            Path(self._path(step)).mkdir()
            self._directories.add(step)

    def _write(self, name: str, data: Readable, *, executable: bool) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._path(name), flags, 0o777 if executable else 0o666), "wb") as file:
            written = 0
            while chunk := data.read(_CHUNK):
                written += len(chunk)
                self._bytes += len(chunk)
                if written > self._limits.member_bytes:
                    raise UnsafeArchiveError(
                        f"The archive's member `{name}` is larger than {self._limits.member_bytes} bytes"
                    )
                if self._bytes > self._limits.total_bytes:
                    raise UnsafeArchiveError(f"The archive holds more than {self._limits.total_bytes} bytes")
                file.write(chunk)
        self._files[name] = executable

    def _copy(self, name: str, member: Member) -> None:
        original = self._safe_name(member.target)
        if original is None or original not in self._files:
            raise UnsafeArchiveError(
                f"The archive's member `{member.name}` is a link to `{member.target}`, "
                "which is not a file before it"
            )
        with Path(self._path(original)).open("rb") as data:
            self._write(name, data, executable=self._files[original])

    def _safe_target(self, name: str, member: Member) -> str:
        """The target of a symbolic link in its shortest form (see the module's docstring)."""
        target = member.target
        parts = [part for part in target.split("/") if part not in ("", ".")]
        ups = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
        if (
            not target
            or "\0" in target
            or target.startswith("/")
            or len(os.fsencode(target)) > self._limits.name_bytes
            or ".." in parts[ups:]
            or ups > name.count("/")
        ):
            raise UnsafeArchiveError(
                f"The archive's member `{member.name}` is a link to `{target[:200]}`, outside the archive"
            )
        return "/".join(parts) or "."


def _parents(name: str) -> Iterator[str]:
    """The directories above *name*, outermost first."""
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)
