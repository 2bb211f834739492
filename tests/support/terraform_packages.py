"""Terraform providers as packages, opened for a test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from support import tfproviders

from stackwright.diagnostics import Diagnostic
from stackwright.providers import Provider
from stackwright.providers.terraform import (
    ProviderOrigin,
    SchemaCache,
    TerraformPackage,
    TerraformPrograms,
)


def package(name: str) -> TerraformPackage:
    """The package that provider *name* of `tfproviders` makes."""
    path: Path = getattr(tfproviders, name)()
    host, namespace, _, version = path.parts[-6:-2]
    address = ProviderOrigin(address=f"{host}/{namespace}/{name}", version=version)
    return TerraformPackage(name=name, provider=address, path=path)


@asynccontextmanager
async def terraform_provider(
    name: str,
    *,
    environ: Mapping[str, str] | None = None,
    cache: Path | None = None,
    said: list[Diagnostic] | None = None,
) -> AsyncIterator[Provider]:
    """An unconfigured instance; its processes end with the block. *said* collects what it says."""
    heard: list[Diagnostic] = [] if said is None else said
    programs = TerraformPrograms(
        log=heard.append,
        cache=SchemaCache(cache) if cache else None,
    )
    try:
        provider = await programs.open(package(name), environ=environ or os.environ)
        yield provider
        await provider.close()
    finally:
        await programs.close()
