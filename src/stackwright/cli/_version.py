"""What `version` says."""

from __future__ import annotations

import os

from stackwright._version import __version__

COMPATIBLE_VERSION = "3.260.0"
"""The release of the compatible tool whose behaviour this one has; its clients compare with it."""


def version_line() -> str:
    """
    The version, as clients of the compatible tool read it when they are the ones who ask.

    Those set `PULUMI_SKIP_UPDATE_CHECK` with the question and want that tool's numbering
    (cli.md §17.1).
    """
    if "PULUMI_SKIP_UPDATE_CHECK" in os.environ or "PULUMI_AUTOMATION_API" in os.environ:
        return f"v{COMPATIBLE_VERSION}"
    return f"v{__version__}"
