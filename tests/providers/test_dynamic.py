"""Dynamic providers of existing programs, from the command line to the state and back (sdk.md §18)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support import genuine
from support.commands import Room

PROGRAM = """
import os
from pathlib import Path
import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, CreateResult, DiffResult, ReadResult
from pulumi.dynamic import Resource, ResourceProvider, UpdateResult

PREFIX = "thing"

class Files(ResourceProvider):
    def __init__(self, suffix: str) -> None:
        self.suffix = suffix

    def configure(self, req: ConfigureRequest) -> None:
        self.folder = Path(req.config.require("folder"))

    def check(self, olds, news):
        failures = [CheckFailure("text", "is empty")] if news["text"] == "" else []
        return CheckResult({**news, "mode": news.get("mode", "plain")}, failures)

    def diff(self, id_, olds, news):
        replaces = ["name"] if olds["name"] != news["name"] else []
        return DiffResult(changes=bool(replaces) or olds["text"] != news["text"], replaces=replaces,
                          delete_before_replace=True)

    def create(self, props):
        path = self.folder / (props["name"] + self.suffix)
        path.write_text(props["text"])
        return CreateResult(id_=f"{PREFIX}-{props['name']}", outs={**props, "path": str(path),
                            "size": len(props["text"])})

    def read(self, id_, props):
        path = Path(props["path"])
        if not path.exists():
            return ReadResult(None, {})
        return ReadResult(id_, {**props, "text": path.read_text(), "size": path.stat().st_size})

    async def update(self, id_, olds, news):
        Path(olds["path"]).write_text(news["text"])
        return UpdateResult({**news, "path": olds["path"], "size": len(news["text"])})

    def delete(self, id_, props):
        Path(props["path"]).unlink()

class File(Resource, module="disk", name="File"):
    path: pulumi.Output[str]
    size: pulumi.Output[int]

    def __init__(self, name: str, text, opts=None):
        super().__init__(Files(".txt"), name, {"name": name, "text": text, "path": None, "size": None}, opts)

first = File("first", os.environ.get("TEXT", "hello"))
second = File("second", first.path.apply(lambda path: f"beside {Path(path).name}"))
pulumi.export("size", second.size)
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    room = Room(tmp_path, PROGRAM)
    (tmp_path / "files").mkdir()
    room.ok("stack", "init", "dev")
    room.ok("config", "set", "folder", str(tmp_path / "files"))
    return room


def resources(room: Room) -> dict[str, Any]:
    """The dynamic resources of the state, by name."""
    deployment = json.loads(room.ok("stack", "export", "--show-secrets"))["deployment"]
    return {
        each["urn"].rpartition("::")[2]: each
        for each in deployment["resources"]
        if each["type"].startswith("pulumi-python:")
    }


class TestLifecycle:
    def test_an_existing_program_works_unmodified(self, room: Room, tmp_path: Path) -> None:
        """Create, update by an `async` method, refresh, replace and delete, with types of its module."""
        files = tmp_path / "files"
        up = room.ok("up", "--yes")

        assert (files / "first.txt").read_text() == "hello"
        assert (files / "second.txt").read_text() == "beside first.txt"
        first = resources(room)["first"]
        assert first["type"] == "pulumi-python:dynamic/disk:File"
        assert first["id"] == "thing-first"
        assert first["inputs"]["mode"] == "plain"
        assert "__provider" in first["outputs"]
        assert re.search(r"2 created|\+ 3 created", up)

        room.ok("up", "--yes", environment={"TEXT": "goodbye"})
        assert (files / "first.txt").read_text() == "goodbye"
        (files / "first.txt").write_text("drifted")
        room.ok("refresh", "--yes")
        assert resources(room)["first"]["outputs"]["text"] == "drifted"

        room.program("")
        room.ok("up", "--yes")
        assert list(files.iterdir()) == []

    def test_a_failure_shows_the_users_lines(self, room: Room) -> None:
        """And none of the host's."""
        room.program(
            PROGRAM.replace(
                "path.write_text(props", "raise OSError('disk is full')\n        path.write_text(props"
            )
        )
        done = room.run("up", "--yes")

        assert done.status != 0
        assert "OSError: disk is full" in done.text
        assert "_calls.py" not in done.text

    def test_what_check_finds_is_a_failure_of_the_input(self, room: Room) -> None:
        done = room.run("up", "--yes", environment={"TEXT": ""})

        assert done.status != 0
        assert "is empty" in done.text

    def test_the_pickle_is_a_secret(self, room: Room) -> None:
        """Unless the provider asks for it, and holds none."""
        room.ok("up", "--yes")
        exported = json.loads(room.ok("stack", "export"))["deployment"]["resources"]
        held = [each["inputs"]["__provider"] for each in exported if "__provider" in each.get("inputs", {})]
        assert all("ciphertext" in value for value in held)

        room.program(
            PROGRAM.replace(
                "class Files(ResourceProvider):",
                "class Files(ResourceProvider):\n    serialize_as_secret_always = False\n",
            )
        )
        room.ok("up", "--yes")
        room.ok("up", "--yes", environment={"TEXT": "other"})
        assert isinstance(resources(room)["first"]["inputs"]["__provider"], str)


class TestTrust:
    """A pickle of the state is loaded only if this stack's key signed it, or the user allows it."""

    def test_what_this_stack_wrote_is_loaded(self, room: Room, tmp_path: Path) -> None:
        room.ok("up", "--yes")
        room.program("raise SystemExit(1)")
        room.ok("destroy", "--yes")

        assert list((tmp_path / "files").iterdir()) == []

    def test_what_others_wrote_is_not(self, room: Room, tmp_path: Path) -> None:
        """Here a state whose signatures are gone, as one from another tool."""
        room.ok("up", "--yes")
        self.strip_signatures(room)
        done = room.run("destroy", "--yes")
        assert done.status != 0
        assert "--trust-pickled-providers" in done.text
        assert "STACKWRIGHT_TRUST_PICKLED_PROVIDERS" in done.text
        assert len(list((tmp_path / "files").iterdir())) == 2

        room.ok("up", "--yes", "--expect-no-changes")  # the program's own needs no signature
        room.ok("destroy", "--yes", "--trust-pickled-providers")
        assert list((tmp_path / "files").iterdir()) == []

    def test_the_setting_does_the_same(self, room: Room, tmp_path: Path) -> None:
        room.ok("up", "--yes")
        self.strip_signatures(room)
        room.ok("destroy", "--yes", environment={"STACKWRIGHT_TRUST_PICKLED_PROVIDERS": "true"})

        assert list((tmp_path / "files").iterdir()) == []

    def test_a_signature_is_for_one_pickle(self, room: Room) -> None:
        """Another pickle under the same signature is refused."""
        room.ok("up", "--yes")

        def forge(resource: dict[str, Any]) -> None:
            secret = resource["outputs"]["__provider"]
            text = json.loads(secret["plaintext"])
            secret["plaintext"] = json.dumps("A" + text[1:])

        self.edit(room, forge)
        done = room.run("destroy", "--yes")
        assert done.status != 0
        assert "this stack's key did not sign it" in done.text

    def strip_signatures(self, room: Room) -> None:
        self.edit(room, lambda resource: resource["outputs"].pop("__stackwright_signature"))

    def edit(self, room: Room, change: Any) -> None:
        state = json.loads(room.ok("stack", "export", "--show-secrets"))
        for resource in state["deployment"]["resources"]:
            if resource["type"].startswith("pulumi-python:"):
                change(resource)
        room.ok("stack", "import", stdin=json.dumps(state))


def test_what_cannot_be_pickled_is_named(room: Room) -> None:
    """With the way to it, and what to do instead."""
    room.program(
        PROGRAM.replace(
            "self.suffix = suffix",
            "self.suffix = suffix; import sqlite3; self.stores = {'a': sqlite3.connect(':memory:')}",
        )
    )
    done = room.run("preview")

    assert done.status != 0
    assert "`self.stores.a` is a `sqlite3.Connection`" in done.text
    assert "`configure`" in done.text


@pytest.mark.real
@pytest.mark.slow
def test_a_stack_moves_between_the_packages(room: Room, tmp_path: Path) -> None:
    """The genuine package in a process of its own and ours inline write and read the same state (§18)."""
    inline = (room.project / "Pulumi.yaml").read_text()
    environment = genuine.interpreter().parents[1]

    def as_genuine() -> None:
        options = f"  name: python\n  options:\n    virtualenv: {environment}\n"
        room.write("Pulumi.yaml", f"name: shop\nruntime:\n{options}")

    as_genuine()
    room.ok("up", "--yes", "--skip-preview")
    assert (tmp_path / "files" / "first.txt").read_text() == "hello"
    room.write("Pulumi.yaml", inline)
    room.ok("preview", "--expect-no-changes")
    room.ok("up", "--yes", "--skip-preview", environment={"TEXT": "changed"})
    as_genuine()
    room.ok("preview", "--expect-no-changes", environment={"TEXT": "changed"})
    room.program("")
    room.ok("up", "--yes", "--skip-preview")
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.real
def test_pickles_are_loaded_in_the_programs_own_environment(room: Room) -> None:
    """With modules that only it has; and from the state, only those that the stack signed (§18)."""
    interpreter = genuine.interpreter()
    options = f"  name: python\n  options:\n    virtualenv: {interpreter.parents[1]}\n"
    room.write("Pulumi.yaml", f"name: shop\nruntime:\n{options}")
    room.program("""
        import sys
        import pulumi
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider

        class Where(ResourceProvider):
            def create(self, props):
                return CreateResult("w", {"prefix": sys.prefix})

        class Place(Resource):
            prefix: pulumi.Output[str]

            def __init__(self, name):
                super().__init__(Where(), name, {"prefix": None})

        pulumi.export("prefix", Place("place").prefix)
    """)
    room.ok("up", "--yes", "--skip-preview")
    assert room.ok("stack", "output", "prefix").strip() == str(interpreter.parents[1])

    TestTrust().strip_signatures(room)
    assert "--trust-pickled-providers" in room.run("destroy", "--yes").text
    room.ok("destroy", "--yes", "--trust-pickled-providers")


def test_a_remote_program_with_our_own_sdk(room: Room, tmp_path: Path) -> None:
    """Its providers run in its environment, under Stackwright: there need be no other package (§18)."""
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "pulumi.py").write_text('raise ImportError("there is no such package here")\n')
    room.write("Pulumi.yaml", "name: shop\nruntime:\n  name: python\n  options:\n    mode: remote\n")
    environment = {"PYTHONPATH": str(shadow)}

    room.ok("up", "--yes", "--skip-preview", environment=environment)
    assert (tmp_path / "files" / "first.txt").read_text() == "hello"
    room.ok("preview", "--expect-no-changes", environment=environment)
    room.program("")
    room.ok("up", "--yes", "--skip-preview", environment=environment)
    assert list((tmp_path / "files").iterdir()) == []
