"""Packages that extend a plugin, from `package add --extension` to destroy (cli.md §11, engine.md E244)."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from support import genuine
from support.commands import Room
from support.extensible import Extensible

EXTENSION = "gateway 2.0.0 Route Rule"
REFERENCE = hashlib.sha256(b'gateway\x002.0.0\x00["Route", "Rule"]').hexdigest()
PROGRAM = """
import pulumi
import pulumi_gateway as gateway

route = gateway.Route("route", size=pulumi.Config().get_int("size") or 1)
gateway.Rule("rule", size=route.size)
pulumi.export("found", gateway.count_output().found)
"""


def added(room: Room, plugin: Extensible, extension: str = EXTENSION) -> str:
    return room.run("package", "add", str(plugin.path), "--extension", extension).text


@pytest.fixture
def plugin(tmp_path: Path) -> Extensible:
    return Extensible(tmp_path / "plugins")


GENUINE = pytest.param("genuine", marks=pytest.mark.real)


@pytest.fixture(params=["inline"])
def room(request: pytest.FixtureRequest, tmp_path: Path, plugin: Extensible) -> Room:
    """A project with the package, whose program runs each way that there is."""
    folder = tmp_path / "rooms"
    folder.mkdir()
    room = Room(folder, PROGRAM, PYTHONPATH=str(folder / "shop" / "sdks" / "gateway")).init()
    said = added(room, plugin)
    assert "Extended package gateway" in said, said
    environment = genuine.interpreter().parent.parent if request.param == "genuine" else sys.prefix
    mode = "inline" if request.param == "inline" else "remote"
    recorded = (room.project / "Pulumi.yaml").read_text()
    runtime = f"runtime: {{name: python, options: {{mode: {mode}, virtualenv: {environment}}}}}\n"
    room.write("Pulumi.yaml", recorded.replace("runtime: python\n", runtime))
    plugin.asked()
    return room


@pytest.mark.parametrize("room", ["inline", GENUINE], indirect=True)
def test_from_up_to_destroy(room: Room, plugin: Extensible) -> None:
    """What it learns each time, and what is recorded."""
    room.ok("up", "--yes", "--skip-preview")
    asked = plugin.asked()
    assert asked[0] == ("parameterize", "gateway@2.0.0")
    assert [what for what, _ in asked].count("parameterize") == 1
    assert ("create", "gateway:index:Rule") in asked
    assert ("invoke", "gateway:index:count") in asked
    deployment = room.export()["deployment"]
    assert {each.get("extensionRef") for each in room.resources()} == {REFERENCE}
    assert deployment["extensions"] == {
        REFERENCE: {"name": "gateway", "version": "2.0.0", "value": "WyJSb3V0ZSIsICJSdWxlIl0="}
    }
    (provider,) = [each for each in deployment["resources"] if each["type"].startswith("pulumi:providers:")]
    assert provider["type"] == "pulumi:providers:base"

    room.ok("up", "--yes", "--skip-preview", "--expect-no-changes")
    room.ok("config", "set", "size", "5")
    room.ok("up", "--yes", "--skip-preview")
    assert ("update", "gateway:index:Route") in plugin.asked()
    room.ok("refresh", "--yes", "--skip-preview")
    assert plugin.asked()[0] == ("parameterize", "gateway@2.0.0")
    room.ok("destroy", "--yes", "--skip-preview")
    assert plugin.asked()[0] == ("parameterize", "gateway@2.0.0")
    assert plugin.objects == {}
    assert "extensions" not in (room.export()["deployment"] or {})


def test_state_goes_out_and_in(room: Room, plugin: Extensible) -> None:
    """An export carries the extension, so that it can be destroyed in another stack."""
    room.ok("up", "--yes", "--skip-preview")
    exported = room.export()
    assert "extensionParameterization" in exported.get("features", [])
    room.write("state.json", json.dumps(exported))
    room.ok("stack", "rm", "--force", "--yes")
    room.init()
    room.ok("stack", "import", "--file", "state.json")
    plugin.asked()
    room.ok("destroy", "--yes", "--skip-preview")
    assert plugin.asked()[0] == ("parameterize", "gateway@2.0.0")
    assert plugin.objects == {}


EXPLICIT = """
import pulumi
import pulumi_base as base
import pulumi_gateway as gateway

mine = base.Provider("mine")
gateway.Route("by-option", opts=pulumi.ResourceOptions(provider=mine))


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("my:index:Group", name, {}, opts)
        gateway.Rule("inside", opts=pulumi.ResourceOptions(parent=self))
        gateway.count(opts=pulumi.InvokeOptions(parent=self))


Group("group", pulumi.ResourceOptions(providers=[mine]))
"""


@pytest.mark.parametrize("room", ["inline", GENUINE], indirect=True)
def test_an_explicit_provider_of_the_base_package(room: Room, plugin: Extensible) -> None:
    """It serves the extension's resources, by option and from a component (protocol.md §10.3)."""
    kept = (room.project / "Pulumi.yaml").read_text()
    room.write("Pulumi.yaml", "name: shop\nruntime: python\n")
    room.ok("package", "add", str(plugin.path))
    room.write("Pulumi.yaml", kept)
    room.environment["PYTHONPATH"] += f":{room.project / 'sdks' / 'base'}"
    room.program(EXPLICIT)
    room.ok("up", "--yes", "--skip-preview")
    found = {each["urn"].rpartition("::")[2]: each.get("provider", "") for each in room.resources()}
    assert "::mine::" in found["by-option"]
    assert "::mine::" in found["inside"]


def test_what_exists_is_imported(room: Room, plugin: Extensible) -> None:
    """E223 (d): the package of the project says what its provider has to learn."""
    room.program("import pulumi_gateway as gateway\ngateway.Route('route', size=1)\n")
    plugin.objects = {"gateway:index:Route/route": "gateway:index:Route"}
    room.ok("preview", "--import-file", "wanted.json")
    wanted = (room.project / "wanted.json").read_text()
    room.write("wanted.json", wanted.replace("<PLACEHOLDER>", "gateway:index:Route/route"))
    code = room.ok("import", "--file", "wanted.json", "--yes", "--skip-preview", "--protect=false")
    assert "import pulumi_gateway as gateway" in code
    assert ("parameterize", "gateway@2.0.0") in plugin.asked()
    assert room.resources()[0]["extensionRef"] == REFERENCE
    room.ok("up", "--yes", "--skip-preview", "--expect-no-changes")


class TestPackage:
    @pytest.fixture
    def room(self, tmp_path: Path) -> Room:
        folder = tmp_path / "rooms"
        folder.mkdir()
        return Room(folder, PROGRAM)

    def test_what_is_recorded_and_made_again(self, plugin: Extensible, room: Room) -> None:
        """state.md §1.7."""
        assert "Extended package gateway" in added(room, plugin)
        text = (room.project / "Pulumi.yaml").read_text()
        assert YAML(typ="safe").load(text)["packages"]["gateway"]["extensions"] == EXTENSION.split()
        package = room.project / "sdks" / "gateway" / "pulumi_gateway"
        made = json.loads((package / "pulumi-plugin.json").read_text())
        assert (made["name"], made["version"]) == ("base", "1.0.0")
        assert made["extensionParameterization"]["name"] == "gateway"
        assert not (package / "provider.py").exists()
        shutil.rmtree(room.project / "sdks")
        room.ok("install")
        assert json.loads((package / "pulumi-plugin.json").read_text()) == made

    @pytest.mark.parametrize("how", ["parameterization", "extensionParameterization"])
    def test_looking_into_one(self, tmp_path: Path, room: Room, how: str) -> None:
        """A plugin may say that its parameter replaces or that it extends."""
        plugin = Extensible(tmp_path / "plugins", how=how)
        words = (str(plugin.path), "--extension", EXTENSION)
        schema = json.loads(room.ok("package", "get-schema", *words))
        assert schema["name"] == "gateway"
        assert "parameterization" not in schema
        assert schema["extensionParameterization"]["baseProvider"]["name"] == "base"
        room.ok("package", "gen-sdk", *words, "--language", "python", "--out", "out")
        assert (room.project / "out" / "python" / "pulumi_gateway").is_dir()

    def test_a_plugin_that_gives_no_such_schema(self, tmp_path: Path, room: Room) -> None:
        plugin = Extensible(tmp_path / "plugins", how="nothing")
        assert "did not answer with the schema of an extension" in added(room, plugin)
