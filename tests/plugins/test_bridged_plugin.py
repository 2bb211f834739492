"""A plugin of the genuine bridge and its package from the index, in our command line (protocol.md §3-§6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import genuine_plugins
from support.commands import Room, names
from support.provider_packages import installed

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(300)]

PROGRAM = """
    import pulumi
    import pulumi_random as random

    config = pulumi.Config()
    pet = random.RandomPet("pet", length=config.get_int("words") or 2, keepers={"key": "1"})
    password = random.RandomPassword("password", length=16, override_special="!#")
    shuffle = random.RandomShuffle("shuffle", inputs=["a", "b", "c"], result_count=2, seed="seed")
    integer = random.RandomInteger("integer", min=1, max=100, opts=pulumi.ResourceOptions(depends_on=[pet]))
    random.RandomId("id", byte_length=4, prefix=pulumi.Output.format("{}-", pet.id))
    pulumi.export("pet", pet.id)
    pulumi.export("password", password.result)
    pulumi.export("shuffle", shuffle.results)
    pulumi.export("integer", integer.result)
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A project whose `random` is the plugin: what starts it writes that down."""
    installed("pulumi_random")
    binary = genuine_plugins.random(tmp_path / "plugins")
    genuine = binary.rename(binary.with_name("genuine"))
    binary.write_text(f'#!/bin/sh\necho started >> "{tmp_path}/started"\nexec "{genuine}" "$@"\n')
    binary.chmod(0o755)
    return Room(tmp_path, PROGRAM, PULUMI_HOME=str(tmp_path)).init()


def recorded(room: Room) -> dict[str, Any]:
    return {name: one for one in room.resources() for name in names([one])}


def test_the_life_of_its_resources(room: Room, tmp_path: Path) -> None:
    """Created, unchanged, replaced for what the provider says forces it, refreshed, imported, destroyed."""
    room.up()
    first = room.outputs()
    assert (len(first["password"]), len(first["shuffle"]), first["pet"].count("-")) == (16, 2, 1)
    assert recorded(room)["id"]["outputs"]["hex"].startswith(f"{first['pet']}-")
    assert first["password"] not in room.ok("stack", "export")
    assert (tmp_path / "started").read_text().startswith("started")
    assert "6 unchanged" in room.up()

    room.ok("config", "set", "words", "3")
    preview = room.ok("preview", "--diff")
    assert "[forces replacement: length]" in preview
    assert "[forces replacement: prefix]" in preview
    assert "+-2 replaced" in room.up()
    second = room.outputs()
    assert second["pet"].count("-") == 2
    assert {**second, "pet": ""} == {**first, "pet": ""}

    assert "6 unchanged" in room.ok("refresh", "--yes", "--skip-preview")
    imported = ["random:index/randomPassword:RandomPassword", "given", "correct-horse"]
    code = room.ok("import", *imported, "--yes", "--protect=false")
    assert "random.RandomPassword(" in code
    assert recorded(room)["given"]["outputs"]["result"]["plaintext"] == json.dumps("correct-horse")
    assert "correct-horse" not in room.ok("stack", "export") + code

    room.ok("destroy", "--yes")
    assert room.resources() == []


def test_what_the_provider_refuses(room: Room) -> None:
    """Its words, at the property of the program's resource."""
    room.program(PROGRAM.replace("length=16", "length=1, min_numeric=4"))
    done = room.run("up", "--yes", "--skip-preview")

    assert done.status != 0
    assert "password" in done.text
    assert "length" in done.text
