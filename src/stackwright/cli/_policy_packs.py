"""`--policy-pack` and `--policy-pack-config`, wherever they are taken (cli.md §4.1, §4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.policy import PolicyPacks


def policy_packs(directories: Iterable[str], files: Iterable[str]) -> PolicyPacks | None:
    """
    The packs in *directories*, each set by the file of the same place; None without any.

    Raises:
        UserError: There are not as many files as directories.
        PolicyPackError: A file is none.
    """
    packs, settings = _listed(directories), _listed(files)
    if settings and not packs:
        raise UserError('"--policy-pack-config" must be specified with "--policy-pack"')
    if settings and len(settings) != len(packs):
        raise UserError(
            'the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags'
        )
    if not packs:
        return None
    from stackwright.policy import PackDirectory, PolicyPacks, read_settings

    read = [read_settings(Path(file)) for file in settings] or [{} for _ in packs]
    return PolicyPacks(
        [PackDirectory(path=Path(pack), settings=each) for pack, each in zip(packs, read, strict=True)]
    )


def _listed(texts: Iterable[str]) -> list[str]:
    """Commas separate, too."""
    return [part for text in texts for part in text.split(",") if part]
