"""
What resources of a Terraform state are called in a stack and in a program.

`module.net["a"].aws_subnet.private[0]` becomes `net-a-private-0`, which is the name in the
stack, and `net_a_private_0` in the program. Names are told apart by a number where that
leaves two the same.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from stackwright.moving._terraform_state import IndexKey
from stackwright.providers.terraform.installed import parse_address

BUILT_IN: Final = "terraform.io/builtin/"
"""What the address of a provider begins with that is part of Terraform itself."""

_MODULE: Final = re.compile(r'module\.([^.\["]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?\.?')
_ESCAPED: Final[Mapping[str, str]] = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_PROVIDER: Final = re.compile(
    r'(?:(?P<module>.*?)\.)?provider\["(?P<address>[^"]+)"\](?:\.(?P<alias>[\w-]+))?'
)
_LEGACY_PROVIDER: Final = re.compile(r"(?:.*\.)?provider\.(?P<type>[\w-]+?)(?:\.(?P<alias>[\w-]+))?")
_UNSHOWN: Final = re.compile(r"[\x00-\x1f\x7f]+")
_UNFIT: Final = re.compile(r"[^0-9A-Za-z_]+")
_MEANINGLESS: Final = frozenset({"this", "main", "default", "example", "self", "resource"})


def module_steps(module: str) -> tuple[tuple[str, str], ...]:
    """The names in a module's address, each with its instance's key as written, if it has any."""
    return tuple(_MODULE.findall(module))


def without_keys(module: str) -> str:
    """A module's address as dependencies have it, which say nothing of instances."""
    return ".".join(f"module.{name}" for name, _ in module_steps(module))


def module_words(module: str) -> tuple[str, ...]:
    """The names and keys in a module's address."""
    return tuple(word for name, key in module_steps(module) for word in (name, _key(key)) if word)


def shown_key(key: IndexKey) -> str:
    """What stands behind the address of one instance, as Terraform writes it."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = "".join(_ESCAPED.get(each, each) for each in key)
    return f'["{escaped.replace("${", "$${").replace("%{", "%%{")}"]'


def _key(written: str) -> str:
    """The key that `shown_key` made *written* of, without its brackets."""
    if not written.startswith('"'):
        return written
    try:
        plain = str(json.loads(written))
    except ValueError:  # an escape that JSON does not have
        plain = written[1:-1]
    return plain.replace("$${", "${").replace("%%{", "%{")


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
    return _UNSHOWN.sub("-", "-".join(words).replace("::", "-"))


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
    letters = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    made = re.sub("_+", "_", _UNFIT.sub("_", letters)).strip("_").lower() or "resource"
    if made[0].isdigit():
        made = f"_{made}"
    return f"{made}_" if keyword.iskeyword(made) or hasattr(builtins, made) else made


def says_little(name: str) -> bool:
    """Whether *name* is one of those that stand for nothing without the type in front of them."""
    return name in _MEANINGLESS
