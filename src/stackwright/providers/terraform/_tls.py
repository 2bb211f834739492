"""
Mutual TLS with a provider (terraform.md §1.4), for those that cannot be reached privately.

gRPC's own TLS refuses the key that these servers make, Python's does not. So TLS ends
in a relay of ours: gRPC speaks plainly to a socket in a private directory, the relay
speaks TLS to the provider. Each side presents a certificate made for this one process
and trusts exactly the other's.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import ssl
from collections.abc import Coroutine
from pathlib import Path
from typing import Final

import msgspec

_CHUNK: Final = 64 * 1024


class ClientCertificate(msgspec.Struct, frozen=True):
    """Who we are to one provider; both PEM."""

    certificate: str
    key: bytes

    def __repr__(self) -> str:
        return "ClientCertificate([secret])"


def make_certificate() -> ClientCertificate:
    """A certificate that only this process knows the key of."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP521R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "localhost"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "HashiCorp"),
        ]
    )
    now = datetime.datetime.now(datetime.UTC)
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(seconds=30))
        .not_valid_after(now + datetime.timedelta(days=30 * 365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=True,
                data_encipherment=False,
                key_agreement=True,
                key_cert_sign=True,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(key, hashes.SHA512())
    )
    return ClientCertificate(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


class TlsRelay:
    """A private socket that leads to a provider's TLS. Made by `open`, ended by `close`, on one loop."""

    def __init__(self, server: asyncio.Server, path: Path, connections: set[asyncio.Task[None]]) -> None:
        self._server = server
        self._connections = connections
        self.target = f"unix:{path}"

    @classmethod
    async def open(
        cls, network: str, address: str, ours: ClientCertificate, theirs: bytes, directory: Path
    ) -> TlsRelay:
        """Listen in *directory*, which only its owner may enter, for connections to *address*."""
        context = _context(ours, theirs, directory)
        connections: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await _relay(reader, writer, network, address, context)
            finally:
                connections.discard(task)

        path = directory / "relay"
        server = await asyncio.start_unix_server(serve, path)
        return cls(server, path, connections)

    async def close(self) -> None:
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)


def _context(ours: ClientCertificate, theirs: bytes, directory: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=theirs)
    context.set_alpn_protocols(["h2"])
    file = directory / "client.pem"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - it is open already
            stream.write(ours.certificate.encode() + ours.key)
        context.load_cert_chain(file)
    finally:
        file.unlink()
    return context


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    network: str,
    address: str,
    context: ssl.SSLContext,
) -> None:
    try:
        if network == "unix":
            far = await asyncio.open_unix_connection(address, ssl=context, server_hostname="localhost")
        else:
            host, _, port = address.rpartition(":")
            far = await asyncio.open_connection(
                host.strip("[]"), int(port), ssl=context, server_hostname="localhost"
            )
    except (OSError, ssl.SSLError):
        writer.close()  # the caller sees a connection that is refused
        return
    try:
        await _either(_pump(reader, far[1]), _pump(far[0], writer))
    finally:
        for stream in (writer, far[1]):
            stream.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await stream.wait_closed()


async def _either(*directions: Coroutine[None, None, None]) -> None:
    """Until one direction is over: then the other has nobody to speak to."""
    tasks = [asyncio.ensure_future(each) for each in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()
