"""
What resources of a Terraform state are called in a stack and in a program.

`module.net["a"].aws_subnet.private[0]` becomes `net-a-private-0`, which is the name in the
stack, and `net_a_private_0` in the program. Names are told apart by a number where that
leaves two the same.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from typing import Final

from stackwright.moving._terraform_state import IndexKey
from stackwright.providers.terraform.installed import parse_address

BUILT_IN: Final = "terraform.io/builtin/"
"""What the address of a provider begins with that is part of Terraform itself."""

_MODULE: Final = re.compile(r'module\.([^.\["]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?\.?')
_PROVIDER: Final = re.compile(
    r'(?:(?P<module>.*?)\.)?provider\["(?P<address>[^"]+)"\](?:\.(?P<alias>[\w-]+))?'
)
_LEGACY_PROVIDER: Final = re.compile(r"(?:.*\.)?provider\.(?P<type>[\w-]+?)(?:\.(?P<alias>[\w-]+))?")
_UNFIT: Final = re.compile(r"[^0-9A-Za-z_]+")
_MEANINGLESS: Final = frozenset({"this", "main", "default", "example", "self", "resource"})


def module_words(module: str) -> tuple[str, ...]:
    """The names and keys in a module's address."""
    words: list[str] = []
    for name, key in _MODULE.findall(module):
        words += [name, *([key.strip('"')] if key else [])]
    return tuple(words)


def provider_of(text: str) -> tuple[str, str]:
    """
    A provider's address, as `host/namespace/type`, and what its configuration is called.

    That is empty for the usual one; one that a module configures is called by the module too.

    Raises:
        BadAddressError: It is no address.
    """
    found = _PROVIDER.fullmatch(text)
    if found is None:
        old = _LEGACY_PROVIDER.fullmatch(text)
        if old is not None:
            return str(parse_address(f"hashicorp/{old['type']}")), old["alias"] or ""
        return str(parse_address(text)), ""
    address = found["address"]
    if address.startswith(BUILT_IN):
        return address, ""
    if "/-/" in address:
        address = address.replace("/-/", "/hashicorp/")
    words = [*module_words(found["module"] or ""), *([found["alias"]] if found["alias"] else [])]
    return str(parse_address(address)), "-".join(words)


def stack_name(module: str, name: str, key: IndexKey) -> str:
    """The name in the stack, before it is told apart from others."""
    words = [*module_words(module), name, *([] if key is None else [str(key)])]
    return "-".join(words).replace("::", "-")


class Distinct:
    """Gives out names, each once."""

    def __init__(self, taken: Iterator[str] | None = None) -> None:
        self._taken = set(taken or ())

    def name(self, *wanted: str, separator: str) -> str:
        """The first of *wanted* that is free, or the last with a number."""
        for each in wanted:
            if each not in self._taken:
                self._taken.add(each)
                return each
        number = 2
        while (made := f"{wanted[-1]}{separator}{number}") in self._taken:
            number += 1
        self._taken.add(made)
        return made


def variable_name(text: str) -> str:
    """*text* as a name in Python."""
    made = re.sub("_+", "_", _UNFIT.sub("_", text)).strip("_").lower() or "resource"
    if made[0].isdigit():
        made = f"_{made}"
    return f"{made}_" if keyword.iskeyword(made) or hasattr(builtins, made) else made


def says_little(name: str) -> bool:
    """Whether *name* is one of those that stand for nothing without the type in front of them."""
    return name in _MEANINGLESS
