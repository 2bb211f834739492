"""Projects with a generated package of Terraform's AWS provider."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from support import tfproviders
from support.commands import Room


def aws_room(folder: Path, kinds: Iterable[str], program: str = "", **environment: str) -> Room:
    """A project, with a stack, whose package has these resources and data sources; finds the provider."""
    provider = tfproviders.aws()
    settings = folder / "terraform.rc"
    root = json.dumps(str(provider.parents[5]))
    settings.write_text(f"provider_installation {{\n filesystem_mirror {{\n path = {root}\n }}\n}}\n")
    sdk = str(folder / "shop" / "sdk" / "python")
    made = Room(folder, program, TF_CLI_CONFIG_FILE=str(settings), PYTHONPATH=sdk, **environment)
    wanted = ["terraform-provider", "/".join(provider.parts[-6:-3]), provider.parts[-3]]
    included = [word for kind in kinds for word in ("--include", kind)]
    made.ok("package", "gen-sdk", "--local", "--out", "sdk", *wanted, *included, seconds=300)
    return made.init()
