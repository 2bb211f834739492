"""Keys from a passphrase, in the compatible format (state.md §12.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from stackwright.environment import CONFIG_PASSPHRASE, CONFIG_PASSPHRASE_FILE
from stackwright.secrets._aes import KEY_BYTES, AesCrypter
from stackwright.secrets._crypter import (
    DecryptionError,
    PassphraseMissingError,
    SecretsError,
    SecretsProvider,
    WrongPassphraseError,
    read_text,
)

TYPE: Final = "passphrase"
ITERATIONS: Final = 1_000_000
_SALT_BYTES: Final = 8
_CHECK_TEXT: Final = "pulumi"
_ATTEMPTS: Final = 5


class PassphraseSource(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whom to ask for a passphrase when no variable holds one; None: there is nobody.

    `unlock` is given the stack's name and asks for its passphrase; `choose` asks for a
    new one (and for its confirmation); `complain` shows that an answer was wrong.
    """

    unlock: Callable[[str], str] | None = None
    choose: Callable[[], str] | None = None
    complain: Callable[[str], None] | None = None


NOBODY: Final = PassphraseSource()


def passphrase_from_environment(environ: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """
    The passphrase that the environment gives, and where from; the empty text is one too.

    Raises:
        SecretsError: The file that is named for it cannot be read.
    """
    phrase = CONFIG_PASSPHRASE.value(environ)
    if phrase is not None:
        return phrase, CONFIG_PASSPHRASE.source(environ) or ""
    path = CONFIG_PASSPHRASE_FILE.value(environ)
    if path is not None:
        return read_text(path, "The passphrase file").strip(), str(path)
    return None


def new_salt_text(passphrase: str) -> tuple[str, AesCrypter]:
    """A fresh `encryptionsalt` for *passphrase*, and the crypter that goes with it."""
    salt = os.urandom(_SALT_BYTES)
    crypter = _crypter(passphrase, salt)
    return f"v1:{base64.b64encode(salt).decode()}:{crypter.encrypt(_CHECK_TEXT)}", crypter


def crypter_for(passphrase: str, salt_text: str) -> AesCrypter | None:
    """
    The crypter of a passphrase and an `encryptionsalt`; None when the passphrase is wrong.

    Raises:
        SecretsError: The text is not an `encryptionsalt`.
    """
    salt, check = _parsed(salt_text)
    crypter = _crypter(passphrase, salt)
    try:
        return crypter if crypter.decrypt(check) == _CHECK_TEXT else None
    except DecryptionError:
        return None


class PassphraseManager:
    """A stack's secrets under a passphrase. Nobody is asked for it before something needs the crypter."""

    def __init__(self, salt_text: str, *, stack: str = "", source: PassphraseSource = NOBODY) -> None:
        self._salt_text = salt_text
        self._stack = stack
        self._source = source
        self._crypter: AesCrypter | None = None

    @classmethod
    def new(
        cls, *, stack: str = "", source: PassphraseSource = NOBODY, rotating: bool = False
    ) -> PassphraseManager:
        """
        A manager for a stack that has no passphrase yet, or gets a new one (*rotating*).

        The variables give the phrase of a new stack; a rotation always asks, since
        they hold the old one (state.md §12.2).

        Raises:
            PassphraseMissingError: No variable is set, and nobody can be asked.
        """
        given = None if rotating else passphrase_from_environment()
        if given is not None:
            phrase = given[0]
        elif source.choose is not None:
            phrase = source.choose()
        else:
            raise PassphraseMissingError(stack)
        salt_text, crypter = new_salt_text(phrase)
        manager = cls(salt_text, stack=stack, source=source)
        manager._crypter = crypter
        return manager

    @property
    def salt_text(self) -> str:
        """The `encryptionsalt` of the stack file."""
        return self._salt_text

    @property
    def provider(self) -> SecretsProvider:
        """What is recorded in the state."""
        return SecretsProvider(type=TYPE, state={"salt": self._salt_text})

    @property
    def crypter(self) -> AesCrypter:
        """
        The crypter; asks for the passphrase if that is needed.

        Raises:
            WrongPassphraseError: The variable holds another one, or every answer was wrong.
            PassphraseMissingError: No variable is set, and nobody can be asked.
        """
        if self._crypter is None:
            self._crypter = self._unlocked()
        return self._crypter

    def _unlocked(self) -> AesCrypter:
        given = passphrase_from_environment()
        if given is not None:
            phrase, place = given
            crypter = crypter_for(phrase, self._salt_text)
            if crypter is None:
                raise WrongPassphraseError(self._stack, place)
            return crypter
        if self._source.unlock is None:
            raise PassphraseMissingError(self._stack)
        for _ in range(_ATTEMPTS):
            crypter = crypter_for(self._source.unlock(self._stack), self._salt_text)
            if crypter is not None:
                return crypter
            if self._source.complain is not None:
                self._source.complain("incorrect passphrase")
        raise WrongPassphraseError(self._stack, "the prompt")


def manager_from_state(
    state: Any, *, stack: str = "", source: PassphraseSource = NOBODY
) -> PassphraseManager:
    """The manager that a state names. Raises `SecretsError` where its part of the state is malformed."""
    salt = state.get("salt") if isinstance(state, Mapping) else None
    if not isinstance(salt, str):
        raise SecretsError("The state names a passphrase without a salt, so that its secrets cannot be read")
    _parsed(salt)
    return PassphraseManager(salt, stack=stack, source=source)


def _parsed(salt_text: str) -> tuple[bytes, str]:
    version, _, rest = salt_text.partition(":")
    salt, _, check = rest.partition(":")
    try:
        raw = base64.b64decode(salt, validate=True)
    except binascii.Error:
        raw = b""
    if version != "v1" or not check or not raw:
        raise SecretsError(
            "The `encryptionsalt` is malformed",
            hint="Restore it from a backup of the stack file: without it the secrets cannot be decrypted",
        )
    return raw, check


def _crypter(passphrase: str, salt: bytes) -> AesCrypter:
    return AesCrypter(_key(passphrase, salt), owner="this passphrase")


@lru_cache(maxsize=16)
def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ITERATIONS, KEY_BYTES)
