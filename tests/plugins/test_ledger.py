"""The reader of the ledger sees what the plugins' own reader sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl")


def write(ledger: Ledger, *lines: dict[str, Any]) -> None:
    with ledger.path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def created(object_id: str, name: str = "a") -> dict[str, Any]:
    return {
        "op": "create", "phase": "end", "call": object_id, "id": object_id, "type": "t", "name": name,
        "outcome": "ok", "state": {"v": 1},
    }  # fmt: skip


def test_no_file_is_an_empty_ledger(ledger: Ledger) -> None:
    """A ledger that nobody opened yet holds nothing."""
    assert (ledger.lines(), ledger.objects(), ledger.operations()) == ([], {}, [])


def test_a_line_in_the_making_is_left_out(ledger: Ledger) -> None:
    """A process killed while it writes does not spoil the file."""
    write(ledger, created("1"))
    with ledger.path.open("a") as file:
        file.write('{"op": "cre')

    assert list(ledger.objects()) == ["1"]


def test_an_operation_without_an_end_is_unfinished(ledger: Ledger) -> None:
    """Begin and end are paired by their call."""
    write(
        ledger,
        {"op": "create", "phase": "begin", "call": "1", "name": "a"},
        {"op": "update", "phase": "begin", "call": "2", "name": "b"},
        {"op": "create", "phase": "end", "call": "1", "name": "a", "id": "x", "outcome": "failed"},
    )

    assert [(o.op, o.outcome) for o in ledger.operations()] == [
        ("create", "failed"),
        ("update", "unfinished"),
    ]
    assert [o.name for o in ledger.unfinished()] == ["b"]
    assert not ledger.objects()


def test_the_last_word_about_an_object_counts(ledger: Ledger) -> None:
    """Updates and drift change an object, a delete and a disappearance end it."""
    write(ledger, created("1"), created("2", "b"), created("3", "b"))
    write(
        ledger, {"op": "update", "phase": "end", "id": "1", "outcome": "partial", "state": {"v": 2, "w": 0}}
    )
    ledger.drift("1", state={"v": 3, "w": None})
    write(ledger, {"op": "delete", "phase": "end", "id": "2", "outcome": "failed"})

    assert ledger.objects()["1"].state == {"v": 3}
    assert ledger.duplicates() == {("t", "b"): ["2", "3"]}
    write(ledger, {"op": "delete", "phase": "end", "id": "2", "outcome": "ok"})
    ledger.vanish("3")
    assert list(ledger.objects()) == ["1"]
