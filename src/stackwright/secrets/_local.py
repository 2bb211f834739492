"""
The default: a key in a file that only its owner can read.

A key is made on first use, in the folder `keys` of our home directory, and nobody is
asked for anything. The state records which key it was, so that a stack opened on another
machine says which file is missing. What protects the secrets is the file: whoever
has both the state and the file can read them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from stackwright.environment import home
from stackwright.secrets._aes import KEY_BYTES, AesCrypter
from stackwright.secrets._crypter import KeyFileError, SecretsError, SecretsProvider, read_text

TYPE: Final = "local"
_PREFIX: Final = "stackwright-key-v1:"
_DEFAULT: Final = "local.key"


class LocalKeyManager:
    """A stack's secrets under a key in a file of this user's. Reads the file when something needs the key."""

    def __init__(self, key_id: str, folder: Path) -> None:
        self._id = key_id
        self._folder = folder
        self._crypter: AesCrypter | None = None

    @classmethod
    def new(cls, folder: Path | None = None, *, rotating: bool = False) -> LocalKeyManager:
        """
        The manager with this user's key, which is made when there is none; *rotating* makes another.

        Raises:
            KeyFileError: The key cannot be written or read.
        """
        folder = folder or keys_folder()
        name = f"local-{os.urandom(8).hex()}.key" if rotating else _DEFAULT
        path = folder / name
        if not path.exists():
            _make_key(path)
        return cls(key_id(_read_key(path)), folder)

    @property
    def provider(self) -> SecretsProvider:
        """What is recorded in the state."""
        return SecretsProvider(type=TYPE, state={"key": self._id})

    @property
    def crypter(self) -> AesCrypter:
        """
        The crypter.

        Raises:
            KeyFileError: The key is not on this machine, or its file cannot be used.
        """
        if self._crypter is None:
            self._crypter = AesCrypter(self._find(), owner=f"the local key {self._id}")
        return self._crypter

    def _find(self) -> bytes:
        for path in _key_files(self._folder):
            key = _read_key(path)
            if key_id(key) == self._id:
                return key
        raise KeyFileError(
            f"The secrets of this stack need the local key {self._id}, which is not on this machine",
            detail=f"No file in {self._folder} holds it",
            hint="Copy the key file from the machine where the stack was made, or move the stack to a "
            "passphrase there with `stackwright stack change-secrets-provider passphrase`",
        )


def manager_from_state(state: Any, folder: Path | None = None) -> LocalKeyManager:
    """The manager that a state names. Raises `SecretsError` where its part of the state is malformed."""
    found = state.get("key") if isinstance(state, Mapping) else None
    if not isinstance(found, str):
        raise SecretsError("The state names a local key without saying which one")
    return LocalKeyManager(found, folder or keys_folder())


def keys_folder() -> Path:
    """Where this user's keys lie."""
    return home() / "keys"


def key_id(key: bytes) -> str:
    """The name of a key, which says nothing about it."""
    return hashlib.sha256(b"stackwright key id\0" + key).hexdigest()[:16]


def _key_files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.key"))
    except OSError as error:
        raise KeyFileError(f"The folder of keys {folder} cannot be read", detail=error.strerror) from error


def _make_key(path: Path) -> None:
    # Written under another name and linked into place: no one ever reads half a key, and of
    # two processes that make one at once the first wins, for both.
    text = _PREFIX + base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n"
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(partial, path)
        except FileExistsError:
            return
        finally:
            partial.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise KeyFileError(
            f"The key for secrets cannot be written to {path}",
            detail=error.strerror,
            hint="Make the folder writable, set STACKWRIGHT_HOME to another one, or choose a passphrase "
            "with `--secrets-provider passphrase`",
        ) from error


def _read_key(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be read", detail=error.strerror) from error
    if mode & 0o077:
        raise KeyFileError(
            f"The key file {path} can be read by others, so that it is not used",
            detail=f"Its permissions are {mode:04o}",
            hint=f"Run `chmod 600 {path}`; if others may have seen it, rotate the key with "
            "`stackwright stack change-secrets-provider default`",
        )
    text = read_text(path, "The key file").strip()
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(_PREFIX) or len(key) != KEY_BYTES:
        raise KeyFileError(
            f"The key file {path} is damaged",
            hint="Restore it from a backup: without it the secrets cannot be decrypted",
        )
    return key
