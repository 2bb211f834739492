"""One Python file: what it says about itself, its imports in order, and its body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from stackwright.packages.sdkgen._annotations import Annotator
from stackwright.packages.sdkgen._text import LINE, collection, quoted

_NUMBERS: Final = re.compile(r"(\d+)")


def python_file(
    about: str,
    annotator: Annotator,
    depth: int,
    exported: Iterable[str],
    body: list[str],
    *,
    needs_pulumi: bool = True,
    needs_utilities: bool = True,
) -> str:
    """
    The text of a file.

    Types beside it are imported for checkers alone: at run time they are looked up when
    an annotation is evaluated, so that one resource does not cost the types of all.
    """
    lines = [f'"""{about}"""', "", "from __future__ import annotations", ""]
    plain = sorted(each for each in annotator.imports if "." not in each and not each.startswith("pulumi"))
    packages = sorted(each for each in annotator.imports if each.startswith("pulumi"))
    own = [f"import {each}" for each in packages if each == annotator.package]
    siblings = sorted(annotator.siblings)
    if siblings:
        annotator.typing.add("TYPE_CHECKING")
    standard = [f"import {each}" for each in plain]
    if annotator.collections:
        standard.append(f"from collections.abc import {', '.join(sorted(annotator.collections))}")
    if annotator.enums:
        standard.append("from enum import Enum")
    if annotator.typing:
        standard.append(f"from typing import {', '.join(sorted(annotator.typing, key=import_order))}")
    if standard:
        lines += [*standard, ""]
    others = [f"import {each}" for each in packages if each != annotator.package]
    third = [*(["import pulumi"] if needs_pulumi else []), *others]
    for block in (third, own):
        if block:
            lines += [*block, ""]
    if needs_utilities:
        lines += [f"from {'.' * (depth + 1)} import _utilities", ""]
    if siblings:
        lines += ["if TYPE_CHECKING:", *_wrapped_import(siblings), "else:"]
        lines += [f"    {each} = _utilities.lazy_module(__package__, {quoted(each)})" for each in siblings]
        lines.append("")
    lines += collection("__all__ = ", (quoted(each) for each in sorted(exported)), "[]")
    return "\n".join([*lines, *body]) + "\n"


def import_order(name: str) -> tuple[int, list[str | int], str]:
    """Constants before classes before functions, numbers by their size, as import sorters have it."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    parts: list[str | int] = [int(part) if part.isdigit() else part for part in _NUMBERS.split(name.lower())]
    return (kind, parts, name)


def _wrapped_import(names: list[str]) -> list[str]:
    one = f"    from . import {', '.join(names)}"
    if len(one) <= LINE:
        return [one]
    return ["    from . import (", *(f"        {each}," for each in names), "    )"]
