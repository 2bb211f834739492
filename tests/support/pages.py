"""A provider as a plain class, with pages in memory."""

# ruff: noqa: A002 # `id` is the interface's word

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, TypedDict

from stackwright.sdk import InputPropertyError, Provider
from stackwright.sdk.dynamic import Config

PAGES: dict[str, PageOutputs] = {}
CALLS: list[str] = []
_numbers = itertools.count(1)


@dataclass
class Part:
    title: str
    weight: float = 1


@dataclass
class PageInputs:
    value: str
    fixed: str = "f"
    parts: list[Part] = field(default_factory=list)


@dataclass
class PageOutputs(PageInputs):
    size: int = 0
    key: str = ""


class Pages(Provider[PageInputs, PageOutputs]):
    """Pages with a value that can change and a `fixed` part that cannot."""

    replace_on = ("fixed",)
    secret_outputs = ("key",)
    stable_outputs = ("key",)

    def configure(self, config: Config) -> None:
        self.suffix = config.get("suffix") or ""

    def check(self, inputs: PageInputs) -> PageInputs:
        if inputs.value == "bad":
            raise InputPropertyError("value", "must not be bad")
        return inputs

    async def create(self, inputs: PageInputs) -> tuple[str, PageOutputs]:
        CALLS.append("create")
        id_ = f"page-{next(_numbers)}"
        PAGES[id_] = self._page(inputs)
        return id_, PAGES[id_]

    def read(self, id: str, old: PageOutputs | None) -> PageOutputs | None:
        return PAGES.get(id)

    def update(self, id: str, old: PageOutputs, inputs: PageInputs) -> PageOutputs:
        CALLS.append("update")
        PAGES[id] = self._page(inputs)
        return PAGES[id]

    def delete(self, id: str, old: PageOutputs) -> None:
        CALLS.append("delete")
        PAGES.pop(id, None)

    def _page(self, inputs: PageInputs) -> PageOutputs:
        return PageOutputs(
            inputs.value + self.suffix if self.suffix else inputs.value,
            inputs.fixed,
            inputs.parts,
            size=len(inputs.value),
            key="k",
        )


class Note(TypedDict):
    text: str


class Notes(Provider[Note, Note]):
    """Typed by a TypedDict, without `update`."""

    def create(self, inputs: Note) -> Any:
        return f"note-{inputs['text']}", inputs


class Wrong(Provider[Note, Note]):
    def create(self, inputs: Note) -> Any:
        return inputs
