"""Installing plugins from web servers and releases (protocol.md §7.3, §7.4; cli.md §12)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.misbehaving import Reply, Server
from support.plugin_archives import PROGRAM, archive

from stackwright.errors import StackwrightError, UserError
from stackwright.packages._errors import FetchError, MissingError, VerificationError
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._plugin_sources import (
    BadSourceError,
    GithubSource,
    GitlabSource,
    HttpSource,
    asset_name,
    plugin_platform,
    plugin_sources,
)
from stackwright.packages._web import Web
from stackwright.providers._lock_file import LockMismatchError
from stackwright.providers.plugin import find_plugin
from stackwright.values import UnsafeArchiveError


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def installer() -> Iterator[PluginInstaller]:
    with Web(stall=5, pause=lambda seconds: None) as web:
        yield PluginInstaller(web)


def wanted(server: Server, version: str = "1.2.3", **said: object) -> PluginRequest:
    return PluginRequest(name="thing", version=version, server=server.url("/plugins"), **said)  # type: ignore[arg-type]


class TestSources:
    def test_the_usual_places(self) -> None:
        """§7.4: GitHub's releases, then the fallback server."""
        first, second = plugin_sources("resource", "thing", environ={"GITHUB_TOKEN": "t"})
        assert first == GithubSource("resource", "thing", "api.github.com", "pulumi", "pulumi-thing", "t")
        assert second == HttpSource("resource", "thing", "https://get.pulumi.com/releases/plugins")

    @pytest.mark.parametrize(
        ("url", "source"),
        [
            (
                "github://api.github.com/acme",
                GithubSource("resource", "thing", "api.github.com", "acme", "pulumi-thing"),
            ),
            (
                "github://git.example.com/acme/stuff/",
                GithubSource("resource", "thing", "git.example.com", "acme", "stuff"),
            ),
            ("gitlab://gitlab.com/43429536", GitlabSource("resource", "thing", "gitlab.com", "43429536")),
            ("https://example.com/a/", HttpSource("resource", "thing", "https://example.com/a")),
        ],
    )
    def test_addresses(self, url: str, source: object) -> None:
        """§7.4: what a download URL may look like; a slash at its end does not count."""
        assert plugin_sources("resource", "thing", url, environ={}) == [source]

    @pytest.mark.parametrize("url", ["ftp://x/y", "github://x", "gitlab://x/a/b", "nonsense"])
    def test_addresses_that_are_none(self, url: str) -> None:
        """§7.4: anything else is refused with what may be written."""
        with pytest.raises(BadSourceError):
            plugin_sources("resource", "thing", url, environ={})

    def test_overrides(self) -> None:
        """§7.4: PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES, by URL or by name; the first match wins."""
        environ = {
            "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": "^https://old=https://new,thing=https://a,.*=https://b"
        }
        assert plugin_sources("resource", "thing", environ=environ)[0].shown == "https://a"
        assert plugin_sources("resource", "x", "https://old/z", environ=environ)[0].shown == "https://new"
        with pytest.raises(BadSourceError, match="regular expression"):
            plugin_sources("resource", "x", environ={"PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": "(=https://a"})


class TestDownloads:
    def test_a_plain_base(self, installer: PluginInstaller, server: Server, tmp_path: Path) -> None:
        """§7.4: the archive's name is appended; the layout is the one that plugins are found in."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        done = installer.install(wanted(server))
        assert done.fresh
        assert done.plugin.directory == tmp_path / "home" / "plugins" / "resource-thing-v1.2.3"
        found = find_plugin("thing", "1.2.3")
        assert found.path == done.plugin.directory / PROGRAM
        assert found.path.stat().st_mode & 0o100
        here = "-".join(plugin_platform())
        assert {each[: len(here) + 4] for each in done.entry.hashes} == {f"{here} h1:", f"{here} zh:"}

        again = installer.install(wanted(server))
        assert not again.fresh
        assert len(server.requests) == 1
        assert installer.install(wanted(server), reinstall=True).fresh

    def test_placeholders(self, installer: PluginInstaller, server: Server) -> None:
        """§7.4: ${NAME}, ${VERSION}, ${OS}, ${ARCH}."""
        system, machine = plugin_platform()
        server.on(f"/{system}/{machine}/thing-1.2.3.tgz", archive())
        request = PluginRequest(
            name="thing", version="v1.2.3", server=server.url("/${OS}/${ARCH}/${NAME}-${VERSION}.tgz")
        )
        assert installer.install(request).fresh

    def test_releases(
        self,
        installer: PluginInstaller,
        server: Server,
        elsewhere: Server,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """§7.4: the asset of a release, asked for with the token, which stays with its host."""
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.setenv("GITHUB_API_URL", server.url("/api/v3"))
        name = asset_name("resource", "thing", "2.0.0")
        asset = server.on("/asset", Reply(status=302, headers={"Location": elsewhere.on("/cdn", archive())}))
        release = {"tag_name": "v2.0.0", "assets": [{"name": name, "url": asset}]}
        server.json("/repos/acme/pulumi-thing/releases/latest", release)
        server.json("/repos/acme/pulumi-thing/releases/tags/v2.0.0", release)

        done = installer.install(PluginRequest(name="thing", server=f"github://{server.host}/acme"))
        assert str(done.plugin.version) == "2.0.0"
        assert {each.header("authorization") for each in server.requests} == {"Bearer s3cret"}
        assert server.requests[-1].header("accept") == "application/octet-stream"
        assert elsewhere.requests[0].header("authorization") is None

    @pytest.mark.parametrize("scheme", ["github", "gitlab"])
    def test_a_token_is_not_for_whoever_names_himself(
        self, scheme: str, installer: PluginInstaller, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """design.md §8: an address may come from a package's metadata."""
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.setenv("GITLAB_TOKEN", "s3cret")
        with pytest.raises(FetchError):
            installer.install(PluginRequest(name="thing", server=f"{scheme}://{server.host}/42"))
        assert server.requests
        assert {each.header("authorization") for each in server.requests} == {None}

    def test_nor_for_where_a_release_points(
        self,
        installer: PluginInstaller,
        server: Server,
        elsewhere: Server,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
        monkeypatch.setenv("GH_HOST", server.host)
        asset = {"name": asset_name("resource", "thing", "2.0.0"), "url": elsewhere.on("/asset", archive())}
        server.json("/repos/acme/pulumi-thing/releases/tags/v2.0.0", {"assets": [asset]})
        installer.install(PluginRequest(name="thing", version="2.0.0", server=f"github://{server.host}/acme"))
        assert elsewhere.requests[0].header("authorization") is None

    def test_gitlab(self, installer: PluginInstaller, server: Server) -> None:
        """§7.4: a project's releases by its id."""
        base = "/api/v4/projects/42/releases"
        server.json(f"{base}/permalink/latest", {"tag_name": "v2.0.0"})
        server.on(f"{base}/v2.0.0/downloads/{asset_name('resource', 'thing', '2.0.0')}", archive())
        done = installer.install(PluginRequest(name="thing", server=f"gitlab://{server.host}/42"))
        assert str(done.plugin.version) == "2.0.0"

    def test_nothing_there(self, installer: PluginInstaller, server: Server, tmp_path: Path) -> None:
        """§7.4: the error says what was asked and leaves nothing behind."""
        with pytest.raises(MissingError, match="cannot be downloaded") as caught:
            installer.install(wanted(server))
        assert asset_name("resource", "thing", "1.2.3") in str(caught.value)
        with pytest.raises(FetchError, match="newest version"):
            installer.install(wanted(server, ""))
        assert not [each for each in (tmp_path / "home" / "plugins").iterdir() if each.suffix != ".lock"]

    @pytest.mark.parametrize(("kind", "name"), [("magic", "x"), ("resource", "../x"), ("resource", "")])
    def test_names_become_no_paths(self, installer: PluginInstaller, kind: str, name: str) -> None:
        """design.md §8: names come from programs and packages."""
        with pytest.raises(UserError):
            installer.install(PluginRequest(kind=kind, name=name, version="1.0.0"))


class TestVerification:
    def test_checksums(self, installer: PluginInstaller, server: Server, tmp_path: Path) -> None:
        """§7.4: SHA-256 by `<os>-<arch>`; what does not fit is not unpacked."""
        data = archive()
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", data)
        here = "-".join(plugin_platform())
        for wrong in ({here: "0" * 64}, {"": "0" * 64}):
            with pytest.raises(VerificationError, match="checksum"):
                installer.install(wanted(server, checksums=wrong))
        assert not (tmp_path / "home" / "plugins" / "resource-thing-v1.2.3").exists()
        assert installer.install(
            wanted(server, checksums={here: sum_of(data).upper(), "other-os": "0"})
        ).fresh

    def test_pins(self, installer: PluginInstaller, server: Server) -> None:
        """issue: the lock file pins by `zh` and `h1`, for what is fetched and for what is here."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        for wrong in ("zh:" + "0" * 64, "h1:" + "A" * 43 + "="):
            with pytest.raises(LockMismatchError):
                installer.install(wanted(server, pinned=(wrong,)))
        done = installer.install(wanted(server))
        assert installer.install(wanted(server, pinned=done.entry.hashes)).entry.hashes == done.entry.hashes
        (done.plugin.directory / PROGRAM).write_text("#!/bin/sh\nevil\n")
        with pytest.raises(LockMismatchError):
            installer.install(wanted(server, pinned=done.entry.hashes))

    def test_pins_of_another_platform(self, installer: PluginInstaller, server: Server) -> None:
        """issue 5: one lock file serves a team with several kinds of machines; each adds its own hashes."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        theirs = ("plan9-mips h1:x", "plan9-mips zh:y")
        done = installer.install(wanted(server, pinned=theirs))
        assert done.entry.hashes[:2] == theirs
        assert len(done.entry.hashes) == 4
        assert installer.install(wanted(server, pinned=done.entry.hashes)).entry.hashes == done.entry.hashes
        (done.plugin.directory / PROGRAM).write_text("#!/bin/sh\nevil\n")
        with pytest.raises(LockMismatchError):
            installer.install(wanted(server, pinned=done.entry.hashes))

    @pytest.mark.parametrize(
        "data",
        [
            archive({"../outside": b"x"}),
            archive({PROGRAM: b"x"}, link="../../outside"),
            archive({PROGRAM: bytes(300 * 1024**2)}),
        ],
    )
    def test_hostile_archives(
        self, installer: PluginInstaller, server: Server, tmp_path: Path, data: bytes
    ) -> None:
        """design.md §8: no path or link escapes, no bombs."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", data)
        with pytest.raises(UnsafeArchiveError):
            installer.install(wanted(server))
        assert not (tmp_path / "home" / "plugins" / "resource-thing-v1.2.3").exists()

    def test_an_archive_without_a_plugin(self, installer: PluginInstaller, server: Server) -> None:
        """§7.3: a directory without program or description is none."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive({"README": b"x"}))
        with pytest.raises(StackwrightError, match="no plugin in it"):
            installer.install(wanted(server))


class TestFiles:
    def test_a_program_a_directory_or_an_archive(self, installer: PluginInstaller, tmp_path: Path) -> None:
        """cli.md §12: `--file` takes any of the three."""
        program = tmp_path / "built"
        program.write_text("#!/bin/sh\n")
        directory = tmp_path / "directory"
        directory.mkdir()
        (directory / "PulumiPlugin.yaml").write_text("runtime: python\n")
        packed = tmp_path / "packed"
        packed.write_bytes(archive())
        for number, file in enumerate((program, directory, packed)):
            request = PluginRequest(name="thing", version=f"1.0.{number}")
            done = installer.install(request, file=file)
            assert find_plugin("thing", f"1.0.{number}").path.is_relative_to(done.plugin.directory)
