"""
Journal entries as bytes.

An entry is a short JSON array; the entries of one event-loop turn are stored
together, as an array of entries. Records appear in them as the resource objects
they will be stored as, secrets encrypted.

    ["begin", number, kind, record]
    ["change", operation, keep pending, settled numbers, renames, removed keys,
     [[key, record], …], extensions]
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stackwright.goals import Parameterization
from stackwright.state._go_json import UNREADABLE, encode
from stackwright.state._property_json import PropertyWriter
from stackwright.state._record_json import DamagedRecordError, encode_record
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import OperationKind
from stackwright.state._store import Change


class BeginEntry(msgspec.Struct, array_like=True, tag="begin"):
    """An operation is about to start."""

    number: int
    kind: str
    record: msgspec.Raw


class ChangeEntry(msgspec.Struct, array_like=True, tag="change"):
    """A `Change`, with its records encoded."""

    operation: int | None
    keep_pending: bool
    settle: tuple[int, ...]
    renames: tuple[tuple[str, str], ...]
    remove: tuple[int, ...]
    put: tuple[tuple[int, msgspec.Raw], ...]
    extensions: Any = None


Entry = BeginEntry | ChangeEntry

_decode_entries: Final = msgspec.json.Decoder(list[Entry]).decode


def encode_begin(number: int, kind: OperationKind, resource: ResourceState, writer: PropertyWriter) -> bytes:
    """The entry that `Journal.begin` makes. Raises `StateError` for what cannot be stored."""
    return b'["begin",%d,"%s",%b]' % (number, kind.value.encode(), encode_record(resource, writer))


def encode_change(change: Change, writer: PropertyWriter) -> bytes:
    """The entry that `Journal.commit` makes. Raises `StateError` for what cannot be stored."""
    put = b",".join([b"[%d,%b]" % (key, encode_record(state, writer)) for key, state in change.put])
    return b'["change",%b,%b,%b,%b,%b,[%b],%b]' % (
        b"null" if change.operation is None else b"%d" % change.operation,
        b"true" if change.keep_pending else b"false",
        encode(change.settle) if change.settle else b"[]",
        encode(change.renames) if change.renames else b"[]",
        encode(change.remove) if change.remove else b"[]",
        put,
        b"null" if change.extensions is None else encode_extensions(change.extensions),
    )


def decode_batch(body: bytes) -> list[Entry]:
    """
    The entries of one stored batch.

    Raises:
        DamagedRecordError: They cannot be read.
    """
    try:
        return _decode_entries(body)
    except UNREADABLE as error:
        raise DamagedRecordError("an operation that was under way", str(error)) from None


def encode_extensions(extensions: Mapping[str, Any]) -> bytes:
    """The extensions of a snapshot as JSON (state.md §7.2)."""
    return encode(
        {
            name: {
                "name": extension.name,
                "version": extension.version,
                "value": base64.b64encode(extension.value).decode(),
            }
            for name, extension in extensions.items()
        }
    )


class ExtensionJson(msgspec.Struct):
    """One extension as stored; msgspec reads the base64."""

    name: str
    version: str
    value: bytes


_decode_extensions: Final = msgspec.json.Decoder(dict[str, ExtensionJson]).decode


def decode_extensions(body: bytes | str) -> dict[str, Parameterization]:
    """What `encode_extensions` wrote. Raises `DamagedRecordError`."""
    try:
        raw = _decode_extensions(body)
    except UNREADABLE as error:
        raise DamagedRecordError("the stack's extensions", str(error)) from None
    return {
        key: Parameterization(name=item.name, version=item.version, value=item.value)
        for key, item in raw.items()
    }
