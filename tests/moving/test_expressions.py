"""Texts in generated programs: readable over several lines, and the same text again (terraform.md §11)."""

from __future__ import annotations

import ast
import textwrap

from hypothesis import example, given
from hypothesis import strategies as st

from stackwright.moving._expressions import Call, Mapped, said, written

SCRIPT = "#!/bin/bash\nset -e\n\techo \"$PATH\" > 'x'\n"
PARTS = ["a", " ", "\n", '"', "\\", "'", "\t", "é", "\u200b", "\r", "\x00", "\u2028", "word ", "w" * 30]


def read_back(source: str) -> object:
    """What the first argument of the call *source* is."""
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    return ast.literal_eval(call.args[0])


@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.integers(0, 24))
@example('"""', 0)
@example('\n\\"', 0)
@example('\n""', 0)
@example("\n", 0)
def test_every_text_is_the_same_again(value: str, deep: int) -> None:
    source = written(Call("f", (("", Mapped(((value, said(value)),))),)), indent="    " * deep)
    assert read_back(source) == {value: value}


def test_several_lines_are_as_they_read() -> None:
    assert written(said(SCRIPT)) == f'"""\\\n{SCRIPT}"""'
    assert written(said('a\nsays """b"')) == '"""\\\na\nsays \\"\\"\\"b\\""""'


def test_what_cannot_be_seen_is_written_out() -> None:
    """Editors take spaces at the ends of lines away; control characters are nothing to look at."""
    assert written(said("one \ntwo\r\n"), before=90) == '(\n    "one \\n"\n    "two\\r\\n"\n)'


def test_long_lines_are_cut_after_spaces() -> None:
    value = " ".join(["some words"] * 30)
    lines = written(said(value), before=8, indent="    ").splitlines()
    assert (lines[0], lines[-1]) == ("(", "    )")
    assert all(len(line) <= 100 for line in lines)
    assert ast.literal_eval(textwrap.dedent("\n".join(lines))) == value
    assert written(said("x" * 300)) == f'"{"x" * 300}"'
