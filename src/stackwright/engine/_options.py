"""What is to be done, to which stack, and how (engine.md §10)."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec


class OperationType(Enum):
    """The operations on a stack; each may be a preview (E214)."""

    UPDATE = "update"
    REFRESH = "refresh"
    DESTROY = "destroy"
    IMPORT = "resource-import"

    @property
    def word(self) -> str:
        """As people read it; the value is what history and leases say."""
        return "import" if self is OperationType.IMPORT else self.value


class StackOutputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a stack reference sees of another stack: its outputs, secrets as `Secret` (E209)."""

    outputs: Mapping[str, Any]
    resources: Mapping[str, Any] = {}
    """`{type, outputs}` by URN."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The stack that is worked on. `config` is decrypted text by full key (`namespace:name`)."""

    project: str
    stack: str
    organization: str = "organization"
    config: Mapping[str, str] = {}
    config_secret_keys: frozenset[str] = frozenset()
    root_directory: str = ""
    program_directory: str = ""
    """Where the program runs, if that is not the root: its relative paths start there."""
    read_stack: Callable[[str], Awaitable[StackOutputs]] | None = None
    """How another stack's outputs are found by name, for stack references."""

    @property
    def asset_directory(self) -> Path:
        """What relative paths of assets are relative to (protocol.md §3.1)."""
        return Path(self.program_directory or self.root_directory or ".")


def default_parallel() -> int:
    """Four for each processor, as the compatible tool has it (E245)."""
    return 4 * (os.cpu_count() or 4)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How an operation is carried out."""

    type: OperationType = OperationType.UPDATE
    preview: bool = False
    parallel: int = msgspec.field(default_factory=default_parallel)
    refresh: bool = False
    """Read every resource before deciding (E218)."""
    continue_on_error: bool = False
    ignore_protect: bool = False
    """Destroy protected resources too, leaving the flag of the others as it is (E177)."""
