"""The words, glyphs and colours of steps (cli.md §14.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from stackwright.display._paint import Style
from stackwright.engine import Op


class Words(NamedTuple):
    """How a kind of step is spoken of: planned, under way, done."""

    style: Style
    planned: str
    running: str
    done: str
    failed: str


WORDS: Final[dict[Op, Words]] = {
    Op.SAME: Words(Style.NONE, "", "", "", "failed"),
    Op.CREATE: Words(Style.CREATE, "create", "creating", "created", "creating failed"),
    Op.UPDATE: Words(Style.UPDATE, "update", "updating", "updated", "updating failed"),
    Op.DELETE: Words(Style.DELETE, "delete", "deleting", "deleted", "deleting failed"),
    Op.REPLACE: Words(Style.REPLACE, "replace", "replacing", "replaced", "replacing failed"),
    Op.CREATE_REPLACEMENT: Words(
        Style.CREATE_REPLACEMENT,
        "replace",
        "creating replacement",
        "created replacement",
        "creating failed",
    ),
    Op.DELETE_REPLACED: Words(
        Style.DELETE_REPLACED, "replace", "deleting original", "deleted original", "deleting failed"
    ),
    Op.READ: Words(Style.READ, "read", "reading", "read", "reading failed"),
    Op.READ_REPLACEMENT: Words(
        Style.REPLACE, "replace", "reading for replacement", "read for replacement", "reading failed"
    ),
    Op.REFRESH: Words(Style.UPDATE, "refresh", "refreshing", "refresh", "refreshing failed"),
    Op.DISCARD: Words(Style.DELETE, "discard", "discarding", "discarded", "discarding failed"),
    Op.DISCARD_REPLACED: Words(
        Style.DELETE, "replace", "discarding original", "discarded original", "discarding failed"
    ),
    Op.REMOVE_PENDING_REPLACE: Words(Style.NONE, "", "", "", "failed"),
    Op.IMPORT: Words(Style.CREATE, "import", "importing", "imported", "importing failed"),
    Op.IMPORT_REPLACEMENT: Words(
        Style.REPLACE, "import", "importing replacement", "imported replacement", "importing failed"
    ),
}

SUMMARY_ORDER: Final = (
    Op.CREATE,
    Op.UPDATE,
    Op.DELETE,
    Op.REPLACE,
    Op.REFRESH,
    Op.DISCARD,
    Op.IMPORT,
)
"""The operations that the summary lists, in its order (cli.md §14.6)."""

KINDS: Final = {"update": "update", "refresh": "refresh", "destroy": "destroy"}
GERUNDS: Final = {
    "update": "Updating",
    "refresh": "Refreshing",
    "destroy": "Destroying",
    "import": "Importing",
}


def short_type(token: str) -> str:
    """A type as people read it: `aws:s3/bucket:Bucket` is shown as `aws:s3:Bucket`."""
    package, _, rest = token.partition(":")
    module, separator, name = rest.rpartition(":")
    if not separator:
        return token
    first, slash, second = module.partition("/")
    if slash and second.lower() == name.lower():
        module = first
    return f"{package}:{module}:{name}"


def seconds(duration: float) -> str:
    """A duration as the display counts it: `0.42s` below one second, else whole seconds."""
    return f"{duration:.2f}s" if duration < 1 else f"{int(duration)}s"


def whole(duration: float) -> str:
    """A duration rounded up to whole seconds: `12s`, `1m5s`, `1h0m3s`."""
    total = int(-(-duration // 1))
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def in_brief(added: Iterable[str], deleted: Iterable[str], updated: Iterable[str]) -> str:
    """Which properties differ, in a few characters; empty if none does."""
    kinds = (("+", sorted(added)), ("-", sorted(deleted)), ("~", sorted(updated)))
    text = "".join(glyph + ",".join(names) for glyph, names in kinds if names)
    return f"[diff: {text}]" if text else ""
