"""
Property values: what resources are made of.

Decides how a value looks inside Stackwright: plain Python for plain data
(`None`, `bool`, `int`, `float`, `str`, `list`, `dict` with string keys; `bytes`
is a byte string), and a class for each thing that plain data cannot say.
Values are treated as immutable: whoever wants to change one makes another.

Leaves to others: how values travel (`wire`), how they are stored (`state`),
and `Output`, which programs hold (`sdk`). May import `urn` and `errors` only.
Facts: protocol.md §2-5, engine.md §1.2, §6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use
from stackwright.values._diffs import (
    DiffKind,
    PropertyDiff,
    diff_properties,
    values_equal,
)
from stackwright.values._kinds import (
    EMPTY_ARCHIVE_HASH,
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    PropertyMap,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
    Value,
)
from stackwright.values._masks import Mask, secret_texts, texts_in
from stackwright.values._paths import (
    INIT_ERROR_PATH,
    WILDCARD,
    InvalidPathError,
    PropertyPath,
    format_path,
    get_path,
    parse_path,
    path_contains,
)
from stackwright.values._walks import (
    contains_assets,
    contains_outputs,
    contains_secrets,
    contains_unknowns,
    dependencies_by_property,
    dependencies_in,
    map_leaves,
    reduce_outputs,
    reveal,
    seal,
    strip_secrets,
    upgrade_to_outputs,
)

if TYPE_CHECKING:
    from stackwright.values._archives import (
        ArchiveError,
        ArchiveLimits,
        UnsafeArchiveError,
        archive_format,
        extract_archive,
    )
    from stackwright.values._assets import (
        ArchiveMember,
        AssetError,
        archive_hash,
        archive_members,
        asset_bytes,
        asset_hash,
        restore_contents,
        with_hashes,
        with_recorded_hashes,
    )

__all__ = [
    "EMPTY_ARCHIVE_HASH",
    "EMPTY_TEXT_HASH",
    "INIT_ERROR_PATH",
    "UNKNOWN",
    "WILDCARD",
    "Archive",
    "ArchiveError",
    "ArchiveLimits",
    "ArchiveMember",
    "Asset",
    "AssetError",
    "DiffKind",
    "InvalidPathError",
    "Mask",
    "OutputValue",
    "PropertyDiff",
    "PropertyMap",
    "PropertyPath",
    "ResourceRef",
    "Secret",
    "Unknown",
    "UnknownKind",
    "UnsafeArchiveError",
    "Value",
    "archive_format",
    "archive_hash",
    "archive_members",
    "asset_bytes",
    "asset_hash",
    "contains_assets",
    "contains_outputs",
    "contains_secrets",
    "contains_unknowns",
    "dependencies_by_property",
    "dependencies_in",
    "diff_properties",
    "extract_archive",
    "format_path",
    "get_path",
    "map_leaves",
    "parse_path",
    "path_contains",
    "reduce_outputs",
    "restore_contents",
    "reveal",
    "seal",
    "secret_texts",
    "strip_secrets",
    "texts_in",
    "upgrade_to_outputs",
    "values_equal",
    "with_hashes",
    "with_recorded_hashes",
]

# What few programs need: reading files is a third of this package's cost to import.
__getattr__ = on_first_use(
    __name__,
    {
        "_archives": (
            "ArchiveError",
            "ArchiveLimits",
            "UnsafeArchiveError",
            "archive_format",
            "extract_archive",
        ),
        "_assets": (
            "ArchiveMember",
            "AssetError",
            "archive_hash",
            "archive_members",
            "asset_bytes",
            "asset_hash",
            "restore_contents",
            "with_hashes",
            "with_recorded_hashes",
        ),
    },
)
