"""Programs under the genuine SDK, in a process of its own, against a monitor of ours."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from stackwright.monitor import Monitor
from stackwright.wire import MonitorServer

_LAUNCHER = """
import asyncio, runpy, sys
import pulumi.runtime
from pulumi.runtime.stack import run_in_stack

address, project, stack, dry_run, program = sys.argv[1:]
settings = pulumi.runtime.Settings(
    project, stack, monitor=address, engine=address, parallel=16, dry_run=dry_run == "True"
)
pulumi.runtime.configure(settings)
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(run_in_stack(lambda: runpy.run_path(program, run_name="__main__")))
"""


def run_with_the_genuine_sdk(
    monitor: Monitor,
    program: Path,
    *,
    path: tuple[Path, ...] = (),
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> subprocess.CompletedProcess[str]:
    """
    Run *program* with the genuine package as the client of *monitor*; answers the finished process.

    *path*: more places to import from.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="monitor server", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(MonitorServer.start(monitor), loop).result(30)
    info = monitor.deployment()
    arguments = [server.address, info.project, info.stack, str(info.dry_run), str(program)]
    try:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _LAUNCHER, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(map(str, path))},
        )
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
