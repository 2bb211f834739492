"""
Dynamic providers, as existing programs write them (sdk.md §18).

For new programs there is a better way, without pickles: `stackwright.Provider`.
"""

from stackwright.sdk.dynamic.config import Config
from stackwright.sdk.dynamic.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

__all__ = [
    "CheckFailure",
    "CheckResult",
    "Config",
    "ConfigureRequest",
    "CreateResult",
    "DiffResult",
    "ReadResult",
    "Resource",
    "ResourceProvider",
    "UpdateResult",
]
