"""
Resources of a Terraform provider, as the engine asks about them (terraform.md §8.10).

Turns properties into configurations and back, and lets `Lifecycle` do what Terraform
would. The raw state that is recorded with the outputs is what counts for Terraform;
outputs are what the program sees of it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.errors import UserError
from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    AutonamingMode,
    CheckResult,
    CreateResult,
    DiffChanges,
    DiffResult,
    InitFailedError,
    InvalidInputsError,
    LikelyId,
    ProviderError,
    ReadResult,
    UpdateResult,
)
from stackwright.providers.terraform._asset_files import Files, placed, unplaced
from stackwright.providers.terraform._catalogue import KnownResource
from stackwright.providers.terraform._client import AttributePath, TfDiagnostic
from stackwright.providers.terraform._convert import state_value, to_config, to_properties
from stackwright.providers.terraform._detailed_diff import detailed_diff, replace_properties
from stackwright.providers.terraform._file_folders import clear_left_folders, folder_for_files
from stackwright.providers.terraform._fitting import Adopted, fitted
from stackwright.providers.terraform._json import encode_json
from stackwright.providers.terraform._lifecycle import (
    Ignored,
    ObjectState,
    Outcome,
    PlannedAction,
    RefusedError,
    ResourcePlan,
)
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._msgpack import encode_msgpack
from stackwright.providers.terraform._naming import keeps_its_name
from stackwright.providers.terraform._normalised import normalised, without_write_only
from stackwright.providers.terraform._plain_json import with_types
from stackwright.providers.terraform._property_paths import attribute_paths, property_path
from stackwright.providers.terraform._proposed import foreseen
from stackwright.providers.terraform._reading_back import DEFAULTS_KEY, imported_inputs, refreshed_inputs
from stackwright.providers.terraform._said import failures, mask_of
from stackwright.providers.terraform._sensitive import sealed_inputs, write_only_properties
from stackwright.providers.terraform._session import Session, TerraformError
from stackwright.providers.terraform._shapes import Field, Form, Shape
from stackwright.providers.terraform._stored import (
    STORED_KEY,
    StoredObject,
    bridge_meta,
    parse_stored,
    stored_text,
    with_stored,
)
from stackwright.providers.terraform._tidying import tidied
from stackwright.providers.terraform._types import STRING
from stackwright.providers.terraform._values import TfValue
from stackwright.urn import urn_name
from stackwright.values import (
    INIT_ERROR_PATH,
    DiffKind,
    InvalidPathError,
    Mask,
    PropertyDiff,
    PropertyMap,
    PropertyPath,
    Value,
    contains_secrets,
    parse_path,
    reveal,
    seal,
)

if TYPE_CHECKING:
    from stackwright.goals import CustomTimeouts
    from stackwright.providers._interface import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from stackwright.urn import Urn

_NAME_LIMIT: Final = 255
_KEPT_TEXT: Final = 4_000_000
"""
Characters of records whose objects are remembered: a refresh, the diff after it and the
update after that load the same one.
"""


class _Loaded(msgspec.Struct, frozen=True):
    """A recorded object as the provider sees it today, and whether it would be recorded just so."""

    state: ObjectState
    is_current: bool


class Resources:
    """Implements the part of `Provider` that is about resources."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loaded: dict[tuple[str, str], _Loaded] = {}
        self._kept_text = 0

    # Checking -----------------------------------------------------------------------------------

    async def check(self, request: CheckRequest) -> CheckResult:
        """See `Provider.check`: names and timeouts filled in, then whatever the provider says (§5.3)."""
        known = self._session.catalogue.resource(request.type)
        shape = known.shape
        self._session.warn_deprecated(request.type, known.kind.block, request.urn)
        inputs = self._with_timeouts(known, tidied(shape, request.news), request)
        named = self._with_name(shape, inputs, request)
        if isinstance(named, CheckFailure):
            return CheckResult(inputs=inputs, failures=(named,))
        result = await self._validated(known, named, request.urn)
        if result.failures and named is not inputs and _conflicts(result.failures, shape):
            # A resource with `name_prefix` takes no name as well (§8.9).
            return await self._validated(known, inputs, request.urn)
        return result

    async def _validated(self, known: KnownResource, inputs: PropertyMap, urn: Urn) -> CheckResult:
        files = self._files(known)
        if files.mentioned(inputs):
            await asyncio.to_thread(clear_left_folders)
        converted = to_config(known.shape, files.named(inputs))
        sealed = sealed_inputs(known.shape, inputs)
        write_only = write_only_properties(known.shape, inputs)
        found = list(converted.failures)
        if not found:
            # What is remembered must not help to guess a secret.
            secret = bool(write_only) or contains_secrets(sealed)
            found += await self._invalid(known, inputs, converted.config, urn, secret=secret)
        return CheckResult(inputs=sealed, failures=tuple(found), write_only=write_only)

    async def _invalid(
        self, known: KnownResource, inputs: PropertyMap, config: dict[str, TfValue], urn: Urn, *, secret: bool
    ) -> tuple[CheckFailure, ...]:
        """What the provider finds wrong; it is not asked twice about what it had nothing to say about."""
        valid = self._session.valid
        data = None
        if valid.remembers and not secret:
            data = encode_msgpack(config, known.kind.schema.type)
            if valid.knows(known.name, data):
                return ()
        mask = self._mask(known.shape, inputs)
        with self._session.explained(known.shape, mask, urn):
            answer = await self._session.client.validate_resource(known.name, config)
        self._session.warn_all(answer.diagnostics, known.shape, mask, urn)
        if data is not None and not answer.diagnostics:
            valid.keep(known.name, data)
        return failures(answer.diagnostics, known.shape, mask)

    def _with_timeouts(self, known: KnownResource, inputs: PropertyMap, request: CheckRequest) -> PropertyMap:
        """Custom timeouts in the resource's own `timeouts`, for the operations that it has (§8.13)."""
        wanted = _durations(request.timeouts) if request.timeouts else {}
        if not wanted:
            return inputs
        field = known.shape.by_name.get("timeouts")
        if field is None or field.shown_as is None or field.value.form is not Form.OBJECT:
            self._session.warn(
                f"`custom_timeouts` has no effect: {request.type} leaves how long it takes to its provider",
                request.urn,
            )
            return inputs
        if field.shown_as in inputs:
            return inputs
        offered = field.value.object.by_name
        without = sorted(set(wanted) - offered.keys())
        if without:
            self._session.warn(
                f"`custom_timeouts` has no effect on {', '.join(without)} of {request.type}", request.urn
            )
        taken = {offered[name].shown_as or name: text for name, text in wanted.items() if name in offered}
        return {**inputs, field.shown_as: taken} if taken else inputs

    def _with_name(
        self, shape: Shape, inputs: PropertyMap, request: CheckRequest
    ) -> PropertyMap | CheckFailure:
        """The name that the stack's configuration asks for, if it asks for any (§8.9)."""
        wanted = request.autonaming
        field = shape.by_name.get("name")
        if wanted is None or field is None or not _is_nameable(field):
            return inputs
        name = field.shown_as or "name"
        if inputs.get(name) is not None:
            return inputs
        if wanted.mode is AutonamingMode.DISABLE:
            if field.required:
                return CheckFailure(name, "Names are not made up in this stack, and this one is needed")
            return inputs
        before = request.olds.get(DEFAULTS_KEY)
        if isinstance(before, list) and name in before and request.olds.get(name) is not None:
            made = request.olds[name]  # so that nothing is replaced
        else:
            made = (wanted.proposed_name or urn_name(request.urn))[:_NAME_LIMIT]
        return {**inputs, name: made, DEFAULTS_KEY: [name]}

    # Comparing ----------------------------------------------------------------------------------

    async def diff(self, request: DiffRequest) -> DiffResult:
        """See `Provider.diff`: what the provider plans (§5.7, §8.11)."""
        known = self._session.catalogue.resource(request.type)
        shape = known.shape
        mask = self._mask(shape, request.news, request.old_inputs, request.old_outputs)
        with self._session.explained(shape, mask, request.urn):
            prior = (await self._load(known, request.id, request.old_outputs)).state
            first = keeps_its_name(shape, request.id, olds=request.old_inputs, news=request.news)
            if prior.tainted:
                return _tainted(delete_first=first)
            plan = await self._plan_change(known, prior, request, mask)
        if plan.action is PlannedAction.NONE:
            return DiffResult(changes=DiffChanges.NONE, detailed={})
        replaces = plan.action is PlannedAction.REPLACE
        detailed = detailed_diff(
            shape,
            prior=normalised(known.kind.block, prior.value),
            planned=normalised(known.kind.block, plan.planned),
            inputs=request.news,
            replace_paths=plan.replace.paths,
            replaces=replaces,
        )
        diffs = tuple(dict.fromkeys(str(parse_path(path)[0]) for path in detailed if path))
        keys = replace_properties(shape, plan.replace.paths) if replaces else ()
        return DiffResult(
            changes=DiffChanges.SOME,
            replaces=keys,
            diffs=diffs,
            detailed=detailed,
            delete_before_replace=replaces and first,
        )

    async def _plan_change(
        self, known: KnownResource, prior: ObjectState, request: DiffRequest | UpdateRequest, mask: Mask
    ) -> ResourcePlan:
        """What the new inputs make of an object that exists."""
        config = self._config(known, request.news)
        ignored = _ignored(known.shape, request.ignore_changes, prior.value, config)
        plan = await self._session.lifecycle.plan(known.kind, prior, config, ignored=ignored)
        self._session.warn_all(plan.warnings, known.shape, mask, request.urn)
        return plan

    # Changing -----------------------------------------------------------------------------------

    async def create(self, request: CreateRequest) -> CreateResult:
        """See `Provider.create`."""
        known = self._session.catalogue.resource(request.type)
        shape, mask = known.shape, self._mask(known.shape, request.inputs)
        with self._session.explained(shape, mask, request.urn):
            plan = await self._session.lifecycle.plan(known.kind, None, self._config(known, request.inputs))
            self._session.warn_all(plan.warnings, shape, mask, request.urn)
            if request.preview:
                return CreateResult(id="", outputs=self._planned_outputs(known, plan, request.inputs))
            outcome = await self._apply(known, plan, request.inputs)
        self._session.warn_all(outcome.warnings, shape, mask, request.urn)
        if outcome.state is None:
            raise self._session.refusal(outcome.errors, shape, mask)
        outputs = self._outputs(known, outcome.state, request.inputs)
        made = resource_id(known, outcome.state, request.urn)
        if outcome.errors:
            raise InitFailedError(
                id=made, outputs=outputs, reasons=self._session.reasons(outcome.errors, shape, mask)
            )
        return CreateResult(id=made, outputs=outputs)

    def foresee(self, request: CreateRequest) -> PropertyMap:
        """What a new object will be as far as anybody knows without its provider (§5.2 step 3)."""
        known = self._session.catalogue.resource(request.type)
        planned = foreseen(known.kind.block, self._config(known, request.inputs))
        return self._shown(known, without_write_only(known.kind.block, planned), request.inputs)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        """See `Provider.update`."""
        known = self._session.catalogue.resource(request.type)
        shape = known.shape
        mask = self._mask(shape, request.news, request.old_inputs, request.old_outputs)
        with self._session.explained(shape, mask, request.urn):
            prior = (await self._load(known, request.id, request.old_outputs)).state
            plan = await self._plan_change(known, prior, request, mask)
            if request.preview:
                return UpdateResult(outputs=self._planned_outputs(known, plan, request.news))
            if plan.action is PlannedAction.REPLACE:
                raise TerraformError(
                    "What was planned as an update needs a new object by now",
                    hint="Run the update again: it will be planned as a replacement",
                )
            outcome = await self._apply(known, plan, request.news)
        self._session.warn_all(outcome.warnings, shape, mask, request.urn)
        if outcome.errors and not outcome.changed:
            raise self._session.refusal(outcome.errors, shape, mask)
        state = outcome.state or prior
        outputs = self._outputs(known, state, request.news)
        if outcome.errors:
            raise InitFailedError(
                id=request.id, outputs=outputs, reasons=self._session.reasons(outcome.errors, shape, mask)
            )
        return UpdateResult(outputs=outputs)

    async def _apply(self, known: KnownResource, plan: ResourcePlan, inputs: PropertyMap) -> Outcome:
        """Carry out *plan*; meanwhile there are files with what assets in *inputs* hold."""
        files = self._files(known)
        if plan.action is PlannedAction.NONE or not files.mentioned(inputs):
            return await self._session.lifecycle.apply(known.kind, plan)
        with folder_for_files() as folder:
            try:
                paths = await asyncio.to_thread(files.written, inputs, folder)
            except (UserError, OSError) as error:
                raise TerraformError(f"A file for {known.name} cannot be made: {error}") from error
            outcome = await self._session.lifecycle.apply(known.kind, placed(plan, paths))
        return unplaced(outcome, paths)

    async def delete(self, request: DeleteRequest) -> None:
        """See `Provider.delete` (§5.13)."""
        known = self._session.catalogue.resource(request.type)
        mask = self._mask(known.shape, request.inputs, request.outputs)
        with self._session.explained(known.shape, mask, request.urn):
            prior = (await self._load(known, request.id, request.outputs)).state
            outcome = await self._session.lifecycle.destroy(known.kind, prior)
        self._session.warn_all(outcome.warnings, known.shape, mask, request.urn)
        if outcome.errors:
            self._fail_delete(known, request, outcome, mask)

    def _fail_delete(
        self, known: KnownResource, request: DeleteRequest, outcome: Outcome, mask: Mask
    ) -> None:
        if outcome.state is None or not outcome.changed:
            raise self._session.refusal(outcome.errors, known.shape, mask)
        raise InitFailedError(
            id=request.id,
            outputs=self._outputs(known, outcome.state, request.inputs),
            reasons=self._session.reasons(outcome.errors, known.shape, mask),
        )

    # Looking ------------------------------------------------------------------------------------

    async def read(self, request: ReadRequest) -> ReadResult:
        """See `Provider.read`: by what is recorded if anything is (§5.5), else by id (§5.14)."""
        known = self._session.catalogue.resource(request.type)
        shape = known.shape
        bags = [request.outputs, *([request.inputs] if request.inputs else [])]
        mask = self._mask(shape, *bags)
        before: _Loaded | None = None
        with self._session.explained(shape, mask, request.urn):
            if _is_recorded(request):
                before = await self._load(known, request.id, request.outputs)
                state, warnings = await self._session.lifecycle.refresh(known.kind, before.state)
            else:
                state, warnings = await self._import(known, request.id)
        self._session.warn_all(warnings, shape, mask, request.urn)
        if state is None:
            return ReadResult(id="", outputs=None)
        if before is not None and before.is_current and state is before.state:
            outputs = request.outputs
        else:
            outputs = self._outputs(known, state, request.inputs or {})
        id_ = resource_id(known, state, request.urn, fallback=request.id)
        if before is not None and request.inputs is not None:
            inputs = refreshed_inputs(shape, request.inputs, outputs)
        elif request.inputs is None:
            inputs = await self._said(request, _adopted(shape, id_, outputs))
        else:
            inputs = imported_inputs(shape, outputs)
        return ReadResult(id=id_, outputs=outputs, inputs=inputs)

    async def _said(self, request: ReadRequest, adopted: Adopted) -> PropertyMap:
        """The inputs to record of what was imported; a provider that cannot plan has no say in it."""
        try:
            inputs, _ = await fitted(self, request.type, request.urn, adopted, plans=True)
        except ProviderError:
            return adopted.inputs
        return inputs

    async def adopt(
        self,
        token: str,
        stored: StoredObject,
        urn: Urn,
        sensitive: Sequence[AttributePath],
        *,
        untyped: bool,
    ) -> Adopted:
        """
        See `TerraformProvider.adopt` (§11).

        The provider brings the object up to date by itself; nothing is looked up or changed.
        """
        known = self._session.catalogue.resource(token)
        shape = known.shape
        if untyped:
            typed = with_types(bytes(stored.state), known.kind.schema.type)
            stored = msgspec.structs.replace(stored, state=msgspec.Raw(typed))
        with self._session.explained(shape, self._mask(shape), urn):
            state = await self._session.lifecycle.load(known.kind, stored)
        outputs = self._outputs(known, state, {})
        if sensitive:
            secrets: Value = reveal(outputs)
            for path in sensitive:
                secrets = _sealed_at(secrets, property_path(shape, path))
            if isinstance(secrets, dict):
                outputs = self._outputs(known, state, secrets)
        return _adopted(shape, resource_id(known, state, urn), outputs)

    def likely_ids(self, type_: str, inputs: PropertyMap) -> tuple[LikelyId, ...]:
        """See `TerraformProvider.likely_ids`."""
        known = self._session.catalogue.resource(type_)
        if known.kind.identity is None:
            return ()
        attributes = known.kind.identity.attributes
        shown = {field.name: field.shown_as for field in known.shape.fields if field.shown_as is not None}
        said = {
            name: inputs[shown[name]]
            for name in attributes
            if name in shown and isinstance(inputs.get(shown[name]), str | int | float)
        }
        needed = {name for name, each in attributes.items() if each.required_for_import}
        if not said or needed - said.keys():
            return ()
        return (LikelyId(msgspec.json.encode(said).decode(), tuple(shown[name] for name in said)),)

    async def _import(
        self, known: KnownResource, id_: str
    ) -> tuple[ObjectState | None, tuple[TfDiagnostic, ...]]:
        lifecycle, identity = self._session.lifecycle, _identity_of(known, id_)
        try:
            if identity is not None:
                return await lifecycle.import_object(known.kind, identity=identity)
            return await lifecycle.import_object(known.kind, id=id_)
        except RefusedError as error:
            reason = TfDiagnostic(summary=f"`{id_}` cannot be imported as {known.name}")
            raise RefusedError([reason, *error.diagnostics]) from error

    # What they share ----------------------------------------------------------------------------

    def _mask(self, shape: Shape, *bags: PropertyMap) -> Mask:
        return self._session.mask.joined(mask_of(shape, *bags))

    def _files(self, known: KnownResource) -> Files:
        return Files(known.files, known.shape, self._session.directory)

    def _config(self, known: KnownResource, inputs: PropertyMap) -> dict[str, TfValue]:
        converted = to_config(known.shape, self._files(known).named(inputs))
        if converted.failures:
            first = converted.failures[0]
            raise InvalidInputsError(f"{first.property}: {first.reason}", converted.failures)
        return converted.config

    async def _load(self, known: KnownResource, id_: str, outputs: PropertyMap) -> _Loaded:
        """The recorded object, as the provider sees it today."""
        lifecycle, text = self._session.lifecycle, stored_text(outputs)
        if text is None:
            rebuilt = self._rebuilt(known, id_, outputs)
            return _Loaded(await lifecycle.load(known.kind, rebuilt), is_current=False)
        loaded = self._loaded.get((known.name, text))
        if loaded is None:
            stored = parse_stored(text)
            is_current = lifecycle.is_own_record(known.kind, stored)
            loaded = _Loaded(await lifecycle.load(known.kind, stored), is_current)
            self._keep(known.name, text, loaded)
        return loaded

    def _keep(self, name: str, text: str, loaded: _Loaded) -> None:
        if (name, text) in self._loaded:
            return
        self._loaded[name, text] = loaded
        self._kept_text += len(text)
        while self._kept_text > _KEPT_TEXT:
            oldest = next(iter(self._loaded))
            del self._loaded[oldest]
            self._kept_text -= len(oldest[1])

    def _rebuilt(self, known: KnownResource, id_: str, outputs: PropertyMap) -> StoredObject:
        """What somebody else recorded, as Terraform would have it (§9)."""
        meta = bridge_meta(outputs)
        version, private = meta if meta is not None else (known.kind.schema.version, b"")
        value = state_value(known.shape, reveal(outputs))
        if "id" in value and value["id"] is None:
            value["id"] = id_  # programs do not see it, so outputs need not have it
        return StoredObject(
            provider=self._session.provider.address,
            type=known.name,
            schema_version=version,
            state=msgspec.Raw(encode_json(value, known.kind.schema.type)),
            private=private,
        )

    def _outputs(self, known: KnownResource, state: ObjectState, inputs: PropertyMap) -> PropertyMap:
        """What is recorded and shown of an object."""
        value = normalised(known.kind.block, state.value)
        try:
            outputs = self._shown(known, value, inputs)
        except ValueMismatchError as error:
            # The object exists: better a record that shows nothing than none.
            self._session.warn(f"What there is of a {known.name} cannot be shown: {error.message}")
            outputs = {}
        stored = self._session.lifecycle.stored(known.kind, state)
        secret = contains_secrets(outputs) or contains_secrets(inputs)
        return with_stored(outputs, stored, secret=secret)

    def _planned_outputs(self, known: KnownResource, plan: ResourcePlan, inputs: PropertyMap) -> PropertyMap:
        return self._shown(known, normalised(known.kind.block, plan.planned), inputs)

    def _shown(self, known: KnownResource, value: Mapping[str, TfValue], inputs: PropertyMap) -> PropertyMap:
        return self._files(known).shown(to_properties(known.shape, value, inputs), inputs)


def resource_id(known: KnownResource, state: ObjectState, urn: Urn, *, fallback: str = "") -> str:
    """
    What an object is called in records (§8.7).

    Its `id`; failing that its identity, its ARN or its name; failing that *fallback*, or
    something that no other resource has.
    """
    value = state.value
    id_field = known.kind.block.attributes.get("id")
    if id_field is not None and id_field.type is STRING and value.get("id"):
        return str(value["id"])
    if known.kind.identity is not None and isinstance(state.identity, dict):
        parts = [str(part) for part in state.identity.values() if part is not None]
        if parts:
            return "/".join(parts)
    for name in ("arn", "name"):
        if isinstance(value.get(name), str) and value[name]:
            return str(value[name])
    return fallback or hashlib.sha256(urn.encode()).hexdigest()[:20]


def _adopted(shape: Shape, id_: str, outputs: PropertyMap) -> Adopted:
    return Adopted(
        id=id_,
        outputs=outputs,
        inputs=imported_inputs(shape, outputs),
        all_inputs=imported_inputs(shape, outputs, says_all=True),
        optional=_shown(shape, lambda field: not field.required),
        can_be_left_out=_shown(shape, lambda field: field.computed and not field.required),
        usually_unsaid=_shown(shape, _usually_unsaid),
    )


def _shown(shape: Shape, chosen: Callable[[Field], bool]) -> frozenset[str]:
    return frozenset(each.shown_as for each in shape.fields if each.shown_as is not None and chosen(each))


def _usually_unsaid(field: Field) -> bool:
    if field.required:
        return False
    if field.block is not None:
        return field.block.block.deprecated
    deprecated = field.attribute is not None and field.attribute.deprecated
    # The old SDK has these in the form of settings, and what they are follows from others.
    return deprecated or (field.computed and (field.name == "arn" or field.name.endswith("_all")))


def _sealed_at(value: Value, path: PropertyPath) -> Value:
    """*value* with what is at *path* secret; all of it where the path leads nowhere further."""
    if not path:
        return seal(value)
    if isinstance(value, dict) and path[0] in value:
        key = str(path[0])
        return {**value, key: _sealed_at(value[key], path[1:])}
    if isinstance(value, list) and isinstance(path[0], int) and path[0] < len(value):
        return [_sealed_at(each, path[1:]) if at == path[0] else each for at, each in enumerate(value)]
    return value


def _identity_of(known: KnownResource, text: str) -> TfValue:
    """
    The identity that *text* says as a JSON object, or None if it is an id.

    Raises:
        RefusedError: It is an object, but not the identity of such a resource.
    """
    identity = known.kind.identity
    if identity is None or not text.startswith("{"):
        return None
    try:
        said = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return None
    needed = {name for name, each in identity.attributes.items() if each.required_for_import}
    missing, unknown = sorted(needed - said.keys()), sorted(said.keys() - identity.attributes.keys())
    if missing or unknown:
        parts = [f"{name} (required)" if name in needed else name for name in identity.attributes]
        wrong = f"it lacks {', '.join(missing)}" if missing else f"{', '.join(unknown)} is none of it"
        raise RefusedError(
            [
                TfDiagnostic(
                    summary=f"{text} is not the identity of one {known.name}: {wrong}",
                    detail=f"An identity of it is a JSON object of {', '.join(parts)}.",
                )
            ]
        )
    return {name: said.get(name) for name in identity.attributes}


def _is_recorded(request: ReadRequest) -> bool:
    """Whether the object is in the state already; what `get` sends along are the program's words."""
    if STORED_KEY in request.outputs or bridge_meta(request.outputs) is not None:
        return True
    return bool(request.outputs) and request.inputs is not None and request.outputs is not request.inputs


def _ignored(shape: Shape, paths: Sequence[str], prior: TfValue, config: TfValue) -> Ignored:
    found: list[AttributePath] = []
    for text in paths:
        if text == "*":
            return Ignored(all=True)
        try:
            path = parse_path(text)
        except InvalidPathError:
            continue  # the engine says so
        found += attribute_paths(shape, path, [prior, config])
    return Ignored(tuple(dict.fromkeys(found)))


def _tainted(*, delete_first: bool) -> DiffResult:
    """A creation that failed half-way is made up for by a new object (§5.26)."""
    return DiffResult(
        changes=DiffChanges.SOME,
        replaces=(INIT_ERROR_PATH,),
        diffs=(INIT_ERROR_PATH,),
        detailed={INIT_ERROR_PATH: PropertyDiff(DiffKind.UPDATE_REPLACE)},
        delete_before_replace=delete_first,
    )


def _is_nameable(field: Field) -> bool:
    return (
        field.shown_as is not None
        and not field.computed_only
        and field.attribute is not None
        and field.attribute.type is STRING
    )


def _conflicts(found: Sequence[CheckFailure], shape: Shape) -> bool:
    name = shape.by_name["name"].shown_as
    return any(each.property == name and "onflict" in each.reason for each in found)


def _durations(timeouts: CustomTimeouts) -> dict[str, str]:
    """Seconds as Go writes durations, for the operations that were named."""
    named = {"create": timeouts.create, "update": timeouts.update, "delete": timeouts.delete}
    # Go knows no exponents in durations.
    return {
        name: f"{seconds:.9f}".rstrip("0").rstrip(".") + "s" for name, seconds in named.items() if seconds
    }
