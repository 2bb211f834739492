"""Which deployment the program belongs to."""

from __future__ import annotations

from stackwright.sdk.runtime.settings import (
    get_organization,
    get_project,
    get_root_directory,
    get_stack,
    require_pulumi_version,
)

__all__ = ["get_organization", "get_project", "get_root_directory", "get_stack", "require_pulumi_version"]
