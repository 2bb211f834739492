"""
Files and directories, touched with care.

Writing is atomic and durable: readers see the old file or the new one, never half of
one, and what was written survives a crash. A link in place of a file is never
followed, neither for reading nor for writing: it may lead anywhere. Everything here
blocks and belongs on a thread.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stackwright.providers._interface import ProviderError


@contextmanager
def reported(doing: str, path: Path) -> Iterator[None]:
    """Turn what the system refuses into an error that says what could not be done, and where."""
    try:
        yield
    except OSError as error:
        other = error.filename if error.filename not in {None, str(path)} else None
        where = f" ({other})" if other else ""
        raise ProviderError(f"Cannot {doing} {path}: {error.strerror}{where}") from error


def write_file(path: Path, data: bytes, mode: int, *, exactly: bool, directories: int, as_told: bool) -> None:
    """
    Put *data* into *path* with the permissions *mode*, making its directories.

    Permissions go through the user's file mode mask, unless they are meant *exactly*;
    *directories* and *as_told* say the same for directories that are made.

    Raises:
        ProviderError: There is a link or a directory in its place, or the system refuses.
    """
    with reported("write", path):
        kind = _kind(path)
        if kind not in {None, stat.S_IFREG}:
            what = {stat.S_IFLNK: "a link", stat.S_IFDIR: "a directory"}.get(kind, "something else")
            raise ProviderError(
                f"Cannot write {path}: there is {what} in its place",
                hint="Move it away, or choose another name; what a link leads to has a name of its own",
            )
        make_directories(path.parent, directories, exactly=as_told)
        _replace(path, data, mode, exactly=exactly)


def _kind(path: Path) -> int | None:
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace(path: Path, data: bytes, mode: int, *, exactly: bool) -> None:
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if exactly:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    _make_durable(path.parent)


def _make_durable(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some file systems keep directories anyway
            raise
    finally:
        os.close(handle)


def make_directories(path: Path, mode: int, *, exactly: bool) -> bool:
    """
    Make the directory *path* and those above it; answers whether *path* itself was made.

    Permissions as in `write_file`; directories that are there keep theirs.
    """
    if path.is_dir():
        return False
    make_directories(path.parent, mode, exactly=exactly)
    try:
        path.mkdir(mode)
    except FileExistsError:
        if path.is_dir():  # somebody else was faster
            return False
        raise
    if exactly:
        path.chmod(mode)
    return True


def read_file(path: Path) -> bytes | None:
    """
    The contents of the file *path*, or None where there is no file: nothing, a link or a directory.

    Raises:
        ProviderError: It is there and may not be read.
    """
    with reported("read", path):
        try:
            # Without waiting: opening a pipe would wait for somebody to write.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read()


def remove_file(path: Path) -> None:
    """Remove the file *path*; that it is gone already is fine."""
    with reported("remove", path), suppress(FileNotFoundError):
        path.unlink()
