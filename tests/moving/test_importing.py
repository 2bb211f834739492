"""What `import` takes in of Terraform providers, and its code, preview with no change (cli.md §4.8)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import goplugin, tfproviders
from support.commands import Room
from support.ledger import Ledger
from support.moving import MODERN_ATTRIBUTES, empty_room
from support.terraform_command import TerraformProject
from support.tfproviders import Cloud

from stackwright.packages._project_packages import ProjectPackages
from stackwright.packages._sources import parse_source
from stackwright.packages._web import Web
from stackwright.project import load_project

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

OWN = """
    terraform {
      required_providers {
        modern = { source = "stackwright/modern" }
        vintage = { source = "stackwright/vintage" }
      }
    }

    resource "modern_thing" "full" {
      token = "a token of old"
      MODERN_ATTRIBUTES
    }

    resource "modern_thing" "small" {
      name = "small"
      note = modern_thing.full.id
    }

    resource "vintage_thing" "old" {
      name    = "old"
      enabled = false
      size    = 3
      tags    = { up = "a" }
      zones   = ["z"]
      token   = "a token of old"
      disk {
        kind = "hdd"
      }
      rule {
        port  = 1
        cidrs = ["b", "a"]
      }
      ingress {
        port = 22
      }
    }
    """


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


@pytest.fixture
def made(tmp_path: Path, cloud: Cloud) -> TerraformProject:
    """Objects that somebody else made."""
    environ = {"MODERN_PATH": str(cloud.folder), "VINTAGE_PATH": str(cloud.folder)}
    project = TerraformProject(
        tmp_path / "infrastructure", tfproviders.modern(), tfproviders.vintage(), environ=environ
    )
    project.apply({"main.tf": OWN.replace("MODERN_ATTRIBUTES", MODERN_ATTRIBUTES)})
    return project


@pytest.fixture
def room(tmp_path: Path, made: TerraformProject, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Room:
    room = empty_room(tmp_path, made, monkeypatch, "stackwright/modern", "stackwright/vintage")
    room.ok("config", "set", "modern:path", str(cloud.folder))
    room.ok("config", "set", "vintage:path", str(cloud.folder))
    return room


def changes(room: Room) -> dict[str, int]:
    found: dict[str, int] = json.loads(room.ok("preview", "--json", seconds=120))["changeSummary"]
    return found


def program(room: Room) -> str:
    return (room.project / "__main__.py").read_text()


def test_every_kind_of_value(room: Room, made: TerraformProject, cloud: Cloud) -> None:
    """All schema features of both frameworks: looked up, recorded, declared; nothing is touched."""
    objects = cloud.objects()
    writes = [each for each in cloud.calls() if each["op"] in ("create", "update", "delete")]
    room.ok(
        "import", "--from", "terraform", str(made.folder), "--preview-only", "--generate-resources", "r.json"
    )
    listed = json.loads((room.project / "r.json").read_text())["resources"]
    assert sorted(each["name"] for each in listed) == ["full", "old", "small"]

    said = room.run(
        "import", "-f", "r.json", "--yes", "--skip-preview", "--out", "__main__.py", "--force", seconds=120
    )

    assert said.status == 0, said.text
    assert changes(room) == {"same": 4}, said.text + program(room) + room.run("preview", "--diff").text
    assert "note=full.id" in program(room)
    assert 'token=config.require_secret("oldToken")' in program(room)
    assert "oldToken" in said.text
    for secret in ("a token of old", "endpoint's key"):
        assert secret not in program(room) + said.text + room.ok("stack", "export")
    assert cloud.objects() == objects
    assert [each for each in cloud.calls() if each["op"] in ("create", "update", "delete")] == writes
    room.ok("up", "--yes", "--skip-preview", "--expect-no-changes")
    refused = room.run("destroy", "--yes", "--skip-preview")
    assert refused.status == 1
    assert "is protected" in refused.text


def test_identities_and_refusals(room: Room, cloud: Cloud) -> None:
    """§5.14, §5.16: an identity is a JSON object; what cannot be imported is said in the provider's words."""

    def refused(kind: str, id_: str) -> str:
        done = room.run("import", kind, "a", id_, "--yes", "--skip-preview")
        assert done.status == 1, done.text
        return done.text

    thing = "modern:index/thing:Thing"
    room.ok("import", thing, "by-identity", '{"name": "full"}', "--yes", "--skip-preview")
    assert [each["id"] for each in room.resources()] == ["thing-full"]
    wrong = refused(thing, '{"nome": "full"}')
    assert "is not the identity of one modern_thing: it lacks name" in wrong
    assert "An identity of it is a JSON object of name (required), region." in wrong
    assert "`thing-none` cannot be imported as modern_thing" in refused(thing, "thing-none")
    assert "resource 'thing-none' does not exist" in refused("vintage:index/thing:Thing", "thing-none")
    assert "cannot be imported as modern_pair" in refused("modern:index/pair:Pair", "any")
    assert len(room.resources()) == 1


def test_a_provider_of_its_own(room: Room, cloud: Cloud) -> None:
    """E225: an entry that is a provider is made, is used, and is declared with its configuration."""
    resources = [
        {"type": "modern:index/thing:Thing", "name": "far", "id": "thing-full", "provider": "other"},
        {"type": "pulumi:providers:modern", "name": "other", "inputs": {"path": str(cloud.folder)}},
    ]
    room.write("resources.json", json.dumps({"resources": resources}))

    room.ok("import", "-f", "resources.json", "--yes", "--skip-preview", "--out", "__main__.py", "--force")

    assert f'path="{cloud.folder}"' in program(room)
    assert "provider=other, protect=True" in program(room)
    assert changes(room) == {"same": 3}, program(room) + room.run("preview", "--diff").text
    (provider,) = [
        each for each in room.export()["deployment"]["resources"] if each["type"] == "pulumi:providers:modern"
    ]
    assert provider["inputs"]["__internal"]["name"] == "terraform-provider"

    room.init("again")
    room.ok("preview", "--import-file", "wanted.json")
    wanted = json.loads((room.project / "wanted.json").read_text())
    for each in wanted["resources"]:
        assert each["parameterization"]["pluginName"] == "terraform-provider"
        each["id"] = "thing-full" if each["name"] == "far" else ""
    room.write("wanted.json", json.dumps(wanted))
    room.ok("import", "-f", "wanted.json", "--yes", "--skip-preview", "--generate-code=false")
    assert changes(room) == {"same": 3}, room.run("preview", "--diff").text


def with_package(room: Room, source: str, site: Path) -> None:
    """The project gets a package, and its SDK is found without filling an environment."""
    with Web() as web:
        packages = ProjectPackages(load_project(room.project / "Pulumi.yaml"), web)
        added = packages.add(parse_source(source, (), directory=room.project))
    shutil.copytree(added.directory / added.module, site / added.module)


LEDGER = """
    import pulumi
    import pulumi_ledger as ledger

    rich = ledger.Rich(
        "rich",
        name="rich-name",
        title="t",
        grade="large",
        level=10,
        password=pulumi.Output.secret("hush-hush"),
        spec={"image": "i", "replicas": 2, "ports": [{"number": 80}], "env": {"A": "b"}},
        specs=[{"image": "j"}],
        index={"some key": {"image": "k"}},
        matrix=[[1, 2], [3]],
    )
    record = ledger.Record("record", name="record-name", value="v", tags={"k": "v"}, items=["a"], ratio=0.5)
    slot = ledger.Slot("slot", name="slot-name", zone="z")
    for name, resource in {"rich": rich, "record": record, "slot": slot}.items():
        pulumi.export(name, resource.id)
    """


def test_a_genuine_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one stack of a Go plugin made another takes in: nested types, enums, secrets, unions."""
    site = tmp_path / "site"
    room = Room(tmp_path, LEDGER, LEDGER_PATH=str(tmp_path / "ledger.jsonl"), PYTHONPATH=str(site))
    goplugin.plugins(room.home / "stackwright" / "plugins", names=["ledger"])
    monkeypatch.setenv("STACKWRIGHT_HOME", room.environment["STACKWRIGHT_HOME"])
    with_package(room, "ledger@1.2.3", site)
    room.init("maker").up()
    ids = room.outputs()
    room.init("taker")
    kinds = {"rich": "Rich", "record": "Record", "slot": "Slot"}
    resources = [
        {"type": f"ledger:index:{kind}", "name": name, "id": ids[name]} for name, kind in kinds.items()
    ]
    room.write("resources.json", json.dumps({"resources": resources}))

    said = room.run(
        "import", "-f", "resources.json", "--yes", "--skip-preview", "--out", "__main__.py", "--force"
    )

    assert said.status == 0, said.text
    assert "spec=ledger.SpecArgs(" in program(room)
    assert "hush-hush" not in program(room) + said.text + room.ok("stack", "export")
    assert changes(room) == {"same": 4}, said.text + program(room) + room.run("preview", "--diff").text
    ledger = Ledger(tmp_path / "ledger.jsonl")
    assert len(ledger.operations("create")) == 3
    assert not ledger.operations("update")


def test_genuine_providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids in parts, ids that are values, and times; what cannot be imported is said to be so."""
    terraform = TerraformProject(tmp_path / "infrastructure", tfproviders.random(), tfproviders.time())
    room = empty_room(tmp_path, terraform, monkeypatch, "hashicorp/random", "hashicorp/time")
    resources = [
        {"type": "random:index/integer:Integer", "name": "dice", "id": "4,1,6"},
        {"type": "random:index/password:Password", "name": "door", "id": "hush-hush"},
        {"type": "random:index/id:Id", "name": "key", "id": "p-9hUg"},
        {"type": "time:index/static:Static", "name": "then", "id": "2024-02-29T00:00:00Z"},
        {"type": "time:index/offset:Offset", "name": "later", "id": "2024-01-01T00:00:00Z,0,0,7,0,0,0"},
    ]
    room.write("resources.json", json.dumps({"resources": resources}))

    said = room.run(
        "import", "-f", "resources.json", "--yes", "--skip-preview", "--out", "__main__.py", "--force"
    )

    assert said.status == 0, said.text
    assert changes(room) == {"same": 6}, said.text + program(room) + room.run("preview", "--diff").text
    assert "hush-hush" not in program(room) + said.text + room.ok("stack", "export")
    others = [each for each in resources if each["name"] != "door"]  # its hash is another each time
    room.write("resources.json", json.dumps({"resources": others}))
    assert "imported" not in room.ok("import", "-f", "resources.json", "--yes", "--skip-preview")
    shuffle = room.run("import", "random:index/shuffle:Shuffle", "cards", "any", "--yes", "--skip-preview")
    assert shuffle.status == 1
    assert "`any` cannot be imported as random_shuffle" in shuffle.out


def test_what_exists_is_found_by_a_query(room: Room) -> None:
    """terraform.md §5.20: found by list resources, whoever made it, and imported by identity."""
    thing = "modern:index/thing:Thing"
    found = json.loads(room.ok("query", thing, "--json", seconds=120))
    assert sorted(each["name"] for each in found) == ["The thing full", "The thing old", "The thing small"]
    table = room.ok("query", thing, "prefix=f", "--limit", "5", "--import-file", "found.json", seconds=120)
    assert table.splitlines()[1].split(maxsplit=3) == [
        "The",
        "thing",
        "full",
        '{"name":"full","region":"here"}',
    ]

    said = room.run(
        "import", "-f", "found.json", "--yes", "--skip-preview", "-o", "__main__.py", "--force", seconds=120
    )
    assert said.status == 0, said.text
    assert changes(room) == {"same": 2}, program(room)

    unknown = room.run("query", thing, "nothing=1")
    assert unknown.status == 1
    assert "`nothing`" in unknown.err
    assert "does not list what there is of" in room.run("query", "vintage:index/thing:Thing").err
    assert "Did you mean this?" in room.run("query", "modern:index/thing:Think").text
