"""`--attach-debugger`: programs and plugins wait for one, and it works (cli.md §4, §10.4)."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from support import genuine
from support.commands import Room
from support.dap import Debugger, attached

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


@dataclass
class Debugged:
    """An update that waited for a debugger: who did, at which port, and what it said after that."""

    who: str
    port: int
    debugger: Debugger
    rest: str = ""

    def stops_at(self, line: int) -> int:
        """The frame in which the program stands before *line* of its file."""
        name, at, frame = self.debugger.stopped_at()
        assert (name, at) == ("__main__.py", line)
        return frame


@contextlib.contextmanager
def debugged(room: Room, *flags: str) -> Iterator[Debugged]:
    """`up --yes` with a debugger attached; afterwards it goes on, and has to succeed."""
    process = room.start("up", "--yes", *flags)
    try:
        assert process.stdout is not None
        who, port = awaited(process.stdout)
        with attached(port) as debugger:
            update = Debugged(who, port, debugger)
            yield update
            debugger.go_on()
            debugger.until_the_end()
        update.rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, update.rest


@pytest.mark.real
@pytest.mark.timeout(120)
class TestPrograms:
    def test_inline(self, tmp_path: Path) -> None:
        """One debugger for preview and update: it stops on the program's own line, and sees its variables."""
        pytest.importorskip("debugpy")
        room = Room(tmp_path, PROGRAM).init()

        with debugged(room, "--attach-debugger") as update:
            assert update.who == "The program"
            update.debugger.begin(room.project / "__main__.py", LINE)
            frame = update.stops_at(LINE)
            assert update.debugger.evaluate("words", frame) == "['a', 'b']"
            update.debugger.go_on()
            frame = update.stops_at(LINE)
            assert update.debugger.evaluate("words", frame) == "['a', 'b']"

        assert "waits for a debugger" not in update.rest
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
        with debugged(room, *flags) as update:
            assert update.who == "The program"
            update.debugger.begin(room.project / "__main__.py", LINE)
            assert update.debugger.evaluate("len(words)", update.stops_at(LINE)) == "2"

        assert room.outputs() == {"words": ["a", "b"]}
        events = [json.loads(line) for line in log.read_text().splitlines()]
        (config,) = (
            event["startDebuggingEvent"]["config"] for event in events if "startDebuggingEvent" in event
        )
        assert config["connect"] == {"host": "127.0.0.1", "port": update.port}
        assert (config["type"], config["request"]) == ("python", "attach")
        assert config["pathMappings"][0]["localRoot"] == str(room.project)

    def test_async_methods_of_providers_in_python(self, tmp_path: Path) -> None:
        """They stop as well: not on the engine's own loop, which goes on meanwhile."""
        pytest.importorskip("debugpy")
        room = Room(tmp_path, HOSTED).init()

        with debugged(room, "--skip-preview", "--attach-debugger") as update:
            update.debugger.begin(room.project / "__main__.py", HOSTED_LINE)
            assert update.debugger.evaluate("words", update.stops_at(HOSTED_LINE)) == "['a', 'b']"

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

    with debugged(room, "--skip-preview", "--attach-debugger=plugin:sites") as update:
        assert update.who == "The plugin sites"
        update.debugger.begin(plugin, PLUGIN_LINE)
        assert update.debugger.evaluate("args['host']", update.stops_at(PLUGIN_LINE)) == "'example.com'"

    assert room.outputs() == {"url": "https://example.com"}
