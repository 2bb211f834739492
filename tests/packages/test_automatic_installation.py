"""Providers that an operation lacks are installed when they are needed (protocol.md §7.4, E288)."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from pathlib import Path

import pytest
from support import goplugin, tfproviders
from support.commands import Room
from support.misbehaving import Reply, Server
from support.plugin_archives import archive
from support.provider_archives import packed

from stackwright.goals import PackageRequest, Parameterization
from stackwright.packages._acquiring import AutomaticInstaller, InterruptedInstallationError
from stackwright.packages._errors import VerificationError
from stackwright.packages._plugin_sources import asset_name
from stackwright.packages._progress import Silent
from stackwright.project import PackageSpec
from stackwright.providers import ProviderMissingError
from stackwright.providers._lock_file import LockedPlugin, LockFile, LockMismatchError
from stackwright.providers.plugin import find_plugin
from stackwright.providers.terraform.installed import find_provider, parse_address

MISSING = ProviderMissingError("No resource plugin `thing` is installed", detail="Looked in:\n  nowhere")
SWITCH = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)


def installer(project: Path, lock: LockFile | None = None, **packages: PackageSpec) -> AutomaticInstaller:
    return AutomaticInstaller(project, packages, progress=Silent(), lock=lock)


def wanted(server: Server, version: str = "1.2.3") -> PackageRequest:
    return PackageRequest(name="thing", version=version, download_url=server.url("/plugins"))


class TestPlugins:
    def test_as_the_program_asks(self, server: Server, tmp_path: Path) -> None:
        """§7.4: version and download URL of the registration count."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        installer(tmp_path).acquire(wanted(server), MISSING)
        assert find_plugin("thing", "1.2.3").version == "1.2.3"

    def test_as_the_project_file_says(self, server: Server, tmp_path: Path) -> None:
        """cli.md §12: a plugin that `packages:` names is the one of that entry."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '2.0.0')}", archive())
        spec = PackageSpec(source="thing", version="2.0.0", plugin_download_url=server.url("/plugins"))
        installer(tmp_path, thing=spec).acquire(PackageRequest(name="thing"), MISSING)
        assert find_plugin("thing").version == "2.0.0"

    def test_as_the_lock_file_pins(self, server: Server, tmp_path: Path) -> None:
        """issue 5: what is not what is pinned is not kept."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        pin = LockedPlugin(name="thing", version="1.2.3", hashes=("zh:" + "0" * 64,))
        with pytest.raises(LockMismatchError):
            installer(tmp_path, LockFile(plugins=(pin,))).acquire(wanted(server), MISSING)
        with pytest.raises(ProviderMissingError):
            find_plugin("thing")
        honest = f"zh:{hashlib.sha256(archive()).hexdigest()}"
        pin = LockedPlugin(name="thing", version="1.2.3", server=server.url("/plugins"), hashes=(honest,))
        installer(tmp_path, LockFile(plugins=(pin,))).acquire(PackageRequest(name="thing"), MISSING)
        assert find_plugin("thing").version == "1.2.3"

    def test_checksums_of_the_program(self, server: Server, tmp_path: Path) -> None:
        """protocol.md §10.3: checksums that come with a registration."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        sums = tuple((key, bytes(32)) for key in ("linux-amd64", "linux-arm64", "darwin-arm64"))
        request = PackageRequest(
            name="thing", version="1.2.3", download_url=server.url("/plugins"), checksums=sums
        )
        with pytest.raises(VerificationError):
            installer(tmp_path).acquire(request, MISSING)

    def test_forbidden(self, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """§7.4: the variable turns it off, and the error says so beside what was missing."""
        monkeypatch.setenv(SWITCH, "true")
        with pytest.raises(ProviderMissingError) as caught:
            installer(tmp_path).acquire(wanted(server), MISSING)
        assert str(caught.value).splitlines()[:4] == [
            "No resource plugin `thing` is installed",
            "Looked in:",
            "  nowhere",
            f"Nothing is installed unasked, because {SWITCH} is set",
        ]
        assert not server.requests

    def test_nobody_has_it(self, server: Server, tmp_path: Path) -> None:
        """What was missing, where it was looked for, what the server said, and what to do."""
        with pytest.raises(ProviderMissingError) as caught:
            installer(tmp_path).acquire(wanted(server), MISSING)
        text = str(caught.value)
        assert text.startswith("No resource plugin `thing` is installed\nLooked in:\n  nowhere\n")
        assert f"{server.url('/plugins')}/{asset_name('resource', 'thing', '1.2.3')} does not exist" in text
        assert "Check the name and the version" in text

    def test_interrupted(self, server: Server, tmp_path: Path) -> None:
        """design.md §8: Ctrl-C ends a download; nothing half-made is found afterwards."""
        server.on(f"/plugins/{asset_name('resource', 'thing', '1.2.3')}", archive())
        stopped = installer(tmp_path)
        stopped.cancel()
        with pytest.raises(ProviderMissingError, match="was interrupted") as caught:
            stopped.acquire(wanted(server), MISSING)
        assert isinstance(caught.value.__cause__, InterruptedInstallationError)
        with pytest.raises(ProviderMissingError):
            find_plugin("thing")


class TestTerraformProviders:
    def test_from_a_network_mirror(
        self, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """terraform.md §7.7: wherever the CLI configuration says that providers are."""
        mirror = tmp_path / "files"
        made = packed(mirror, "1.2.0")
        place = "/mirror/registry.terraform.io/acme/thing"
        server.json(f"{place}/index.json", {"versions": {"1.2.0": {}}})
        server.json(f"{place}/1.2.0.json", {"archives": {tfproviders.target(): {"url": made.name}}})
        server.on(f"{place}/{made.name}", made.read_bytes())
        config = tmp_path / "rc"
        config.write_text(
            f'provider_installation {{\nnetwork_mirror {{\nurl = "{server.url("/mirror/")}"\n}}\n}}'
        )
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(config))
        remote = {"remote": {"url": "registry.terraform.io/acme/thing", "version": "1.2.0"}}
        request = PackageRequest(
            name="terraform-provider",
            parameterization=Parameterization(
                name="thing", version="1.2.0", value=json.dumps(remote).encode()
            ),
        )
        installer(tmp_path).acquire(request, MISSING)
        assert find_provider(parse_address("acme/thing"), project=tmp_path).version == "1.2.0"

    def test_nobody_has_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every place once, with what it has; and why no registry was asked."""
        packed(tmp_path / "mirror", "1.0.0")
        config = tmp_path / "rc"
        config.write_text(
            f'provider_installation {{\nfilesystem_mirror {{\npath = "{tmp_path / "mirror"}"\n}}\n}}'
        )
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(config))
        remote = {"remote": {"url": "registry.terraform.io/acme/thing", "version": "1.2.0"}}
        parameter = Parameterization(name="thing", version="1.2.0", value=json.dumps(remote).encode())
        request = PackageRequest(name="terraform-provider", parameterization=parameter)
        missing = ProviderMissingError("The Terraform provider acme/thing 1.2.0 is not installed", detail="x")
        with pytest.raises(ProviderMissingError) as caught:
            installer(tmp_path).acquire(request, missing)
        assert str(caught.value).splitlines() == [
            "The Terraform provider acme/thing 1.2.0 is not installed",
            "Nobody has a version of the Terraform provider acme/thing that `1.2.0` allows",
            "Looked in:",
            "  our cache: none",
            f"  the mirror {tmp_path / 'mirror'}: only 1.0.0",
            (
                "Make sure that the address is right: it is read as registry.terraform.io/acme/thing."
                f" {config} keeps registries from being asked: put the provider into one of these places,"
                " or let a `direct` block include it"
            ),
        ]


PROGRAM = """
    import pulumi


    class Record(pulumi.CustomResource):
        def __init__(self, name):
            opts = pulumi.ResourceOptions(version="1.2.3", plugin_download_url="{url}")
            super().__init__("ledger:index:Record", name, {{"value": "x", "fingerprint": None}}, opts)


    Record("one")
    Record("two")
    """


@pytest.mark.real
class TestOperations:
    @pytest.fixture
    def room(self, tmp_path: Path, server: Server, tls: Path) -> Room:
        """A program that needs a genuine plugin, which a server has."""
        name = asset_name("resource", "ledger", "1.2.3")
        data = archive({"pulumi-resource-ledger": goplugin.binary().read_bytes()})
        server.on(f"/plugins/{name}", Reply(status=503), Reply(body=data, headers={"ETag": '"1"'}))
        room = Room(
            tmp_path,
            PROGRAM.format(url=server.url("/plugins")),
            LEDGER_PATH=str(tmp_path / "ledger.jsonl"),
            SSL_CERT_FILE=str(tls / "server.pem"),
        )
        room.environment.pop("STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
        return room.init()

    def test_a_program_and_then_its_records(self, room: Room, server: Server) -> None:
        """§7.4: once, while `up` runs, with what happens shown; and again for a destroy elsewhere."""
        done = room.run("up", "--yes", "--skip-preview")
        assert done.status == 0, done.text
        said = [line for line in done.out.splitlines() if "plugin ledger-1.2.3]" in line]
        assert said == [
            "[resource plugin ledger-1.2.3] installing: starting",
            "Downloading [resource plugin ledger-1.2.3]: starting",
            "Downloading [resource plugin ledger-1.2.3]: done",
            "[resource plugin ledger-1.2.3] installing: done",
        ]
        assert len(server.requests) == 2
        (used,) = json.loads(room.ok("plugin", "ls", "--json"))
        assert used["lastUsedTime"] >= used["installTime"]
        # Another machine, which has nothing but the state: the records say where their provider is from.
        for plugin in (room.home / "stackwright" / "plugins").glob("resource-ledger-*"):
            if plugin.is_dir():
                plugin.rename(room.home / plugin.name)
        log = room.home / "events.json"
        gone = room.run("destroy", "--yes", "--skip-preview", "--event-log", str(log))
        assert gone.status == 0, gone.text
        events = [json.loads(line) for line in log.read_text().splitlines()]
        told = [event["progressEvent"] for event in events if "progressEvent" in event]
        assert {(each["type"], each["done"]) for each in told} == {
            ("plugin-install", False),
            ("plugin-download", False),
            ("plugin-download", True),
            ("plugin-install", True),
        }
        assert all(each["received"] <= each["total"] for each in told if each["type"] == "plugin-download")

    def test_where_it_cannot_be_had(self, room: Room, server: Server) -> None:
        """One error that says what is missing, where it was looked for, why it did not come, what to do."""
        server.routes.clear()
        done = room.run("up", "--yes", "--skip-preview")
        assert done.status == 1
        assert "No resource plugin `ledger` of version 1.2.3 is installed" in done.text
        assert "does not exist (HTTP 404)" in done.text
        assert "[resource plugin ledger-1.2.3] installing: failed" in done.text
        details = room.run("preview", "--diff")
        assert "[resource plugin ledger-1.2.3] installing: failed" in details.out
        done = room.run("up", "--yes", "--skip-preview", environment={SWITCH: "true"})
        assert f"Nothing is installed unasked, because {SWITCH} is set" in done.text
        assert "stackwright plugin install resource ledger 1.2.3" in done.text

    def test_nobody_waits_for_a_server_that_says_nothing(self, room: Room, server: Server) -> None:
        """E255, E256: twice Ctrl-C ends the command, whatever a download is waiting for."""
        (path,) = server.routes
        body = server.routes[path][1].body
        server.on(path, Reply(body=body, cut=1000, hangs=True))
        with room.start("up", "--yes", "--skip-preview") as process:
            assert process.stdout is not None
            said = iter(process.stdout.readline, "")
            assert any(line.startswith("Downloading [resource plugin ledger-1.2.3]") for line in said)
            # Signals that come at once are one: again, then, until it has ended.
            for _ in range(200):
                if process.poll() is not None:
                    break
                process.send_signal(signal.SIGINT)
                time.sleep(0.05)
            assert process.poll() not in (None, 0)
        server.released.set()
