"""Component providers: schemas, inputs, requests and answers, beside the genuine ones (sdk.md §19)."""

from __future__ import annotations

import asyncio
import sys
import warnings
from enum import Enum
from pathlib import Path
from typing import Any, TypedDict

import pytest
from google.protobuf.struct_pb2 import Struct
from support.beside import both

from stackwright.sdk import ComponentResource, CustomResource, Input, Output
from stackwright.sdk.asset import AssetArchive, StringAsset
from stackwright.sdk.provider import Provider, _requests
from stackwright.sdk.provider.experimental import host
from stackwright.sdk.provider.experimental.analyzer import Analyzer, ComponentDefinition, DuplicateTypeError
from stackwright.sdk.provider.experimental.component import ComponentProvider
from stackwright.sdk.provider.experimental.property_value import PropertyValue, ResourceReference
from stackwright.sdk.provider.experimental.util import camel_case

SCENARIOS = Path(__file__).parent.parent / "support" / "components_alike.py"


@pytest.mark.real
def test_schemas_inputs_and_answers_are_the_genuine_ones() -> None:
    """§19.1, §19.2; edge cases 99 and 100."""
    ours, genuine = both(SCENARIOS)

    for group, found in genuine.items():
        assert ours[group] == found, group


class Shade(Enum):
    DARK = "dark"


class Deep(TypedDict):
    some_count: Input[int]
    shades: list[Shade]


class Args(TypedDict):
    deep_input: Deep
    counts: list[int]
    later: Input[int]


class Thing(ComponentResource):
    """A thing."""

    shades: Output[list[Shade]]

    def __init__(self, name: str, args: Args) -> None:
        super().__init__("t:index:Thing", name)


class TestAnalyzer:
    def test_annotations_may_be_texts(self) -> None:
        """This very module postpones the evaluation of annotations."""
        found = Analyzer("t").analyze([Thing])

        assert sorted(found["type_definitions"]) == ["Deep", "Shade"]
        assert found["component_definitions"]["Thing"].inputs_mapping == {
            "deepInput": "deep_input",
            "counts": "counts",
            "later": "later",
        }

    def test_two_classes_of_a_name(self) -> None:
        """The whole text is the genuine one's, spelling included: suites compare it."""
        known = ComponentDefinition("Thing", {}, {}, {}, {}, "first")

        expected = "Duplicate type 'Thing': orginally defined in 'first', but also found in 'second'"
        assert str(DuplicateTypeError("second", known)) == expected

    def test_camel_case(self) -> None:
        """Edge case 108."""
        assert camel_case("a_b__c") == "aBC"
        assert camel_case("Already_there") == "AlreadyThere"
        assert camel_case("_x") == "X"


class TestInputs:
    def test_numbers_and_enums_arrive_as_what_they_are(self) -> None:
        """Also inside of lists and of outputs; all numbers are floats on the wire."""
        provider = ComponentProvider([Thing], "t")
        given = {
            "deepInput": {"someCount": 3.0, "shades": ["dark"]},
            "counts": [1.0, 2.0],
            "later": Output.from_input(4.0),
        }

        args: Any = provider.map_inputs(given, provider._component_defs["Thing"])

        assert args["deep_input"] == {"some_count": 3, "shades": [Shade.DARK]}
        assert [type(count) for count in args["counts"]] == [int, int]
        assert isinstance(args["later"], Output)

    def test_dependencies_need_no_more_than_a_lookup(self) -> None:
        """Edge case 100: what suites hand over in place of a request's may be less than a mapping."""

        class Named:
            urns = ("urn:pulumi:dev::proj::t:index:T::a",)

        class Dependencies:
            def get(self, name: str) -> Named | None:
                return Named() if name == "a" else None

        given = Struct()
        given.update({"a": "x", "b": "y"})
        found = asyncio.run(_requests.inputs_of(given, Dependencies()))

        assert isinstance(found["a"], Output)
        assert found["b"] == "y"

    def test_resource_types_are_checked(self) -> None:
        """§19.2: only the package's own types."""
        for wrong in ("t:index", "other:index:Thing", "t:mod:Thing", "t:index:"):
            with pytest.raises(ValueError):
                ComponentProvider.validate_resource_type("t", wrong)
        ComponentProvider.validate_resource_type("t", "t:index:Thing")


class TestHost:
    def test_what_is_no_component_is_left_out(self) -> None:
        """Edge case 109."""
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = host._components_of([Thing, CustomResource, "no class"])

        assert found == [Thing]
        assert ["CustomResource" in str(said[0].message), "no class" in str(said[1].message)] == [True, True]

    def test_components_of_a_module(self) -> None:
        """§19.2: `python -m pulumi.run.plugin` serves what a package exposes."""
        assert Thing in host.components_from_module(sys.modules[__name__])

    def test_what_a_provider_does_not_have(self) -> None:
        """§19.1: the failure names it."""
        provider = Provider("1.0.0")
        with pytest.raises(Exception, match="construct"):
            provider.construct("n", "t:index:T", {})
        with pytest.raises(Exception, match="t:m:method"):
            provider.call("t:m:method", {})
        with pytest.raises(Exception, match="t:m:function"):
            provider.invoke("t:m:function", {})
        provider.cancel()


class TestPropertyValues:
    def test_what_is_not_known_travels(self) -> None:
        """protocol.md §2.2: an unknown is the sign for it, an output value without its value."""
        assert PropertyValue.unmarshal(PropertyValue.computed().marshal()) == PropertyValue.computed()
        waiting = PropertyValue.computed().with_dependencies(["u"]).with_secret(True)
        assert PropertyValue.unmarshal(waiting.marshal()) == waiting

    def test_references_travel(self) -> None:
        """protocol.md §2.2: under the names `id` and `packageVersion`."""
        reference = PropertyValue(ResourceReference("urn", PropertyValue("i"), "1.0.0"))
        message = reference.marshal()

        assert {"id", "packageVersion", "urn"} < set(message.struct_value.fields)
        assert PropertyValue.unmarshal(message) == reference

    def test_assets_travel(self) -> None:
        """protocol.md §2.2."""
        archive = PropertyValue(AssetArchive({"x": StringAsset("t")}))
        again: Any = PropertyValue.unmarshal(archive.marshal()).value

        assert again.assets["x"].text == "t"

    def test_values_can_be_keys(self) -> None:
        """Equal ones are one key."""
        one = PropertyValue({"a": PropertyValue([PropertyValue(1.0)])}, dependencies=["u"])
        same = PropertyValue({"a": PropertyValue([PropertyValue(1.0)])}, dependencies=["u"])

        assert len({one, same, one.with_secret(True)}) == 2
