"""Differences as people read them, line by line (cli.md §15.3-15.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest

from stackwright.display._changes import Changes
from stackwright.display._paint import Paint
from stackwright.values import Asset, Secret


def diff(
    old: Mapping[str, Any], new: Mapping[str, Any], *, full: bool = False, show_secrets: bool = False
) -> str:
    changes = Changes(Paint(colour=False), full=full, show_secrets=show_secrets)
    return "\n".join(changes.properties(old, new, indent=0)) + "\n"


def test_scalars_added_removed_and_changed() -> None:
    """§15.4; names padded to the longest that differs, internal ones left out."""
    old = {"same": 1, "size": 1, "gone": True, "__internal": 1}
    new = {"same": 1, "size": 2.5, "fresh": "x", "__internal": 2}
    assert diff(old, new) == dedent(
        """\
        + fresh: "x"
        - gone : true
        ~ size : 1 => 2.5
        """
    )


def test_another_type_is_a_line_for_each_side() -> None:
    assert diff({"a": {"b": 1}}, {"a": [1]}) == dedent(
        """\
        - a: {
              b : 1
          }
        + a: [
              [0]: 1
          ]
        """
    )


def test_lists_by_index_and_maps_by_key() -> None:
    old = {"a": {"list": [1, 2, 3], "kept": "x"}}
    new = {"a": {"list": [1, 9], "kept": "x"}}
    assert diff(old, new) == dedent(
        """\
        ~ a: {
            ~ list: [
                ~ [1]: 2 => 9
                - [2]: 3
              ]
          }
        """
    )


def test_many_lines_of_text() -> None:
    """Two lines of context on each side of a change, and `...` for the rest."""
    old = "\n".join(f"line {number}" for number in range(12))
    assert diff({"script": old}, {"script": old.replace("line 6", "line six")}) == dedent(
        """\
        ~ script:
              ...
              line 4
              line 5
            - line 6
            + line six
              line 7
              line 8
              ...
        """
    )


def test_json_documents_by_their_structure() -> None:
    old = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:Get"}]})
    new = json.dumps({"Statement": [{"Effect": "Deny", "Action": "s3:Get"}]}, indent=2)
    assert diff({"policy": old}, {"policy": new}) == dedent(
        """\
        ~ policy: (json) {
            ~ Statement: [
                ~ [0]: {
                    ~ Effect: "Allow" => "Deny"
                  }
              ]
          }
        """
    )


def test_json_that_is_only_formatted_anew() -> None:
    assert diff({"p": '{"a":1}'}, {"p": '{ "a": 1 }'}) == "~ p: (json) formatting only\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Secret("hunter2"), Secret("hunter3")),
        ("hunter2", Secret("hunter3")),
        (Secret("hunter2"), "hunter3"),
        (Secret({"deep": "hunter2"}), Secret({"deep": "hunter3"})),
        ({"deep": Secret("hunter2")}, {"deep": "hunter3"}),
        ([Secret("hunter2")], ["hunter3"]),
        (Secret("hunter2\nhunter2"), "hunter3\nhunter3"),
        (Secret('{"a": "hunter2"}'), Secret('{"a": "hunter3"}')),
    ],
)
def test_secrets_are_masked_on_both_sides(old: Any, new: Any) -> None:
    """Also where a value was secret, or becomes it."""
    shown = diff({"a": old}, {"a": new}) + diff({}, {"a": Secret(new)}) + diff({"a": Secret(old)}, {})
    assert "hunter" not in shown
    assert "[secret]" in shown


def test_secrets_are_shown_when_asked_for() -> None:
    shown = diff({"a": Secret("x")}, {"a": Secret("y")}, show_secrets=True)
    assert shown == '~ a: "x" => "y"\n'


def test_a_hundred_and_fifty_characters_and_no_more() -> None:
    """§15.5, unless all is wanted."""
    long = "x" * 200
    assert diff({}, {"a": long}) == f'+ a: "{"x" * 150}..."\n'
    assert diff({}, {"a": long}, full=True) == f'+ a: "{long}"\n'


def test_three_lines_and_no_more() -> None:
    text = "1\n2\n3\n4\n5"
    shown = diff({}, {"a": text})
    assert shown.split("\n")[-3:-1] == ["      ...", '  """']
    assert "4" not in shown
    assert "5" in diff({}, {"a": text}, full=True)


def test_texts_of_assets() -> None:
    shown = diff({"a": Asset(text="one\ntwo")}, {"a": Asset(text="one\nthree")})
    assert shown.split("\n")[1:-1] == ["      one", "    - two", "    + three"]
