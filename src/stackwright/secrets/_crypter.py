"""`Crypter` and `SecretsProvider`: what other rooms need to know of encryption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from stackwright.errors import StackwrightError


class DecryptionError(StackwrightError):
    """A secret cannot be decrypted: another key, another passphrase, or it was tampered with."""

    code = "decryption"


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
