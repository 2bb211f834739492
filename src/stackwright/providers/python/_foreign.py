"""
`ForeignDynamicProvider`: dynamic providers of a program that runs in an environment of its own.

Their pickles may need what only that environment has, so they are unpickled there, by the
host that comes with the `pulumi` package, as a plugin. That host loads whatever it is given;
which pickles it is given is decided here, as everywhere: the program's own of this run, and
those of the state that this stack has signed or the user allows.
"""

from __future__ import annotations

from typing import Any

import msgspec

from stackwright.providers._interface import (
    CheckRequest,
    CheckResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffRequest,
    DiffResult,
    Provider,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers.python._signatures import SIGNATURE_KEY, Admission
from stackwright.values import PropertyMap


class ForeignDynamicProvider:
    """A `Provider`: *inner*, which never sees a pickle that *admission* does not let pass."""

    def __init__(self, inner: Provider, admission: Admission) -> None:
        self._inner = inner
        self._admission = admission

    def __getattr__(self, name: str) -> Any:
        # What has nothing to do with resources needs no permission.
        return getattr(self._inner, name)

    async def check(self, request: CheckRequest) -> CheckResult:
        self._admission.note_program(request.news)
        await self._admission.admit(request.urn, request.news)
        return await self._inner.check(request)

    async def diff(self, request: DiffRequest) -> DiffResult:
        await self._admission.admit(request.urn, request.news)
        return await self._inner.diff(
            msgspec.structs.replace(request, old_outputs=_unsigned(request.old_outputs))
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        await self._admission.admit(request.urn, request.inputs)
        result = await self._inner.create(request)
        return msgspec.structs.replace(result, outputs=await self._signed(result.outputs))

    async def read(self, request: ReadRequest) -> ReadResult:
        await self._admission.admit(request.urn, request.outputs or request.inputs or {})
        result = await self._inner.read(msgspec.structs.replace(request, outputs=_unsigned(request.outputs)))
        if result.outputs is None:
            return result
        return msgspec.structs.replace(result, outputs=await self._signed(result.outputs))

    async def update(self, request: UpdateRequest) -> UpdateResult:
        await self._admission.admit(request.urn, request.news)
        result = await self._inner.update(
            msgspec.structs.replace(request, old_outputs=_unsigned(request.old_outputs))
        )
        return msgspec.structs.replace(result, outputs=await self._signed(result.outputs))

    async def delete(self, request: DeleteRequest) -> None:
        await self._admission.admit(request.urn, request.outputs)
        await self._inner.delete(msgspec.structs.replace(request, outputs=_unsigned(request.outputs)))

    async def _signed(self, outputs: PropertyMap) -> PropertyMap:
        return {**_unsigned(outputs), **await self._admission.signature(outputs)}


def _unsigned(bag: PropertyMap) -> PropertyMap:
    return {name: value for name, value in bag.items() if name != SIGNATURE_KEY}
