"""
The life of a Terraform resource, as Terraform core performs it (terraform.md §5).

Takes and gives Terraform's own values; what they mean to a program is decided elsewhere
(`_convert`, `_provider`). Every step that a provider refuses ends in `RefusedError` with
the provider's diagnostics, except applying, whose result counts in spite of errors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum
from functools import cached_property
from typing import Final

import msgspec

from stackwright.providers.terraform._client import (
    Answer,
    Applied,
    AttributePath,
    TerraformClient,
    TfDiagnostic,
    TfSeverity,
)
from stackwright.providers.terraform._completion import completion_problems
from stackwright.providers.terraform._formatting import only_reformats
from stackwright.providers.terraform._ignored import with_all_ignored, with_ignored
from stackwright.providers.terraform._json import decode_json, encode_json, strip_json
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._msgpack import encode_msgpack
from stackwright.providers.terraform._normalised import normalised, without_write_only, write_only_values
from stackwright.providers.terraform._problems import Problem
from stackwright.providers.terraform._proposed import proposed_new
from stackwright.providers.terraform._replacing import ReplacePaths, surviving_replace_paths
from stackwright.providers.terraform._schema import Block, IdentitySchema, Schema
from stackwright.providers.terraform._stored import StoredObject
from stackwright.providers.terraform._types import contains_dynamic
from stackwright.providers.terraform._validity import plan_problems
from stackwright.providers.terraform._values import TfValue, UnknownValue, contains_unknown, equal


class RefusedError(Exception):
    """A provider said no, or said something that cannot be. `diagnostics` hold at least one error."""

    def __init__(self, diagnostics: Sequence[TfDiagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(each.summary for each in self.diagnostics))


class ResourceType(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A resource type: Terraform's name for it and what its values look like."""

    name: str
    schema: Schema
    identity: IdentitySchema | None = None

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether its values bring a part of their type along."""
        return contains_dynamic(self.schema.type)

    @property
    def block(self) -> Block:
        return self.schema.block


class ObjectState(msgspec.Struct, frozen=True, kw_only=True):
    """An object that exists. A tainted one was made, but is not to be relied on."""

    value: TfValue
    private: bytes = b""
    identity: TfValue = None
    tainted: bool = False


class PlannedAction(Enum):
    """What a plan comes to (§5.7 step 9)."""

    CREATE = "create"
    NONE = "none"
    UPDATE = "update"
    REPLACE = "replace"


class Ignored(msgspec.Struct, frozen=True):
    """What the program does not want to be changed."""

    paths: tuple[AttributePath, ...] = ()
    all: bool = False

    def apply(self, block: Block, prior: TfValue, config: TfValue) -> TfValue:
        """The configuration with what is ignored put back (§5.7 step 2)."""
        if self.all:
            return with_all_ignored(block, prior, config)
        return with_ignored(block, prior, config, self.paths) if self.paths else config

    def apply_to_plan(self, block: Block, prior: TfValue, planned: TfValue) -> TfValue:
        """The same for what an old provider planned all the same (§5.7 step 7)."""
        if self.all:
            return prior
        return with_ignored(block, prior, planned, self.paths) if self.paths else planned


NOTHING_IGNORED: Final = Ignored()


class ResourcePlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plan, ready to be applied.

    `planned` is what the provider said, verbatim: it goes back like that.
    """

    action: PlannedAction
    prior: ObjectState | None
    config: TfValue
    planned: TfValue
    private: bytes = b""
    identity: TfValue = None
    replace: ReplacePaths = ReplacePaths()
    legacy: bool = False
    warnings: tuple[TfDiagnostic, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """
    What there is after applying (§5.11), in spite of errors.

    `state` None: nothing. `changed` says whether it is other than before.
    """

    state: ObjectState | None
    errors: tuple[TfDiagnostic, ...] = ()
    warnings: tuple[TfDiagnostic, ...] = ()
    changed: bool = True


class Lifecycle:
    """
    Plans, applies and looks at objects of one provider, whose address is *address*.

    *trusts_records* says that *version* stands for one program, so that a state which that
    version recorded is taken for what it is (see `load`).
    """

    def __init__(
        self,
        client: TerraformClient,
        *,
        address: str,
        version: str,
        plans_destroys: bool,
        moves: bool,
        trusts_records: bool = False,
    ) -> None:
        self._client = client
        self._address = address
        self._version = version
        self._plans_destroys = plans_destroys
        self._moves = moves
        self._trusts_records = trusts_records
        self._same: dict[str, asyncio.Future[bool]] = {}
        """For each type, whether its provider makes of a state just what was recorded."""

    # What is recorded ---------------------------------------------------------------------------

    def stored(self, kind: ResourceType, state: ObjectState) -> StoredObject:
        """What to record of an object (§9)."""
        identity = kind.identity
        return StoredObject(
            provider=self._address,
            provider_version=self._version,
            type=kind.name,
            schema_version=kind.schema.version,
            state=msgspec.Raw(encode_json(state.value, kind.schema.type)),
            private=state.private,
            identity=(
                ""
                if identity is None or state.identity is None
                else encode_json(state.identity, identity.type).decode()
            ),
            identity_version=identity.version if identity is not None else 0,
            tainted=state.tainted,
        )

    async def load(self, kind: ResourceType, stored: StoredObject) -> ObjectState:
        """
        An object as today's provider sees what was recorded of it (§5.4, §5.15, §5.16).

        What this very version recorded under this schema it has nothing to upgrade in. The
        first object of a type is sent all the same: if it comes back as anything but what
        was sent, to the byte, all others of that type are sent, too.

        Raises:
            RefusedError: It cannot be made one of today.
        """
        if stored.type != kind.name or not _same_provider(stored.provider, self._address):
            return await self._move(kind, stored)
        if stored.schema_version > kind.schema.version:
            raise RefusedError(
                [
                    _error(
                        "Resource managed by a newer version of the provider",
                        f"{kind.name} was recorded with version {stored.schema_version} of its schema, and "
                        f"this provider ({self._version or 'of an unknown version'}) knows "
                        f"{kind.schema.version}. Use the provider's version "
                        f"{stored.provider_version or 'it was recorded with'} or a newer one.",
                    )
                ]
            )
        if self.is_own_record(kind, stored) and not kind.is_dynamic:
            value = await self._own_value(kind, bytes(stored.state))
        else:
            value = await self._upgraded(kind, stored.schema_version, bytes(stored.state))
        return ObjectState(
            value=value,
            private=stored.private,
            identity=await self._load_identity(kind, stored),
            tainted=stored.tainted,
        )

    def is_own_record(self, kind: ResourceType, stored: StoredObject) -> bool:
        """Whether this very version of the provider recorded it, and under this schema."""
        return (
            self._trusts_records
            and stored.provider_version == self._version != ""
            and stored.schema_version == kind.schema.version
            and stored.type == kind.name
        )

    async def _own_value(self, kind: ResourceType, raw: bytes) -> TfValue:
        """A state that this very version of the provider recorded."""
        version, wanted = kind.schema.version, kind.schema.type
        proof = self._same.get(kind.name)
        if proof is not None and not await asyncio.shield(proof):
            return await self._upgraded(kind, version, raw)
        try:
            value = normalised(kind.block, decode_json(raw, wanted))
        except ValueMismatchError:
            return await self._upgraded(kind, version, raw)
        if proof is not None:
            return value
        proof = self._same[kind.name] = asyncio.get_running_loop().create_future()
        same = False
        try:
            answered = await self._upgraded(kind, version, raw)
            same = encode_msgpack(answered, wanted) == encode_msgpack(value, wanted)
            return answered
        finally:
            proof.set_result(same)

    async def _upgraded(self, kind: ResourceType, version: int, raw: bytes) -> TfValue:
        if version == kind.schema.version:
            raw = strip_json(raw, kind.schema.type)
        answer = await self._client.upgrade_state(kind.name, version, raw)
        _refuse(answer)
        if answer.state is None:
            raise RefusedError([_error("The provider made nothing of a recorded state", kind.name)])
        _refuse_write_only(kind, answer.state, "upgraded")
        return answer.state

    async def _load_identity(self, kind: ResourceType, stored: StoredObject) -> TfValue:
        identity = kind.identity
        if identity is None or not stored.identity:
            return None
        if stored.identity_version > identity.version:
            raise RefusedError(
                [
                    _error(
                        "Identity recorded by a newer version of the provider",
                        f"The identity of {kind.name} has version {stored.identity_version}, and this "
                        f"provider knows {identity.version}.",
                    )
                ]
            )
        if stored.identity_version == identity.version:
            return decode_json(strip_json(stored.identity.encode(), identity.type), identity.type)
        answer = await self._client.upgrade_identity(
            kind.name, stored.identity_version, stored.identity.encode()
        )
        _refuse(answer)
        return answer.identity

    async def _move(self, kind: ResourceType, stored: StoredObject) -> ObjectState:
        if not self._moves:
            raise RefusedError(
                [
                    _error(
                        "A recorded object cannot become one of another type",
                        f"It was recorded as {stored.type} of {stored.provider}; the provider of "
                        f"{kind.name} does not offer to move it.",
                    )
                ]
            )
        answer = await self._client.move_state(
            kind.name,
            source_provider=stored.provider,
            source_type=stored.type,
            source_version=stored.schema_version,
            source_json=bytes(stored.state),
            source_private=stored.private,
            source_identity_json=stored.identity.encode() or None,
            source_identity_version=stored.identity_version,
        )
        _refuse(answer)
        if answer.state is None:
            raise RefusedError(
                [
                    _error(
                        "The provider moved nothing", f"{stored.type} to {kind.name}, from {stored.provider}"
                    )
                ]
            )
        _refuse_write_only(kind, answer.state, "moved")
        return ObjectState(
            value=answer.state, private=answer.private, identity=answer.identity, tainted=stored.tainted
        )

    # Looking ------------------------------------------------------------------------------------

    async def refresh(
        self, kind: ResourceType, state: ObjectState, *, checked: bool = True
    ) -> tuple[ObjectState | None, tuple[TfDiagnostic, ...]]:
        """
        The object as it is now, None if it is gone; and warnings (§5.5).

        It is *state* itself if nothing differs, and *state* was *checked* as every record has been.
        """
        answer = await self._client.read(
            kind.name, state.value, private=state.private, identity=state.identity
        )
        _refuse(answer)
        _refuse_deferred(answer.deferred)
        warnings = _warnings(answer.diagnostics)
        if answer.state is None:
            return None, warnings
        identity = answer.identity if answer.identity is not None else state.identity
        value = answer.state
        if checked and value is state.value:
            if answer.private == state.private and identity == state.identity:
                return state, warnings
        else:
            _refuse_write_only(kind, value, "read")
            value = normalised(kind.block, value)
            if contains_unknown(value):
                raise RefusedError(
                    [_error("The provider read something unknown", f"The state of {kind.name}.")]
                )
        found = ObjectState(value=value, private=answer.private, identity=identity, tainted=state.tainted)
        return found, warnings

    async def import_object(
        self,
        kind: ResourceType,
        *,
        id: str | None = None,  # noqa: A002 - the protocol's word
        identity: TfValue = None,
    ) -> tuple[ObjectState | None, tuple[TfDiagnostic, ...]]:
        """Find an object by its id or its identity (§5.14); None if there is none."""
        answer = await self._client.import_state(kind.name, id=id, identity=identity)
        _refuse(answer)
        _refuse_deferred(answer.deferred)
        if len(answer.resources) != 1 or answer.resources[0].type != kind.name:
            found = ", ".join(each.type for each in answer.resources) or "nothing"
            raise RefusedError(
                [
                    _error(
                        "The provider does not import exactly one object",
                        f"Importing one {kind.name} gives {found}, which cannot be used.",
                    )
                ]
            )
        stub = answer.resources[0]
        if stub.state is None:
            return None, _warnings(answer.diagnostics)
        state = ObjectState(value=stub.state, private=stub.private, identity=stub.identity)
        found_state, warnings = await self.refresh(kind, state, checked=False)
        return found_state, (*_warnings(answer.diagnostics), *warnings)

    # Planning -----------------------------------------------------------------------------------

    async def plan(
        self,
        kind: ResourceType,
        prior: ObjectState | None,
        config: TfValue,
        *,
        ignored: Ignored = NOTHING_IGNORED,
    ) -> ResourcePlan:
        """
        What would become of *prior* (§5.7). A tainted object is planned as if there were none.

        Raises:
            RefusedError: The provider refuses, or plans what cannot be.
        """
        block = kind.block
        before = None if prior is None or prior.tainted else prior
        value = before.value if before is not None else None
        wanted = config if before is None else ignored.apply(block, value, config)
        answer = await self._client.plan(
            kind.name,
            prior=value,
            proposed=proposed_new(block, value, wanted),
            config=wanted,
            private=before.private if before is not None else b"",
            identity=before.identity if before is not None else None,
        )
        _refuse(answer)
        _refuse_deferred(answer.deferred)
        planned = answer.state
        _refuse_write_only(kind, planned, "planned")
        if not answer.legacy:
            problems = plan_problems(block, prior=value, config=wanted, planned=planned)
            if problems:
                raise RefusedError(_as_diagnostics("Provider produced an invalid plan", problems))
        elif before is not None:
            planned = ignored.apply_to_plan(block, value, planned)
        replace = surviving_replace_paths(block, prior=value, planned=planned, paths=answer.requires_replace)
        if replace.problems:
            raise RefusedError(_as_diagnostics("Provider produced an invalid plan", replace.problems))
        action = _action(block, prior, value, planned, replace)
        comparable = answer.legacy and before is not None and not replace.write_only
        if comparable and only_reformats(value, wanted, planned, block.type):
            action = PlannedAction.NONE
        return ResourcePlan(
            action=action,
            prior=before,
            config=wanted,
            planned=planned,
            private=answer.private,
            identity=answer.identity,
            replace=replace,
            legacy=answer.legacy,
            warnings=_warnings(answer.diagnostics),
        )

    # Applying -----------------------------------------------------------------------------------

    async def apply(self, kind: ResourceType, plan: ResourcePlan) -> Outcome:
        """Carry out a plan to create or update (§5.11). One that changes nothing calls nobody."""
        if plan.action is PlannedAction.NONE:
            return Outcome(state=plan.prior, changed=False)
        if contains_unknown(plan.config):
            raise RefusedError([_error("Configuration not known", "A value is unknown when it is needed.")])
        answer = await self._client.apply(
            kind.name,
            prior=plan.prior.value if plan.prior is not None else None,
            planned=plan.planned,
            config=plan.config,
            private=plan.private,
            identity=plan.identity,
        )
        return applied_outcome(kind, plan, answer)

    async def destroy(self, kind: ResourceType, state: ObjectState) -> Outcome:
        """Remove an object (§5.13)."""
        private, identity = state.private, state.identity
        warnings: tuple[TfDiagnostic, ...] = ()
        if self._plans_destroys:
            plan = await self._client.plan(
                kind.name,
                prior=state.value,
                proposed=None,
                config=None,
                private=state.private,
                identity=state.identity,
            )
            _refuse(plan)
            if plan.state is not None:
                raise RefusedError(
                    [_error("Provider produced an invalid plan", "It planned an object for a destruction.")]
                )
            private, identity = plan.private, plan.identity
            warnings = _warnings(plan.diagnostics)
        answer = await self._client.apply(
            kind.name, prior=state.value, planned=None, config=None, private=private, identity=identity
        )
        outcome = destroyed_outcome(kind, state, answer)
        return msgspec.structs.replace(outcome, warnings=(*warnings, *outcome.warnings))


def applied_outcome(kind: ResourceType, plan: ResourcePlan, answer: Applied) -> Outcome:
    """What an answer to a create or an update leaves behind. Pure: the table of §5.11."""
    errors, warnings = list(answer.errors), _warnings(answer.diagnostics)
    prior = plan.prior
    if answer.state is None:
        if not errors:
            errors.append(
                _error(
                    "Provider produced an inconsistent result after apply",
                    f"It answered with no {kind.name} at all, and no error.",
                )
            )
        return Outcome(state=prior, errors=tuple(errors), warnings=warnings, changed=False)
    value, unknown = _without_unknowns(answer.state)
    if unknown:
        errors.append(
            _error(
                "Provider returned an invalid result object after apply",
                f"{kind.name} still has unknown values after it was applied. They are recorded as null.",
            )
        )
    secret = write_only_values(kind.block, value)
    if secret:
        value = without_write_only(kind.block, value)
        errors.append(_write_only_error(kind, secret, "applied"))
    if not errors and not answer.legacy:
        problems = completion_problems(kind.block, planned=plan.planned, actual=value)
        errors += _as_diagnostics("Provider produced an inconsistent result after apply", problems)
    known = prior.identity if prior is not None else None
    state = ObjectState(
        value=value,
        private=answer.private,
        identity=answer.identity if answer.identity is not None else known,
        tainted=prior is None and bool(errors),
    )
    return Outcome(state=state, errors=tuple(errors), warnings=warnings)


def destroyed_outcome(kind: ResourceType, state: ObjectState, answer: Applied) -> Outcome:
    """What an answer to a destruction leaves behind. Pure: the table of §5.11."""
    errors, warnings = list(answer.errors), _warnings(answer.diagnostics)
    if answer.state is None:
        return Outcome(
            state=state if errors else None, errors=tuple(errors), warnings=warnings, changed=not errors
        )
    if not errors:
        errors.append(
            _error(
                "Provider returned an object after destroy",
                f"{kind.name} is still there, says its provider, without saying why.",
            )
        )
    value, _ = _without_unknowns(answer.state)
    left = ObjectState(
        value=without_write_only(kind.block, value),
        private=answer.private,
        identity=answer.identity if answer.identity is not None else state.identity,
        tainted=state.tainted,
    )
    return Outcome(state=left, errors=tuple(errors), warnings=warnings)


def _action(
    block: Block, prior: ObjectState | None, value: TfValue, planned: TfValue, replace: ReplacePaths
) -> PlannedAction:
    """The table of §5.7 step 9; the first row that fits counts."""
    if value is None:
        return PlannedAction.CREATE if prior is None else PlannedAction.REPLACE
    if replace.write_only:
        return PlannedAction.REPLACE
    if not contains_unknown(planned) and equal(planned, value, block.type):
        return PlannedAction.NONE
    return PlannedAction.REPLACE if replace.paths else PlannedAction.UPDATE


def _without_unknowns(value: TfValue) -> tuple[TfValue, bool]:
    """*value* with null for what is unknown, and whether there was anything."""
    if not contains_unknown(value):
        return value, False
    if isinstance(value, UnknownValue):
        return None, True
    if isinstance(value, list):
        return [_without_unknowns(each)[0] for each in value], True
    if isinstance(value, dict):
        return {key: _without_unknowns(each)[0] for key, each in value.items()}, True
    return msgspec.structs.replace(value, value=_without_unknowns(value.value)[0]), True


def _same_provider(one: str, other: str) -> bool:
    """The same namespace and type; the registry they come from makes no other provider of them."""
    return one.split("/")[-2:] == other.split("/")[-2:]


def _error(summary: str, detail: str = "") -> TfDiagnostic:
    return TfDiagnostic(summary=summary, detail=detail)


def _refuse(answer: Answer) -> None:
    if answer.failed:
        raise RefusedError(answer.diagnostics)


def _refuse_deferred(reason: object) -> None:
    if reason is not None:
        raise RefusedError(
            [
                _error(
                    "Provider deferred a resource",
                    "It wants to decide later, which it was not offered. This is a bug in the provider.",
                )
            ]
        )


def _refuse_write_only(kind: ResourceType, value: TfValue, when: str) -> None:
    places = write_only_values(kind.block, value)
    if places:
        raise RefusedError([_write_only_error(kind, places, when)])


def _write_only_error(kind: ResourceType, places: Sequence[str], when: str) -> TfDiagnostic:
    names = ", ".join(f"`{place.lstrip('.')}`" for place in places)
    return _error(
        "Provider returned a write-only value",
        f"The {when} {kind.name} has a value for {names}, which is never to be kept. "
        "This is a bug in the provider.",
    )


def _as_diagnostics(summary: str, problems: Sequence[Problem]) -> list[TfDiagnostic]:
    return [
        TfDiagnostic(summary=summary, detail=f"{problem}. This is a bug in the provider.", path=problem.path)
        for problem in problems
    ]


def _warnings(diagnostics: Sequence[TfDiagnostic]) -> tuple[TfDiagnostic, ...]:
    return tuple(each for each in diagnostics if each.severity is TfSeverity.WARNING)
