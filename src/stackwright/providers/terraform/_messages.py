"""Small messages that both protocols share, as our values and back (terraform.md §2.2, §3.8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stackwright.providers.terraform._client import (
    AttributeName,
    AttributePath,
    DeferredReason,
    ElementKey,
    TfDiagnostic,
    TfSeverity,
)
from stackwright.providers.terraform._json import decode_json
from stackwright.providers.terraform._msgpack import decode_msgpack, encode_msgpack
from stackwright.providers.terraform._types import Type
from stackwright.providers.terraform._values import TfValue


def write_value(message: Any, value: TfValue, kind: Type) -> None:
    """Fill a `DynamicValue`; only ever with MessagePack (§3.5)."""
    message.msgpack = encode_msgpack(value, kind)


def read_value(message: Any, kind: Type) -> TfValue:
    """What a `DynamicValue` holds, in either encoding; nothing at all is null (§2.7)."""
    if message.msgpack or not message.json:
        return decode_msgpack(message.msgpack, kind)
    return decode_json(message.json, kind)


def is_the_same(message: Any, sent: Any) -> bool:
    """Whether a provider answers the very bytes that it was *sent*: then there is nothing to read."""
    return bool(message.msgpack) and message.msgpack == sent.msgpack


def read_diagnostics(messages: Iterable[Any]) -> tuple[TfDiagnostic, ...]:
    """What a provider says; a severity that it leaves out is an error (§2.7)."""
    return tuple(
        TfDiagnostic(
            severity=TfSeverity.WARNING if each.severity == TfSeverity.WARNING.value else TfSeverity.ERROR,
            summary=each.summary,
            detail=each.detail,
            path=read_path(each.attribute) if each.HasField("attribute") else None,
        )
        for each in messages
    )


def read_path(message: Any) -> AttributePath:
    """An `AttributePath`; a step that says nothing ends it."""
    steps: list[AttributeName | ElementKey] = []
    for step in message.steps:
        match step.WhichOneof("selector"):
            case "attribute_name":
                steps.append(AttributeName(step.attribute_name))
            case "element_key_string":
                steps.append(ElementKey(step.element_key_string))
            case "element_key_int":
                steps.append(ElementKey(step.element_key_int))
            case _:
                break
    return tuple(steps)


def read_deferred(answer: Any) -> DeferredReason | None:
    """Why an answer is provisional, or None; a reason that we do not know is no reason."""
    if not answer.HasField("deferred"):
        return None
    try:
        return DeferredReason(answer.deferred.reason)
    except ValueError:
        return DeferredReason.UNKNOWN
