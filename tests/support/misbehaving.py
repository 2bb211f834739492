"""
A web server over TLS on the loopback, with the faults that real ones have.

A route is a list of answers: one for each request, the last one for all that follow.
Every request is recorded.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """
    One answer.

    `cut` breaks off after so many bytes of the body; `resumes` honours Range; `hangs` sends
    nothing more once the body began; `claimed` is a length that is not true.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    cut: int | None = None
    resumes: bool = True
    hangs: bool = False
    claimed: int | None = None


class Request(msgspec.Struct, frozen=True):
    """What was asked for."""

    path: str
    headers: dict[str, str]

    def header(self, name: str) -> str | None:
        return next((text for key, text in self.headers.items() if key.lower() == name.lower()), None)


class Server:
    """The server, as tests see it."""

    def __init__(self, port: int, name: str = "localhost") -> None:
        self.host = f"{name}:{port}"
        self.routes: dict[str, list[Reply]] = {}
        self.requests: list[Request] = []
        self.released = threading.Event()

    def url(self, path: str) -> str:
        return f"https://{self.host}{path}"

    def on(self, path: str, *replies: Reply | bytes) -> str:
        """Answer requests for *path* so; its URL."""
        self.routes[path] = [each if isinstance(each, Reply) else Reply(body=each) for each in replies]
        return self.url(path)

    def json(self, path: str, value: object) -> str:
        return self.on(
            path, Reply(body=msgspec.json.encode(value), headers={"Content-Type": "application/json"})
        )

    def asked(self, path: str) -> list[Request]:
        return [each for each in self.requests if each.path == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    app: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.app.requests.append(Request(path, dict(self.headers)))
        replies = self.app.routes.get(path, [Reply(status=404)])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        body, status, extra = reply.body, reply.status, {}
        begin = self._range()
        if status == 200 and begin is not None and reply.resumes:
            if begin >= len(body):
                status, body, extra = 416, b"", {"Content-Range": f"bytes */{len(body)}"}
            else:
                extra = {"Content-Range": f"bytes {begin}-{len(body) - 1}/{len(body)}"}
                status, body = 206, body[begin:]
        self.send_response(status)
        for name, text in {**reply.headers, **extra}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body) if reply.claimed is None else reply.claimed))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body if reply.cut is None else body[: reply.cut])
            self.wfile.flush()
        if reply.hangs:
            self.app.released.wait(60)
        if reply.cut is not None or reply.hangs or reply.claimed is not None:
            self.close_connection = True
            # The TLS layer is closed without its goodbye, as a broken network does.
            with contextlib.suppress(OSError):
                self.connection.shutdown(2)

    def _range(self) -> int | None:
        text = self.headers.get("Range", "")
        return int(text.removeprefix("bytes=").partition("-")[0]) if text.startswith("bytes=") else None

    def log_message(self, *arguments: object) -> None:
        """Tests say what they want to know."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the game."""


@contextlib.contextmanager
def serving(directory: Path, name: str = "localhost") -> Iterator[Server]:
    """A server that answers 404 until it is told better; `certificate(directory)` is to be trusted."""
    chain, key = _pair(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = _Quiet(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    app = Server(server.server_address[1], name)
    server.RequestHandlerClass = functools.partial(type("Handler", (_Handler,), {"app": app}))  # type: ignore[assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        app.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(directory: Path) -> Path:
    """The file for SSL_CERT_FILE."""
    return _pair(directory)[0]


def _pair(directory: Path) -> tuple[Path, Path]:
    chain, key_file = directory / "server.pem", directory / "server.key"
    if chain.is_file():
        return chain, key_file
    directory.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, key_file
