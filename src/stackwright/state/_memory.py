"""
A store that lives as long as its object: for tests, and for stacks that nobody has to find again.

It keeps records in the same encoded form as stores on disk, so that what works here
works there, secrets included.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from stackwright.environment import DISABLE_SECRET_CACHE
from stackwright.errors import InternalError
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._entries import (
    BeginEntry,
    ChangeEntry,
    decode_batch,
    decode_extensions,
    encode_extensions,
)
from stackwright.state._go_json import encode
from stackwright.state._loading import load_outputs, load_snapshot
from stackwright.state._manifest import fresh_manifest
from stackwright.state._property_json import PropertyWriter, SecretTexts
from stackwright.state._record_json import encode_record, references_of
from stackwright.state._renaming import renamed_record, with_renamed_references
from stackwright.state._snapshot import Manifest, Snapshot
from stackwright.state._store import (
    Holder,
    Journal,
    Lease,
    LeaseHeldError,
    LeaseLostError,
    StackExistsError,
    StackName,
    StackNotEmptyError,
    StackNotFoundError,
    StackSummary,
    UpdateRecord,
)
from stackwright.state._turns import TurnJournal
from stackwright.urn import is_root_stack


class _Stack:
    """One stack, as rows: everything that a store on disk would keep in its tables."""

    def __init__(self, secrets_provider: SecretsProvider | None, tags: Mapping[str, str]) -> None:
        self.records: dict[int, bytes] = {}
        self.referrers: dict[str, set[int]] = {}
        self.pending: dict[int, tuple[str, bool, bytes]] = {}
        self.next_key = 1
        self.next_number = 1
        self.manifest = Manifest()
        self.metadata: Mapping[str, Any] = {}
        self.snippets: tuple[Mapping[str, Any], ...] = ()
        self.extensions = b"{}"
        self.secrets_provider = secrets_provider
        self.tags = dict(tags)
        self.history: list[UpdateRecord] = []
        self.lease: MemoryLease | None = None
        self.secrets: SecretTexts | None = None

    def put(self, key: int, body: bytes) -> None:
        self.forget(key)
        self.records[key] = body
        for urn in references_of(body).edges():
            self.referrers.setdefault(urn, set()).add(key)
        self.next_key = max(self.next_key, key + 1)

    def forget(self, key: int) -> None:
        # The place of a record is its key, not its place in the dictionary.
        body = self.records.pop(key, None)
        if body is not None:
            for urn in references_of(body).edges():
                self.referrers[urn].discard(key)

    def apply(self, entry: BeginEntry | ChangeEntry) -> None:
        if isinstance(entry, BeginEntry):
            self.pending[entry.number] = (entry.kind, False, bytes(entry.record))
            self.next_number = max(self.next_number, entry.number + 1)
            return
        for old, new in entry.renames:
            self._rename(old, new)
        for key in entry.remove:
            self.forget(key)
        for key, body in entry.put:
            self.put(key, bytes(body))
        if entry.operation is not None:
            begun = self.pending.pop(entry.operation, None)
            if begun is not None and entry.keep_pending:
                self.pending[entry.operation] = (begun[0], True, begun[2])
        for number in entry.settle:
            self.pending.pop(number, None)
        if entry.extensions is not None:
            self.extensions = encode(entry.extensions)

    def _rename(self, old: str, new: str) -> None:
        for key in list(self.referrers.get(old, ())):
            self.put(key, with_renamed_references(self.records[key], old, new))
        for number, (kind, uncertain, body) in self.pending.items():
            self.pending[number] = (kind, uncertain, with_renamed_references(body, old, new))

    def rows(self) -> list[tuple[int, bytes]]:
        return sorted(self.records.items())


class MemoryStore:
    """A `Store` in memory. Several may exist; they know nothing of each other."""

    def __init__(self) -> None:
        self._stacks: dict[StackName, _Stack] = {}
        self._lock = threading.RLock()
        self._tokens = itertools.count(1)
        self._reuse = not DISABLE_SECRET_CACHE.value()

    @property
    def url(self) -> str:
        """See `Store.url`."""
        return "memory://"

    def stacks(self, *, project: str | None = None, organization: str | None = None) -> list[StackSummary]:
        """See `Store.stacks`."""
        with self._lock:
            return [
                StackSummary(
                    name=name,
                    resource_count=len(stack.records),
                    last_update=_rfc3339(stack.history[-1].end_time) if stack.history else None,
                    update_in_progress=stack.lease is not None,
                )
                for name, stack in sorted(self._stacks.items(), key=lambda item: item[0])
                if project in {None, name.project} and organization in {None, name.organization}
            ]

    def create(
        self,
        name: StackName,
        *,
        secrets_provider: SecretsProvider | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """See `Store.create`."""
        with self._lock:
            if name in self._stacks:
                raise StackExistsError(name)
            self._stacks[name] = _Stack(secrets_provider, tags or {})

    def exists(self, name: StackName) -> bool:
        """See `Store.exists`."""
        return name in self._stacks

    def remove(self, name: StackName, *, force: bool = False) -> None:
        """See `Store.remove`."""
        with self._lock:
            stack = self._free(name)
            count = sum(not is_root_stack(references_of(body).urn) for body in stack.records.values())
            if count and not force:
                raise StackNotEmptyError(name, count)
            del self._stacks[name]

    def rename(self, old: StackName, new: StackName) -> None:
        """See `Store.rename`."""
        with self._lock:
            self._get(old)
            if new in self._stacks:
                raise StackExistsError(new)
            stack = self._free(old)
            for key, body in stack.rows():
                stack.put(key, renamed_record(body, old, new))
            for number, (kind, uncertain, body) in stack.pending.items():
                stack.pending[number] = (kind, uncertain, renamed_record(body, old, new))
            self._stacks[new] = self._stacks.pop(old)

    def snapshot(self, name: StackName, *, crypter: Crypter | None = None) -> Snapshot:
        """See `Store.snapshot`."""
        with self._lock:
            stack = self._get(name)
            return load_snapshot(
                stack.rows(),
                [(number, *row) for number, row in sorted(stack.pending.items())],
                self._texts(stack, crypter),
                manifest=stack.manifest,
                secrets_provider=stack.secrets_provider,
                metadata=stack.metadata,
                snippets=stack.snippets,
                extensions=decode_extensions(stack.extensions),
            )

    def outputs(self, name: StackName, *, crypter: Crypter | None = None) -> Mapping[str, Any]:
        """See `Store.outputs`."""
        with self._lock:
            stack = self._get(name)
            own = [body for _, body in reversed(stack.rows()) if is_root_stack(references_of(body).urn)]
            return load_outputs(own, self._texts(stack, crypter))

    def replace(
        self, name: StackName, snapshot: Snapshot, *, lease: Lease, crypter: Crypter | None = None
    ) -> None:
        """See `Store.replace`."""
        with self._lock:
            stack = self._held(name, lease)
            writer = PropertyWriter(self._texts(stack, crypter))
            bodies = [encode_record(record, writer) for record in snapshot.records.values()]
            pending = {
                operation.number: (
                    operation.kind.value,
                    operation.uncertain,
                    encode_record(operation.resource, writer),
                )
                for operation in snapshot.pending
            }
            extensions = encode_extensions(snapshot.extensions)
            stack.records, stack.referrers, stack.pending = {}, {}, pending
            for key, body in enumerate(bodies, stack.next_key):
                stack.put(key, body)
            stack.next_number = max([stack.next_number, *(number + 1 for number in pending)])
            stack.manifest, stack.metadata = snapshot.manifest, snapshot.metadata
            stack.snippets, stack.extensions = tuple(snapshot.snippets), extensions
            stack.secrets_provider = snapshot.secrets_provider

    def secrets_provider(self, name: StackName) -> SecretsProvider | None:
        """See `Store.secrets_provider`."""
        return self._get(name).secrets_provider

    def acquire(self, name: StackName, holder: Holder) -> Lease:
        """See `Store.acquire`."""
        with self._lock:
            stack = self._free(name)
            stack.lease = MemoryLease(self, name, holder, next(self._tokens))
            return stack.lease

    def holder(self, name: StackName) -> Holder | None:
        """See `Store.holder`."""
        lease = self._get(name).lease
        return None if lease is None else lease.holder

    def cancel(self, name: StackName) -> None:
        """See `Store.cancel`."""
        with self._lock:
            stack = self._get(name)
            if stack.lease is not None:
                stack.lease.note_loss()
                stack.lease = None

    def journal(self, name: StackName, lease: Lease, *, crypter: Crypter) -> Journal:
        """See `Store.journal`."""
        if not isinstance(lease, MemoryLease) or lease.name != name:
            raise InternalError("A journal was opened with a lease of another stack or store")
        with self._lock:
            stack = self._held(name, lease)

            def write(entries: Sequence[bytes]) -> None:
                with self._lock:
                    held = self._held(name, lease)
                    for entry in decode_batch(b"[%b]" % b",".join(entries)):
                        held.apply(entry)
                    held.manifest, held.metadata = fresh_manifest(), {}

            journal = TurnJournal(
                write,
                writer=PropertyWriter(self._texts(stack, crypter)),
                next_key=stack.next_key,
                next_number=stack.next_number,
            )
            lease.add_journal(journal)
            return journal

    def record_update(self, name: StackName, record: UpdateRecord, *, lease: Lease) -> int:
        """See `Store.record_update`."""
        with self._lock:
            stack = self._held(name, lease)
            version = len(stack.history) + 1
            stack.history.append(msgspec.structs.replace(record, version=version))
            return version

    def history(self, name: StackName, *, limit: int | None = None, offset: int = 0) -> list[UpdateRecord]:
        """See `Store.history`."""
        newest_first = self._get(name).history[::-1]
        return newest_first[offset : None if limit is None else offset + limit]

    def tags(self, name: StackName) -> dict[str, str]:
        """See `Store.tags`."""
        return dict(sorted(self._get(name).tags.items()))

    def set_tags(self, name: StackName, tags: Mapping[str, str | None]) -> None:
        """See `Store.set_tags`."""
        with self._lock:
            current = self._get(name).tags
            for tag, value in tags.items():
                if value is None:
                    current.pop(tag, None)
                else:
                    current[tag] = value

    def close(self) -> None:
        """See `Store.close`; what is in the store stays as long as the object."""

    def end_lease(self, lease: MemoryLease) -> None:
        """Give the stack free, if *lease* still has it."""
        with self._lock:
            stack = self._stacks.get(lease.name)
            if stack is not None and stack.lease is lease:
                stack.lease = None

    def _get(self, name: StackName) -> _Stack:
        stack = self._stacks.get(name)
        if stack is None:
            raise StackNotFoundError(name)
        return stack

    def _free(self, name: StackName) -> _Stack:
        stack = self._get(name)
        if stack.lease is not None:
            raise LeaseHeldError(name, stack.lease.holder)
        return stack

    def _held(self, name: StackName, lease: Lease) -> _Stack:
        stack = self._get(name)
        if stack.lease is not lease:
            raise LeaseLostError(name, None if stack.lease is None else stack.lease.holder)
        return stack

    def _texts(self, stack: _Stack, crypter: Crypter | None) -> SecretTexts | None:
        if crypter is None:
            return None
        if stack.secrets is None or stack.secrets.crypter is not crypter:
            stack.secrets = SecretTexts(crypter, reuse=self._reuse)
        return stack.secrets


class MemoryLease:
    """A `Lease` on a stack of a `MemoryStore`."""

    def __init__(self, store: MemoryStore, name: StackName, holder: Holder, token: int) -> None:
        self.name = name
        self.holder = holder
        self._store = store
        self._token = token
        self._lost = False
        self._journals: list[TurnJournal] = []

    @property
    def token(self) -> int:
        """See `Lease.token`."""
        return self._token

    @property
    def lost(self) -> bool:
        """See `Lease.lost`."""
        return self._lost

    def note_loss(self) -> None:
        """The stack was taken from this lease."""
        self._lost = True

    def add_journal(self, journal: TurnJournal) -> None:
        """Close *journal* when the lease ends."""
        self._journals.append(journal)

    def release(self) -> None:
        """See `Lease.release`."""
        journals, self._journals = self._journals, []
        for journal in journals:
            journal.close(InternalError("An entry was made in a journal whose lease was given back"))
        self._store.end_lease(self)


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
