"""
What hand-made packages of well-known providers call things.

Packages made by rule call everything after Terraform, in one module (terraform.md §8.2).
Some providers had a package of their own before, in modules by service and with names by
hand, and most programs were written for that. Such names are data, a file of `other_names`
for each provider; they are offered beside the names by rule and change no token.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from stackwright.providers.terraform._names import VERBS, camel_of_words, lower_first

_PLACE: Final = Path(__file__).with_name("other_names")
_KINDS: Final = {"data": "data_sources", "resource": "resources"}
_MORE: Final = "*"


class _Rule(msgspec.Struct, frozen=True):
    section: str
    """The only section that it is for; empty for both."""
    goes_on: bool
    places: tuple[str, ...]


class OtherInput(msgspec.Struct, frozen=True):
    """An argument with another name in the hand-made package."""

    attribute: str
    """Terraform's name of it."""
    name: str
    amount: str
    """`one` if it is one value there and a list here, `many` for the reverse, otherwise empty."""


class FileInput(msgspec.Struct, frozen=True):
    """An argument that is the path of a file to Terraform, and an asset or archive to programs."""

    attribute: str
    """Terraform's name of it."""
    kind: str
    """`asset`, or `archive` where only a zip file will do."""
    hash_attribute: str = ""
    """The argument that takes a hash of the file."""


class OtherEnum(msgspec.Struct, frozen=True):
    """A closed set of values that the hand-made package has names for."""

    module: str
    name: str
    members: tuple[tuple[str, str], ...]
    """Name, as schemas spell it, and value of each."""


class OtherNames:
    """The names of one package's things in a hand-made one; none where there is no such package."""

    def __init__(self, prefix: str, package: str) -> None:
        self._package = package
        self._rules = _rules(prefix)
        self._inputs = _inputs(prefix)
        self._files = _files(prefix)
        self._prefix = prefix

    def __bool__(self) -> bool:
        return bool(self._rules)

    def tokens(self, section: str, name: str) -> tuple[str, ...]:
        """The tokens of what Terraform calls *name*, less its provider's prefix; the usual one first."""
        return tuple(self._token(section, place) for place in self._places(section, name))

    def inputs(self, name: str) -> tuple[OtherInput, ...]:
        """Arguments of the resource that Terraform calls *name*, less its provider's prefix."""
        return self._inputs.get(name, ())

    def enums(self, modules: Collection[str]) -> dict[str, OtherEnum]:
        """The enums of *modules* by their tokens; the root is `index`."""
        return {
            f"{self._package}:{each.module}/{each.name}:{each.name}": each
            for each in _enums(self._prefix)
            if each.module in modules
        }

    def files(self, name: str) -> tuple[FileInput, ...]:
        """The files that the resource takes which Terraform calls *name*, less its provider's prefix."""
        return self._files.get(name, ())

    def _places(self, section: str, name: str) -> Iterator[str]:
        words = name.split("_")
        for length in range(len(words), -1, -1):
            for rule in self._rules.get("_".join(words[:length]), ()):
                whole = length == len(words)
                if rule.section not in ("", section) or not (rule.goes_on or whole):
                    continue
                rest = camel_of_words("_".join(words[length:]))
                found = [place.replace(_MORE, rest) for place in rule.places]
                if not found[0].endswith("."):  # a rule for what goes on says nothing of what does not
                    yield from found
                    return

    def _token(self, section: str, place: str) -> str:
        module, _, name = place.rpartition(".")
        if section != "resources":
            name = f"{VERBS[section]}{name}"
        return f"{self._package}:{module or 'index'}/{lower_first(name)}:{name}"


@cache
def _inputs(prefix: str) -> dict[str, tuple[OtherInput, ...]]:
    found: dict[str, tuple[OtherInput, ...]] = {}
    for resource, *listed in _lines(prefix, "-inputs.txt"):
        parts = [each.partition(":") for each in listed]
        named = [(words.partition("="), amount) for words, _, amount in parts]
        found[resource] = tuple(OtherInput(own, name or own, amount) for (own, _, name), amount in named)
    return found


@cache
def _files(prefix: str) -> dict[str, tuple[FileInput, ...]]:
    found: dict[str, tuple[FileInput, ...]] = {}
    for resource, *described in _lines(prefix, "-files.txt"):
        found[resource] = (*found.get(resource, ()), FileInput(*described))
    return found


@cache
def _enums(prefix: str) -> tuple[OtherEnum, ...]:
    headings: list[tuple[str, str]] = []
    members: list[list[tuple[str, str]]] = []
    for line in _texts(prefix, "-enums.txt"):
        if not line.startswith(" "):
            name, _, common = line.partition(" ")
            headings.append((name, common))
            members.append([])
            continue
        common = headings[-1][1]
        for each in line.strip().rstrip(",").split(", "):
            name, _, value = each.rpartition("=")
            members[-1].append((name or value.rpartition("/")[2].removeprefix(_MORE), _whole(value, common)))
    found = zip(headings, members, strict=True)
    return tuple(OtherEnum(*_module_and_name(name), members=tuple(listed)) for (name, _), listed in found)


def _whole(value: str, common: str) -> str:
    return value.replace(_MORE, common, 1) if common else value


def _module_and_name(place: str) -> tuple[str, str]:
    module, _, name = place.rpartition(".")
    return module or "index", name


def _lines(prefix: str, ending: str) -> Iterator[list[str]]:
    """The words of each line that says something."""
    for line in _texts(prefix, ending):
        yield line.split()


def _texts(prefix: str, ending: str) -> Iterator[str]:
    """Each line that says something; none where there is no such file."""
    path = _PLACE / f"{prefix}{ending}"
    if prefix.isidentifier() and path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield line


@cache
def _rules(prefix: str) -> dict[str, list[_Rule]]:
    """Rules by the name that they begin with; those for less come first."""
    found: dict[str, list[_Rule]] = {}
    for pattern, *places in _lines(prefix, ".txt"):
        kind, dot, name = pattern.rpartition(".")
        rule = _Rule(_KINDS[kind] if dot else "", name.endswith(_MORE), tuple(places))
        found.setdefault(name.removesuffix(_MORE), []).append(rule)
    for rules in found.values():
        rules.sort(key=lambda rule: (rule.goes_on, not rule.section))
    return found
