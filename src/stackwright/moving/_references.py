"""
Which values of a program are those of other resources (terraform.md §11).

A state has values where the configuration had references. Where Terraform says that one
resource depends on another, and a text in it is what the other is known by, or has that as
a part, it is taken for a reference; everything else stays a literal. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from stackwright.moving._adoption import MovedResource
from stackwright.moving._expressions import Expression, call, json_of, said
from stackwright.packages.sdkgen._names import py_name
from stackwright.urn import Urn
from stackwright.values import PropertyMap, PropertyPath, Secret, Value, contains_secrets, reveal

_TELLING: Final = 8
"""A text of so many characters is hardly the same by chance."""

_FEW: Final = 100
"""Among more resources than these nobody looks for parts of a text: the cost would grow with their square."""

_SHORTEST: Final = 2
_BY_CHANCE: Final = 7
"""The rank of what only the text speaks for."""

_ELSEWHERE: Final = frozenset({"region", "timeouts", "type"})
"""Properties that hardly ever refer to anything."""

_UNFIT: Final = ("__", "tags", "region", "type", "timeouts")
"""What properties begin with that are the same in many resources without any reference."""


_SUFFIX: Final = re.compile(r"(Id|Arn|Name)s?$")


class Reference(msgspec.Struct, frozen=True):
    """A property of another resource; `id` is its id."""

    variable: str
    property: str
    urn: Urn

    def urns(self) -> tuple[Urn, ...]:
        return (self.urn,)

    def expression(self) -> Expression:
        """How the program reads it."""
        return f"{self.variable}.{'id' if self.property == 'id' else py_name(self.property)}"


class Mixed(msgspec.Struct, frozen=True):
    """A text of which some parts are properties of other resources."""

    parts: tuple[str | Reference, ...]

    def urns(self) -> tuple[Urn, ...]:
        return tuple(dict.fromkeys(each.urn for each in self.parts if isinstance(each, Reference)))

    def expression(self) -> Expression:
        """How the program puts it together."""
        parts = (said(each) if isinstance(each, str) else each.expression() for each in self.parts)
        return call("pulumi.Output.concat", *parts)


class References:
    """Finds references in what was moved."""

    def __init__(self, resources: Sequence[MovedResource]) -> None:
        self._groups: dict[str, list[MovedResource]] = {}
        self._known: dict[str, list[_Known]] = {}
        for each in resources:
            self._groups.setdefault(each.group, []).append(each)
            for property_, text in _texts(each):
                self._known.setdefault(text, []).append(_Known(each, property_, text))

    def of(self, resource: MovedResource) -> dict[PropertyPath, Reference | Mixed]:
        """The references in the inputs of *resource*, by where they are."""
        found: dict[PropertyPath, Reference | Mixed] = {}
        telling = self._telling(resource)
        for path, text, is_plain in _leaves(resource.inputs):
            name = str(path[-1] if isinstance(path[-1], str) else path[0])
            known = [each for each in self._known.get(text, ()) if _depends_on(resource, each.resource)]
            if _is_own_name(name, resource.type):
                known = [each for each in known if each.is_made_up]
            if not is_plain or path[0] == "tags":
                # Words that people put on things are often the same without meaning each other.
                known = [each for each in known if each.name in ("id", "arn")]
            # Of equal instances the one with the same key is meant.
            known.sort(key=lambda each: each.resource.key != resource.key or resource.key is None)
            parts = telling
            if _is_own_name(name, resource.type):
                parts = [each for each in parts if each.is_made_up]
            if not is_plain or path[0] == "tags":
                parts = [each for each in parts if each.name in ("id", "arn")]
            reference: Reference | Mixed | None = _best(known, name)
            if reference is None and not _is_sealed(resource.inputs, path):
                reference = _mixed(text, parts)
            if reference is not None:
                found[path] = reference
        return found

    def _telling(self, resource: MovedResource) -> list[_Known]:
        """What stands for others that *resource* depends on even within other texts, the longest first."""
        others = [
            each
            for group in dict.fromkeys(resource.depends_on)
            for each in self._groups.get(group, ())
            if _depends_on(resource, each)
        ]
        if len(others) > _FEW:
            return []
        found = [
            each
            for other in others
            for each in (_Known(other, name, text) for name, text in _texts(other))
            if len(each.text) >= _TELLING and (each.name in ("id", "arn") or each.is_made_up)
            if not contains_secrets(other.outputs.get(each.name))
        ]
        return sorted(found, key=lambda each: -len(each.text))

    def anywhere(self, text: str, name: str) -> Reference | None:
        """
        What of any resource an output called *name* is.

        Nothing says what outputs depend on, so that more has to speak for it than the same text.
        """
        known = self._known.get(text, ())
        alone = len({each.resource.urn for each in known}) == 1
        return _best(known, _in_camel_case(name), weakest=_BY_CHANCE if alone else _BY_CHANCE - 1)

    def needed(
        self, resource: MovedResource, reach: Mapping[str, frozenset[str]], said: frozenset[str]
    ) -> list[MovedResource]:
        """
        What *resource* depends on beyond the groups that it refers to, which are *said*.

        *reach* is what each group depends on in turn: who waits for one waits for all of those.
        """
        covered = said.union(*(reach.get(group, frozenset()) for group in said))
        left = [each for each in dict.fromkeys(resource.depends_on) if each in self._groups]
        found: list[MovedResource] = []
        for group in sorted(left, key=lambda each: -len(reach.get(each, ()))):
            if group not in covered and group != resource.group:
                covered |= {group} | reach.get(group, frozenset())
                found += self._meant(group, resource)
        return found

    def _meant(self, group: str, resource: MovedResource) -> list[MovedResource]:
        """
        The objects of *group* that *resource* can depend on.

        Within a module with several instances that is its own instance only: nothing in Terraform
        can depend on another instance of what it is in itself.
        """
        return [each for each in self._groups.get(group, ()) if _can_reach(resource, each)]


class _Known(msgspec.Struct, frozen=True):
    """A property of a resource that holds a text."""

    resource: MovedResource
    name: str
    text: str

    @property
    def is_made_up(self) -> bool:
        """Whether its provider thought of the text, and nobody said it in the configuration."""
        return self.text not in (reveal(each) for each in self.resource.inputs.values())

    def reference(self) -> Reference:
        return Reference(self.resource.variable, self.name, self.resource.urn)


def _is_sealed(value: Value, path: PropertyPath) -> bool:
    """Whether what is at *path* is secret: no part of it may be written down."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:  # a secret, or a text of JSON
            break
    return isinstance(value, Secret)


def _mixed(text: str, telling: Sequence[_Known]) -> Mixed | None:
    """*text* with what *telling* says of it; None for documents and scripts, which stay in one piece."""
    known: dict[str, list[_Known]] = {}
    for each in telling:
        if each.text in text and each.text != text:
            known.setdefault(each.text, []).append(each)
    if not known or "\n" in text or json_of(text) is not None:
        return None
    # A longer word that an id is the beginning or the end of is another word.
    words = "|".join(re.escape(each) for each in known)
    parts = re.split(f"(?<![A-Za-z0-9])({words})(?![A-Za-z0-9])", text)
    read = tuple(_best(known[part], "") or part if at % 2 else part for at, part in enumerate(parts) if part)
    return Mixed(read) if any(isinstance(each, Reference) for each in read) else None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of which nobody says what it depends on."""

    urn: Urn
    type: str
    variable: str
    id: str
    inputs: PropertyMap
    outputs: PropertyMap


def resembling(resources: Sequence[Known]) -> dict[Urn, dict[PropertyPath, Reference]]:
    """
    The references among *resources* as far as ids and ARNs tell, by who has them and where.

    A text counts if it is what exactly one other resource is known by, or one of the kind that the
    property is named after. What a resource is called itself refers to nobody.
    """
    known: dict[str, list[tuple[Known, str]]] = {}
    for each in resources:
        arn = reveal(each.outputs.get("arn"))
        if isinstance(arn, str) and arn:
            known.setdefault(arn, []).append((each, "arn"))
        if each.id and each.id != arn:
            known.setdefault(each.id, []).append((each, "id"))
    found: dict[Urn, dict[PropertyPath, Reference]] = {}
    for each in resources:
        for path, text, _ in _leaves(each.inputs):
            others = [entry for entry in known.get(text, ()) if entry[0].urn != each.urn]
            leaf = next((step for step in reversed(path) if isinstance(step, str)), "")
            named = [entry for entry in others if _is_of_kind(leaf, entry[0].type)]
            alone = len(others) == 1 and len(text) >= _TELLING and text != each.id
            if named or (alone and path[0] != "tags" and not str(path[0]).startswith("__")):
                other, property_ = (named or others)[0]
                found.setdefault(each.urn, {})[path] = Reference(other.variable, property_, other.urn)
    return found


def _depends_on(resource: MovedResource, other: MovedResource) -> bool:
    return other.group in resource.depends_on and other.urn != resource.urn and _can_reach(resource, other)


def _can_reach(resource: MovedResource, other: MovedResource) -> bool:
    for (module, key), (other_module, other_key) in zip(resource.module, other.module, strict=False):
        if module != other_module:
            return True
        if key != other_key:
            return False
    return True


def _is_of_kind(property_: str, type_: str) -> bool:
    """Whether *property_* is named after resources of *type_*: `vpcId`, `roleArn`, `bucket`, `subnets`."""
    stem = _SUFFIX.sub("", property_).lower().rstrip("s")
    return len(stem) > 1 and type_.rpartition(":")[2].lower().rstrip("s").endswith(stem)


def _in_camel_case(name: str) -> str:
    return re.sub("[_-]+(.)", lambda found: found[1].upper(), name)


def _is_own_name(name: str, type_: str) -> bool:
    """Whether a property *name* says what a resource of *type_* is called itself."""
    return name == "name" or _is_of_kind(name, type_)


def _best(known: Iterable[_Known], name: str, *, weakest: int = _BY_CHANCE) -> Reference | None:
    """The one of *known* that a person would write for a property *name*; None where all are too weak."""
    ranked = [(_rank(each, name), each) for each in known]
    best = min(ranked, key=lambda each: each[0], default=None)
    return best[1].reference() if best is not None and best[0] <= weakest else None


def _rank(known: _Known, name: str) -> int:
    """
    How likely a person would write *known* for a property *name*, lower is likelier.

    First what the property is named after, `vpcId` after a VPC, then properties of the same name, then
    what else resources are known by. Last come texts that are long enough not to be the same by chance.
    """
    property_, wanted = known.name.lower(), name.lower()
    fits = property_ == "arn" if "arn" in wanted else wanted.endswith(property_)
    if _is_of_kind(name, known.resource.type):
        if property_ == wanted or (fits and property_ == "arn"):
            return 0
        return 1 if property_ == "id" else 2
    if fits:
        return 3
    usual = {"id": 4, "arn": 5, "name": 6}.get(property_)
    return usual or (_BY_CHANCE if len(known.text) >= _TELLING else _BY_CHANCE + 1)


def _texts(resource: MovedResource) -> Iterator[tuple[str, str]]:
    """What *resource* is known by."""
    if len(resource.id) >= _SHORTEST:
        yield "id", resource.id
    for name, value in resource.outputs.items():
        bare = reveal(value)
        if not isinstance(bare, str) or len(bare) < _SHORTEST or name.startswith(_UNFIT):
            continue
        if bare == resource.id and name not in resource.inputs and name != "arn":
            continue  # another name of the id
        # What was said in the configuration is often the same by chance, if it is short.
        if name in resource.inputs and len(bare) < _TELLING and not _is_own_name(name, resource.type):
            continue
        yield name, bare


def _leaves(value: Value, path: PropertyPath = ()) -> Iterator[tuple[PropertyPath, str, bool]]:
    """
    The texts in *value*: where they are, what they say, and whether they stand for themselves.

    What JSON says is within a text of its own; secret JSON is not looked into.
    """
    if isinstance(value, Secret):
        for below, text, is_plain in _leaves(value.value, path):
            if is_plain:
                yield below, text, is_plain
    elif isinstance(value, str):
        if path and value and path[0] not in _ELSEWHERE:
            yield path, value, True
            said = json_of(value)
            if said is not None:
                yield from ((below, text, False) for below, text, _ in _leaves(said.value, path))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, (*path, at))
