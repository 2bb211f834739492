"""What things of a package schema are called in Python (packages.md §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from stackwright.errors import StackwrightError

_KEYWORDS_TEXT: Final = """
    False None True and as assert async await break class continue def del elif else except exec finally
    for from global if import in is lambda nonlocal not or pass print raise return try while with yield
"""
KEYWORDS: Final = frozenset(_KEYWORDS_TEXT.split())
"""Names that get an underscore at their end. Soft keywords are no part of it: that would rename things."""

_KEPT: Final = {
    "openXJsonSerDe": "open_x_json_ser_de",
    "GetPublicIPs": "get_public_i_ps",
    "GetUptimeCheckIPs": "get_uptime_check_i_ps",
}
"""Names from before plurals of acronyms were understood; programs have them."""

_CHARACTERS: Final = {"*": "Asterisk", "0": "Zero", "1": "One", "2": "Two", "3": "Three", "4": "Four"} | {
    "5": "Five",
    "6": "Six",
    "7": "Seven",
    "8": "Eight",
    "9": "Nine",
}
_ILLEGAL: Final = re.compile(r"[^0-9A-Za-z_]")


class UnnameableError(StackwrightError):
    """Something of a schema has no name in Python."""

    code = "package-name"


@cache
def py_name(name: str) -> str:
    """*name* in snake case: `bucketName` is `bucket_name`, `kmsKeyARN` is `kms_key_arn` (§4.1, §4.2)."""
    if name in _KEPT:
        return _KEPT[name]
    components: list[str] = []
    current = ""
    state = "start"
    for letter in identifier(name):
        capital = letter.isupper()
        match state:
            case "start":
                current += letter.lower()
                state = "single" if capital else "lower"
            case "single":
                current += letter.lower()
                state = "run" if capital else "lower"
            case "run" if capital:
                current += letter.lower()
            case "run" if letter.isdigit() or letter == "s":
                current += letter
                state = "lower"
            case "run":
                components.append(current[:-1])
                current = current[-1] + letter
                state = "lower"
            case _ if capital:
                components.append(current)
                current = letter.lower()
                state = "single"
            case _:
                current += letter
    components.append(current)
    return not_a_keyword("_".join(part for part in components if part))


_OWN: Final = frozenset({"resource_name", "opts"})
"""Parameters that every constructor has; inputs of these names get an underscore (§3.4)."""

_HELPERS: Final = frozenset(
    {"_utilities", "pulumi", "overload", "staticmethod", "_fields", "_names", "_others"}
)
"""What the code of a class needs under these names; a property called so would take its place."""


def parameter_name(name: str) -> str:
    """What constructors call the input *name*."""
    return as_parameter(py_name(name))


def as_parameter(python: str) -> str:
    """What constructors call the input that is *python* elsewhere."""
    return f"{python}_" if python in _OWN else python


def distinct_names(wires: Iterable[str]) -> dict[str, str]:
    """
    The Python name of each of *wires*, which are properties, inputs or members of one thing.

    `fooBar` and `foo_bar` are both `foo_bar`: one that is spelled so keeps the name, otherwise the
    first in the order of their spelling does; the others get a number, whatever order they came in.
    """
    plain = {wire: _usable(py_name(wire)) for wire in wires}
    if len({as_parameter(name) for name in plain.values()}) == len(plain):
        return plain
    taken = {each for name in plain.values() for each in (name, as_parameter(name))}
    given: set[str] = set()
    found: dict[str, str] = {}
    for wire in sorted(plain, key=lambda each: (each != plain[each], each)):
        name = plain[wire]
        if as_parameter(name) in given:
            name = free_name(name.removesuffix("_"), taken)
            taken.add(name)
        given.add(as_parameter(name))
        found[wire] = name
    return {wire: found[wire] for wire in plain}


def free_name(name: str, taken: Iterable[str]) -> str:
    """*name* with the first number, from two on, that makes it none of *taken*."""
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _usable(name: str) -> str:
    # Within a class Python has names of its own with two underscores, and changes all others.
    if name.startswith("__"):
        name = f"_{name.lstrip('_')}"
    return f"{name}_" if name in _HELPERS else name


def not_a_keyword(name: str) -> str:
    """*name*, with an underscore at its end if Python has that word for itself."""
    return f"{name}_" if name in KEYWORDS else name


def identifier(name: str) -> str:
    """
    *name* with `_` for everything that identifiers have not.

    Raises:
        UnnameableError: There is nothing in it.
    """
    if not name:
        raise UnnameableError("Something in the schema has no name: a token, a property or a method")
    cleaned = _ILLEGAL.sub("_", name)
    return f"_{cleaned}" if cleaned[:1].isdigit() else cleaned


def class_name(token: str) -> str:
    """The class of *token*: its last part, with a capital first letter (§4.3)."""
    return capitalised(token.rpartition(":")[2].rpartition("/")[2])


def capitalised(name: str) -> str:
    """*name* as that of a class: with a capital first letter."""
    cleaned = identifier(name)
    return not_a_keyword(cleaned[:1].upper() + cleaned[1:])


def function_name(token: str) -> str:
    """The function of *token* (§4.3)."""
    return py_name(token.rpartition(":")[2])


def import_name(package: str, namespace: str) -> str:
    """What programs import *package* as (§4.4)."""
    return f"{py_name(namespace) if namespace else 'pulumi'}_{package.replace('-', '_')}"


def module_path(module: str) -> str:
    """The dotted path of *module* below the package (§4.4)."""
    return ".".join(py_name(part) for part in module.lower().split("/") if part)


def member_name(enum: str, name: str) -> str:
    """
    The name of a member of *enum* whose schema calls it, or its value, *name* (§4.6).

    Raises:
        UnnameableError: There is nothing in *name* that a name could be made of.
    """
    written = _CHARACTERS.get(name, name)
    if len(written) == 1 and _ILLEGAL.match(written):
        raise UnnameableError(f"A member of the enum `{enum}` is `{name}`, which makes no name in Python")
    python = py_name(written.replace(" ", "_")) if written else ""
    found = re.sub("_+", "_", _ILLEGAL.sub("_", python)).upper()
    if not found or found.startswith("_"):
        found = re.sub("_+", "_", f"{py_name(enum).upper()}_{found}")
    return found


_PRE_RELEASES: Final = (
    (re.compile(r"^-?alpha\.?(\d*)$"), "a"),
    (re.compile(r"^-?beta\.?(\d*)$"), "b"),
    (re.compile(r"^-?rc\.?(\d*)$"), "rc"),
    (re.compile(r"^-?dev\.?(\d*)$"), ".dev"),
    (re.compile(r"^-?post\.?(\d*)$"), ".post"),
)


def python_version(version: str) -> str:
    """A semantic version as Python packages write theirs (§4.5)."""
    core, _, build = version.partition("+")
    release, _, pre = core.partition("-")
    local = [part for part in build.replace("-", ".").split(".") if part]
    tag = ""
    if pre:
        for pattern, written in _PRE_RELEASES:
            found = pattern.match(pre)
            if found:
                tag = f"{written}{found.group(1) or '0'}"
                break
        else:
            local = [part for part in pre.replace("-", ".").split(".") if part] + local
    return release + tag + (f"+{'.'.join(local)}" if local else "")
