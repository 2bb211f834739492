"""Putting a stack under another key (state.md §12.5)."""

from __future__ import annotations

import pytest
from support.stored import HOLDER, NAME, NumberedCrypter, opened, run, thing, write

from stackwright.secrets import DecryptionError, SecretsProvider
from stackwright.state import OperationKind, Store, change_secrets_provider
from stackwright.values import Secret


class Manager:
    """A secrets manager with a key of its own."""

    def __init__(self, name: str) -> None:
        self.provider = SecretsProvider(type="b64", state={"name": name})
        self.crypter = NumberedCrypter(name)


def test_all_secrets_move(store: Store) -> None:
    """Afterwards the new key opens everything, pending operations included, and the old one nothing."""
    old, new = NumberedCrypter("old"), Manager("new")
    write(store, thing("a", inputs={"p": Secret("x")}, outputs={"q": [Secret(1)]}), crypter=old)
    work = opened(store, crypter=old)

    async def main() -> None:
        _, durable = work.journal.begin(OperationKind.CREATING, thing("b", inputs={"p": Secret("y")}))
        await durable

    run(main)
    change_secrets_provider(store, NAME, lease=work.lease, old=old, new=new)
    found = store.snapshot(NAME, crypter=new.crypter)

    assert found.secrets_provider == store.secrets_provider(NAME) == new.provider
    assert found.resources == [thing("a", inputs={"p": Secret("x")}, outputs={"q": [Secret(1)]})]
    assert found.pending[0].resource.inputs == {"p": Secret("y")}
    with pytest.raises(DecryptionError):
        store.snapshot(NAME, crypter=old)


def test_the_wrong_key_changes_nothing(store: Store) -> None:
    """Where the old key does not open the secrets, they stay under it."""
    old, new = NumberedCrypter("old"), Manager("new")
    write(store, thing("a", inputs={"p": Secret("x")}), crypter=old)
    lease = store.acquire(NAME, HOLDER)

    with pytest.raises(DecryptionError):
        change_secrets_provider(store, NAME, lease=lease, old=NumberedCrypter("other"), new=new)
    assert store.snapshot(NAME, crypter=old).resources == [thing("a", inputs={"p": Secret("x")})]
    assert store.secrets_provider(NAME) is None
