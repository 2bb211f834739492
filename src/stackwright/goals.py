"""
What a program asks for: requests to a deployment and their answers.

A *goal* is the desired state of one resource. These structures carry what the
protocol carries (protocol.md §10, engine.md §3), as values instead of messages:
the SDK fills them in, `wire` translates them, the engine acts on them. Absent is
None or empty, as each field says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import TypeAlias

import msgspec

from stackwright.urn import Urn
from stackwright.values import PropertyMap, Value


class Result(Enum):
    """How a registration ended (protocol.md §10.3)."""

    SUCCESS = 0
    FAIL = 1
    SKIP = 2


class CustomTimeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds a provider may take for each operation; 0 leaves it to the provider (E122)."""

    create: float = 0
    update: float = 0
    delete: float = 0
    read: float = 0

    def __bool__(self) -> bool:
        return bool(self.create or self.update or self.delete or self.read)


class AliasSpec(msgspec.Struct, frozen=True, kw_only=True):
    """
    An alias in parts (E131). Empty parts default to the resource's own.

    `parent` None means the resource's parent unless `no_parent` says that there was none.
    """

    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: Urn | None = None
    no_parent: bool = False


Alias: TypeAlias = Urn | AliasSpec


class SourcePosition(msgspec.Struct, frozen=True):
    """Where in the program something was asked for: a file URI, and a line counted from 1."""

    uri: str
    line: int
    column: int = 0


class Parameterization(msgspec.Struct, frozen=True, kw_only=True):
    """The parameter that turns a base plugin into another package (protocol.md §8.2)."""

    name: str
    version: str
    value: bytes


class PackageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which plugin is wanted (E27).

    `name` is the plugin's; the package's own name is the parameterization's when there is one.
    """

    name: str
    version: str = ""
    download_url: str = ""
    checksums: tuple[tuple[str, bytes], ...] = ()
    parameterization: Parameterization | None = None

    @property
    def package(self) -> str:
        """The name that type tokens of this package start with."""
        return self.parameterization.name if self.parameterization else self.name


class HookKind(Enum):
    """When a resource hook runs (E103)."""

    BEFORE_CREATE = "BeforeCreate"
    AFTER_CREATE = "AfterCreate"
    BEFORE_UPDATE = "BeforeUpdate"
    AFTER_UPDATE = "AfterUpdate"
    BEFORE_DELETE = "BeforeDelete"
    AFTER_DELETE = "AfterDelete"
    ON_ERROR = "OnError"


HookNames: TypeAlias = Mapping[HookKind, tuple[str, ...]]


class ResourceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a registration, as sent; what each means: engine.md §6."""

    depends_on: tuple[Urn, ...] = ()
    property_dependencies: Mapping[str, tuple[Urn, ...]] | None = None
    """Per input property; None: not sent, so every property depends on all of `depends_on` (E65)."""
    protect: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: Urn | None = None
    replace_with: tuple[Urn, ...] = ()
    replacement_trigger: Value = None
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    custom_timeouts: CustomTimeouts | None = None
    import_id: str = ""
    provider: str = ""
    """A provider reference, or empty."""
    providers: Mapping[str, str] = {}
    """Provider references by package, for what lies below a component."""
    version: str = ""
    plugin_download_url: str = ""
    plugin_checksums: tuple[tuple[str, bytes], ...] = ()
    hooks: HookNames = {}
    hide_diffs: tuple[str, ...] = ()
    env_var_mappings: Mapping[str, str] = {}


NO_OPTIONS = ResourceOptions()


class TransformArgs(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource transform is given (protocol.md §11.2)."""

    type: str
    name: str
    custom: bool
    parent: Urn | None
    properties: PropertyMap
    options: ResourceOptions


class TransformResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource transform answers: None leaves that part as it is, else it replaces the whole part."""

    properties: PropertyMap | None = None
    options: ResourceOptions | None = None


ResourceTransform: TypeAlias = Callable[[TransformArgs], Awaitable[TransformResult]]
"""Runs wherever its owner lives; the engine awaits the answer. Raising fails the registration (E68)."""


class InvokeTransformArgs(msgspec.Struct, frozen=True, kw_only=True):
    """What an invoke transform is given, and what it answers (protocol.md §11.3)."""

    token: str
    args: PropertyMap
    provider: str = ""
    version: str = ""
    plugin_download_url: str = ""
    plugin_checksums: tuple[tuple[str, bytes], ...] = ()


InvokeTransform: TypeAlias = Callable[[InvokeTransformArgs], Awaitable["InvokeTransformArgs | None"]]


class HookArgs(msgspec.Struct, frozen=True, kw_only=True):
    """What a resource hook is given; bags that its kind does not have are None (E103)."""

    kind: HookKind
    urn: Urn
    id: str
    name: str
    type: str
    new_inputs: PropertyMap | None = None
    old_inputs: PropertyMap | None = None
    new_outputs: PropertyMap | None = None
    old_outputs: PropertyMap | None = None
    operation: str = ""
    """For error hooks: create, update or delete."""
    errors: tuple[str, ...] = ()
    """For error hooks: all failures so far, newest first."""


ResourceHook: TypeAlias = Callable[[HookArgs], Awaitable["bool | None"]]
"""Raising is the hook's failure; an error hook answers whether to try again (E104, E106)."""


class PlacedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is asked for at a place in a program (protocol.md §10.12).

    `stack_trace` has the frames that led there. In a component of another process it begins
    with that process; `trace_handle` then stands for the frames that led into it.
    """

    source: SourcePosition | None = None
    stack_trace: tuple[SourcePosition, ...] = ()
    trace_handle: str = ""


class ServedRequest(PlacedRequest, frozen=True, kw_only=True):
    """
    What a provider is asked for, and which one (protocol.md §10.2).

    `provider` is a reference. Without it the rest says which default provider is meant:
    `package_ref`, of a package that was announced, instead of all others.
    """

    provider: str = ""
    version: str = ""
    plugin_download_url: str = ""
    plugin_checksums: tuple[tuple[str, bytes], ...] = ()
    package_ref: str = ""


class RegisterRequest(PlacedRequest, frozen=True, kw_only=True):
    """
    «This resource shall exist» (protocol.md §10.3).

    `inputs` may hold unknowns, secrets, resource references and output values.
    `remote` asks the package's provider to construct a component.
    """

    type: str
    name: str
    custom: bool
    parent: Urn | None = None
    inputs: PropertyMap = {}
    options: ResourceOptions = NO_OPTIONS
    remote: bool = False
    package_ref: str = ""
    transforms: tuple[ResourceTransform, ...] = ()


class ReadRequest(ServedRequest, frozen=True, kw_only=True):
    """«This resource exists already; what is it?» (protocol.md §10.5)."""

    type: str
    name: str
    id: str
    parent: Urn | None = None
    inputs: PropertyMap = {}
    depends_on: tuple[Urn, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()


class ExistsRequest(ServedRequest, frozen=True, kw_only=True):
    """«Is there such a resource?» (protocol.md §10.6). What a preview cannot know is `UNKNOWN_ID`."""

    type: str
    id: str
    parent: Urn | None = None
    inputs: PropertyMap = {}


class Registered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    The answer to a registration or a read.

    `id` is None for components, and `UNKNOWN_ID` or empty where a preview cannot know it.
    `outputs` is empty for local components. `unknown` says that every output is to be
    taken as unknown. `dependencies` is by output property, for remote components only.
    Not for the garbage collector to look through: values have no cycles, and each resource keeps one.
    """

    urn: Urn
    id: str | None = None
    outputs: PropertyMap = {}
    dependencies: Mapping[str, tuple[Urn, ...]] = {}
    result: Result = Result.SUCCESS
    unknown: bool = False


class CheckFailure(msgspec.Struct, frozen=True):
    """One thing wrong with inputs; `property` is a path, or empty when none is meant (protocol.md §6.5)."""

    property: str
    reason: str


class InvokeRequest(ServedRequest, frozen=True, kw_only=True):
    """«Call this function of a package» (protocol.md §10.7)."""

    token: str
    args: PropertyMap = {}
    parent: Urn | None = None
    depends_on: tuple[Urn, ...] = ()


class InvokeResult(msgspec.Struct, frozen=True, kw_only=True):
    """The function's answer, or what was wrong with the arguments; `unknown`: it was not called (E93)."""

    value: PropertyMap = {}
    failures: tuple[CheckFailure, ...] = ()
    unknown: bool = False


class CallRequest(ServedRequest, frozen=True, kw_only=True):
    """«Call this method of a resource»; `args["__self__"]` is the resource (protocol.md §10.8)."""

    token: str
    args: PropertyMap = {}
    arg_dependencies: Mapping[str, tuple[Urn, ...]] = {}


class CallResult(msgspec.Struct, frozen=True, kw_only=True):
    """The method's answer with what each part of it depends on."""

    value: PropertyMap = {}
    dependencies: Mapping[str, tuple[Urn, ...]] = {}
    failures: tuple[CheckFailure, ...] = ()


class HookRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """A hook under the name that resources refer to it by (E100)."""

    name: str
    callback: ResourceHook
    on_dry_run: bool = False
    ignore_errors: bool = False
    is_error_hook: bool = False


class DeploymentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a program may know of the deployment it runs in (E60). `config` is decrypted, by full key."""

    project: str
    stack: str
    organization: str = "organization"
    config: Mapping[str, str] = {}
    config_secret_keys: frozenset[str] = frozenset()
    dry_run: bool = False
    parallel: int = 16
    features: frozenset[str] = frozenset()
    root_directory: str = ""
