"""
Programs run inline, with our SDK in another process, and with the genuine SDK in another process:
equal requests, equal states, in previews and updates (protocol.md §10, §13).

What is compared is what reaches the `Monitor`, in an order of its own: requests of a program
that do not depend on each other may come in any.
"""

from __future__ import annotations

import re
import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import genuine
from support.deployments import Bench, Client, FakeProvider, ProgramError, Run

from stackwright.automation import ProgramEnd, RemoteProgram
from stackwright.automation._program import _reported
from stackwright.engine import StackOutputs
from stackwright.goals import (
    CallResult,
    ExistsRequest,
    HookRegistration,
    InvokeRequest,
    ReadRequest,
    RegisterRequest,
)
from stackwright.monitor import Monitor
from stackwright.providers import CallRequest, CreateRequest, CreateResult, ProviderError
from stackwright.providers import InvokeRequest as ProviderInvokeRequest
from stackwright.sdk import run_program
from stackwright.state import ResourceState
from stackwright.urn import urn_name
from stackwright.values import UNKNOWN, Secret, reduce_outputs

_UUID = re.compile(r"(?!04da6b54)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

WAYS = ("inline", "ours", "genuine")
# Bytecode is known by its source's size and second: too coarse for versions that follow at once.
_VARIABLES = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
PROGRAMS = Path(__file__).parent / "programs"
CASES = sorted({path.name.partition(".")[0] for path in PROGRAMS.glob("*.py")} - {"things"})
LEAN = ("values", "component", "stack_transform")
"""Those that every run compares, because they touch most of the protocol; the others are slow."""

_OF_AN_UNKNOWN = (
    r"depends_on: \[[^]]*\], property_dependencies: \{[^}]*\}",
    "in a preview, the genuine SDK forgets what the unknown answer of a function depends on",
)

KNOWN = {
    "invoke_depends_on": _OF_AN_UNKNOWN,
    "invoke_output": _OF_AN_UNKNOWN,
    "transform_with_dependencies": (
        r"property_dependencies: \{[^}]*\}, ",
        "the genuine SDK answers an output that a transform added as its value, without dependencies",
    ),
}
"""Known differences: what is left out of the comparison of these programs, and why they differ."""


def versions(case: str) -> list[str]:
    """The program of *case*, or its versions in order: what is declared first, and what then."""
    single = PROGRAMS / f"{case}.py"
    paths = [single] if single.exists() else sorted(PROGRAMS.glob(f"{case}.[0-9].py"))
    return [path.read_text(encoding="utf-8") for path in paths]


_PLACE = ("source", "stack_trace", "trace_handle")


class Recorder:
    """A monitor that writes down what is asked of another one."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self.seen: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def register(self, request: RegisterRequest) -> Any:
        plain = _fields(request, *_PLACE, "transforms", "options")
        plain["transforms"] = len(request.transforms)
        plain["options"] = _options(request.options)
        self.seen.append(("register", plain))
        return self._monitor.register(request)

    def read(self, request: ReadRequest) -> Any:
        self.seen.append(("read", {**_fields(request, *_PLACE), "depends_on": sorted(request.depends_on)}))
        return self._monitor.read(request)

    def exists(self, request: ExistsRequest) -> Any:
        self.seen.append(("exists", _fields(request, *_PLACE)))
        return self._monitor.exists(request)

    def invoke(self, request: InvokeRequest) -> Any:
        self.seen.append(("invoke", {**_fields(request, *_PLACE), "depends_on": sorted(request.depends_on)}))
        return self._monitor.invoke(request)

    def call(self, request: Any) -> Any:
        named = {key: urns for key, urns in request.arg_dependencies.items() if urns}
        self.seen.append(("call", {**_fields(request, *_PLACE), "arg_dependencies": named}))
        return self._monitor.call(request)

    def register_outputs(self, urn: Any, outputs: Any) -> Any:
        self.seen.append(("outputs", {"urn": urn, "outputs": outputs}))
        return self._monitor.register_outputs(urn, outputs)

    def add_hook(self, hook: HookRegistration) -> Any:
        self.seen.append(("hook", _fields(hook, "callback")))
        return self._monitor.add_hook(hook)

    def add_stack_transform(self, transform: Any) -> Any:
        self.seen.append(("stack transform", {}))
        return self._monitor.add_stack_transform(transform)

    def add_invoke_transform(self, transform: Any) -> Any:
        self.seen.append(("invoke transform", {}))
        return self._monitor.add_invoke_transform(transform)

    def log(self, diagnostic: Any) -> Any:
        # Our SDK has hints that the genuine one does not have.
        is_hint = diagnostic.message.startswith("Resources of `")
        if diagnostic.severity.value in ("info", "warning") and not is_hint:
            self.seen.append(("log", _fields(diagnostic)))
        return self._monitor.log(diagnostic)


def _fields(value: Any, *without: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__ if name not in without}


def _options(options: Any) -> dict[str, Any]:
    found = _fields(options)
    found["depends_on"] = sorted(options.depends_on)
    named = options.property_dependencies or {}
    found["property_dependencies"] = {key: sorted(urns) for key, urns in named.items() if urns}
    return {name: value for name, value in found.items() if value not in (None, (), [], {}, "")}


def _plain(value: Any) -> str:
    """A text that is equal for equal values, whatever their dictionaries' order."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key}: {_plain(item)}" for key, item in sorted(value.items(), key=str))
        return "{" + inside + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        if isinstance(value, Secret):
            return f"secret({_plain(value.value)})"
        if isinstance(value, msgspec.Struct):
            return f"{type(value).__name__}{_plain(_fields(value))}"
        return str(value)
    return repr(float(value))


def _outcome(run: Run, bench: Bench, recorder: Recorder) -> dict[str, Any]:
    dull = ("created", "modified", "source_position", "stack_trace")
    states = [_plain(_state(state, *dull)) for state in bench.state]
    return {
        "result": run.summary.result.value,
        "changes": run.counts,
        "requests": sorted(_UUID.sub("ID", f"{kind} {_plain(fields)}") for kind, fields in recorder.seen),
        "state": sorted(_UUID.sub("ID", state) for state in states),
    }


def _state(state: ResourceState, *dull: str) -> dict[str, Any]:
    """A record; the genuine SDK sends dependencies in the order of a set."""
    found = _fields(state, *dull)
    found["dependencies"] = sorted(state.dependencies)
    found["property_dependencies"] = {
        key: sorted(urns) for key, urns in (state.property_dependencies or {}).items() if urns
    }
    return found


# The ways -----------------------------------------------------------------------------------------


def _inline(monitor: Monitor, folder: Path) -> ProgramEnd:
    return _reported(monitor, run_program(monitor, folder, directory=folder))


def _remote(interpreter: Path) -> Callable[[Monitor, Path], ProgramEnd]:
    def run(monitor: Monitor, folder: Path) -> ProgramEnd:
        program = RemoteProgram(interpreter=interpreter, variables=_VARIABLES, directory=folder)
        return program(monitor)

    return run


def _way(name: str) -> Callable[[Monitor, Path], ProgramEnd]:
    if name == "inline":
        return _inline
    return _remote(Path(sys.executable) if name == "ours" else genuine.interpreter())


# The provider -------------------------------------------------------------------------------------


def _provider() -> FakeProvider:
    """Ids and outputs depend on nothing but the request, so that every order gives the same state."""
    provider = FakeProvider()
    attempts: dict[str, int] = {}

    def create(request: CreateRequest) -> CreateResult:
        name = urn_name(request.urn)
        if not request.preview:
            attempts[name] = attempts.get(name, 0) + 1
            if attempts[name] <= request.inputs.get("fails", 0):
                raise ProviderError(f"attempt {attempts[name]} at {name}")
        digest = zlib.crc32(_plain(request.inputs).encode())
        id_ = "" if request.preview else f"{name}-{digest:08x}"
        if id_:
            provider.objects[id_] = dict(request.inputs)
        out = UNKNOWN if request.preview else f"{name}-out"
        return CreateResult(id=id_, outputs={**request.inputs, "out": out})

    def invoke(request: ProviderInvokeRequest) -> None:
        if request.token.endswith(":broken"):
            raise ProviderError("it is broken")

    def call(request: CallRequest) -> CallResult | None:
        if not request.token.endswith("/echo"):
            return None
        values = {name: value for name, value in request.args.items() if name != "__self__"}
        return CallResult(value=reduce_outputs(values), dependencies=request.arg_dependencies)

    provider.hooks.update(create=create, preview_create=create, invoke=invoke, call=call)
    provider.objects["known-id"] = {"x": "known"}
    return provider


async def _other_stack(name: str) -> StackOutputs:
    outputs = {"plain": name, "hidden": Secret("s"), "port": 8080, "ports": [1, {"a": 2}]}
    return StackOutputs(outputs=outputs, resources={})


def _bench() -> Bench:
    bench = Bench("test")
    bench.providers["test"] = _provider()
    bench.read_stack = _other_stack
    bench.config = {
        "proj:text": "t",
        "proj:number": "3",
        "proj:flag": "true",
        "proj:object": '{"a": [1]}',
        "proj:hidden": "h",
        "other:key": "k",
    }
    bench.secret_keys = frozenset({"proj:hidden"})
    return bench


def _run(way: str, case: str, folder: Path) -> list[dict[str, Any]]:
    run = _way(way)
    bench = _bench()
    bench.root_directory = str(folder)
    shutil.copy(PROGRAMS / "things.py", folder)
    found = []
    for version in versions(case):
        (folder / "__main__.py").write_text(version, encoding="utf-8")
        for preview in (True, False):
            box: list[Recorder] = []

            def program(client: Client, box: list[Recorder] = box) -> None:
                box.append(Recorder(client.monitor))
                if run(box[0], folder) is ProgramEnd.FAILED:
                    raise ProgramError

            ran = bench.run(program, preview=preview)
            found.append(_outcome(ran, bench, box[0]))
    return found


@pytest.mark.real
@pytest.mark.parametrize(
    "name", [name if name in LEAN else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
)
def test_three_ways(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same program asks for the same and leaves the same behind, whoever runs it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = {}
    for way in WAYS:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        found[way] = _run(way, name, folder)
    if name in KNOWN:
        for outcome in (step for steps in found.values() for step in steps):
            for kind in ("requests", "state"):
                outcome[kind] = sorted(re.sub(KNOWN[name][0], "", text) for text in outcome[kind])
    for way in WAYS[1:]:
        for step, (expected, outcome) in enumerate(zip(found["inline"], found[way], strict=True)):
            assert outcome == expected, f"{way}, step {step}"


def test_there_are_enough() -> None:
    """At least sixty, so that a lost one is noticed."""
    assert len(CASES) >= 60
