"""
`Crypter` and `SecretsProvider`: what other rooms need to know of encryption.

    SecretsError
    ├── DecryptionError            another key, or the text was tampered with
    │   └── WrongPassphraseError
    ├── PassphraseMissingError     nobody said the passphrase, and nobody can be asked
    ├── KeyFileError               the local key is missing, or others could read it
    ├── UnknownSecretsProviderError
    └── UnavailableSecretsProviderError   known, but not served here
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from stackwright.errors import StackwrightError

PROVIDER_NAMES: Final = ("default", "passphrase", "awskms", "azurekeyvault", "gcpkms", "hashivault")
"""What `--secrets-provider` takes, key services by the scheme of their URL (state.md §12.1)."""


class SecretsError(StackwrightError):
    """Secret values cannot be encrypted or decrypted."""

    code = "secrets"


class DecryptionError(SecretsError):
    """A secret cannot be decrypted: another key, another passphrase, or it was tampered with."""

    code = "decryption"


class WrongPassphraseError(DecryptionError):
    """The passphrase is not the one that the stack was made with."""

    code = "wrong-passphrase"

    def __init__(self, stack: str, source: str) -> None:
        super().__init__(
            "incorrect passphrase",
            detail=f"The passphrase from {source} does not open the secrets{_of(stack)}",
            hint="Give the passphrase that was used when the stack's secrets were set up; it cannot be "
            "recovered from the files",
        )


class PassphraseMissingError(SecretsError):
    """The stack is protected by a passphrase, which nobody said."""

    code = "passphrase-missing"

    def __init__(self, stack: str) -> None:
        super().__init__(
            "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
            "environment variables",
            detail=f"The secrets{_of(stack)} are protected by a passphrase",
            hint="STACKWRIGHT_CONFIG_PASSPHRASE and STACKWRIGHT_CONFIG_PASSPHRASE_FILE work too, and win "
            "where both are set",
        )


class KeyFileError(SecretsError):
    """The file that holds the local key cannot be used."""

    code = "key-file"


class UnknownSecretsProviderError(SecretsError):
    """There is no secrets manager of that name."""

    code = "unknown-secrets-provider"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"unknown secrets provider type '{name}' (supported values: {','.join(PROVIDER_NAMES)})"
        )


class UnavailableSecretsProviderError(SecretsError):
    """A secrets manager that exists, but that this release cannot use."""

    code = "unavailable-secrets-provider"


def _of(stack: str) -> str:
    return f" of stack `{stack}`" if stack else ""


class SecretsProvider(msgspec.Struct, frozen=True, kw_only=True):
    """Which secrets manager encrypts a stack, and its own state, both as stored (state.md §12)."""

    type: str
    state: Any = None


class Crypter(Protocol):
    """
    Encrypts and decrypts secret values one by one, for one stack.

    Ciphertexts are self-contained texts; the same plaintext gives another one each time.
    """

    def encrypt(self, plaintext: str) -> str:
        """Encrypt; never fails for want of a key once the crypter exists."""
        ...

    def decrypt(self, ciphertext: str) -> str:
        """
        Decrypt.

        Raises:
            DecryptionError: It was encrypted with another key, or tampered with.
        """
        ...

    def decrypt_many(self, ciphertexts: Sequence[str]) -> Iterable[str]:
        """Decrypt in order; one round trip where the key lives elsewhere."""
        ...


def reencrypt(ciphertexts: Sequence[str], old: Crypter, new: Crypter) -> list[str]:
    """The same secrets under another crypter (`change-secrets-provider`). Raises `DecryptionError`."""
    return [new.encrypt(plaintext) for plaintext in old.decrypt_many(ciphertexts)]


def read_text(path: Path, what: str) -> str:
    """The text of a small file. Raises `SecretsError` that says what the file is for."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SecretsError(f"{what} {path} cannot be read", detail=reason) from error
