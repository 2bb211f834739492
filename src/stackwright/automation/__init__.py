"""
Stacks as objects, in process: what commands, tests and services drive.

Decides how the rooms come together for one operation on one stack: the lease, the
journal, the engine's thread, the program on the caller's thread, the history. Leaves to
others how anything looks (`display`) and how it is asked for (`cli`). May import every
room below `cli` and `display`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.automation._holder import holder
from stackwright.automation._secrets import PassphraseSource, StackSecrets
from stackwright.automation._workspace import NoStackSelectedError, Stack, Workspace
from stackwright.lazy import on_first_use

if TYPE_CHECKING:
    from stackwright.automation._client_program import ClientProgram
    from stackwright.automation._history import circumstances, default_message
    from stackwright.automation._operation import OperationRequest, Program, ProgramEnd, run_operation
    from stackwright.automation._program import command_in_environment, python_program
    from stackwright.automation._remote_program import RemoteProgram

__all__ = [
    "ClientProgram",
    "NoStackSelectedError",
    "OperationRequest",
    "PassphraseSource",
    "Program",
    "ProgramEnd",
    "RemoteProgram",
    "Stack",
    "StackSecrets",
    "Workspace",
    "circumstances",
    "command_in_environment",
    "default_message",
    "holder",
    "python_program",
    "run_operation",
]

# What only operations need: the engine is most of what a command such as `stack ls` would load.
__getattr__ = on_first_use(
    __name__,
    {
        "_client_program": ("ClientProgram",),
        "_history": ("circumstances", "default_message"),
        "_operation": ("OperationRequest", "Program", "ProgramEnd", "run_operation"),
        "_program": ("command_in_environment", "python_program"),
        "_remote_program": ("RemoteProgram",),
    },
)
