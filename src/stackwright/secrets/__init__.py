"""
Secrets: how secret values are encrypted before they reach a store, a file or a screen.

Decides which manager a stack uses, what its settings look like, and the bytes of
every ciphertext. Leaves to others where ciphertexts are kept (`state`, `project`)
and asking a person for a passphrase (`cli`). May import the vocabulary only.
"""

from stackwright.secrets._crypter import (
    PROVIDER_NAMES,
    Crypter,
    DecryptionError,
    KeyFileError,
    PassphraseMissingError,
    SecretsError,
    SecretsProvider,
    UnavailableSecretsProviderError,
    UnknownSecretsProviderError,
    WrongPassphraseError,
    reencrypt,
)
from stackwright.secrets._local import LocalKeyManager
from stackwright.secrets._managers import (
    Base64Manager,
    SecretsManager,
    SecretsSettings,
    check_provider_name,
    manager_of,
    new_manager,
    open_manager,
    settings_of,
)
from stackwright.secrets._passphrase import PassphraseManager, PassphraseSource

__all__ = [
    "PROVIDER_NAMES",
    "Base64Manager",
    "Crypter",
    "DecryptionError",
    "KeyFileError",
    "LocalKeyManager",
    "PassphraseManager",
    "PassphraseMissingError",
    "PassphraseSource",
    "SecretsError",
    "SecretsManager",
    "SecretsProvider",
    "SecretsSettings",
    "UnavailableSecretsProviderError",
    "UnknownSecretsProviderError",
    "WrongPassphraseError",
    "check_provider_name",
    "manager_of",
    "new_manager",
    "open_manager",
    "reencrypt",
    "settings_of",
]
