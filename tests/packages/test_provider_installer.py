"""Installing Terraform providers from registries and mirrors that misbehave (terraform.md §7.3-7.7)."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.misbehaving import Reply, Server
from support.notes import Notes
from support.provider_archives import THING, archive, packed, unpacked
from support.registries import FakeRegistry, Key

from stackwright.errors import StackwrightError
from stackwright.packages._errors import (
    FetchError,
    ForbiddenError,
    MissingError,
    PackageError,
    VerificationError,
)
from stackwright.packages._provider_installer import Installation, ProviderInstaller
from stackwright.packages._web import Web
from stackwright.providers._lock_file import LockedProvider, LockFile, LockMismatchError
from stackwright.providers.terraform.installed import archive_hash, current_platform, parse_constraint
from stackwright.values import UnsafeArchiveError

KEY = Key()
Install = Callable[..., Installation]


@pytest.fixture
def registry(server: Server, tmp_path: Path) -> FakeRegistry:
    return FakeRegistry(server, tmp_path / "published", KEY)


@pytest.fixture
def installer(tmp_path: Path, notes: Notes) -> Iterator[Callable[..., ProviderInstaller]]:
    with Web(progress=notes, stall=5, pause=lambda seconds: None) as web:

        def make(lock: LockFile | None = None) -> ProviderInstaller:
            return ProviderInstaller(tmp_path, web, progress=notes, lock=lock)

        yield make


@pytest.fixture
def install(installer: Callable[..., ProviderInstaller], registry: FakeRegistry) -> Install:
    def run(constraint: str = "", *, lock: LockFile | None = None, upgrade: bool = False) -> Installation:
        return installer(lock).install(registry.address, parse_constraint(constraint), upgrade=upgrade)

    return run


def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    (tmp_path / "rc").write_text(text)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "rc"))


def nothing_is_installed(tmp_path: Path) -> bool:
    return not list((tmp_path / "home" / "terraform").rglob("terraform-provider-*"))


class TestRegistry:
    def test_from_discovery_to_a_program(self, install: Install, registry: FakeRegistry) -> None:
        """§7.3, §7.4: the newest version that matches, verified, and pinned for all platforms."""
        registry.publish("1.0.0")
        data = registry.publish("1.1.0")
        registry.publish("2.0.0")

        done = install("~> 1.0")
        assert done.provider.version == "1.1.0"
        assert done.provider.executable.stat().st_mode & stat.S_IXUSR
        assert done.entry is not None
        assert (done.entry.version, done.entry.constraints) == ("1.1.0", "~> 1.0")
        assert {each[:3] for each in done.entry.hashes} == {"h1:", "zh:"}
        assert f"zh:{'0' * 64}" in done.entry.hashes
        assert len(data) > 0

    def test_what_is_here_asks_nobody(self, install: Install, registry: FakeRegistry) -> None:
        """§7.2: a cached match goes before the registry, unless an upgrade is asked for."""
        registry.publish("1.0.0")
        install()
        registry.publish("1.1.0")
        asked = len(registry.server.requests)

        assert install().provider.version == "1.0.0"
        assert len(registry.server.requests) == asked
        assert install(upgrade=True).provider.version == "1.1.0"

    def test_versions_that_cannot_be_spoken_to_are_passed_over(
        self, install: Install, registry: FakeRegistry
    ) -> None:
        """§7.3: a version is usable with protocol 5 or 6; if none is, the error says which it needs."""
        registry.publish("1.0.0", protocols=("4.0", "5.1"))
        registry.publish("2.0.0", protocols=("7.0",))
        assert install().provider.version == "1.0.0"
        with pytest.raises(PackageError, match=r"speaks version 7\.0 of the plugin protocol"):
            install("2.0.0")

    def test_a_service_elsewhere(self, install: Install, registry: FakeRegistry, elsewhere: Server) -> None:
        """§7.3: redirects of discovery and downloads on other hosts, none of which sees the token."""
        data = registry.publish("1.0.0", url=elsewhere.url("/thing.zip"))
        elsewhere.on("/thing.zip", data)
        assert install().provider.version == "1.0.0"

    def test_credentials_are_sent_to_their_host_alone(
        self,
        install: Install,
        registry: FakeRegistry,
        elsewhere: Server,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """§7.3: bearer tokens per host; the archive's server gets none."""
        configured(
            monkeypatch, tmp_path, f'credentials "{registry.server.host}" {{\n  token = "s3cret"\n}}\n'
        )
        elsewhere.on("/thing.zip", registry.publish("1.0.0", url=elsewhere.url("/thing.zip")))
        install()

        api = [each for each in registry.server.requests if "/v1/" in each.path or "well-known" in each.path]
        assert {each.header("authorization") for each in api} == {"Bearer s3cret"}
        assert elsewhere.requests[0].header("authorization") is None
        assert api[-1].header("x-terraform-version")

    def test_services_can_be_overridden(
        self,
        installer: Callable[..., ProviderInstaller],
        registry: FakeRegistry,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """§7.7: a `host` block replaces discovery, and makes its registry the one that is meant."""
        registry.publish("1.0.0")
        url = registry.server.url("/v1/providers/")
        configured(
            monkeypatch,
            tmp_path,
            f'host "registry.terraform.io" {{\n services = {{ "providers.v1" = "{url}" }}\n}}\n',
        )
        address = installer().resolve("acme/thing")
        assert address == THING
        assert installer().install(address).provider.version == "1.0.0"
        assert registry.server.asked("/.well-known/terraform.json") == []

    @pytest.mark.parametrize(
        ("break_", "error", "said"),
        [
            (
                lambda s: s.on("/.well-known/terraform.json", Reply(status=404)),
                MissingError,
                "not a registry",
            ),
            (lambda s: s.on("/.well-known/terraform.json", b"{}"), FetchError, "JSON"),
            (lambda s: s.json("/.well-known/terraform.json", {}), MissingError, "offers no providers"),
            (
                lambda s: s.on("/.well-known/terraform.json", Reply(body=b" " * 1024**2 + b"{}")),
                FetchError,
                "more than",
            ),
            (lambda s: s.json("/v1/providers/acme/thing/versions", {"versions": 1}), FetchError, "protocol"),
            (lambda s: s.on("/v1/providers/acme/thing/versions", b"<html>"), FetchError, "protocol"),
            (
                lambda s: s.on("/v1/providers/acme/thing/versions", Reply(status=404)),
                MissingError,
                "Nobody has a version",
            ),
            (
                lambda s: s.on("/v1/providers/acme/thing/versions", Reply(status=401)),
                ForbiddenError,
                "credentials",
            ),
            (lambda s: s.on("/v1/providers/acme/thing/versions", Reply(status=502)), FetchError, "HTTP 502"),
        ],
    )
    def test_answers_that_are_none(
        self,
        install: Install,
        registry: FakeRegistry,
        break_: Callable[[Server], object],
        error: type[StackwrightError],
        said: str,
    ) -> None:
        """§7.3: each fault of a registry has its own message."""
        registry.publish("1.0.0")
        break_(registry.server)
        if error is MissingError and said != "Nobody has a version":
            said = "Nobody has a version"
        with pytest.raises(error, match=said):
            install()

    def test_a_cut_archive_is_continued(self, install: Install, registry: FakeRegistry) -> None:
        """issue: cut streams resume, and the whole is verified."""
        data = registry.publish("1.0.0")
        tag = {"ETag": '"x"'}
        registry.server.on(
            registry.file("1.0.0"), Reply(body=data, cut=100, headers=tag), Reply(body=data, headers=tag)
        )
        assert install().provider.version == "1.0.0"
        assert registry.server.asked(registry.file("1.0.0"))[1].header("range") == "bytes=100-"


class TestCredentialsHelper:
    """§7.3: `terraform-credentials-NAME ARGUMENTS get HOST`, in Terraform's own directories."""

    @pytest.fixture
    def written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
        configured(monkeypatch, tmp_path, 'credentials_helper "vault" {\n  args = ["--quick"]\n}\n')

        def write(script: str, folder: str = "") -> Path:
            program = Path.home() / ".terraform.d" / "plugins" / folder / "terraform-credentials-vault"
            program.parent.mkdir(parents=True)
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
            return program

        return write

    def test_its_token_is_sent(
        self, install: Install, registry: FakeRegistry, tmp_path: Path, written: Callable[..., Path]
    ) -> None:
        """It is asked once for a host."""
        with pytest.raises(FetchError, match="terraform-credentials-vault of"):
            install()
        calls = tmp_path / "calls"
        written(f'echo "$@" >> {calls}\necho \'{{"token": "told"}}\'')
        registry.publish("1.0.0")
        install()
        asked = registry.server.asked("/v1/providers/acme/thing/versions")
        assert [each.header("authorization") for each in asked] == ["Bearer told"]
        assert calls.read_text() == f"--quick get {registry.server.host}\n"

    def test_what_is_configured_wins(
        self,
        install: Install,
        registry: FakeRegistry,
        tmp_path: Path,
        written: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It is not even asked."""
        text = (
            f'credentials "{registry.server.host}" {{\n  token = "set"\n}}\ncredentials_helper "vault" {{}}\n'
        )
        configured(monkeypatch, tmp_path, text)
        written("exit 1")
        registry.publish("1.0.0")
        install()
        asked = registry.server.asked("/v1/providers/acme/thing/versions")
        assert [each.header("authorization") for each in asked] == ["Bearer set"]

    def test_it_knows_none(
        self, install: Install, registry: FakeRegistry, written: Callable[..., Path]
    ) -> None:
        """An empty object: the registry is asked without a token."""
        written("echo '{}'", current_platform())
        registry.publish("1.0.0")
        assert install().provider.version == "1.0.0"

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("echo locked >&2; exit 3", "it ended with 3\nlocked"),
            ("echo s3cret", "did not answer in JSON"),
            ("echo []", "did not answer in JSON"),
        ],
        ids=["locked", "text", "list"],
    )
    def test_it_fails(
        self, install: Install, registry: FakeRegistry, written: Callable[..., Path], script: str, said: str
    ) -> None:
        """What it said on standard error is shown; what it printed never is."""
        written(script)
        registry.publish("1.0.0")
        with pytest.raises(FetchError) as caught:
            install()
        assert said in str(caught.value)
        assert "s3cret" not in str(caught.value)


class TestVerification:
    @pytest.mark.parametrize(
        ("said", "fault"),
        [
            ("not the checksum that was promised", {"shasum": "1" * 64, "sums": b"PROMISED"}),
            ("do not list", {"sums": b"nothing\n"}),
            ("do not list", {"shasum": ""}),
            ("not by a key", {"key": Key(), "announced": (KEY.public,)}),
            ("not by a key", {"signature": KEY.sign(b"something else")}),
            ("not by a key", {"signature": b"junk"}),
            ("cannot be read", {"announced": ("junk",)}),
            ("announces no key", {"announced": ()}),
        ],
    )
    def test_whatever_does_not_fit_is_refused(
        self, install: Install, registry: FakeRegistry, tmp_path: Path, said: str, fault: dict[str, object]
    ) -> None:
        """§7.4: all of it, before anything is unpacked or executed."""
        if fault.get("sums") == b"PROMISED":
            name = registry.file("1.0.0").rpartition("/")[2]
            fault = {**fault, "sums": f"{'1' * 64}  {name}\n".encode()}
        registry.publish("1.0.0", **fault)  # type: ignore[arg-type]
        with pytest.raises(VerificationError, match=said):
            install()
        assert nothing_is_installed(tmp_path)

    def test_one_of_several_keys_is_enough(self, install: Install, registry: FakeRegistry) -> None:
        """§7.4 (3): the signature verifies with one of the announced keys."""
        registry.publish("1.0.0", announced=(Key().public, KEY.public))
        assert install().provider.version == "1.0.0"

    def test_the_lock_file_has_the_last_word(
        self, install: Install, registry: FakeRegistry, tmp_path: Path
    ) -> None:
        """§7.4 (4): a signed archive that is not the pinned one stays out."""
        registry.publish("1.0.0")
        for pinned in ("h1:" + "A" * 43 + "=", "zh:" + "2" * 64):
            entry = LockedProvider(address=str(registry.address), version="1.0.0", hashes=(pinned,))
            with pytest.raises((LockMismatchError, VerificationError), match="pin"):
                install(lock=LockFile(providers=(entry,)))
            assert nothing_is_installed(tmp_path)

    def test_a_pinned_version_is_fetched_again(self, install: Install, registry: FakeRegistry) -> None:
        """§7.2: on a fresh machine the lock decides, not what is newest; its entry is kept whole."""
        registry.publish("1.0.0")
        data = registry.publish("1.1.0")
        entry = install("1.1.0").entry
        assert entry is not None
        registry.publish("2.0.0")
        again = install(lock=LockFile(providers=(entry,)))
        assert again.provider.version == "1.1.0"
        assert again.entry is not None
        assert set(again.entry.hashes) == set(entry.hashes)
        assert len(data) > 0


class TestArchives:
    @pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside"])
    def test_paths_that_lead_outside(
        self, install: Install, registry: FakeRegistry, tmp_path: Path, name: str
    ) -> None:
        """design.md §8: no path escapes, signed or not."""
        registry.publish("1.0.0", body=_zip({name: b"x"}))
        with pytest.raises(UnsafeArchiveError):
            install()
        assert nothing_is_installed(tmp_path)
        assert not list(tmp_path.rglob("outside"))

    def test_links_that_lead_outside(self, install: Install, registry: FakeRegistry, tmp_path: Path) -> None:
        """design.md §8: no link escapes."""
        registry.publish("1.0.0", body=_zip({"terraform-provider-thing": b"/bin/sh"}, link=True))
        with pytest.raises(UnsafeArchiveError, match="link"):
            install()
        assert nothing_is_installed(tmp_path)

    def test_bombs(self, install: Install, registry: FakeRegistry, tmp_path: Path) -> None:
        """design.md §8: sizes are bounded, by what an archive of its size may hold."""
        registry.publish("1.0.0", body=_zip({"terraform-provider-thing": bytes(300 * 1024**2)}))
        with pytest.raises(UnsafeArchiveError, match="larger than"):
            install()
        assert nothing_is_installed(tmp_path)

    def test_no_program(self, install: Install, registry: FakeRegistry, tmp_path: Path) -> None:
        """§7.5: an archive without the provider's executable."""
        registry.publish("1.0.0", body=_zip({"terraform-provider-other": b"x"}))
        with pytest.raises(StackwrightError, match="holds no program"):
            install()
        registry.publish("1.0.0", body=b"not a zip")
        with pytest.raises(StackwrightError, match="not an archive"):
            install()


class TestMirrors:
    def mirror(self, server: Server, tmp_path: Path, *versions: str, hashes: object = None) -> None:
        index: dict[str, object] = {}
        for version in versions:
            path = archive(tmp_path / "published", version)
            index[version] = {}
            entry = {
                "url": f"../../../files/{path.name}",
                "hashes": [archive_hash(path)] if hashes is None else hashes,
            }
            server.json(f"/m/{THING}/{version}.json", {"archives": {current_platform(): entry}})
            server.on(f"/m/files/{path.name}", path.read_bytes())
        server.json(f"/m/{THING}/index.json", {"versions": index})

    def test_a_network_mirror(
        self,
        installer: Callable[..., ProviderInstaller],
        server: Server,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """§7.6, §7.7: index, version, archive by a relative URL; the mirror makes the host known."""
        configured(
            monkeypatch,
            tmp_path,
            f'provider_installation {{\n network_mirror {{\n url = "{server.url("/m")}"\n }}\n}}\n',
        )
        self.mirror(server, tmp_path, "1.0.0", "1.2.0")
        address = installer().resolve("acme/thing")
        assert address == THING
        assert installer().install(address).provider.version == "1.2.0"

    def test_its_hashes_count(
        self,
        installer: Callable[..., ProviderInstaller],
        server: Server,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """§7.6: an archive with none of the promised hashes stays out, of either scheme."""
        configured(
            monkeypatch,
            tmp_path,
            f'provider_installation {{\n network_mirror {{\n url = "{server.url("/m/")}"\n }}\n}}\n',
        )
        for wrong in ("zh:" + "1" * 64, "h1:" + "A" * 43 + "="):
            self.mirror(server, tmp_path, "1.0.0", hashes=[wrong])
            with pytest.raises((VerificationError, LockMismatchError)):
                installer().install(THING)
            assert nothing_is_installed(tmp_path)

    def test_methods_are_tried_together(
        self,
        installer: Callable[..., ProviderInstaller],
        server: Server,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        notes: Notes,
    ) -> None:
        """§7.7: what a mirror on disk has comes first; an upgrade merges, and works without network too."""
        configured(
            monkeypatch,
            tmp_path,
            f'provider_installation {{\n filesystem_mirror {{\n path = "{tmp_path / "disk"}"\n }}\n'
            f' network_mirror {{\n url = "{server.url("/m/")}"\n }}\n}}\n',
        )
        unpacked(tmp_path / "disk", "1.0.0")
        self.mirror(server, tmp_path, "1.2.0")
        assert installer().install(THING).provider.version == "1.0.0"
        assert installer().install(THING, upgrade=True).provider.version == "1.2.0"

        packed(tmp_path / "disk", "1.3.0")
        server.on(f"/m/{THING}/index.json", Reply(status=500))
        assert installer().install(THING, upgrade=True).provider.version == "1.3.0"
        assert any("only what is here" in each for each in notes.texts)

    def test_unencrypted_ones_are_refused(
        self, installer: Callable[..., ProviderInstaller], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """§7.6: https only."""
        configured(
            monkeypatch,
            tmp_path,
            'provider_installation {\n network_mirror {\n url = "http://localhost:1/"\n }\n}\n',
        )
        with pytest.raises(ForbiddenError, match="not encrypted"):
            installer().install(THING)


class TestTogether:
    def test_two_processes_share_one_installation(
        self, registry: FakeRegistry, tmp_path: Path, install: Install
    ) -> None:
        """§7.6, §7.8: processes take turns; the archive is fetched once and nobody sees a half package."""
        registry.publish("1.0.0")
        command = [sys.executable, "-c", _INSTALL, str(tmp_path), str(registry.address)]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        found = [process.communicate()[0] for process in both]
        assert found[0] == found[1]
        assert "terraform-provider-thing_v1.0.0" in found[0]
        assert len(registry.server.asked(registry.file("1.0.0"))) == 1


_INSTALL = """
import sys
from pathlib import Path
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._web import Web

with Web() as web:
    installer = ProviderInstaller(Path(sys.argv[1]), web)
    print(installer.install(installer.resolve(sys.argv[2])).provider.executable)
"""


def _zip(members: dict[str, bytes], *, link: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if link else 0o100755) << 16
            made.writestr(info, data)
    return file.getvalue()
