"""
`Provider`: what manages real objects, whichever family it comes from.

The engine knows providers only by this. Requests and answers carry values, never
messages of a protocol; adapters translate at the rim. Facts: protocol.md §8,
engine.md §2, §4.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from enum import Enum
from typing import Protocol, runtime_checkable

import msgspec

from stackwright.diagnostics import Diagnostic
from stackwright.errors import StackwrightError
from stackwright.goals import (
    CallResult,
    CheckFailure,
    CustomTimeouts,
    DeploymentInfo,
    InvokeResult,
    PackageRequest,
    Parameterization,
    ResourceOptions,
)
from stackwright.urn import Urn
from stackwright.values import PropertyDiff, PropertyMap, PropertyPath

# Requests ---------------------------------------------------------------------------------------


class AutonamingMode(Enum):
    """How binding a proposed name is (E188)."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


class Autonaming(msgspec.Struct, frozen=True):
    """The physical name the user's configuration wants for a resource."""

    proposed_name: str
    mode: AutonamingMode
    warn_if_unsupported: bool = False


class CheckConfigRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Is this configuration right? `olds` is empty when the provider is new."""

    urn: Urn
    olds: PropertyMap
    news: PropertyMap


class DiffConfigRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What does a change of configuration mean?"""

    urn: Urn
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    news: PropertyMap
    ignore_changes: tuple[str, ...] = ()


class ConfigureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Use this configuration from now on. `inputs` hold no unknowns, and no `__internal`."""

    urn: Urn
    id: str
    inputs: PropertyMap


class CheckRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    Are these inputs right, and what are they with defaults filled in? `seed` is 32 bytes, or empty.

    `timeouts` are the program's, for providers to whom they are inputs like others.
    """

    urn: Urn
    type: str
    olds: PropertyMap
    news: PropertyMap
    seed: bytes
    preview: bool
    autonaming: Autonaming | None = None
    timeouts: CustomTimeouts | None = None


class DiffRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What would it take to get from the old object to the new inputs?"""

    urn: Urn
    type: str
    id: str
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    news: PropertyMap
    preview: bool
    ignore_changes: tuple[str, ...] = ()


class CreateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Make an object. `timeout` is in seconds, 0 leaves it to the provider."""

    urn: Urn
    type: str
    inputs: PropertyMap
    preview: bool
    timeout: float = 0


class ReadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is this object now? `inputs` is None when it is not known (imports)."""

    urn: Urn
    type: str
    id: str
    outputs: PropertyMap
    inputs: PropertyMap | None = None
    timeout: float = 0


class UpdateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Change an object in place."""

    urn: Urn
    type: str
    id: str
    old_inputs: PropertyMap
    old_outputs: PropertyMap
    news: PropertyMap
    preview: bool
    ignore_changes: tuple[str, ...] = ()
    timeout: float = 0


class DeleteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Remove an object."""

    urn: Urn
    type: str
    id: str
    inputs: PropertyMap
    outputs: PropertyMap
    timeout: float = 0


class InvokeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Call a function; `args` hold no unknowns."""

    token: str
    args: PropertyMap
    preview: bool


class ListRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A question for what there is of a type. `limit` 0: all of it."""

    type: str
    query: PropertyMap = {}
    limit: int = 0


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that exists, whoever made it; `id` is what it can be imported by."""

    id: str
    name: str = ""


class GuestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    Do something within a deployment, whose monitor answers at `monitor_address` while this is running.

    What is registered there on behalf of this request names `trace_handle`, which leads to
    the place in the program that it comes from (protocol.md §10.12).
    """

    deployment: DeploymentInfo
    monitor_address: str
    trace_handle: str = ""


class ConstructRequest(GuestRequest, frozen=True, kw_only=True):
    """Build a component; its parts arrive at the monitor."""

    type: str
    name: str
    parent: Urn | None
    inputs: PropertyMap
    input_dependencies: Mapping[str, tuple[Urn, ...]]
    options: ResourceOptions


class CallRequest(GuestRequest, frozen=True, kw_only=True):
    """Call a method of a resource."""

    token: str
    args: PropertyMap
    arg_dependencies: Mapping[str, tuple[Urn, ...]]


# Answers ----------------------------------------------------------------------------------------


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    The inputs with defaults, or what is wrong with them.

    `write_only` are places in `inputs` that the provider needs for its work and that no
    record may hold: the next run's old inputs will not have them.
    """

    inputs: PropertyMap
    failures: tuple[CheckFailure, ...] = ()
    write_only: tuple[PropertyPath, ...] = ()


class DiffChanges(Enum):
    """Whether anything differs; a provider that cannot tell leaves it to the engine (E153)."""

    UNKNOWN = 0
    NONE = 1
    SOME = 2


class DiffResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    What differs (protocol.md §8.9).

    `detailed` is None when the provider gave no detailed diff. `replaces` and `diffs`
    are property names or paths; `stables` are outputs that an update leaves alone.
    """

    changes: DiffChanges = DiffChanges.UNKNOWN
    replaces: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: Mapping[str, PropertyDiff] | None = None

    @property
    def requires_replacement(self) -> bool:
        """E153."""
        return bool(self.replaces) or any(entry.kind.replaces for entry in (self.detailed or {}).values())


class CreateResult(msgspec.Struct, frozen=True, kw_only=True):
    """The new object. In a preview the id may be empty and outputs may hold unknowns."""

    id: str
    outputs: PropertyMap
    refresh_before_update: bool = False


class ReadResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    The object as it is. An empty `id`, or `outputs` None, says that it does not exist.

    `inputs` None: the provider cannot tell them, so it cannot import.
    """

    id: str
    outputs: PropertyMap | None
    inputs: PropertyMap | None = None
    refresh_before_update: bool = False

    @property
    def exists(self) -> bool:
        return bool(self.id) and self.outputs is not None


class UpdateResult(msgspec.Struct, frozen=True, kw_only=True):
    """The object after the change."""

    outputs: PropertyMap
    refresh_before_update: bool = False


class ConstructResult(msgspec.Struct, frozen=True, kw_only=True):
    """The component that was built, its outputs and what each of them depends on."""

    urn: Urn
    outputs: PropertyMap
    dependencies: Mapping[str, tuple[Urn, ...]] = {}


class ProviderInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who this provider is. `version` is empty when it does not say."""

    name: str
    version: str = ""
    source: str = ""
    """For people: `embedded`, or where the plugin was found."""


# Errors -----------------------------------------------------------------------------------------


class ResourceStatus(Enum):
    """What a failed call leaves behind; the numbers are those of events (E55)."""

    OK = 0
    """Nothing changed."""
    PARTIAL_FAILURE = 1
    """The object exists, but is not what was asked for."""
    UNKNOWN = 2
    """Nobody knows: it may have changed, or not."""


class ProviderError(StackwrightError):
    """A provider could not do what it was asked to."""

    code = "provider"

    def __init__(
        self,
        message: str,
        *,
        status: ResourceStatus = ResourceStatus.OK,
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, detail=detail, hint=hint)
        self.status = status


class InitFailedError(ProviderError):
    """
    The object was made or changed, and then did not become healthy (protocol.md §6.2).

    It is recorded with `reasons` as its initialisation errors; the step fails.
    """

    code = "init-failed"

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - the protocol's word
        outputs: PropertyMap,
        inputs: PropertyMap | None = None,
        reasons: tuple[str, ...] = (),
        refresh_before_update: bool = False,
    ) -> None:
        text = "; ".join(reasons) or "resource init failed"
        super().__init__(text, status=ResourceStatus.PARTIAL_FAILURE)
        self.id = id
        self.outputs = outputs
        self.inputs = inputs
        self.reasons = reasons
        self.refresh_before_update = refresh_before_update


class InvalidInputsError(ProviderError):
    """The provider names the inputs that are wrong (protocol.md §6.3)."""

    code = "invalid-inputs"

    def __init__(self, message: str, failures: tuple[CheckFailure, ...]) -> None:
        super().__init__(message)
        self.failures = failures


class MissingConfigurationError(ProviderError):
    """The provider cannot be configured without these keys; pairs of name and description (§6.4)."""

    code = "missing-configuration"

    def __init__(self, package: str, keys: tuple[tuple[str, str], ...]) -> None:
        super().__init__(
            "\n".join(
                f'missing required configuration key "{package}:{name}": {text}' for name, text in keys
            ),
            hint=f"Set it with `stackwright config set {package}:{keys[0][0]} <value>`" if keys else None,
        )
        self.keys = keys


class UnimplementedError(ProviderError):
    """The provider has no such method, resource type or function."""

    code = "unimplemented"


class ProviderGoneError(ProviderError):
    """
    The provider's process ended, or never came up.

    `detail` holds what it printed last; `status` is UNKNOWN when a call was under way.
    """

    code = "provider-gone"


# The interface ----------------------------------------------------------------------------------


class Provider(Protocol):
    """
    One provider instance: unconfigured at first, then configured once.

    Obligations of an implementation:

    * Calls for different resources may come at the same time, on one event loop. Work
      that blocks goes to a thread of the implementation's own.
    * `check*`, `diff*`, `read`, `invoke`, `schema` and `info` change nothing in the world
      and may be repeated. `create`, `update` and `delete` with `preview` change nothing.
    * `create`, `update` and `delete` are called once for each intended change. After an
      error whose status is OK the same call may be made again.
    * Secrets given in come back as secrets wherever their value shows up again.
    * Inputs given are never changed in place.
    * Every failure is a `ProviderError`; `configure`'s failure may also surface from the
      first call that needs it.
    """

    async def info(self) -> ProviderInfo:
        """Name, version and origin. Never configures, never waits for configuration."""
        ...

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        """The package's schema as JSON (packages.md §1); for a parameterised package, name it."""
        ...

    async def parameterize(self, value: Parameterization) -> Parameterization:
        """
        Become another package, before `configure`; or learn what extends this one, at any time.

        Answers the name and version that it has now, or of what it has learnt.
        """
        ...

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        """Validate configuration and fill in defaults; may hold unknowns."""
        ...

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        """Say whether changed configuration means new resources; UNKNOWN if it cannot tell."""
        ...

    async def configure(self, request: ConfigureRequest) -> None:
        """Take configuration; called at most once, before any call on resources."""
        ...

    async def check(self, request: CheckRequest) -> CheckResult:
        """
        Validate a resource's inputs and fill in defaults.

        Idempotent: checking its own answer with the same seed changes nothing. In a preview
        inputs may hold unknowns, which are passed on and never fail.
        """
        ...

    async def diff(self, request: DiffRequest) -> DiffResult:
        """Compare the recorded object with checked new inputs."""
        ...

    async def create(self, request: CreateRequest) -> CreateResult:
        """
        Make the object.

        Raises:
            InitFailedError: It exists, but is not healthy.
            ProviderError: With the status telling whether it may exist.
        """
        ...

    async def read(self, request: ReadRequest) -> ReadResult:
        """Look at the object. That it is gone is an answer, not an error."""
        ...

    async def update(self, request: UpdateRequest) -> UpdateResult:
        """Change the object in place; its id stays. Raises like `create`."""
        ...

    async def delete(self, request: DeleteRequest) -> None:
        """
        Remove the object. That it is gone already is success.

        Raises:
            InitFailedError: It is there still, as the error says, and not as it was recorded.
            ProviderError: It is there still, as it was, if the status is OK.
        """
        ...

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Call a function; wrong arguments come back as failures."""
        ...

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        """Build a component by registering its parts with the monitor named in the request."""
        ...

    async def call(self, request: CallRequest) -> CallResult:
        """Call a method of a resource."""
        ...

    async def cancel(self) -> None:
        """Ask whatever is under way to end soon. Advisory; returns at once; never fails."""
        ...

    async def close(self) -> None:
        """Give up processes and connections. Idempotent; nothing is called afterwards."""
        ...


@runtime_checkable
class ForeseesUnconfigured(Protocol):
    """
    A `Provider` that checks, and says what would be made, before it is configured.

    For previews in which its configuration is not known yet; others are not asked then.
    """

    async def check(self, request: CheckRequest) -> CheckResult:
        """As `Provider.check`."""
        ...

    async def foresee(self, request: CreateRequest) -> PropertyMap:
        """The outputs of a new object as far as its inputs tell; the rest is unknown."""
        ...


class LikelyId(msgspec.Struct, frozen=True):
    """An id that `Provider.read` takes, and the inputs that it is made of."""

    id: str
    inputs: tuple[str, ...]


@runtime_checkable
class KnowsIds(Protocol):
    """A `Provider` that knows under which id some objects are found before they are made."""

    def likely_ids(self, type_: str, inputs: PropertyMap) -> tuple[LikelyId, ...]:
        """The ids that an object of *inputs* has, if it was made; none where nobody can tell."""
        ...


@runtime_checkable
class ListsResources(Protocol):
    """A `Provider` that finds what exists, so that it can be imported."""

    def list_resources(self, request: ListRequest) -> AsyncGenerator[Listed, None]:
        """
        What there is, as it is found. Changes nothing.

        Raises:
            UnimplementedError: This provider does not list resources of that type.
            InvalidInputsError: The query is wrong.
        """
        ...


class ProviderHost(Protocol):
    """Finds providers and keeps them: what the engine asks for a provider instance."""

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> Provider:
        """
        A new, unconfigured instance for *request*, parameterised if it says so.

        *environment* maps NEW variable names to OLD ones (E37).

        Raises:
            ProviderNotFoundError: No embedded provider and no plugin fits; says where it looked.
            ProviderGoneError: The plugin did not come up.
        """
        ...

    async def cancel(self) -> None:
        """Ask every living provider to stop soon (E255)."""
        ...

    async def close(self) -> None:
        """Close every provider that was loaded; nothing stays behind."""
        ...


class ProviderNotFoundError(ProviderError):
    """There is no provider for a package."""

    code = "provider-not-found"


class ProviderMissingError(ProviderNotFoundError):
    """It is nowhere on this machine: what an installation would mend."""


class Acquirer(Protocol):
    """Installs what is missing while an operation runs (protocol.md §7.4)."""

    def acquire(self, request: PackageRequest, problem: ProviderMissingError, /) -> None:
        """
        Install what *request* means and what *problem* says is missing; it can be found afterwards.

        Blocks, and is called in threads of their own.

        Raises:
            ProviderMissingError: It may not, or cannot be installed; says why, and what to do.
            UserError: What would be installed is not what was promised or pinned.
        """
        ...

    def cancel(self) -> None:
        """End what is under way soon. Idempotent."""
        ...


class ProviderLog(Protocol):
    """Where providers say things; the default hears everything and does nothing."""

    def __call__(self, diagnostic: Diagnostic) -> None: ...
