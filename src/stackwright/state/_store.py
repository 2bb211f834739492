"""
`Store`: where stacks live.

The engine sees only a `Journal`; commands see all of it. Implementations promise
what the docstrings say; `tests/state/contract` holds every one of them to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

import msgspec

from stackwright.errors import StateError
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import Key, OperationKind, Snapshot
from stackwright.urn import Urn


class StackName(msgspec.Struct, frozen=True, order=True):
    """A stack within a store: `organization/project/stack`."""

    organization: str
    project: str
    stack: str

    def __str__(self) -> str:
        return f"{self.organization}/{self.project}/{self.stack}"


class StackSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of stacks shows; costs no decoding of resources."""

    name: StackName
    resource_count: int
    last_update: str | None = None
    """RFC 3339; None when there was no update yet."""
    update_in_progress: bool = False


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who is working on a stack: for the message that refuses a second one."""

    user: str
    host: str
    pid: int
    operation: str
    since: str
    """RFC 3339."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    One atomic change of a stack's records; all of it becomes durable, or none.

    Applied in the order of the fields: renames, removals, then records put. A record put
    under a key that exists replaces it and keeps its place; under a new key it is added
    at the end.
    """

    operation: int | None = None
    """The operation that this ends, if any: it is pending no more, unless `keep_pending`."""
    renames: tuple[tuple[Urn, Urn], ...] = ()
    """
    Old URN to new: every reference to it in every record follows, pending operations' records
    included (E268). What has the old URN itself keeps it, unless it is put anew.
    """
    remove: tuple[Key, ...] = ()
    put: tuple[tuple[Key, ResourceState], ...] = ()
    keep_pending: bool = False
    """The operation failed in a way that leaves open whether it took effect (S5)."""
    settle: tuple[int, ...] = ()
    """Pending operations of earlier runs whose fate is known now: forget them."""
    extensions: Mapping[str, Any] | None = None


class UpdateRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a stack's history (state.md §11.8). Times are Unix seconds."""

    kind: str
    start_time: int
    end_time: int
    result: str
    message: str = ""
    version: int = 0
    """Counted from 1 by the store; 0 when not stored yet."""
    resource_changes: Mapping[str, int] = {}
    environment: Mapping[str, str] = {}
    config: Mapping[str, Any] = {}


class StackExistsError(StateError):
    """A stack of that name exists already."""

    code = "stack-exists"

    def __init__(self, name: StackName) -> None:
        super().__init__(
            f"The stack `{name.stack}` of project `{name.project}` already exists",
            hint=f"Select it with `stackwright stack select {name.stack}`",
        )


class StackNotFoundError(StateError):
    """No stack of that name."""

    code = "stack-not-found"
    exit_code = 6

    def __init__(self, name: StackName) -> None:
        super().__init__(
            f"no stack named '{name.stack}' found in project `{name.project}`",
            hint=f"See `stackwright stack ls`, or create it with `stackwright stack init {name.stack}`",
        )


class StackNotEmptyError(StateError):
    """The stack still has resources, and nobody said that they may be forgotten."""

    code = "stack-not-empty"

    def __init__(self, name: StackName, count: int) -> None:
        super().__init__(
            f"Stack `{name.stack}` still has {count} resources",
            hint="Destroy them first with `stackwright destroy`, or forget them with `--force`",
        )


class LeaseHeldError(StateError):
    """Another process is working on this stack, and is alive."""

    code = "lease-held"

    def __init__(self, name: StackName, holder: Holder) -> None:
        super().__init__(
            f"Stack `{name.stack}` is being worked on: {holder.operation} by {holder.user}@{holder.host} "
            f"(pid {holder.pid}), since {holder.since}",
            detail="[409] Conflict: Another update is currently in progress.",
            hint="Wait for it to end. If it hangs, stop it, or run `stackwright cancel`",
        )
        self.holder = holder


class LeaseLostError(StateError):
    """Another process took this stack over while we were working on it; nothing was written since."""

    code = "lease-lost"

    def __init__(self, name: StackName, holder: Holder | None = None) -> None:
        by = f" by {holder.user}@{holder.host} (pid {holder.pid})" if holder else ""
        super().__init__(
            f"Stack `{name.stack}` was taken over{by} while this operation was running",
            detail="Nothing was recorded after the takeover",
            hint="Wait for that operation to end, then run `stackwright refresh`",
        )


class Journal(Protocol):
    """
    The record of one operation on one stack, while it runs. Four rules hold for every store:

    1. an operation starts only after its `begin` is durable;
    2. it is complete only after its `commit` is durable;
    3. dependents wait for that;
    4. independent ones share a commit: entries that are made without waiting in
       between may become durable together.

    Used from the engine's event loop only. A process killed at any instant loses nothing
    whose awaitable was done; the next `snapshot` shows it. Entries become durable in the
    order of the calls. After an error (a full disk, a lost lease) every further entry
    fails with the same error: a journal never has holes.
    """

    def new_key(self) -> Key:
        """A key that no record of this stack has had; costs no I/O."""
        ...

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        """
        Note that an operation on *resource* is about to start.

        Answers its number at once, and when the note is durable.

        Raises (from the awaitable):
            LeaseLostError: Another process has taken over this stack.
            StateError: The note cannot be written.
        """
        ...

    def commit(self, change: Change) -> Awaitable[None]:
        """Apply *change*; done when it is durable. Raises like `begin`."""
        ...

    async def flush(self) -> None:
        """Done when everything handed over so far is durable."""
        ...


class Lease(Protocol):
    """
    The right to change one stack, kept alive by a heartbeat until it is released.

    A process that dies loses it: at once where that can be proved (same machine, the
    process is gone), otherwise when the heartbeat has been silent for the store's
    time-out. Every write carries its fencing token, so a holder that was only asleep
    cannot write after somebody took over.
    """

    @property
    def token(self) -> int:
        """Grows with every lease of this stack."""
        ...

    @property
    def lost(self) -> bool:
        """Whether the stack is known to have been taken over."""
        ...

    def release(self) -> None:
        """Give the stack free. Doing so twice, or after losing it, is fine."""
        ...


class Store(Protocol):
    """
    Stacks with their state, history, tags and leases.

    Methods block for as long as the storage takes, and may be called from any thread;
    the journal is the exception (see there). What an interrupted call did is either
    all there or not at all.
    """

    @property
    def url(self) -> str:
        """Where this store is, as `login` understands it, without any credentials."""
        ...

    def stacks(self, *, project: str | None = None, organization: str | None = None) -> list[StackSummary]:
        """The stacks there are, by name; filtered where asked."""
        ...

    def create(
        self,
        name: StackName,
        *,
        secrets_provider: SecretsProvider | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Make an empty stack. Raises `StackExistsError`."""
        ...

    def exists(self, name: StackName) -> bool:
        """Whether there is a stack of this name."""
        ...

    def remove(self, name: StackName, *, force: bool = False) -> None:
        """
        Delete a stack with its history.

        Raises:
            StackNotFoundError: There is none.
            StackNotEmptyError: It has resources, and *force* was not said.
            LeaseHeldError: Somebody is working on it.
        """
        ...

    def rename(self, old: StackName, new: StackName) -> None:
        """
        Give a stack another name (or project); its resources' URNs follow, history stays.

        Raises `StackNotFoundError`, `StackExistsError`, `LeaseHeldError`.
        """
        ...

    def snapshot(self, name: StackName, *, crypter: Crypter | None = None) -> Snapshot:
        """
        All that is recorded, in dependency order, with secrets decrypted by *crypter*.

        Without one, each secret is a `Secret` around an `EncryptedSecret`, for listings and exports.

        Raises:
            StackNotFoundError: There is none.
            StateError: What is stored is damaged; says what and where, and changes nothing.
        """
        ...

    def outputs(self, name: StackName, *, crypter: Crypter | None = None) -> Mapping[str, Any]:
        """The stack's own outputs, without loading the rest. Raises like `snapshot`."""
        ...

    def replace(
        self, name: StackName, snapshot: Snapshot, *, lease: Lease, crypter: Crypter | None = None
    ) -> None:
        """
        Put *snapshot* in place of all that is recorded, atomically (import, repair).

        Its records get new keys, in their order. Raises `LeaseLostError`.
        """
        ...

    def secrets_provider(self, name: StackName) -> SecretsProvider | None:
        """Which secrets manager the stack was made with."""
        ...

    def acquire(self, name: StackName, holder: Holder) -> Lease:
        """
        Take the right to change a stack. Waits for nobody.

        Raises `StackNotFoundError`, or `LeaseHeldError` when a living process has it.
        """
        ...

    def holder(self, name: StackName) -> Holder | None:
        """Who has the lease now; None when nobody has, or its owner is known to be dead."""
        ...

    def cancel(self, name: StackName) -> None:
        """Take the lease from whoever has it: that process cannot write from now on."""
        ...

    def journal(self, name: StackName, lease: Lease, *, crypter: Crypter) -> Journal:
        """Open the journal of an operation; only the holder of *lease* can write to it."""
        ...

    def record_update(self, name: StackName, record: UpdateRecord, *, lease: Lease) -> int:
        """Add a line to the history and answer its version, counted from 1."""
        ...

    def history(self, name: StackName, *, limit: int | None = None, offset: int = 0) -> list[UpdateRecord]:
        """The history, newest first."""
        ...

    def tags(self, name: StackName) -> dict[str, str]:
        """The stack's tags."""
        ...

    def set_tags(self, name: StackName, tags: Mapping[str, str | None]) -> None:
        """Set tags; None removes one."""
        ...

    def close(self) -> None:
        """
        Give up files and connections; journals take no more entries.

        Leases that are held stay until they are released or their process ends.
        """
        ...


class EncryptedSecret(msgspec.Struct, frozen=True):
    """The stored form of a secret that was not decrypted."""

    ciphertext: str
