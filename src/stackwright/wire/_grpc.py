"""gRPC, imported quietly."""

from __future__ import annotations

import os
from types import ModuleType


def load_grpc() -> ModuleType:
    """
    `grpc.aio`, loaded when it is first needed.

    The C library of gRPC writes notes about connections to standard error, where they
    would land between the lines of a display. Unless the user set GRPC_VERBOSITY, it is
    told to write errors only; it reads the variable once, when it is loaded.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    import grpc.aio

    return grpc.aio
