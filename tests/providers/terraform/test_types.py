"""Terraform's types and their JSON notation (terraform.md §3.1)."""

from __future__ import annotations

import pytest

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MalformedTypeError,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
    contains_dynamic,
    parse_type,
    type_json,
)

NOTATIONS: list[tuple[bytes, Type]] = [
    (b'"string"', STRING),
    (b'"number"', NUMBER),
    (b'"bool"', BOOL),
    (b'"dynamic"', DYNAMIC),
    (b'["list","string"]', ListOf(STRING)),
    (b'["set",["list","number"]]', SetOf(ListOf(NUMBER))),
    (b'["map","bool"]', MapOf(BOOL)),
    (b'["tuple",[]]', TupleOf(())),
    (b'["tuple",["string","dynamic"]]', TupleOf((STRING, DYNAMIC))),
    (b'["object",{}]', ObjectOf({})),
    (b'["object",{"a":"string","b":["set","string"]}]', ObjectOf({"b": SetOf(STRING), "a": STRING})),
    (b'["object",{"a":"string","b":"bool"},["b"]]', ObjectOf({"a": STRING, "b": BOOL}, frozenset({"b"}))),
]


class TestNotation:
    @pytest.mark.parametrize(("written", "kind"), NOTATIONS)
    def test_every_kind_is_read_and_written(self, written: bytes, kind: Type) -> None:
        assert parse_type(written) == kind
        assert type_json(kind) == written

    @pytest.mark.parametrize(
        "written",
        [
            b"",
            b"{",
            b'"text"',
            b"1",
            b"null",
            b'["list"]',
            b'["list","string","string"]',
            b'["object",["string"]]',
            b'["object",{"a":"string"},["b"]]',
            b'["tuple","string"]',
            b"[" * 10_000,
        ],
    )
    def test_what_is_no_type_is_an_error_that_shows_it(self, written: bytes) -> None:
        with pytest.raises(MalformedTypeError, match="cannot be read"):
            parse_type(written)

    def test_spaces_and_order_do_not_matter(self) -> None:
        assert parse_type(b' ["object", {"b": "bool", "a": "string"} ]') == parse_type(
            b'["object",{"a":"string","b":"bool"}]'
        )


class TestIdentity:
    def test_types_are_compared_by_structure(self) -> None:
        one, other = ObjectOf({"a": STRING, "b": NUMBER}), ObjectOf({"b": NUMBER, "a": STRING})

        assert one == other
        assert hash(one) == hash(other)
        assert {one: 1}[other] == 1
        assert ListOf(STRING) != SetOf(STRING)
        assert ObjectOf({"a": STRING}) != ObjectOf({"a": NUMBER})

    def test_attributes_are_kept_sorted(self) -> None:
        assert list(ObjectOf({"b": STRING, "a": STRING}).attributes) == ["a", "b"]

    def test_equal_notations_give_the_same_object(self) -> None:
        """A large provider says the same type thousands of times."""
        assert parse_type(b'["map","string"]') is parse_type(b'["map","string"]')

    @pytest.mark.parametrize(
        ("kind", "dynamic"),
        [
            (DYNAMIC, True),
            (STRING, False),
            (MapOf(DYNAMIC), True),
            (TupleOf((STRING, ListOf(DYNAMIC))), True),
            (ObjectOf({"a": STRING}), False),
            (ObjectOf({"a": SetOf(ObjectOf({"b": DYNAMIC}))}), True),
        ],
    )
    def test_a_dynamic_type_is_found_at_any_depth(self, kind: Type, dynamic: bool) -> None:
        assert contains_dynamic(kind) is dynamic
