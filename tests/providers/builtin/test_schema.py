"""The schemas of embedded packages: complete, honest, and those that the genuine SDKs were made from."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from support.embedded import run

from stackwright.goals import NO_OPTIONS, DeploymentInfo, Parameterization
from stackwright.providers import (
    CallRequest,
    CheckConfigRequest,
    ConstructRequest,
    UnimplementedError,
    builtin,
)
from stackwright.urn import Urn

PACKAGES = sorted(builtin.embedded_packages())


def schema(package: str) -> dict[str, Any]:
    provider = builtin.open(package)
    assert provider is not None
    document: dict[str, Any] = json.loads(run(provider.schema()))
    return document


@pytest.fixture(params=PACKAGES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return schema(request.param)


def references(part: Any) -> set[str]:
    """Every `$ref` anywhere within *part*."""
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*(references(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(references(value) for value in part))
    return set()


def specs(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every object of properties, with where it is."""
    found = []
    for token, resource in document.get("resources", {}).items():
        found.append((token, {"properties": resource["properties"], "required": resource["required"]}))
        found.append(
            (token, {"properties": resource["inputProperties"], "required": resource["requiredInputs"]})
        )
    for token, function in document.get("functions", {}).items():
        found += [(token, function["inputs"]), (token, function["outputs"])]
    return found


class TestDocument:
    def test_top_level(self, document: dict[str, Any]) -> None:
        """Name and version are there, and are those the registry reports (packages.md §1.1)."""
        assert builtin.embedded_packages()[document["name"]] == document["version"]
        assert document["description"]

    def test_tokens_belong_to_the_package(self, document: dict[str, Any]) -> None:
        """Three parts, the first of them the package (packages.md §1.2)."""
        for section in ("resources", "functions", "types"):
            for token in document.get(section, {}):
                assert token.split(":")[0] == document["name"]
                assert token.count(":") == 2

    def test_everything_is_described(self, document: dict[str, Any]) -> None:
        """Each resource, function and property says what it is."""
        for section in ("resources", "functions"):
            for part in document.get(section, {}).values():
                assert part["description"]
        for token, spec in specs(document):
            for name, declared in spec["properties"].items():
                assert declared["description"], (token, name)

    def test_required_properties_exist(self, document: dict[str, Any]) -> None:
        """Nothing is required that is not declared, and the required are sorted."""
        for token, spec in specs(document):
            assert set(spec["required"]) <= spec["properties"].keys(), token
            assert spec["required"] == sorted(spec["required"])

    def test_references_lead_somewhere(self, document: dict[str, Any]) -> None:
        """A reference is built in, or to a type of this document (packages.md §1.4)."""
        for reference in references(document):
            file, _, place = reference.partition("#")
            if file == "pulumi.json":
                assert place in {"/Any", "/Asset", "/Archive"}
            else:
                assert place.removeprefix("/types/") in document["types"]


def _parsed(package: str, file: str) -> ast.Module:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"the SDK `{package}` is not installed")
    return ast.parse((Path(spec.submodule_search_locations[0]) / file).read_text())


def parameters(package: str, file: str, holder: str) -> dict[str, bool]:
    """The properties of a class in a genuine SDK, by their names on the wire, and which are required."""
    tree = _parsed(package, file)
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == holder)
    names = _wire_names(found)
    (made,) = (node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
    keywords = made.args.kwonlyargs
    return {
        names.get(each.arg, each.arg): default is None
        for each, default in zip(keywords, made.args.kw_defaults, strict=True)
    }


def outputs(package: str, file: str, holder: str) -> dict[str, bool]:
    """The outputs of a resource class in a genuine SDK, by their wire names, and which always exist."""
    tree = _parsed(package, file)
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == holder)
    names = _wire_names(found)
    return {
        names.get(node.name, node.name): "Optional[" not in ast.unparse(node.returns)
        for node in found.body
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and "Output" in ast.unparse(node.returns)
    }


def _wire_names(holder: ast.ClassDef) -> dict[str, str]:
    names = {}
    for node in holder.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and decorator.keywords:
                    for keyword in decorator.keywords:
                        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                            names[node.name] = keyword.value.value
    return names


RANDOM = ["Bytes", "Id", "Integer", "Password", "Pet", "Shuffle", "String", "Uuid", "Uuid4", "Uuid7"]


@pytest.mark.real
class TestBesideGenuineSdks:
    @pytest.mark.parametrize("kind", RANDOM)
    def test_random(self, kind: str) -> None:
        """Inputs, which of them are required, and outputs are those of the genuine package."""
        resource = schema("random")["resources"][f"random:index/random{kind}:Random{kind}"]
        file = f"random_{kind.lower()}.py"
        inputs = parameters("pulumi_random", file, f"Random{kind}Args")
        state = outputs("pulumi_random", file, f"Random{kind}")
        assert resource["inputProperties"].keys() == inputs.keys()
        assert set(resource["requiredInputs"]) == {name for name, required in inputs.items() if required}
        assert resource["properties"].keys() == state.keys()
        assert set(resource["required"]) == {name for name, always in state.items() if always}

    def test_command(self) -> None:
        """The same for `command:local:Command`."""
        resource = schema("command")["resources"]["command:local:Command"]
        inputs = parameters("pulumi_command", "local/command.py", "CommandArgs")
        assert resource["inputProperties"].keys() == inputs.keys()
        assert resource["requiredInputs"] == []
        computed = {"archive", "assets", "stderr", "stdout"}
        assert resource["properties"].keys() == inputs.keys() | computed
        assert resource["required"] == ["stderr", "stdout"]
        assert resource["inputProperties"]["triggers"]["replaceOnChanges"] is True


class TestProvider:
    @pytest.mark.parametrize("package", PACKAGES)
    def test_what_is_not_there(self, package: str) -> None:
        """Components, methods and parameters are refused as unimplemented."""
        provider = builtin.open(package)
        assert provider is not None
        common: dict[str, Any] = {
            "deployment": DeploymentInfo(project="p", stack="s"),
            "monitor_address": "",
        }
        construct = ConstructRequest(
            type=f"{package}:index:Nothing",
            name="n",
            parent=None,
            inputs={},
            input_dependencies={},
            options=NO_OPTIONS,
            **common,
        )
        call = CallRequest(token=f"{package}:index:Nothing/call", args={}, arg_dependencies={}, **common)
        value = Parameterization(name="other", version="1.0.0", value=b"")
        for refused in (provider.construct(construct), provider.call(call), provider.parameterize(value)):
            with pytest.raises(UnimplementedError):
                run(refused)

    @pytest.mark.parametrize("package", PACKAGES)
    def test_configuration_of_a_project_with_the_same_name(self, package: str) -> None:
        """A project called like the package has configuration in its namespace; it does no harm (§9.1)."""
        provider = builtin.open(package)
        assert provider is not None
        urn = Urn(f"urn:pulumi:dev::{package}::pulumi:providers:{package}::default")
        news = {"version": "1.0.0", "greeting": "hello"}
        result = run(provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=news)))
        assert (result.inputs, result.failures) == (news, ())

    def test_packages_that_are_not_embedded(self) -> None:
        """There is no provider for them, which is an answer."""
        assert builtin.open("aws") is None
        assert not builtin.is_embedded("aws")
        assert builtin.is_embedded("random")
