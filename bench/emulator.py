"""
`python bench/emulator.py HOST PORT`: moto, served so that it costs little; both tools' AWS.

moto answers, with its own code and in one process. Three things around it are other than in its
own command, which is a server for development:

* one thread takes the requests of all connections, and keeps connections until the client closes
  them. The command makes a connection and a thread for each request, and its threads hinder one
  another more the more of them there are;
* which service a host belongs to is remembered, not matched against all services' patterns anew;
* who asks to describe parameters by their names gets just these looked at. moto looks at all
  that there are, which makes a thousand parameters cost a thousand looks at a thousand.

Runs in the environment that moto is in, so it imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import functools
import io
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import SimpleSystemManagerBackend

_LONGEST = 16 * 1024 * 1024
_DESCRIBE = SimpleSystemManagerBackend.describe_parameters


class Remembering(DomainDispatcherApplication):
    """What moto serves; the answer for a host never changes."""

    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def describe_parameters(
    self: Any, filters: list[dict[str, Any]], parameter_filters: list[dict[str, Any]]
) -> list[Any]:
    """What moto's method answers, which looks at no other parameters than those that are named."""
    names = _names(parameter_filters)
    if names is None:
        return _DESCRIBE(self, filters, parameter_filters)
    everything = self._parameters
    self._parameters = type(everything)(everything.account_id, everything.region_name)
    self._parameters.update({name: everything[name] for name in names if name in everything})
    try:
        return _DESCRIBE(self, filters, parameter_filters)
    finally:
        self._parameters = everything


def _names(parameter_filters: list[dict[str, Any]]) -> list[str] | None:
    """The names of which one has to be a parameter's, where that is asked for."""
    for each in parameter_filters or ():
        if each["Key"] == "Name" and each.get("Option", "Equals") == "Equals":
            values: list[str] = each.get("Values", [])
            bare = [value.lstrip("/") for value in values]
            return [*bare, *(f"/{name}" for name in bare)]
    return None


class Served:
    """Connections to one application: HTTP/1.1, bodies with a length."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._app = app
        self._fixed = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": host,
            "SCRIPT_NAME": "",
        }

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client has gone."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                environ = self._environ(head)
                body = await reader.readexactly(int(environ.get("CONTENT_LENGTH") or 0))
                writer.write(self._answer(environ, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _environ(self, head: bytes) -> dict[str, Any]:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        environ = {**self._fixed, "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        for line in lines:
            name, _, value = line.partition(":")
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.strip()
        return environ

    def _answer(self, environ: Mapping[str, Any], body: bytes) -> bytes:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
            started[:] = [status, headers]

        chunks: Iterable[bytes] = self._app({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        data = b"".join(chunks)
        status, headers = started
        lines = [f"HTTP/1.1 {status}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() != "content-length"]
        lines += [f"Content-Length: {len(data)}", "", ""]
        return "\r\n".join(lines).encode("latin-1") + data


async def serve(host: str, port: int) -> None:
    """Serve moto until the process ends."""
    served = Served(Remembering(create_backend_app), host, port)
    server = await asyncio.start_server(served.connection, host, port, limit=_LONGEST, backlog=1024)
    async with server:
        await server.serve_forever()


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("MOTO_PORT", str(port))  # some answers name the server's own address
    SimpleSystemManagerBackend.describe_parameters = describe_parameters
    asyncio.run(serve(host, port))


if __name__ == "__main__":
    main()
