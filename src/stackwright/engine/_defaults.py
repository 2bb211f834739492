"""Default providers: registered the first time that something needs one (engine.md §2.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from stackwright.engine._announced import Announced
from stackwright.engine._context import Context
from stackwright.engine._options import Target
from stackwright.engine._packages import default_provider_key, default_provider_name
from stackwright.goals import PackageRequest, Registered, RegisterRequest, ResourceOptions
from stackwright.urn import UNKNOWN_ID, provider_type
from stackwright.values import Secret

DISABLED_KEY = "pulumi:disable-default-providers"

_WITH_ALL_CONFIGURATION = frozenset(
    {"pulumi-python", "khulnasoft-python", "codeinfra-python", "pulumi-nodejs", "stackwright-python"}
)
"""Packages whose providers are users' own code: they get the whole configuration, by full keys."""


class DefaultProviders:
    """
    Answers which default provider serves a package; *register* is the ordinary pipeline (E26).

    """

    def __init__(
        self,
        context: Context,
        register: Callable[[RegisterRequest], Awaitable[Registered]],
        announced: Announced,
    ) -> None:
        self._context = context
        self._register = register
        self._announced = announced
        self._made: dict[Any, asyncio.Future[str]] = {}
        self._denied = _denied_packages(context)

    def is_denied(self, package: str) -> bool:
        """Whether the stack's configuration forbids default providers for *package* (protocol.md §9.1)."""
        return package != "pulumi" and ("*" in self._denied or package in self._denied)

    async def reference(self, request: PackageRequest, *, wanted_by: str) -> str:
        """
        The default provider's reference, registered now if this is the first time (E26, E31).

        Raises `BailError` where default providers are disabled (2015), or it failed.
        """
        if self.is_denied(request.package):
            raise self._context.bail(
                f"Default provider for '{request.package}' disabled. "
                f"{wanted_by} must use an explicit provider.",
                code=2015,
            )
        key = default_provider_key(request)
        made = self._made.get(key)
        if made is None:
            made = asyncio.ensure_future(self._make(request))
            self._made[key] = made
        return await asyncio.shield(made)

    async def _make(self, request: PackageRequest) -> str:
        goal = RegisterRequest(
            type=provider_type(request.package),
            name=default_provider_name(request),
            custom=True,
            inputs=configured_inputs(self._context.target, request.package),
            options=ResourceOptions(
                version=request.version,
                plugin_download_url=request.download_url,
                plugin_checksums=request.checksums,
            ),
            # A parameter travels with the reference that it was announced under, never with options.
            package_ref=self._announced.reference(request),
        )
        registered = await self._register(goal)
        return f"{registered.urn}::{registered.id or UNKNOWN_ID}"


def configured_inputs(target: Target, package: str) -> dict[str, Any]:
    """The stack's configuration for *package*; the dynamic ones get all of it (E32)."""
    dynamic = package in _WITH_ALL_CONFIGURATION
    prefix = "" if dynamic else f"{package}:"
    inputs: dict[str, Any] = {}
    for key, value in target.config.items():
        if key.startswith(prefix):
            name = key if dynamic else key[len(prefix) :]
            inputs[name] = Secret(value) if key in target.config_secret_keys else value
    return inputs


def _denied_packages(context: Context) -> frozenset[str]:
    text = context.target.config.get(DISABLED_KEY, "")
    if not text:
        return frozenset()
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise context.bail(
            f"The configuration value `{DISABLED_KEY}` is to be a JSON list of package names, not {text!r}"
        )
    return frozenset(names)
