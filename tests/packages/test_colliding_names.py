"""Names of a schema that are one in Python are told apart there, and stay themselves on the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sdks import made, run

from stackwright.packages import generate
from stackwright.packages.sdkgen._names import KEYWORDS, as_parameter, distinct_names

HOSTILE = (
    *("fooBar", "foo_bar", "FooBar", "foo-bar", "foo.bar", "foo bar", "foo_bar_2", "fooBar2", "fööbar"),
    *("self", "__self__", "args", "kwargs", "props", "__props__", "opts", "opts_", "Opts", "resourceName"),
    *("resource_name", "resource_name_", "class", "class_", "Class", "None", "none", "from", "match", "type"),
    *("str", "int", "property", "_utilities", "builtins", "_builtins", "outputs", "_inputs", "Any", "any"),
    *("__init__", "__dict__", "__class__", "__x", "_", "__", "1st", "2", "get", "result", "Thing", "thing"),
    *(
        "ThingArgs",
        "Sequence",
        "overload",
        "staticmethod",
        "_fields",
        "_names",
        "_others",
        "annotations",
        "Enum",
        "mro",
    ),
)
NAMES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(min_size=1, max_size=6),
    st.text(alphabet="aA_1-.", min_size=1, max_size=5),
)
WIRES = st.lists(NAMES.filter(lambda name: name not in ("pulumi", "id", "urn")), max_size=8, unique=True)


def document(names: list[str]) -> dict[str, Any]:
    """A schema in which everything that has names has these."""
    text = {name: {"type": "string"} for name in names}
    nested = {"x": {"$ref": "#/types/evil:index:Thing"}, "e": {"$ref": "#/types/evil:index:Kind"}}
    return {
        "name": "evil",
        "config": {"variables": text},
        "types": {
            "evil:index:Thing": {"type": "object", "properties": text, "required": names[:1]},
            "evil:index:Kind": {"type": "string", "enum": [{"name": f"k{n}", "value": n} for n in names]},
        },
        "resources": {
            "evil:index:Thing": {
                "inputProperties": {**nested, **text},
                "requiredInputs": names[:2],
                "properties": {**nested, **text},
                "stateInputs": {"properties": text},
            }
        },
        "functions": {
            "evil:index:thing": {
                "inputs": {"properties": text},
                "outputs": {"properties": {**nested, **text}},
            }
        },
    }


@given(WIRES)
def test_no_two_have_one_name(wires: list[str]) -> None:
    """packages.md §4.1: as properties and as parameters of constructors, in whatever order they came."""
    found = distinct_names(wires)

    assert list(found) == wires
    assert len({as_parameter(name) for name in found.values()}) == len(wires)
    assert not KEYWORDS.intersection(found.values())
    assert found == distinct_names(wires[::-1])


@settings(max_examples=40, deadline=None)
@given(names=WIRES)
def test_what_is_made_parses(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """packages.md §8.3: no parameter or member is there twice, and nothing is a word of Python's."""
    folder = tmp_path_factory.mktemp("sdk")
    generate(json.dumps(document(names)).encode(), folder / "sdk")

    for path in (folder / "sdk").rglob("*.py*"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)


def test_the_wire_has_the_schemas_names(tmp_path: Path) -> None:
    """packages.md §4.7: for every name at once, in resources, nested values, results, enums and settings."""
    made(tmp_path, json.dumps(document(list(HOSTILE))).encode(), has_sdk=True)
    program = """
import pulumi, pulumi_evil as evil
fields = evil.ThingInitArgs._fields
print(sorted(field.wire for field in fields.values()))
print(len(evil.Kind), len(dir(evil.config)))
print(sorted(field.wire for field in evil.ThingArgs._fields.values()))

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        print(sorted(args.inputs))
        return "id", args.inputs
    def call(self, args):
        print(sorted(args.args))
        return {}

def parameter(name):
    return name + "_" if name in ("opts", "resource_name") else name

@pulumi.runtime.test
def declare():
    evil.Thing("t", **{parameter(name): name for name in evil.ThingArgs._fields})
    evil.thing(**{name + "_" * (name == "opts"): name for name in evil.ThingArgs._fields})

pulumi.runtime.set_mocks(Mocks())
declare()
"""
    resource, counts, nested, registered, asked = run(program, tmp_path / "sdk").splitlines()
    assert resource == str(sorted([*HOSTILE, "x", "e"]))
    assert counts.split()[0] == str(len(HOSTILE))
    assert nested == registered == asked == str(sorted(HOSTILE))


def test_the_one_that_is_spelled_so_keeps_the_name() -> None:
    """packages.md §4.1."""
    assert distinct_names(["FooBar", "fooBar", "foo_bar"]) == {
        "FooBar": "foo_bar_2",
        "fooBar": "foo_bar_3",
        "foo_bar": "foo_bar",
    }
    assert distinct_names(["opts", "opts_"]) == {"opts": "opts", "opts_": "opts_2"}
