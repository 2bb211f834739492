"""Commands run inside the test's own process: quick, and in a home that nothing else uses."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from stackwright.cli._app import run


class Said:
    """What a command answered."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


class Line:
    """A command line in a project of its own."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._patch = monkeypatch
        self._capture = capsys
        self.project = folder / "shop"
        self.project.mkdir()
        self.home = folder / "home"
        self.home.mkdir()
        (self.project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        for name in [name for name in os.environ if name.startswith(("PULUMI_", "STACKWRIGHT_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(self.home))
        monkeypatch.setenv("STACKWRIGHT_HOME", str(self.home / "stackwright"))
        monkeypatch.chdir(self.project)

    def __call__(self, *arguments: str, stdin: str = "") -> Said:
        """Run a command, whatever becomes of it."""
        self._patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capture.readouterr()
        status = run(arguments)
        captured = self._capture.readouterr()
        return Said(status, captured.out, captured.err)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that has to succeed, and answer what it printed."""
        said = self(*arguments, stdin=stdin)
        assert said.status == 0, f"{' '.join(arguments)} ended with {said.status}:\n{said.out}{said.err}"
        return said.out

    def json(self, *arguments: str) -> Any:
        """What a command printed, read."""
        return json.loads(self.ok(*arguments))

    def refused(self, *arguments: str, status: int = 1, stdin: str = "") -> str:
        """Run a command that has to fail with *status*, and answer what it complained of."""
        said = self(*arguments, stdin=stdin)
        assert said.status == status, f"{' '.join(arguments)} ended with {said.status}:\n{said.out}{said.err}"
        return said.err


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    return Line(tmp_path, monkeypatch, capsys)


@pytest.fixture
def dev(line: Line) -> Line:
    """A command line with the stack `dev` made and selected."""
    line.ok("stack", "init", "dev")
    return line


DEPLOYED = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-01-02T03:04:05Z", "magic": "", "version": ""},
        "resources": [
            {
                "urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
                "custom": False,
                "type": "pulumi:pulumi:Stack",
                "outputs": {"name": "it's", "port": 80, "tags": {"a": [1, True, None]}},
            },
            {
                "urn": "urn:pulumi:dev::shop::shop:index:Shelf::shelf",
                "custom": False,
                "type": "shop:index:Shelf",
                "parent": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
            },
            {
                "urn": "urn:pulumi:dev::shop::shop:index:Shelf$shop:index:Book::book",
                "custom": True,
                "id": "book-1",
                "type": "shop:index:Book",
                "parent": "urn:pulumi:dev::shop::shop:index:Shelf::shelf",
                "external": False,
            },
        ],
    },
}
"""A deployment as `stack import` reads it."""


@pytest.fixture
def deployed(dev: Line) -> Line:
    """A command line whose stack holds something."""
    dev.ok("stack", "import", stdin=json.dumps(DEPLOYED))
    return dev
