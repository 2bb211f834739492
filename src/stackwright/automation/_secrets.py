"""How one stack's secrets are kept: its settings, its manager, and what changes in its file."""

from __future__ import annotations

from functools import cached_property

from stackwright.project import StackFile
from stackwright.secrets import (
    Crypter,
    PassphraseSource,
    SecretsManager,
    SecretsProvider,
    SecretsSettings,
    manager_of,
    new_manager,
    open_manager,
    settings_of,
)
from stackwright.state import StackName, StackNotFoundError, Store


class StackSecrets:
    """
    The secrets manager of a stack, found when it is first needed.

    *file* is the stack file, where a passphrase leaves its salt; None outside of a project.
    """

    def __init__(
        self,
        name: StackName,
        store: Store,
        file: StackFile | None,
        *,
        passphrase: PassphraseSource | None = None,
        manager: SecretsManager | None = None,
    ) -> None:
        self._name = name
        self._store = store
        self._file = file
        self._source = passphrase or PassphraseSource()
        self._given = manager

    def initialise(self, kind: str) -> SecretsProvider:
        """Choose the manager of a new stack; its file's own settings win over the default."""
        settings = self._settings
        if kind in ("", "default") and (settings.provider or settings.encryption_salt):
            self._given = open_manager(settings, None, stack=self._name.stack, source=self._source)
        else:
            self._given = new_manager(kind, stack=self._name.stack, source=self._source)
        return self._given.provider

    def changed_to(self, kind: str) -> StackSecrets:
        """Another manager for the same stack; the same kind gets a new key (state.md §12.5)."""
        rotating = new_kind(kind) == self.provider.type
        manager = new_manager(kind, stack=self._name.stack, source=self._source, rotating=rotating)
        return StackSecrets(self._name, self._store, self._file, passphrase=self._source, manager=manager)

    @property
    def _settings(self) -> SecretsSettings:
        if self._file is None:
            return SecretsSettings()
        return SecretsSettings(
            provider=self._file.secrets_provider or "",
            encrypted_key=self._file.encrypted_key or "",
            encryption_salt=self._file.encryption_salt or "",
        )

    @cached_property
    def manager(self) -> SecretsManager:
        """The stack's manager, by the order of precedence of its settings (state.md §12.1)."""
        if self._given is not None:
            return self._given
        try:
            recorded = self._store.secrets_provider(self._name)
        except StackNotFoundError:
            recorded = None
        return open_manager(
            self._settings,
            recorded,
            stack=self._name.stack,
            source=self._source,
            prefer_recorded=self._file is None,
        )

    @property
    def provider(self) -> SecretsProvider:
        """What is recorded with the state."""
        return self.manager.provider

    @property
    def crypter(self) -> Crypter:
        """What encrypts and decrypts; the first use fetches the key, which may ask a person."""
        return self.manager.crypter

    def crypter_of(self, provider: SecretsProvider) -> Crypter:
        """What reads the secrets of a state that came from elsewhere, by what it says of its key."""
        if provider == self.provider:
            return self.crypter
        return manager_of(provider, stack=self._name.stack, source=self._source).crypter

    @property
    def changed_file(self) -> StackFile | None:
        """The stack file with what the manager needs in it, or None where it has that already."""
        if self._file is None:
            return None
        wanted = settings_of(self.manager)
        now = self._settings
        if wanted.encryption_salt == now.encryption_salt and not (
            self._given is not None and now.provider and now.provider != wanted.provider
        ):
            return None
        return self._file.with_secrets(
            provider=wanted.provider or None,
            encrypted_key=wanted.encrypted_key or None,
            encryption_salt=wanted.encryption_salt or None,
        )


def new_kind(kind: str) -> str:
    """The recorded type of a manager that a person calls *kind*."""
    return "local" if kind in ("", "default") else kind


__all__ = ["PassphraseSource", "StackSecrets"]
