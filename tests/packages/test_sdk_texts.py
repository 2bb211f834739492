"""Descriptions of providers as docstrings of generated packages (packages.md §3.12)."""

from __future__ import annotations

import inspect
import textwrap

import pytest

from stackwright.packages.sdkgen._text import LINE, docstring, one_paragraph, prose


def shown(text: str, indent: str = "    ") -> str:
    """What somebody reads who asks for help."""
    lines = docstring(text, indent)
    assert all(len(line) <= LINE for line in lines), lines
    value = eval(textwrap.dedent("\n".join(lines)))
    return inspect.cleandoc(value)


class TestDocstrings:
    def test_short_ones_are_one_line(self) -> None:
        assert docstring("Where it is.", "    ") == ['    """Where it is."""']
        assert docstring("", "    ") == []
        assert docstring('He said "no"', "") == ['"""', 'He said "no"', '"""']

    def test_items_of_lists_hang(self) -> None:
        long = "word " * 30

        lines = shown(f"One of:\n\n* {long}\n1. {long}\n\nEnd.").splitlines()

        assert [line[:4] for line in lines] == ["One ", "", "* wo", "  wo", "1. w", "   w", "", "End."]

    def test_code_and_tables_are_left_alone(self) -> None:
        code = "```python\nprint('" + "x" * 90 + "')\n```"

        assert shown(code) == code

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("-> Careful.", "**Note:** Careful."),
            ("~> **Note:** Careful.", "**Note:** Careful."),
            ("!> It is gone.", "**Warning:** It is gone."),
        ],
    )
    def test_what_terraform_calls_out(self, text: str, said: str) -> None:
        assert shown(f"First.\n\n{text}") == f"First.\n\n{said}"

    def test_signs_of_python(self) -> None:
        """Backslashes and quotes are what they were."""
        text = 'a \\d+ and """quotes"""\nmore'

        assert shown(text) == text

    def test_parameters_hang(self) -> None:
        lines = shown(f":param name: {'word ' * 30}").splitlines()

        assert lines[1].startswith("    word")


def test_beside_a_parameter() -> None:
    """The first paragraphs, on one line; lists and code are for the property's own documentation."""
    assert one_paragraph("A  name.\n\nOf what.\n\n- a\n- b") == "A name. Of what."
    assert one_paragraph("- only\n- a list") == "- only"


def test_examples_in_other_languages_go() -> None:
    text = "Does.\n\n```go\nx\n```\n```python\ny\n```\n"

    assert prose(text) == "Does.\n\n```python\ny\n```\n"
