"""
`DynamicProvider`: the pickled providers of existing programs (sdk.md §18, protocol.md §13.7).

One host serves all of them: which object answers is told by the property `__provider` of
each resource. What the program of this very run wrote is taken as it is. What comes from
the state is loaded only if this stack's key signed it, or the user allows it.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from typing import Any, cast

from stackwright.errors import UserError
from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    CheckRequest,
    CheckResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffChanges,
    DiffRequest,
    DiffResult,
    ProviderError,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers._secretness import with_secretness
from stackwright.providers.python._base import PythonHost
from stackwright.providers.python._calls import Calls, failure
from stackwright.providers.python._differences import differences
from stackwright.providers.python._plain import plain, values
from stackwright.providers.python._signatures import PROVIDER_KEY, SIGNATURE_KEY, Admission, pickle_in
from stackwright.sdk import _import_aliases, _pickling, dynamic
from stackwright.sdk._deserialize import translate
from stackwright.sdk.dynamic import _made
from stackwright.values import PropertyMap


class DynamicProvider(PythonHost):
    """
    A `Provider` whose resources each bring their own provider object.

    *calls* runs the objects' methods, *admission* says which pickles may be loaded.
    """

    package = "pulumi-python"
    version = "0.1.0"

    def __init__(self, calls: Calls, admission: Admission) -> None:
        super().__init__(calls)
        self._admission = admission
        self._ready: dict[str, asyncio.Future[Any]] = {}

    # Resources ----------------------------------------------------------------------------------

    async def check(self, request: CheckRequest) -> CheckResult:
        olds, news = _seen(request.olds), _seen(request.news)
        self._admission.note_program(request.news)
        provider = await self._provider(request.urn, request.news, request.olds)
        doing = f"check {request.urn}"
        result = await self._calls.call(doing, provider.check, olds, news)
        inputs = self._answered(doing, result.inputs, request.news)
        failures = tuple(CheckFailure(each.property, each.reason) for each in result.failures or ())
        return CheckResult(inputs=with_secretness(inputs, request.news), failures=failures)

    async def diff(self, request: DiffRequest) -> DiffResult:
        olds, news = self._bag(request.old_outputs), _seen(request.news)
        provider = await self._provider(request.urn, request.news, request.old_outputs)
        result = await self._calls.call(f"compare {request.urn}", provider.diff, request.id, olds, news)
        changes = DiffChanges.UNKNOWN
        if result.changes is not None:
            changes = DiffChanges.SOME if result.changes else DiffChanges.NONE
        replaces = tuple(result.replaces or ())
        detailed = differences(request, replaces) if result.changes else {}
        # What it says of stable outputs goes no further, as elsewhere (§18).
        return DiffResult(
            changes=changes,
            diffs=tuple(detailed),
            replaces=replaces,
            delete_before_replace=bool(result.delete_before_replace),
            detailed=detailed or None,
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        if request.preview:
            return CreateResult(id="", outputs=request.inputs)
        doing = f"create {request.urn}"
        provider = await self._provider(request.urn, request.inputs)
        result = await self._calls.call(doing, provider.create, _seen(request.inputs))
        outputs = await self._recorded(doing, result.outs, request.inputs)
        return CreateResult(id=_id(doing, result.id), outputs=outputs)

    async def read(self, request: ReadRequest) -> ReadResult:
        known = request.outputs or request.inputs or {}
        if PROVIDER_KEY not in known:
            raise ProviderError(
                f"{request.urn} cannot be read: nothing but its id is known, and not which provider it has",
                hint="Dynamic resources are not imported: let the provider's `create` adopt what exists",
            )
        doing = f"read {request.urn}"
        provider = await self._provider(request.urn, known)
        result = await self._calls.call(doing, provider.read, request.id, self._bag(known))
        if not result.id:
            return ReadResult(id="", outputs=None)
        inputs = None
        if result.inputs is not None:
            asked = request.inputs or {}
            inputs = with_secretness(self._answered(doing, result.inputs, known), asked)
        return ReadResult(
            id=_id(doing, result.id), outputs=await self._recorded(doing, result.outs, known), inputs=inputs
        )

    async def update(self, request: UpdateRequest) -> UpdateResult:
        if request.preview:
            return UpdateResult(outputs=request.news)
        doing = f"update {request.urn}"
        provider = await self._provider(request.urn, request.news)
        olds, news = self._bag(request.old_outputs), _seen(request.news)
        result = await self._calls.call(doing, provider.update, request.id, olds, news)
        return UpdateResult(outputs=await self._recorded(doing, result.outs, request.news))

    async def delete(self, request: DeleteRequest) -> None:
        provider = await self._provider(request.urn, request.outputs, request.inputs)
        await self._calls.call(
            f"delete {request.urn}", provider.delete, request.id, self._bag(request.outputs)
        )

    # Values -------------------------------------------------------------------------------------

    def _bag(self, bag: PropertyMap) -> dict[str, Any]:
        """What is recorded of a resource, as its provider knows it."""
        return _seen({name: value for name, value in bag.items() if name != SIGNATURE_KEY})

    def _answered(self, doing: str, answer: Mapping[str, Any] | None, asked: PropertyMap) -> PropertyMap:
        try:
            found = dict(values(answer or {}))
        except Exception as error:
            raise failure(doing, error) from error
        if PROVIDER_KEY in asked:
            found[PROVIDER_KEY] = asked[PROVIDER_KEY]
        return found

    async def _recorded(self, doing: str, outs: Mapping[str, Any] | None, asked: PropertyMap) -> PropertyMap:
        """Outputs as they are recorded: with the provider, and with the signature of what was loaded."""
        outputs = self._answered(doing, outs, asked)
        outputs.pop(SIGNATURE_KEY, None)
        outputs.update(await self._admission.signature(asked))
        return with_secretness(outputs, asked)

    # Provider objects ---------------------------------------------------------------------------

    async def _provider(self, urn: str, *bags: PropertyMap) -> Any:
        """The provider that the first of *bags* with one names, configured."""
        for bag in bags:
            text = pickle_in(bag)
            if text is None:
                continue
            ready = self._ready.get(text)
            if ready is None:
                ready = self._ready[text] = asyncio.ensure_future(self._make_ready(urn, text, bag))
            try:
                return await asyncio.shield(ready)
            except ProviderError:
                self._ready.pop(text, None)
                raise
        raise ProviderError(f"The dynamic resource {urn} has no provider recorded as `{PROVIDER_KEY}`")

    async def _make_ready(self, urn: str, text: str, bag: PropertyMap) -> Any:
        provider = await self._take(urn, text, bag)
        request = dynamic.ConfigureRequest(self.configuration)
        await self._calls.call(f"configure the provider of {urn}", provider.configure, request)
        return provider

    async def _take(self, urn: str, text: str, bag: PropertyMap) -> Any:
        made = _made.find(text)
        if made is not None and made.provider is not None:
            return copy.copy(made.provider)
        await self._admission.admit(urn, bag)
        return await self._calls.call(f"load the provider of {urn}", self._load(text))

    def _load(self, text: str) -> Callable[[], Any]:
        def load() -> Any:
            from stackwright.sdk.dynamic._dill import provider_from

            self._calls.importable()
            try:
                _import_aliases.install()
                with _pickling.pickling():
                    return provider_from(text)
            except UserError as error:
                raise ProviderError(error.message, detail=error.detail, hint=error.hint) from error

        return load


def _seen(bag: PropertyMap) -> dict[str, Any]:
    """*bag* as providers of this kind were always given it: numbers are floats (protocol.md §2.1)."""
    return cast("dict[str, Any]", translate(plain(bag), None))


def _id(doing: str, id_: object) -> str:
    if not isinstance(id_, str) or not id_:
        raise ProviderError(
            f"Could not {doing}: the provider answered {id_!r} for the id",
            hint="The id of an object is a text that is not empty: return `CreateResult(id_=str(…), …)`",
        )
    return id_
