"""Stored records whose URNs changed (E268; state.md §11.7), without decrypting anything."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stackwright.state._go_json import UNREADABLE, encode
from stackwright.state._property_json import SECRET, SIGNATURE
from stackwright.state._record_json import DamagedRecordError, ResourceJson, name_of
from stackwright.state._store import StackName
from stackwright.urn import ROOT_STACK_TYPE, Urn, is_urn, rename_urn, split_urn

_decode: Final = msgspec.json.Decoder(ResourceJson).decode
_TEXTS: Final = ("parent", "deleted_with", "view_of")
_LISTS: Final = ("dependencies", "replace_with", "aliases")


def with_renamed_references(body: bytes, old: str, new: str) -> bytes:
    """
    The stored record with each reference to *old* leading to *new*; its own URN and its values stay (E268).

    Raises:
        DamagedRecordError: It cannot be read.
    """
    return _rewritten(body, lambda urn: new if urn == old else urn, own=False)


def renamed_record(body: bytes, old: StackName, new: StackName) -> bytes:
    """
    The stored record as it is in a stack of another name.

    Its own URN, its references, resource references within values, and texts that are
    URNs of the stack follow; what is encrypted is not looked into. The stack's own
    resource is called after the new project and stack (state.md §11.7).

    Raises:
        DamagedRecordError: It cannot be read.
    """

    def renamed(urn: str) -> str:
        parts = split_urn(urn)
        if parts.stack != old.stack or parts.project != old.project:
            return urn
        name = None
        if parts.qualified_type == ROOT_STACK_TYPE and parts.name == f"{old.project}-{old.stack}":
            name = f"{new.project}-{new.stack}"
        return rename_urn(Urn(urn), stack=new.stack, project=new.project, name=name)

    return _rewritten(body, renamed, own=True)


def _rewritten(body: bytes, renamed: Any, *, own: bool) -> bytes:
    try:
        raw = _decode(body)
    except UNREADABLE as error:
        raise DamagedRecordError(name_of(body), str(error)) from None
    if own and raw.urn:
        raw.urn = renamed(raw.urn)
    for name in _TEXTS:
        text = getattr(raw, name)
        if text:
            setattr(raw, name, renamed(text))
    for name in _LISTS:
        urns = getattr(raw, name)
        if urns:
            setattr(raw, name, [renamed(urn) for urn in urns])
    if raw.property_dependencies:
        raw.property_dependencies = {
            name: [renamed(urn) for urn in urns or ()] for name, urns in raw.property_dependencies.items()
        }
    if raw.provider:
        provider, separator, id_ = raw.provider.rpartition("::")
        raw.provider = f"{renamed(provider)}{separator}{id_}"
    if own:
        raw.inputs = _in_values(raw.inputs, renamed)
        raw.outputs = _in_values(raw.outputs, renamed)
        raw.replacement_trigger = _in_values(raw.replacement_trigger, renamed)
    return encode(raw)


def _in_values(tree: Any, renamed: Any) -> Any:
    if isinstance(tree, str):
        return renamed(tree) if is_urn(tree) else tree
    if isinstance(tree, list):
        return [_in_values(item, renamed) for item in tree]
    if isinstance(tree, dict):
        if tree.get(SIGNATURE) == SECRET:
            return tree
        return {key: _in_values(item, renamed) for key, item in tree.items()}
    return tree
