"""What goes wrong is told: what, where, and what to do; nothing is lost and the status is not 0."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from support import goplugin
from support.commands import Room, names

GOOD = """
import pulumi
import pulumi_random as random

pet = random.RandomPet("pet")
pulumi.export("pet", pet.id)
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A stack that was deployed once."""
    made = Room(tmp_path, GOOD).init()
    made.up()
    return made


def fails(room: Room, *words: str, command: tuple[str, ...] = ("up", "--yes", "--skip-preview")) -> str:
    """The command fails with all of *words*, and what was recorded is still there."""
    done = room.run(*command)
    assert done.status not in (0, 255), done.text
    for word in words:
        assert word in done.text, f"{word!r} is missing:\n{done.text}"
    assert "Traceback" not in done.err
    return done.text


def as_nobody(room: Room, folder: Path) -> None:
    """From now on, commands are run by a user without privileges, who owns *folder*."""
    if shutil.which("setpriv") is None:
        pytest.skip("nothing is read-only to root, and there is no `setpriv` to be somebody else")
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    room.prefix = (
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"
    )  # fmt: skip
    if room.run("version").status != 0:
        pytest.skip("the interpreter of the tests is out of reach for an unprivileged user")


def still_there(room: Room) -> None:
    room.program(GOOD)
    room.write("Pulumi.yaml", "name: shop\nruntime: python\n")
    assert names(room.resources()) == ["pet"]


class TestProjectFiles:
    def test_broken_yaml(self, room: Room) -> None:
        room.write("Pulumi.yaml", "name: shop\nruntime: [python\n")
        fails(room, "Pulumi.yaml:3:1")
        still_there(room)

    def test_another_version_is_required(self, room: Room) -> None:
        """state.md §1.1: before anything is done."""
        room.write("Pulumi.yaml", "name: shop\nruntime: python\nrequiredPulumiVersion: '>=99'\n")
        fails(room, "Pulumi.yaml:3:24", "the project requires version `>=99`")
        fails(
            room, "`>=99`", command=("import", "random:index/randomInteger:RandomInteger", "d", "1,1,6", "-y")
        )
        still_there(room)

    def test_a_wrong_value(self, room: Room) -> None:
        room.write("Pulumi.yaml", "name: shop\nruntime: python\nmain: 7\n")
        fails(room, "Pulumi.yaml:3:7", "main")
        still_there(room)

    def test_an_unknown_runtime(self, room: Room) -> None:
        room.write("Pulumi.yaml", "name: shop\nruntime: pyton\n")
        fails(room, "Pulumi.yaml:2:10", "pyton", "python")
        still_there(room)

    def test_no_project(self, tmp_path: Path) -> None:
        room = Room(tmp_path)
        (room.project / "Pulumi.yaml").unlink()
        fails(room, "There is no Pulumi.yaml project file in", "stackwright new")

    def test_a_missing_virtual_environment(self, room: Room) -> None:
        room.write("Pulumi.yaml", "name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n")
        fails(room, "venv", "stackwright install")
        still_there(room)

    def test_no_program(self, room: Room) -> None:
        (room.project / "__main__.py").unlink()
        fails(room, "__main__.py")
        still_there(room)


class TestPrograms:
    def test_a_syntax_error(self, room: Room) -> None:
        room.program("import pulumi\nx = = 1\n")
        fails(room, "__main__.py", "line 2", "SyntaxError")
        still_there(room)

    def test_an_exception_at_import(self, room: Room) -> None:
        room.write("helper.py", "raise RuntimeError('not today')\n")
        room.program("import helper\n")
        fails(room, "helper.py", "line 1", "not today")
        still_there(room)

    def test_an_exception_in_the_program(self, room: Room) -> None:
        """The traceback ends in the user's own line, and nothing recorded is deleted."""
        room.program("import pulumi\n\ndef f():\n    return {}['x']\n\nf()\n")
        text = fails(room, "failed with an unhandled exception", "line 4", "KeyError")
        assert "runpy" not in text
        assert "stackwright/sdk" not in text
        still_there(room)

    def test_an_exception_inside_apply(self, room: Room) -> None:
        room.program(GOOD + "\npet.id.apply(lambda name: name.nonsense)\n")
        fails(room, "nonsense", "__main__.py", "line 8")

    def test_sys_exit(self, room: Room) -> None:
        room.program("import sys\nsys.exit(3)\n")
        fails(room, "exited with non-zero exit code: 3")
        still_there(room)

    def test_two_resources_of_one_name(self, room: Room) -> None:
        room.program(GOOD + '\nrandom.RandomPet("pet")\n')
        fails(room, "Duplicate resource URN", "RandomPet::pet")
        assert names(room.resources()) == ["pet"]

    def test_an_output_in_a_condition(self, room: Room) -> None:
        """It is always true, and the program is told so, with its line (once)."""
        room.program(GOOD + "\nfor _ in range(3):\n    if pet.id:\n        pass\n")
        out = room.up()
        assert out.count("always true") == 1
        assert "__main__.py, line 9" in out

    def test_an_output_in_text(self, room: Room) -> None:
        """It does not fail, as nothing else would: but the text tells what to do."""
        room.program(GOOD + '\npulumi.export("text", f"{pet.id}")\n')
        out = room.up()
        assert "apply" in json.dumps(room.outputs()) + out

    def test_a_wrong_property(self, room: Room) -> None:
        room.program(GOOD.replace('RandomPet("pet")', 'RandomPet("pet", length="many")'))
        fails(room, "length", "RandomPet")
        still_there(room)

    def test_missing_configuration(self, room: Room) -> None:
        room.program(GOOD + '\npulumi.Config().require("size")\n')
        fails(room, "Missing required configuration variable 'shop:size'", "config set")


class TestPlugins:
    def program(self, room: Room, props: str = "{}") -> None:
        room.program(
            "import pulumi\n"
            "class Thing(pulumi.CustomResource):\n"
            "    def __init__(self, name, props):\n"
            '        super().__init__("rawledger:index:Thing", name, props)\n'
            f'Thing("thing", {props})\n'
        )

    def installed(self, tmp_path: Path, **environment: str) -> Room:
        room = Room(tmp_path, LEDGER_PATH=str(tmp_path / "ledger"), **environment).init()
        goplugin.plugins(room.home / "stackwright" / "plugins")
        self.program(room)
        return room

    def test_a_missing_one(self, room: Room) -> None:
        """Told with where it was looked for, and how to get it."""
        self.program(room)
        fails(room, "pulumi-resource-rawledger", "PATH")
        still_there(room)

    @pytest.mark.real
    def test_one_that_ends_at_start(self, tmp_path: Path) -> None:
        room = self.installed(tmp_path, RAWLEDGER_START='{"stderr": "no licence", "exit": 4}')
        fails(room, "no licence", "4")

    @pytest.mark.real
    def test_one_that_prints_garbage(self, tmp_path: Path) -> None:
        room = self.installed(tmp_path, RAWLEDGER_START=json.dumps({"line": "hello there\n"}))
        fails(room, "hello there", "port")

    @pytest.mark.real
    def test_one_that_crashes_in_create(self, tmp_path: Path) -> None:
        script = tmp_path / "script.json"
        script.write_text('[{"method": "Create", "stderr": "out of luck", "exit": 2}]')
        room = self.installed(tmp_path, RAWLEDGER_SCRIPT=str(script))
        fails(room, "out of luck", "thing")
        script.write_text("[]")
        room.up()
        assert names(room.resources()) == ["thing"]

    @pytest.mark.real
    def test_one_that_answers_nonsense(self, tmp_path: Path) -> None:
        script = tmp_path / "script.json"
        answer = {"properties": {"a": {"4dabf18193072939515e22adb298388d": "what?"}}, "id": "x"}
        script.write_text(json.dumps([{"method": "Create", "response": answer}]))
        room = self.installed(tmp_path, RAWLEDGER_SCRIPT=str(script))
        fails(room, "its signature `what?` is not one of the protocol", "thing")


class TestState:
    def test_a_wrong_passphrase(self, tmp_path: Path) -> None:
        room = Room(tmp_path, GOOD, PULUMI_CONFIG_PASSPHRASE="right")
        room.ok("stack", "init", "dev", "--secrets-provider", "passphrase")
        room.ok("config", "set", "--secret", "key", "s3cret")
        room.up()
        done = room.run("up", "--yes", environment={"PULUMI_CONFIG_PASSPHRASE": "wrong"})

        assert done.status == 1
        assert "incorrect passphrase" in done.text
        assert "s3cret" not in done.text
        assert names(room.resources()) == ["pet"]

    def test_a_corrupt_database(self, room: Room) -> None:
        database = room.home / "stackwright" / "state.db"
        database.write_bytes(b"this is no database at all" * 400)
        for leftover in ("state.db-wal", "state.db-shm"):
            (database.parent / leftover).unlink(missing_ok=True)
        fails(room, "state.db")

    def test_a_read_only_folder(self) -> None:
        """Nothing can be written, and nothing is changed; once it can be again, all is there."""
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            room = Room(Path(folder), GOOD).init()
            room.up()
            if os.geteuid() == 0:  # nothing is read-only to root
                as_nobody(room, Path(folder))
            data = room.home / "stackwright"
            data.chmod(0o500)
            try:
                fails(room, "state.db", "read-only for this user", "Make both writable")
                fails(room, "read-only for this user", command=("stack", "init", "other"))
            finally:
                data.chmod(0o700)
            still_there(room)
            assert "2 unchanged" in room.up()

    def test_an_export_cut_in_half(self, room: Room) -> None:
        text = room.ok("stack", "export")
        path = room.write("half.json", text[: len(text) // 2])
        fails(room, "half.json", command=("stack", "import", "--file", str(path)))
        still_there(room)

    def test_an_export_with_a_cycle(self, room: Room) -> None:
        document = room.export()
        resources = document["deployment"]["resources"]
        first, second = resources[-2:]
        first["dependencies"], second["dependencies"] = [second["urn"]], [first["urn"]]
        path = room.write("cycle.json", json.dumps(document))
        fails(room, first["urn"], command=("stack", "import", "--file", str(path)))
        still_there(room)

    def test_export_and_import_come_back_the_same(self, room: Room) -> None:
        text = room.ok("stack", "export")
        path = room.write("state.json", text)
        room.ok("stack", "import", "--file", str(path))
        again = room.ok("stack", "export")

        def undated(document: str) -> str:
            return re.sub(r'"(time|ciphertext)": "[^"]*"', "", document)

        assert undated(again) == undated(text)
        assert "3 unchanged" in room.up() or "2 unchanged" in room.up()
