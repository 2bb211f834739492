"""
Provider resources and the instances behind them (engine.md §2.4).

A provider is a resource like others, only that its «provider» is this registry:
checking it loads a plugin, creating it configures the instance, and everything
that refers to it by URN and id finds that instance here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping

from stackwright.engine._packages import MalformedPackageError, package_of_inputs, strip_internal
from stackwright.engine.apply._extensions import Extensions
from stackwright.engine.apply._unconfigured import UnconfiguredProvider
from stackwright.goals import CheckFailure
from stackwright.providers import (
    CheckConfigRequest,
    CheckResult,
    ConfigureRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffResult,
    Provider,
    ProviderError,
    ProviderHost,
)
from stackwright.state import ResourceState
from stackwright.urn import UNKNOWN_ID, ProviderReference, Urn, parse_provider_reference
from stackwright.values import PropertyMap, contains_unknowns, values_equal


class UnknownProviderError(ProviderError):
    """A resource refers to a provider that is neither registered nor recorded (2007)."""

    code = "unknown-provider"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"unknown provider '{reference}'",
            hint="Was it created with another stack, or removed from the state by hand?",
        )


class ProviderRegistry:
    """
    The provider instances of one deployment.

    *recorded* answers what the base state holds for a provider's URN and id, for
    resources whose provider the program did not register (E51); *extensions* are what
    providers may have to learn first.
    """

    def __init__(
        self,
        host: ProviderHost,
        *,
        preview: bool,
        recorded: Callable[[Urn, str], ResourceState | None],
        builtin: Provider,
        extensions: Extensions | None = None,
    ) -> None:
        self._host = host
        self._preview = preview
        self._recorded = recorded
        self._builtin = builtin
        self.extensions = extensions or Extensions({})
        self._checked: dict[Urn, Provider] = {}
        self._configured: dict[ProviderReference, Provider] = {}
        self._loading: dict[ProviderReference, asyncio.Future[Provider]] = {}
        self._aliases: dict[Urn, Urn] = {}

    # Provider resources -------------------------------------------------------------------------

    async def check(self, urn: Urn, type_: str, olds: PropertyMap, news: PropertyMap) -> CheckResult:
        """Load the plugin and let it check its configuration (E43)."""
        try:
            provider = await self._load(type_, news)
        except MalformedPackageError as error:
            return CheckResult(inputs=news, failures=(CheckFailure(error.property, error.message),))
        result = await provider.check_config(
            CheckConfigRequest(urn=urn, olds=strip_internal(olds), news=strip_internal(news))
        )
        inputs = dict(result.inputs)
        for key in ("version", "__internal"):
            if key in news:
                if key == "version" and key in inputs and not values_equal(inputs[key], news[key]):
                    failure = CheckFailure(key, "the provider changed its own version")
                    await provider.close()
                    return CheckResult(inputs=news, failures=(*result.failures, failure))
                inputs[key] = news[key]
        if result.failures:
            await provider.close()
            return CheckResult(inputs=inputs, failures=result.failures)
        await self._drop_checked(urn)
        self._checked[urn] = provider
        return CheckResult(inputs=inputs)

    async def diff(
        self, urn: Urn, *, old: ResourceState, news: PropertyMap, ignore_changes: tuple[str, ...] = ()
    ) -> DiffResult:
        """
        What changed configuration means (E44).

        A provider that cannot tell is compared by its recorded outputs. When the answer
        requires replacement the loaded instance is given up: its successor is checked afresh.
        """
        provider = self._checked.get(urn) or self._configured.get(ProviderReference(urn, old.id))
        if provider is None:
            raise UnknownProviderError(f"{urn}::{old.id}")
        filtered = strip_internal(news)
        result = await provider.diff_config(
            DiffConfigRequest(
                urn=urn,
                old_inputs=strip_internal(old.inputs),
                old_outputs=strip_internal(old.outputs),
                news=filtered,
                ignore_changes=ignore_changes,
            )
        )
        if result.changes is DiffChanges.UNKNOWN:
            same = values_equal(strip_internal(old.outputs), filtered)
            return DiffResult(changes=DiffChanges.NONE if same else DiffChanges.SOME)
        return result

    async def drop(self, urn: Urn) -> None:
        """Give up what `check` loaded, because a replacement will check afresh (E44)."""
        await self._drop_checked(urn)

    async def _drop_checked(self, urn: Urn) -> None:
        provider = self._checked.pop(urn, None)
        if provider is not None:
            await provider.close()

    async def create(self, urn: Urn, type_: str, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """Configure the checked instance; answers its new id and its outputs (E47)."""
        provider = self._checked.pop(urn, None) or await self._load(type_, inputs)
        id_ = UNKNOWN_ID if self._preview else str(uuid.uuid4())
        self._file(urn, id_, await self._configure(provider, urn, id_, inputs))
        return id_, strip_internal(inputs)

    async def update(self, urn: Urn, type_: str, id_: str, inputs: PropertyMap) -> PropertyMap:
        """Configure the checked instance under the id it has; whatever was there is closed (E48)."""
        provider = self._checked.pop(urn, None) or await self._load(type_, inputs)
        configured = await self._configure(provider, urn, id_, inputs)
        former = self._configured.get(ProviderReference(urn, id_))
        self._file(urn, id_, configured)
        if former is not None:
            await former.close()
        return strip_internal(inputs)

    async def same(self, urn: Urn, old: ResourceState) -> None:
        """Make an unchanged provider available, configured with its *old* inputs (E45, E46)."""
        reference = ProviderReference(urn, old.id)
        if reference in self._configured:
            await self._drop_checked(urn)
            return
        provider = self._checked.pop(urn, None) or await self._load(old.type, old.inputs)
        self._file(urn, old.id, await self._configure(provider, urn, old.id, old.inputs))

    async def delete(self, urn: Urn, id_: str) -> None:
        """Close the instance; nothing happens when it was never loaded (E49)."""
        if self._preview:
            return
        provider = self._configured.pop(ProviderReference(urn, id_), None)
        if provider is not None:
            await provider.close()

    def alias(self, old: Urn, new: Urn) -> None:
        """References to *old* mean *new* from now on (E50)."""
        self._aliases[old] = new

    # References ---------------------------------------------------------------------------------

    def is_loaded(self, reference: str) -> bool:
        """Whether the instance is there already, so that asking for it costs nothing."""
        return self._resolve(reference) in self._configured

    def _resolve(self, reference: str) -> ProviderReference:
        parsed = parse_provider_reference(reference)
        new = self._aliases.get(parsed.urn)
        return parsed if new is None else ProviderReference(new, parsed.id)

    async def provider(self, reference: str, extension: str = "") -> Provider:
        """
        The instance that *reference* names, loaded from the base state when need be (E51).

        It has learnt *extension*, the reference of one, if any is named (E137).

        Raises:
            UnknownProviderError: It is neither registered nor recorded.
            ProviderError: It could not be loaded or configured, or does not take the extension.
        """
        provider = await self._instance(reference)
        if extension:
            await self.extensions.teach(provider, extension)
        return provider

    async def _instance(self, reference: str) -> Provider:
        parsed = self._resolve(reference)
        provider = self._configured.get(parsed)
        if provider is not None:
            return provider
        loading = self._loading.get(parsed)
        if loading is None:
            loading = asyncio.ensure_future(self._load_recorded(reference, parsed))
            self._loading[parsed] = loading
        return await asyncio.shield(loading)

    async def _load_recorded(self, reference: str, parsed: ProviderReference) -> Provider:
        old = self._recorded(parsed.urn, parsed.id)
        if old is None:
            original = parse_provider_reference(reference)
            old = self._recorded(original.urn, original.id)
        if old is None:
            raise UnknownProviderError(reference)
        provider = await self._load(old.type, old.inputs)
        configured = await self._configure(provider, old.urn, old.id, old.inputs)
        # The program may have registered it meanwhile: then that instance stands.
        already = self._configured.get(parsed)
        if already is not None:
            await configured.close()
            return already
        self._configured[parsed] = configured
        return configured

    # Instances ----------------------------------------------------------------------------------

    async def _load(self, type_: str, inputs: PropertyMap) -> Provider:
        request, environment = package_of_inputs(type_, inputs)
        if request.package == "pulumi":
            return self._builtin
        return await self._host.load(request, environment=environment)

    async def _configure(self, provider: Provider, urn: Urn, id_: str, inputs: PropertyMap) -> Provider:
        if self._preview and any(contains_unknowns(value) for value in inputs.values()):
            return UnconfiguredProvider(provider)
        await provider.configure(ConfigureRequest(urn=urn, id=id_, inputs=strip_internal(inputs)))
        return provider

    def _file(self, urn: Urn, id_: str, provider: Provider) -> None:
        self._configured[ProviderReference(urn, id_)] = provider

    @property
    def loaded(self) -> Mapping[ProviderReference, Provider]:
        """The instances that are ready, by reference."""
        return self._configured
