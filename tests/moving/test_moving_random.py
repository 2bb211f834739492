"""States of a genuine provider with awkward keys, modules and outputs (terraform.md §11)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import tfproviders
from support.commands import Room, names
from support.moving import empty_room
from support.terraform_command import TerraformProject

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

MAIN = """
    terraform {
      required_providers {
        random = {
          source = "hashicorp/random"
        }
      }
    }

    locals {
      keys = ["a/b", "x::y", "k\\u00e4se", "q\\"uote", "", "1.5", "A", "a", "per$${cent}", "new\\nline"]
    }

    resource "random_integer" "odd" {
      for_each = toset(local.keys)
      min      = 1
      max      = 6
      keepers  = { key = each.key }
    }

    resource "random_password" "db" {
      length           = 12
      override_special = "{}\\"'\\\\"
    }

    resource "terraform_data" "boot" {
      input = random_password.db.id
    }

    module "net" {
      source   = "./net"
      for_each = toset(["eu-west.1", "q\\"uote"])
      prefix   = each.key
    }

    output "db" {
      value     = { user = "admin", password = random_password.db.result, port = 5432, role = null }
      sensitive = true
    }

    output "numbers" {
      value = { big = 123456789012345678901234567890, half = 0.5 }
    }

    output "pets" {
      value = [for each in module.net : each.last]
    }
    """
NET = """
    terraform {
      required_providers {
        random = {
          source = "hashicorp/random"
        }
      }
    }

    variable "prefix" {}

    resource "random_pet" "upper" {
      prefix = var.prefix
    }

    resource "random_pet" "below" {
      keepers    = { up = random_pet.upper.id }
      depends_on = [random_uuid.first]
    }

    resource "random_uuid" "first" {}

    output "last" {
      value = random_pet.below.id
    }
    """


@pytest.fixture
def made(tmp_path: Path) -> TerraformProject:
    project = TerraformProject(tmp_path / "infrastructure", tfproviders.random())
    project.apply({"main.tf": MAIN, "net/main.tf": NET})
    return project


@pytest.fixture
def room(made: TerraformProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    return empty_room(tmp_path, made, monkeypatch, "hashicorp/random")


def test_odd_keys_modules_and_outputs(made: TerraformProject, room: Room) -> None:
    """§11: every key makes a name; within a module's instance that instance is referred to; values last."""
    said = room.ok("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    for line in (
        '    random_integer.odd["q\\"uote"]  ->  Integer odd-q"uote',
        '    random_integer.odd["per$${cent}"]  ->  Integer odd-per${cent}',
        '    random_integer.odd["new\\nline"]  ->  Integer odd-new-line',
        '    module.net["q\\"uote"].random_pet.upper  ->  Pet net-q"uote-upper',
        "    terraform_data.boot: it is made by Terraform itself, without any provider",
    ):
        assert line in said.splitlines(), said

    source = (room.project / "__main__.py").read_text()
    for part in (
        'odd_kase = random.Integer("odd-käse", keepers={"key": "käse"}, max=6, min=1)',
        'keepers={"up": net_eu_west_1_upper.id},',
        "opts=pulumi.ResourceOptions(depends_on=[net_eu_west_1_first]),",
        'keepers={"up": net_q_uote_upper.id},',
        "opts=pulumi.ResourceOptions(depends_on=[net_q_uote_first]),",
        'pulumi.export("pets", [net_eu_west_1_below.id, net_q_uote_below.id])',
        '"password": db.result,',
        '"role": None,',
        '"user": config.require_secret("outputDbUser"),',
    ):
        assert part in source, source
    assert "admin" not in source

    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 18}
    assert "~" not in room.ok("preview", "--diff")
    room.ok("up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh")
    outputs = room.outputs()
    assert outputs["db"]["port"] == 5432
    assert outputs["numbers"] == {"big": 123456789012345678901234567890, "half": 0.5}
    room.ok("destroy", "--yes")
    assert names(room.resources()) == []


@pytest.mark.slow
def test_states_of_opentofu(made: TerraformProject, room: Room) -> None:
    """Its registry has the same providers, which the project may have from the other one."""
    text = made.state_file.read_text()
    made.state_file.write_text(text.replace("registry.terraform.io", "registry.opentofu.org"))
    room.ok("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 18}
