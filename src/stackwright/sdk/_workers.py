"""
Worker processes of a program: what they know of its deployment, and what they are refused.

A worker may compute: configuration, names and `import pulumi` are there. It cannot ask for
anything: the deployment is in another process, and what a worker asked for would get lost.
How a worker finds the program's own functions is `stackwright.program_main`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stackwright.sdk import _import_aliases, _session
from stackwright.sdk._session import ConfigTable, Session

_FACTS: Final = ("project", "stack", "organization", "root_directory", "parallel", "dry_run", "legacy_apply")


def told(session: Session, config: ConfigTable) -> dict[str, Any]:
    """What a worker of *session*'s program is told when it starts."""
    facts = {name: getattr(session, name) for name in _FACTS}
    return {"facts": facts, "config": dict(config.values), "secret_keys": sorted(config.secret_keys)}


def enter(deployment: Mapping[str, Any]) -> None:
    """Make this process a worker of the program that was told about by `told`; of a script, if by nothing."""
    _import_aliases.install()
    if not deployment:
        return
    _session.enter_config(ConfigTable(deployment["config"], deployment["secret_keys"]))
    session = Session(**deployment["facts"])
    session.is_worker = True
    _session.enter(session)
