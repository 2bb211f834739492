"""
The bytes of assets and the members of archives, and the hashes that tell them apart.

Everything here reads files or the network and blocks: callers use a thread.
Facts: protocol.md §4.2-4.7. Big files are read in pieces; what is remote is
downloaded once per call, to a temporary file if it is not small.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self, TypeAlias, cast
from urllib.parse import unquote, urlsplit

import msgspec

from stackwright.errors import UserError
from stackwright.values._archives import Readable, archive_format, damage_reported, open_members
from stackwright.values._kinds import EMPTY_ARCHIVE_HASH, EMPTY_TEXT_HASH, Archive, Asset, Value
from stackwright.values._tar import END, clean_name, join_names, padding, tar_header
from stackwright.values._walks import map_leaves

if TYPE_CHECKING:
    import httpx

Directory: TypeAlias = str | os.PathLike[str]

_CHUNK: Final = 256 * 1024
_IN_MEMORY: Final = 4 * 1024**2
_SKIPPED_NAME: Final = ".pulumi"
_MAX_NESTING: Final = 100
_RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_retry_waits: tuple[float, ...] = (0.25, 1.0, 4.0)
"""Seconds between attempts to download; one attempt more than there are waits."""


class AssetError(UserError):
    """An asset or archive cannot be read: it is missing, of the wrong kind, or out of reach."""

    code = "asset"


class ArchiveMember(msgspec.Struct, frozen=True):
    """
    One file of an archive.

    `read(size)` gives the next piece of its data, empty at the end. It works until
    the next member is asked for.
    """

    name: str
    size: int
    read: Callable[[int], bytes]


def asset_bytes(asset: Asset, base_directory: Directory) -> bytes:
    """
    The contents of *asset*; a relative path starts at *base_directory* (§4.2).

    Raises:
        AssetError: They cannot be read; for a placeholder there are none.
    """
    if not asset.path and not asset.uri and not asset.is_placeholder:
        return _text_bytes(asset)
    with _Reader(base_directory) as reader, reader.opened(asset) as (_, data):
        return b"".join(_pieces(data))


def asset_hash(asset: Asset, base_directory: Directory) -> str:
    """
    The asset's hash: the one it has, or that of its contents (§4.2).

    Raises:
        AssetError: It has none, and its contents cannot be read.
    """
    if asset.hash:
        return asset.hash
    with _Reader(base_directory) as reader:
        return reader.asset_hash(asset)


def archive_hash(archive: Archive, base_directory: Directory) -> str:
    """
    The archive's hash: the one it has, that of its file, or that of its tar stream (§4.4, §4.6).

    Raises:
        AssetError: It has none, and something of it cannot be read.
        ArchiveError: An archive within it is damaged.
    """
    if archive.hash:
        return archive.hash
    with _Reader(base_directory) as reader:
        return reader.archive_hash(archive)


def archive_members(archive: Archive, base_directory: Directory) -> Iterator[ArchiveMember]:
    """
    The files of *archive* in their fixed order, each name once (§4.5).

    Raises:
        AssetError: Something of it cannot be read, or its contents were left out.
        ArchiveError: It, or an archive within it, is damaged.
    """
    with _Reader(base_directory) as reader, damage_reported():
        yield from reader.members(archive)


def with_hashes(value: Value, base_directory: Directory) -> Value:
    """
    The same value with every asset and archive that has no hash given one, at any depth (E64).

    Hashes that are there are kept, without a look at the contents (§4.2).

    Raises:
        AssetError: Something cannot be read.
        ArchiveError: An archive that has to be enumerated is damaged.
    """
    with contextlib.ExitStack() as opened:
        reader: _Reader | None = None

        def hashed(part: Value) -> Value:
            nonlocal reader
            if type(part) is not Asset and type(part) is not Archive:
                return part
            if reader is None:
                reader = opened.enter_context(_Reader(base_directory))
            return reader.with_hash(part)

        return map_leaves(value, hashed)


def with_recorded_hashes(
    value: Value, base_directory: Directory, recorded: Callable[[], Iterable[Value]]
) -> Value:
    """
    As `with_hashes`; what cannot be read any more has the hash that *recorded* has for the same source.

    For values whose contents nobody needs. *recorded* is asked only where something cannot be read.

    Raises:
        AssetError: Something cannot be read, and nothing is recorded of it.
        ArchiveError: An archive that has to be enumerated is damaged, and nothing is recorded of it.
    """

    def hashed(part: Value) -> Value:
        if type(part) is not Asset and type(part) is not Archive:
            return part
        try:
            return with_hashes(part, base_directory)
        except UserError:
            for bag in recorded():
                known = _recorded(part, bag)
                if known is not None:
                    return known
            raise

    return map_leaves(value, hashed)


def _recorded(wanted: Asset | Archive, bag: Value) -> Asset | Archive | None:
    """The asset or archive in *bag* that differs from *wanted* by its hash alone."""
    found: Asset | Archive | None = None

    def compare(part: Value) -> Value:
        nonlocal found
        if (type(part) is Asset or type(part) is Archive) and part.hash and _unhashed(part) == wanted:
            found = part
        return part

    map_leaves(bag, compare)
    return found


def _unhashed(part: Asset | Archive) -> Asset | Archive:
    if isinstance(part, Asset) or not part.assets:
        return msgspec.structs.replace(part, hash="")
    members = {name: _unhashed(each) for name, each in part.assets.items()}
    return msgspec.structs.replace(part, hash="", assets=members)


def restore_contents(answer: Value, sent: Value) -> Value:
    """
    *answer* with the source of each placeholder taken from the asset or archive in *sent* of the same hash.

    What a provider reads back names assets by their hash alone, and a placeholder must
    not be recorded (§4.7). Placeholders without a counterpart stay.
    """
    missing = False

    def note(part: Value) -> Value:
        nonlocal missing
        if (type(part) is Asset or type(part) is Archive) and part.is_placeholder:
            missing = True
        return part

    map_leaves(answer, note)
    if not missing:
        return answer
    sources: dict[tuple[type, str], Value] = {}

    def collect(part: Value) -> Value:
        if (type(part) is Asset or type(part) is Archive) and part.hash and not part.is_placeholder:
            sources.setdefault((type(part), part.hash), part)
        if type(part) is Archive and part.assets:
            for item in part.assets.values():
                collect(item)
        return part

    def restore(part: Value) -> Value:
        if (type(part) is Asset or type(part) is Archive) and part.is_placeholder:
            return sources.get((type(part), part.hash), part)
        return part

    map_leaves(sent, collect)
    return map_leaves(answer, restore)


# Reading ----------------------------------------------------------------------------------------


def _text_bytes(asset: Asset) -> bytes:
    try:
        return (asset.text or "").encode()
    except UnicodeEncodeError as error:
        raise AssetError("The text of an asset is not Unicode", detail=str(error)) from error


def _pieces(data: Readable) -> Iterator[bytes]:
    while piece := data.read(_CHUNK):
        yield piece


def _digest(data: Readable) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(data):
        digest.update(piece)
    return digest.hexdigest()


def _source_in_words(value: Asset | Archive) -> str:
    return value.path or value.uri or "the value itself"


class _Reader:
    """Reads assets and archives on behalf of one call; keeps what it downloaded until the end."""

    def __init__(self, base_directory: Directory) -> None:
        self._base = base_directory
        self._open = contextlib.ExitStack()
        self._client: httpx.Client | None = None
        self._downloads: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # Hashes

    def with_hash(self, value: Asset | Archive, depth: int = 0) -> Asset | Archive:
        """*value* with its hash, and with the hashes of the assets that it lists."""
        if type(value) is Asset:
            return value if value.hash else msgspec.structs.replace(value, hash=self.asset_hash(value))
        assert type(value) is Archive
        if value.assets and not value.path and not value.uri:
            _check_depth(depth)
            changed = {key: self.with_hash(item, depth + 1) for key, item in value.assets.items()}
            if any(changed[key] is not item for key, item in value.assets.items()):
                value = msgspec.structs.replace(value, assets=changed)
        return value if value.hash else msgspec.structs.replace(value, hash=self.archive_hash(value))

    def asset_hash(self, asset: Asset) -> str:
        if not asset.path and not asset.uri:
            return hashlib.sha256(_text_bytes(asset)).hexdigest() if asset.text else EMPTY_TEXT_HASH
        with self.opened(asset) as (_, data):
            return _digest(data)

    def archive_hash(self, archive: Archive) -> str:
        source = archive.path or archive.uri
        if source and archive_format(source):
            with self.opened(archive) as (_, data):
                return _digest(data)
        if not source and not archive.assets:
            return EMPTY_ARCHIVE_HASH
        digest = hashlib.sha256()
        with damage_reported():
            for member in self.members(archive):
                digest.update(tar_header(member.name, member.size))
                size = 0
                while piece := member.read(_CHUNK):
                    digest.update(piece)
                    size += len(piece)
                if size != member.size:
                    raise AssetError(f"The archive's member `{member.name}` changed while it was read")
                digest.update(padding(size))
        digest.update(END)
        return digest.hexdigest()

    # Bytes

    @contextlib.contextmanager
    def opened(self, value: Asset | Archive) -> Iterator[tuple[int, BinaryIO]]:
        """The size of a file, text or remote document, and its bytes."""
        if value.path:
            with self._file(self._located(value.path), value) as opened:
                yield opened
        elif value.uri:
            try:
                parts = urlsplit(value.uri)
            except ValueError as error:
                raise AssetError(f"`{value.uri}` is not a URI", detail=str(error)) from error
            if parts.scheme == "file":
                if parts.netloc not in {"", "localhost"}:
                    raise AssetError(f"`{value.uri}` names another machine, and files are read from this one")
                with self._file(self._located(unquote(parts.path)), value) as opened:
                    yield opened
            elif parts.scheme in {"http", "https"}:
                data = self._download(value.uri)
                size = data.seek(0, os.SEEK_END)
                data.seek(0)
                yield size, data
            else:
                raise AssetError(
                    f"`{value.uri}` cannot be read",
                    hint="The URI of an asset begins with https:, http: or file:",
                )
        elif type(value) is Asset and not value.is_placeholder:
            text = _text_bytes(value)
            yield len(text), io.BytesIO(text)
        else:
            raise AssetError(
                f"The contents of an asset or archive are not at hand, only its hash {value.hash}",
                hint="They were left out on the way; give its text, path or URI",
            )

    def _located(self, path: str) -> str:
        return os.path.normpath(Path(self._base, path))

    @contextlib.contextmanager
    def _file(self, path: str, value: Asset | Archive) -> Iterator[tuple[int, BinaryIO]]:
        what = "asset" if type(value) is Asset else "archive"
        try:
            # Without O_NONBLOCK, a pipe would be waited for before anybody could say that it is one.
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            raise AssetError(f"The {what} `{path}` cannot be read", detail=str(error)) from error
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise _not_a_file(path, status.st_mode, what)
        with os.fdopen(descriptor, "rb") as file:
            yield status.st_size, file

    def _download(self, uri: str) -> BinaryIO:
        """The document at *uri*, in a file of our own, downloaded at the first call."""
        if uri in self._downloads:
            return self._downloads[uri]
        import tempfile

        import httpx

        if self._client is None:
            self._client = self._open.enter_context(httpx.Client(follow_redirects=True, timeout=60))
        file = cast(
            BinaryIO,
            self._open.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)),  # noqa: SIM115
        )
        for wait in (*_retry_waits, None):
            try:
                file.seek(0)
                file.truncate()
                with self._client.stream("GET", uri) as answer:
                    if answer.is_success:
                        self._check_origin(uri, answer)
                        for piece in answer.iter_bytes(_CHUNK):
                            file.write(piece)
                        break
                    problem = f"the server answers {answer.status_code} {answer.reason_phrase}".rstrip()
                    again = answer.status_code in _RETRIED
            except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
                problem, again = str(error), False
            except httpx.HTTPError as error:
                problem, again = str(error) or type(error).__name__, True
            if wait is None or not again:
                raise AssetError(f"`{_without_password(uri)}` cannot be downloaded", detail=problem)
            time.sleep(wait)
        self._downloads[uri] = file
        return file

    def _check_origin(self, uri: str, answer: httpx.Response) -> None:
        if uri.startswith("https:") and any(hop.url.scheme != "https" for hop in (*answer.history, answer)):
            raise AssetError(
                f"`{_without_password(uri)}` leads to a server that is not secured, so it is not followed"
            )

    # Members

    def members(self, archive: Archive) -> Iterator[ArchiveMember]:
        """The members, each name once: of several with one name the first counts (§4.5)."""
        seen: set[str] = set()
        for member in self._all_members(archive, 0):
            if member.name in seen:
                continue
            seen.add(member.name)
            if "\0" in member.name or (member.size and member.name.endswith("/")):
                raise AssetError(f"`{member.name}` is no name for a file in an archive")
            try:
                member.name.encode("utf-8", "surrogateescape")
            except UnicodeEncodeError as error:
                raise AssetError("The name of a file in an archive is not Unicode") from error
            yield member

    def _all_members(self, archive: Archive, depth: int) -> Iterator[ArchiveMember]:
        _check_depth(depth)
        source = archive.path or archive.uri
        format_ = archive_format(source) if source else None
        if format_:
            with self.opened(archive) as (_, data):
                for part in open_members(data, format_):
                    if part.kind == "file":
                        yield ArchiveMember(clean_name(part.name), part.size, part.data.read)
                    elif part.kind != "directory":
                        raise AssetError(
                            f"The archive `{source}` holds `{part.name}`, which is a {part.kind}",
                            hint="Only files and directories are supported inside archives",
                        )
        elif archive.path:
            yield from self._directory_members(self._located(archive.path))
        elif archive.uri:
            raise AssetError(
                f"`{archive.uri}` is not an archive by its name",
                hint="The name ends in .tar, .tgz, .tar.gz, .zip or .jar",
            )
        elif archive.is_placeholder:
            with self.opened(archive):
                pass
        else:
            yield from self._listed_members(archive.assets or {}, depth)

    def _listed_members(self, assets: dict[str, Asset | Archive], depth: int) -> Iterator[ArchiveMember]:
        for key in sorted(assets, key=_in_bytes):
            item = assets[key]
            if type(item) is Archive:
                for member in self._all_members(item, depth + 1):
                    yield msgspec.structs.replace(member, name=join_names(key, member.name))
            else:
                with self.opened(item) as (size, data):
                    yield ArchiveMember(key, size, data.read)

    def _directory_members(self, root: str) -> Iterator[ArchiveMember]:
        """
        The files below *root*, without recursion so that no tree is too deep.

        Links to files count as files, links to directories do not count at all, and
        whatever is called `.pulumi` is left out, even the root itself.
        """
        try:
            status = Path(root).stat()
            if not stat.S_ISDIR(status.st_mode):
                raise AssetError(
                    f"The archive `{root}` is neither a directory nor a file of a known format",
                    hint="The name of an archive file ends in .tar, .tgz, .tar.gz, .zip or .jar",
                )
            if Path(root).is_symlink() or Path(root).name == _SKIPPED_NAME:
                return
            below = [_listed(root, "")]
            while below:
                entry = next(below[-1], None)
                if entry is None:
                    below.pop()
                    continue
                name, path, is_directory = entry
                if is_directory:
                    below.append(_listed(path, f"{name}/"))
                    continue
                if Path(path).is_dir():  # a link to one
                    continue
                with self._file(path, _ANY_FILE) as (size, data):
                    yield ArchiveMember(name, size, data.read)
        except OSError as error:
            raise AssetError(f"The archive `{root}` cannot be read", detail=str(error)) from error


_ANY_FILE: Final = Asset()


def _not_a_file(path: str, mode: int, what: str) -> AssetError:
    if not stat.S_ISDIR(mode):
        return AssetError(f"The {what} `{path}` is not a regular file")
    if what == "asset":
        return AssetError(f"The asset `{path}` is a directory", hint="Use an archive for a whole directory")
    return AssetError(
        f"`{path}` is a directory, but its name is that of an archive file",
        hint="Give the directory another name",
    )


def _check_depth(depth: int) -> None:
    if depth > _MAX_NESTING:
        raise AssetError("An archive holds archives that hold archives, too many levels deep")


def _in_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _listed(directory: str, prefix: str) -> Iterator[tuple[str, str, bool]]:
    """The entries of a directory in byte order: name in the archive, path, whether a directory itself."""
    with os.scandir(directory) as entries:
        found = [
            (entry.name, entry.path, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if entry.name != _SKIPPED_NAME
        ]
    found.sort(key=lambda entry: os.fsencode(entry[0]))
    return iter([(prefix + name, path, is_directory) for name, path, is_directory in found])


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
