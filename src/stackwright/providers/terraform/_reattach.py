"""Providers that somebody else started (terraform.md §1.9): found in the environment, and left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from stackwright.errors import UserError
from stackwright.providers.terraform._handshake import Handshake

VARIABLES: Final = ("TF_REATTACH_PROVIDERS", "PULUMI_BRIDGE_REATTACH_PROVIDERS")
_HOST: Final = "registry.terraform.io"
_NAMESPACE: Final = "hashicorp"


class ReattachError(UserError):
    """A variable that names running providers cannot be read."""

    code = "terraform-reattach"


class _Address(msgspec.Struct, rename="pascal"):
    network: Literal["unix", "tcp"]
    string: str


class _Entry(msgspec.Struct, rename="pascal"):
    addr: _Address
    protocol: str = "grpc"
    protocol_version: int = 5
    pid: int = 0
    test: bool = False


class Reattached(msgspec.Struct, frozen=True, kw_only=True):
    """A provider that runs already. `keep` says that it is not for us to end."""

    handshake: Handshake
    pid: int
    keep: bool


def find_reattached(address: str, environ: Mapping[str, str]) -> Reattached | None:
    """
    The running provider for *address* (`host/namespace/type`), or None.

    Raises:
        ReattachError: A variable is not what it should be.
    """
    wanted = _full(address)
    for variable in VARIABLES:
        text = environ.get(variable)
        if not text:
            continue
        try:
            entries = msgspec.json.decode(text, type=dict[str, _Entry])
        except msgspec.DecodeError as error:
            raise ReattachError(
                f"{variable} cannot be read: {error}",
                hint="It is what a provider prints that was started by hand with `-debug`",
            ) from error
        for name, entry in entries.items():
            if _full(name) == wanted:
                return _reattached(variable, name, entry)
    return None


def _reattached(variable: str, name: str, entry: _Entry) -> Reattached:
    version = entry.protocol_version or 5
    if entry.protocol != "grpc" or version not in (5, 6):
        raise ReattachError(
            f"{variable} says that {name} speaks {entry.protocol} {version}; we speak grpc, and 5 or 6"
        )
    handshake = Handshake(
        protocol=5 if version == 5 else 6, network=entry.addr.network, address=entry.addr.string
    )
    return Reattached(handshake=handshake, pid=entry.pid, keep=entry.test)


def _full(address: str) -> str:
    """*address* with all its parts."""
    parts = address.lower().split("/")
    return "/".join([*[_HOST, _NAMESPACE][: max(0, 3 - len(parts))], *parts])
