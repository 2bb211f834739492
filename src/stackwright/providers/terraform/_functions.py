"""
What programs call: data sources, functions, ephemeral resources, queries and actions.

    data source          getThing     read once, nothing is stored (terraform.md §5.17)
    provider function    thing        pure (§5.19)
    ephemeral resource   openThing    open until the run ends; every value is secret (§5.18)
    list resource        listThing    what exists, for imports (§5.20)
    action               runThing     does something, when the program says so (§5.20)
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.goals import CheckFailure, InvokeResult
from stackwright.providers._interface import InvalidInputsError, Listed, ProviderError, UnimplementedError
from stackwright.providers.terraform._catalogue import KnownFunction, KnownSchema
from stackwright.providers.terraform._client import Answer
from stackwright.providers.terraform._client import Listed as Answered
from stackwright.providers.terraform._convert import from_value, to_config, to_properties, to_value
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._normalised import normalised
from stackwright.providers.terraform._said import failures, mask_of
from stackwright.providers.terraform._session import Session, TerraformError
from stackwright.providers.terraform._shapes import Shape
from stackwright.providers.terraform._tidying import tidied
from stackwright.providers.terraform._values import TfValue, contains_unknown
from stackwright.values import Mask, PropertyMap, contains_secrets, contains_unknowns, reveal, seal

if TYPE_CHECKING:
    from stackwright.providers._interface import InvokeRequest, ListRequest

_CLOSING: Final = 10.0
"""How many seconds an ephemeral resource gets to close, as under Terraform."""

_RENEWED_EARLY: Final = 1.0
"""Renewed that many seconds before the provider says that it must be, where there is the time."""

_QUERY_KEYS: Final = ("limit", "includeResource")
"""Arguments of a query that are not the provider's own."""


class Functions:
    """Implements `Provider.invoke`. What was opened is closed by `close`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: list[_Opened] = []

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """
        Call the function of *request*.

        Raises:
            UnimplementedError: There is no such function.
            ProviderError: It failed for another reason than its arguments.
        """
        catalogue, token = self._session.catalogue, request.token
        if (data := catalogue.data_source(token)) is not None:
            return await self._read(data, request.args)
        if (function := catalogue.function(token)) is not None:
            return await self._call(function, request.args)
        if (ephemeral := catalogue.ephemeral(token)) is not None:
            return await self._open_ephemeral(ephemeral, request.args)
        if (listed := catalogue.listed(token)) is not None:
            return await self._list(listed, request.args)
        if (action := catalogue.action(token)) is not None:
            return await self._run(action, request.args, preview=request.preview)
        raise catalogue.missing("function", token)

    # Data sources -------------------------------------------------------------------------------

    async def _read(self, known: KnownSchema, args: PropertyMap) -> InvokeResult:
        client = self._session.client
        asked = await self._asked(known, args, client.validate_data)
        if isinstance(asked, InvokeResult):
            return asked
        config, mask = asked
        with self._session.explained(known.shape, mask):
            answer = await client.read_data(known.name, config)
        wrong = self._wrong(known, answer, mask)
        if wrong is not None:
            return wrong
        if answer.state is None or contains_unknown(answer.state):
            raise TerraformError(f"{known.name} was read, and its provider did not say all of what it is")
        state = normalised(known.schema.block, answer.state)
        return InvokeResult(value=to_properties(known.shape, state, args))

    def _wrong(self, known: KnownSchema, answer: Answer, mask: Mask) -> InvokeResult | None:
        """Errors at arguments come back as failures; others are raised. None: nothing is wrong."""
        self._session.warn_all(answer.diagnostics, known.shape, mask)
        if not answer.failed:
            return None
        found = failures(answer.diagnostics, known.shape, mask)
        if any(each.property for each in found):
            return InvokeResult(failures=found)
        raise self._session.refusal(answer.diagnostics, known.shape, mask)

    # Functions ----------------------------------------------------------------------------------

    async def _call(self, known: KnownFunction, args: PropertyMap) -> InvokeResult:
        if contains_unknowns(args):
            return InvokeResult(unknown=True)
        names = [name for name, _ in known.arguments]
        places: list[str] = []
        arguments: list[TfValue] = []
        try:
            for name, shape in known.arguments:
                places.append(name)
                arguments.append(to_value(shape, args.get(name)))
            if known.variadic is not None:
                name, shape = known.variadic
                names.append(name)
                rest = args.get(name)
                for each in _bare_list(rest):
                    places.append(name)
                    arguments.append(to_value(shape, each))
        except ValueMismatchError as error:
            return InvokeResult(failures=(CheckFailure(places[-1], error.reason),))
        surplus = [key for key in args if key not in names]
        if surplus:
            failure = CheckFailure(surplus[0], f"{known.function.name} takes no such argument")
            return InvokeResult(failures=(failure,))
        if known.function.deprecation_message:
            self._session.warn(f"{known.function.name} is deprecated: {known.function.deprecation_message}")
        answer = await self._session.client.call_function(known.function.name, arguments)
        if answer.error is not None:
            reason = mask_of(Shape(()), args)(answer.error)
            if answer.argument is not None and answer.argument < len(places):
                return InvokeResult(failures=(CheckFailure(places[answer.argument], reason),))
            raise TerraformError(f"{known.function.name}: {reason}")
        if contains_unknown(answer.result):
            return InvokeResult(unknown=True)
        result = from_value(known.result, answer.result)
        return InvokeResult(value={"result": seal(result) if contains_secrets(args) else result})

    # Ephemeral resources ------------------------------------------------------------------------

    async def _open_ephemeral(self, known: KnownSchema, args: PropertyMap) -> InvokeResult:
        client = self._session.client
        asked = await self._asked(known, args, client.validate_ephemeral)
        if isinstance(asked, InvokeResult):
            return asked
        config, mask = asked
        with self._session.explained(known.shape, mask):
            answer = await client.open_ephemeral(known.name, config)
        wrong = self._wrong(known, answer, mask)
        if wrong is not None:
            return wrong
        opened = _Opened(self._session, known, answer.private, mask)
        opened.renew_at(answer.renew_at)
        self._open.append(opened)
        value = to_properties(known.shape, answer.result or {})
        return InvokeResult(value={name: seal(each) for name, each in value.items()})

    # Queries ------------------------------------------------------------------------------------

    async def _list(self, known: KnownSchema, args: PropertyMap) -> InvokeResult:
        theirs = known.shape.by_property
        own = {key: value for key, value in args.items() if key not in _QUERY_KEYS or key in theirs}
        limit = int(reveal(args.get("limit")) or 0)
        whole = bool(reveal(args.get("includeResource")))
        query = _Query(known, own, limit, whole)
        asked = await self._asked(known, own, self._validation(query))
        if isinstance(asked, InvokeResult):
            return asked
        resource = self._session.catalogue.resource_named(known.name) if whole else None
        found: list[PropertyMap] = []
        async for each in self._found(query, *asked):
            item: PropertyMap = {"displayName": each.display_name, "identity": _identity(each)}
            if resource is not None and each.resource is not None:
                value = normalised(resource.kind.block, each.resource)
                item["resource"] = to_properties(resource.shape, value)
            found.append(item)
        return InvokeResult(value={"results": found})

    async def list_resources(self, request: ListRequest) -> AsyncGenerator[Listed, None]:
        """See `ListsResources`: an object is imported by its identity, as JSON."""
        catalogue = self._session.catalogue
        name = catalogue.resource(request.type).name
        known = catalogue.listed_named(name)
        if known is None:
            raise UnimplementedError(f"{catalogue.package} does not list what there is of {request.type}")
        query = _Query(known, request.query, request.limit, whole=False)
        asked = await self._asked(known, request.query, self._validation(query))
        if isinstance(asked, InvokeResult):
            wrong = "; ".join(f"{each.property}: {each.reason}" for each in asked.failures)
            raise InvalidInputsError(
                f"The query is wrong: {wrong or 'not all of it is known'}", asked.failures
            )
        async for each in self._found(query, *asked):
            yield Listed(id=msgspec.json.encode(_identity(each)).decode(), name=each.display_name)

    def _validation(self, query: _Query) -> Callable[[str, TfValue], Awaitable[Answer]]:
        client = self._session.client

        async def validate(name: str, config: TfValue) -> Answer:
            return await client.validate_list(name, config, include_resource=query.whole, limit=query.limit)

        return validate

    async def _found(self, query: _Query, config: TfValue, mask: Mask) -> AsyncIterator[Answered]:
        session, name = self._session, query.known.name
        answers = session.client.list_resources(name, config, include_resource=query.whole, limit=query.limit)
        with session.explained(query.known.shape, mask):
            async for each in answers:
                session.warn_all(each.diagnostics, None, mask)
                if each.failed:
                    raise session.refusal(each.diagnostics, None, mask)
                yield each

    # Actions ------------------------------------------------------------------------------------

    async def _run(self, known: KnownSchema, args: PropertyMap, *, preview: bool) -> InvokeResult:
        client = self._session.client
        asked = await self._asked(known, args, client.validate_action)
        if isinstance(asked, InvokeResult):
            return asked
        config, mask = asked
        with self._session.explained(known.shape, mask):
            planned = await client.plan_action(known.name, config)
            wrong = self._wrong(known, planned, mask)
            if wrong is not None:
                return wrong
            if preview:
                return InvokeResult(unknown=True)
            async for event in client.invoke_action(known.name, config):
                if event.progress:
                    self._session.tell(mask(event.progress))
                wrong = self._wrong(known, event, mask)
                if wrong is not None:
                    return wrong
        return InvokeResult(value={})

    # What they share ----------------------------------------------------------------------------

    async def _asked(
        self,
        known: KnownSchema,
        args: PropertyMap,
        validate: Callable[[str, TfValue], Awaitable[Answer]],
    ) -> tuple[TfValue, Mask] | InvokeResult:
        """The configuration that *args* are, and what hides its secrets; or the answer already."""
        self._session.warn_deprecated(known.name, known.schema.block)
        mask = self._session.mask.joined(mask_of(known.shape, args))
        converted = to_config(known.shape, tidied(known.shape, args))
        if converted.failures:
            return InvokeResult(failures=converted.failures)
        if contains_unknown(converted.config):
            return InvokeResult(unknown=True)
        with self._session.explained(known.shape, mask):
            checked = await validate(known.name, converted.config)
        wrong = self._wrong(known, checked, mask)
        return (converted.config, mask) if wrong is None else wrong

    async def close(self) -> None:
        """Close whatever was opened. Idempotent."""
        opened, self._open = self._open, []
        await asyncio.gather(*(each.close() for each in opened))


class _Query(msgspec.Struct, frozen=True):
    """What is asked of a list resource; *whole* objects, or only what they are known by."""

    known: KnownSchema
    args: PropertyMap
    limit: int
    whole: bool


def _identity(found: Answered) -> PropertyMap:
    parts = found.identity if isinstance(found.identity, dict) else {}
    return {name: part for name, part in parts.items() if part is not None}


class _Opened:
    """An ephemeral resource in use: renewed in time, closed at the end."""

    def __init__(self, session: Session, known: KnownSchema, private: bytes | None, mask: Mask) -> None:
        self._session = session
        self._known = known
        self._private = private
        self._mask = mask
        self._renewing: asyncio.Task[None] | None = None

    def renew_at(self, when: datetime | None) -> None:
        if when is not None:
            self._renewing = asyncio.ensure_future(self._keep(when))

    async def _keep(self, when: datetime | None) -> None:
        while when is not None:
            left = (when - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, left - min(_RENEWED_EARLY, left / 2)))
            try:
                answer = await self._session.client.renew_ephemeral(self._known.name, self._private)
            except ProviderError as error:
                self._session.warn(self._mask(f"{self._known.name} could not be renewed: {error.message}"))
                return
            self._session.warn_all(answer.diagnostics, self._known.shape, self._mask)
            if answer.failed:
                for reason in self._session.reasons(answer.diagnostics, self._known.shape, self._mask):
                    self._session.warn(f"{self._known.name} could not be renewed: {reason}")
                return
            self._private, when = answer.private, answer.renew_at

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._renewing
        try:
            async with asyncio.timeout(_CLOSING):
                answer = await self._session.client.close_ephemeral(self._known.name, self._private)
        except (ProviderError, TimeoutError) as error:
            self._session.warn(self._mask(f"{self._known.name} could not be closed: {error}"))
            return
        for reason in self._session.reasons(answer.diagnostics, self._known.shape, self._mask):
            self._session.warn(f"{self._known.name} could not be closed: {reason}")


def _bare_list(value: object) -> list[object]:
    bare = reveal(value)
    return bare if isinstance(bare, list) else [] if bare is None else [bare]
