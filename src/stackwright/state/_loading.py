"""From stored rows to a snapshot: decode, decrypt, bring into dependency order."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stackwright.goals import Parameterization
from stackwright.secrets import SecretsProvider
from stackwright.state._ordering import dependency_order, is_ordered
from stackwright.state._property_json import PropertyReader, SecretTexts
from stackwright.state._record_json import RecordReader
from stackwright.state._snapshot import Key, Manifest, OperationKind, PendingOperation, Snapshot


@contextmanager
def _no_collection() -> Iterator[None]:
    # Everything that is read stays, so that looking for garbage among it over and over finds
    # nothing; with 100,000 records it would be most of the work.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_snapshot(
    records: Iterable[tuple[int, bytes]],
    pending: Iterable[tuple[int, str, bool, bytes]],
    secrets: SecretTexts | None,
    *,
    manifest: Manifest,
    secrets_provider: SecretsProvider | None,
    metadata: Mapping[str, Any],
    snippets: tuple[Mapping[str, Any], ...],
    extensions: Mapping[str, Parameterization],
) -> Snapshot:
    """
    The snapshot of stored rows: records by key, operations as (number, kind, uncertain, record).

    Raises:
        DamagedRecordError: A row cannot be read; names the resource.
        DecryptionError: A secret cannot be decrypted; names the resource.
    """
    reader = RecordReader(PropertyReader(secrets))
    keys = []
    states = []
    with _no_collection():
        for key, body in records:
            keys.append(Key(key))
            states.append(reader.read(body))
        operations = tuple(
            PendingOperation(
                number=number, kind=OperationKind(kind), resource=reader.read(body), uncertain=bool(uncertain)
            )
            for number, kind, uncertain, body in pending
        )
        reader.finish()
    if not is_ordered(states):
        order = dependency_order(states)
        keys, states = [keys[at] for at in order], [states[at] for at in order]
    return Snapshot(
        records=dict(zip(keys, states, strict=True)),
        pending=operations,
        manifest=manifest,
        secrets_provider=secrets_provider,
        metadata=metadata,
        snippets=snippets,
        extensions=extensions,
    )


def load_outputs(candidates: Iterable[bytes], secrets: SecretTexts | None) -> dict[str, Any]:
    """
    The outputs of the first of *candidates*, records of the stack itself, that is not to be deleted.

    Raises like `load_snapshot`.
    """
    reader = RecordReader(PropertyReader(secrets))
    for body in candidates:
        record = reader.read(body)
        if not record.delete:
            reader.finish()
            return record.outputs
    return {}
