"""Small builders for what stores keep: records, holders, stacks; and a crypter that costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from stackwright.secrets import DecryptionError
from stackwright.state import (
    Change,
    Crypter,
    Holder,
    Journal,
    Key,
    Lease,
    OperationKind,
    ResourceState,
    Snapshot,
    StackName,
    Store,
)
from stackwright.urn import Urn

T = TypeVar("T")

NAME = StackName("organization", "shop", "dev")
OTHER = StackName("organization", "shop", "prod")
HOLDER = Holder(user="ada", host="here", pid=1, operation="update", since="2026-01-02T03:04:05Z")
TYPE = "pkg:index:Thing"
ROOT = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")
PROVIDER = Urn("urn:pulumi:dev::shop::pulumi:providers:pkg::default")
PROVIDER_ID = "5f0c3a52-5f3c-4b6c-8e0f-4c2b6f7d9a10"


class NumberedCrypter:
    """Encrypts by numbering, so that a test can tell two encryptions of one text apart; hides nothing."""

    def __init__(self, name: str = "k") -> None:
        self.name = name
        self.count = 0

    def encrypt(self, plaintext: str) -> str:
        self.count += 1
        return f"{self.name}:{self.count}:{plaintext.encode().hex()}"

    def decrypt(self, ciphertext: str) -> str:
        name, _, rest = ciphertext.partition(":")
        if name != self.name:
            raise DecryptionError("encrypted with another key")
        return bytes.fromhex(rest.partition(":")[2]).decode()

    def decrypt_many(self, ciphertexts: Sequence[str]) -> list[str]:
        return [self.decrypt(ciphertext) for ciphertext in ciphertexts]


CRYPTER = NumberedCrypter()


def urn(name: str, type_: str = TYPE) -> Urn:
    """The URN of a resource of the stack `NAME`."""
    return Urn(f"urn:pulumi:dev::shop::{type_}::{name}")


def thing(name: str, **fields: Any) -> ResourceState:
    """A custom resource."""
    fields.setdefault("id", f"id-{name}")
    return ResourceState(urn=fields.pop("urn", urn(name)), type=TYPE, custom=True, **fields)


def root(**fields: Any) -> ResourceState:
    """The stack's own resource."""
    return ResourceState(urn=ROOT, type="pulumi:pulumi:Stack", custom=False, **fields)


def provider(**fields: Any) -> ResourceState:
    """The default provider of the things."""
    return ResourceState(urn=PROVIDER, type="pulumi:providers:pkg", custom=True, id=PROVIDER_ID, **fields)


class Opened:
    """A stack that somebody works on."""

    def __init__(self, store: Store, name: StackName, lease: Lease, journal: Journal) -> None:
        self.store = store
        self.name = name
        self.lease = lease
        self.journal = journal

    def put(self, *records: ResourceState) -> list[Awaitable[None]]:
        """Hand over one change for each record, each under a new key."""
        return [self.journal.commit(Change(put=((self.journal.new_key(), record),))) for record in records]


def opened(store: Store, name: StackName = NAME, *, crypter: Crypter = CRYPTER) -> Opened:
    """Take the lease of a stack (made if need be) and open its journal."""
    if not store.exists(name):
        store.create(name)
    lease = store.acquire(name, HOLDER)
    return Opened(store, name, lease, store.journal(name, lease, crypter=crypter))


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run *main* in an event loop of its own, to the end."""
    return asyncio.run(main())


def write(store: Store, *records: ResourceState, name: StackName = NAME, crypter: Crypter = CRYPTER) -> None:
    """Add records to a stack, through its journal."""
    work = opened(store, name, crypter=crypter)

    async def main() -> None:
        for durable in work.put(*records):
            await durable

    run(main)
    work.lease.release()


def change(store: Store, *changes: Change, name: StackName = NAME, crypter: Crypter = CRYPTER) -> None:
    """Apply changes to a stack, through its journal, each in a turn of its own."""
    work = opened(store, name, crypter=crypter)

    async def main() -> None:
        for each in changes:
            await work.journal.commit(each)

    run(main)
    work.lease.release()


def names(snapshot: Snapshot) -> list[str]:
    """The names of a snapshot's records, in order."""
    return [record.urn.rpartition("::")[2] for record in snapshot.resources]


def key_of(snapshot: Snapshot, name: str) -> Key:
    """The key of the first record of that name."""
    return next(key for key, record in snapshot.records.items() if record.urn.endswith(f"::{name}"))


__all__ = [
    "CRYPTER",
    "HOLDER",
    "NAME",
    "OTHER",
    "PROVIDER",
    "PROVIDER_ID",
    "ROOT",
    "TYPE",
    "NumberedCrypter",
    "Opened",
    "OperationKind",
    "change",
    "key_of",
    "names",
    "opened",
    "provider",
    "root",
    "run",
    "thing",
    "urn",
    "write",
]
