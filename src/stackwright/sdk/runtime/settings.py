"""
Settings of the deployment that the current code belongs to (sdk.md §16).

A face on `stackwright.sdk._session`, which holds the state: `SETTINGS` always shows
the current one, wherever it was imported.
"""

from __future__ import annotations

import copy
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from stackwright.environment import ENABLE_LEGACY_APPLY
from stackwright.goals import PackageRequest, Parameterization
from stackwright.lazy import LazyModule
from stackwright.monitor import Monitor
from stackwright.sdk import _session
from stackwright.sdk._session import Session
from stackwright.sdk.errors import RunError
from stackwright.sdk.runtime._speaking import monitor_of, original
from stackwright.sdk.runtime.rpc_manager import RPCManager

if TYPE_CHECKING:
    import asyncio

    import grpc

    from stackwright.sdk.resource import Resource
else:
    asyncio = LazyModule("asyncio")

ROOT: ContextVar[Resource | None] = ContextVar("stackwright_root_outside", default=None)
"""Known by this name; the root resource is part of the deployment: see `get_root_resource`."""

excessive_debug_output = False
"""Known by this name; what is to be shown of debugging is for the engine to decide."""


class Settings:
    """
    What a program knows of its deployment. Making one makes it current.

    *monitor* is the deployment itself, or the address of an engine in another process: language
    hosts give that, with *engine* as the address for messages. Any other *engine* is accepted for
    the sake of existing callers; messages go to the monitor.
    """

    def __init__(
        self,
        project: str | None,
        stack: str | None,
        monitor: Any = None,
        engine: Any = None,
        parallel: int | None = None,
        dry_run: bool | None = None,
        legacy_apply_enabled: bool | None = None,
        organization: str | None = None,
        root_directory: str | None = None,
    ) -> None:
        if isinstance(monitor, str):
            from stackwright.sdk._remotely import AddressedMonitor

            address = engine if isinstance(engine, str) else ""
            monitor = AddressedMonitor(
                monitor,
                engine=address,
                project=project or "",
                stack=stack or "",
                organization=organization or "",
                root_directory=root_directory or "",
                dry_run=bool(dry_run),
                parallel=parallel or 1,
            )
        self._session = Session(
            monitor=monitor_of(monitor),
            project=project,
            stack=stack,
            organization=organization,
            root_directory=root_directory,
            parallel=parallel,
            dry_run=bool(dry_run),
            legacy_apply=(
                ENABLE_LEGACY_APPLY.value() if legacy_apply_enabled is None else legacy_apply_enabled
            ),
        )
        self._session.engine = None if isinstance(engine, str) else engine
        _session.enter(self._session)

    def _now(self) -> Session:
        return self._session

    @property
    def project(self) -> str | None:
        """The project's name, if one was given."""
        return self._now().project

    @project.setter
    def project(self, value: str | None) -> None:
        self._now().project = value

    @property
    def stack(self) -> str | None:
        """The stack's name, if one was given."""
        return self._now().stack

    @stack.setter
    def stack(self, value: str | None) -> None:
        self._now().stack = value

    @property
    def organization(self) -> str | None:
        """The organization's name, if one was given."""
        return self._now().organization

    @organization.setter
    def organization(self, value: str | None) -> None:
        self._now().organization = value

    @property
    def root_directory(self) -> str | None:
        """The folder of the project file, if one was given."""
        return self._now().root_directory

    @root_directory.setter
    def root_directory(self, value: str | None) -> None:
        self._now().root_directory = value

    @property
    def parallel(self) -> int | None:
        """How many operations may run at once, if that was said."""
        return self._now().parallel

    @parallel.setter
    def parallel(self, value: int | None) -> None:
        self._now().parallel = value

    @property
    def monitor(self) -> Monitor | None:
        """The deployment, or None outside of any."""
        return original(self._now().monitor)  # type: ignore[no-any-return] # see `monitor_of`

    @monitor.setter
    def monitor(self, value: Any) -> None:
        self._now().monitor = monitor_of(value)

    @property
    def dry_run(self) -> bool:
        """Whether this is a preview."""
        return self._now().dry_run

    @dry_run.setter
    def dry_run(self, value: bool | None) -> None:
        self._now().dry_run = bool(value)

    @property
    def legacy_apply_enabled(self) -> bool:
        """Whether inputs count as outputs in previews."""
        return self._now().legacy_apply

    @legacy_apply_enabled.setter
    def legacy_apply_enabled(self, value: bool | None) -> None:
        self._now().legacy_apply = bool(value)

    @property
    def engine(self) -> Any:
        """What messages go to: what was given, else the deployment."""
        session = self._now()
        return session.engine if session.engine is not None else original(session.monitor)

    @engine.setter
    def engine(self, value: Any) -> None:
        self._now().engine = value

    @property
    def outputs(self) -> Any:
        """The outputs that are to be waited for."""
        return self._now().open

    @property
    def package_refs(self) -> dict[Any, Any]:
        """Packages that were announced, with their references."""
        return self._now().package_refs

    @property
    def base_providers_by_ref(self) -> dict[str, str]:
        """The base packages of extension packages, by package reference."""
        return self._now().base_providers

    @property
    def monitor_features(self) -> set[int]:
        """The features that the deployment understands, by their numbers."""
        session = self._now()
        return {number for number, name in FEATURE_NAMES.items() if session.supports(name)}

    @monitor_features.setter
    def monitor_features(self, value: set[int]) -> None:
        self._now().have_features({name: number in value for number, name in FEATURE_NAMES.items()})

    @property
    def lock(self) -> asyncio.Lock:
        """For callers that want their requests one after the other."""
        session = self._now()
        lock: asyncio.Lock = session.lock or asyncio.Lock()
        session.lock = lock
        return lock

    @property
    def callbacks(self) -> None:
        """The server of callbacks: there is none, functions are called where they are."""
        return

    def __repr__(self) -> str:
        return (
            f"<class Settings[engine={self.engine!r} monitor={self.monitor!r} "
            f"project={self.project!r} stack={self.stack!r}>"
        )

    @property
    def rpc_manager(self) -> RPCManager:
        """The outstanding requests."""
        return RPCManager._of(self._now())

    def __deepcopy__(self, _: dict[int, Any]) -> Settings:
        session = self._now()
        copied = object.__new__(Settings)
        copied._session = copy.copy(session)
        return copied


class _CurrentSettings(Settings):
    """The settings of whoever asks, at the moment of asking."""

    def __init__(self) -> None:
        return

    def _now(self) -> Session:
        return _session.current()


SETTINGS = _CurrentSettings()


def configure(settings: Settings) -> None:
    """Make *settings* the current ones."""
    if not isinstance(settings, Settings):
        raise TypeError("Settings is expected to be non-None and of type Settings")
    _session.enter(settings._now())


def reset_options(
    project: str | None = None,
    stack: str | None = None,
    root_directory: str | None = None,
    parallel: int | None = None,
    engine_address: str | None = None,
    monitor_address: str | None = None,
    preview: bool | None = None,
    organization: str | None = None,
) -> None:
    """Start over: other settings, no root resource."""
    configure(
        Settings(
            project=project,
            stack=stack,
            monitor=monitor_address,
            engine=engine_address,
            parallel=parallel,
            dry_run=preview,
            organization=organization,
            root_directory=root_directory,
        )
    )


def is_dry_run() -> bool:
    """Whether this is a preview: nothing is changed, and not all is known."""
    return _session.facts().dry_run


def is_legacy_apply_enabled() -> bool:
    """Whether inputs count as outputs in previews."""
    return _session.current().legacy_apply


def get_project() -> str:
    """The name of the project."""
    return _session.facts().project or _session.DEFAULT_PROJECT


def _set_project(v: str | None) -> None:
    """Say what the project is called: suites do, under this name."""
    SETTINGS.project = v


def get_stack() -> str:
    """The name of the stack."""
    return _session.facts().stack or _session.DEFAULT_STACK


def _set_stack(v: str | None) -> None:
    """Say what the stack is called: suites do, under this name."""
    SETTINGS.stack = v


def _get_rpc_manager() -> RPCManager:
    """What is outstanding; suites empty it between their tests."""
    return SETTINGS.rpc_manager


def get_organization() -> str:
    """The name of the organization that the stack belongs to."""
    return _session.facts().organization or _session.DEFAULT_ORGANIZATION


def get_root_directory() -> str:
    """The folder of the project file."""
    return _session.facts().root_directory or _session.DEFAULT_ROOT


def get_monitor() -> Monitor | None:
    """The deployment, or None outside of any."""
    return original(_session.current().monitor)  # type: ignore[no-any-return] # see `monitor_of`


def get_engine() -> Any:
    """What messages go to; here, the deployment itself."""
    return SETTINGS.engine


def get_root_resource() -> Resource | None:
    """The stack's own resource, if there is one yet."""
    return _session.current().root  # type: ignore[return-value] # the base is the same object


def set_root_resource(root: Resource) -> None:
    """Make *root* the stack's own resource."""
    _session.current().root = root


FEATURE_NAMES = {
    0: "secrets",
    1: "resourceReferences",
    2: "outputValues",
    3: "aliasSpecs",
    4: "replacementTrigger",
    5: "deletedWith",
    6: "replaceWith",
    7: "transforms",
    8: "invokeTransforms",
    9: "parameterization",
    10: "resourceHooks",
    11: "errorHooks",
    12: "sendsOptionsToHooks",
    13: "byteString",
    14: "invokeDependsOn",
    15: "invokeParent",
    16: "stateMigrations",
    17: "invokeOutputValues",
    18: "callOutputValues",
}
"""Feature names by their numbers (protocol.md §10.1)."""


def monitor_supports_feature(feature: int | str) -> bool:
    """Whether the deployment understands a feature, by number or name."""
    name = feature if isinstance(feature, str) else FEATURE_NAMES.get(int(feature), "")
    return _session.current().supports(name)


async def _load_monitor_feature_support() -> None:
    """Suites await this before they register packages; here features are asked for when they are needed."""


def require_pulumi_version(rg: str) -> None:
    """
    Refuse to run under an engine whose version is not in the range *rg*.

    An engine in another process is asked. Stackwright itself speaks the protocol of the versions in
    `COMPATIBLE_VERSION`'s line, so the range is compared with that.
    """
    session = _session.current()
    if hasattr(session.engine, "RequirePulumiVersion"):
        _ask_engine_for_version(session.engine, rg)
        return
    if session.monitor is None:
        return
    require = getattr(session.monitor, "require_version", None)
    if require is not None:
        require(rg).wait()
        return
    from stackwright.sdk.runtime._versions import COMPATIBLE_VERSION, in_range

    if not in_range(COMPATIBLE_VERSION, rg):
        raise Exception(  # noqa: TRY002 # what programs expect here
            f"Pulumi CLI version {COMPATIBLE_VERSION} does not satisfy the version range {rg!r}: "
            "this program asks for an engine that Stackwright does not stand in for"
        )


def _ask_engine_for_version(engine: Any, rg: str) -> None:
    """As a test suite has it that brings an engine of its own."""
    import grpc

    from stackwright.sdk.runtime.proto import engine_pb2

    try:
        engine.RequirePulumiVersion(engine_pb2.RequirePulumiVersionRequest(pulumi_version_range=rg))
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNIMPLEMENTED:
            raise Exception(  # noqa: TRY002 # what programs expect here
                "The engine cannot be asked for its version: upgrade it"
            ) from None
        raise grpc_error_to_exception(error) from None


async def register_package(
    base_provider_name: str,
    base_provider_version: str,
    base_provider_download_url: str,
    package_name: str,
    package_version: str,
    base64_parameter: str,
    extension: bool = False,
) -> str:
    """Announce a parameterized package, once for each deployment; answers the reference to it (§16)."""
    session = _session.current()
    key = (
        base_provider_name,
        base_provider_version,
        base_provider_download_url,
        package_name,
        package_version,
        base64_parameter,
        extension,
    )
    known = session.package_refs.get(key)
    if known is None:
        if session.monitor is None:
            raise Exception(  # noqa: TRY002 # edge case 105
                "No monitor available to register a package with: run this program with `stackwright`"
            )
        if not session.supports("parameterization"):
            raise Exception(  # noqa: TRY002 # edge case 105
                "The engine does not support parameterization. Update it to use parameterized packages"
            )
        import base64

        parameter = Parameterization(
            name=package_name, version=package_version, value=base64.b64decode(base64_parameter)
        )
        base = PackageRequest(
            name=base_provider_name,
            version=base_provider_version,
            download_url=base_provider_download_url,
            parameterization=None if extension else parameter,
        )
        wanted = (
            PackageRequest(
                name=base_provider_name,
                version=base_provider_version,
                download_url=base_provider_download_url,
                parameterization=parameter,
            )
            if extension
            else None
        )
        known = session.package_refs[key] = session.monitor.register_package(base, extension=wanted)
    reference = str(await known)
    if extension:
        session.base_providers[reference] = base_provider_name
    return reference


def get_base_provider_for_ref(package_ref: str | None) -> str | None:
    """The base package of the extension package with this reference; None if it is none."""
    return None if package_ref is None else _session.current().base_providers.get(package_ref)


def grpc_error_to_exception(exn: grpc.RpcError) -> Exception:
    """What a failed call to another engine means to the program."""
    code = exn.code() if hasattr(exn, "code") else None
    # The other side has gone: it has told the user why, so no traceback.
    if code is not None and code.name == "UNAVAILABLE":
        return RunError("The engine has shut down: it can no longer be asked for resources")
    details = exn.details() if hasattr(exn, "details") else None
    return Exception(details or str(exn))


def handle_grpc_error(exn: grpc.RpcError) -> NoReturn:
    """Raise what a failed call to another engine means to the program."""
    raise grpc_error_to_exception(exn) from exn
