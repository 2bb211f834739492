"""Who waits for whom, for the display to tell while a program runs (cli.md §14)."""

from __future__ import annotations

import json
from typing import Any

from support.programs import Thing, run_ok

from stackwright.sdk import ComponentResource, Output, ResourceOptions, program_waits


def seen_by(program: Any, limit: int = 20) -> tuple[dict[str, tuple[str, ...]], int]:
    """What a glance finds when the body of *program* has made its resources."""
    found: list[Any] = []

    def watched() -> None:
        program()
        found.append(program_waits(limit))

    run_ok(watched)
    rows, count = found[0]
    return {row.name: row.on for row in rows}, count


def test_outputs_and_what_is_made_of_them() -> None:
    def program() -> None:
        a, b = Thing("a"), Thing("b")
        Thing("plain", value=a.id)
        Thing("applied", value=a.id.apply(lambda id_: id_ + "!").apply(str.upper))
        Thing("joined", value=Output.concat(a.id, "-", b.id))
        Thing("nested", value={"deep": [Output.all(a.id, {"b": b.id})]})
        Thing("dumped", value=Output.json_dumps({"id": a.id}, default=json.dumps))

    waits, count = seen_by(program)
    assert waits == {
        "plain": ("a",),
        "applied": ("a",),
        "joined": ("a", "b"),
        "nested": ("a", "b"),
        "dumped": ("a",),
    }
    assert count == 5


def test_only_the_next_link_of_a_chain() -> None:
    def program() -> None:
        a = Thing("a")
        b = Thing("b", value=a.id)
        Thing("c", value=b.id)

    assert seen_by(program)[0] == {"b": ("a",), "c": ("b",)}


def test_what_is_named_as_a_resource() -> None:
    def program() -> None:
        a = Thing("a")
        Thing("b", opts=ResourceOptions(depends_on=[a]))
        site = ComponentResource("shop:web:Site", "site")
        Thing("c", opts=ResourceOptions(parent=site))

    waits, _ = seen_by(program)
    assert waits["b"] == ("a",)
    assert waits["c"] == ("site",)


def test_no_more_rows_than_asked_for() -> None:
    def program() -> None:
        a = Thing("a")
        for index in range(7):
            Thing(f"b{index}", value=a.id)

    waits, count = seen_by(program, 3)
    assert list(waits) == ["b0", "b1", "b2"]
    assert count == 7


def test_nothing_waits_when_no_program_runs() -> None:
    run_ok(lambda: Thing("a"))
    assert program_waits(10) == ([], 0)
