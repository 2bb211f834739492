"""Which secrets manager a stack uses, and what that means for its files (state.md §12.1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from stackwright.environment import FALLBACK_TO_STATE_SECRETS_MANAGER
from stackwright.secrets import _local, _passphrase
from stackwright.secrets._crypter import (
    PROVIDER_NAMES,
    Crypter,
    DecryptionError,
    SecretsProvider,
    UnavailableSecretsProviderError,
    UnknownSecretsProviderError,
)
from stackwright.secrets._local import LocalKeyManager
from stackwright.secrets._passphrase import NOBODY, PassphraseManager, PassphraseSource

_KEY_SERVICES: Final = {
    "awskms": "AWS KMS",
    "azurekeyvault": "Azure Key Vault",
    "gcpkms": "Google Cloud KMS",
    "hashivault": "HashiCorp Vault",
}
_DEFAULT_NAMES: Final = frozenset({"", "default", "local"})


class SecretsManager(Protocol):
    """Holds a stack's key, in whatever way. Making one asks nobody and reads no key."""

    @property
    def provider(self) -> SecretsProvider:
        """What is recorded in the state, so that another process finds the same key."""
        ...

    @property
    def crypter(self) -> Crypter:
        """
        What encrypts and decrypts. The first use fetches the key, which may ask a person.

        Raises:
            SecretsError: There is no getting at the key; says why and what to do.
        """
        ...


class SecretsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a stack file that concern secrets (state.md §2); empty is absent."""

    provider: str = ""
    encrypted_key: str = ""
    encryption_salt: str = ""


def check_provider_name(name: str) -> None:
    """
    Refuse what is not the name of a secrets manager, or a key service's URL.

    Raises:
        UnknownSecretsProviderError: Naming those that there are.
    """
    if name not in _DEFAULT_NAMES and name.partition("://")[0] not in PROVIDER_NAMES:
        raise UnknownSecretsProviderError(name)


def new_manager(
    name: str, *, stack: str = "", source: PassphraseSource = NOBODY, rotating: bool = False
) -> SecretsManager:
    """
    A manager for a new stack, or a new one for a stack that changes (*rotating*: to the same kind).

    Raises:
        UnknownSecretsProviderError: There is none of this name.
        UnavailableSecretsProviderError: This release cannot use it.
        SecretsError: What the kind itself raises.
    """
    check_provider_name(name)
    if name in _DEFAULT_NAMES:
        return LocalKeyManager.new(rotating=rotating)
    if name == _passphrase.TYPE:
        return PassphraseManager.new(stack=stack, source=source, rotating=rotating)
    raise _key_service(name)


def open_manager(
    settings: SecretsSettings,
    recorded: SecretsProvider | None,
    *,
    stack: str = "",
    source: PassphraseSource = NOBODY,
    prefer_recorded: bool = False,
) -> SecretsManager:
    """
    The manager of a stack that exists.

    In this order: a key service that the stack file names; the passphrase whose salt
    stands in the stack file; what the state records; the default. *prefer_recorded* (and
    the setting of that name) is for a stack whose file is gone: the state's own record
    comes first. A stack file that asks for a passphrase and has no salt gets a new one.

    Raises like `new_manager`.
    """
    prefer_recorded = prefer_recorded or FALLBACK_TO_STATE_SECRETS_MANAGER.value()
    named = settings.provider
    if named not in _DEFAULT_NAMES and named != _passphrase.TYPE:
        check_provider_name(named)
        raise _key_service(named)
    if settings.encryption_salt:
        state = {"salt": settings.encryption_salt}
        return _passphrase.manager_from_state(state, stack=stack, source=source)
    if recorded is not None and (prefer_recorded or named != _passphrase.TYPE):
        return manager_of(recorded, stack=stack, source=source)
    if named == _passphrase.TYPE:
        return PassphraseManager.new(stack=stack, source=source)
    return LocalKeyManager.new()


def manager_of(
    provider: SecretsProvider, *, stack: str = "", source: PassphraseSource = NOBODY
) -> SecretsManager:
    """
    The manager that a state or an exported deployment names.

    Raises:
        UnavailableSecretsProviderError: It names a kind that cannot be used here.
        SecretsError: What it says of its key is malformed.
    """
    if provider.type == _passphrase.TYPE:
        return _passphrase.manager_from_state(provider.state, stack=stack, source=source)
    if provider.type == _local.TYPE:
        return _local.manager_from_state(provider.state)
    if provider.type == "b64":
        return Base64Manager()
    if provider.type == "cloud":
        url = provider.state.get("url", "") if isinstance(provider.state, dict) else ""
        raise _key_service(str(url))
    if provider.type == "service":
        raise UnavailableSecretsProviderError(
            "The secrets of this state are encrypted by the Pulumi Cloud service, which alone can read them",
            hint="Export the stack there with `pulumi stack export --show-secrets`, and import that file",
        )
    raise UnavailableSecretsProviderError(f'no known secrets provider for type "{provider.type}"')


def settings_of(manager: SecretsManager) -> SecretsSettings:
    """What the stack file has to say, so that the manager is found again (state.md §12.1)."""
    if isinstance(manager, PassphraseManager):
        return SecretsSettings(encryption_salt=manager.salt_text)
    return SecretsSettings()


def _key_service(url: str) -> UnavailableSecretsProviderError:
    scheme = url.partition("://")[0]
    name = _KEY_SERVICES.get(scheme, "a key service")
    return UnavailableSecretsProviderError(
        f"Secrets encrypted by {name} are not served by this release of Stackwright",
        detail="A later release brings AWS KMS, Azure Key Vault, Google Cloud KMS and HashiCorp Vault",
        hint="Use `default` (a key file on this machine) or `passphrase`. A stack that uses a key service "
        "already can be moved with `pulumi stack change-secrets-provider passphrase`",
    )


class Base64Manager:
    """No protection at all: base64, for tests (state.md §12.4)."""

    @property
    def provider(self) -> SecretsProvider:
        """See `SecretsManager.provider`."""
        return SecretsProvider(type="b64")

    @property
    def crypter(self) -> Crypter:
        """See `SecretsManager.crypter`."""
        return Base64Crypter()


class Base64Crypter:
    """The crypter of `Base64Manager`."""

    def encrypt(self, plaintext: str) -> str:
        """See `Crypter.encrypt`."""
        return base64.b64encode(plaintext.encode()).decode()

    def decrypt(self, ciphertext: str) -> str:
        """See `Crypter.decrypt`."""
        try:
            return base64.b64decode(ciphertext, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise DecryptionError("The ciphertext is damaged") from None

    def decrypt_many(self, ciphertexts: Sequence[str]) -> list[str]:
        """See `Crypter.decrypt_many`."""
        return [self.decrypt(ciphertext) for ciphertext in ciphertexts]
