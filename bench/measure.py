"""One command, run and measured: wall clock, CPU, peak memory, bytes written."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """What one run cost. Seconds, megabytes, bytes (as the kernel counts them towards the disk)."""

    wall: float
    cpu: float
    memory: float
    written: int


class CommandFailedError(Exception):
    """A measured command failed: nothing can be said about its speed."""


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Measured:
    """Run *command* to its end; its children count, too."""
    start = time.perf_counter()
    with open(cwd / "bench.log", "wb") as log:  # noqa: PTH123
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        text = (cwd / "bench.log").read_text(errors="replace")[-2000:]
        raise CommandFailedError(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, usage.ru_oublock * 512)


def median(runs: Sequence[Measured]) -> Measured:
    """The median of each figure by itself."""
    return Measured(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        statistics.median(run.memory for run in runs),
        int(statistics.median(run.written for run in runs)),
    )


def repeated(times: int, once: Callable[[], dict[str, Measured]]) -> dict[str, Measured]:
    """Do the same series several times, and give the medians of its parts."""
    series = [once() for _ in range(times)]
    return {name: median([one[name] for one in series]) for name in series[0]}
