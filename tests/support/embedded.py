"""Driving one provider the way the engine does, one resource at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from stackwright.diagnostics import Diagnostic
from stackwright.goals import CheckFailure, InvokeResult
from stackwright.providers import (
    CheckRequest,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffRequest,
    DiffResult,
    InvokeRequest,
    Provider,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
    builtin,
)
from stackwright.urn import Urn, make_urn
from stackwright.values import PropertyMap

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of *work*, on an event loop of its own."""
    return asyncio.run(work)


class Made:
    """An object: what went in, and what came out."""

    def __init__(self, driver: Driver, inputs: PropertyMap, id_: str, outputs: PropertyMap) -> None:
        self.driver, self.inputs, self.id, self.outputs = driver, inputs, id_, outputs

    def __getitem__(self, name: str) -> Any:
        return self.outputs[name]

    def diff(self, _ignore: tuple[str, ...] = (), **news: Any) -> DiffResult:
        """What going to *news* takes."""
        request = DiffRequest(
            urn=self.driver.urn,
            type=self.driver.token,
            id=self.id,
            old_inputs=self.inputs,
            old_outputs=self.outputs,
            news=self.driver.checked(**news),
            preview=False,
            ignore_changes=_ignore,
        )
        return run(self.driver.provider.diff(request))

    def update_request(self, *, preview: bool = False, **news: Any) -> UpdateRequest:
        return UpdateRequest(
            urn=self.driver.urn,
            type=self.driver.token,
            id=self.id,
            old_inputs=self.inputs,
            old_outputs=self.outputs,
            news=news if preview else self.driver.checked(**news),
            preview=preview,
        )

    def update(self, **news: Any) -> UpdateResult:
        """Change it in place, and take over what it is now."""
        result = run(self.driver.provider.update(self.update_request(**news)))
        self.inputs, self.outputs = news, result.outputs
        return result

    def preview_update(self, **news: Any) -> PropertyMap:
        return run(self.driver.provider.update(self.update_request(preview=True, **news))).outputs

    def read(self) -> ReadResult:
        request = ReadRequest(
            urn=self.driver.urn,
            type=self.driver.token,
            id=self.id,
            outputs=self.outputs,
            inputs=self.inputs,
        )
        return run(self.driver.provider.read(request))

    def delete(self) -> None:
        request = DeleteRequest(
            urn=self.driver.urn,
            type=self.driver.token,
            id=self.id,
            inputs=self.inputs,
            outputs=self.outputs,
        )
        run(self.driver.provider.delete(request))


class Driver:
    """A resource type of an embedded package; `said` holds what the provider logged."""

    def __init__(self, token: str, *, name: str = "it") -> None:
        self.token = token
        self.said: list[Diagnostic] = []
        provider = builtin.open(token.partition(":")[0], log=self.said.append)
        assert provider is not None
        self.provider: Provider = provider
        self.urn: Urn = make_urn("dev", "project", "", token, name)

    def failures(self, **news: Any) -> tuple[CheckFailure, ...]:
        """What `check` finds wrong with *news*."""
        return run(self.provider.check(self._check_request(news))).failures

    def checked(self, **news: Any) -> PropertyMap:
        """*news* as checked; nothing may be wrong with them."""
        result = run(self.provider.check(self._check_request(news)))
        assert result.failures == ()
        return result.inputs

    def _check_request(self, news: PropertyMap) -> CheckRequest:
        return CheckRequest(urn=self.urn, type=self.token, olds={}, news=news, seed=b"", preview=False)

    def create(self, **news: Any) -> Made:
        """A new object out of checked *news*."""
        inputs = self.checked(**news)
        result = run(self.provider.create(self.create_request(inputs)))
        return Made(self, inputs, result.id, result.outputs)

    def create_request(
        self, inputs: PropertyMap, *, preview: bool = False, timeout: float = 0
    ) -> CreateRequest:
        return CreateRequest(urn=self.urn, type=self.token, inputs=inputs, preview=preview, timeout=timeout)

    def preview(self, **news: Any) -> CreateResult:
        """What a preview of creating tells."""
        return run(self.provider.create(self.create_request(self.checked(**news), preview=True)))

    def adopt(self, id_: str) -> ReadResult:
        """Import the object with this id."""
        return run(self.provider.read(ReadRequest(urn=self.urn, type=self.token, id=id_, outputs={})))


def invoke(token: str, **args: Any) -> InvokeResult:
    """Call the function *token* of an embedded package."""
    provider = builtin.open(token.partition(":")[0])
    assert provider is not None
    return run(provider.invoke(InvokeRequest(token=token, args=args, preview=False)))
