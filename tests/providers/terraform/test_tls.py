"""The relay that speaks TLS for us (terraform.md §1.4)."""

from __future__ import annotations

import asyncio
import base64
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.tfclients import run

from stackwright.providers.terraform._tls import ClientCertificate, TlsRelay, make_certificate


def der(certificate: ClientCertificate) -> bytes:
    return base64.b64decode("".join(certificate.certificate.splitlines()[1:-1]))


@asynccontextmanager
async def serving(
    folder: Path, theirs: ClientCertificate, trusted: ClientCertificate
) -> AsyncIterator[tuple[str, list[Any]]]:
    """A server over TCP that wants a certificate of its clients and echoes; its address, and whom it met."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = folder / "server.pem"
    file.write_bytes(theirs.certificate.encode() + theirs.key)
    context.load_cert_chain(file)
    context.load_verify_locations(cadata=der(trusted))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    met: list[Any] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = writer.get_extra_info("ssl_object")
        met.append((session.selected_alpn_protocol(), session.version()))
        writer.write(await reader.read(100))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context)
    try:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}", met
    finally:
        server.close()


async def said_through(relay: TlsRelay, text: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(relay.target.removeprefix("unix:"))
    try:
        writer.write(text)
        return await reader.read(100)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def conversation(*, server_knows_us: bool, we_know_server: bool) -> tuple[bytes, list[Any], list[str]]:
    """What comes back through a relay, whom the server met, and the files that are left."""

    async def scenario() -> tuple[bytes, list[Any], list[str]]:
        ours, theirs, other = make_certificate(), make_certificate(), make_certificate()
        with tempfile.TemporaryDirectory(prefix="sw-") as name:
            folder = Path(name)
            (folder / "ours").mkdir(mode=0o700)
            async with serving(folder, theirs, ours if server_knows_us else other) as (address, met):
                expected = der(theirs if we_know_server else other)
                relay = await TlsRelay.open("tcp", address, ours, expected, folder / "ours")
                answer = await said_through(relay, b"hello")
                left = sorted(path.name for path in (folder / "ours").iterdir())
                await relay.close()
                return answer, met, left

    return run(scenario)


def test_both_sides_know_each_other() -> None:
    answer, met, left = conversation(server_knows_us=True, we_know_server=True)

    assert answer == b"hello"
    assert met == [("h2", "TLSv1.3")]
    assert left == ["relay"]  # the key is on no disk any more


def test_another_server_in_its_place_hears_nothing() -> None:
    answer, met, _ = conversation(server_knows_us=True, we_know_server=False)

    assert answer == b""
    assert met == []


def test_a_server_that_wants_somebody_else() -> None:
    answer, _, _ = conversation(server_knows_us=False, we_know_server=True)

    assert answer == b""


def test_a_server_that_is_gone() -> None:
    async def scenario() -> bytes:
        with tempfile.TemporaryDirectory(prefix="sw-") as name:
            ours = make_certificate()
            relay = await TlsRelay.open("unix", f"{name}/gone", ours, der(ours), Path(name))
            answer = await said_through(relay, b"hello")
            await relay.close()
            return answer

    assert run(scenario) == b""


def test_a_key_is_never_shown() -> None:
    assert "PRIVATE" not in repr(make_certificate())
