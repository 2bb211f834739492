"""
An AWS of our own: `moto_server`, and `boto3` to look at it from outside.

Both live in a virtual environment of their own in the cache folder (see `goplugin`), made
once. `boto3` runs in a process of that environment, so that the tests' own needs neither.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.goplugin import cache, locked, unhurried

REQUIREMENTS = ("moto[server]>=5.1,<6", "boto3>=1.40")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
_SERVICES = (
    *("acm", "apigateway", "autoscaling", "cloudwatch", "dynamodb", "ec2", "ecr", "ecs", "elbv2", "events"),
    *("iam", "kinesis", "kms", "lambda", "logs", "rds", "route53", "s3", "secretsmanager", "sfn", "sns"),
    *("sqs", "ssm", "sts"),
)

# Answers one line of JSON per line: [service, operation, arguments] to [error, result].
_LOOKING = """
import json, sys, boto3
clients = {}
for line in sys.stdin:
    service, operation, arguments = json.loads(line)
    try:
        if service not in clients:
            clients[service] = boto3.client(service, endpoint_url=sys.argv[1])
        answer = [None, getattr(clients[service], operation)(**arguments)]
        if hasattr(answer[1].get("Body"), "read"):
            answer[1]["Body"] = answer[1]["Body"].read().decode()
    except Exception as error:
        answer = [f"{type(error).__name__}: {error}", None]
    print(json.dumps(answer, default=str), flush=True)
"""


class CallError(Exception):
    """AWS refused a call of `Moto.call`."""


class Moto:
    """A running server. `endpoint` is where every service is."""

    def __init__(self, endpoint: str, server: int, looking: subprocess.Popen[str]) -> None:
        self.endpoint = endpoint
        self._server = server
        self._looking = looking

    def cpu(self) -> float:
        """Seconds of CPU that the server has taken so far; only Linux tells."""
        fields = Path(f"/proc/{self._server}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        """What `boto3.client(service).operation(**arguments)` answers; times as text."""
        assert self._looking.stdin is not None
        assert self._looking.stdout is not None
        self._looking.stdin.write(json.dumps([service, operation, arguments]) + "\n")
        self._looking.stdin.flush()
        error, result = json.loads(self._looking.stdout.readline())
        if error:
            raise CallError(error)
        return result

    def provider_config(self) -> dict[str, Any]:
        """The arguments of Terraform's AWS provider that lead it here."""
        return {
            "region": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
            "skip_credentials_validation": True,
            "skip_metadata_api_check": "true",
            "skip_requesting_account_id": True,
            "s3_use_path_style": True,
            "endpoints": [dict.fromkeys(_SERVICES, self.endpoint)],
        }

    def reset(self) -> None:
        """Forget everything."""
        urllib.request.urlopen(
            urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST"), timeout=30
        ).close()


@contextmanager
def serving(script: Path | None = None) -> Iterator[Moto]:
    """Run a server, moto's own or *script*, which is told where to listen; and stop it afterwards."""
    bin_folder = _environment() / "bin"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    environ = {**os.environ, **CREDENTIALS}
    own = [bin_folder / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        own if script is None else [bin_folder / "python", script, "127.0.0.1", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    try:
        _await(endpoint, server)
        looking = subprocess.Popen(
            [bin_folder / "python", "-c", _LOOKING, endpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            text=True,
        )
        try:
            yield Moto(endpoint, server.pid, looking)
        finally:
            looking.kill()
            looking.communicate()
    finally:
        server.kill()
        server.wait()


def _await(endpoint: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "moto_server ended at once"
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("moto_server did not come up within a minute")


@functools.cache
def _environment() -> Path:
    folder = cache() / "moto"
    if not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(cache() / "moto.lock"):
            if not (folder / "ready").exists():
                _make(folder)
    return folder


def _make(folder: Path) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("`uv` is not installed, so there is no environment for moto")
    for command in (
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder],
        [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *REQUIREMENTS],
    ):
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            pytest.skip(f"moto cannot be installed: {made.stderr.strip()[-500:]}")
    (folder / "ready").touch()
