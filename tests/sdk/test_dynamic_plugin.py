"""
Dynamic providers as a plugin for other engines, beside the genuine one (protocol.md §13.7, sdk.md §18).

Both processes get the same pickle, as the genuine package writes it, and the same requests from a
client made of the genuine stubs.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2
from support import genuine
from support.hosts import Engine, Hosted, struct

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
URN = "urn:pulumi:dev::shop::pulumi-python:dynamic:Resource::r"

WRITE = """
import sys
from typing import Any
import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.dynamic import ConfigureRequest, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider


class Things(ResourceProvider):
    def configure(self, req: ConfigureRequest) -> None:
        self.greeting, self.foreign = req.config.require("greeting"), req.config.get("other:key")

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        failures = [CheckFailure("a", "no")] if news.get("a") == 13 else []
        return CheckResult({**news, "defaulted": True}, failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        if olds.get("a") == news.get("a"):
            return DiffResult()
        return DiffResult(changes=True, replaces=["a"], stables=["b"], delete_before_replace=True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        if props.get("fail"):
            raise ValueError("cannot be made")
        seen = sorted((key, repr(value)) for key, value in props.items() if key != "__provider")
        return CreateResult("made", {"seen": seen, "said": [self.greeting, self.foreign],
                                     "project": pulumi.get_project(), "stack": pulumi.get_stack()})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return ReadResult(None, {}) if id_ == "gone" else ReadResult(id_, {"a": 2}, {"a": 3})

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult({"was": olds["a"], "is": news["a"]})


print(serialize_provider(Things()))
"""


@pytest.fixture(scope="module")
def pickle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A provider, as a program under the genuine package writes it."""
    program = tmp_path_factory.mktemp("program") / "program.py"
    program.write_text(WRITE, encoding="utf-8")
    return subprocess.check_output([genuine.interpreter(), "-W", "ignore", program], text=True).strip()


@contextlib.contextmanager
def plugin(python: Path | str, module: str) -> Iterator[Hosted]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    with subprocess.Popen(
        [python, "-u", "-W", "ignore", "-m", module, "127.0.0.1:1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**inherited, "PULUMI_PROJECT": "shop"},
    ) as process:
        try:
            assert process.stdout is not None
            hosted = Hosted(int(process.stdout.readline()), Engine(), "")
            yield hosted
            hosted.channel.close()
        finally:
            process.kill()


def requests(text: str) -> Iterator[tuple[str, str, Any]]:
    """What an engine asks in the life of a resource, and what goes wrong."""

    def bag(**values: Any) -> Any:
        return struct({"__provider": text, **values})

    yield "info", "GetPluginInfo", empty_pb2.Empty()
    args = struct({"shop:greeting": "hello", "other:key": "k"})
    yield "configure", "Configure", provider_pb2.ConfigureRequest(args=args, acceptSecrets=True)
    check = provider_pb2.CheckRequest
    yield "check", "Check", check(urn=URN, news=bag(a=1))
    yield "a failure", "Check", check(urn=URN, news=bag(a=13))
    yield "unknown inputs", "Check", check(urn=URN, news=bag(a=UNKNOWN))
    unknown = struct({"__provider": UNKNOWN, "a": 1})
    yield "an unknown provider", "Check", check(urn=URN, olds=bag(a=1), news=unknown)
    diff = provider_pb2.DiffRequest
    yield "no difference", "Diff", diff(id="made", urn=URN, olds=bag(a=1), news=bag(a=1))
    yield "a difference", "Diff", diff(id="made", urn=URN, olds=bag(a=1), news=bag(a=2))
    props = bag(a=1, b=1.5, c=[None, {"d": "e"}], f=True)
    yield "create", "Create", provider_pb2.CreateRequest(urn=URN, properties=props)
    yield "it fails", "Create", provider_pb2.CreateRequest(urn=URN, properties=bag(fail=True))
    read = provider_pb2.ReadRequest
    yield "read", "Read", read(id="made", urn=URN, properties=bag(a=1), inputs=bag(a=1))
    yield "read by its inputs", "Read", read(id="made", urn=URN, inputs=bag(a=1))
    yield "read nothing", "Read", read(id="gone", urn=URN, properties=bag(a=1))
    yield (
        "update",
        "Update",
        provider_pb2.UpdateRequest(id="made", urn=URN, olds=bag(a=1), news=bag(a=2)),
    )
    yield "delete", "Delete", provider_pb2.DeleteRequest(id="made", urn=URN, properties=bag(a=1))
    yield "no provider", "Create", provider_pb2.CreateRequest(urn=URN, properties=struct({"a": 1}))
    yield "no function", "Invoke", provider_pb2.InvokeRequest(tok="a:b:c")
    yield "no schema", "GetSchema", provider_pb2.GetSchemaRequest()
    yield "no checks", "CheckConfig", check(urn=URN)
    yield "no differences", "DiffConfig", diff(urn=URN)
    yield "cancel", "Cancel", empty_pb2.Empty()


def answers(python: Path | str, module: str, text: str) -> dict[str, Any]:
    found = {}
    with plugin(python, module) as hosted:
        for name, method, request in requests(text):
            answer = hosted.ask(method, request)
            if (
                "error" in answer
            ):  # of a failure, what it is; where it was raised, each host says in its own way
                answer = {"code": answer["error"]["code"]}
            found[name] = answer
    return found


def test_alike(pickle: str) -> None:
    """Equal answers to all requests, and equal codes for what fails."""
    theirs = answers(genuine.interpreter(), "pulumi.dynamic", pickle)
    ours = answers(sys.executable, "stackwright.sdk.dynamic", pickle)

    assert ours == theirs
    assert theirs["create"]["answer"]["properties"]["said"] == ["hello", "k"]


def test_a_failure_names_the_providers_lines(pickle: str) -> None:
    """sdk.md §18: none of the host's own frames, and the message of what was raised."""
    with plugin(sys.executable, "stackwright.sdk.dynamic") as hosted:
        hosted.ask("Configure", provider_pb2.ConfigureRequest(args=struct({"shop:greeting": "hello"})))
        properties = struct({"__provider": pickle, "fail": True})
        try:
            hosted.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=properties), timeout=60)
        except Exception as error:
            text = str(error)

    assert "ValueError: cannot be made" in text
    assert "program.py" in text
    assert "_server.py" not in text
