"""What the person asked to see (cli.md §4.1)."""

from __future__ import annotations

import msgspec


class DisplaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The flags that change how an operation looks, and never what it does."""

    stack: str
    kind: str
    """update, refresh or destroy."""
    preview: bool = False
    colour: bool = False
    width: int = 100
    debug: bool = False
    show_sames: bool = False
    show_reads: bool = False
    show_replacement_steps: bool = False
    show_secrets: bool = False
    show_full_output: bool = False
    show_config: bool = False
    show_policy_remediations: bool = False
    urns: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False
