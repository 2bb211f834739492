"""The ciphertext format: AES-256-GCM, as a text (state.md §12.2)."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from stackwright.secrets._crypter import DecryptionError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = "v1"


class AesCrypter:
    """
    A `Crypter` with one 32-byte key.

    A ciphertext is `v1:<base64 nonce>:<base64 of ciphertext and tag>`, standard base64
    with padding, no additional data. *owner* says whose key it is, for messages.
    """

    def __init__(self, key: bytes, *, owner: str) -> None:
        self._key = key
        self._owner = owner

    @cached_property
    def _cipher(self) -> AESGCM:
        # Costs more than the rest of this package together: only whoever has a secret pays for it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def encrypt(self, plaintext: str) -> str:
        """See `Crypter.encrypt`."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plaintext.encode(), None)
        return f"{_VERSION}:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, ciphertext: str) -> str:
        """See `Crypter.decrypt`."""
        from cryptography.exceptions import InvalidTag

        version, _, rest = ciphertext.partition(":")
        parts = rest.split(":")
        if version != _VERSION or len(parts) != 2:
            raise DecryptionError(
                "The text is not in a known form of ciphertext",
                hint="It may have been edited, or belong to another secrets provider",
            )
        try:
            nonce, sealed = (base64.b64decode(part, validate=True) for part in parts)
            if len(nonce) != _NONCE_BYTES:
                raise DecryptionError("The ciphertext is damaged: its nonce has the wrong length")
            return self._cipher.decrypt(nonce, sealed, None).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise DecryptionError("The ciphertext is damaged") from None
        except InvalidTag:
            raise DecryptionError(
                f"It was not encrypted with {self._owner}, or it was changed since",
                hint="Use the key or passphrase with which the secrets of this stack were set up",
            ) from None

    def decrypt_many(self, ciphertexts: Sequence[str]) -> list[str]:
        """See `Crypter.decrypt_many`."""
        return [self.decrypt(ciphertext) for ciphertext in ciphertexts]
