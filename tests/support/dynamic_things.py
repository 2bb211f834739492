"""A dynamic provider with objects in memory, for the contract of providers."""

from __future__ import annotations

import itertools
from typing import Any

from stackwright.sdk.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

OBJECTS: dict[str, dict[str, Any]] = {}
_numbers = itertools.count(1)


class Things(ResourceProvider):
    """Things with a value that can change and a `fixed` part that cannot."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        failures = [CheckFailure("value", "a text is needed")] if isinstance(news.get("value"), int) else []
        return CheckResult({**news, "mode": news.get("mode", "plain")}, failures)

    async def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = [key for key in ("value", "fixed") if olds.get(key) != news.get(key)]
        return DiffResult(bool(changed), ["fixed"] if "fixed" in changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        id_ = f"thing-{next(_numbers)}"
        OBJECTS[id_] = dict(props)
        return CreateResult(id_, {**props, "id": id_})

    async def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        held = OBJECTS.get(id_)
        return ReadResult() if held is None else ReadResult(id_, {**props, **held}, held)

    def update(self, id_: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        OBJECTS[id_] = dict(news)
        return UpdateResult({**news, "id": id_})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        OBJECTS.pop(id_, None)
