"""What schemas mean: implied types and empty values (terraform.md §4)."""

from __future__ import annotations

from stackwright.providers.terraform import (
    DYNAMIC,
    NUMBER,
    STRING,
    Attribute,
    Block,
    DynamicValue,
    Function,
    ListOf,
    MapOf,
    NestedBlock,
    NestedObject,
    Nesting,
    ObjectOf,
    Parameter,
    SetOf,
    TupleOf,
    empty_value,
    implied_type,
)

PORT = Attribute(name="port", type=NUMBER, required=True)
ANY = Attribute(name="any", type=DYNAMIC, optional=True)


def block_of(nesting: Nesting, *attributes: Attribute) -> Block:
    inner = Block(attributes={each.name: each for each in attributes})
    return Block(blocks={"rule": NestedBlock(name="rule", nesting=nesting, block=inner)})


class TestImpliedType:
    """§4.1."""

    def test_blocks_by_nesting(self) -> None:
        rule = ObjectOf({"port": NUMBER})
        wanted = {
            Nesting.SINGLE: rule,
            Nesting.GROUP: rule,
            Nesting.LIST: ListOf(rule),
            Nesting.SET: SetOf(rule),
            Nesting.MAP: MapOf(rule),
        }
        assert {nesting: implied_type(block_of(nesting, PORT)) for nesting in Nesting} == {
            nesting: ObjectOf({"rule": kind}) for nesting, kind in wanted.items()
        }

    def test_repeated_blocks_with_a_dynamic_type_bring_their_type_along(self) -> None:
        for nesting in (Nesting.LIST, Nesting.MAP):
            assert implied_type(block_of(nesting, ANY)) == ObjectOf({"rule": DYNAMIC})

    def test_nested_attributes_stay_collections_even_then(self) -> None:
        for nesting, kind in ((Nesting.LIST, ListOf), (Nesting.SET, SetOf), (Nesting.MAP, MapOf)):
            attribute = Attribute(name="a", nested=NestedObject({"any": ANY}, nesting))
            assert attribute.type == kind(ObjectOf({"any": DYNAMIC}))

    def test_nested_attributes_within_nested_attributes(self) -> None:
        inner = Attribute(name="inner", nested=NestedObject({"port": PORT}, Nesting.SET))
        outer = Attribute(name="outer", nested=NestedObject({"inner": inner}, Nesting.SINGLE))

        assert implied_type(Block(attributes={"outer": outer})) == ObjectOf(
            {"outer": ObjectOf({"inner": SetOf(ObjectOf({"port": NUMBER}))})}
        )

    def test_it_is_worked_out_once(self) -> None:
        block = block_of(Nesting.LIST, PORT)
        assert implied_type(block) is implied_type(block)


class TestEmptyValue:
    """§4.2."""

    def test_blocks_by_nesting(self) -> None:
        assert {nesting: empty_value(block_of(nesting, PORT))["rule"] for nesting in Nesting} == {
            Nesting.SINGLE: None,
            Nesting.GROUP: {"port": None},
            Nesting.LIST: [],
            Nesting.SET: [],
            Nesting.MAP: {},
        }

    def test_blocks_whose_type_depends_on_the_value(self) -> None:
        assert empty_value(block_of(Nesting.LIST, ANY)) == {"rule": DynamicValue(TupleOf(()), [])}
        assert empty_value(block_of(Nesting.MAP, ANY)) == {"rule": DynamicValue(ObjectOf({}), {})}

    def test_attributes_are_null_whatever_they_hold(self) -> None:
        attributes = {
            "list": Attribute(name="list", type=ListOf(STRING)),
            "nested": Attribute(name="nested", nested=NestedObject({"port": PORT}, Nesting.LIST)),
        }
        assert empty_value(Block(attributes=attributes)) == {"list": None, "nested": None}


class TestFunctions:
    def test_surplus_arguments_belong_to_the_variadic_parameter(self) -> None:
        """§5.19."""
        first, rest = Parameter(name="a", type=STRING), Parameter(name="rest", type=NUMBER)
        function = Function(name="f", parameters=(first,), variadic=rest, result=STRING)

        assert [function.parameter(index) for index in range(3)] == [first, rest, rest]
        assert Function(name="g", parameters=(first,), result=STRING).parameter(1) is None
