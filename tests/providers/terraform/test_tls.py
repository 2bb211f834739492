"""TLS with one provider (terraform.md §1.4)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.tfclients import run

from stackwright.providers.terraform._tls import ClientCertificate, make_certificate, tls_context
from stackwright.wire.rpc import RpcClient, RpcError, RpcStatus
from stackwright.wire.rpc._hpack import encode_fields


def der(certificate: ClientCertificate) -> bytes:
    return base64.b64decode("".join(certificate.certificate.splitlines()[1:-1]))


@asynccontextmanager
async def serving(
    folder: Path, theirs: ClientCertificate, trusted: ClientCertificate
) -> AsyncIterator[tuple[str, list[Any]]]:
    """
    A server over TCP that wants a certificate of its clients, and knows no method.

    Its address, and whom it met.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = folder / "server.pem"
    file.write_bytes(theirs.certificate.encode() + theirs.key)
    context.load_cert_chain(file)
    context.load_verify_locations(cadata=der(trusted))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    met: list[Any] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"test.Service/Method")
            session = writer.get_extra_info("ssl_object")
            met.append((session.selected_alpn_protocol(), session.version()))
            fields = encode_fields(
                [(b":status", b"200"), (b"grpc-status", b"12"), (b"grpc-message", b"hello")]
            )
            writer.write(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
            writer.write(bytes([0, 0, len(fields), 1, 5, 0, 0, 0, 1]) + fields)
            await reader.read()
            writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=context)
    try:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}", met
    finally:
        server.close()


def conversation(*, server_knows_us: bool, we_know_server: bool) -> tuple[RpcError, list[Any]]:
    """How a call ends, and whom the server met."""

    async def scenario() -> tuple[RpcError, list[Any]]:
        ours, theirs, other = make_certificate(), make_certificate(), make_certificate()
        with tempfile.TemporaryDirectory(prefix="sw-") as name:
            folder = Path(name)
            (folder / "ours").mkdir(mode=0o700)
            async with serving(folder, theirs, ours if server_knows_us else other) as (address, met):
                expected = der(theirs if we_know_server else other)
                context = tls_context(ours, expected, folder / "ours")
                assert list((folder / "ours").iterdir()) == []  # the key is on no disk any more
                client = RpcClient("tcp", address, tls=context)
                with pytest.raises(RpcError) as failure:
                    await client.unary("/test.Service/Method", b"")
                await client.close()
                return failure.value, met

    return run(scenario)


def test_both_sides_know_each_other() -> None:
    error, met = conversation(server_knows_us=True, we_know_server=True)

    assert (error.status, error.details) == (RpcStatus.UNIMPLEMENTED, "hello")
    assert met == [("h2", "TLSv1.3")]


def test_another_server_in_its_place_hears_nothing() -> None:
    error, met = conversation(server_knows_us=True, we_know_server=False)

    assert error.status is RpcStatus.UNAVAILABLE
    assert "certificate verify failed" in error.details
    assert met == []


def test_a_server_that_wants_somebody_else() -> None:
    error, met = conversation(server_knows_us=False, we_know_server=True)

    assert error.status is RpcStatus.UNAVAILABLE
    assert met == []


def test_a_key_is_never_shown() -> None:
    assert "PRIVATE" not in repr(make_certificate())
