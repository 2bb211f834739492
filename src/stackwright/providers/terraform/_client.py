"""
`TerraformClient`: one Terraform provider, whichever protocol it speaks.

Requests and answers carry values (`_values`); encodings, messages and the differences
between protocol 5 and 6 stay behind this interface. It carries out single calls and
decides nothing: the life cycle of a resource (terraform.md §5) is its caller's.

Every answer has `diagnostics`. What a provider reports as an error is there, never
raised: an answer is useful in spite of errors (§2.7). Raised is what keeps an answer
from coming at all: `ProviderGoneError` when the process ended or hangs up,
`UnimplementedError` for a type, function or call that this provider does not have,
`ProviderError` for everything else that breaks the protocol.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol, TypeAlias

import msgspec

from stackwright.providers.terraform._schema import Function, IdentitySchema, ProviderSchema
from stackwright.providers.terraform._values import TfValue

TERRAFORM_VERSION = "1.11.4"
"""Which Terraform we say we are: some providers ask for a certain age (§5.2)."""


# Paths and diagnostics --------------------------------------------------------------------------


class AttributeName(msgspec.Struct, frozen=True):
    """A step into an object or a block."""

    name: str


class ElementKey(msgspec.Struct, frozen=True):
    """A step into a list or tuple (a number) or into a map (a string)."""

    key: str | int


AttributePath: TypeAlias = tuple[AttributeName | ElementKey, ...]
"""Where in a value (§3.8); empty for the whole of it. It may point to nothing."""


class TfSeverity(Enum):
    """How much a diagnostic matters; the numbers are the protocol's."""

    ERROR = 1
    WARNING = 2


class TfDiagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a provider says about a call."""

    severity: TfSeverity = TfSeverity.ERROR
    summary: str
    detail: str = ""
    path: AttributePath | None = None
    """None if the provider names no place."""


class DeferredReason(Enum):
    """Why a provider puts a resource off; only if `ClientCapabilities` allow it."""

    UNKNOWN = 0
    RESOURCE_CONFIG_UNKNOWN = 1
    PROVIDER_CONFIG_UNKNOWN = 2
    ABSENT_PREREQ = 3


class ClientCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What we declare to understand (§5.21, §5.23)."""

    deferral: bool = False
    write_only: bool = True


# Answers ----------------------------------------------------------------------------------------


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all answers, and the whole of those that only judge."""

    diagnostics: tuple[TfDiagnostic, ...] = ()

    @property
    def errors(self) -> tuple[TfDiagnostic, ...]:
        return tuple(each for each in self.diagnostics if each.severity is TfSeverity.ERROR)

    @property
    def failed(self) -> bool:
        return any(each.severity is TfSeverity.ERROR for each in self.diagnostics)


class PreparedConfig(Answer, frozen=True, kw_only=True):
    """`config` is what protocol 5 suggests, or None; Terraform does not use it (§5.2)."""

    config: TfValue = None


class UpgradedState(Answer, frozen=True, kw_only=True):
    state: TfValue = None


class UpgradedIdentity(Answer, frozen=True, kw_only=True):
    identity: TfValue = None


class ReadState(Answer, frozen=True, kw_only=True):
    """`state` None says that the object is gone."""

    state: TfValue = None
    private: bytes = b""
    identity: TfValue = None
    deferred: DeferredReason | None = None


class Planned(Answer, frozen=True, kw_only=True):
    """
    What applying would lead to.

    `legacy` marks an answer of the old SDK, whose deviations are tolerated (§6); it is
    to be looked at in every answer. `requires_replace` comes unfiltered (§5.9).
    """

    state: TfValue = None
    requires_replace: tuple[AttributePath, ...] = ()
    private: bytes = b""
    identity: TfValue = None
    legacy: bool = False
    deferred: DeferredReason | None = None


class Applied(Answer, frozen=True, kw_only=True):
    """What there is now, even after errors (§5.11). May still hold unknowns, wrongly."""

    state: TfValue = None
    private: bytes = b""
    identity: TfValue = None
    legacy: bool = False


class ImportedResource(msgspec.Struct, frozen=True, kw_only=True):
    """A stub of a state, for `read` to complete (§5.14)."""

    type: str
    state: TfValue = None
    private: bytes = b""
    identity: TfValue = None


class Imported(Answer, frozen=True, kw_only=True):
    resources: tuple[ImportedResource, ...] = ()
    deferred: DeferredReason | None = None


class Moved(Answer, frozen=True, kw_only=True):
    state: TfValue = None
    private: bytes = b""
    identity: TfValue = None


class GeneratedConfig(Answer, frozen=True, kw_only=True):
    config: TfValue = None


class ReadData(Answer, frozen=True, kw_only=True):
    state: TfValue = None
    deferred: DeferredReason | None = None


class Opened(Answer, frozen=True, kw_only=True):
    """An ephemeral resource in use. `renew_at` None: it needs no renewal."""

    result: TfValue = None
    renew_at: datetime | None = None
    private: bytes | None = None
    deferred: DeferredReason | None = None


class Renewed(Answer, frozen=True, kw_only=True):
    renew_at: datetime | None = None
    private: bytes | None = None


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """What a function answers: a result, or `error` (and the index of the argument at fault)."""

    result: TfValue = None
    error: str | None = None
    argument: int | None = None


class Listed(Answer, frozen=True, kw_only=True):
    """One object that exists. `resource` is None unless it was asked for."""

    identity: TfValue = None
    display_name: str = ""
    resource: TfValue = None


class PlannedAction(Answer, frozen=True, kw_only=True):
    deferred: DeferredReason | None = None


class ActionEvent(Answer, frozen=True, kw_only=True):
    """Progress of an action, or its end; diagnostics come with the end."""

    progress: str = ""
    completed: bool = False


# The interface ----------------------------------------------------------------------------------


class TerraformClient(Protocol):
    """
    One configuration of one provider.

    The process starts with the first call that needs it. `schema`, `validate_*`,
    `call_function` and `prepare_config` need no configuration and may use a process
    that is shared; all else comes after `configure`, which is called once at most.

    Calls may run at the same time, except those for one resource. Values are of the
    implied type of the schema in question: whole objects, None for an object that does
    not exist. Write-only values are sent where the configuration is and are null in
    every answer. Provider meta is filled in where the provider wants it (§5.22).
    """

    async def schema(self) -> ProviderSchema:
        """Everything this provider offers; from the cache if it was ever asked on this machine."""
        ...

    async def identity_schemas(self) -> Mapping[str, IdentitySchema]:
        """The same mapping as `ProviderSchema.identities`."""
        ...

    async def prepare_config(self, config: TfValue) -> PreparedConfig:
        """Validate the provider's configuration; may take seconds, so once for each (§5.2)."""
        ...

    async def configure(self, config: TfValue) -> Answer:
        """Take a configuration, unknowns and all. Once."""
        ...

    async def validate_resource(self, type_name: str, config: TfValue) -> Answer: ...

    async def validate_data(self, type_name: str, config: TfValue) -> Answer: ...

    async def upgrade_state(
        self, type_name: str, version: int, raw_json: bytes, *, flatmap: Mapping[str, str] | None = None
    ) -> UpgradedState:
        """Make a state that *version* of the schema wrote one of today (§5.4)."""
        ...

    async def upgrade_identity(self, type_name: str, version: int, raw_json: bytes) -> UpgradedIdentity: ...

    async def read(
        self, type_name: str, state: TfValue, *, private: bytes = b"", identity: TfValue = None
    ) -> ReadState:
        """Look at the object."""
        ...

    async def plan(
        self,
        type_name: str,
        *,
        prior: TfValue,
        proposed: TfValue,
        config: TfValue,
        private: bytes = b"",
        identity: TfValue = None,
    ) -> Planned:
        """What would become of the object; *private* and *identity* are those of *prior*. Changes nothing."""
        ...

    async def apply(
        self,
        type_name: str,
        *,
        prior: TfValue,
        planned: TfValue,
        config: TfValue,
        private: bytes = b"",
        identity: TfValue = None,
    ) -> Applied:
        """Carry out a plan; *private* and *identity* are the plan's. Never cancelled half-way."""
        ...

    async def import_state(
        self,
        type_name: str,
        *,
        id: str | None = None,  # noqa: A002 - the protocol's word
        identity: TfValue = None,
    ) -> Imported:
        """Find an existing object by exactly one of the two."""
        ...

    async def move_state(
        self,
        target_type: str,
        *,
        source_provider: str,
        source_type: str,
        source_version: int,
        source_json: bytes,
        source_private: bytes = b"",
        source_identity_json: bytes | None = None,
        source_identity_version: int = 0,
    ) -> Moved:
        """Turn the state of a resource of another type or provider into one of *target_type* (§5.15)."""
        ...

    async def generate_config(self, type_name: str, state: TfValue) -> GeneratedConfig: ...

    async def read_data(self, type_name: str, config: TfValue) -> ReadData: ...

    async def validate_ephemeral(self, type_name: str, config: TfValue) -> Answer: ...

    async def open_ephemeral(self, type_name: str, config: TfValue) -> Opened: ...

    async def renew_ephemeral(self, type_name: str, private: bytes | None) -> Renewed: ...

    async def close_ephemeral(self, type_name: str, private: bytes | None) -> Answer: ...

    async def functions(self) -> Mapping[str, Function]:
        """The same mapping as `ProviderSchema.functions`."""
        ...

    async def call_function(self, name: str, arguments: Sequence[TfValue]) -> Called:
        """
        Call a function with arguments of its parameters' types.

        An unknown where the function does not allow one makes the result unknown without
        a call (§5.19); a null where it allows none is an error naming the argument.
        """
        ...

    async def validate_list(
        self, type_name: str, config: TfValue, *, include_resource: bool = False, limit: int | None = None
    ) -> Answer: ...

    def list_resources(
        self, type_name: str, config: TfValue, *, include_resource: bool = False, limit: int = 0
    ) -> AsyncIterator[Listed]:
        """Existing objects, as they are found; `limit` 0 leaves their number to the provider."""
        ...

    async def validate_action(self, type_name: str, config: TfValue) -> Answer: ...

    async def plan_action(self, type_name: str, config: TfValue) -> PlannedAction: ...

    def invoke_action(self, type_name: str, config: TfValue) -> AsyncIterator[ActionEvent]:
        """Run an action; the last event is `completed`."""
        ...

    async def stop(self) -> None:
        """Ask what is under way to end soon (§5.27). Does not end the process. Never fails."""
        ...

    async def close(self) -> None:
        """End the process. Idempotent; nothing is called afterwards."""
        ...
