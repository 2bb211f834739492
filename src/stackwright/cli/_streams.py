"""The three streams that every process is to have, also where whoever started it closed one (`>&-`)."""

from __future__ import annotations

import os
import sys


def open_missing_streams() -> None:
    """
    Put the null device in the place of each standard stream that is closed.

    Otherwise the next file that is opened takes its number, be it the state database, and
    whatever a library or a child process prints goes into it.
    """
    if not (sys.stdin is None or sys.stdout is None or sys.stderr is None):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
