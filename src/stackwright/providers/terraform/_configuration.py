"""
A provider's own configuration (terraform.md §5.2, §8.15).

It is checked once for each that there is: a large provider takes seconds for that, so
what was found to be right is remembered beside its schema. It is taken when something
first needs it: checking resources and calling functions do not.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stackwright.providers._interface import CheckResult, DiffChanges, DiffResult
from stackwright.providers.terraform._convert import to_config
from stackwright.providers.terraform._msgpack import encode_msgpack
from stackwright.providers.terraform._said import failures, mask_of
from stackwright.providers.terraform._session import Session, TerraformError
from stackwright.providers.terraform._shared import shared
from stackwright.providers.terraform._values import TfValue, contains_unknown
from stackwright.values import PropertyMap, diff_properties, parse_path, seal

if TYPE_CHECKING:
    from stackwright.providers._interface import CheckConfigRequest, ConfigureRequest, DiffConfigRequest

ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL", "name", "parameterization", "__internal"})
"""Inputs of a provider resource that belong to the engine (§8.7)."""


class CheckedConfigurations:
    """Remembers which configurations a provider found nothing wrong with. The default remembers nothing."""

    def __init__(
        self,
        *,
        known: Callable[[str], bool] = lambda _: False,
        remember: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.known = known
        self.remember = remember


class Configuration:
    """Checks and takes the configuration of one provider instance."""

    def __init__(self, session: Session, checked: CheckedConfigurations) -> None:
        self._session = session
        self._checked = checked
        self._shape = session.catalogue.provider()
        self._config: dict[str, TfValue] | None = None
        self._configuring: asyncio.Future[None] | None = None

    async def check(self, request: CheckConfigRequest) -> CheckResult:
        """See `Provider.check_config`."""
        session, shape = self._session, self._shape
        mask = mask_of(shape, request.news)
        converted = to_config(shape, _own(request.news), texts_are_json=True)
        found = list(converted.failures)
        if not found:
            key = await asyncio.to_thread(self._key, converted.config)
            if key is None or not await asyncio.to_thread(self._checked.known, key):
                with session.explained(shape, mask):
                    answer = await session.client.prepare_config(converted.config)
                session.warn_all(answer.diagnostics, shape, mask, request.urn)
                found += failures(answer.diagnostics, shape, mask)
                if key is not None and not answer.diagnostics:
                    await asyncio.to_thread(self._checked.remember, key)
        sealed = {
            name: seal(value)
            for name, value in request.news.items()
            if (field := shape.by_property.get(name)) is not None and field.sensitive
        }
        return CheckResult(inputs={**request.news, **sealed}, failures=tuple(found))

    def _key(self, config: dict[str, TfValue]) -> str | None:
        """A name for a configuration that gives nothing of it away; None while it is not all known."""
        if contains_unknown(config):
            return None
        data = encode_msgpack(config, self._session.catalogue.schema.provider.type)
        if all(value is None for value in config.values()):
            return hashlib.sha256(data).hexdigest()[:40]  # nothing is set, and nothing to be guessed
        # Slow on purpose: what is remembered must not help to guess a password.
        return hashlib.scrypt(data, salt=b"stackwright provider configuration", n=2**12, r=8, p=1).hex()[:40]

    async def diff(self, request: DiffConfigRequest) -> DiffResult:
        """Another configuration is an update: the protocol does not say what would be more (§8.10)."""
        found = diff_properties(_own(request.old_inputs), _own(request.news))
        if not found:
            return DiffResult(changes=DiffChanges.NONE, detailed={})
        keys = tuple(dict.fromkeys(str(parse_path(path)[0]) for path in found))
        return DiffResult(changes=DiffChanges.SOME, diffs=keys, detailed=found)

    async def configure(self, request: ConfigureRequest) -> None:
        """Keep the configuration; whoever needs it calls `needed`."""
        inputs = _own(request.inputs)
        converted = to_config(self._shape, inputs, texts_are_json=True)
        if converted.failures:
            raise TerraformError("\n".join(f"{each.property}: {each.reason}" for each in converted.failures))
        self._config = converted.config
        self._session.mask = mask_of(self._shape, inputs)

    async def needed(self) -> None:
        """
        Have the provider take its configuration, if it has not yet.

        Raises:
            TerraformError: It refuses.
        """
        if self._configuring is None:
            self._configuring = shared(self._configure())
        await asyncio.shield(self._configuring)

    async def _configure(self) -> None:
        session = self._session
        if self._config is None:
            raise TerraformError(f"The provider `{session.provider.type}` is used before it is configured")
        with session.explained(self._shape, session.mask):
            answer = await session.client.configure(self._config)
        session.warn_all(answer.diagnostics, self._shape, session.mask)
        if answer.failed:
            raise session.refusal(answer.diagnostics, self._shape, session.mask)

    def in_terraform(self) -> PropertyMap:
        """The configuration as Terraform has it (§8.15): its names, and nulls left out."""
        config = self._config or {}
        return {name: value for name, value in config.items() if value is not None}


def _own(inputs: PropertyMap) -> PropertyMap:
    """The inputs that are the provider's."""
    return {key: value for key, value in inputs.items() if key not in ENGINE_KEYS}
