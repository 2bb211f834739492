# mypy: ignore-errors
"""
A program that exercises a provider package, whichever it is: every `EXERCISE_STEP`-th resource
class and function of the package `EXERCISE_PACKAGE`, with every argument that its type hints tell.

It runs under any SDK (it imports `pulumi` alone), makes the same values everywhere, and writes
what each resource's outputs turned out to be to the file `EXERCISE_OUT`, as JSON.
`tests/sdk/test_packages_alike.py` compares two such runs.
"""

from __future__ import annotations

import asyncio
import collections.abc
import enum
import importlib
import inspect
import json
import os
import re
import sys
import typing
from pathlib import Path

import pulumi

DEEPEST = 4
"""Nested argument types may refer to themselves; below this nothing optional is given."""


class NoValueError(Exception):
    """There is no value that could be made up for a type."""


# Values -------------------------------------------------------------------------------------------


class Values:
    """Made-up values by type hint: the same ones, in the same order, under every SDK."""

    def __init__(self, seed):
        self.count = seed

    def turn(self, ways):
        """Cycle through *ways* of saying the same."""
        self.count += 1
        return self.count % ways

    def of(self, hint, path, depth=0):
        """A value for *hint*; *path* makes texts that tell where they ended up."""
        choices, lifted = flattened(hint)
        choices = [c for c in choices if c is not type(None)]
        classes = [c for c in choices if is_arguments(c) or is_typed_dict(c)]
        if classes:
            choices = classes
        if not choices:
            raise NoValueError(hint)
        value = self.plain(choices[self.turn(len(choices))], path, depth)
        if lifted and depth < 2:
            way = self.turn(7)
            if way == 0:
                return pulumi.Output.from_input(value)
            if way == 1:
                return pulumi.Output.secret(value)
        return value

    def plain(self, hint, path, depth):
        origin = typing.get_origin(hint)
        if isinstance(hint, typing.TypeVar) or hint is typing.Any or hint is object:
            return {"any_key": [1, path]}
        if is_typed_dict(hint):
            hints = resolved(hint, hint)
            return self.members({name: hints[name] for name in hints}, hint.__required_keys__, path, depth)
        if origin in (list, collections.abc.Sequence):
            return [self.of(typing.get_args(hint)[0], path + "0", depth + 1)]
        if origin in (dict, collections.abc.Mapping):
            return {"key_One": self.of(typing.get_args(hint)[1], path + "K", depth + 1)}
        if not inspect.isclass(hint):
            raise NoValueError(hint)
        if issubclass(hint, enum.Enum):
            return next(iter(hint))
        if is_arguments(hint):
            signature = inspect.signature(hint.__init__)
            hints = resolved(hint.__init__, hint)
            names = [name for name in signature.parameters if name not in ("self", "__self__")]
            needed = {n for n in names if signature.parameters[n].default is inspect.Parameter.empty}
            return hint(**self.members({n: hints[n] for n in names}, needed, path, depth))
        if issubclass(hint, bool):
            return True
        if issubclass(hint, int):
            return 7
        if issubclass(hint, float):
            return 1.5
        if issubclass(hint, str):
            return path
        if issubclass(hint, pulumi.Asset):
            return pulumi.StringAsset(path)
        if issubclass(hint, pulumi.Archive):
            return pulumi.AssetArchive({"member": pulumi.StringAsset(path)})
        raise NoValueError(hint)

    def members(self, hints, needed, path, depth):
        found = {}
        for name, hint in hints.items():
            if depth >= DEEPEST and name not in needed:
                continue
            try:
                found[name] = self.of(hint, f"{path}.{name}", depth + 1)
            except NoValueError:
                if name in needed:
                    raise
        return found


def flattened(hint):
    """The alternatives that a hint allows, without outputs and awaitables; and whether those were allowed."""
    lifted = False
    found = []
    waiting = [hint]
    while waiting:
        one = waiting.pop(0)
        origin = typing.get_origin(one)
        if origin is typing.Union or type(one).__name__ == "UnionType":
            waiting = [*typing.get_args(one), *waiting]
        elif origin in (typing.Required, typing.NotRequired, typing.Annotated):
            waiting.insert(0, typing.get_args(one)[0])
        elif origin is collections.abc.Awaitable or origin is pulumi.Output:
            lifted = True
        elif one not in found:
            found.append(one)
    return found, lifted


def is_arguments(hint):
    return inspect.isclass(hint) and pulumi._types.is_input_type(hint)


def is_typed_dict(hint):
    return typing.is_typeddict(hint)


def resolved(function, owner):
    """The type hints of *function*, looked up where *owner* was defined."""
    # The alias `Input` refers to `Output[T]` by name.
    names = {**vars(sys.modules[owner.__module__]), "Output": pulumi.Output, "T": typing.TypeVar("T")}
    # Locals of their own keep a name from meaning what it meant in another module (typing remembers).
    return typing.get_type_hints(function, names, {})


# What there is ------------------------------------------------------------------------------------


def declared(package):
    """Every module that has resources, with its classes, as the package tells the SDK itself."""
    text = Path(importlib.import_module(package).__file__).read_text(encoding="utf-8")
    block = re.search(r'resource_modules="""(.*?)"""', text, re.DOTALL)
    return json.loads(block.group(1)) if block else []


def resources(package):
    """All resource classes, in the order of the package's own list."""
    return [(entry["fqn"], name) for entry in declared(package) for name in entry["classes"].values()]


def functions(package, modules):
    """The functions of *modules* that answer with an output."""
    found = []
    for module in sorted(modules):
        for name, function in sorted(vars(importlib.import_module(module)).items()):
            if name.endswith("_output") and inspect.isfunction(function):
                found.append((function, name))
    return found


# What is done with it -----------------------------------------------------------------------------


async def outcome(value):
    """What an output turned out to be."""
    if not isinstance(value, pulumi.Output):
        return plain(value)
    try:
        return {
            "value": plain(await value.future(with_unknowns=True)),
            "secret": await value.is_secret(),
            "by": sorted(r._name for r in await value.resources()),
        }
    except Exception as error:  # what it says is compared
        return {"error": type(error).__name__}


def plain(value):
    if isinstance(value, enum.Enum):
        return ["enum", value.name]
    if isinstance(value, dict):
        items = {str(k): plain(dict.__getitem__(value, k)) for k in dict.keys(value)}
        return items | ({"<class>": type(value).__name__} if type(value) is not dict else {})
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, pulumi.StringAsset):
        return ["asset", value.text]
    return type(value).__name__


def arguments(values, function, owner, *, required):
    hints = resolved(function, owner)
    found = {}
    for name in inspect.signature(function).parameters:
        if name in ("__self__", "self", "resource_name", "opts", "id", "__props__") or name not in hints:
            continue
        try:
            found[name] = values.of(hints[name], name)
        except NoValueError:
            if name in required:
                raise
    return found


def program():
    package, step = os.environ["EXERCISE_PACKAGE"], int(os.environ["EXERCISE_STEP"])
    waiting = {}
    skipped = []
    modules = {package}
    provider = None
    for number, (module, name) in enumerate(resources(package)[::step]):
        cls = getattr(importlib.import_module(module), name)
        modules.add(module)
        values = Values(number)
        try:
            given = arguments(values, cls._internal_init, cls, required=())
        except NoValueError as error:
            skipped.append([module, name, str(error)])
            continue
        except NameError as error:
            skipped.append([module, name, repr(error)])
            continue
        opts = pulumi.ResourceOptions(protect=True, ignore_changes=["some"]) if number % 5 == 0 else None
        try:
            made = cls(f"r{number}", opts=opts, **given)
        except Exception as error:  # both have to refuse it
            waiting[f"{module}.{name}"] = {"refused": f"{type(error).__name__}"}
            continue
        waiting[f"{module}.{name}"] = {
            key: getattr(made, key)
            for key, member in sorted(inspect.getmembers(cls, lambda m: isinstance(m, property)))
            if not key.startswith("_")
        }
        if number % 3 == 0 and hasattr(cls, "get"):
            got = cls.get(f"g{number}", id=f"id{number}")
            waiting[f"{module}.{name} got"] = {"id": got.id}
    provider_class = getattr(importlib.import_module(package), "Provider", None)
    if provider_class is not None:
        provider = provider_class(
            "explicit", **arguments(Values(1), provider_class._internal_init, provider_class, required=())
        )
        waiting["provider"] = {"urn": provider.urn}
    for number, (function, name) in enumerate(functions(package, modules)[::step]):
        try:
            given = arguments(Values(number), function, function, required=())
            opts = pulumi.InvokeOptions(provider=provider) if provider is not None and number % 2 else None
            waiting[f"{function.__module__}.{name}"] = {"": function(**given, opts=opts)}
        except Exception as error:
            waiting[f"{function.__module__}.{name}"] = {"refused": type(error).__name__}

    async def report():
        seen = {}
        for key, outputs in waiting.items():
            seen[key] = {name: await outcome(value) for name, value in outputs.items()}
        text = json.dumps({"seen": seen, "skipped": skipped}, indent=1, sort_keys=True)
        Path(os.environ["EXERCISE_OUT"]).write_text(text, encoding="utf-8")
        return len(seen)

    pulumi.export("seen", pulumi.Output.from_input(asyncio.ensure_future(report())))


program()
