"""Who holds a lease: this process, as others see it."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime

from stackwright.state import Holder


def holder(operation: str) -> Holder:
    """This process, as others will see it when it holds a lease."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Holder(user=user, host=socket.gethostname(), pid=os.getpid(), operation=operation, since=since)
