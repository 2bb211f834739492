"""
`stackwright.lock`: which plugins, of both families, a project runs, by their hashes.

Decides the file's form and what agreeing with it means. Choosing what goes into it is
left to `packages`. TOML, because people review it as part of their changes: one entry
after the other, sorted, a line for each hash; and the standard library reads it.

    version = 1

    [[provider]]                 a Terraform provider
    address = "registry.terraform.io/hashicorp/aws"
    version = "5.100.0"
    constraints = "~> 5.0"
    hashes = ["h1:…", "zh:…"]    of the unpacked package, of archives for any platform
    schema = "sha256:…"          of the package schema that its SDK was generated from

    [[plugin]]                   a plugin
    kind = "resource"
    name = "random"
    version = "4.18.0"
    hashes = ["linux-amd64 h1:…"]   of one platform's files; without its name, of every platform's
    schema = "sha256:…"
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stackwright.errors import UserError

LOCK_NAME: Final = "stackwright.lock"
_FORMAT: Final = 1
_MAX_BYTES: Final = 16 * 1024**2
_HEAD: Final = "# Which providers this project runs, by their hashes. Written by Stackwright; commit it.\n"


class LockFileError(UserError):
    """The lock file cannot be read or written."""

    code = "bad-lock-file"


class LockMismatchError(UserError):
    """What is installed is not what the lock file pins. It was not run."""

    code = "lock-mismatch"

    def __init__(
        self,
        what: str,
        lock: Path | None,
        *,
        pinned: Sequence[str],
        found: Sequence[str],
        hint: str | None = None,
    ) -> None:
        lines = ["Pinned:", *(f"  {each}" for each in pinned), "Found:", *(f"  {each}" for each in found)]
        super().__init__(
            f"{what} is not what {lock.name if lock else 'the lock file'} pins",
            detail="\n".join(lines),
            hint=hint
            or (
                "If you expect the change, accept it with `stackwright package upgrade`;"
                " if not, find out who replaced it"
            ),
        )


class LockedProvider(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Terraform provider as a lock file pins it."""

    address: str
    version: str
    constraints: str = ""
    hashes: tuple[str, ...] = ()
    schema: str = ""


class LockedPlugin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A plugin as a lock file pins it."""

    kind: str = "resource"
    name: str
    version: str
    server: str = ""
    hashes: tuple[str, ...] = ()
    schema: str = ""


class LockFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a project's lock file says; empty where there is none."""

    path: Path | None = None
    providers: tuple[LockedProvider, ...] = ()
    plugins: tuple[LockedPlugin, ...] = ()

    def provider(self, address: str) -> LockedProvider | None:
        """The entry of a Terraform provider, by its whole address."""
        return next((each for each in self.providers if each.address == address), None)

    def plugin(self, kind: str, name: str, version: str = "") -> LockedPlugin | None:
        """The entry of a plugin, in *version* if one is given."""
        for each in self.plugins:
            if (each.kind, each.name) == (kind, name) and version in ("", each.version):
                return each
        return None

    def with_provider(self, entry: LockedProvider) -> LockFile:
        """The same with *entry* instead of the one of its address."""
        others = [each for each in self.providers if each.address != entry.address]
        return msgspec.structs.replace(self, providers=(*others, entry))

    def with_plugin(self, entry: LockedPlugin) -> LockFile:
        """The same with *entry* instead of the one of its kind, name and version."""
        key = (entry.kind, entry.name, entry.version)
        others = [each for each in self.plugins if (each.kind, each.name, each.version) != key]
        return msgspec.structs.replace(self, plugins=(*others, entry))

    def without(self, entry: LockedProvider | LockedPlugin) -> LockFile:
        """The same without *entry*."""
        return msgspec.structs.replace(
            self,
            providers=tuple(each for each in self.providers if each != entry),
            plugins=tuple(each for each in self.plugins if each != entry),
        )

    def without_provider(self, address: str) -> LockFile:
        """The same without a Terraform provider."""
        kept = tuple(each for each in self.providers if each.address != address)
        return msgspec.structs.replace(self, providers=kept)

    def without_plugin(self, kind: str, name: str) -> LockFile:
        """The same without any version of a plugin."""
        kept = tuple(each for each in self.plugins if (each.kind, each.name) != (kind, name))
        return msgspec.structs.replace(self, plugins=kept)


class _Document(msgspec.Struct, kw_only=True):
    version: int
    provider: tuple[LockedProvider, ...] = ()
    plugin: tuple[LockedPlugin, ...] = ()


def read_lock_file(project: Path) -> LockFile:
    """
    The lock file of the project in *project*, empty where there is none.

    Raises:
        LockFileError: It cannot be read, or a newer Stackwright wrote it.
    """
    path = project / LOCK_NAME
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return LockFile(path=path)
    except OSError as error:
        raise LockFileError(f"{path} cannot be read", detail=error.strerror) from None
    if len(data) > _MAX_BYTES:
        raise LockFileError(f"{path} is too long for a lock file")
    import tomllib  # most projects have no lock file

    try:
        content = tomllib.loads(data.decode("utf-8"))
        if content.get("version") != _FORMAT:
            raise LockFileError(
                f"{path} has the format {content.get('version')!r}; this Stackwright knows {_FORMAT}",
                hint="Update Stackwright, or restore the file from your repository",
            )
        document = msgspec.convert(content, _Document)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise LockFileError(
            f"{path} is damaged", detail=str(error), hint="Restore the file from your repository"
        ) from None
    return LockFile(path=path, providers=document.provider, plugins=document.plugin)


def write_lock_file(lock: LockFile) -> None:
    """
    Write *lock* to its path, unless that says the same already.

    Raises:
        LockFileError: It cannot be written; the old one is untouched.
    """
    assert lock.path is not None
    text = render_lock_file(lock)
    try:
        if lock.path.is_file() and lock.path.read_text(encoding="utf-8") == text:
            return
        handle, name = tempfile.mkstemp(prefix=f".{LOCK_NAME}.", dir=lock.path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.chmod(0o644)
            fresh.replace(lock.path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise LockFileError(f"{lock.path} cannot be written", detail=error.strerror) from None


def render_lock_file(lock: LockFile) -> str:
    """The text of the file; equal contents make equal texts."""
    providers = sorted(lock.providers, key=lambda each: each.address)
    plugins = sorted(lock.plugins, key=lambda each: (each.kind, each.name, each.version))
    entries = [_entry("provider", each) for each in providers] + [_entry("plugin", each) for each in plugins]
    return "\n".join([_HEAD, f"version = {_FORMAT}\n", *entries])


def _entry(table: str, entry: LockedProvider | LockedPlugin) -> str:
    lines = [f"[[{table}]]"]
    for name, value in msgspec.to_builtins(entry).items():
        if isinstance(value, str):
            lines.append(f"{name} = {_quoted(value)}")
        else:
            lines += [f"{name} = [", *(f"    {_quoted(each)}," for each in sorted(value)), "]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def agrees(pinned: Iterable[str], found: Iterable[str]) -> bool:
    """Whether one of the hashes that were found is pinned; without any pinned, all is well."""
    wanted = set(pinned)
    return not wanted or not wanted.isdisjoint(found)


def pins_for(hashes: Iterable[str], platform: str) -> tuple[str, ...]:
    """Those of a plugin's *hashes* that hold on *platform*, such as `linux-amd64`."""
    parted = (each.rpartition(" ") for each in hashes)
    return tuple(hash_ for where, _, hash_ in parted if where in ("", platform))


def with_pins(hashes: Sequence[str], more: Iterable[str], platform: str) -> tuple[str, ...]:
    """A plugin's *hashes*, completed by *more* that hold on *platform*."""
    known = pins_for(hashes, platform)
    return (*hashes, *(f"{platform} {each}" for each in dict.fromkeys(more) if each not in known))


def check_hashes(
    what: str, lock: Path | None, *, pinned: Sequence[str], found: Callable[[], Sequence[str]]
) -> None:
    """
    Make sure that something agrees with its entry; *found* is asked only if hashes are pinned.

    Raises:
        LockMismatchError: It does not.
    """
    if pinned:
        hashes = found()
        if not agrees(pinned, hashes):
            raise LockMismatchError(what, lock, pinned=pinned, found=hashes)
