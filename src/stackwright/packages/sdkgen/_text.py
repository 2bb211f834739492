"""Python text in the shape that formatters leave it: names, literals, docstrings, long lines."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

LINE: Final = 110
_FENCE: Final = re.compile(r"```([^\n`]*)\n.*?```[ \t]*\n?", re.DOTALL)
_SHORTCODE: Final = re.compile(r"[ \t]*\{\{% /?examples? %\}\}[ \t]*\n?")
_EXAMPLE: Final = re.compile(r"\{\{% example %\}\}(.*?)\{\{% /example %\}\}", re.DOTALL)
_CALLOUT: Final = re.compile(r"^ *([-~!]>) *(.*)", re.MULTILINE)
_ITEM: Final = re.compile(r" *(?:[-*+]|\d+[.)]) +")
"""What items of lists begin with."""

_STRING: Final = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_SIGNS: Final = {each: re.compile(rf"{_STRING}|[\[\]]|{re.escape(each)}") for each in (" | ", ", ")}
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
"""What terminals obey instead of showing, and what makes text read in another order than it is written."""

_KEPT_LANGUAGES: Final = frozenset({"", "python", "sh"})


def quoted(text: str) -> str:
    """*text* as a literal."""
    written = json.dumps(text, ensure_ascii=False)
    if not written.isascii():
        written = _UNREADABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
    return written if '\\"' not in written or "'" in text else repr(text)


def literal(value: bool | int | float | str | None) -> str:
    """Any simple value as a literal."""
    return quoted(value) if isinstance(value, str) else repr(value)


def readable(text: str) -> str:
    """*text* without what is no part of a text for people."""
    return _UNREADABLE.sub("", text)


def docstring(text: str, indent: str) -> list[str]:
    """*text* as a docstring; nothing if there is no text."""
    cleaned = _CALLOUT.sub(_called_out, readable(text).strip())
    cleaned = cleaned.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = [line.rstrip() for line in cleaned.expandtabs(4).splitlines()]
    if not lines:
        return []
    if len(lines) == 1 and len(indent) + len(lines[0]) + 6 <= LINE and not lines[0].endswith('"'):
        return [f'{indent}"""{lines[0]}"""']
    wrapped: list[str] = []
    fenced = False
    for line in lines:
        fenced ^= line.lstrip().startswith("```")
        if fenced or len(line) + len(indent) <= LINE or line.lstrip().startswith("|"):
            wrapped.append(line)
        else:
            start = line[: len(line) - len(line.lstrip())]
            marker = _ITEM.match(line)
            hang = 4 if line.startswith(":param ") else marker.end() if marker else len(start)
            wrapped += textwrap.wrap(
                line.lstrip(),
                LINE - len(indent),
                initial_indent=start,
                subsequent_indent=" " * hang,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return [f'{indent}"""', *(f"{indent}{line}" if line else "" for line in wrapped), f'{indent}"""']


def _called_out(found: re.Match[str]) -> str:
    """What is called out in Terraform's documentation, in words that any reader knows."""
    sign, rest = found.groups()
    if rest.startswith(("**", "Note", "NOTE")):
        return rest
    return f"**{'Warning' if sign == '!>' else 'Note'}:** {rest}"


def prose(text: str) -> str:
    """The description of a resource or function, without examples in other languages (§3.12)."""
    if "{{%" in text:
        text = _EXAMPLE.sub(
            lambda found: found.group(1) if "```" in _python_only(found.group(1)) else "", text
        )
        text = _SHORTCODE.sub("", text)
    return _python_only(text)


def _python_only(text: str) -> str:
    if "```" not in text:
        return text
    return _FENCE.sub(lambda found: found.group(0) if found.group(1).strip() in _KEPT_LANGUAGES else "", text)


def one_paragraph(text: str) -> str:
    """*text* on one line, up to the first list, table or code block: what fits beside a parameter."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if lines and (_ITEM.match(line) or line.lstrip().startswith(("|", "```"))):
            break
        lines.append(line)
    return " ".join(" ".join(lines).split())


def signature(start: str, parameters: Sequence[str], end: str) -> list[str]:
    """A function's head, with a line for each parameter if it does not fit on one."""
    indent = start[: len(start) - len(start.lstrip())]
    one = f"{start}({', '.join(parameters)}){end}"
    if len(one) <= LINE and len(parameters) <= 4:
        return [one]
    lines = [f"{start}("]
    for each in parameters:
        name, colon, rest = each.partition(": ")
        annotation = rest.removesuffix(" = None")
        lines += annotated(f"{indent}    {name}{colon}", annotation, f"{rest[len(annotation) :]},")
    return [*lines, f"{indent}){end}"]


def annotated(start: str, annotation: str, end: str) -> list[str]:
    """A name with its type, which is broken at brackets and at `|` if it does not fit on one line."""
    indent = start[: len(start) - len(start.lstrip())]
    one = f"{start}{annotation}{end}"
    if len(one) <= LINE:
        return [one]
    members = _split(annotation, " | ")
    if len(members) == 1 and not annotation.endswith("]"):
        helps = not end and len(indent) + 4 + len(annotation) <= LINE
        return [f"{start}(", f"{indent}    {annotation}", f"{indent})"] if helps else [one]
    if len(members) > 1:
        return [f"{start}(", *_union(members, f"{indent}    "), f"{indent}){end}"]
    return [
        f"{start}{annotation.partition('[')[0]}[",
        *_inside(annotation, f"{indent}    "),
        f"{indent}]{end}",
    ]


def _union(members: Sequence[str], indent: str) -> list[str]:
    one = f"{indent}{' | '.join(members)}"
    if len(one) <= LINE:
        return [one]
    lines = _operand(members[0], indent, "")
    for member in members[1:]:
        lines += _operand(f"| {member}", indent, "")
    return lines


def _inside(annotation: str, indent: str) -> list[str]:
    """What is between the outer brackets of *annotation*."""
    inner = annotation.partition("[")[2][:-1]
    if len(indent) + len(inner) <= LINE:
        return [f"{indent}{inner}"]
    arguments = _split(inner, ", ")
    if len(arguments) > 1:
        return [line for each in arguments for line in _operand(each, indent, ",")]
    return _union(_split(inner, " | "), indent)


def _operand(text: str, indent: str, end: str) -> list[str]:
    if len(indent) + len(text) + len(end) <= LINE or not text.endswith("]"):
        return [f"{indent}{text}{end}"]
    return [f"{indent}{text.partition('[')[0]}[", *_inside(text, f"{indent}    "), f"{indent}]{end}"]


def _split(text: str, separator: str) -> list[str]:
    """*text* at each *separator* that is outside of brackets and strings."""
    parts, depth, start = [], 0, 0
    for found in _SIGNS[separator].finditer(text):
        if found[0] in ("[", "]"):
            depth += 1 if found[0] == "[" else -1
        elif found[0] != separator:
            continue  # a string, whatever is in it
        elif depth == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def call(start: str, arguments: Sequence[str]) -> list[str]:
    """A call, with a line for each argument if it does not fit on one."""
    indent = start[: len(start) - len(start.lstrip())]
    one = f"{start}({', '.join(arguments)})"
    if len(one) <= LINE:
        return [one]
    lines = [f"{start}("]
    for each in arguments:
        lines += _argument(each, f"{indent}    ")
    return [*lines, f"{indent})"]


def _argument(text: str, indent: str) -> list[str]:
    name, found, items = text.partition("=(")
    if len(indent) + len(text) + 1 <= LINE or not found:
        return [f"{indent}{text},"]
    return [
        f"{indent}{name}=(",
        *(f"{indent}    {each}," for each in _split(items[:-1].removesuffix(","), ", ")),
        f"{indent}),",
    ]


def class_head(name: str, bases: Sequence[str]) -> list[str]:
    """The first line of a class, with its bases on a line of their own if they do not fit."""
    one = f"class {name}({', '.join(bases)}):"
    return [one] if len(one) <= LINE else [f"class {name}(", f"    {', '.join(bases)}", "):"]


def assigned(start: str, function: str, arguments: Sequence[str]) -> list[str]:
    """An annotated name that gets what *function* answers, broken as late in the line as will do."""
    indent = start[: len(start) - len(start.lstrip())]
    given = ", ".join(arguments)
    one = f"{start} = {function}({given})"
    if len(one) <= LINE:
        return [one]
    if len(f"{start} = {function}(") <= LINE:
        if len(indent) + 4 + len(given) <= LINE:
            return [f"{start} = {function}(", f"{indent}    {given}", f"{indent})"]
        return call(f"{start} = {function}", arguments)
    if len(f"{start} = (") <= LINE:
        return [f"{start} = (", f"{indent}    {function}({given})", f"{indent})"]
    name, _, annotation = start.partition(": ")
    if annotation.isidentifier():  # nothing in it to break
        return [f"{start} = {function}(", f"{indent}    {given}", f"{indent})"]
    return annotated(f"{name}: ", annotation, f" = {function}({given})")


def alias(name: str, other: str, indent: str = "") -> list[str]:
    """*name* as another name of *other*."""
    one = f"{indent}{name} = {other}"
    broken = len(indent) + max(len(name), len(other)) + 4
    fits = len(one) <= LINE or broken > LINE  # broken only where that helps
    return [one] if fits else [f"{indent}{name} = (", f"{indent}    {other}", f"{indent})"]


def collection(start: str, items: Iterable[str], brackets: str, indent: str = "", end: str = "") -> list[str]:
    """A display of *items*, with a line for each if it does not fit on one."""
    listed = list(items)
    one = f"{indent}{start}{brackets[0]}{', '.join(listed)}{brackets[1]}{end}"
    if len(one) <= LINE:
        return [one]
    return [
        f"{indent}{start}{brackets[0]}",
        *(f"{indent}    {each}," for each in listed),
        f"{indent}{brackets[1]}{end}",
    ]


def names(items: Iterable[str]) -> str:
    """*items* as a tuple of strings, on one line."""
    listed = [quoted(each) for each in items]
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"
