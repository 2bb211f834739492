"""A provider under contract, opened once for all subjects that share it, and watched."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest

from stackwright.providers import (
    CheckConfigRequest,
    CheckRequest,
    CheckResult,
    ConfigureRequest,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffRequest,
    DiffResult,
    Listed,
    ListRequest,
    ListsResources,
    Provider,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.urn import Urn, make_urn, provider_type
from stackwright.values import PropertyMap

from .subjects import SUBJECTS, Home, Subject


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Watched:
    """A provider none of whose calls may change what it was given."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._provider, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*given: Any, **named: Any) -> Any:
            before = copy.deepcopy(given)
            try:
                return await method(*given, **named)
            finally:
                assert given == before, f"`{name}` changed its request"

        return call


class Case:
    """One subject at one provider: short ways to ask the questions an engine asks."""

    def __init__(self, subject: Subject, provider: Provider, world: Callable[[], object]) -> None:
        self.subject, self.provider, self._world = subject, provider, world
        self.urn: Urn = make_urn("dev", "project", "", subject.type, "it")

    def world(self) -> object:
        """Everything the provider manages, as it is now."""
        return copy.deepcopy(self._world())

    async def check(
        self,
        news: PropertyMap,
        *,
        olds: PropertyMap | None = None,
        seed: bytes = b"s" * 32,
        preview: bool = False,
    ) -> CheckResult:
        request = CheckRequest(
            urn=self.urn, type=self.subject.type, olds=olds or {}, news=news, seed=seed, preview=preview
        )
        return await self.provider.check(request)

    async def checked(
        self, news: PropertyMap, *, olds: PropertyMap | None = None, preview: bool = False
    ) -> PropertyMap:
        """*news* with defaults; nothing may be wrong with them."""
        result = await self.check(news, olds=olds, preview=preview)
        assert result.failures == ()
        return result.inputs

    async def create(self, inputs: PropertyMap, *, preview: bool = False) -> CreateResult:
        """Create from checked *inputs*."""
        request = CreateRequest(urn=self.urn, type=self.subject.type, inputs=inputs, preview=preview)
        return await self.provider.create(request)

    async def made(self, news: PropertyMap | None = None) -> Made:
        """An object of *news*, of the subject's own inputs by default."""
        inputs = await self.checked(self.subject.inputs if news is None else news)
        return Made(self, inputs, await self.create(inputs))

    async def read(
        self, id_: str, outputs: PropertyMap | None = None, inputs: PropertyMap | None = None
    ) -> ReadResult:
        request = ReadRequest(
            urn=self.urn, type=self.subject.type, id=id_, outputs=outputs or {}, inputs=inputs
        )
        return await self.provider.read(request)

    async def listed(self, query: PropertyMap | None = None) -> list[Listed]:
        provider = cast("ListsResources", self.provider)
        request = ListRequest(type=self.subject.type, query=query or {})
        return [each async for each in provider.list_resources(request)]


class Made:
    """An object that exists."""

    def __init__(self, case: Case, inputs: PropertyMap, result: CreateResult) -> None:
        self._case, self.inputs, self.id, self.outputs = case, inputs, result.id, result.outputs

    async def diff(self, news: PropertyMap, *, preview: bool = False) -> DiffResult:
        """What it takes to get to checked *news*."""
        request = DiffRequest(
            urn=self._case.urn,
            type=self._case.subject.type,
            id=self.id,
            old_inputs=self.inputs,
            old_outputs=self.outputs,
            news=news,
            preview=preview,
        )
        return await self._case.provider.diff(request)

    async def read(self) -> ReadResult:
        return await self._case.read(self.id, self.outputs, self.inputs)

    async def settle(self) -> None:
        """Look at it once, where only the second look is what all others are like."""
        if self._case.subject.settles:
            self.outputs = (await self.read()).outputs or {}

    async def update(self, news: PropertyMap, *, preview: bool = False) -> UpdateResult:
        request = UpdateRequest(
            urn=self._case.urn,
            type=self._case.subject.type,
            id=self.id,
            old_inputs=self.inputs,
            old_outputs=self.outputs,
            news=news,
            preview=preview,
        )
        result = await self._case.provider.update(request)
        if not preview:
            self.inputs, self.outputs = news, result.outputs
        return result

    async def delete(self) -> None:
        request = DeleteRequest(
            urn=self._case.urn,
            type=self._case.subject.type,
            id=self.id,
            inputs=self.inputs,
            outputs=self.outputs,
        )
        await self._case.provider.delete(request)


_places = itertools.count()


def placed(subject: Subject) -> Subject:
    """*subject* with objects where no other object is."""
    if not subject.place:
        return subject
    suffix = f"-{next(_places)}"

    def move(inputs: PropertyMap | None) -> PropertyMap | None:
        return inputs and {**inputs, subject.place: f"{inputs[subject.place]}{suffix}"}

    return dataclasses.replace(
        subject,
        inputs=move(subject.inputs) or {},
        updated=move(subject.updated),
        replaced=move(subject.replaced),
    )


async def configure(provider: Provider, package: str) -> None:
    """What an engine does before it asks about resources (protocol.md §8.19)."""
    urn = make_urn("dev", "project", "", provider_type(package), "default")
    checked = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news={}))
    assert checked.failures == ()
    await provider.configure(ConfigureRequest(urn=urn, id="some-id", inputs=checked.inputs))


@pytest.fixture(scope="module")
async def homes(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[Subject], Awaitable[Home]]]:
    """Gives a subject its configured provider, opened when the first one asks for it."""
    async with AsyncExitStack() as stack:
        opened: dict[Any, Home] = {}

        async def open_home(subject: Subject) -> Home:
            home = opened.get(subject.open)
            if home is None:
                folder = tmp_path_factory.mktemp(subject.open.__name__)
                home = opened[subject.open] = await stack.enter_async_context(subject.open(folder))
                await configure(home.provider, subject.package)
            return home

        yield open_home


def where(*promises: str) -> Callable[[Any], Any]:
    """For obligations of subjects with all of these fields; `not FIELD` for those without."""

    def mark(function: Any) -> Any:
        function.promises = promises
        return function

    return mark


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"subject", "case"} & set(metafunc.fixturenames):
        promises = getattr(metafunc.function, "promises", ())
        found = [s for s in SUBJECTS if all(_keeps(s, promise) for promise in promises)]
        metafunc.parametrize("subject", found, ids=str)


def _keeps(subject: Subject, promise: str) -> bool:
    name = promise.removeprefix("not ")
    value: object = subject
    for part in name.split("."):
        value = getattr(value, part, None)
    return bool(value) == (name == promise)


@pytest.fixture
async def case(subject: Subject, homes: Callable[[Subject], Awaitable[Home]]) -> Case:
    """The subject at its provider, at a place of its own."""
    home = await homes(subject)
    watched: Any = Watched(home.provider)
    return Case(placed(subject), watched, home.world)
