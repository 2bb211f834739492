"""What the hosts of providers written in Python have in common: all but the resources."""

from __future__ import annotations

from typing import Any, ClassVar

from stackwright.goals import CallResult, InvokeResult, Parameterization
from stackwright.providers._interface import (
    CallRequest,
    CheckConfigRequest,
    CheckResult,
    ConfigureRequest,
    ConstructRequest,
    ConstructResult,
    DiffConfigRequest,
    DiffResult,
    InvokeRequest,
    ProviderInfo,
    UnimplementedError,
)
from stackwright.providers.python._calls import Calls
from stackwright.sdk.dynamic import Config
from stackwright.values import reveal


class PythonHost:
    """The part of a `Provider` that is the same whatever manages the resources. *calls* runs users' code."""

    package: ClassVar[str]
    version: ClassVar[str] = ""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._config: dict[str, Any] = {}

    @property
    def configuration(self) -> Config:
        """The stack's configuration, as users' providers get it."""
        return Config(self._config, self._calls.project)

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name=self.package, version=self.version, source="embedded")

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return b"{}"

    async def parameterize(self, value: Parameterization) -> Parameterization:
        raise UnimplementedError(f"The package `{self.package}` takes no parameter")

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return CheckResult(inputs=request.news)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        """Configuration is for `configure`, which sees the new one: no resource is replaced for it."""
        return DiffResult()

    async def configure(self, request: ConfigureRequest) -> None:
        self._config = {key: reveal(value) for key, value in request.inputs.items()}
        self._calls.configure(self._config)

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        raise UnimplementedError(f"The package `{self.package}` has no function `{request.token}`")

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise UnimplementedError(f"The package `{self.package}` has no component `{request.type}`")

    async def call(self, request: CallRequest) -> CallResult:
        raise UnimplementedError(f"The package `{self.package}` has no method `{request.token}`")

    async def cancel(self) -> None:
        """Nothing can stop Python code that runs; what is under way ends by itself."""

    async def close(self) -> None:
        self._calls.close()
