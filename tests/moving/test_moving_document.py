"""What `docs/moving-from-terraform.md` shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import tfproviders
from support.moving import empty_room
from support.terraform_command import TerraformProject

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_walkthrough_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document's state, brought in by its commands, becomes its program, which changes nothing."""
    terraform = TerraformProject(tmp_path / "terraform", tfproviders.random())
    room = empty_room(tmp_path, terraform, monkeypatch, "hashicorp/random")
    text = (Path(__file__).parents[2] / "docs" / "moving-from-terraform.md").read_text(encoding="utf-8")
    blocks = _BLOCK.findall(text)
    for _, file, body in blocks:
        if file.endswith(".tfstate"):
            (room.project / file).write_text(body)
    commands = [line for language, _, body in blocks if language == "sh" for line in body.splitlines()]
    assert "stackwright import --from terraform . --yes" in commands
    room.ok("import", "--from", "terraform", ".", "--preview-only")
    room.ok("import", "--from", "terraform", ".", "--yes")
    (program,) = (body for language, _, body in blocks if language == "python")
    assert (room.project / "__main__.py").read_text() == program
    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 3}
