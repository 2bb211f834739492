"""What `import` takes in of Terraform providers, and its code, preview with no change (cli.md §4.8)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import tfproviders
from support.commands import Room
from support.moving import empty_room
from support.terraform_command import TerraformProject
from support.tfproviders import Cloud

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

OWN = """
    terraform {
      required_providers {
        modern = { source = "stackwright/modern" }
        vintage = { source = "stackwright/vintage" }
      }
    }

    resource "modern_thing" "full" {
      name      = "full"
      size      = 7
      ratio     = 0.5
      exact     = 12345678901234567890
      enabled   = false
      tags      = { "key with space" = "v" }
      labels    = ["b", "a"]
      pair      = { left = "l", right = 2 }
      anything  = { deep = [1, "two", true] }
      token     = "a token of old"
      disk      = { kind = "ssd" }
      steps     = [{ name = "one", hooks = [{ command = "c", env = { A = "b" } }] }, { name = "two" }]
      rules     = [{ port = 80, cidrs = ["x"] }, { port = 443 }]
      endpoints = { main = { url = "http://here", key = "endpoint's key" } }
      network {
        cidr = "10.0.0.0/8"
      }
      volume {
        name = "v"
        mount {
          path = "/data"
        }
      }
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
    project.apply({"main.tf": OWN})
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

    said = room.run("import", "-f", "r.json", "--yes", "--skip-preview", "--out", "__main__.py", seconds=120)

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
