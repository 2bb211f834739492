"""Bytes into messages of the stubs, however deep they are nested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def parser(message_class: Any) -> Callable[[bytes], Any]:
    """
    A function that parses messages of one class, also those that protobuf finds too deep.

    A message that was too deep is of another class (see `_deep`); it has the same
    fields, and the codec of values reads its bags like any other.

    Raises (the function): protobuf's `DecodeError` for bytes that are no such message.
    """
    from google.protobuf.message import DecodeError

    parse = message_class.FromString

    def parse_any(data: bytes) -> Any:
        try:
            return parse(data)
        except DecodeError:
            from stackwright.wire._deep import deep_twin

            return deep_twin(message_class).FromString(data)

    return parse_any
