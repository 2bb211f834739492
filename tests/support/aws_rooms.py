"""Projects with an SDK of the genuine AWS provider, of a few of its things."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from support import tfproviders
from support.commands import Room


def aws_room(folder: Path, kinds: Iterable[str]) -> Room:
    """A project with a stack below *folder*, whose program can import a `pulumi_aws` that has *kinds*."""
    provider = tfproviders.aws()
    settings = folder / "terraform.rc"
    root = json.dumps(str(provider.parents[5]))
    settings.write_text(f"provider_installation {{\n filesystem_mirror {{\n path = {root}\n }}\n}}\n")
    room = Room(folder, TF_CLI_CONFIG_FILE=str(settings), PYTHONPATH=str(folder / "shop" / "sdk" / "python"))
    address, version = "/".join(provider.parts[-6:-3]), provider.parts[-3]
    wanted = ["terraform-provider", address, version]
    wanted += [word for kind in kinds for word in ("--include", kind)]
    room.ok("package", "gen-sdk", "--local", "--out", "sdk", *wanted, seconds=300)
    return room.init()
