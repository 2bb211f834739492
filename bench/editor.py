"""
A generated package in an editor: pyright's language server, asked as editors ask it.

Answers how long the help for a call takes that somebody is typing: the first time, when
the server has read nothing yet, and again; and how long a whole check takes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = """
import pulumi_aws as aws

bucket = aws.s3.Bucket("site", bucket="my-site", tags={"team": "web"})
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=60)
role = aws.iam.Role("role", assume_role_policy="{}")
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
image = aws.ec2.get_ami(owners=["amazon"], filters=[{"name": "n", "values": ["v"]}])
where = aws.ssm.Parameter("where", type="String", value=bucket.id)
"""
"""A program with five resources and a data source."""

_TYPING = PROGRAM.rpartition("type=")[0]


class Editing(NamedTuple):
    """Seconds."""

    first: float
    """The first help for a call, from opening the file."""
    help: float
    completion: float
    check: float
    check_cpu: float


def measured(package: Path, folder: Path) -> Editing:
    """What an editor and a checker take for a program that uses *package*; it is written to *folder*."""
    (folder / "pyrightconfig.json").write_text(
        json.dumps({"extraPaths": [str(package)], "include": ["*.py"]})
    )
    program = folder / "program.py"
    program.write_text(_TYPING)
    with _Server.started(folder) as server:
        start = time.perf_counter()
        server.open(program, _TYPING)
        server.at_end("signatureHelp", program, _TYPING)
        first = time.perf_counter() - start
        times = [
            min(server.at_end(what, program, _TYPING) for _ in range(3))
            for what in ("signatureHelp", "completion")
        ]
    program.write_text(PROGRAM)
    before, start = _children_cpu(), time.perf_counter()
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, program.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return Editing(first, *times, wall, _children_cpu() - before)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Server:
    """The language server; JSON-RPC over its standard streams."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._asked = 0

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator[_Server]:
        command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            server = cls(process)
            folders = [{"uri": folder.as_uri(), "name": folder.name}]
            about = {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}}
            server._ask("initialize", {**about, "workspaceFolders": folders})
            server._send({"method": "initialized", "params": {}})
            yield server
        finally:
            process.kill()
            process.wait()

    def open(self, program: Path, text: str) -> None:
        document = {"uri": program.as_uri(), "languageId": "python", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def at_end(self, what: str, program: Path, text: str) -> float:
        """The seconds that an answer about the end of *text* takes."""
        lines = text.splitlines()
        where = {"line": len(lines) - 1, "character": len(lines[-1])}
        start = time.perf_counter()
        found = self._ask(
            f"textDocument/{what}", {"textDocument": {"uri": program.as_uri()}, "position": where}
        )
        if "allowed_pattern" not in json.dumps(found):
            sys.exit(f"{what} knows nothing of the arguments: {json.dumps(found)[:500]}")
        return time.perf_counter() - start

    def _ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == self._asked:
                return message.get("result")
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": self._settings(message)})

    @staticmethod
    def _settings(message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        return [
            {"pythonPath": sys.executable} if each.get("section") == "python" else {}
            for each in message["params"]["items"]
        ]

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
