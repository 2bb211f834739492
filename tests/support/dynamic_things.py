"""A dynamic provider with objects in memory, or in a file for other processes to see; for the contract."""

from __future__ import annotations

import itertools
import json
import os
import threading
from pathlib import Path
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

FILE = "DYNAMIC_THINGS"
"""The variable that names the file; without it the objects are in memory."""

OBJECTS: dict[str, dict[str, Any]] = {}
_numbers = itertools.count(1)


def objects(file: Path | None = None) -> dict[str, dict[str, Any]]:
    """What there is, in *file* or in memory."""
    if file is None:
        return {id_: dict(held) for id_, held in OBJECTS.items()}
    found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


_keeping = threading.Lock()


def _keep() -> None:
    if file := os.environ.get(FILE):
        with _keeping:  # a plugin is called from several threads
            Path(file).write_text(json.dumps(dict(OBJECTS)), encoding="utf-8")


class Things(ResourceProvider):
    """Things with a value that can change and a `fixed` part that cannot."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        wrong = isinstance(news.get("value"), (int, float))
        failures = [CheckFailure("value", "a text is needed")] if wrong else []
        return CheckResult({**news, "mode": news.get("mode", "plain")}, failures)

    async def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = [key for key in ("value", "fixed") if olds.get(key) != news.get(key)]
        return DiffResult(bool(changed), ["fixed"] if "fixed" in changed else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        id_ = f"thing-{next(_numbers)}"
        OBJECTS[id_] = dict(props)
        _keep()
        return CreateResult(id_, {**props, "id": id_})

    async def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        held = OBJECTS.get(id_)
        return ReadResult() if held is None else ReadResult(id_, {**props, **held}, held)

    def update(self, id_: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        OBJECTS[id_] = dict(news)
        _keep()
        return UpdateResult({**news, "id": id_})

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        OBJECTS.pop(id_, None)
        _keep()
