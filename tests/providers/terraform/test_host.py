"""Finding the provider that a package is made of (terraform.md §8.1), and stopping it (§5.27)."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from support import tfproviders
from support.terraform_packages import terraform_provider
from support.tfproviders import Cloud

from stackwright.diagnostics import Diagnostic
from stackwright.goals import PackageRequest, Parameterization
from stackwright.providers import (
    CheckConfigRequest,
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DefaultProviderHost,
    Provider,
    ProviderError,
    ProviderNotFoundError,
    UnimplementedError,
)
from stackwright.urn import make_urn, provider_type


def request(value: Any, name: str = "modern") -> PackageRequest:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return PackageRequest(
        name="terraform-provider",
        version="1.0.0",
        parameterization=Parameterization(name=name, version="1.0.0", value=data),
    )


def load(folder: Path, asked: PackageRequest, then: Any = None) -> Any:
    """Load a provider, do something with it, and end it."""

    async def scenario() -> Any:
        said: list[Diagnostic] = []
        environ = {**os.environ, "STACKWRIGHT_HOME": str(folder / "home"), "TF_CLI_CONFIG_FILE": os.devnull}
        host = DefaultProviderHost(directory=folder, log=said.append, environ=environ)
        try:
            provider = await host.load(asked, environment={})
            return await then(provider) if then is not None else await provider.info()
        finally:
            await host.close()

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"nonsense", "cannot be read"),
        ({}, "names no provider"),
        ({"remote": {"url": "a/b"}, "local": {"path": "c"}}, "or two"),
    ],
)
def test_parameters_that_say_nothing(value: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=reason):
        load(tmp_path, request(value))


def test_without_a_parameter_there_is_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="a parameter has to say"):
        load(tmp_path, PackageRequest(name="terraform-provider"))


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProviderNotFoundError, match="acme/nothing"):
        load(tmp_path, request({"remote": {"url": "acme/nothing", "version": "1.0.0"}}))


@pytest.mark.real
class TestLocal:
    def linked(self, folder: Path) -> dict[str, Any]:
        path = folder / "terraform-provider-modern"
        path.symlink_to(tfproviders.modern())
        return {"local": {"path": "./terraform-provider-modern"}}

    def test_by_path(self, tmp_path: Path) -> None:
        info = load(tmp_path, request(self.linked(tmp_path)))
        assert info.name == "modern"

    def test_another_name_and_a_part_of_it(self, tmp_path: Path) -> None:
        """`--provider-name` names the tokens; `--include` and `--exclude` say what there is."""
        parameter = {**self.linked(tmp_path), "includes": ["modern_pair"]}

        async def ask(provider: Provider) -> None:
            urn = make_urn("dev", "p", "", "other:index/thing:Thing", "a")
            with pytest.raises(UnimplementedError, match="no resource type"):
                await provider.check(
                    CheckRequest(
                        urn=urn, type="other:index/thing:Thing", olds={}, news={}, seed=b"", preview=True
                    )
                )
            token = "other:index/pair:Pair"
            answer = await provider.check(
                CheckRequest(urn=urn, type=token, olds={}, news={"nothing": 1}, seed=b"", preview=True)
            )
            assert answer.failures[0].property == "nothing"

        load(tmp_path, request(parameter, "other"), ask)


@pytest.mark.real
@pytest.mark.parametrize("name", ["vintage", "modern"])
def test_what_hangs_ends_when_it_is_asked_to(name: str, tmp_path: Path) -> None:
    """§5.27: the provider is told to stop, and its answer is still heard."""
    cloud = Cloud(tmp_path / "cloud")
    cloud.fail(create="hang")
    urn = make_urn("dev", "p", "", provider_type(name), "p")
    token = f"{name}:index/thing:Thing"
    thing = make_urn("dev", "p", "", token, "a")

    async def scenario() -> None:
        async with terraform_provider(name) as provider:
            config = {"path": str(cloud.folder)}
            checked = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=config))
            await provider.configure(ConfigureRequest(urn=urn, id="i", inputs=checked.inputs))
            inputs = {"name": "a"}
            making = asyncio.ensure_future(
                provider.create(CreateRequest(urn=thing, type=token, inputs=inputs, preview=False))
            )
            while not cloud.calls("create"):
                await asyncio.sleep(0.01)
            await provider.cancel()
            with pytest.raises(ProviderError, match="cancel"):
                await making

    asyncio.run(scenario())


@pytest.mark.real
def test_what_was_found_to_be_right_is_remembered(tmp_path: Path) -> None:
    """§5.2: a configuration is checked once on a machine, and its secrets are nowhere."""
    urn = make_urn("dev", "p", "", provider_type("modern"), "p")
    config = {"path": str(tmp_path / "cloud"), "password": "hush-hush"}

    async def check() -> None:
        async with terraform_provider("modern", cache=tmp_path / "cache") as provider:
            answer = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=config))
            assert answer.failures == ()

    asyncio.run(check())
    notes = sorted((tmp_path / "cache" / "notes").iterdir())
    assert len(notes) == 1
    asyncio.run(check())
    assert sorted((tmp_path / "cache" / "notes").iterdir()) == notes
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"hush" not in kept
