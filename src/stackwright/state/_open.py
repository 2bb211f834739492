"""From a URL to the store it names (state.md §11.1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from stackwright.environment import home
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.state._store import Store

DEFAULT_URL: Final = "sqlite://"
"""The store that is used when nothing says otherwise."""

_LATER: Final = {
    "file": "Pulumi's file layout",
    "s3": "Amazon S3",
    "gs": "Google Cloud Storage",
    "azblob": "Azure Blob Storage",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "https": "the Pulumi Cloud service",
    "http": "the Pulumi Cloud service",
}
_NOW: Final = "What works now is the local store: `stackwright login --local`"


class StoreUrlError(UserError):
    """A URL that names no store, or one that this release does not serve."""

    code = "store-url"


def open_store(url: str | None = None) -> Store:
    """
    Open the store that *url* names; None and `sqlite://` are this user's own.

    `sqlite:///path/to/file` is another file (`?synchronous=full` waits for the disk at every
    commit), `memory://` a new store that is gone with the process.

    Raises:
        StoreUrlError: The URL means nothing, or a kind that a later release brings.
        StateError: The store cannot be opened.
    """
    parts = urlsplit(url or DEFAULT_URL)
    scheme = parts.scheme
    if scheme == "sqlite":
        from stackwright.state._sqlite import SqliteStore

        return SqliteStore(_sqlite_path(parts.netloc, parts.path), full_sync=_wants_full_sync(parts.query))
    if scheme in {"memory", "mem"}:
        from stackwright.state._memory import MemoryStore

        return MemoryStore()
    if scheme in _LATER:
        raise StoreUrlError(
            f"Stacks kept in {_LATER[scheme]} ({scheme}://…) come with a later release of Stackwright",
            hint=f"{_NOW}. To bring a stack over, use `pulumi stack export` there and "
            "`stackwright stack import` here",
        )
    shown = f"{scheme}://…" if scheme else "an address without a scheme"
    raise StoreUrlError(
        f"There is no kind of store for {shown}",
        detail="Known are sqlite:// and memory://, and in later releases "
        + ", ".join(f"{kind}://" for kind in _LATER if kind not in {"http", "postgresql"}),
        hint=_NOW,
    )


def _sqlite_path(place: str, path: str) -> Path:
    if not place and not path:
        return home() / "state.db"
    text = unquote(place + path)
    if text in {"~", "~/"} or text.endswith("/"):
        raise StoreUrlError(
            "A SQLite store is a file, not a folder",
            hint="Write sqlite:///folder/state.db, with the file's name",
        )
    return Path(text).expanduser().absolute()


def _wants_full_sync(query: str) -> bool:
    options = parse_qs(query, keep_blank_values=True)
    chosen = options.pop("synchronous", ["normal"])[-1].lower()
    if options or chosen not in {"normal", "full"}:
        raise StoreUrlError(
            "A SQLite store takes one option, `synchronous`, which is `normal` or `full`",
            detail=f"Given: {query}",
        )
    return chosen == "full"
