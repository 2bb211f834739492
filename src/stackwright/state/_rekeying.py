"""Putting a stack's secrets under another key (state.md §12.5)."""

from __future__ import annotations

import msgspec

from stackwright.secrets import Crypter, SecretsManager
from stackwright.state._store import Lease, StackName, Store


def change_secrets_provider(
    store: Store, name: StackName, *, lease: Lease, old: Crypter, new: SecretsManager
) -> None:
    """
    Encrypt all secrets of a stack anew, and record whose key it is now; all of it or nothing.

    The stack file's own secrets are the caller's (`secrets.reencrypt`).

    Raises:
        DecryptionError: *old* is not the key that they are encrypted with; nothing was changed.
        SecretsError: There is no getting at the new key; nothing was changed.
        StateError: The store cannot be read or written.
    """
    snapshot = store.snapshot(name, crypter=old)
    rekeyed = msgspec.structs.replace(snapshot, secrets_provider=new.provider)
    store.replace(name, rekeyed, lease=lease, crypter=new.crypter)
