"""
Print the public surface of `pulumi` as JSON: what it is here, or what the genuine package has.

    python surface.py genuine          every public module that there is
    python surface.py ours < modules   the modules named on standard input, under our import names
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

SIMPLE = (str, int, float, bool, bytes, type(None))
NOT_OURS = {"builtins", "enum", "typing", "abc", "object"}


def parameters(thing: Any) -> list[list[str]] | None:
    """Name, kind and default of every parameter; None if there is no telling."""
    try:
        found = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, p.kind.name, default(p)] for p in found]


def default(parameter: inspect.Parameter) -> str:
    """A default that can be compared between two packages, or a sign that there is one."""
    if parameter.default is parameter.empty:
        return ""
    return repr(parameter.default) if isinstance(parameter.default, SIMPLE) else "..."


def kind(thing: Any) -> str:
    """What a name stands for."""
    if inspect.isclass(thing):
        return "class"
    if inspect.ismodule(thing):
        return "module"
    if inspect.iscoroutinefunction(thing):
        return "coroutine function"
    return "function" if inspect.isroutine(thing) else "value"


def members(cls: type) -> dict[str, list[Any]]:
    """The public members of a class, inherited ones too, with the parameters of methods."""
    found: dict[str, list[Any]] = {}
    for name in dir(cls):
        home = next((base for base in cls.__mro__ if name in vars(base)), object)
        if name.startswith("_") or home.__module__ in NOT_OURS or home is object:
            continue
        member = vars(home)[name]
        function = getattr(member, "__func__", member)
        if kind(function).endswith("function"):
            found[name] = [kind(function), parameters(function)]
        else:
            found[name] = ["class" if inspect.isclass(function) else "value", None]
    return found


def written(path: str) -> set[str]:
    """The names that a module's source makes, or takes from within its own package."""
    names: set[str] = set()

    def look(body: list[Any]) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Assign):
                names.update(n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
            elif isinstance(node, ast.ImportFrom) and (
                node.level or (node.module or "").startswith("pulumi")
            ):
                names.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, (ast.If, ast.Try)):
                look([*node.body, *node.orelse, *getattr(node, "finalbody", [])])
                for handler in getattr(node, "handlers", []):
                    look(handler.body)

    look(ast.parse(Path(path).read_text()).body)
    return names


def genuine_modules(root: Path) -> list[str]:
    """Every public module below the package, by its name in it."""
    found = [""]
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts and not any(part.startswith("_") for part in parts):
            found.append(".".join(parts))
    return found


def public(module: ModuleType, genuine: bool) -> list[str]:
    """The public names of a module."""
    if not genuine or module.__name__.endswith("_pb2"):
        names = set(dir(module))
    else:
        names = written(str(module.__file__)) | set(getattr(module, "__all__", ()))
    return sorted(name for name in names if not name.startswith("_") and hasattr(module, name))


def described(thing: Any, *, messages: bool) -> dict[str, Any]:
    """One name: what it is and how it is called; of protocol messages only that they are there."""
    if messages or type(thing).__name__ == "MessageMeta":
        return {"kind": kind(thing), "parameters": None, "members": {}, "bases": []}
    return {
        "kind": kind(thing),
        "parameters": parameters(thing) if callable(thing) else None,
        "members": members(thing) if inspect.isclass(thing) else {},
        "bases": [base.__name__ for base in thing.__mro__] if inspect.isclass(thing) else [],
    }


def main() -> None:
    """Print the listing: None for a module that cannot be imported."""
    genuine = sys.argv[1] == "genuine"
    if genuine:
        import pulumi

        modules = genuine_modules(Path(pulumi.__path__[0]))
    else:
        from stackwright.sdk import _import_aliases

        _import_aliases.install()
        modules = json.load(sys.stdin)
    listing: dict[str, Any] = {}
    for name in modules:
        try:
            module = importlib.import_module(f"pulumi.{name}" if name else "pulumi")
        except ImportError:
            listing[name] = None
            continue
        messages = name.endswith("_pb2")
        listing[name] = {
            one: described(getattr(module, one), messages=messages) for one in public(module, genuine)
        }
    print(json.dumps(listing))


if __name__ == "__main__":
    main()
