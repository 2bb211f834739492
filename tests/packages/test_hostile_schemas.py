"""Schemas that want to be more than data: what is made of them is a package, or nothing (design.md §8)."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.sdks import made, run

from stackwright.errors import StackwrightError
from stackwright.packages import PackageSchemaError, generate, read_schema

PAYLOADS = {
    "docstring": 'x"""\nimport pwned\n"""',
    "escaped quotes": 'x\\"""\nimport pwned\n\\"""',
    "four quotes": 'x""""\nimport pwned\n""""',
    "ends in a quote": 'import pwned "',
    "ends in a backslash": "import pwned \\",
    "string": "x'\nimport pwned\n'",
    "double-quoted string": 'x"\nimport pwned\n"',
    "both quotes": "x\"'\nimport pwned\n'\"",
    "brackets": "x)]}\nimport pwned\n([{",
    "annotation": "x | y, [z: int = 3 | " + "long " * 30 + "\nimport pwned",
    "carriage return": "x\rimport pwned\r",
    "form feed": "x\x0cimport pwned",
    "line separators": "x\u2028import pwned\u2029\x85import pwned",
    "nothing": "x\x00import pwned",
    "terminal": "\x1b]0;title\x07\x1b[31m\u202eimport pwned\u2066",
    "interpolation": "{__import__('pwned')} $NAME %s",
    "path": "../../import pwned",
    "backslashes": "..\\..\\import pwned",
    "emoji": "\U0001f600 import pwned",
}


def schema(text: str) -> dict[str, Any]:
    """A schema that says *text* wherever there is room for it."""
    described = {"description": text, "deprecationMessage": text}
    foreign = [
        f"/{text}/v1.0.0/schema.json#/types/a:b:C",
        f"/other/v{text}/schema.json#/resources/other:{text}:{text}",
        f"/other/v1.0.0/schema.json#/types/{text}",
        f"#/types/{text}",
        f"#/resources/{text}",
    ]
    properties = {
        "plain": {"type": "string", **described, "default": text},
        "fixed": {"type": "string", "const": text},
        "either": {"oneOf": [{"type": "string"}, {"$ref": foreign[0]}]},
        **{f"foreign{at}": {"$ref": ref} for at, ref in enumerate(foreign)},
        text: {"type": "string", "defaultInfo": {"environment": [text]}, **described},
        "nested": {"$ref": "#/types/evil:index:Nested"},
        "kind": {"$ref": f"#/types/evil:{text}:Kind"},
    }
    thing = {
        **described,
        "properties": properties,
        "required": ["plain", text],
        "inputProperties": properties,
        "requiredInputs": ["plain", text],
        "stateInputs": {"properties": properties},
        "aliases": [{"type": text}],
    }
    function = {**described, "inputs": {"properties": properties}, "outputs": {"properties": properties}}
    method = {**function, "inputs": {"properties": {"__self__": {"$ref": "#/resources/evil:index:Thing"}}}}
    return {
        "name": "evil",
        "version": f"1.0.0-{text}",
        "displayName": text,
        "description": text,
        "keywords": [text],
        "homepage": text,
        "license": text,
        "attribution": text,
        "repository": text,
        "publisher": text,
        "pluginDownloadURL": text,
        "parameterization": {"baseProvider": {"name": text, "version": text}, "parameter": "eA=="},
        "dependencies": [{"name": text, "version": text}],
        "language": {
            "python": {
                "readme": text,
                "requires": {text: text, "pulumi": text},
                "otherTokens": {"evil:index:Thing": [f"evil:{text}:{text}"]},
            }
        },
        "config": {"variables": {text: {"type": "string", **described, "default": text}}},
        "provider": thing,
        "types": {
            "evil:index:Nested": {"type": "object", "properties": properties, **described},
            f"evil:{text}:Kind": {
                "type": "string",
                "description": text,
                "enum": [{"name": text, "value": text, **described}, {"value": f"{text} too"}],
            },
            f"evil:{text}:{text}": {"type": "object", "properties": properties, **described},
        },
        "resources": {
            "evil:index:Thing": {**thing, "methods": {text: f"evil:index:Thing/{text}"}},
            f"evil:{text}:Other": thing,
            f"evil:index:{text}": {**thing, "isComponent": True},
        },
        "functions": {
            "evil:index:getThing": function,
            f"evil:{text}:{text}": {**function, "outputs": {"type": "string"}},
            f"evil:index:Thing/{text}": method,
        },
    }


def code(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".pyi"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def bad(tree: ast.Module) -> list[ast.AST]:
    """Whatever in *tree* is code that a payload brought."""
    return [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.alias) and node.name.partition(".")[0] == "pwned")
        or (isinstance(node, ast.Name) and node.id in ("pwned", "__import__"))
        or (isinstance(node, ast.JoinedStr) and "pwned" in ast.dump(node))
    ]


@pytest.mark.parametrize("name", PAYLOADS)
def test_texts_stay_texts(tmp_path: Path, name: str) -> None:
    """Nothing of a schema becomes code, whatever it says and wherever."""
    made(tmp_path, json.dumps(schema(PAYLOADS[name])).encode(), has_sdk=True)
    trees = list(code(tmp_path / "sdk"))
    assert len(trees) > 10
    assert {path: found for path, tree in trees if (found := bad(tree))} == {}
    assert {path.parent.parent for path in (tmp_path / "sdk").glob("*/*")} == {tmp_path / "sdk"}
    assert [path.name for path in tmp_path.iterdir()] == ["sdk"]
    project = tomllib.loads((tmp_path / "sdk" / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "pulumi_evil"
    json.loads((tmp_path / "sdk" / "pulumi_evil" / "pulumi-plugin.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["docstring", "both quotes", "interpolation"])
def test_what_is_made_can_be_imported(tmp_path: Path, name: str) -> None:
    """And nothing runs by that."""
    made(tmp_path, json.dumps(schema(PAYLOADS[name])).encode(), has_sdk=True)
    (tmp_path / "pwned.py").write_text("raise SystemExit('it ran')")
    (tmp_path / "pulumi_other.py").touch()
    printed = run(
        """
        import importlib, pkgutil, pulumi_evil
        for each in pkgutil.walk_packages(pulumi_evil.__path__, "pulumi_evil."):
            importlib.import_module(each.name)
        print(pulumi_evil.Thing.__name__)
        """,
        tmp_path / "sdk",
        tmp_path,
    )
    assert printed.strip() == "Thing"


def test_what_is_said_is_free_of_what_terminals_obey(tmp_path: Path) -> None:
    """`help()` prints descriptions: no escape sequences, and no text that reads backwards."""
    made(tmp_path, json.dumps(schema(PAYLOADS["terminal"])).encode())
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "sdk").rglob("*.py*")]
    said = [ast.get_docstring(each) for text in texts for each in ast.walk(ast.parse(text)) if _has_doc(each)]
    assert any("import pwned" in each for each in said if each)
    assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set("".join(filter(None, said)))
    assert not {"\x1b", "\x07", "\u202e", "\u2066"} & set("".join(texts)), "nor is there any in the code"


def _has_doc(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"namespace": "../../evil"}, "#/namespace"),
        ({"namespace": "a/b"}, "#/namespace"),
        ({"name": "../evil"}, "#/name"),
        ({"language": {"python": {"packageName": "../evil"}}}, "cannot be imported"),
        ({"language": {"python": {"packageName": "import"}}}, "cannot be imported"),
        ({"language": {"python": {"packageName": "pulumi"}}}, "cannot be imported"),
        ({"language": {"python": {"moduleNameOverrides": {"m": "../../../etc"}}}}, "moduleNameOverrides"),
        ({"language": {"python": {"moduleNameOverrides": {"m": "a\nimport pwned"}}}}, "moduleNameOverrides"),
        ({"language": {"python": {"moduleNameOverrides": {"m": "/etc"}}}}, "moduleNameOverrides"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, changes: dict[str, Any], where: str) -> None:
    document = {"name": "evil", "version": "1.0.0", "resources": {"evil:m:Thing": {}}, **changes}
    with pytest.raises(PackageSchemaError, match=where):
        generate(json.dumps(document).encode(), tmp_path / "inside" / "sdk")
    assert list(tmp_path.rglob("*.py")) == []


@pytest.mark.parametrize("other", ["a: int = 1\n    import pwned", "not a name", "", "class"])
def test_other_names_of_inputs_are_names(tmp_path: Path, other: str) -> None:
    resource = {
        "inputProperties": {"a": {"type": "string"}},
        "language": {"python": {"otherInputs": {"a": {"name": other}}}},
    }
    document = {"name": "evil", "resources": {"evil:index:Thing": resource}}
    with pytest.raises(StackwrightError, match="otherInputs"):
        generate(json.dumps(document).encode(), tmp_path / "sdk")


@pytest.mark.parametrize(
    "member", ["None", "true", "false", "class", "__init__", "config", "outputs", "_inputs"]
)
@pytest.mark.parametrize("module", ["index", "sub", "class", "__init__", "sub/__init__"])
def test_names_that_python_has_for_itself(tmp_path: Path, module: str, member: str) -> None:
    """Everything can be imported, and nothing takes the place of another file."""
    nested = {"type": "object", "properties": {"x": {"type": "string"}}}
    document = {
        "name": "evil",
        "types": {f"evil:{module}:Nested": nested},
        "resources": {
            f"evil:{module}:{member}": {
                "inputProperties": {"n": {"$ref": f"#/types/evil:{module}:Nested"}},
                "properties": {"n": {"$ref": f"#/types/evil:{module}:Nested"}},
            }
        },
    }
    made(tmp_path, json.dumps(document).encode(), has_sdk=True)
    trees = dict(code(tmp_path / "sdk"))
    resources = [
        path
        for path, tree in trees.items()
        if path.suffix == ".py" and any("CustomResource" in ast.dump(each) for each in tree.body)
    ]
    assert len(resources) == 1
    assert resources[0].name not in ("__init__.py", "_inputs.py", "outputs.py", "_utilities.py")


@pytest.mark.parametrize("module", ["index", "sub"])
def test_two_of_one_name_are_told(tmp_path: Path, module: str) -> None:
    """§1.2. A resource and a function may share one: only their file would be the same."""
    both = {
        "name": "evil",
        "resources": {f"evil:{module}:GetThing": {}},
        "functions": {f"evil:{module}:getThing": {"outputs": {"properties": {"a": {"type": "string"}}}}},
    }
    made(tmp_path, json.dumps(both).encode(), has_sdk=True)
    place = "pulumi_evil" if module == "index" else "pulumi_evil.sub"
    printed = run(f"import {place} as m; print(m.GetThing.__name__, m.get_thing.__name__)", tmp_path / "sdk")
    assert printed.split() == ["GetThing", "get_thing"]
    same = {"name": "evil", "resources": {f"evil:{module}:GetThing": {}, f"evil:{module}:getThing": {}}}
    with pytest.raises(PackageSchemaError, match="the same name"):
        made(tmp_path, json.dumps(same).encode())


@pytest.mark.parametrize("nameless", ["resource", "property", "function", "type"])
def test_what_has_no_name_is_told(tmp_path: Path, nameless: str) -> None:
    inputs = {"inputProperties": {"": {"type": "string"}} if nameless == "property" else {}}
    if nameless == "type":
        inputs["inputProperties"]["x"] = {"$ref": "#/types/evil:index:"}
    document = {
        "name": "evil",
        "resources": {"evil:index:" if nameless == "resource" else "evil:index:Thing": inputs},
        "functions": {"evil:index:" if nameless == "function" else "evil:index:f": {}},
        "types": {"evil:index:": {"type": "object"}},
    }
    with pytest.raises(StackwrightError, match="no name"):
        generate(json.dumps(document).encode(), tmp_path / "sdk")


def deep(start: str, end: str, levels: int = 200_000) -> bytes:
    return (start * levels + '{"type": "string"}' + end * levels).encode()


@pytest.mark.parametrize(
    "document",
    [
        b'{"name": "evil", "unknown": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"name": "evil", "resources": {"evil:index:Thing": {"inputProperties": {"a": '
        + deep('{"type": "array", "items": ', "}")
        + b"}}}}",
        b'{"name": "evil", "resources": {"evil:index:Thing": {"inputProperties": {"a": '
        + deep('{"oneOf": [{"type": "string"}, ', "]}", 900)
        + b"}}}}",
    ],
    ids=["unknown members", "types", "unions"],
)
def test_depth_is_told(tmp_path: Path, document: bytes) -> None:
    """A parser's limit is a message, not a traceback; never half a package."""
    with pytest.raises(PackageSchemaError, match="too deep"):
        generate(read_schema(document), tmp_path / "sdk")


FILES = {
    "no.yaml": b"name: [\n",
    "cycle.yaml": b"name: evil\nx: &x [*x]\n",
    "bomb.yaml": b"name: evil\na: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n".encode() for a, b in pairwise("abcdefghi")),
    "deep.yaml": b"name: evil\nx: " + b"[" * 5_000 + b"]" * 5_000 + b"\n",
    "half.yaml": b'name: "\\ud800"\n',
    "tag.yaml": b"name: !!python/object/apply:os.system [exit]\n",
    "bytes.yaml": b"\xff\xfe",
    "bytes.json": b"\xff",
    "deep.json": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nothing.json": b"",
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_schemas(
    say: Callable[..., tuple[int, str, str]], tmp_path: Path, name: str
) -> None:
    """Each is told as such, in little time and memory: no traceback."""
    (tmp_path / name).write_bytes(FILES[name])
    status, _, err = say("package", "info", str(tmp_path / name))
    assert status == 1
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert "bug in Stackwright" not in err


def test_numbers_that_are_none(tmp_path: Path) -> None:
    """What no literal can say is refused where it is read, or written so that it can be read again."""
    document = b"""{"name": "evil", "resources": {"evil:index:Thing": {"inputProperties": {
        "a": {"type": "number", "default": 1e999}, "b": {"type": "number", "default": -1e999}}}}}"""
    try:
        made(tmp_path, document, has_sdk=True)
    except PackageSchemaError:
        return
    run("import pulumi_evil; pulumi_evil.Thing", tmp_path / "sdk")
