"""States that `terraform` wrote become stacks and programs: with every feature (terraform.md §11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support import tfproviders
from support.commands import Room, names
from support.moving import MODERN_ATTRIBUTES, empty_room
from support.terraform_command import TerraformProject
from support.tfproviders import Cloud

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PROVIDERS = """
    terraform {
      required_providers {
        modern = {
          source = "stackwright/modern"
        }
        vintage = {
          source = "stackwright/vintage"
        }
      }
    }

    provider "modern" {
      alias = "other"
      path  = "PATH"
    }
    """
THINGS = """
    variable "token" {
      default   = "a token of old"
      sensitive = true
    }

    resource "modern_thing" "full" {
      note              = ""
      zones             = []
      token             = var.token
      secret_wo         = "never stored"
      secret_wo_version = 1
      old_name          = "deprecated"
      MODERN_ATTRIBUTES
      grant {
        to = "everybody"
      }
      timeouts = { create = "3m" }
    }

    resource "modern_thing" "small" {
      count    = 2
      provider = modern.other
      name     = "small-${count.index}"
      note     = modern_thing.full.fingerprint
    }

    resource "modern_pair" "class" {
      left = "no id here"
    }

    resource "vintage_thing" "old" {
      for_each = toset(["a", "b"])
      name     = "old ${each.key}"
      enabled  = false
      size     = 3
      token    = sensitive("vintage token")
      note     = modern_thing.full.name
      tags     = { up = modern_thing.full.id }
      zones    = ["z", ""]
      disk {
        kind = "hdd"
      }
      rule {
        port  = 1
        cidrs = ["b", "a"]
      }
      rule {
        port = 2
        note = sensitive("a secret rule")
      }
      step {
        name = "s"
        hook {
          command = "run"
        }
      }
      ingress {
        port = 22
      }
      timeouts {
        delete = "4m"
      }
      depends_on = [modern_pair.class]
    }

    output "prints" {
      value = [for each in modern_thing.small : each.fingerprint]
    }

    output "token" {
      value     = var.token
      sensitive = true
    }

    output "sizes" {
      value = { count = 2, half = 0.5, none = null }
    }
    """


class Clouds:
    """What the providers manage: `modern` and `vintage` in one folder, `modern.other` in another."""

    def __init__(self, folder: Path) -> None:
        self.main = Cloud(folder / "cloud")
        self.other = Cloud(folder / "other")

    def objects(self) -> dict[str, Any]:
        return {**self.main.objects(), **self.other.objects()}

    def changes(self) -> list[str]:
        return [
            each["op"]
            for cloud in (self.main, self.other)
            for each in cloud.calls()
            if each["op"] in ("create", "update", "delete")
        ]


@pytest.fixture
def clouds(tmp_path: Path) -> Clouds:
    return Clouds(tmp_path)


@pytest.fixture
def made(tmp_path: Path, clouds: Clouds) -> TerraformProject:
    """What `terraform` made, and has in its state."""
    main = str(clouds.main.folder)
    things = THINGS.replace("MODERN_ATTRIBUTES", MODERN_ATTRIBUTES)
    environ = {"MODERN_PATH": main, "VINTAGE_PATH": main}
    project = TerraformProject(
        tmp_path / "infrastructure", tfproviders.modern(), tfproviders.vintage(), environ=environ
    )
    project.apply({"main.tf": PROVIDERS.replace("PATH", str(clouds.other.folder)), "things.tf": things})
    return project


@pytest.fixture
def room(tmp_path: Path, made: TerraformProject, clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> Room:
    room = empty_room(tmp_path, made, monkeypatch, "stackwright/modern", "stackwright/vintage")
    room.ok("config", "set", "modern:path", str(clouds.main.folder))
    room.ok("config", "set", "vintage:path", str(clouds.main.folder))
    room.ok("config", "set", "modernOther", json.dumps({"path": str(clouds.other.folder)}))
    return room


def moved(room: Room, place: Path, *flags: str) -> str:
    return room.ok("import", "--from", "terraform", str(place), "--yes", *flags, seconds=120)


def program(room: Room) -> str:
    return (room.project / "__main__.py").read_text()


def summary(room: Room, *flags: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(room.ok("preview", "--json", *flags))["changeSummary"]
    return found


def test_everything_moves_in_untouched(made: TerraformProject, room: Room, clouds: Clouds) -> None:
    """§11: no object changes, the program changes nothing, then we alone take it all down."""
    state, objects, changes = made.state_file.read_bytes(), clouds.objects(), clouds.changes()
    said = moved(room, made.folder)
    assert (made.state_file.read_bytes(), clouds.objects(), clouds.changes()) == (state, objects, changes)

    source = program(room)
    for line in (
        'modern_other = modern.Provider("other", **(config.get_object("modernOther") or {}))',
        "    note=full.fingerprint,",
        "    note=full.name,",
        '    tags={"up": full.id},',
        "    exact=12345678901234567890,",
        '    pair=modern.ThingPairArgs(left="l", right=2),',
        '    disk=modern.ThingDiskArgs(kind="ssd", size=10),',
        '    token=config.require_secret("fullToken"),',
        "    opts=pulumi.ResourceOptions(depends_on=[class_]),",
        "    opts=pulumi.ResourceOptions(provider=modern_other),",
        'pulumi.export("prints", [small_0.fingerprint, small_1.fingerprint])',
    ):
        assert line in source.splitlines(), f"{line}\n{source}"
    stack_file = (room.project / "Pulumi.dev.yaml").read_text()
    exported = room.ok("stack", "export")
    for secret in ("a token of old", "endpoint's key", "vintage token", "never stored", "a secret rule"):
        assert secret not in source + said + stack_file + exported, secret

    assert summary(room) == {"same": 8}, room.run("preview", "--diff").text
    room.ok("up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh")
    assert clouds.changes() == changes
    outputs = room.outputs()
    assert outputs["sizes"] == {"count": 2, "half": 0.5, "none": None}
    assert outputs["token"] == "a token of old"
    room.ok("destroy", "--yes")
    assert clouds.objects() == {}
    assert names(room.resources()) == []


@pytest.mark.slow
def test_what_a_state_says_is_kept_verbatim(made: TerraformProject, room: Room) -> None:
    """§9, §11: attributes, schema versions, private data and identity are those of the state."""
    moved(room, made.folder)
    recorded = {}
    for each in room.resources():
        text = each["outputs"]["__terraform"]
        plain = json.loads(text["plaintext"]) if isinstance(text, dict) else text
        recorded[each["urn"].rpartition("::")[2]] = json.loads(plain)
    for resource in made.state()["resources"]:
        for instance in resource["instances"]:
            key = instance.get("index_key")
            name = resource["name"] if key is None else f"{resource['name']}-{key}"
            stored = recorded[name]
            assert stored["state"] == instance["attributes"], name
            assert stored.get("private", "") == (instance.get("private") or ""), name
            assert stored.get("schemaVersion", 0) == instance["schema_version"], name
            assert stored["provider"].endswith(f"/stackwright/{resource['type'].partition('_')[0]}")


def test_tainted_and_deposed_objects(made: TerraformProject, room: Room, clouds: Clouds) -> None:
    """§5.26, §11: a tainted object is replaced by the next update, a deposed one deleted."""
    made.run("taint", "modern_pair.class")
    state = made.state()
    for resource in state["resources"]:
        if resource["type"] == "modern_thing" and resource["name"] == "small":
            old = json.loads(json.dumps(resource["instances"][1]))
            old["deposed"] = "0badcafe"
            resource["instances"].append(old)
    made.state_file.write_text(json.dumps(state))
    said = moved(room, made.folder)
    assert "modern_pair.class  ->  Pair class (tainted: will be replaced)" in said
    assert "modern_thing.small[1]  ->  Thing small-1 (left from a replacement: will be deleted)" in said
    assert "delete_before_replace=True" in program(room)
    assert summary(room) == {"same": 7, "replace": 1}, room.run("preview", "--diff").text
    assert [each["urn"].rpartition("::")[2] for each in room.resources() if each.get("delete")] == ["small-1"]
    room.ok("up", "--yes", "--skip-preview")
    assert len(clouds.other.calls("delete")) == 1
    assert not [each for each in room.resources() if each.get("delete")]


@pytest.mark.slow
def test_the_output_of_show_moves_in_too(made: TerraformProject, room: Room, clouds: Clouds) -> None:
    """§11: the same from `terraform show -json`, which leaves private data out, and we say so."""
    shown = made.folder / "show.json"
    shown.write_text(made.run("show", "-json"))
    said = moved(room, shown)
    assert "leaves out private data" in said
    # What it does not know either is which configuration of a provider made an object.
    assert "modern_other" not in program(room)
    assert summary(room) == {"same": 7}, said + room.run("preview", "--diff").text


@pytest.mark.slow
def test_nothing_happens_without_a_yes(made: TerraformProject, room: Room) -> None:
    """cli.md §1.5, §1.7: a preview shows what would be, and nothing is done unasked."""
    shown = room.ok("import", "--from", "terraform", str(made.folder), "--preview-only")
    assert "Bringing 6 resources into dev" in shown
    assert "import pulumi_modern as modern" in shown
    refused = room.run("import", "--from", "terraform", str(made.folder))
    assert refused.status != 0
    assert "--yes must be passed" in refused.text
    assert not (room.project / "__main__.py").exists()
    assert room.export()["deployment"] is None


@pytest.mark.slow
def test_a_program_is_not_overwritten_and_nothing_comes_twice(made: TerraformProject, room: Room) -> None:
    """A second import brings in nothing; a program that is there needs --force, --out or none."""
    room.program("# precious\n")
    refused = room.run("import", "--from", "terraform", str(made.folder), "--yes")
    assert refused.status != 0
    assert "--force" in refused.text
    assert program(room) == "# precious\n"
    blocked = room.run(
        "import", "--from", "terraform", "--yes", "--out", "__main__.py/p.py", "--", str(made.folder)
    )
    assert blocked.status == 1
    assert "p.py cannot be written" in blocked.err
    (left,) = room.project.glob("stackwright-import-*.json")
    assert f"What was to be imported is in {left}" in blocked.err
    assert len(json.loads(left.read_text())["resources"]) == 6
    assert room.export()["deployment"] is None
    moved(room, made.folder, "--out", "moved.py", "--protect")
    assert program(room) == "# precious\n"
    assert "protect=True" in (room.project / "moved.py").read_text()
    assert all(each["protect"] for each in room.resources())
    again = moved(room, made.folder, "--no-generate-code")
    assert "In the stack already: 6 resources." in again
    assert "There is nothing to bring in." in again


@pytest.mark.slow
def test_what_came_later_joins_what_is_there(made: TerraformProject, room: Room) -> None:
    """A second import brings in the rest; its program declares what came before as well."""
    whole = made.state()
    first = [each for each in whole["resources"] if each["type"] != "modern_thing"]
    made.state_file.write_text(json.dumps({**whole, "resources": first}))
    moved(room, made.folder)
    made.state_file.write_text(json.dumps(whole))
    said = moved(room, made.folder, "--force")
    assert "Bringing 3 resources into dev" in said
    assert "In the stack already: 3 resources." in said
    assert "note=full.name," in program(room)
    assert summary(room) == {"same": 8}, room.run("preview", "--diff").text


@pytest.mark.slow
def test_a_provider_without_configuration(made: TerraformProject, room: Room, clouds: Clouds) -> None:
    """Where a provider cannot be configured everything comes in, and we say what was left out."""
    room.ok("config", "set", "--secret", "modern:password", "wrong")
    said = moved(room, made.folder)
    assert "stackwright/modern could not be configured" in said
    assert "The password is" in said
    assert len(room.resources()) == 6


@pytest.mark.slow
def test_providers_that_cannot_be_had(made: TerraformProject, room: Room) -> None:
    """What belongs to them is left out and named; where there is nothing else, that is an error."""
    text = made.state_file.read_text().replace(
        "terraform.io/stackwright/vintage", "terraform.io/nobody/nothing"
    )
    made.state_file.write_text(text)
    done = room.run("import", "--from", "terraform", str(made.folder), "--preview-only")
    said = done.text
    assert done.status == 1
    assert "Bringing 4 resources into dev" in said
    assert "vintage_thing.old: its provider cannot be had: Nobody has" in said

    made.state_file.write_text(text.replace("stackwright/modern", "stackwright/absent"))
    refused = room.run("import", "--from", "terraform", str(made.folder), "--yes")
    assert refused.status != 0
    assert "stackwright/absent" in refused.text
    assert room.export()["deployment"] is None
    assert not (room.project / "__main__.py").exists()


def test_what_its_provider_cannot_read_is_skipped_with_the_reason(made: TerraformProject, room: Room) -> None:
    """§5.4, §11: a newer schema, an unknown type, attributes from before 0.12; the rest comes in."""
    state = made.state()
    for resource in state["resources"]:
        if resource["type"] == "modern_pair":
            resource["instances"][0]["schema_version"] = 99
        if resource["type"] == "vintage_thing":
            resource["instances"][0].pop("attributes")
            resource["instances"][0]["attributes_flat"] = {"id": "x"}
    strange = {**state["resources"][0], "type": "modern_ghost", "name": "boo", "mode": "managed"}
    builtin = {
        **strange,
        "type": "terraform_data",
        "provider": 'provider["terraform.io/builtin/terraform"]',
    }
    state["resources"] += [strange, builtin, {**strange, "mode": "ephemeral"}]
    made.state_file.write_text(json.dumps(state))
    done = room.run("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    assert done.status == 1
    assert "error: 3 resources of the state are not brought in" in done.err
    said = done.out
    assert "modern_pair.class: Resource managed by a newer version of the provider" in said
    assert "this provider has no resource type modern_ghost" in said
    assert "written by Terraform 0.11" in said
    assert "made by Terraform itself" in said
    assert "ephemeral.modern_ghost.boo: a resource of mode ephemeral" in said
