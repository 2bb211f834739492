"""Generated packages: a schema with everything in it, and programs that run against what is made of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stackwright.packages import Generated, generate

SOURCE = Path(__file__).resolve().parents[2] / "src"

TEXT = {"type": "string"}


def ref(token: str) -> dict[str, str]:
    return {"$ref": f"#/types/{token}"}


EVERYTHING: Mapping[str, Any] = {
    "name": "every-thing",
    "version": "1.2.3-alpha.4",
    "description": 'All there is, "quoted".\nAnd more.',
    "keywords": ["one", "two"],
    "license": "Apache-2.0",
    "repository": "https://example.com/repository",
    "meta": {"moduleFormat": "(.*)"},
    "config": {
        "variables": {
            "region": {**TEXT, "description": "Where."},
            "maxRetries": {"type": "integer", "default": 3},
            "fast": {"type": "boolean", "defaultInfo": {"environment": ["EVERY_FAST"]}},
        },
        "defaults": ["region"],
    },
    "provider": {
        "properties": {"region": TEXT},
        "inputProperties": {
            "region": TEXT,
            "maxRetries": {"type": "integer"},
            "parts": {"type": "array", "items": ref("every-thing:index:Part")},
            "password": {**TEXT, "secret": True, "defaultInfo": {"environment": ["EVERY_PASSWORD"]}},
        },
        "requiredInputs": ["region"],
        "methods": {"whoAmI": "pulumi:providers:every-thing/whoAmI"},
    },
    "types": {
        "every-thing:index:Part": {
            "type": "object",
            "description": "A part, which has parts.",
            "properties": {
                "partName": TEXT,
                "parts": {"type": "array", "items": ref("every-thing:index:Part")},
                "size": ref("every-thing:index:Size"),
                "str": TEXT,
                "self": TEXT,
                "from": TEXT,
                "old": {**TEXT, "deprecationMessage": "Use partName."},
                "kind": {**TEXT, "const": "part"},
                "place": {**TEXT, "replaceOnChanges": True},
            },
            "required": ["partName", "kind"],
        },
        "every-thing:index:Size": {
            "type": "string",
            "enum": [
                {"value": "t2.micro", "description": "Small."},
                {"value": "big", "name": "VeryBig"},
                {"value": "*"},
            ],
        },
        "every-thing:deep/er:Far": {
            "type": "object",
            "properties": {"howFar": {"type": "number"}, "near": ref("every-thing:index:Part")},
        },
        "every-thing:index:Unused": {"type": "object", "properties": {"a": TEXT}},
    },
    "resources": {
        "every-thing:index:Whole": {
            "description": 'The whole.\n\n```go\nfmt.Println()\n```\n\n```python\nprint("\\n")\n```\n',
            "properties": {
                "wholeName": TEXT,
                "parts": {"type": "array", "items": ref("every-thing:index:Part"), "replaceOnChanges": True},
                "token": {**TEXT, "secret": True},
                "count": {"type": "integer"},
                "property": TEXT,
            },
            "required": ["token", "wholeName"],
            "inputProperties": {
                "wholeName": {**TEXT, "description": "What it is called."},
                "parts": {"type": "array", "items": ref("every-thing:index:Part")},
                "part": {**ref("every-thing:index:Part"), "plain": True},
                "password": {**TEXT, "secret": True},
                "version": {**TEXT, "const": "v1"},
                "count": {"type": "integer", "default": 5},
                "data": {"$ref": "pulumi.json#/Any"},
                "file": {"$ref": "pulumi.json#/Asset"},
                "either": {"oneOf": [TEXT, ref("every-thing:index:Size")]},
                "whole": {"$ref": "#/resources/every-thing:index:Whole"},
                "opts": TEXT,
                "self": {"type": "boolean"},
                "old": {**TEXT, "deprecationMessage": "Use wholeName."},
            },
            "requiredInputs": ["wholeName", "version"],
            "stateInputs": {"properties": {"wholeName": TEXT, "count": {"type": "integer"}}},
            "aliases": [{"type": "every-thing:old:Whole"}],
            "methods": {
                "getReport": "every-thing:index:Whole/getReport",
                "poke": "every-thing:index:Whole/poke",
            },
        },
        "every-thing:deep/er:Whole": {
            "properties": {"far": ref("every-thing:deep/er:Far")},
            "inputProperties": {"far": ref("every-thing:deep/er:Far")},
            "deprecationMessage": "Use the other one.",
        },
        "every-thing:index:Group": {
            "isComponent": True,
            "inputProperties": {"size": ref("every-thing:index:Size")},
        },
    },
    "functions": {
        "every-thing:index:getPart": {
            "description": "Find a part.",
            "inputs": {"properties": {"partName": TEXT, "size": ref("every-thing:index:Size")}},
            "outputs": {
                "properties": {
                    "partName": TEXT,
                    "parts": {"type": "array", "items": ref("every-thing:index:Part")},
                },
                "required": ["partName"],
            },
        },
        "every-thing:index:add": {
            "inputs": {"properties": {"b": {"type": "number"}, "a": {"type": "number"}}},
            "multiArgumentInputs": ["b", "a"],
            "outputs": {"type": "number"},
        },
        "every-thing:index:ping": {},
        "every-thing:index:Whole/getReport": {
            "inputs": {
                "properties": {
                    "__self__": {"$ref": "#/resources/every-thing:index:Whole"},
                    "inDetail": {"type": "boolean"},
                },
                "required": ["__self__", "inDetail"],
            },
            "outputs": {"properties": {"pageCount": {"type": "integer"}}, "required": ["pageCount"]},
        },
        "every-thing:index:Whole/poke": {
            "inputs": {"properties": {"__self__": {"$ref": "#/resources/every-thing:index:Whole"}}}
        },
        "pulumi:providers:every-thing/whoAmI": {
            "inputs": {"properties": {"__self__": {"$ref": "#/provider"}}},
            "outputs": {"properties": {"name": TEXT}},
        },
    },
}


def document(**changes: Any) -> bytes:
    """The schema with everything in it, but for *changes*."""
    return json.dumps({**EVERYTHING, **changes}).encode()


def made(folder: Path, schema: bytes, **options: Any) -> Generated:
    """The package of *schema*, in a folder of its own below *folder*."""
    return generate(schema, folder / "sdk", **options)


def embedded_schema(name: str) -> bytes:
    """The schema of an embedded package."""
    from stackwright.providers import builtin

    provider = builtin.open(name)
    assert provider is not None
    return asyncio.run(provider.schema())


def terraform_schema(name: str) -> bytes:
    """The package schema of a genuine Terraform provider; one of `tfproviders`."""
    from support import tfproviders
    from support.goplugin import cache
    from support.tfclients import client_of

    from stackwright.providers.terraform import PackageInfo, package_schema

    async def ask() -> bytes:
        program: Path = getattr(tfproviders, name)()
        async with client_of(program, cache=cache() / "terraform-schemas") as client:
            info = PackageInfo(name=name, version="1.2.3", publisher="someone", parameter=b'{"remote":{}}')
            return package_schema(await client.schema(), info)

    return asyncio.run(ask())


def run(code: str, *places: Path, flags: tuple[str, ...] = ()) -> str:
    """Run *code* with our SDK as `pulumi` in a fresh interpreter; answers what it printed."""
    start = """
        from stackwright.sdk import _import_aliases
        _import_aliases.install()
        import pulumi
    """
    program = textwrap.dedent(start) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, *flags, "-c", program],
        env={"PYTHONPATH": ":".join(str(each) for each in (SOURCE, *places)), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SEE_ALL = """
    import importlib, pkgutil, sys, warnings
    from pulumi import _types
    warnings.simplefilter("error")
    package = importlib.import_module({package!r})
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        module = importlib.import_module(info.name)
        for name in getattr(module, "__all__", ()):
            found = getattr(module, name)
            if isinstance(found, type) and getattr(found, "_pulumi_input_type", False):
                _types.input_type_types(found)
            elif isinstance(found, type) and getattr(found, "_pulumi_output_type", False):
                _types.output_type_types(found)
            elif isinstance(found, type) and issubclass(found, pulumi.Resource):
                _types.resource_types(found)
    for name in package.__all__:
        assert getattr(package, name) is not None, name
    print("all seen")
"""
"""Imports everything that a package has, and looks at every type that it mentions."""


STUBBED = """
    import ast, importlib, pathlib
    root = pathlib.Path(importlib.import_module({package!r}).__file__).parent
    known, missing = 0, []
    for stub in sorted(root.rglob("*.pyi")):
        parts = [{package!r}, *stub.relative_to(root).with_suffix("").parts]
        module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
        for each in ast.parse(stub.read_text()).body:
            names = []
            if isinstance(each, ast.ImportFrom):
                names = [alias.asname for alias in each.names]
            elif isinstance(each, ast.Assign):
                names = [target.id for target in each.targets]
            elif isinstance(each, ast.AnnAssign):
                names = [each.target.id] if each.target.id in dir(module) else [None]
            known += len(names)
            absent = [name for name in names if name is None or not hasattr(module, name)]
            missing += [f"{{module.__name__}}.{{name}}" for name in absent]
    print(known, "names, missing:", missing)
"""
"""Looks for every name of a package's stubs in its modules."""


MOCKED = """
    seen = []
    class Mocks(pulumi.runtime.Mocks):
        def new_resource(self, args):
            seen.append((args.typ, args.name, dict(args.inputs), args.resource_id))
            return [args.resource_id or f"{args.name}-id", {**args.inputs, "token": "t"}]
        def call(self, args):
            given = {name: value for name, value in args.args.items() if name != "__self__"}
            seen.append((args.token, given))
            if args.token.endswith(":add"):
                return {"res": given["a"] + given["b"]}
            return {**given, "parts": [{"partName": "inner", "kind": "part"}], "pageCount": 7}
    pulumi.runtime.set_mocks(Mocks(), project="project", stack="stack", preview=False)
"""
"""Notes what is registered and called in `seen`, and answers with what it was told."""
