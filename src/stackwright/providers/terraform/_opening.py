"""
From a program on disk to a `Provider`: processes, schema, names and all.

`TerraformPrograms` keeps one pool of processes for each program, so that several
configurations of a provider share what needs no configuration (terraform.md §1.10).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.environment import TF_ASK_ALWAYS
from stackwright.providers.terraform._catalogue import Catalogue
from stackwright.providers.terraform._configuration import CheckedConfigurations
from stackwright.providers.terraform._mapping import PackageMapping
from stackwright.providers.terraform._memory import ValidConfigurations
from stackwright.providers.terraform._plugin import ProviderProgram
from stackwright.providers.terraform._pool import PluginPool
from stackwright.providers.terraform._provider import TerraformProvider
from stackwright.providers.terraform._provider_client import ProviderClient
from stackwright.providers.terraform._session import ProviderOrigin, Session
from stackwright.providers.terraform._shared import shared

if TYPE_CHECKING:
    from stackwright.providers._interface import ProviderLog
    from stackwright.providers.terraform._cache import SchemaCache
    from stackwright.providers.terraform._reattach import Reattached
    from stackwright.providers.terraform._schema import ProviderSchema


class TerraformPackage(msgspec.Struct, frozen=True, kw_only=True):
    """
    A package that a Terraform provider makes.

    *name* is what tokens begin with; `includes` and `excludes` are Terraform's names of
    what there is to be in it (§8.1). `parameter` is what it was announced with. `released`
    says that the provider's version stands for one program, as it does not while somebody
    works on it.
    """

    name: str
    provider: ProviderOrigin
    path: Path
    reattached: Reattached | None = None
    released: bool = False
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    parameter: bytes = b""


_SECTIONS: Final = (
    "resources",
    "data_sources",
    "ephemeral_resources",
    "list_resources",
    "actions",
    "functions",
)


def included(schema: ProviderSchema, includes: tuple[str, ...], excludes: tuple[str, ...]) -> ProviderSchema:
    """What a package is to have of *schema*: all that is included, without what is excluded (§8.1)."""
    if not includes and not excludes:
        return schema

    def kept(name: str) -> bool:
        return (not includes or name in includes) and name not in excludes

    # Only names are looked at here: a schema is read when somebody asks for it.
    return msgspec.structs.replace(
        schema, **{section: _Part(getattr(schema, section), kept) for section in _SECTIONS}
    )


class _Part(Mapping[str, Any]):
    """Some entries of a mapping, which stay unread until they are asked for."""

    def __init__(self, whole: Mapping[str, Any], kept: Callable[[str], bool]) -> None:
        self._whole = whole
        self._names = [name for name in whole if kept(name)]
        self._known = frozenset(self._names)

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            raise KeyError(name)
        return self._whole[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class TerraformPrograms:
    """Opens providers. On one event loop; ended by `close`."""

    def __init__(
        self,
        *,
        log: ProviderLog,
        cache: SchemaCache | None = None,
        directory: Path = Path(),
    ) -> None:
        self._log = log
        self._cache = cache
        self._directory = directory
        self._pools: dict[tuple[Path, str], PluginPool] = {}
        self._opened: list[TerraformProvider] = []
        self._valid: dict[Path, ValidConfigurations] = {}
        self._catalogues: dict[TerraformPackage, asyncio.Future[Catalogue]] = {}

    async def open(self, package: TerraformPackage, *, environ: Mapping[str, str]) -> TerraformProvider:
        """
        A new, unconfigured provider instance.

        Raises:
            ProviderGoneError: Its process did not come up.
        """
        pool = self._pool(package, environ)
        catalogue = await self._catalogue(package, pool)
        asks_always = TF_ASK_ALWAYS.value(environ)
        session = Session(
            ProviderClient(pool),
            catalogue,
            package.provider,
            log=self._log,
            valid=None if asks_always else self._remembered(package),
            trusts_records=package.released and not asks_always,
            directory=self._directory,
        )

        async def schema() -> bytes:
            return await asyncio.to_thread(_package_schema, package, catalogue.schema)

        provider = TerraformProvider(
            session,
            package=package.name,
            source=str(package.path),
            checked=self._checked(package),
            make_schema=schema,
        )
        self._opened.append(provider)
        return provider

    def _pool(self, package: TerraformPackage, environ: Mapping[str, str]) -> PluginPool:
        # Another environment is another process: credentials arrive that way.
        key = (package.path, str(hash(frozenset(environ.items()))))
        pool = self._pools.get(key)
        if pool is None:
            program = ProviderProgram(
                name=package.provider.address,
                path=package.path,
                environ=environ,
                cwd=self._directory,
                reattached=package.reattached,
            )
            pool = self._pools[key] = PluginPool(program, cache=self._cache)
        return pool

    async def _catalogue(self, package: TerraformPackage, pool: PluginPool) -> Catalogue:
        known = self._catalogues.get(package)
        if known is None or (known.done() and known.exception() is not None):
            known = self._catalogues[package] = shared(self._make_catalogue(package, pool))
        return await asyncio.shield(known)

    async def _make_catalogue(self, package: TerraformPackage, pool: PluginPool) -> Catalogue:
        schema = included(await pool.schema(), package.includes, package.excludes)
        return Catalogue(package.name, schema, PackageMapping(package.name, schema))

    def _checked(self, package: TerraformPackage) -> CheckedConfigurations | None:
        cache = self._cache
        if cache is None or package.reattached is not None:
            return None
        path = package.path
        return CheckedConfigurations(
            known=lambda key: cache.has_note(path, key), remember=lambda key: cache.keep_note(path, key)
        )

    def _remembered(self, package: TerraformPackage) -> ValidConfigurations | None:
        cache, path = self._cache, package.path
        if cache is None or package.reattached is not None:
            return None
        if path not in self._valid:
            self._valid[path] = ValidConfigurations(lambda: cache.validated(path))
        return self._valid[path]

    def _keep_validated(self) -> None:
        for path, valid in self._valid.items():
            data, anew = valid.news()
            if data and self._cache is not None:
                self._cache.keep_validated(path, data, anew=anew)

    async def cancel(self) -> None:
        """Ask everything under way to end soon."""
        await asyncio.gather(*(pool.stop() for pool in self._pools.values()))

    async def close(self) -> None:
        """Close every instance, and end every process. Idempotent."""
        opened, self._opened = self._opened, []
        await asyncio.gather(*(provider.close() for provider in opened))
        pools, self._pools = list(self._pools.values()), {}
        self._catalogues.clear()
        await asyncio.gather(asyncio.to_thread(self._keep_validated), *(pool.close() for pool in pools))


def _package_schema(package: TerraformPackage, schema: ProviderSchema) -> bytes:
    from stackwright.providers.terraform._package_schema import PackageInfo, package_schema

    info = PackageInfo(
        name=package.name,
        version=package.provider.version,
        publisher=package.provider.namespace,
        parameter=package.parameter,
    )
    return package_schema(schema, info)
