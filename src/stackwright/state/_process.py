"""
Proof that a process is gone.

A lease names its owner so that another process on the same machine can tell, without
waiting for a time-out, that the owner cannot come back. A pid alone proves nothing:
it may have been given to another process, or belong to another machine, another boot
or another container.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

_LINUX: Final = sys.platform.startswith("linux")


class ProcessIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """
    One process, among all there ever were.

    `machine` is one running system as far as pids go: this boot, and this space of
    pids. It is empty where that cannot be told; then nothing can be proved.
    """

    machine: str
    pid: int
    started: str


def this_process() -> ProcessIdentity:
    """The identity of the running process."""
    pid = os.getpid()
    started = _start_of(pid)
    return ProcessIdentity(machine=_machine() if started else "", pid=pid, started=started or "")


def is_gone(owner: ProcessIdentity) -> bool:
    """Whether it is certain that *owner* runs no more. False also means: cannot tell from here."""
    if not owner.machine or owner.machine != _machine():
        return False
    return _start_of(owner.pid) != owner.started


def is_known_alive(owner: ProcessIdentity) -> bool:
    """Whether it is certain that *owner* still runs, however long it has been silent."""
    return bool(owner.machine) and owner.machine == _machine() and _start_of(owner.pid) == owner.started


@lru_cache(maxsize=1)
def _machine() -> str:
    return _linux_machine() if _LINUX else _output_of("sysctl", "-n", "kern.bootsessionuuid")


def _start_of(pid: int) -> str | None:
    """When process *pid* began, in a unit of the system's; None when there is no such process."""
    return _linux_start_of(pid) if _LINUX else _ps_start_of(pid)


def _linux_machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _linux_start_of(pid: int) -> str | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name in parentheses may hold anything; what follows its last bracket does not.
    fields = status.rpartition(b")")[2].split()
    state, start = fields[0], fields[19]
    return None if state in {b"Z", b"X"} else start.decode()


def _ps_start_of(pid: int) -> str | None:
    state, _, start = _output_of("ps", "-o", "state=,lstart=", "-p", str(pid)).partition(" ")
    return None if not start or state.startswith("Z") else start.strip()


def _output_of(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
