"""Pickled providers, in the form of the genuine package and back (sdk.md §2.7, §18)."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from support.programs import run, run_ok

from stackwright.sdk import CustomResource, Output, _pickling
from stackwright.sdk.dynamic import Config, CreateResult, Resource, ResourceProvider
from stackwright.sdk.dynamic._dill import UnreadablePickleError, provider_from
from stackwright.sdk.dynamic.dynamic import serialize_provider
from stackwright.values import Secret

PROGRAM = """
import hashlib, json
from typing import Any
import pulumi
from pulumi import Output, log
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider
import helper
from helper import helped

LIMITS = {"b": 2, "a": 1, 3: "mixed"} if False else {"b": 2, "a": 1}

def digest(text: str) -> str:
    return hashlib.sha256((text + str(LIMITS["a"])).encode()).hexdigest()[:8]

class Base(ResourceProvider):
    tags = {"z": 1, "y": [1, 2]}

    def diff(self, _id, olds, news):
        log.debug("compared")
        return DiffResult(changes=olds.get("x") != news.get("x"))

class Sized(Base):
    def __init__(self, size: int, secret: Any = None) -> None:
        super().__init__()
        self.size, self.secret, self.scale = size, secret, lambda n: n * LIMITS["b"]

    def create(self, props):
        found = self.secret.get() if self.secret is not None else None
        outs = {"size": self.scale(helped(self.size)), "found": found}
        return CreateResult("id-" + digest(props["x"]), outs)

    def read(self, id_, props):
        return ReadResult(id_, {**props, "name": pulumi.Output.__name__})
"""

GENERATE = """
import runpy, sys
sys.path.insert(0, sys.argv[2])
if sys.argv[1] == "ours":
    from stackwright.sdk._import_aliases import install
    install()
import asyncio, pulumi
from pulumi.dynamic.dynamic import serialize_provider
program = runpy.run_path(sys.argv[2], run_name="__main__")
kept = program["Sized"](3)
print(serialize_provider(kept))
if sys.argv[1] == "ours":
    from stackwright.sdk._pickling import pickling
    with pickling():
        captured = program["Sized"](4, pulumi.Output.secret("s3cret"))
        print(serialize_provider(captured))
else:
    from pulumi.runtime._serialization import _serialize
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    captured = program["Sized"](4, pulumi.Output.secret("s3cret"))
    print(_serialize(True, lambda: serialize_provider(captured))[0])
"""

READ = """
import base64, sys
sys.path.insert(0, sys.argv[2])
plain, captured = sys.stdin.read().split()
if sys.argv[1] == "ours":
    from stackwright.sdk._import_aliases import install
    install()
    from stackwright.sdk._pickling import pickling
    from stackwright.sdk.dynamic._dill import provider_from
    with pickling():
        providers = [provider_from(plain), provider_from(captured)]
else:
    import dill, pulumi
    from pulumi.runtime._serialization import _deserialize
    providers = [_deserialize(lambda: dill.loads(base64.b64decode(text))) for text in (plain, captured)]
import pulumi
for provider in providers:
    assert isinstance(provider, pulumi.dynamic.ResourceProvider), type(provider).__mro__
    made = provider.create({"x": "y"})
    changes = provider.diff("", {"x": 1}, {}).changes
    print(made.id, sorted(made.outs.items()), provider.read("i", {}).outs, changes)
"""


def genuine_only() -> None:
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")


def in_a_process(script: str, who: str, folder: Path, stdin: str = "") -> str:
    """What *script* prints when `pulumi` is *who*'s."""
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "helper.py").write_text("def helped(n):\n    return n + 1\n")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script), who, str(folder)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.real
class TestBetweenTools:
    def test_the_pickle_is_the_same_byte_for_byte(self, tmp_path: Path) -> None:
        """So a program that moves changes nothing (§18)."""
        genuine_only()
        assert in_a_process(GENERATE, "ours", tmp_path) == in_a_process(GENERATE, "genuine", tmp_path)

    @pytest.mark.parametrize(
        ("writer", "reader"), [("genuine", "ours"), ("ours", "genuine"), ("ours", "ours")]
    )
    def test_either_reads_what_the_other_wrote(self, writer: str, reader: str, tmp_path: Path) -> None:
        """Classes, functions, lambdas, modules and captured outputs of the program (§2.7, §18)."""
        genuine_only()
        written = in_a_process(GENERATE, writer, tmp_path)
        read = in_a_process(READ, reader, tmp_path, stdin=written)

        first, second = read.splitlines()
        assert first.endswith("[('found', None), ('size', 8)] {'name': 'Output'} True")
        assert "('found', 's3cret'), ('size', 10)" in second


class Simple(ResourceProvider):
    """A provider of this module: pickled by its name."""

    def __init__(self, held: Any = None) -> None:
        self.held = held

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("x")


class Open(Simple):
    serialize_as_secret_always = False


class Thing(Resource):
    """A resource without a type of its own."""


class Shaped(Resource, module="shapes", name="Shaped"):
    """A resource with one."""


class TestResource:
    def test_types_come_from_the_class(self) -> None:
        ran = run_ok(
            lambda: (Thing(Simple(), "a", {}), Shaped(Simple(), "b", {}), Resource(Simple(), "c", {}))
        )

        types = [request.type for request in ran.monitor.registrations]
        assert types == [
            "pulumi-python:dynamic:Resource",
            "pulumi-python:dynamic/shapes:Shaped",
            "pulumi-python:dynamic:Resource",
        ]

    def test_the_provider_is_a_secret_input(self) -> None:
        """The given mapping gets it too (§18)."""
        props: dict[str, Any] = {"x": 1}
        ran = run_ok(lambda: Thing(Simple(), "a", props))

        assert isinstance(ran.monitor.resource("a").inputs["__provider"], Secret)
        assert isinstance(props["__provider"], Output)

    def test_it_may_be_open_unless_it_holds_a_secret(self) -> None:
        def program() -> None:
            Thing(Open(), "open", {})
            Thing(Open(Output.from_input("plain")), "plain", {})
            Thing(Open(Output.secret("hidden")), "hidden", {})

        ran = run_ok(program)
        kinds = [
            type(ran.monitor.resource(name).inputs["__provider"]) for name in ("open", "plain", "hidden")
        ]
        assert kinds == [str, str, Secret]

    def test_the_reserved_key_is_refused(self) -> None:
        ran = run(lambda: Thing(Simple(), "a", {"__provider": "x"}))

        assert "must not define the __provider key" in ran.error

    def test_a_provider_may_hold_what_another_resource_answers(self) -> None:
        """The pickle waits for the value, and `get` answers it inside (§2.7)."""

        def program() -> None:
            other = CustomResource("t:m:T", "other", {"x": "v"})
            with _pickling.pickling():
                text = serialize_provider(Simple(other.id))
                back = provider_from(text)
            assert back.held.get() == "other-id"
            for name in ("apply", "resources", "future", "is_known", "is_secret"):
                with pytest.raises(Exception, match=rf"{name}.*inside a provider.*get"):
                    getattr(back.held, name)(lambda value: value)
            with _pickling.pickling():
                assert provider_from(serialize_provider(back)).held.get() == "other-id"

        run_ok(program)


class TestText:
    def test_the_same_provider_is_the_same_text(self) -> None:
        """Whatever order its dictionaries were filled in (§18)."""
        assert serialize_provider(Simple({"a": 1, "b": 2})) == serialize_provider(Simple({"b": 2, "a": 1}))

    def test_keys_of_several_kinds_are_sorted_too(self) -> None:
        assert serialize_provider(Simple({"a": 1, 2: 3})) == serialize_provider(Simple({2: 3, "a": 1}))

    def test_outputs_are_pickled_nowhere_else(self) -> None:
        with pytest.raises(Exception, match="cannot be copied or pickled"):
            Output.from_input(1).__getstate__()
        with pytest.raises(Exception, match="cannot be unpickled"):
            Output.__new__(Output).__setstate__({"value": 1})

    @pytest.mark.parametrize("text", ["", "?", "AAAA"])
    def test_a_damaged_text_says_so(self, text: str) -> None:
        with pytest.raises(UnreadablePickleError, match="cannot be loaded"):
            provider_from(text)


def test_configuration_goes_by_the_projects_keys() -> None:
    """A key without a namespace is the project's; a missing one is named (§18)."""
    config = Config({"p:a": "1", "aws:region": "r"}, "p")

    assert (config.get("a"), config.get("aws:region"), config.get("b")) == ("1", "r", None)
    with pytest.raises(ValueError, match="configuration key: b"):
        config.require("b")
