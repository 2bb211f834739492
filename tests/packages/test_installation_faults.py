"""Servers, disks and processes that fail while something is installed, for both families (issue 5, §5)."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.disks import make_read_only, small_disk
from support.misbehaving import Reply, Server
from support.plugin_archives import PROGRAM, archive
from support.provider_archives import packed
from support.registries import FakeRegistry, Key

from stackwright.errors import StackwrightError
from stackwright.packages._errors import FetchError, MissingError, PackageError, VerificationError
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._plugin_sources import asset_name
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._web import Web
from stackwright.providers.plugin import find_plugin
from stackwright.providers.terraform.installed import LocalProviders, parse_address

KEY = Key()
ARCHIVE = archive({PROGRAM: os.urandom(200_000)})
PLACE = f"/plugins/{asset_name('resource', 'thing', '1.2.3')}"
ROOM = "or set STACKWRIGHT_HOME to a directory you may write to"

Install = Callable[[], None]


@pytest.fixture
def plugin(server: Server) -> Install:
    """Installs a plugin from the server."""

    def install() -> None:
        with Web(stall=5, pause=lambda seconds: None) as web:
            request = PluginRequest(name="thing", version="1.2.3", server=server.url("/plugins"))
            PluginInstaller(web).install(request)

    return install


@pytest.fixture
def provider(server: Server, tmp_path: Path) -> Install:
    """Installs a Terraform provider from a registry on the server."""
    registry = FakeRegistry(server, tmp_path / "published", KEY)
    registry.publish("1.0.0")

    def install() -> None:
        with Web(stall=5, pause=lambda seconds: None) as web:
            ProviderInstaller(tmp_path, web).install(registry.address)

    install.path = registry.file("1.0.0")  # type: ignore[attr-defined]
    return install


class TestServersOfPlugins:
    """What `test_web` and `test_provider_installer` show of documents and of the other family."""

    def test_busy_and_broken_ones(self, plugin: Install, server: Server) -> None:
        """429 and 5xx are tried again, and the archive that was cut is continued where it broke off."""
        tag = {"ETag": '"one"'}
        server.on(
            PLACE,
            Reply(status=429, headers={"Retry-After": "1"}),
            Reply(status=503),
            Reply(body=ARCHIVE, cut=100_000, headers=tag),
            Reply(body=ARCHIVE, headers=tag),
        )
        plugin()
        assert server.asked(PLACE)[-1].header("range") == "bytes=100000-"
        assert find_plugin("thing", "1.2.3").path.stat().st_size == 200_000

    @pytest.mark.parametrize(
        ("reply", "kind", "said"),
        [
            (Reply(status=404), MissingError, "does not exist (HTTP 404)"),
            (Reply(status=500), FetchError, "cannot be fetched"),
            (Reply(status=403), FetchError, "HTTP 403"),
            (Reply(body=b"x", claimed=8 * 1024**3), FetchError, "holds more than"),
            (Reply(body=ARCHIVE, cut=0), FetchError, "cannot be fetched"),
            (Reply(status=302, headers={"Location": "http://example.com/x"}), FetchError, "not encrypted"),
            (Reply(body=b"<html>Log in</html>"), FetchError, "is not an archive"),
            (Reply(body=ARCHIVE[:1000]), StackwrightError, "damaged"),
        ],
        ids=["missing", "broken", "forbidden", "huge", "empty", "redirect", "page", "short"],
    )
    def test_final_answers(
        self, plugin: Install, server: Server, reply: Reply, kind: type[StackwrightError], said: str
    ) -> None:
        """Each with what it was; nothing of it is found afterwards, and a good server helps."""
        server.on(PLACE, reply)
        with pytest.raises(kind) as caught:
            plugin()
        assert said in str(caught.value)
        with pytest.raises(StackwrightError):
            find_plugin("thing")
        server.on(PLACE, ARCHIVE)
        plugin()

    def test_an_archive_of_somebody_else(self, server: Server) -> None:
        """A checksum that does not fit is an error of its own, and what was fetched is not kept."""
        server.on(PLACE, ARCHIVE)
        sums = {"": hashlib.sha256(b"other").hexdigest()}
        request = PluginRequest(name="thing", version="1.2.3", server=server.url("/plugins"), checksums=sums)
        with Web() as web, pytest.raises(VerificationError, match="not the checksum"):
            PluginInstaller(web).install(request)
        downloads = Path(os.environ["STACKWRIGHT_HOME"]) / "downloads"
        assert list(downloads.glob("*.part")) == []


_PLUGIN = """
import sys
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._web import Web

with Web() as web:
    done = PluginInstaller(web).install(PluginRequest(name="thing", version="1.2.3", server=sys.argv[1]))
    print(done.plugin.directory)
"""
_PROVIDER = """
import sys
from pathlib import Path
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._web import Web

with Web() as web:
    installer = ProviderInstaller(Path(sys.argv[2]), web)
    print(installer.install(installer.resolve(sys.argv[1])).provider.package_directory)
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


class TestProcesses:
    def test_two_share_one_plugin(self, server: Server) -> None:
        """protocol.md §7.3: they take turns, and the archive is fetched once."""
        server.on(PLACE, ARCHIVE)
        both = [started(_PLUGIN, server.url("/plugins")) for _ in range(2)]
        found = [each.communicate()[0] for each in both]
        assert found[0] == found[1] != ""
        assert len(server.asked(PLACE)) == 1

    @pytest.mark.parametrize("family", ["plugin", "provider"])
    def test_killed_and_started_again(
        self, request: pytest.FixtureRequest, server: Server, tmp_path: Path, family: str
    ) -> None:
        """`kill -9` in the middle of a download: the next process continues it, and waits for nobody."""
        install = request.getfixturevalue(family)
        path = PLACE if family == "plugin" else install.path
        body = ARCHIVE if family == "plugin" else server.routes[path][0].body
        half = len(body) // 2
        tag = {"ETag": '"one"'}
        server.on(path, Reply(body=body, cut=half, hangs=True, headers=tag), Reply(body=body, headers=tag))
        words = (
            (server.url("/plugins"),) if family == "plugin" else (f"{server.host}/acme/thing", str(tmp_path))
        )
        victim = started(_PLUGIN if family == "plugin" else _PROVIDER, *words)
        downloads = Path(os.environ["STACKWRIGHT_HOME"]) / "downloads"
        until(lambda: any(each.stat().st_size == half for each in downloads.glob("*.part")), victim)
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
        server.released.set()
        install()
        assert server.asked(path)[-1].header("range") == f"bytes={half}-"
        assert list(downloads.glob("*.part")) == []

    def test_killed_while_unpacking(self, plugin: Install, server: Server, tmp_path: Path) -> None:
        """§7.3: what is half there does not count, and is cleared away by the next installation."""
        plugins = tmp_path / "home" / "plugins"
        for name in ("resource-thing-v1.2.3", "resource-thing-v1.2.3.tmp123"):
            (plugins / name).mkdir(parents=True)
            (plugins / name / PROGRAM).write_text("half")
        (plugins / "resource-thing-v1.2.3.partial").touch()
        with pytest.raises(StackwrightError):
            find_plugin("thing")
        server.on(PLACE, ARCHIVE)
        plugin()
        assert find_plugin("thing").path.read_bytes() != b"half"
        left = {each.name for each in plugins.iterdir()}
        assert left == {"resource-thing-v1.2.3", "resource-thing-v1.2.3.lock"}

    def test_what_others_left_is_swept(self, provider: Install, tmp_path: Path) -> None:
        """Packages and downloads that were given up long ago go; what may be under way stays."""
        packages = tmp_path / "home" / "terraform" / "packages"
        downloads = tmp_path / "home" / "downloads"
        for folder in (packages, downloads):
            folder.mkdir(parents=True)
        old, fresh = packages / ".new-old", packages / ".new-fresh"
        for each in (old, fresh):
            each.mkdir()
        part = downloads / "old.part"
        part.touch()
        for each in (old, part):
            os.utime(each, (0, 0))
        provider()
        assert (old.exists(), fresh.exists(), part.exists()) == (False, True, False)


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for what *process* is about to bring about."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestDisks:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Iterator[Path]:
        with small_disk(tmp_path / "home", "260k") as folder:
            yield folder

    @pytest.mark.usefixtures("home")
    def test_no_room_for_a_download(self, plugin: Install, server: Server, tmp_path: Path) -> None:
        """design.md §8: what, where, and what to do; nothing is left in the way."""
        server.on(PLACE, archive({PROGRAM: os.urandom(400_000)}))
        with pytest.raises(StackwrightError, match="cannot be downloaded") as caught:
            plugin()
        assert f"Make room on the disk, {ROOM}" in str(caught.value)
        assert list((tmp_path / "home" / "downloads").glob("*.part")) == []

    @pytest.mark.usefixtures("home")
    def test_no_room_to_unpack_a_plugin(self, plugin: Install, server: Server, tmp_path: Path) -> None:
        """The archive fits, and its contents do not."""
        server.on(PLACE, archive({PROGRAM: bytes(400_000)}))
        with pytest.raises(StackwrightError) as caught:
            plugin()
        assert "No space left on device" in str(caught.value)
        assert f"Make room on the disk, {ROOM}" in str(caught.value)
        plugins = tmp_path / "home" / "plugins"
        assert {each.name for each in plugins.iterdir()} == {"resource-thing-v1.2.3.lock"}

    @pytest.mark.usefixtures("home")
    def test_no_room_to_unpack_a_provider(self, tmp_path: Path) -> None:
        """A packed mirror's archive is unpacked into our cache."""
        packed(tmp_path / "user" / ".terraform.d" / "plugins", text="x" * 400_000)
        address = parse_address("acme/thing")
        with pytest.raises(StackwrightError) as caught:
            LocalProviders(tmp_path).find(address)
        assert "No space left on device" in str(caught.value)
        assert f"Make room on the disk, {ROOM}" in str(caught.value)
        packages = tmp_path / "home" / "terraform" / "packages"
        assert list(packages.iterdir()) == []

    def test_nobody_may_write(self, plugin: Install, server: Server, tmp_path: Path) -> None:
        """What is there is found; installing says what to do."""
        with small_disk(tmp_path / "home", "4m") as home:
            self.work_in(home, plugin, server, tmp_path)

    @staticmethod
    def work_in(home: Path, plugin: Install, server: Server, tmp_path: Path) -> None:
        server.on(PLACE, ARCHIVE)
        plugin()
        packed(tmp_path / "user" / ".terraform.d" / "plugins", "1.0.0")
        found = LocalProviders(tmp_path).find(parse_address("acme/thing"))
        make_read_only(home)
        assert find_plugin("thing", "1.2.3")
        again = LocalProviders(tmp_path).find(parse_address("acme/thing"))
        assert again.executable == found.executable
        packed(tmp_path / "user" / ".terraform.d" / "plugins", "2.0.0")
        with pytest.raises(StackwrightError, match="cannot be written") as caught:
            LocalProviders(tmp_path).find(parse_address("acme/thing"))
        assert f"Make it writable, {ROOM}" in str(caught.value)
        with Web() as web, pytest.raises(PackageError, match="cannot be written") as refused:
            PluginInstaller(web).install(
                PluginRequest(name="thing", version="2.0.0", server=server.url("/plugins"))
            )
        assert f"Make it writable, {ROOM}" in str(refused.value)
