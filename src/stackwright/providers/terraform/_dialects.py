"""
The two protocols, told apart (terraform.md §2.1).

Nearly all their messages have the same fields under the same names, so one code writes
and reads both. What differs is in the table here: the names of some calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

_RENAMED: Final[Mapping[int, Mapping[str, str]]] = {
    5: {
        "GetProviderSchema": "GetSchema",
        "ValidateProviderConfig": "PrepareProviderConfig",
        "ValidateResourceConfig": "ValidateResourceTypeConfig",
        "ValidateDataResourceConfig": "ValidateDataSourceConfig",
        "ConfigureProvider": "Configure",
        "StopProvider": "Stop",
    },
    6: {},
}
_SAME_MESSAGE: Final = frozenset({"GetProviderSchema"})
"""Calls with another name whose messages have the same."""
_STREAMS: Final = frozenset({"ListResource", "InvokeAction"})


class Dialect:
    """One protocol. Calls go by their names in protocol 6."""

    def __init__(self, protocol: Literal[5, 6]) -> None:
        if protocol == 5:
            from stackwright.wire.stubs.terraform import tfplugin5_pb2 as messages
        else:
            from stackwright.wire.stubs.terraform import tfplugin6_pb2 as messages  # type: ignore[no-redef]
        self.protocol = protocol
        self.messages: Any = messages

    def method(self, call: str) -> str:
        """The full path of *call*."""
        return f"/tfplugin{self.protocol}.Provider/{_RENAMED[self.protocol].get(call, call)}"

    def request(self, call: str) -> Any:
        """The class of its requests."""
        return self._of(call).Request

    def answer(self, call: str) -> Any:
        """The class of its answers, or of the events of its stream."""
        return self._of(call).Event if call in _STREAMS else self._of(call).Response

    def _of(self, call: str) -> Any:
        name = call if call in _SAME_MESSAGE else _RENAMED[self.protocol].get(call, call)
        return getattr(self.messages, name)
