"""States that old engines wrote, imported and worked with (state.md §7.4, engine.md E20)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import goplugin
from support.commands import Room, names
from support.ledger import Ledger

PROGRAM = """
import pulumi


class Record(pulumi.CustomResource):
    def __init__(self, name, value, opts=None):
        super().__init__("ledger:index:Record", name, {"name": name, "value": value}, opts)


one = Record("one", "1")
Record("two", "2", pulumi.ResourceOptions(depends_on=[one]))
"""
KEPT = ("urn", "custom", "id", "type", "inputs", "outputs", "parent")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path, PROGRAM, LEDGER_PATH=str(tmp_path / "ledger"))
    goplugin.plugins(made.home / "stackwright" / "plugins", names=["ledger"])
    made.init().up()
    return made


def as_version(number: int, document: dict[str, Any]) -> dict[str, Any]:
    """The deployment as an engine of that version would have written it: without providers."""
    old = []
    for resource in document["deployment"]["resources"]:
        if resource["type"].startswith("pulumi:providers:"):
            continue
        member = {key: resource[key] for key in KEPT if key in resource}
        member["dependencies"] = resource.get("dependencies")
        if number == 1:
            member |= {"initErrors": None, "defaults": {"size": 1}}
        old.append(member)
    manifest = {"time": "2017-01-02T03:04:05Z", "magic": "", "version": ""}
    body = {"manifest": manifest, "resources": old}
    return {"version": number, "deployment": body}


@pytest.mark.real
@pytest.mark.parametrize("version", [1, 2, 3])
class TestOldVersions:
    def imported(self, room: Room, version: int) -> Ledger:
        path = room.write("old.json", json.dumps(as_version(version, room.export())))
        room.ok("stack", "import", "--file", str(path))
        return Ledger(Path(room.environment["LEDGER_PATH"]))

    def test_nothing_has_changed(self, room: Room, version: int) -> None:
        """The next update finds everything as it was, and records the provider that was missing."""
        ledger = self.imported(room, version)
        before = len(ledger.operations())
        preview = room.ok("preview")
        out = room.up()

        assert "3 unchanged" in preview
        assert "3 unchanged" in out
        assert len(ledger.operations()) == before
        recorded = room.export()["deployment"]["resources"]
        providers = [each for each in recorded if each["type"] == "pulumi:providers:ledger"]
        assert len(providers) == 1
        reference = f"{providers[0]['urn']}::{providers[0]['id']}"
        assert {each["provider"] for each in room.resources()} == {reference}

    def test_it_can_be_refreshed_and_destroyed(self, room: Room, version: int) -> None:
        ledger = self.imported(room, version)
        room.ok("refresh", "--yes", "--skip-preview")
        assert names(room.resources()) == ["one", "two"]
        room.ok("destroy", "--yes", "--skip-preview")
        assert ledger.objects() == {}
        assert room.resources() == []
