"""`--attach-debugger`: programs and plugins wait for one, and it works (cli.md §4, §10.4)."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from support import genuine
from support.commands import Room
from support.dap import attached

from stackwright.debugging import DebugTargets, parse_debug_targets
from stackwright.errors import UserError

PROGRAM = """
    import pulumi
    import pulumi_random as random

    words = ["a", "b"]
    pet = random.RandomPet("pet", length=len(words))
    pulumi.export("words", words)
"""
LINE = 6


class TestFlag:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ((), DebugTargets()),
            (("program",), DebugTargets(program=True)),
            (("plugins",), DebugTargets(all_plugins=True)),
            (("plugin:aws", "plugin:gcp,program"), DebugTargets(True, frozenset({"aws", "gcp"}))),
            (("all",), DebugTargets(program=True, all_plugins=True)),
        ],
    )
    def test_values(self, values: tuple[str, ...], expected: DebugTargets) -> None:
        """cli.md §4."""
        assert parse_debug_targets(values) == expected

    @pytest.mark.parametrize("value", ["everything", "plugin:", ""])
    def test_unknown(self, value: str) -> None:
        """cli.md §4.2."""
        with pytest.raises(UserError, match=f"invalid --attach-debugger flag value: {value}"):
            parse_debug_targets([value])

    def test_plugins_by_name(self) -> None:
        assert DebugTargets(plugins=frozenset({"aws"})).has_plugin("aws")
        assert not DebugTargets(plugins=frozenset({"aws"})).has_plugin("gcp")
        assert DebugTargets(all_plugins=True).has_plugin("gcp")


def awaited(out: IO[str]) -> tuple[str, int]:
    """Who waits, and at which port; from what a command prints."""
    said = ""
    for line in out:
        said += line
        if found := re.match(r"(.*) waits for a debugger at 127\.0\.0\.1:(\d+)$", line):
            return found[1], int(found[2])
    raise AssertionError(f"nobody waits:\n{said}")


@contextlib.contextmanager
def running(room: Room, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = room.start(*arguments)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.real
@pytest.mark.timeout(120)
class TestPrograms:
    def test_inline(self, tmp_path: Path) -> None:
        """One debugger for preview and update: it stops on the program's own line, and sees its variables."""
        pytest.importorskip("debugpy")
        room = Room(tmp_path, PROGRAM).init()

        with running(room, "up", "--yes", "--attach-debugger") as process:
            assert process.stdout is not None
            who, port = awaited(process.stdout)
            assert who == "The program"
            with attached(port) as debugger:
                debugger.begin(room.project / "__main__.py", LINE)
                for _ in ("preview", "update"):
                    name, line, frame = debugger.stopped_at()
                    assert (name, line) == ("__main__.py", LINE)
                    assert debugger.evaluate("words", frame) == "['a', 'b']"
                    debugger.go_on()
                debugger.until_the_end()
            rest, _ = process.communicate(timeout=60)

        assert process.returncode == 0, rest
        assert "waits for a debugger" not in rest
        assert room.outputs() == {"words": ["a", "b"]}

    @pytest.mark.parametrize("sdk", ["ours", "genuine"])
    def test_in_a_process_of_its_own(self, tmp_path: Path, sdk: str) -> None:
        """With either SDK. Who reads the event log learns how to attach (E287)."""
        pytest.importorskip("debugpy")
        options = "mode: remote"
        if sdk == "genuine":
            environment = genuine.interpreter("pulumi_random==4.21.4").parent.parent
            options += f"\n            virtualenv: {environment}"
        room = Room(tmp_path, PROGRAM)
        room.write(
            "Pulumi.yaml", f"name: shop\nruntime:\n  name: python\n  options:\n            {options}\n"
        )
        room.init()

        log = tmp_path / "events"
        flags = ("--skip-preview", "--attach-debugger=program", "--event-log", str(log))
        with running(room, "up", "--yes", *flags) as process:
            assert process.stdout is not None
            who, port = awaited(process.stdout)
            assert who == "The program"
            with attached(port) as debugger:
                debugger.begin(room.project / "__main__.py", LINE)
                name, line, frame = debugger.stopped_at()
                assert (name, line) == ("__main__.py", LINE)
                assert debugger.evaluate("len(words)", frame) == "2"
                debugger.go_on()
                debugger.until_the_end()
            rest, _ = process.communicate(timeout=60)

        assert process.returncode == 0, rest
        assert room.outputs() == {"words": ["a", "b"]}
        events = [json.loads(line) for line in log.read_text().splitlines()]
        (config,) = (
            event["startDebuggingEvent"]["config"] for event in events if "startDebuggingEvent" in event
        )
        assert config["connect"] == {"host": "127.0.0.1", "port": port}
        assert (config["type"], config["request"]) == ("python", "attach")
        assert config["pathMappings"][0]["localRoot"] == str(room.project)

    def test_async_methods_of_providers_in_python(self, tmp_path: Path) -> None:
        """They stop as well: not on the engine's own loop, which goes on meanwhile."""
        pytest.importorskip("debugpy")
        room = Room(tmp_path, HOSTED).init()

        with running(room, "up", "--yes", "--skip-preview", "--attach-debugger") as process:
            assert process.stdout is not None
            _, port = awaited(process.stdout)
            with attached(port) as debugger:
                debugger.begin(room.project / "__main__.py", HOSTED_LINE)
                name, line, frame = debugger.stopped_at()
                assert (name, line) == ("__main__.py", HOSTED_LINE)
                assert debugger.evaluate("words", frame) == "['a', 'b']"
                debugger.go_on()
                debugger.until_the_end()
            rest, _ = process.communicate(timeout=60)

        assert process.returncode == 0, rest

    def test_there_is_no_debugpy(self, tmp_path: Path) -> None:
        """The command that helps is in the message; nothing has run."""
        room = Room(tmp_path, PROGRAM)
        bare = tmp_path / "bare"
        (bare / "bin").mkdir(parents=True)
        (bare / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
        (bare / "bin" / "python").chmod(0o755)
        (bare / "pyvenv.cfg").write_text("version = 3.11.7\n")
        (bare / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        text = f"name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: {bare}\n"
        room.write("Pulumi.yaml", text)
        room.init()

        refused = room.run("preview", "--attach-debugger")

        assert refused.status != 0
        assert f"{bare}/bin/python -m pip install debugpy" in refused.err


HOSTED = """
    import pulumi


    class Notes(pulumi.dynamic.ResourceProvider):
        async def create(self, props):
            words = props["text"].split()
            return pulumi.dynamic.CreateResult("note", {"count": len(words)})

        def delete(self, id, props):
            pass


    class Note(pulumi.dynamic.Resource):
        count: pulumi.Output[int]


    Note(Notes(), "note", {"text": "a b", "count": None})
"""
HOSTED_LINE = 8


PLUGIN = """
    import pulumi
    from pulumi.provider.experimental import component_provider_host
    from typing import TypedDict


    class SiteArgs(TypedDict):
        host: str


    class Site(pulumi.ComponentResource):
        url: pulumi.Output[str]

        def __init__(self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions | None = None):
            super().__init__("sites:index:Site", name, {}, opts)
            self.url = pulumi.Output.from_input("https://" + args["host"])
            self.register_outputs({"url": self.url})


    component_provider_host(name="sites", components=[Site])
"""
PLUGIN_LINE = 16

CALLER = """
    import pulumi


    class Site(pulumi.ComponentResource):
        url: pulumi.Output[str]

        def __init__(self, name, host):
            super().__init__("sites:index:Site", name, {"host": host, "url": None}, remote=True)


    pulumi.export("url", Site("front", "example.com").url)
"""


@pytest.mark.real
@pytest.mark.timeout(120)
@pytest.mark.parametrize("sdk", ["ours", "genuine"])
def test_plugins(tmp_path: Path, sdk: str) -> None:
    """A component package that is written in Python waits before it serves, for as long as it takes."""
    pytest.importorskip("debugpy")
    room = Room(tmp_path, CALLER)
    room.write("Pulumi.yaml", "name: shop\nruntime: python\npackages:\n  sites: ./sites\n")
    descriptor = "runtime: python\n"
    if sdk == "genuine":
        environment = genuine.interpreter("pulumi_random==4.21.4").parent.parent
        descriptor = f"runtime:\n  name: python\n  options:\n    virtualenv: {environment}\n"
    room.write("sites/PulumiPlugin.yaml", descriptor)
    plugin = room.write("sites/__main__.py", PLUGIN)
    room.init()

    with running(room, "up", "--yes", "--skip-preview", "--attach-debugger=plugin:sites") as process:
        assert process.stdout is not None
        who, port = awaited(process.stdout)
        assert who == "The plugin sites"
        with attached(port) as debugger:
            debugger.begin(plugin, PLUGIN_LINE)
            name, line, frame = debugger.stopped_at()
            assert (name, line) == ("__main__.py", PLUGIN_LINE)
            assert debugger.evaluate("args['host']", frame) == "'example.com'"
            debugger.go_on()
            debugger.until_the_end()
        rest, _ = process.communicate(timeout=60)

    assert process.returncode == 0, rest
    assert room.outputs() == {"url": "https://example.com"}
