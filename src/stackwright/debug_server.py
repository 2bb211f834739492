"""
Wait for a debugger that speaks the Debug Adapter Protocol (protocol.md §13.3, step 6).

The work is `debugpy`'s, which has to be installed where the program is. Programs and plugins
in processes of their own load this file by its path: it imports nothing of ours by itself.
"""

from __future__ import annotations

import os
import socket
from typing import Any, Final

HOST: Final = "127.0.0.1"
PREFERRED_PORT: Final = 58791
"""The port that editors are set up with; when it is taken, the system chooses another one."""

_listening: list[int] = []


def listen() -> int:
    """
    Have debuggers connect to this process from now on; answers the port.

    Raises:
        ImportError: There is no `debugpy`.
    """
    if not _listening:
        # Its warning about modules that are built into the interpreter is of no use to anybody here.
        os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        import debugpy

        _listening.append(debugpy.listen((HOST, _free_port()))[1])
    return _listening[0]


def _free_port() -> int:
    for port in (PREFERRED_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    return 0


def is_attached() -> bool:
    """Whether a debugger is connected already."""
    import debugpy

    return bool(debugpy.is_client_connected())


def wait() -> None:
    """Return when a debugger is connected."""
    import debugpy

    debugpy.wait_for_client()


def configuration(name: str, port: int, directory: str) -> dict[str, Any]:
    """How an editor attaches, in the terms of its launch configurations."""
    return {
        "name": f"Stackwright: {name}",
        "type": "python",
        "request": "attach",
        "connect": {"host": HOST, "port": port},
        "pathMappings": [{"localRoot": directory, "remoteRoot": directory}],
        "justMyCode": False,
    }


def message(name: str, port: int) -> str:
    """What the user is told."""
    return f"{name} waits for a debugger at {HOST}:{port}"


def wait_as_told(name: str, engine: str, directory: str) -> None:
    """
    In a process of its own: tell the engine at the address *engine*, and return when a debugger is connected.

    Raises:
        ImportError: There is no `debugpy`.
    """
    port = listen()
    _tell(engine, message(name, port), configuration(name, port, directory))
    wait()


def _tell(engine: str, said: str, config: dict[str, Any]) -> None:
    """`Engine.StartDebugging`, with the messages of whichever SDK there is (protocol.md §12)."""
    import grpc

    messages: Any
    services: Any
    try:
        from stackwright.wire.stubs.pulumi import engine_pb2

        messages = services = engine_pb2
    except ImportError:
        from pulumi.runtime.proto import engine_pb2 as messages
        from pulumi.runtime.proto import engine_pb2_grpc as services

    request = messages.StartDebuggingRequest(message=said)
    request.config.update(config)
    with grpc.insecure_channel(engine) as channel:
        services.EngineStub(channel).StartDebugging(request, wait_for_ready=True, timeout=60)
