"""
Fakes for any provider: objects in memory, and a record of what was asked.

A fake takes every type and every function. An object gets the inputs it was given, what
its class says it computes (made up, the same each time), and what the test says. Everything
that a test says is said by type token or by name, before or between operations.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stackwright.goals import CallResult, InvokeResult, PackageRequest, Parameterization, RegisterRequest
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
    DefaultProviderHost,
    DeleteRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    DiffResult,
    InvokeRequest,
    Provider,
    ProviderError,
    ProviderInfo,
    ProviderLog,
    ReadRequest,
    ReadResult,
    ResourceStatus,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers._secretness import with_secretness
from stackwright.providers.python._differences import differences
from stackwright.providers.python._plain import plain, values
from stackwright.testing._made_up import outputs_of
from stackwright.urn import Urn, urn_name
from stackwright.values import UNKNOWN, PropertyMap

_REAL: Final = ("pulumi-python", "khulnasoft-python", "codeinfra-python", "stackwright-python")
"""Packages whose providers are the program's own code, which is what is to be tested."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Something a fake was asked to do; `inputs` are bare, without secretness."""

    method: str
    """`create`, `read`, `update`, `delete`, `construct`, `call` or `invoke`."""
    type: str
    """The type token, or the function's."""
    name: str = ""
    id: str = ""
    inputs: Mapping[str, Any] = {}


class FakeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a test's own answer is made of."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    id: str = ""


Answer = Mapping[str, Any] | Callable[[FakeRequest], Mapping[str, Any]]
"""Outputs, or a function that makes them."""


class Fakes:
    """
    Stands for every provider of a deployment.

    Dynamic providers and other Python code of the program run for real, as do packages
    named in *real* (embedded ones, such as `random`, or installed plugins).
    """

    def __init__(self, *, real: tuple[str, ...] = ()) -> None:
        self.real = {*_REAL, *real}
        self.calls: list[Call] = []
        """Everything that was done, in order; previews do nothing."""
        self._providers: dict[str, FakeProvider] = {}
        self._answers: dict[str, Answer] = {}
        self._functions: dict[str, Answer] = {}
        self._failures: dict[tuple[str, str], str] = {}
        self._replacing: dict[str, frozenset[str]] = {}

    def __getitem__(self, package: str) -> FakeProvider:
        """The fake of *package*."""
        found = self._providers.get(package)
        if found is None:
            found = self._providers[package] = FakeProvider(package, self)
        return found

    def resource(self, type_or_name: str, answer: Answer) -> None:
        """Give resources of a type, or the one of a name, these outputs beside their inputs."""
        self._answers[type_or_name] = answer

    def function(self, token: str, answer: Answer) -> None:
        """Answer calls of a function; without this the answer is the arguments."""
        self._functions[token] = answer

    def fail(self, type_or_name: str, method: str, message: str = "the fake was told to fail") -> None:
        """Let *method* fail for a type, a name, or a function (`invoke`), until `succeed`."""
        self._failures[type_or_name, method] = message

    def succeed(self, type_or_name: str, method: str) -> None:
        """Take `fail` back."""
        self._failures.pop((type_or_name, method), None)

    def replace_on(self, type_: str, *properties: str) -> None:
        """Changes of these properties need another object."""
        self._replacing[type_] = frozenset(properties)

    def called(self, method: str, type_or_name: str = "") -> list[Call]:
        """The calls of one method, of all or of one type or name."""
        return [
            call
            for call in self.calls
            if call.method == method and (not type_or_name or type_or_name in (call.type, call.name))
        ]

    # For the fakes of single packages -------------------------------------------------------------

    def outputs(self, request: FakeRequest) -> dict[str, Any]:
        """What an object of *request* has beside its inputs, bare."""
        found = {
            key: value
            for key, value in outputs_of(request.type, request.name).items()
            if key not in request.inputs
        }
        for key in (request.type, request.name):
            answer = self._answers.get(key)
            if answer is not None:
                found.update(answer(request) if callable(answer) else answer)
        return found

    def answer(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the function *token* answers."""
        answer = self._functions.get(token)
        if answer is None:
            return args
        return answer(FakeRequest(type=token, name="", inputs=args)) if callable(answer) else answer

    def record(self, call: Call) -> None:
        """Note *call*, and fail if it is to."""
        self.calls.append(call)
        for key in (call.type, call.name):
            message = self._failures.get((key, call.method))
            if message is not None:
                raise ProviderError(message, status=ResourceStatus.OK)

    def replacing(self, type_: str) -> frozenset[str]:
        return self._replacing.get(type_, frozenset())

    def host(self, *, directory: Path, log: ProviderLog, **settings: Any) -> FakeHost:
        """A provider host that answers with these fakes."""
        return FakeHost(self, DefaultProviderHost(directory=directory, log=log, **settings))


class FakeHost:
    """A `ProviderHost`: fakes, and the real host for what is to be real."""

    def __init__(self, fakes: Fakes, real: DefaultProviderHost) -> None:
        self._fakes = fakes
        self._real = real

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> Provider:
        if request.name in self._fakes.real:
            return await self._real.load(request, environment=environment)
        return self._fakes[request.package]

    async def cancel(self) -> None:
        await self._real.cancel()

    async def close(self) -> None:
        await self._real.close()


class FakeProvider:
    """A `Provider` of one package. `objects` are what exists: bare properties by id, for tests to change."""

    def __init__(self, package: str, fakes: Fakes) -> None:
        self.package = package
        self.objects: dict[str, dict[str, Any]] = {}
        self.configuration: Mapping[str, Any] = {}
        """What the provider was configured with last, bare."""
        self._fakes = fakes
        self._made = 0

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name=self.package, source="fake")

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return b"{}"

    async def parameterize(self, value: Parameterization) -> Parameterization:
        return value

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return CheckResult(inputs=request.news)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return DiffResult()

    async def configure(self, request: ConfigureRequest) -> None:
        self.configuration = plain(request.inputs)

    async def check(self, request: CheckRequest) -> CheckResult:
        return CheckResult(inputs=request.news)

    async def diff(self, request: DiffRequest) -> DiffResult:
        replacing = self._fakes.replacing(request.type)
        found = differences(request, replacing)
        return DiffResult(
            changes=DiffChanges.SOME if found else DiffChanges.NONE,
            replaces=tuple(key for key in found if key in replacing),
            diffs=tuple(found),
            detailed=found or None,
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        if request.preview:
            return CreateResult(id="", outputs=self._foreseen(request))
        name = urn_name(request.urn)
        inputs = plain(request.inputs)
        self._made += 1
        id_ = f"{name}-{self._made}"
        asked = FakeRequest(type=request.type, name=name, inputs=inputs, id=id_)
        self._fakes.record(Call(method="create", type=request.type, name=name, id=id_, inputs=inputs))
        computed = self._fakes.outputs(asked)
        id_ = str(computed.pop("id", id_))
        return CreateResult(id=id_, outputs=self._object(id_, request.inputs, computed))

    async def read(self, request: ReadRequest) -> ReadResult:
        name = urn_name(request.urn)
        self._fakes.record(Call(method="read", type=request.type, name=name, id=request.id))
        held = self.objects.get(request.id)
        known: PropertyMap = request.outputs or request.inputs or {}
        if held is None:
            if request.outputs:
                return ReadResult(id="", outputs=None)
            # Nobody has made it here: it is read, or imported, from a world that has it.
            asked = FakeRequest(type=request.type, name=name, inputs=plain(known), id=request.id)
            computed = self._fakes.outputs(asked)
            computed.pop("id", None)
            inputs = request.inputs or {}
            return ReadResult(
                id=request.id, outputs=self._object(request.id, inputs, computed), inputs=inputs
            )
        outputs = with_secretness(values(held), known)
        was = request.inputs or {}
        inputs = {key: outputs[key] for key in was if key in outputs}
        return ReadResult(id=request.id, outputs=outputs, inputs=with_secretness(inputs, was))

    async def update(self, request: UpdateRequest) -> UpdateResult:
        computed = {key: value for key, value in request.old_outputs.items() if key not in request.old_inputs}
        if request.preview:
            return UpdateResult(outputs={**computed, **request.news})
        name = urn_name(request.urn)
        inputs = plain(request.news)
        self._fakes.record(Call(method="update", type=request.type, name=name, id=request.id, inputs=inputs))
        asked = FakeRequest(type=request.type, name=name, inputs=inputs, id=request.id)
        said = {**plain(computed), **self._fakes.outputs(asked)}
        said.pop("id", None)
        return UpdateResult(outputs=self._object(request.id, request.news, said))

    async def delete(self, request: DeleteRequest) -> None:
        name = urn_name(request.urn)
        self._fakes.record(Call(method="delete", type=request.type, name=name, id=request.id))
        self.objects.pop(request.id, None)

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        args = plain(request.args)
        self._fakes.record(Call(method="invoke", type=request.token, inputs=args))
        return InvokeResult(value=values(self._fakes.answer(request.token, args)))

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        """The component alone: its parts are its package's secret, its outputs are like an object's."""
        inputs = plain(request.inputs)
        asked = FakeRequest(type=request.type, name=request.name, inputs=inputs)
        if request.deployment.dry_run:
            outputs: PropertyMap = dict.fromkeys(self._fakes.outputs(asked), UNKNOWN)
        else:
            self._fakes.record(Call(method="construct", type=request.type, name=request.name, inputs=inputs))
            outputs = values(self._fakes.outputs(asked))
        urn = await asyncio.to_thread(_registered, request, outputs)
        return ConstructResult(urn=urn, outputs=outputs)

    async def call(self, request: CallRequest) -> CallResult:
        args = plain(request.args)
        self._fakes.record(Call(method="call", type=request.token, inputs=args))
        return CallResult(value=values(self._fakes.answer(request.token, args)))

    async def cancel(self) -> None:
        """Nothing is ever under way."""

    async def close(self) -> None:
        """The objects outlive the deployment, so that the next one finds them."""

    def _foreseen(self, request: CreateRequest) -> PropertyMap:
        """What a preview can say: what is computed is not known before it is."""
        asked = FakeRequest(type=request.type, name=urn_name(request.urn), inputs=plain(request.inputs))
        try:
            computed = self._fakes.outputs(asked)
        except Exception:  # noqa: BLE001 # the test's own function may need what is unknown yet
            return request.inputs
        computed.pop("id", None)
        return {**dict.fromkeys(computed, UNKNOWN), **request.inputs}

    def _object(self, id_: str, inputs: PropertyMap, computed: Mapping[str, Any]) -> PropertyMap:
        """Outputs of an object that now exists: an input wins over what is made up, a test over both."""
        said = values(computed)
        outputs = with_secretness({**inputs, **said}, inputs)
        self.objects[id_] = plain(outputs)
        return outputs


def _registered(request: ConstructRequest, outputs: PropertyMap) -> Urn:
    """Register the component where its provider would, and give it its outputs."""
    from stackwright.wire import RemoteMonitor

    with RemoteMonitor(request.monitor_address, info=request.deployment) as monitor:
        answer = monitor.register(
            RegisterRequest(
                type=request.type,
                name=request.name,
                custom=False,
                parent=request.parent,
                options=request.options,
                trace_handle=request.trace_handle,
            )
        ).wait()
        monitor.register_outputs(answer.urn, outputs).wait()
    return answer.urn


__all__ = ["Answer", "Call", "FakeHost", "FakeProvider", "FakeRequest", "Fakes"]
