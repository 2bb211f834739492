"""
Secrets: how secret values are encrypted before they reach a store, a file or a screen.

Decides which manager a stack uses, what its settings look like, and the bytes of
every ciphertext. Leaves to others where ciphertexts are kept (`state`, `project`)
and asking a person for a passphrase (`cli`). May import the vocabulary only.
"""

from stackwright.secrets._crypter import Crypter, DecryptionError, SecretsProvider

__all__ = ["Crypter", "DecryptionError", "SecretsProvider"]
