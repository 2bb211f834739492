"""What a project's packages need to have installed (protocol.md §13.5, cli.md §10.1, §12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.misbehaving import Server
from support.notes import Notes
from support.plugin_archives import archive

from stackwright.packages._errors import FetchError, PackageError
from stackwright.packages._needed import install_needed, needed_plugins
from stackwright.packages._plugin_sources import asset_name
from stackwright.packages._progress import Silent
from stackwright.packages._web import Web
from stackwright.project import Project, load_project
from stackwright.providers.plugin import find_plugin


def project(root: Path, text: str = "", **plugins: dict[str, object]) -> Project:
    """A project whose environment, a folder of its own, has an SDK for each of *plugins*."""
    root.mkdir()
    site = root / "venv" / "lib" / "python3.11" / "site-packages"
    for name, plugin in plugins.items():
        package = site / f"pulumi_{name}"
        package.mkdir(parents=True)
        (package / "pulumi-plugin.json").write_text(json.dumps({"resource": True, "name": name, **plugin}))
    site.mkdir(parents=True, exist_ok=True)
    (root / "venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    (root / "venv" / "bin").mkdir()
    (root / "venv" / "bin" / "python").touch()
    (root / "Pulumi.yaml").write_text(
        f"name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n{text}"
    )
    return load_project(root / "Pulumi.yaml")


def needed(one: Project) -> list[tuple[str, str, str]]:
    return [(each.name, each.version, each.server) for each in needed_plugins(one)]


class TestWhat:
    def test_sdks_and_the_project_file(self, tmp_path: Path) -> None:
        """§13.5: what SDKs name; an entry of `packages:` wins over it, and counts without an SDK too."""
        text = (
            "packages:\n  thing: thing@2.0.0\n  other: {source: other, version: 3.0.0,"
            " pluginDownloadURL: https://x.example}\n"
        )
        one = project(tmp_path / "p", text, thing={"version": "1.0.0", "server": "https://s.example"}, own={})
        assert needed(one) == [
            ("own", "", ""),
            ("thing", "2.0.0", "https://s.example"),
            ("other", "3.0.0", "https://x.example"),
        ]

    def test_what_needs_none(self, tmp_path: Path) -> None:
        """§7.2: plugins at a path, embedded ones, Terraform providers."""
        (tmp_path / "built").mkdir()
        (tmp_path / "built" / "PulumiPlugin.yaml").write_text("runtime: python\n")
        (tmp_path / "pulumi-resource-local").touch()
        text = "packages:\n  built: ../built\nplugins:\n  providers:\n  - name: local\n    path: ..\n"
        sdks = {name: {"version": "1.0.0"} for name in ("built", "local", "random", "terraform-provider")}
        assert needed(project(tmp_path / "p", text, **sdks)) == []

    def test_the_lock_file_completes(self, tmp_path: Path) -> None:
        """issue 5: version, server and hashes are what was pinned."""
        one = project(tmp_path / "p", thing={"version": "1.0.0"})
        (one.root / "stackwright.lock").write_text(
            'version = 1\n\n[[plugin]]\nname = "thing"\nversion = "1.0.0"\nserver = "https://s.example"\n'
            'hashes = ["zh:1"]\n'
        )
        (found,) = needed_plugins(one)
        assert (found.server, found.pinned) == ("https://s.example", ("zh:1",))


class TestInstalling:
    def test_what_is_missing(self, tmp_path: Path, server: Server) -> None:
        """cli.md §10.1: once; what is here is left alone."""
        server.on(f"/{asset_name('resource', 'thing', '1.0.0')}", archive())
        one = project(tmp_path / "p", thing={"version": "1.0.0", "server": server.url("/")})
        for _ in range(2):
            with Web() as web:
                install_needed(one, web, progress=Silent())
        assert find_plugin("thing", "1.0.0")
        assert len(server.requests) == 1

    def test_all_that_fails_is_named(self, tmp_path: Path, server: Server) -> None:
        """style.md §7: problems that can be mended together are told together; the rest is installed."""
        base = {"version": "1.0.0", "server": server.url("/")}
        server.on(f"/{asset_name('resource', 'thing', '1.0.0')}", archive())
        one = project(tmp_path / "p", a=base, b=base, thing=base)
        with Web() as web, pytest.raises(PackageError, match="2 plugins cannot be installed") as caught:
            install_needed(one, web, progress=Silent())
        assert "plugin a-1.0.0]" in str(caught.value)
        assert "plugin b-1.0.0]" in str(caught.value)
        assert find_plugin("thing", "1.0.0")

    def test_in_an_environment_of_others(
        self, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, notes: Notes
    ) -> None:
        """What lies there may be for somebody else: what it needs and cannot be had is only noted."""
        one = project(tmp_path / "p", a={"version": "1.0.0", "server": server.url("/")})
        with Web() as web, pytest.raises(FetchError):
            install_needed(one, web, progress=Silent())
        monkeypatch.setattr("stackwright.packages._needed.has_own_environment", lambda project: False)
        with Web() as web:
            install_needed(one, web, progress=notes)
        assert notes.texts[-1] == (
            "warning: [resource plugin a-1.0.0] cannot be downloaded;"
            " it will be tried again when a program needs it"
        )
