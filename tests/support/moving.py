"""Projects that Terraform's resources move into."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.commands import Room
from support.moto import Moto
from support.terraform_command import TerraformProject

from stackwright.packages._project_packages import ProjectPackages
from stackwright.packages._sources import parse_source
from stackwright.packages._web import Web
from stackwright.project import load_project

MODERN_ATTRIBUTES = """
      name      = "full"
      size      = 7
      ratio     = 0.5
      exact     = 12345678901234567890
      enabled   = false
      tags      = { "key with space" = "v" }
      labels    = ["b", "a"]
      pair      = { left = "l", right = 2 }
      anything  = { deep = [1, "two", true] }
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
"""
"""What a `modern_thing` can hold: every kind of attribute and of block, in Terraform's language."""


def configure_aws(room: Room, cloud: Moto) -> None:
    """Have the stack's default AWS provider work on *cloud*."""
    settings = cloud.provider_config()
    camel = {
        key: key.split("_")[0] + "".join(part.capitalize() for part in key.split("_")[1:]) for key in settings
    }
    words = [
        f"aws:{camel[key]}={value if isinstance(value, str) else json.dumps(value)}"
        for key, value in settings.items()
    ]
    room.ok("config", "set-all", *(part for word in words for part in ("--plaintext", word)))


def empty_room(
    folder: Path, terraform: TerraformProject, monkeypatch: pytest.MonkeyPatch, *packages: str, **environ: str
) -> Room:
    """
    A project with a stack, but without a program: *packages* are in it, as addresses.

    Their SDKs are found by their path, without the tools that fill environments.
    """
    site = folder / "site"
    made = Room(folder, TF_CLI_CONFIG_FILE=str(terraform.cli_config), PYTHONPATH=str(site), **environ)
    for name in ("HOME", "STACKWRIGHT_HOME", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, made.environment[name])
    (made.project / "__main__.py").unlink()
    if packages:
        with Web() as web:
            project = ProjectPackages(load_project(made.project / "Pulumi.yaml"), web)
            for each in packages:
                added = project.add(parse_source(each, (), directory=made.project))
                shutil.copytree(added.directory / added.module, site / added.module)
    return made.init()
