"""What we and a provider say before the first call: variables and one line (terraform.md §1.1-1.3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from stackwright.errors import StackwrightError
from stackwright.wire.rpc import Network

PROTOCOLS: Final = (5, 6)
"""The protocols that we speak."""

_COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
_OTHERS: Final = ("PLUGIN_CLIENT_CERT", "PLUGIN_MULTIPLEX_GRPC", "PLUGIN_UNIX_SOCKET_GROUP")
"""What a host above us may have set for its own plugins."""
_CERTIFICATE_LENGTH: Final = 50
_SHOWN: Final = 200


class HandshakeError(StackwrightError):
    """The first line of a provider is not one that we can go on from."""

    code = "terraform-handshake"


class Handshake(msgspec.Struct, frozen=True, kw_only=True):
    """Where a provider serves, and how."""

    protocol: Literal[5, 6]
    network: Network
    address: str
    certificate: bytes | None = None
    """The server's certificate (DER), if it wants TLS."""


def host_environment(
    environ: Mapping[str, str], *, socket_directory: Path, client_certificate: str | None = None
) -> dict[str, str]:
    """The variables of a provider's process: those it inherits, and the host's (§1.1)."""
    variables = {key: each for key, each in environ.items() if key not in _OTHERS}
    variables |= {
        "TF_PLUGIN_MAGIC_COOKIE": _COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": ",".join(str(protocol) for protocol in PROTOCOLS),
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
        "PLUGIN_UNIX_SOCKET_DIR": str(socket_directory),
    }
    if client_certificate is not None:
        variables["PLUGIN_CLIENT_CERT"] = client_certificate
    return variables


def parse_handshake(line: str) -> Handshake:
    """
    Read `CORE|APP|NETWORK|ADDRESS|PROTOCOL|CERT`.

    Raises:
        HandshakeError: It is something else, or asks for what we do not speak.
    """
    parts = line.strip().split("|")
    if len(parts) < 4:
        raise HandshakeError(
            f"It printed {line.strip()[:_SHOWN]!r} where a provider says how it is reached",
            hint="Either it is no Terraform provider, or something else writes to its standard output",
        )
    core, version, network, address = parts[:4]
    transport = parts[4] if len(parts) > 4 else "netrpc"
    if core != "1":
        raise HandshakeError(f"It speaks version {core[:20]} of the plugin handshake; we speak version 1")
    if version not in {str(protocol) for protocol in PROTOCOLS}:
        raise HandshakeError(
            f"It speaks version {version[:20]} of Terraform's plugin protocol; we speak 5 and 6",
            hint="Another version of the provider may speak one of them",
        )
    if network not in ("unix", "tcp") or not address:
        raise HandshakeError(f"It serves at {network[:20]}:{address[:_SHOWN]}, where nobody can reach it")
    if transport != "grpc":
        raise HandshakeError(
            f"It speaks {transport[:20]}, which Terraform gave up long ago; we speak grpc",
            hint="A newer version of the provider will do",
        )
    return Handshake(
        protocol=5 if version == "5" else 6,
        network="unix" if network == "unix" else "tcp",
        address=address,
        certificate=_certificate(parts[5]) if len(parts) > 5 else None,
    )


def _certificate(text: str) -> bytes | None:
    """The certificate in the sixth segment; what is too short to be one counts as none (§1.2)."""
    if len(text) <= _CERTIFICATE_LENGTH:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise HandshakeError("The certificate in its first line is damaged") from error
