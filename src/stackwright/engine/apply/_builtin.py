"""
The provider of package `pulumi`: stack references, stashes, and what a deployment knows of itself.

It is part of the engine, needs no plugin and cannot be denied (engine.md §9).
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stackwright.goals import CallResult, CheckFailure, InvokeResult, Parameterization
from stackwright.providers import (
    CallRequest,
    CheckConfigRequest,
    CheckRequest,
    CheckResult,
    ConfigureRequest,
    ConstructRequest,
    ConstructResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    DiffResult,
    InvokeRequest,
    ProviderError,
    ProviderInfo,
    ReadRequest,
    ReadResult,
    UnimplementedError,
    UpdateRequest,
    UpdateResult,
)
from stackwright.state import ResourceState
from stackwright.urn import Urn
from stackwright.values import (
    UNKNOWN,
    PropertyMap,
    contains_secrets,
    contains_unknowns,
    reveal,
    values_equal,
)

STACK_REFERENCE = "pulumi:pulumi:StackReference"
STASH = "pulumi:index:Stash"
READ_OUTPUTS = "pulumi:pulumi:readStackOutputs"
READ_RESOURCES = "pulumi:pulumi:readStackResourceOutputs"
GET_RESOURCE = "pulumi:pulumi:getResource"


class BuiltinProvider:
    """
    *read_stack* finds another stack's outputs by name; *find* a resource of this deployment.
    """

    def __init__(
        self,
        *,
        read_stack: Callable[[str], Awaitable[Mapping[str, Any]]],
        read_resources: Callable[[str], Awaitable[Mapping[str, Any]]],
        find: Callable[[Urn], ResourceState | None],
    ) -> None:
        self._read_stack = read_stack
        self._read_resources = read_resources
        self._find = find

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name="pulumi", source="part of the engine")

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return b'{"name": "pulumi"}'

    async def parameterize(self, value: Parameterization) -> Parameterization:
        raise UnimplementedError("The provider `pulumi` takes no parameters")

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return CheckResult(inputs=request.news)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return DiffResult(changes=DiffChanges.NONE)

    async def configure(self, request: ConfigureRequest) -> None:
        """There is nothing to configure."""

    async def check(self, request: CheckRequest) -> CheckResult:
        allowed = {STACK_REFERENCE: "name", STASH: "input"}.get(request.type)
        if allowed is None:
            raise ProviderError(f"unrecognized resource type '{request.type}'")
        failures = [
            CheckFailure(key, f"unknown property; {request.type} takes `{allowed}` alone")
            for key in request.news
            if key != allowed
        ]
        if allowed not in request.news:
            failures.append(CheckFailure(allowed, "it is missing"))
        elif request.type == STACK_REFERENCE:
            name = reveal(request.news["name"])
            if not contains_unknowns(name) and not isinstance(name, str):
                failures.append(CheckFailure("name", "it is to be a string"))
        return CheckResult(inputs=request.news, failures=tuple(failures))

    async def diff(self, request: DiffRequest) -> DiffResult:
        key = "name" if request.type == STACK_REFERENCE else "input"
        if values_equal(request.old_inputs.get(key), request.news.get(key)):
            return DiffResult(changes=DiffChanges.NONE)
        replaces = ("name",) if request.type == STACK_REFERENCE else ()
        return DiffResult(changes=DiffChanges.SOME, diffs=(key,), replaces=replaces)

    async def create(self, request: CreateRequest) -> CreateResult:
        id_ = "" if request.preview else str(uuid.uuid4())
        if request.type == STACK_REFERENCE:
            return CreateResult(id=id_, outputs=await self._stack(request.inputs.get("name")))
        value = request.inputs.get("input")
        return CreateResult(id=id_, outputs={"input": value, "output": value})

    async def read(self, request: ReadRequest) -> ReadResult:
        if request.type != STACK_REFERENCE:
            return ReadResult(id=request.id, outputs=request.outputs, inputs=request.inputs)
        known = (request.inputs or {}).get("name") or request.outputs.get("name")
        if known is None:
            raise ProviderError("A stack reference is read by the name of a stack, which is missing")
        return ReadResult(id=request.id, outputs=await self._stack(known), inputs={"name": known})

    async def update(self, request: UpdateRequest) -> UpdateResult:
        if request.type == STACK_REFERENCE:
            raise ProviderError("A stack reference cannot be updated")
        kept = request.old_outputs.get("output", request.news.get("input"))
        return UpdateResult(outputs={"input": request.news.get("input"), "output": kept})

    async def delete(self, request: DeleteRequest) -> None:
        """Neither kind exists outside of state."""

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        token = request.token
        if token == READ_OUTPUTS:
            return InvokeResult(value=await self._stack(request.args.get("name")))
        if token == READ_RESOURCES:
            name = str(reveal(request.args.get("stackName")))
            return InvokeResult(value={"name": name, "outputs": dict(await self._read_resources(name))})
        if token == GET_RESOURCE:
            return InvokeResult(value=self._resource(str(reveal(request.args.get("urn")))))
        raise ProviderError(f"unrecognized function name: '{request.token}'")

    def _resource(self, urn: str) -> PropertyMap:
        state = self._find(Urn(urn))
        if state is None:
            raise ProviderError(f"unknown resource {urn}", hint="Only this run's resources can be asked for")
        return {"urn": state.urn, "id": state.id, "provider": state.provider, "state": state.outputs}

    async def _stack(self, name: Any) -> PropertyMap:
        plain = reveal(name)
        if contains_unknowns(plain):
            return {"name": UNKNOWN, "outputs": UNKNOWN, "secretOutputNames": UNKNOWN}
        outputs = dict(await self._read_stack(str(plain)))
        secret = sorted(key for key, value in outputs.items() if contains_secrets(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": list(secret)}

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise UnimplementedError("The provider `pulumi` has no components")

    async def call(self, request: CallRequest) -> CallResult:
        raise UnimplementedError("The provider `pulumi` has no methods")

    async def cancel(self) -> None:
        """Nothing here takes long."""

    async def close(self) -> None:
        """Nothing is held."""


__all__ = ["STACK_REFERENCE", "STASH", "BuiltinProvider"]
