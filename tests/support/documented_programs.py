"""
The programs in the docstrings of an installed `pulumi_aws`, run in this process as they stand.

Each runs under our SDK in a deployment in memory. Names that a program leaves to its
reader stand for something, files that it reads have some text, and of other packages
everything is there. Where the package is a generated one, what is registered and asked
has to be what its provider takes, and results hold something everywhere.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import io
import logging
import re
import sys
import textwrap
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from support import tfproviders
from support.goplugin import cache
from support.monitors import FakeMonitor
from support.tfclients import client_of

from stackwright.goals import InvokeRequest, InvokeResult, Registered, RegisterRequest
from stackwright.providers.terraform import NUMBER, STRING
from stackwright.providers.terraform._asset_files import Files
from stackwright.providers.terraform._catalogue import Catalogue
from stackwright.providers.terraform._convert import to_config
from stackwright.providers.terraform._mapping import PackageMapping
from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.providers.terraform._tidying import tidied
from stackwright.sdk import Output, _import_aliases, run_program
from stackwright.values import Archive, Asset, PropertyMap, Value, map_leaves, reduce_outputs

_DEEP = 6


def programs(package: Path) -> list[str]:
    """Those in the docstrings below *package*, each once."""
    found: dict[str, None] = {}
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = ast.get_docstring(node) or ""
                for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                    found[textwrap.dedent(block)] = None
    return list(found)


def outcomes(package: Path, *, checked: bool) -> list[str]:
    """For each program what is wrong with it, or nothing; *checked* where its package is a generated one."""
    _import_aliases.install()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    catalogue = asyncio.run(_catalogue()) if checked else None
    texts = programs(package)
    for name in {each for text in texts for each in re.findall(r"^import (pulumi_\w+)", text, re.MULTILINE)}:
        if name != "pulumi_aws":
            sys.modules[name] = _OtherPackage(name)
    genuine = builtins.open
    builtins.open = _opened  # type: ignore[assignment]
    try:
        return [_outcome(text, catalogue) for text in texts]
    finally:
        builtins.open = genuine


def _outcome(text: str, catalogue: Catalogue | None) -> str:
    monitor = _Cloud(catalogue)

    async def program() -> None:
        exec(compile(text, "program", "exec"), {"__name__": "__main__"}, _Names())

    result = run_program(monitor, program)
    return " | ".join(monitor.wrong) if result.ok else str(result.error)


async def _catalogue() -> Catalogue:
    async with client_of(tfproviders.aws(), cache=cache() / "terraform-schemas") as client:
        schema = await client.schema()
    return Catalogue("aws", schema, PackageMapping("aws", schema))


class _Cloud(FakeMonitor):
    """Answers with what a schema has, and notes what its provider would not take."""

    def __init__(self, catalogue: Catalogue | None) -> None:
        super().__init__(threaded=False)
        self.wrong: list[str] = []
        self._catalogue = catalogue

    def _registered(self, request: RegisterRequest) -> Registered:
        if self._catalogue is None or not request.type.startswith("aws:"):
            return super()._registered(request)
        known = self._catalogue.resource(request.type)
        inputs = tidied(known.shape, {key: reduce_outputs(each) for key, each in request.inputs.items()})
        named = Files(known.files, known.shape, Path()).named(map_leaves(inputs, _with_a_hash))  # type: ignore[arg-type]
        self._check(request.type, known.shape, named)
        made = super()._registered(msgspec.structs.replace(request, inputs=inputs))
        made = msgspec.structs.replace(made, outputs=_merged(_something_of(known.shape, 0), made.outputs))
        self.states[made.urn] = made
        return made

    def _invoked(self, request: InvokeRequest) -> InvokeResult:
        if self._catalogue is None or not request.token.startswith("aws:"):
            return super()._invoked(request)
        known = self._catalogue.data_source(request.token)
        if known is None:
            return InvokeResult(value={"result": "text"})
        args = tidied(known.shape, {key: reduce_outputs(each) for key, each in request.args.items()})
        self._check(request.token, known.shape, args)
        return InvokeResult(value=_merged(_something_of(known.shape, 0), args))

    def _check(self, token: str, shape: Shape, inputs: PropertyMap) -> None:
        failures = to_config(shape, inputs).failures
        self.wrong += [f"{token} {each.property}: {each.reason}" for each in failures]


def _with_a_hash(value: Value) -> Value:
    return msgspec.structs.replace(value, hash="0") if isinstance(value, Asset | Archive) else value


def _merged(whole: Any, part: Any) -> Any:
    if isinstance(whole, dict) and isinstance(part, dict):
        return whole | {key: _merged(whole.get(key), each) for key, each in part.items()}
    return part


def _something_of(shape: Shape, depth: int) -> dict[str, Any]:
    made = {
        each.shown_as: _something(each.value, depth + 1) for each in shape.fields if each.shown_as is not None
    }
    return {name: value for name, value in made.items() if value is not None}


def _something(shape: ValueShape, depth: int) -> Any:
    if depth > _DEEP:
        return None
    if shape.flattened:
        return _something(shape.single, depth)
    inner = _something(shape.element, depth) if shape.element is not None else None
    match shape.form:
        case Form.SCALAR:
            return "text" if shape.type is STRING else 1 if shape.type is NUMBER else True
        case Form.OBJECT:
            return _something_of(shape.object, depth)
        case Form.LIST | Form.SET:
            return [] if inner is None else [inner, inner]
        case Form.MAP:
            return {} if inner is None else {"a": inner}
    return {"a": "text"}


class _Anything:
    """What a name stands for that a program leaves to its reader."""

    def __init__(self, *_: Any, **given: Any) -> None:
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return "text"

    def __getitem__(self, key: Any) -> Any:
        return 1 if isinstance(key, int) else "text"

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        return _Anything()


class _OtherPackage(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name.endswith("_output"):
            return lambda *_, **__: Output.from_input("").apply(lambda _: _Anything())
        if name[0].isupper():
            return _Anything
        return _Callable(name)


class _Callable(_OtherPackage):
    def __call__(self, *_: Any, **__: Any) -> Any:
        return _Anything()


_open = builtins.open


def _opened(place: Any, *args: Any, **more: Any) -> Any:
    try:
        return _open(place, *args, **more)
    except (FileNotFoundError, IsADirectoryError):
        return io.StringIO("text")
