"""
Property bags as protobuf structs, for code that packs and unpacks them itself (sdk.md §5, §6).

Monitors in test suites, component providers and policy packs call these under the
names of `runtime.rpc`. What may be said in a bag is decided in `_serialize`; here is
only its form as messages of `google.protobuf`, and as the dicts with a signature
(protocol.md §2.2) that stand for secrets, references and outputs among plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from stackwright.lazy import LazyModule
from stackwright.sdk import _references, _session
from stackwright.sdk import output as _output
from stackwright.sdk._serialize import Serializer, Waits
from stackwright.sdk._types import unwrap_type
from stackwright.urn import urn_name, urn_type
from stackwright.values import Archive, Asset, OutputValue, ResourceRef, Secret, Unknown, UnknownKind

if TYPE_CHECKING:
    import asyncio

    from google.protobuf import struct_pb2

    from stackwright.sdk.output import Input, Inputs, Output
    from stackwright.sdk.resource import Resource
else:
    asyncio = LazyModule("asyncio")

UNKNOWN: Final = UnknownKind.STRING.value
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 # a signature, not a secret
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


# From the program ---------------------------------------------------------------------------------


async def serialize_properties(
    inputs: Inputs,
    property_deps: dict[str, list[Resource]],
    resource_obj: Resource | None = None,
    input_transformer: Callable[[str], str] | None = None,
    typ: type | None = None,
    keep_output_values: bool = False,
    exclude_resource_refs_from_deps: bool = False,
) -> struct_pb2.Struct:
    """A bag as a struct; *property_deps* gets the resources that each property depends on."""
    from google.protobuf import struct_pb2

    def look(serializer: Serializer) -> Any:
        return serializer.bag(inputs, typ)

    (bag, depends), _ = await _looked(
        look, resource_obj, input_transformer, keep_output_values, exclude_resource_refs_from_deps
    )
    for name in bag:
        property_deps[name] = list(depends.get(name, ()))
    struct = struct_pb2.Struct()
    struct.SetInParent()
    for name, value in bag.items():
        struct.fields[name].CopyFrom(as_message(as_plain(value)))
    return struct


async def serialize_property(
    value: Input[Any],
    deps: list[Resource] | None,
    property_key: str | None,
    resource_obj: Resource | None = None,
    input_transformer: Callable[[str], str] | None = None,
    typ: type | None = None,
    keep_output_values: bool = False,
    exclude_resource_refs_from_deps: bool = False,
    return_protobuf_value: bool = False,
) -> Any:
    """One value in its plain form, or as a message; *deps* gets the resources it depends on."""
    expected = unwrap_type(typ) if typ else None
    if expected is Any:
        expected = None

    def look(serializer: Serializer) -> Any:
        return serializer.value(value, expected, property_key)

    found, resources = await _looked(
        look, resource_obj, input_transformer, keep_output_values, exclude_resource_refs_from_deps
    )
    if deps is not None:
        deps.extend(resources)
    plain = as_plain(found)
    return as_message(plain) if return_protobuf_value else plain


async def _looked(
    look: Callable[[Serializer], Any],
    owner: Any,
    translate: Callable[[str], str] | None,
    keep_outputs: bool,
    without_references: bool,
) -> tuple[Any, set[Any]]:
    """What *look* finds once all that it needs is there, and the resources it met."""
    session = _session.current()
    memo: Any = None
    while True:
        serializer = Serializer(
            session,
            memo,
            owner=owner,
            translate=translate,
            keep_outputs=keep_outputs,
            ref_deps=not without_references,
            whole=False,
        )
        found = look(serializer)
        waits, memo = serializer.waits, serializer.memo
        if waits.error is not None:
            raise waits.error
        if not waits:
            return found, serializer._deps
        await _all_there(waits, session)


async def _all_there(waits: Waits, session: _session.Session) -> None:
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    missing = 0

    def one_more(_: Any) -> None:
        nonlocal missing
        missing -= 1
        if not missing and not arrived.done():
            arrived.set_result(None)

    missing = waits.when_there(one_more)
    session.turns.stir()
    await arrived


def as_plain(value: Any) -> Any:
    """A value as plain data; what JSON has no kind for becomes a dict with a signature."""
    kind = type(value)
    if kind is dict:
        return {name: as_plain(item) for name, item in value.items()}
    if kind is list or kind is tuple:
        return [as_plain(item) for item in value]
    if kind is Unknown:
        return UNKNOWN
    if kind is Secret:
        return {SIGNATURE: SECRET, "value": as_plain(value.value)}
    if kind is ResourceRef:
        found = {SIGNATURE: REFERENCE, "urn": value.urn}
        return found if value.id is None else {**found, "id": as_plain(value.id)}
    if kind is OutputValue:
        return _plain_output(value)
    if kind is Asset:
        return {SIGNATURE: ASSET, **_contents(value)}
    if kind is Archive:
        if value.assets is not None:
            return {SIGNATURE: ARCHIVE, "assets": as_plain(value.assets)}
        return {SIGNATURE: ARCHIVE, **_contents(value)}
    return value


def _plain_output(value: OutputValue) -> dict[str, Any]:
    found: dict[str, Any] = {SIGNATURE: OUTPUT}
    if type(value.value) is not Unknown:
        found["value"] = as_plain(value.value)
    if value.secret:
        found["secret"] = True
    if value.dependencies:
        found["dependencies"] = list(value.dependencies)
    return found


def _contents(value: Asset | Archive) -> dict[str, Any]:
    if isinstance(value, Asset) and value.text is not None:
        return {"text": value.text}
    return {"path": value.path} if value.path else {"uri": value.uri}


def as_message(plain: Any) -> struct_pb2.Value:
    """Plain data as a message."""
    from google.protobuf import struct_pb2

    if plain is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(plain, struct_pb2.Value):
        return plain
    if isinstance(plain, bool):
        return struct_pb2.Value(bool_value=plain)
    if isinstance(plain, (int, float)):
        return struct_pb2.Value(number_value=float(plain))
    if isinstance(plain, Mapping):
        fields = {name: as_message(item) for name, item in plain.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    if isinstance(plain, (list, tuple)):
        values = [as_message(item) for item in plain]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=values))
    return struct_pb2.Value(string_value=str(plain))


# To the program -----------------------------------------------------------------------------------


def deserialize_properties(
    props_struct: struct_pb2.Struct,
    keep_unknowns: bool | None = None,
    keep_internal: bool | None = True,
) -> Any:
    """
    A struct as a dict of the program's values; one with a signature as what it stands for.

    Secrets among the entries stay wrapped, see `is_rpc_secret`; nulls are dropped.

    Raises:
        AssertionError: The signature is none that is known, or something belonging to it is missing.
    """
    fields = props_struct.fields
    if SIGNATURE in fields:
        return _signed(props_struct, keep_unknowns)
    found = {}
    for name in fields:
        # Dynamic providers keep their program in a property of that name.
        if keep_internal is False and name.startswith("__") and name != "__provider":
            continue
        value = deserialize_property(fields[name], keep_unknowns, keep_internal)
        if value is not None:
            found[name] = value
    return found


def deserialize_property(
    value: Any, keep_unknowns: bool | None = None, keep_internal: bool | None = True
) -> Any:
    """One message, or plain value, as the program's value; a secret anywhere inside wraps the whole."""
    kind = _message_kind(value)
    if kind == "Value":
        return deserialize_property(_content(value), keep_unknowns, keep_internal)
    if kind == "ListValue":
        values = [deserialize_property(item, keep_unknowns, keep_internal) for item in value.values]
        if any(is_rpc_secret(item) for item in values):
            return wrap_rpc_secret([unwrap_rpc_secret(item) for item in values])
        return values
    if kind == "Struct":
        found = deserialize_properties(value, keep_unknowns, keep_internal)
        if type(found) is dict and any(is_rpc_secret(item) for item in found.values()):
            return wrap_rpc_secret({name: unwrap_rpc_secret(item) for name, item in found.items()})
        return found
    if isinstance(value, str) and value == UNKNOWN:
        return Unknown() if keep_unknowns or _session.current().dry_run else None
    return value


def _message_kind(value: Any) -> str:
    """`Struct`, `ListValue` or `Value` for such a message, whichever pool it is from; else nothing."""
    descriptor = getattr(type(value), "DESCRIPTOR", None)
    name: str = getattr(descriptor, "full_name", "")
    return name.removeprefix("google.protobuf.") if name.startswith("google.protobuf.") else ""


def _content(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    return None if kind is None or kind == "null_value" else getattr(value, kind)


def _signed(struct: struct_pb2.Struct, keep_unknowns: bool | None) -> Any:
    fields = struct.fields
    signature = fields[SIGNATURE].string_value
    if signature == SECRET:
        return wrap_rpc_secret(deserialize_property(fields["value"]))
    if signature == REFERENCE:
        return deserialize_resource(struct, keep_unknowns)
    if signature == OUTPUT:
        return deserialize_output_value(struct)
    if signature in (ASSET, ARCHIVE):
        return _asset(struct, signature)
    raise AssertionError(f"The signature {signature!r} of a property is none that is known")


def _asset(struct: struct_pb2.Struct, signature: str) -> Any:
    from stackwright.sdk import asset as assets

    makers: dict[str, Callable[[Any], Any]] = (
        {"path": assets.FileAsset, "text": assets.StringAsset, "uri": assets.RemoteAsset}
        if signature == ASSET
        else {"assets": assets.AssetArchive, "path": assets.FileArchive, "uri": assets.RemoteArchive}
    )
    for name, make in makers.items():
        if name in struct.fields:
            return make(deserialize_property(struct.fields[name]))
    what = "asset" if signature == ASSET else "archive"
    raise AssertionError(f"An {what} arrived without its contents: none of {', '.join(makers)} is there")


def deserialize_resource(ref_struct: struct_pb2.Struct, keep_unknowns: bool | None = None) -> Any:
    """The object that stands for a referenced resource, else its id, else its URN (§7)."""

    def text(name: str) -> str | None:
        return ref_struct.fields[name].string_value if name in ref_struct.fields else None

    urn = text("urn") or ""
    name, type_ = text("name"), text("type")
    if name is None or type_ is None:
        name, type_ = urn_name(urn), urn_type(urn)
    made = _references.made(name, type_, urn, text("packageVersion") or "")
    if made is not None:
        return made
    id_ = text("id")
    return urn if id_ is None else deserialize_property(id_ or UNKNOWN, keep_unknowns)


def deserialize_output_value(ref_struct: struct_pb2.Struct) -> Output[Any]:
    """The output that an output value stands for, depending on what that names."""
    session = _session.current()
    fields = ref_struct.fields
    known = "value" in fields
    value = deserialize_property(fields["value"]) if known else None
    secret = "secret" in fields and fields["secret"].bool_value
    urns = [item.string_value for item in fields["dependencies"].list_value.values]
    return _output.settled(
        session,
        unwrap_rpc_secret(value),
        known,
        secret or is_rpc_secret(value),
        frozenset(_references.dependency(session, urn) for urn in urns),
    )


def deserialize_properties_unwrap_secrets(
    props_struct: struct_pb2.Struct,
    keep_unknowns: bool | None = None,
    keep_internal: bool | None = True,
) -> tuple[Any, bool]:
    """Like `deserialize_properties`, without the wrappers; and whether there was one."""
    found = deserialize_properties(props_struct, keep_unknowns, keep_internal)
    if is_rpc_secret(found):
        return unwrap_rpc_secret(found), True
    if type(found) is not dict:
        return found, False
    secret = any(is_rpc_secret(item) for item in found.values())
    return {name: unwrap_rpc_secret(item) for name, item in found.items()}, secret


def struct_contains_unknowns(props_struct: struct_pb2.Struct) -> bool:
    """Whether anything in the struct is unknown, at any depth."""
    waiting = list(props_struct.fields.values())
    while waiting:
        value = waiting.pop()
        kind = value.WhichOneof("kind")
        if kind == "string_value" and value.string_value == UNKNOWN:
            return True
        if kind == "struct_value":
            waiting.extend(value.struct_value.fields.values())
        elif kind == "list_value":
            waiting.extend(value.list_value.values)
    return False


def is_rpc_secret(value: Any) -> bool:
    """Whether *value* is the plain form of a secret."""
    return isinstance(value, dict) and dict.get(value, SIGNATURE) == SECRET


def wrap_rpc_secret(value: Any) -> Any:
    """The plain form of a secret *value*; one that is wrapped already stays as it is."""
    return value if is_rpc_secret(value) else {SIGNATURE: SECRET, "value": value}


def unwrap_rpc_secret(value: Any) -> Any:
    """What is inside the plain form of a secret; anything else as it is."""
    return value["value"] if is_rpc_secret(value) else value
