"""`DefaultProviderHost`: which provider serves a package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.embedded import run

from stackwright.diagnostics import Diagnostic
from stackwright.goals import PackageRequest, Parameterization
from stackwright.providers import DefaultProviderHost, Provider, ProviderNotFoundError


@pytest.fixture
def said() -> list[Diagnostic]:
    return []


@pytest.fixture
def host(tmp_path: Path, said: list[Diagnostic]) -> DefaultProviderHost:
    """A host on a machine with nothing installed."""
    environ = {
        "STACKWRIGHT_HOME": str(tmp_path / "ours"),
        "PULUMI_HOME": str(tmp_path / "theirs"),
        "PATH": "",
    }
    return DefaultProviderHost(directory=tmp_path, log=said.append, environ=environ)


def install(directory: Path, name: str, version: str) -> Path:
    """Put something that looks like a plugin below the plugin home *directory*."""
    program = directory / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return program


async def _source(host: DefaultProviderHost, request: PackageRequest) -> str:
    provider: Provider = await host.load(request, environment={})
    try:
        return (await provider.info()).source if type(provider).__name__ == "EmbeddedProvider" else "plugin"
    finally:
        await host.close()


def source(host: DefaultProviderHost, name: str, version: str = "") -> str:
    """Where the provider of a package comes from."""
    return run(_source(host, PackageRequest(name=name, version=version)))


class TestSelection:
    def test_an_embedded_provider_serves_where_nothing_is_installed(self, host: DefaultProviderHost) -> None:
        """A fresh machine runs a first program, whatever version its SDK wants."""
        assert source(host, "random") == "embedded"
        assert source(host, "random", "4.18.0") == "embedded"

    def test_an_installed_plugin_is_preferred(self, host: DefaultProviderHost, tmp_path: Path) -> None:
        """The genuine plugin of the wanted version, or of any if none is wanted."""
        install(tmp_path / "theirs", "random", "4.18.0")
        assert source(host, "random", "4.18.0") == "plugin"
        assert source(host, "random") == "plugin"

    def test_a_plugin_of_another_version_does_not_serve(
        self, host: DefaultProviderHost, tmp_path: Path
    ) -> None:
        """Versions are exact (protocol.md §7.3), so the embedded provider stands in."""
        install(tmp_path / "ours", "random", "4.17.0")
        assert source(host, "random", "4.18.0") == "embedded"

    def test_names_that_only_begin_alike(self, host: DefaultProviderHost, tmp_path: Path) -> None:
        """A plugin whose name begins with the wanted one is another plugin."""
        install(tmp_path / "ours", "random-vault", "1.0.0")
        assert source(host, "random") == "embedded"

    def test_path_is_searched(self, tmp_path: Path, said: list[Diagnostic]) -> None:
        """A plugin on PATH serves, and the user is told (protocol.md §7.2)."""
        program = install(tmp_path, "random", "1.0.0")
        environ = {"PULUMI_HOME": str(tmp_path / "none"), "STACKWRIGHT_HOME": str(tmp_path / "no")}
        environ["PATH"] = str(program.parent)
        assert (
            source(DefaultProviderHost(directory=tmp_path, log=said.append, environ=environ), "random")
            == "plugin"
        )
        assert "PATH" in said[0].message

    def test_nothing_fits(self, host: DefaultProviderHost, tmp_path: Path) -> None:
        """The error says where was looked, what is embedded, and how to get the plugin."""
        with pytest.raises(ProviderNotFoundError) as raised:
            source(host, "nosuch", "1.2.3")
        text = str(raised.value)
        assert "nosuch" in raised.value.message
        assert str(tmp_path / "ours") in text
        assert "random" in text
        assert "1.2.3" in text
        assert raised.value.hint

    def test_parameterised_packages_are_plugins(self, host: DefaultProviderHost) -> None:
        """A bridge's parameter means nothing to an embedded provider of the same name."""
        request = PackageRequest(
            name="random", parameterization=Parameterization(name="random", version="1.0.0", value=b"")
        )
        with pytest.raises(ProviderNotFoundError):
            run(_source(host, request))


class TestLifetime:
    def test_closing_twice_and_cancelling_are_harmless(self, host: DefaultProviderHost) -> None:
        """Nothing stays behind, and nothing fails on the way (ProviderHost.close)."""

        async def work() -> None:
            await host.load(PackageRequest(name="random"), environment={})
            await host.cancel()
            await host.close()
            await host.close()

        run(work())

    def test_embedded_providers_load_no_grpc(self, tmp_path: Path) -> None:
        """A run with embedded providers alone never loads gRPC, protobuf or the plugin room."""
        program = f"""
import asyncio, sys
from pathlib import Path
from stackwright.goals import PackageRequest
from stackwright.providers import DefaultProviderHost
environ = {{"PULUMI_HOME": {str(tmp_path)!r}, "STACKWRIGHT_HOME": {str(tmp_path)!r}, "PATH": ""}}
host = DefaultProviderHost(directory=Path({str(tmp_path)!r}), log=print, environ=environ)
asyncio.run(host.load(PackageRequest(name="random"), environment={{}}))
heavy = ("grpc", "google.protobuf", "stackwright.providers.plugin", "cryptography", "bcrypt")
print([name for name in heavy if name in sys.modules])
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"
