"""
Values as providers of custom resources see them: immutable, and with their secrets and dependencies.

A `PropertyValue` holds one value and says of it what a plain one could not: whether
it is secret, and which resources it depends on. `marshal` and `unmarshal` are its form
on the wire (protocol.md §2.2).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Optional, Union, cast

from stackwright.sdk.asset import Archive, Asset
from stackwright.sdk.runtime import _protobuf
from stackwright.sdk.runtime._protobuf import (
    ARCHIVE,
    ASSET,
    OUTPUT,
    REFERENCE,
    SECRET,
    SIGNATURE,
    as_message,
)

if TYPE_CHECKING:
    from google.protobuf import struct_pb2


class PropertyValueType(Enum):
    """The kinds of values."""

    NULL = "Null"
    BOOL = "Bool"
    NUMBER = "Number"
    STRING = "String"
    ARRAY = "Array"
    MAP = "Map"
    ASSET = "Asset"
    ARCHIVE = "Archive"
    RESOURCE = "Resource"
    COMPUTED = "Computed"


@dataclass(frozen=True)
class ResourceReference:
    """A resource by its URN, and its id if it is a custom one."""

    urn: str
    resource_id: Optional[PropertyValue] = None  # noqa: UP045 # the class is below
    package_version: str | None = None


@dataclass(frozen=True)
class Computed:
    """A value that is not known yet: all of them are equal."""

    def __hash__(self) -> int:
        return hash(Computed)


PythonValue = Optional[  # noqa: UP045 # one member is a forward reference
    Union[  # noqa: UP007 # likewise
        bool,
        float,
        str,
        Asset,
        Archive,
        Sequence["PropertyValue"],
        Mapping[str, "PropertyValue"],
        ResourceReference,
        Computed,
    ]
]
"""What a `PropertyValue` can hold."""


@dataclass(frozen=True)
class PropertyValue:
    """
    A value with what is known about it; nothing of it can be changed.

    Raises:
        TypeError: It is none of the kinds there are, or holds something else than such values.
    """

    is_secret: bool = False
    dependencies: frozenset[str] = frozenset()
    value: PythonValue = None

    def __init__(
        self, value: PythonValue, is_secret: bool = False, dependencies: Iterable[str] | None = None
    ) -> None:
        if not isinstance(is_secret, bool):
            raise TypeError(f"is_secret must be a bool, got {type(is_secret).__name__}.")
        object.__setattr__(self, "value", _frozen(value))
        object.__setattr__(self, "is_secret", is_secret)
        object.__setattr__(self, "dependencies", _names(dependencies))

    @staticmethod
    def computed() -> PropertyValue:
        """A value that is not known yet."""
        return PropertyValue(Computed())

    @staticmethod
    def null() -> PropertyValue:
        """No value."""
        return PropertyValue(None)

    def with_secret(self, is_secret: bool) -> PropertyValue:
        """The same value, secret or not."""
        return PropertyValue(self.value, is_secret, self.dependencies)

    def with_dependencies(self, dependencies: Iterable[str]) -> PropertyValue:
        """The same value, depending on other resources."""
        return PropertyValue(self.value, self.is_secret, dependencies)

    def with_value(self, value: PythonValue) -> PropertyValue:
        """Another value of which the same is known."""
        return PropertyValue(value, self.is_secret, self.dependencies)

    @property
    def type(self) -> PropertyValueType:
        """What kind of value it is."""
        for python, kind in _KINDS:
            if isinstance(self.value, python):
                return kind
        raise ValueError(f"Unsupported value type: {type(self.value)}")

    def __eq__(self, other: Any) -> bool:
        return (
            isinstance(other, PropertyValue)
            and self.value == other.value
            and self.is_secret == other.is_secret
            and self.dependencies == other.dependencies
        )

    def __hash__(self) -> int:
        value: Any = self.value
        if isinstance(value, Mapping):
            value = frozenset(value.items())
        elif isinstance(value, (Asset, Archive)):
            value = type(value)  # equal ones are of one class, and that is all a hash has to know
        return hash((value, self.is_secret, self.dependencies))

    def __str__(self) -> str:
        shown = str(self.value)
        if self.is_secret:
            shown += " (secret)"
        if self.dependencies:
            shown += f" (dependencies: {', '.join(self.dependencies)})"
        return shown

    def _inside(self) -> Iterable[PropertyValue]:
        if isinstance(self.value, Mapping):
            return self.value.values()
        return self.value if isinstance(self.value, tuple) else ()

    def all_dependencies(self) -> set[str]:
        """What it, or anything in it, depends on."""
        return set(self.dependencies).union(*(inner.all_dependencies() for inner in self._inside()))

    def contains_secret(self) -> bool:
        """Whether it, or anything in it, is secret."""
        return self.is_secret or any(inner.contains_secret() for inner in self._inside())

    # On the wire ----------------------------------------------------------------------------------

    def marshal(self) -> struct_pb2.Value:
        """The value as a message."""
        return as_message(self._plain())

    def _plain(self) -> Any:
        """Plain data, with signatures where that says too little."""
        plain = _bare(self.value)
        computed = isinstance(self.value, Computed)
        if self.dependencies:
            said: dict[str, Any] = {SIGNATURE: OUTPUT} if computed else {SIGNATURE: OUTPUT, "value": plain}
            return {**said, "dependencies": list(self.dependencies), "secret": self.is_secret}
        return {SIGNATURE: SECRET, "value": plain} if self.is_secret else plain

    @staticmethod
    def unmarshal(value: struct_pb2.Value) -> PropertyValue:
        """
        The value in a message.

        Raises:
            ValueError, AssertionError: The message breaks the protocol.
        """
        kind = value.WhichOneof("kind")
        if kind == "null_value":
            return PropertyValue.null()
        if kind == "list_value":
            return PropertyValue([PropertyValue.unmarshal(item) for item in value.list_value.values])
        if kind == "struct_value":
            fields = value.struct_value.fields
            if SIGNATURE in fields:
                return _signed(value.struct_value)
            return PropertyValue(PropertyValue.unmarshal_map(value.struct_value))
        if kind == "string_value" and value.string_value == _protobuf.UNKNOWN:
            return PropertyValue.computed()
        if kind is None:
            raise ValueError(f"Unsupported value type: {kind}")
        return PropertyValue(getattr(value, kind))

    @staticmethod
    def unmarshal_map(value: struct_pb2.Struct) -> dict[str, PropertyValue]:
        """The values in a struct."""
        if not hasattr(value, "fields"):
            raise ValueError("Expected a protobuf struct.")
        return {name: PropertyValue.unmarshal(item) for name, item in value.fields.items()}

    @staticmethod
    def marshal_map(value: dict[str, PropertyValue]) -> struct_pb2.Struct:
        """Values as a struct."""
        from google.protobuf import struct_pb2

        return struct_pb2.Struct(fields={name: item.marshal() for name, item in value.items()})


# A text is a sequence too, and a truth value a number.
_KINDS: tuple[tuple[Any, PropertyValueType], ...] = (
    (type(None), PropertyValueType.NULL),
    (bool, PropertyValueType.BOOL),
    (float, PropertyValueType.NUMBER),
    (str, PropertyValueType.STRING),
    (Asset, PropertyValueType.ASSET),
    (Archive, PropertyValueType.ARCHIVE),
    (Sequence, PropertyValueType.ARRAY),
    (Mapping, PropertyValueType.MAP),
    (ResourceReference, PropertyValueType.RESOURCE),
    (Computed, PropertyValueType.COMPUTED),
)


def _frozen(value: Any) -> Any:
    """*value* in a form that nobody can change."""
    if not isinstance(value, tuple(python for python, _ in _KINDS)):
        raise TypeError(
            f"Unsupported value type: {type(value).__name__}. Expected one of: None, bool, float, str, "
            "Asset, Archive, Sequence, Mapping, ResourceReference, or Computed."
        )
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"Mapping keys must be strings, found {type(key).__name__}.")
            if not isinstance(item, PropertyValue):
                raise TypeError(
                    "Mapping values must be PropertyValue instances, "
                    f"found {type(item).__name__} for key '{key}'."
                )
        return MappingProxyType(dict(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            if not isinstance(item, PropertyValue):
                raise TypeError(
                    "Sequence items must be PropertyValue instances, "
                    f"found {type(item).__name__} at index {index}."
                )
        return tuple(value)
    return copy.deepcopy(value) if isinstance(value, (Asset, Archive)) else value


def _names(dependencies: Any) -> frozenset[str]:
    if dependencies is None:
        return frozenset()
    if not isinstance(dependencies, Iterable):
        raise TypeError(f"dependencies must be an Iterable[str] or None, got {type(dependencies).__name__}.")
    found = frozenset(dependencies)
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"All dependencies must be strings, found {type(name).__name__}.")
    return found


def _bare(value: Any) -> Any:
    """The plain data of what a `PropertyValue` holds."""
    if isinstance(value, Computed):
        return _protobuf.UNKNOWN
    if isinstance(value, tuple):
        return [item._plain() for item in value]
    if isinstance(value, Mapping):
        return {name: item._plain() for name, item in value.items()}
    if isinstance(value, Asset):
        return {SIGNATURE: ASSET, **_contents(value, ("path", "text", "uri", "hash"))}
    if isinstance(value, Archive):
        assets = getattr(value, "assets", None)
        if assets is not None:
            return {SIGNATURE: ARCHIVE, "assets": {name: _bare(item) for name, item in assets.items()}}
        return {SIGNATURE: ARCHIVE, **_contents(value, ("path", "uri", "hash"))}
    if isinstance(value, ResourceReference):
        found: dict[str, Any] = {SIGNATURE: REFERENCE, "urn": value.urn}
        if value.resource_id is not None:
            found["id"] = value.resource_id._plain()
        if value.package_version is not None:
            found["packageVersion"] = value.package_version
        return found
    return value


def _contents(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: content for name in names if (content := getattr(value, name, None)) is not None}


def _signed(struct: struct_pb2.Struct) -> PropertyValue:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value
    if signature == SECRET:
        if "value" not in fields:
            raise ValueError("Secret value missing 'value' field.")
        return PropertyValue.unmarshal(fields["value"]).with_secret(True)
    if signature == OUTPUT:
        return _output(struct)
    if signature == REFERENCE:
        return PropertyValue(_reference(struct))
    if signature in (ASSET, ARCHIVE):
        if not {"assets", "path", "text", "uri"} & set(fields):
            return PropertyValue(_elided(fields["hash"].string_value, archive=signature == ARCHIVE))
        return PropertyValue(_protobuf.deserialize_properties(struct))
    raise ValueError(f"Unknown signature key for struct value: {signature}")


def _elided(content_hash: str, *, archive: bool) -> Asset | Archive:
    """An asset of which only the hash of its contents is there, as where two states are compared (§4)."""
    made: Any = Archive() if archive else Asset()
    made.hash = content_hash
    return cast("Asset | Archive", made)


def _output(struct: struct_pb2.Struct) -> PropertyValue:
    fields = struct.fields
    inner = PropertyValue.unmarshal(fields["value"]) if "value" in fields else PropertyValue.computed()
    for name, kind in (("dependencies", "list_value"), ("secret", "bool_value")):
        if name in fields and fields[name].WhichOneof("kind") != kind:
            raise ValueError(f"Output value '{name}' field is not a {kind.removesuffix('_value')}.")
    urns = [one.string_value for one in fields["dependencies"].list_value.values]
    return inner.with_dependencies(urns).with_secret(fields["secret"].bool_value)


def _reference(struct: struct_pb2.Struct) -> ResourceReference:
    fields = struct.fields

    def text(*names: str) -> str | None:
        for name in names:
            if name in fields:
                return fields[name].string_value
        return None

    urn = text("urn")
    if urn is None:
        raise ValueError("Resource reference missing 'urn' field.")
    # Other writers of this class use the Python names of its attributes.
    id_field = next((fields[name] for name in ("id", "resource_id") if name in fields), None)
    return ResourceReference(
        urn=urn,
        resource_id=None if id_field is None else PropertyValue.unmarshal(id_field),
        package_version=text("packageVersion", "package_version"),
    )
