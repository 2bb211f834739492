"""`plugin ls`, `install` and `rm` (cli.md §12)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.misbehaving import Server
from support.plugin_archives import archive

from stackwright.cli._app import run
from stackwright.packages._plugin_sources import asset_name

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def served(server: Server) -> Server:
    for version in ("1.0.0", "1.2.0"):
        server.on(f"/{asset_name('resource', 'thing', version)}", archive())
    return server


def test_from_nothing_to_nothing(say: Say, served: Server) -> None:
    """Install says what it does and then nothing; ls shows it; rm takes it away."""
    words = ("plugin", "install", "resource", "thing", "1.0.0", "--server", served.url("/"))
    status, _, err = say(*words)
    assert (status, err.strip()) == (0, "[resource plugin thing-1.0.0] installing")
    assert say(*words) == (0, "", "")

    status, out, _ = say("plugin", "ls")
    lines = out.splitlines()
    assert lines[0].split() == ["NAME", "KIND", "VERSION", "SIZE", "INSTALLED", "LAST", "USED"]
    assert lines[1].split()[:3] == ["thing", "resource", "1.0.0"]
    assert lines[1].endswith("never")
    assert lines[-2:] == ["", "TOTAL plugin cache size: 15 B"]

    (entry,) = json.loads(say("plugin", "ls", "--json")[1])
    assert (entry["name"], entry["kind"], entry["version"], entry["size"]) == (
        "thing",
        "resource",
        "1.0.0",
        15,
    )
    assert "lastUsedTime" not in entry

    assert say("plugin", "rm", "resource", "thing", ">=2.0.0") == (0, "no plugins found to uninstall\n", "")
    assert say("plugin", "rm", "resource", "thing", "<2.0.0", "--yes") == (
        0,
        "removed: resource thing-1.0.0\n",
        "",
    )
    assert json.loads(say("plugin", "ls", "-j")[1]) == []


def test_a_newer_one_is_good_enough(say: Say, served: Server) -> None:
    """Installed already means: from the wanted version on; with --exact just that."""
    say("plugin", "install", "resource", "thing", "1.2.0", "--server", served.url("/"))
    assert say("plugin", "install", "resource", "thing", "1.0.0", "--server", served.url("/")) == (0, "", "")
    status, _, err = say(
        "plugin", "install", "resource", "thing", "1.0.0", "--exact", "--server", served.url("/")
    )
    assert (status, err.strip()) == (0, "[resource plugin thing-1.0.0] installing")


def test_checksums(say: Say, served: Server) -> None:
    """--checksum is what the archive must have."""
    words = ("plugin", "install", "resource", "thing", "1.0.0", "--server", served.url("/"), "--checksum")
    status, _, err = say(*words, "0" * 64)
    assert status == 1
    assert "has not the checksum" in err
    assert say(*words, hashlib.sha256(archive()).hexdigest())[0] == 0


def test_from_a_file(say: Say, tmp_path: Path) -> None:
    """--file takes what was built."""
    (tmp_path / "built").write_text("#!/bin/sh\n")
    assert say("plugin", "install", "resource", "own", "0.1.0", "--file", str(tmp_path / "built"))[0] == 0
    assert json.loads(say("plugin", "ls", "-j")[1])[0]["name"] == "own"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["install", "magic", "x"], "unrecognized plugin kind: magic"),
        (["install", "resource"], "missing plugin name argument"),
        (["install", "resource", "x", "new"], "invalid plugin semver"),
        (["install", "resource", "x", "--file", "y"], "missing plugin version argument"),
        (["install", "--file", "y"], "--file (-f) is only valid if"),
        (["install", "resource", "x", "1.0.0", "--file", "y"], "There is no y to install the plugin x from"),
        (["install", "resource", "x", "--checksum", "zz"], "--checksum was not a valid hex string: zz"),
        (["install", "language", "nodejs"], "the nodejs language plugin is bundled"),
        (["rm"], "please pass --all if you'd like to remove all plugins"),
    ],
)
def test_mistakes(say: Say, words: list[str], said: str) -> None:
    """In the words that people know."""
    status, _, err = say("plugin", *words)
    assert status == 1
    assert said in err


def test_removing_wants_a_yes(say: Say, tmp_path: Path) -> None:
    """Nobody there to ask: nothing is removed."""
    (tmp_path / "built").write_text("#!/bin/sh\n")
    say("plugin", "install", "resource", "own", "0.1.0", "--file", str(tmp_path / "built"))
    status, out, err = say("plugin", "rm", "--all")
    assert status == 1
    assert "This will remove 1 plugin from the cache:" in out
    assert "--yes" in err
    assert json.loads(say("plugin", "ls", "-j")[1])


class TestRunning:
    """cli.md §12: `plugin run`, by path or by name, with the plugin's own exit status."""

    SCRIPT = '#!/bin/sh\necho "ran with $*"\ntest -n "$PULUMI_RPC_TARGET" || exit 9\nexit 3\n'

    def test_a_path(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """Its words are its own, flags included."""
        program = tmp_path / "pulumi-tool-thing"
        program.write_text(self.SCRIPT)
        program.chmod(0o755)
        assert run(["plugin", "run", str(program), "--", "--all", "x"]) == 3
        assert capfd.readouterr().out == "ran with --all x\n"

    def test_a_name(
        self,
        server: Server,
        project: Path,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Installed when it is missing, where that is allowed."""
        assert run(["plugin", "run", "thing@1.0.0"]) == 1
        assert "No tool plugin `thing` of version 1.0.0 is installed" in capfd.readouterr().err
        monkeypatch.delenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
        monkeypatch.setenv("PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES", f"thing={server.url('/tools')}")
        server.on(
            f"/tools/{asset_name('tool', 'thing', '1.0.0')}",
            archive({"pulumi-tool-thing": self.SCRIPT.encode()}),
        )
        for _ in range(2):
            assert run(["plugin", "run", "thing@1.0.0", "-v"]) == 3
            assert capfd.readouterr().out == "ran with -v\n"
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["./nothing"], "There is no ./nothing to run"),
            (["--kind", "magic", "x"], "unrecognized plugin kind: magic"),
            (["x@new"], "invalid plugin semver"),
        ],
    )
    def test_mistakes(self, say: Say, words: list[str], said: str) -> None:
        """Before anything is run."""
        status, _, err = say("plugin", "run", *words)
        assert status == 1
        assert said in err
