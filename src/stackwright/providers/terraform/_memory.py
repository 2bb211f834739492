"""
Which answers of a provider are known beforehand, so that nobody need ask again.

Terraform has two questions asked about every resource whose answer depends on nothing
but the question and the provider's program:

* whether a configuration is valid (terraform.md §5.3). One about which a provider had
  nothing at all to say is remembered beside its schema, under the hash of its program.
* what a recorded state is today (§5.4), where this very version of the provider recorded
  it. `Lifecycle` has that answered once for each type in a run, and compares.

Only what is not secret is remembered, and of that a digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

_SIZE: Final = 16
"""Bytes of a digest: two configurations never share one."""

LIMIT: Final = 65_536
"""How many digests are kept for one program; a machine that has seen more begins anew."""


class ValidConfigurations:
    """
    Configurations of resources that one program found nothing wrong with.

    *load* gives what was kept before, and is called when something is first asked for.
    Without it nothing is remembered.
    """

    def __init__(self, load: Callable[[], bytes] | None = None) -> None:
        self._load = load
        self._known: set[bytes] | None = None
        self._fresh: list[bytes] = []

    @property
    def remembers(self) -> bool:
        return self._load is not None

    def knows(self, type_name: str, config: bytes) -> bool:
        """Whether *config*, as it goes to the provider, was found right before."""
        return _digest(type_name, config) in self._all()

    def keep(self, type_name: str, config: bytes) -> None:
        """Remember that *config* is right, without so much as a warning."""
        known, digest = self._all(), _digest(type_name, config)
        if digest not in known:
            known.add(digest)
            self._fresh.append(digest)

    def news(self) -> tuple[bytes, bool]:
        """What is to be kept that was not yet, and whether it takes the place of what was. Asked once."""
        fresh, self._fresh = self._fresh, []
        return b"".join(fresh), len(self._all()) > LIMIT

    def _all(self) -> set[bytes]:
        if self._known is None:
            data = self._load() if self._load is not None else b""
            self._known = {data[at : at + _SIZE] for at in range(0, len(data) - _SIZE + 1, _SIZE)}
        return self._known


def _digest(type_name: str, config: bytes) -> bytes:
    digest = hashlib.blake2b(config, digest_size=_SIZE, person=b"tf-config")
    digest.update(b"\0" + type_name.encode())
    return digest.digest()
