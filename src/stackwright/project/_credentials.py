"""
Which stores this user is logged in to, and which one counts (spec: state.md §6.2, §6.4).

`credentials.json` has the compatible tool's format but is a file of our own
(`stackwright.environment` says where); logging in here never changes what the
other tool uses, or the reverse. A URL is kept exactly as it was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

import stackwright.environment as environment
from stackwright.project._private_file import locked, read_private, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stackwright.project._project_file import Project

DEFAULT_BACKEND_URL: Final = "sqlite://"
"""Where state is kept when nobody said anything: the database in our home."""

BackendSource = Literal["environment", "project", "login", "default"]


class Backend(msgspec.Struct, frozen=True):
    """
    The store in use.

    Attributes:
        url: Its URL, as it was written.
        source: Who chose it.
        setting: The variable that chose it, when the environment did.
    """

    url: str
    source: BackendSource
    setting: str | None = None


class Credentials(msgspec.Struct, frozen=True):
    """What `credentials.json` says; `raw` holds all of it."""

    current: str | None
    access_tokens: dict[str, str]
    accounts: dict[str, dict[str, Any]]
    raw: dict[str, Any]


def credentials_path(environ: Mapping[str, str] | None = None) -> Path:
    """The file with this user's logins."""
    return environment.credentials_directory(environ) / "credentials.json"


def load_credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """
    This user's logins; none where there is no file.

    Raises:
        WorkspaceError: The file is damaged or cannot be read.
    """
    raw = read_private(credentials_path(environ))
    current, tokens, accounts = raw.get("current"), raw.get("accessTokens"), raw.get("accounts")
    return Credentials(
        current=current if isinstance(current, str) and current else None,
        access_tokens={url: str(token) for url, token in tokens.items()} if isinstance(tokens, dict) else {},
        accounts={url: account for url, account in accounts.items() if isinstance(account, dict)}
        if isinstance(accounts, dict)
        else {},
        raw=raw,
    )


def log_in(url: str, environ: Mapping[str, str] | None = None) -> None:
    """
    Make *url* the current store.

    Raises:
        WorkspaceError: The file is damaged or cannot be written.
    """
    path = credentials_path(environ)
    with locked(path):
        known = load_credentials(environ)
        write_private(
            path,
            {
                **known.raw,
                "current": url,
                "accessTokens": {**known.access_tokens, url: known.access_tokens.get(url, "")},
                "accounts": {**known.accounts, url: known.accounts.get(url, {})},
            },
        )


def log_out(url: str | None = None, environ: Mapping[str, str] | None = None) -> bool:
    """
    Forget the login to *url*, or to the current store; say whether there was one.

    Raises:
        WorkspaceError: The file is damaged or cannot be written.
    """
    path = credentials_path(environ)
    with locked(path):
        known = load_credentials(environ)
        url = url or known.current
        if url is None or (url != known.current and url not in known.access_tokens):
            return False
        tokens = {other: token for other, token in known.access_tokens.items() if other != url}
        if not tokens:
            write_private(path, {})
            return True
        raw = {
            **known.raw,
            "accessTokens": tokens,
            "accounts": {other: account for other, account in known.accounts.items() if other != url},
        }
        if known.current == url:
            del raw["current"]
        write_private(path, raw)
        return True


def log_out_everywhere(environ: Mapping[str, str] | None = None) -> None:
    """
    Forget every login.

    Raises:
        WorkspaceError: The file cannot be removed.
    """
    path = credentials_path(environ)
    with locked(path):
        write_private(path, {})


def current_backend(project: Project | None = None, environ: Mapping[str, str] | None = None) -> Backend:
    """
    The store that counts: the environment's, else the project's, else the login's, else our own.

    Raises:
        WorkspaceError: The file with logins is damaged or cannot be read.
    """
    chosen = environment.BACKEND_URL.value(environ)
    if chosen:
        return Backend(chosen, "environment", environment.BACKEND_URL.source(environ))
    if project is not None and project.backend_url:
        return Backend(project.backend_url, "project")
    logged_in = load_credentials(environ).current
    if logged_in:
        return Backend(logged_in, "login")
    return Backend(DEFAULT_BACKEND_URL, "default")
