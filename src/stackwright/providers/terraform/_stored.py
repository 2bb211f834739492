"""
What is recorded of a Terraform object beside its outputs (terraform.md §9).

Outputs leave out what Terraform needs to know the object again: exact numbers, null
against empty, private data, its identity. So the raw state is kept with them, verbatim,
as one text under one reserved key, and is what counts for everything but the program.
"""

from __future__ import annotations

from typing import Final

import msgspec

from stackwright.errors import StateError
from stackwright.values import PropertyMap, Secret, reveal

STORED_KEY: Final = "__terraform"
"""The output that holds the text. Keys that begin so are never shown, and no property is called like it."""

BRIDGE_META_KEY: Final = "__meta"
"""Where Pulumi's bridge keeps the schema's version and the private data."""


class UnreadableObjectError(StateError):
    """What is recorded of a Terraform object cannot be read."""

    code = "terraform-state"


class StoredObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An object as `UpgradeResourceState` takes it, and everything that goes with it."""

    provider: str
    """The provider's address: host, namespace and type."""
    provider_version: str = ""
    type: str
    schema_version: int = 0
    state: msgspec.Raw
    private: bytes = b""
    identity: str = ""
    """Its JSON, or empty."""
    identity_version: int = 0
    tainted: bool = False
    origin: str = ""
    """Which of Terraform's states this was brought in from; nothing once an operation has changed it."""


class _BridgeMeta(msgspec.Struct, frozen=True):
    schema_version: str = "0"
    private_state: bytes = b""


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(StoredObject)
_meta_decoder: Final = msgspec.json.Decoder(_BridgeMeta, strict=False)


def with_stored(outputs: PropertyMap, stored: StoredObject, *, secret: bool) -> PropertyMap:
    """*outputs* that the object can be known by again; *secret* if anything in it is."""
    text = _encoder.encode(stored).decode()
    return {**outputs, STORED_KEY: Secret(text) if secret else text}


def brought_in(outputs: PropertyMap, origin: str) -> PropertyMap:
    """*outputs* with a note of which state they come from; `with_stored` has made them."""
    text = stored_text(outputs)
    if text is None:
        return outputs
    stored = msgspec.structs.replace(parse_stored(text), origin=origin)
    return with_stored(outputs, stored, secret=isinstance(outputs[STORED_KEY], Secret))


def stored_text(outputs: PropertyMap) -> str | None:
    """The recorded text, or None if there is none."""
    text = reveal(outputs.get(STORED_KEY))
    return text if isinstance(text, str) else None


def parse_stored(text: str) -> StoredObject:
    """
    Read a recorded text.

    Raises:
        UnreadableObjectError: It is none of ours.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UnreadableObjectError(
            f"The recorded `{STORED_KEY}` of a resource cannot be read",
            detail=str(error),
            hint="Import the resource again by its id",
        ) from error


def bridge_meta(outputs: PropertyMap) -> tuple[int, bytes] | None:
    """The schema's version and the private data that Pulumi's bridge recorded, if it did."""
    text = reveal(outputs.get(BRIDGE_META_KEY))
    if not isinstance(text, str):
        return None
    try:
        meta = _meta_decoder.decode(text)
        return int(meta.schema_version or 0), meta.private_state
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError):
        return 0, b""
