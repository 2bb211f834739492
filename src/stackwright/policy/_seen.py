"""
What a policy in this process sees, with the names that packs know (sdk.md §20).

Properties look like plain data. To touch what is not known yet raises `UnknownTouchedError`,
which ends the policy; secrets are bare, and what a policy puts in their place is secret again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from types import MappingProxyType
from typing import Any, Final, NoReturn, overload

import msgspec

from stackwright.engine import PolicyProvider, PolicySubject
from stackwright.goals import CustomTimeouts
from stackwright.sdk import asset as assets
from stackwright.sdk._deserialize import to_asset
from stackwright.sdk._serialize import from_asset
from stackwright.urn import Urn
from stackwright.values import Archive, Asset, PropertyMap, Secret, Unknown, UnknownKind, Value

_KINDS: Final = {
    UnknownKind.BOOL: "boolean",
    UnknownKind.NUMBER: "number",
    UnknownKind.STRING: "string",
    UnknownKind.ARRAY: "Array",
    UnknownKind.ASSET: "asset",
    UnknownKind.ARCHIVE: "archive",
    UnknownKind.OBJECT: "Object",
}
_Path = tuple[str, ...]


class UnknownTouchedError(Exception):
    """A policy needs a value that a preview cannot know."""

    def __init__(self, value: Unknown, path: _Path) -> None:
        kind = _KINDS.get(value.kind, "string")
        super().__init__(f"{kind} value at .{'.'.join(path)} can't be known during preview")


class NotApplicableError(Exception):
    """A policy says that it is of no concern here."""


def seen(value: Any, path: _Path = ()) -> Any:
    """*value* as a policy sees it; *path* leads to it."""
    match value:
        case Unknown():
            raise UnknownTouchedError(value, path)
        case Secret():
            return seen(value.value, path)
        case dict():
            return Properties(value, path)
        case list() | tuple():
            return Elements(list(value), path)
        case bool():
            return value
        case int():
            try:
                return float(value)  # as it comes to packs in processes of their own
            except OverflowError:
                return value
        case Asset() | Archive():
            return to_asset(value)
    return value


def recorded(value: Any) -> Value:
    """The value that something of a policy's is; the reverse of `seen`."""
    match value:
        case Properties() | Elements():
            return value.recorded()
        case Secret():
            return Secret(recorded(value.value))
        case Mapping():
            return {str(key): recorded(each) for key, each in value.items()}
        case list() | tuple():
            return [recorded(each) for each in value]
        case assets.Asset() | assets.Archive():
            return from_asset(value)
    if type(value).__name__ == "Secret" and hasattr(value, "value"):  # that of the package `pulumi_policy`
        return Secret(recorded(value.value))
    found: Value = value
    return found


def _wrapped(value: Any, path: _Path) -> Any:
    """*value* in a form that a policy may change in place; what is secret in it stays so."""
    if isinstance(value, Secret) and isinstance(value.value, dict | list):
        return Secret(seen(value.value, path))
    return seen(value, path) if isinstance(value, dict | list) else value


def _put(before: Any, value: Any) -> Any:
    """What stands in the place of *before* once a policy has put *value* there."""
    value = recorded(value)
    return Secret(value) if isinstance(before, Secret) and not isinstance(value, Secret) else value


class Properties(MutableMapping[str, Any]):
    """A map of properties. The one it was made of stays as it is."""

    def __init__(self, values: Mapping[str, Value], path: _Path = ()) -> None:
        self._values: dict[str, Any] = dict(values)
        self._path = path

    def __getitem__(self, key: str) -> Any:
        path = (*self._path, str(key))
        value = self._values[key] = _wrapped(self._values[key], path)
        return seen(value, path)

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = _put(self._values.get(key), value)

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __repr__(self) -> str:
        return f"<properties: {', '.join(self._values)}>"

    def recorded(self) -> PropertyMap:
        """What is in it now."""
        return {key: recorded(value) for key, value in self._values.items()}


class Elements(MutableSequence[Any]):
    """A list of values. The one it was made of stays as it is."""

    def __init__(self, values: list[Any], path: _Path = ()) -> None:
        self._values = values
        self._path = path

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> MutableSequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self._values)))]
        path = (*self._path, str(index))
        value = self._values[index] = _wrapped(self._values[index], path)
        return seen(value, path)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            self._values[index] = [recorded(each) for each in value]
        else:
            self._values[index] = _put(self._values[index], value)

    def __delitem__(self, index: int | slice) -> None:
        del self._values[index]

    def __len__(self) -> int:
        return len(self._values)

    def insert(self, index: int, value: Any) -> None:
        """See `list.insert`."""
        self._values.insert(index, recorded(value))

    def __repr__(self) -> str:
        return f"<{len(self._values)} elements>"

    def recorded(self) -> list[Value]:
        """What is in it now."""
        return [recorded(value) for value in self._values]


class SeenOptions:
    """The options of a resource."""

    def __init__(self, subject: PolicySubject) -> None:
        times = subject.timeouts or CustomTimeouts()
        self.protect = subject.protect
        self.ignore_changes = list(subject.ignore_changes)
        self.delete_before_replace = subject.delete_before_replace
        self.aliases = list(subject.aliases)
        self.custom_timeouts = SeenTimeouts(times.create, times.update, times.delete)
        self.additional_secret_outputs = list(subject.additional_secret_outputs)
        self.parent = subject.parent


class SeenTimeouts(msgspec.Struct, frozen=True):
    """Seconds; 0 where the program says nothing."""

    create_seconds: float
    update_seconds: float
    delete_seconds: float


class SeenProvider:
    """The provider that manages a resource."""

    def __init__(self, provider: PolicyProvider) -> None:
        self.resource_type = provider.type
        self.props = Properties(provider.inputs)
        self.urn = provider.urn
        self.name = provider.name


class _Seen:
    """What the arguments of all policies have."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.stack_tags: Mapping[str, str] = MappingProxyType({})
        self._config = config

    def get_config(self) -> Mapping[str, Any]:
        """How the policy is set."""
        return self._config

    def not_applicable(self, reason: str | None = None) -> NoReturn:
        """Say that the policy is of no concern here."""
        raise NotApplicableError(reason or "")


class SeenResource(_Seen):
    """A resource, as the argument of a policy."""

    def __init__(self, subject: PolicySubject, config: Mapping[str, Any] | None = None) -> None:
        super().__init__(config or {})
        self.resource_type = subject.type
        self.props = Properties(subject.properties)
        self.urn = subject.urn
        self.name = subject.name
        self.opts = SeenOptions(subject)
        self.provider = SeenProvider(subject.provider) if subject.provider is not None else None
        self.parent: SeenResource | None = None
        self.dependencies: list[SeenResource] = []
        self.property_dependencies: dict[str, list[SeenResource]] = {}


class SeenStack(_Seen):
    """All resources of a stack, as the argument of a policy; they refer to each other."""

    def __init__(self, subjects: Sequence[PolicySubject], config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.resources = [SeenResource(subject) for subject in subjects]
        known = {resource.urn: resource for resource in self.resources}

        def those(urns: Iterable[Urn]) -> list[SeenResource]:
            return [known[urn] for urn in urns if urn in known]

        for subject, resource in zip(subjects, self.resources, strict=True):
            resource.parent = known.get(subject.parent) if subject.parent else None
            resource.dependencies = those(subject.dependencies)
            resource.property_dependencies = {
                name: those(urns) for name, urns in subject.property_dependencies.items()
            }
