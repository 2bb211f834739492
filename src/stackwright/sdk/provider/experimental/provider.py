"""
What the author of a provider of custom resources writes, and the questions it is asked.

Every method takes one request and answers one response; values in them are
`PropertyValue`s. What a provider does not implement is refused, or answered in the
way that changes nothing.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from stackwright.sdk.provider.experimental.property_value import PropertyValue
from stackwright.sdk.resource import ResourceOptions

Bag = dict[str, PropertyValue]


class _OfResource:
    """A question about one resource, which its URN names."""

    urn: str

    @property
    def type(self) -> str:
        """The type in the URN, with those of its parents."""
        return _urn_part(self.urn, -2)

    @property
    def name(self) -> str:
        """The name in the URN."""
        return _urn_part(self.urn, -1)


def _urn_part(urn: str, index: int) -> str:
    parts = urn.split("::")
    return parts[index] if len(parts) > 1 else ""


class Parameters:
    """What makes one package of another one's plugin: `ParametersArgs` or `ParametersValue`."""


@dataclass(eq=False)
class ParametersArgs(Parameters):
    """Arguments that a user gave on a command line."""

    args: list[str]


@dataclass(eq=False)
class ParametersValue(Parameters):
    """What a package that was generated before has kept."""

    name: str
    version: str
    value: bytes


@dataclass(eq=False)
class ParameterizeRequest:
    """«Be this package from now on.»"""

    parameters: Parameters


@dataclass(eq=False)
class ParameterizeResponse:
    """Which package the provider is now."""

    name: str
    version: str


@dataclass(eq=False)
class CheckRequest(_OfResource):
    """«Are these inputs valid, and what are they with their defaults?»"""

    urn: str
    old_inputs: Bag
    new_inputs: Bag
    random_seed: bytes


@dataclass(eq=False)
class CheckFailure:
    """One thing that is wrong with inputs."""

    property: str
    reason: str


@dataclass(eq=False)
class CheckResponse:
    """The inputs to go on with, or what is wrong with them."""

    inputs: Bag | None = None
    failures: list[CheckFailure] | None = None


@dataclass(eq=False)
class DiffRequest(_OfResource):
    """«What would these inputs change?»"""

    urn: str
    resource_id: str
    old_state: Bag
    new_inputs: Bag
    ignore_changes: list[str]


class PropertyDiffKind(Enum):
    """What a change does to a property, and whether the resource has to be replaced for it."""

    ADD = 0
    ADD_REPLACE = 1
    DELETE = 2
    DELETE_REPLACE = 3
    UPDATE = 4
    UPDATE_REPLACE = 5


@dataclass(eq=False)
class PropertyDiff:
    """The change of one property; *input_diff*: between the inputs, rather than to the state."""

    kind: PropertyDiffKind
    input_diff: bool


@dataclass(eq=False)
class DiffResponse:
    """Whether there are changes (None: that cannot be said), and which."""

    changes: bool | None = None
    replaces: list[str] | None = None
    stables: list[str] | None = None
    delete_before_replace: bool = False
    diffs: list[str] | None = None
    detailed_diff: dict[str, PropertyDiff] | None = None

    def __post_init__(self) -> None:
        _fill(self, list, "replaces", "stables", "diffs")
        _fill(self, dict, "detailed_diff")


@dataclass(eq=False)
class InvokeRequest:
    """«Call this function.»"""

    tok: str
    args: Bag


@dataclass(eq=False)
class InvokeResponse:
    """What the function answers, or what is wrong with its arguments."""

    return_value: Bag | None = None
    failures: list[CheckFailure] | None = None

    def __post_init__(self) -> None:
        _fill(self, list, "failures")


@dataclass(eq=False)
class GetSchemaRequest:
    """«What is in this package?»"""

    version: int
    subpackage_name: str | None = None
    subpackage_version: str | None = None


@dataclass(eq=False)
class GetSchemaResponse:
    """The schema as JSON."""

    schema: str | None = None


@dataclass(eq=False)
class ConfigureRequest:
    """«Here is your configuration.»"""

    variables: dict[str, str]
    args: Bag
    accept_secrets: bool
    accept_resources: bool


@dataclass(eq=False)
class ConfigureResponse:
    """What the provider understands."""

    accept_secrets: bool = False
    supports_preview: bool = False
    accept_resources: bool = False
    accept_outputs: bool = False


@dataclass(eq=False)
class CreateRequest(_OfResource):
    """«Make it»; in a preview: «what would it be?»"""

    urn: str
    properties: Bag
    timeout: float
    preview: bool


@dataclass(eq=False)
class CreateResponse:
    """What was made."""

    resource_id: str | None = None
    properties: Bag | None = None

    def __post_init__(self) -> None:
        _fill(self, dict, "properties")


@dataclass(eq=False)
class ReadRequest(_OfResource):
    """«What is it now?»"""

    urn: str
    resource_id: str
    properties: Bag
    inputs: Bag


@dataclass(eq=False)
class ReadResponse:
    """What it is; without an id it is gone."""

    resource_id: str | None = None
    properties: Bag | None = None
    inputs: Bag | None = None

    def __post_init__(self) -> None:
        _fill(self, dict, "properties", "inputs")


@dataclass(eq=False)
class UpdateRequest(_OfResource):
    """«Change it»; in a preview: «what would it be?»"""

    urn: str
    resource_id: str
    olds: Bag
    news: Bag
    timeout: float
    ignore_changes: list[str]
    preview: bool


@dataclass(eq=False)
class UpdateResponse:
    """What it is now."""

    properties: Bag | None = None

    def __post_init__(self) -> None:
        _fill(self, dict, "properties")


@dataclass(eq=False)
class DeleteRequest(_OfResource):
    """«Remove it.»"""

    urn: str
    resource_id: str
    properties: Bag
    timeout: float


@dataclass(eq=False)
class ConstructRequest:
    """«Make this component.»"""

    resource_type: str
    name: str
    inputs: Bag
    options: ResourceOptions


@dataclass(eq=False)
class ConstructResponse:
    """The component that was made; dependencies are URNs by property."""

    urn: str
    state: Bag
    state_dependencies: dict[str, set[str]]


@dataclass(eq=False)
class CallRequest:
    """«Call this method»; its resource is among the arguments."""

    tok: str
    args: Bag


@dataclass(eq=False)
class CallResponse:
    """What the method answers, or what is wrong with its arguments; dependencies are URNs by property."""

    return_value: Bag | None = None
    return_dependencies: dict[str, set[str]] | None = None
    failures: list[CheckFailure] | None = None

    def __post_init__(self) -> None:
        _fill(self, dict, "return_value", "return_dependencies")
        _fill(self, list, "failures")


def _fill(response: Any, empty: type, *names: str) -> None:
    """Nothing given is the same as nothing in it."""
    for name in names:
        if not getattr(response, name):
            setattr(response, name, empty())


class Provider(ABC):  # noqa: B024 # nothing has to be implemented
    """A package of custom resources, components and functions. Subclasses override what theirs has."""

    async def parameterize(self, request: ParameterizeRequest) -> ParameterizeResponse:
        """Become another package."""
        _missing("parameterize")

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        """Say what is in this package."""
        _missing("get_schema")

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Check the provider's own configuration."""
        return CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: DiffRequest) -> DiffResponse:
        """Say what a change of the provider's own configuration means."""
        return DiffResponse()

    async def configure(self, request: ConfigureRequest) -> ConfigureResponse:
        """Take the configuration: once, before anything else is asked."""
        return ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
        )

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Call a function."""
        _missing("invoke")

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make a resource."""
        _missing("create")

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Say what a resource is now."""
        return ReadResponse(request.resource_id, request.properties, request.inputs)

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Check the inputs of a resource."""
        return CheckResponse(inputs=request.new_inputs)

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Say what new inputs would change."""
        return DiffResponse()

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Change a resource."""
        _missing("update")

    async def delete(self, request: DeleteRequest) -> None:
        """Remove a resource."""
        _missing("delete")

    async def construct(self, request: ConstructRequest) -> ConstructResponse:
        """Make a component."""
        _missing("construct")

    async def call(self, request: CallRequest) -> CallResponse:
        """Call a method."""
        _missing("call")

    async def cancel(self) -> None:  # noqa: B027 # need not be written
        """Stop what is under way: the deployment was interrupted."""


def _missing(method: str) -> NoReturn:
    raise NotImplementedError(f"The method '{method}' is not implemented")
