"""
Which values of a program are those of other resources (terraform.md §11).

A state has values where the configuration had references. Where Terraform says that one
resource depends on another, and a text in it is what the other is known by, it is taken
for a reference; everything else stays a literal. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from stackwright.moving._adoption import MovedResource
from stackwright.packages.sdkgen._names import py_name
from stackwright.urn import Urn
from stackwright.values import PropertyMap, PropertyPath, Secret, Value, reveal

_TELLING: Final = 8
"""A text of so many characters is hardly the same by chance."""

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

    def expression(self) -> str:
        """How the program reads it."""
        return f"{self.variable}.{'id' if self.property == 'id' else py_name(self.property)}"


class References:
    """Finds references in what was moved."""

    def __init__(self, resources: Sequence[MovedResource]) -> None:
        self._groups: dict[str, list[MovedResource]] = {}
        for each in resources:
            self._groups.setdefault(each.group, []).append(each)
        self._known: dict[Urn, list[tuple[str, str]]] = {each.urn: list(_texts(each)) for each in resources}
        self._all = list(resources)

    def of(self, resource: MovedResource) -> dict[PropertyPath, Reference]:
        """The references in the inputs of *resource*, by where they are."""
        others = [
            each
            for group in resource.depends_on
            for each in self._meant(group, resource)
            if each.urn != resource.urn
        ]
        # Of equal instances the one with the same key is meant.
        others.sort(key=lambda each: each.key != resource.key or each.key is None)
        found: dict[PropertyPath, Reference] = {}
        for path, text in _leaves(resource.inputs):
            reference = self._best(text, str(path[-1] if isinstance(path[-1], str) else path[0]), others)
            # Words that people put on things are often the same without meaning each other.
            if reference is not None and (path[0] != "tags" or reference.property in ("id", "arn")):
                found[path] = reference
        return found

    def anywhere(self, text: str, name: str) -> Reference | None:
        """What of any resource an output called *name* is."""
        return self._best(text, name, self._all)

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

    def _best(self, text: str, name: str, others: Sequence[MovedResource]) -> Reference | None:
        best: tuple[int, Reference] | None = None
        for other in others:
            for property_, known in self._known[other.urn]:
                if known != text:
                    continue
                rank = _rank(property_, name, text)
                if rank is not None and (best is None or rank < best[0]):
                    best = rank, Reference(other.variable, property_, other.urn)
        return best[1] if best is not None else None


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
        for path, text in _leaves(each.inputs):
            others = [entry for entry in known.get(text, ()) if entry[0].urn != each.urn]
            leaf = next((step for step in reversed(path) if isinstance(step, str)), "")
            named = [entry for entry in others if _is_of_kind(leaf, entry[0].type)]
            alone = len(others) == 1 and len(text) >= _TELLING and text != each.id
            if named or (alone and path[0] != "tags" and not str(path[0]).startswith("__")):
                other, property_ = (named or others)[0]
                found.setdefault(each.urn, {})[path] = Reference(other.variable, property_, other.urn)
    return found


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


def _rank(property_: str, name: str, text: str) -> int | None:
    """How likely a person would write this property, lower is likelier; None: by chance the same."""
    if property_ == "id":
        return 2 if len(text) > 1 else None
    if property_.lower() == name.lower() and len(text) > 1:
        return 0
    wanted = name.lower()
    if property_ == "arn":
        return 1 if "arn" in wanted else 3
    if wanted.endswith(property_.lower()) and len(text) > 1:
        return 1
    if property_ == "name":
        return 4 if len(text) > 1 else None
    return 5 if len(text) >= _TELLING else None


def _texts(resource: MovedResource) -> Iterator[tuple[str, str]]:
    """What *resource* is known by."""
    if resource.id:
        yield "id", resource.id
    for name, value in resource.outputs.items():
        bare = reveal(value)
        if isinstance(bare, str) and bare and not name.startswith(_UNFIT):
            if bare == resource.id and name not in resource.inputs:
                continue  # another name of the id
            if name in resource.inputs and name != "name" and len(bare) < _TELLING:
                continue
            yield name, bare


def _leaves(value: Value, path: PropertyPath = ()) -> Iterator[tuple[PropertyPath, str]]:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, str):
        if path and value and path[0] not in _ELSEWHERE:
            yield path, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, (*path, at))
