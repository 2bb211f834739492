"""Finding providers on this machine, and what the lock file has to say about it (terraform.md §7.6-7.8)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import tfproviders
from support.provider_archives import THING, packed, unpacked

from stackwright.errors import UserError
from stackwright.providers import ProviderNotFoundError
from stackwright.providers._lock_file import LockedProvider, LockFile, LockFileError, LockMismatchError
from stackwright.providers.terraform.installed import (
    CliConfig,
    FilesystemMirror,
    LocalProviders,
    PackageStore,
    archive_hash,
    current_platform,
    package_hash,
    parse_address,
    parse_constraint,
    provider_at,
    read_locks,
    remembered_package_hash,
)

Providers = Callable[..., LocalProviders]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "user"), "STACKWRIGHT_HOME": str(tmp_path / "home")}


@pytest.fixture
def providers(tmp_path: Path, environ: dict[str, str]) -> Providers:
    def make(**said: object) -> LocalProviders:
        config = CliConfig(methods=(FilesystemMirror(tmp_path / "mirror"),))
        return LocalProviders(tmp_path, environ=environ, **{"config": config, **said})  # type: ignore[arg-type]

    return make


def lock_of(*hashes: str, version: str = "1.0.0") -> LockFile:
    return LockFile(providers=(LockedProvider(address=str(THING), version=version, hashes=hashes),))


class TestFinding:
    def test_the_newest_of_all_places(self, tmp_path: Path, providers: Providers) -> None:
        """§7.2, §7.7: versions are merged over the places, packed or unpacked."""
        unpacked(tmp_path / "mirror", "1.9.0")
        packed(tmp_path / "mirror", "1.10.0")
        packed(tmp_path / "mirror", "2.0.0-beta1")

        newest = providers().find(THING)
        assert (newest.version, newest.executable.name) == ("1.10.0", "terraform-provider-thing_v1.10.0")
        assert newest.executable.stat().st_mode & 0o111
        older = providers().find(THING, parse_constraint("< 1.10"))
        assert older.executable.is_relative_to(tmp_path / "mirror")

    def test_an_archive_is_unpacked_once(self, tmp_path: Path, providers: Providers) -> None:
        """§7.8: into our own cache, which has the unpacked layout and is asked first afterwards."""
        archive = packed(tmp_path / "mirror")
        first = providers().find(THING)
        link = (
            PackageStore(tmp_path / "home" / "terraform").layout / str(THING) / "1.0.0" / current_platform()
        )
        assert link.resolve() == first.package_directory

        expected = {archive_hash(archive), package_hash(first.package_directory)}
        archive.unlink()
        again = providers().find(THING)
        assert again.executable == first.executable
        assert set(again.hashes) == set(first.hashes) == expected

    def test_what_was_tampered_with_is_not_run(self, tmp_path: Path, providers: Providers) -> None:
        """§7.8: a package in our cache whose files changed is none; the mirror supplies it anew."""
        packed(tmp_path / "mirror")
        first = providers().find(THING)
        before = first.executable.read_bytes()
        first.executable.write_bytes(b"#!/bin/sh\nevil\n")

        again = providers().find(THING)
        assert again.executable.read_bytes() == before
        again.executable.write_bytes(b"#!/bin/sh\nevil\n")
        shutil.rmtree(tmp_path / "mirror")
        with pytest.raises(ProviderNotFoundError):
            providers().find(THING)

    def test_terraforms_plugin_cache_is_used_and_left_alone(
        self, tmp_path: Path, providers: Providers
    ) -> None:
        """§7.8: read-only use of plugin_cache_dir."""
        directory = unpacked(tmp_path / "cache")
        before = sorted((tmp_path / "cache").rglob("*"))

        found = providers(config=CliConfig(plugin_cache=tmp_path / "cache", methods=())).find(THING)
        assert found.package_directory == directory
        assert sorted((tmp_path / "cache").rglob("*")) == before

    def test_an_override_wins_and_says_so(self, tmp_path: Path, providers: Providers) -> None:
        """§7.7: dev_overrides bypass versions and hashes, with a warning."""
        unpacked(tmp_path / "mirror", "2.0.0")
        built = tmp_path / "src" / "terraform-provider-thing"
        built.parent.mkdir()
        built.write_text("#!/bin/sh\n")
        config = CliConfig(path=tmp_path / "rc", overrides={"acme/thing": built.parent})

        found = providers(config=config, lock=lock_of("h1:other")).find(THING, parse_constraint("2.0.0"))
        assert (found.executable, found.hashes) == (built, ())
        assert "neither version nor hashes are checked" in found.notes[0]
        built.unlink()
        with pytest.raises(ProviderNotFoundError, match="holds no such program"):
            providers(config=config).find(THING)

    def test_the_other_public_registry_helps_out(self, tmp_path: Path, providers: Providers) -> None:
        """§7.1: both public registries are accepted; the canonical address is the one that was found."""
        unpacked(tmp_path / "mirror")
        found = providers().find(THING.at("registry.opentofu.org"))
        assert found.address == THING
        assert "is used instead" in found.notes[0]
        with pytest.raises(ProviderNotFoundError):
            providers().find(THING.at("example.com"))

    def test_nothing_found_says_where(self, tmp_path: Path, providers: Providers) -> None:
        """§7: each place with what it has, and the command that helps."""
        unpacked(tmp_path / "mirror", "1.0.0")
        with pytest.raises(ProviderNotFoundError) as caught:
            providers().find(THING, parse_constraint(">= 2"))
        assert f"the mirror {tmp_path / 'mirror'}: only 1.0.0" in str(caught.value)
        assert "stackwright package add" in str(caught.value)

    def test_what_is_of_no_use_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """§7.7: a cache that is none, a mirror that is a file, packages that are empty or cannot be read."""
        (tmp_path / "file").touch()
        (unpacked(tmp_path / "mirror", "1.0.0") / "terraform-provider-thing_v1.0.0").unlink()
        (unpacked(tmp_path / "mirror", "1.1.0") / "loop").symlink_to("loop")

        def unreadable(*_: object) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(
            "stackwright.providers.terraform.installed._find.remembered_package_hash", unreadable
        )
        methods = tuple(FilesystemMirror(tmp_path / name) for name in ("mirror", "file"))
        config = CliConfig(methods=methods, plugin_cache=tmp_path / "cache")
        with pytest.raises(ProviderNotFoundError) as caught:
            LocalProviders(tmp_path, environ={"HOME": str(tmp_path)}, config=config).find(THING)
        said = str(caught.value)
        for line in (
            f"the plugin cache {tmp_path / 'cache'}: no such directory",
            f"the mirror {tmp_path / 'mirror'}: only 1.0.0 (without a program `terraform-provider-thing`), ",
            "1.1.0 (cannot be read: Permission denied)",
            f"the mirror {tmp_path / 'file'}: not a directory",
        ):
            assert line in said

    def test_an_archive_that_is_cut_off(self, tmp_path: Path, providers: Providers) -> None:
        """§7.5: said with its path, as nobody else knows which of many mirrors it is in."""
        archive = packed(tmp_path / "mirror")
        archive.write_bytes(archive.read_bytes()[:40])
        with pytest.raises(UserError, match=f"{archive} cannot be unpacked: The archive is damaged"):
            providers().find(THING)

    def test_a_provider_at_a_path(self, tmp_path: Path) -> None:
        """§8.1: a local binary has the version 0.0.0 and the name that follows the prefix."""
        program = tmp_path / "terraform-provider-thing_v1.2.3"
        program.touch()
        found = provider_at(program)
        assert (found.address.type, found.version, found.executable) == ("thing", "0.0.0", program)
        for path in (tmp_path / "thing", tmp_path / "terraform-provider-none"):
            with pytest.raises(ProviderNotFoundError):
                provider_at(path)


class TestLocks:
    def test_the_pinned_version_is_used(self, tmp_path: Path, providers: Providers) -> None:
        """§7.2: a version once chosen is used from then on, unless another is named exactly."""
        unpacked(tmp_path / "mirror", "1.0.0")
        unpacked(tmp_path / "mirror", "2.0.0")

        assert providers(lock=lock_of()).find(THING, parse_constraint(">= 1")).version == "1.0.0"
        assert providers(lock=lock_of()).find(THING, parse_constraint("2.0.0")).version == "2.0.0"
        with pytest.raises(UserError, match=r"pins acme/thing 1\.0\.0, which `>= 2` excludes"):
            providers(lock=lock_of()).find(THING, parse_constraint(">= 2"))

    @pytest.mark.parametrize("make", [packed, unpacked])
    def test_another_hash_is_refused(
        self, tmp_path: Path, providers: Providers, make: Callable[..., Path]
    ) -> None:
        """§7.4 (4): one of the lock's hashes must match; nothing else is run."""
        make(tmp_path / "mirror")
        with pytest.raises(LockMismatchError) as caught:
            providers(lock=lock_of("h1:" + "A" * 43 + "=")).find(THING)
        assert "h1:AAAA" in str(caught.value)
        assert str(tmp_path / "mirror") in str(caught.value)

    def test_either_scheme_is_enough(self, tmp_path: Path, providers: Providers) -> None:
        """§7.6: `zh` of the archive, or `h1` of what is in it."""
        archive = packed(tmp_path / "mirror")
        h1 = next(each for each in providers().find(THING).hashes if each.startswith("h1:"))
        for pinned in (archive_hash(archive), h1):
            assert providers(lock=lock_of("zh:0", pinned)).find(THING).version == "1.0.0"

    def test_two_contents_of_one_version_live_beside_each_other(
        self, tmp_path: Path, providers: Providers
    ) -> None:
        """§7.8: the cache is addressed by content, so a pinned one stays available."""
        packed(tmp_path / "mirror", text="one")
        one = providers().find(THING)
        pinned = lock_of(*one.hashes)
        packed(tmp_path / "mirror", text="two")
        packages = PackageStore(tmp_path / "home" / "terraform")
        packages.add(
            tmp_path / "mirror" / str(THING) / f"terraform-provider-thing_1.0.0_{current_platform()}.zip",
            THING,
            "1.0.0",
            current_platform(),
        )

        assert providers().find(THING).executable.read_bytes() != one.executable.read_bytes()
        assert providers(lock=pinned).find(THING).executable == one.executable

    def test_terraforms_lock_file_counts(self, tmp_path: Path, providers: Providers) -> None:
        """§7.6: `.terraform.lock.hcl` is read, for what our own file leaves out."""
        unpacked(tmp_path / "mirror", "1.0.0")
        unpacked(tmp_path / "mirror", "1.1.0")
        (tmp_path / ".terraform.lock.hcl").write_text(
            f'# made by a tool\nprovider "{THING}" {{\n  version     = "1.0.0"\n'
            '  constraints = "~> 1.0"\n  hashes = [\n    "h1:bad=",\n  ]\n}\n'
        )
        assert read_locks(tmp_path).provider(str(THING)) == LockedProvider(
            address=str(THING), version="1.0.0", constraints="~> 1.0", hashes=("h1:bad=",)
        )
        with pytest.raises(LockMismatchError) as caught:
            providers().find(THING)
        assert caught.value.message.endswith("is not what .terraform.lock.hcl pins")
        assert f"terraform providers lock -platform={current_platform()}" in str(caught.value)

    @pytest.mark.parametrize(
        ("block", "said"),
        [
            ('"acme/thing" {\n  version = "newest"\n}', "the version 'newest', which is none"),
            ('"acme/thing" {\n}', "has no version"),
            ('"acme/thing" {\n  version = "1.0.0"\n  hashes = "h1:x"\n}', "are no list"),
            ('"a/b/c/d" {\n  version = "1.0.0"\n}', "`a/b/c/d` is not the address"),
        ],
    )
    def test_a_lock_file_that_would_pin_nothing(
        self, tmp_path: Path, providers: Providers, block: str, said: str
    ) -> None:
        """§7.6: what cannot be read there is an error with its place, and nothing is run."""
        unpacked(tmp_path / "mirror", "1.0.0")
        lock = tmp_path / ".terraform.lock.hcl"
        lock.write_text(f"provider {block}\n")
        with pytest.raises(LockFileError) as caught:
            providers().find(THING)
        assert caught.value.message.startswith(f"{lock}: ")
        assert said in caught.value.message


class TestHashes:
    def test_remembered_until_something_changes(self, tmp_path: Path, environ: dict[str, str]) -> None:
        """§7.6: `h1` covers names and contents; the memory never outlives a change."""
        directory = unpacked(tmp_path)
        first = remembered_package_hash(directory, environ)
        assert first == package_hash(directory) == remembered_package_hash(directory, environ)
        (directory / "LICENSE.txt").write_text("paid\n")
        assert remembered_package_hash(directory, environ) == package_hash(directory) != first

    @pytest.mark.real
    def test_as_terraform_computes_them(
        self, tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """§7.6: a lock file that the genuine tool wrote for the genuine provider agrees."""
        terraform = shutil.which("terraform")
        if terraform is None:
            pytest.skip("terraform is not on PATH")
        executable = tfproviders.random()
        config = tmp_path / "rc"
        config.write_text(
            f'provider_installation {{ filesystem_mirror {{ path = "{tfproviders.mirror()}" }} }}\n'
        )
        environ["TF_CLI_CONFIG_FILE"] = str(config)
        (tmp_path / "main.tf").write_text(
            'terraform {\n required_providers {\n random = { source = "hashicorp/random" }\n }\n}\n'
        )
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        subprocess.run([terraform, "init", "-no-color"], cwd=tmp_path, check=True, capture_output=True)

        found = LocalProviders(tmp_path, environ=environ).find(parse_address("hashicorp/random"))
        assert found.executable == executable
        assert set(found.hashes) & set(read_locks(tmp_path).providers[0].hashes)
