"""The real command line, as a user starts it: in processes of its own, with a home of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SECONDS = 60


class Done:
    """A command that has ended."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.status = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def text(self) -> str:
        """Everything that it said."""
        return self.out + self.err


class Room:
    """A project in a folder of its own, and a home that nothing else uses."""

    def __init__(self, folder: Path, program: str = "", *, name: str = "shop", **environment: str) -> None:
        self.prefix: tuple[str, ...] = ()
        """What commands are started by, such as another user."""
        self.project = folder / name
        self.home = folder / "home"
        self.project.mkdir(parents=True)
        self.home.mkdir()
        self.write("Pulumi.yaml", f"name: {name}\nruntime: python\n")
        self.program(program)
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PULUMI_", "STACKWRIGHT_", "LEDGER_"))
        }
        self.environment = {
            **inherited,
            "HOME": str(self.home),
            "STACKWRIGHT_HOME": str(self.home / "stackwright"),
            "NO_COLOR": "1",
            "PYTHONUNBUFFERED": "1",
            # No test downloads what it did not ask for.
            "STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            **environment,
        }

    def write(self, name: str, text: str) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def program(self, text: str) -> None:
        """Make *text* the program."""
        self.write("__main__.py", text)

    def command(self, *arguments: str) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "stackwright", *arguments]

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Done:
        """Run a command to its end."""
        return Done(
            subprocess.run(
                self.command(*arguments),
                cwd=self.project,
                env={**self.environment, **(environment or {})},
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        )

    def ok(self, *arguments: str, **options: Any) -> str:
        """Run a command that has to succeed, and answer what it printed."""
        done = self.run(*arguments, **options)
        assert done.status == 0, f"{' '.join(arguments)} ended with {done.status}:\n{done.text}"
        return done.out

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def init(self, stack: str = "dev") -> Room:
        self.ok("stack", "init", stack)
        return self

    def up(self, *arguments: str) -> str:
        return self.ok("up", "--yes", "--skip-preview", *arguments)

    def export(self) -> dict[str, Any]:
        """What `stack export` prints."""
        document: dict[str, Any] = json.loads(self.ok("stack", "export", "--show-secrets"))
        return document

    def resources(self) -> list[dict[str, Any]]:
        """What is recorded, providers and the stack left out."""
        found = self.export()["deployment"].get("resources", [])
        return [resource for resource in found if not resource["type"].startswith("pulumi:")]

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self.ok("stack", "output", "--json", "--show-secrets"))
        return outputs


def kill_group(process: subprocess.Popen[str]) -> None:
    """End a command and everything that it started, at once and without warning."""
    with contextlib.suppress(ProcessLookupError):  # it may have come to its end by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)
    if process.stdout is not None:
        process.stdout.close()


def names(resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of recorded resources, sorted."""
    return sorted(resource["urn"].split("::", 3)[3] for resource in resources)
