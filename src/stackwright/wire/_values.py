"""
Property values to and from `google.protobuf.Struct` (protocol.md §2, §3.1, §4.1).

Plain data maps onto the members of `Value`. Everything else is a struct with the
key `SIGNATURE`, whose string says what the other keys mean; an unknown is one of
seven strings. `CodecOptions` say what of that the receiver of a message takes.

The messages are filled and read member by member. Writing or reading the
serialized form in Python costs the same (a bag of 25 values, 390 bytes, takes
12 µs to encode and 14 µs to decode either way, bench/wire_codec.py), and protobuf
then checks lengths, UTF-8 and field order for us.
"""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from stackwright.urn import Urn
from stackwright.values import (
    EMPTY_ARCHIVE_HASH,
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    PropertyMap,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
    Value,
)
from stackwright.wire._errors import DecodeError, EncodeError, WireError

if TYPE_CHECKING:
    from stackwright.wire.stubs.google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a protocol constant
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
BYTES: Final = "803fd3297a5875dc03ca845dda5d2a98"

UNKNOWN_STRINGS: Final = {kind.value: Unknown(kind) for kind in UnknownKind}
"""Every string that stands for an unknown on the wire (§2.3)."""

_SENTINEL_LENGTH: Final = 36
_EXACT: Final = 2**53  # doubles hold every whole number below this one

_NOT_UNICODE: Final = "the text is not valid Unicode (a lone surrogate)"

_GONE: Final = object()
"""What decoding answers for an unknown that the options drop."""


class CodecOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    What survives a crossing (§3.1).

    The same options serve both directions; those that concern one say so. With all
    of them off, a bag is plain data: secrets unwrapped, unknowns dropped (a map
    loses the entry; a list loses the element when encoding and has None in its
    place when decoding), references reduced to ids, output values to plain ones.
    """

    skip_nulls: bool = False
    """Leave out map entries that are None."""
    skip_internal_keys: bool = False
    """Leave out top-level keys that begin with `__`."""
    keep_unknowns: bool = False
    reject_unknowns: bool = False
    """An unknown is an error, whatever `keep_unknowns` says."""
    keep_secrets: bool = False
    keep_resources: bool = False
    keep_outputs: bool = False
    upgrade_to_outputs: bool = False
    """With `keep_outputs`: secrets and unknowns become output values."""
    keep_bytes: bool = False
    """Encoding: the receiver takes byte strings; without it one that is not UTF-8 is an error."""
    elide_assets: bool = False
    """Encoding: of an asset or archive only the hash is written."""
    reject_assets: bool = False
    plain_unknowns: bool = False
    """Encoding: every unknown is written as that of a text, the only one that programs look for."""


EVERYTHING: Final = CodecOptions(
    keep_unknowns=True, keep_secrets=True, keep_resources=True, keep_outputs=True, keep_bytes=True
)
"""Nothing is lost: for callbacks, Construct and Call, and between processes of our own."""


def encode_properties(
    properties: Mapping[str, Value], into: struct_pb2.Struct, options: CodecOptions
) -> None:
    """
    Fill the empty message *into* with *properties*.

    An empty map leaves *into* present and empty; whether a missing map is an absent
    or an empty Struct is for the caller to say, by calling this or not (§3.3).

    Raises:
        EncodeError: A property cannot be sent; the error names it.
    """
    into.SetInParent()
    if options.skip_internal_keys:
        properties = _without_internal(properties)
    try:
        _encode_map(properties, into.fields, options)
    except RecursionError:
        raise EncodeError("it is nested too deeply, or contains itself") from None


def encode_value(value: Value, into: struct_pb2.Value, options: CodecOptions) -> None:
    """
    Fill the empty message *into* with one value; a dropped unknown leaves it without a kind.

    Raises:
        EncodeError: The value, or a part of it, cannot be sent.
    """
    into.SetInParent()
    try:
        if not _vanishes(value, options):
            _encode(value, into, options)
    except RecursionError:
        raise EncodeError("it is nested too deeply, or contains itself") from None


def decode_properties(message: struct_pb2.Struct, options: CodecOptions) -> PropertyMap:
    """
    Read the properties of *message*.

    Numbers that are whole and exact become `int`, other numbers `float`.

    Raises:
        DecodeError: The message breaks the protocol, or holds what *options* reject.
    """
    try:
        decoded = _decode_map(_fields(message), options)
    except RecursionError:
        raise DecodeError("it is nested too deeply") from None
    if options.skip_internal_keys:
        return _without_internal(decoded)
    return decoded


def decode_value(message: struct_pb2.Value, options: CodecOptions) -> Value:
    """
    Read one value; a dropped unknown is None.

    Raises:
        DecodeError: The message breaks the protocol, or holds what *options* reject.
    """
    deep = sys.modules.get("stackwright.wire._deep")
    try:
        value = _decode(message if deep is None else deep.read_value(message), options)
    except RecursionError:
        raise DecodeError("it is nested too deeply") from None
    return None if value is _GONE else value


def _fields(message: Any) -> Any:
    """The members of a Struct, whichever way it was parsed."""
    deep = sys.modules.get("stackwright.wire._deep")  # loaded by the first message that is too deep
    return message.fields if deep is None else deep.read_struct(message).fields


def _without_internal(properties: Mapping[str, Value]) -> PropertyMap:
    return {key: item for key, item in properties.items() if not key.startswith("__")}


# Encoding. Each function fills a message it was given; errors gather their path on the way out.


def _encode_map(items: Mapping[str, Value], fields: Any, options: CodecOptions) -> None:
    key: Any = None
    try:
        for key, item in items.items():
            if type(item) is str:
                fields[key].string_value = item
            elif item is None and options.skip_nulls:
                continue
            elif not _vanishes(item, options):
                _encode(item, fields[key], options)
    except WireError as error:
        raise error.below(key) from None
    except UnicodeEncodeError:
        raise EncodeError(_NOT_UNICODE, (repr(key)[1:-1],)) from None
    except TypeError:
        if isinstance(key, str):
            raise
        raise EncodeError(f"a key must be a string, not {type(key).__name__}", (repr(key),)) from None


def _encode_list(items: Any, values: Any, options: CodecOptions) -> None:
    index = -1
    try:
        for item in items:
            index += 1
            if type(item) is str:
                values.add().string_value = item
            elif not _vanishes(item, options):
                _encode(item, values.add(), options)
    except WireError as error:
        raise error.below(index) from None
    except UnicodeEncodeError:
        raise EncodeError(_NOT_UNICODE, (index,)) from None


def _vanishes(value: Value, options: CodecOptions) -> bool:
    """
    Whether *value* is an unknown that *options* leave out, or a wrapper around one.

    A secret without its value would be malformed, so it goes together with it.
    """
    kind = type(value)
    while kind is Secret or (kind is OutputValue and not options.keep_outputs):
        value = value.value
        kind = type(value)
    if kind is not Unknown:
        return kind is ResourceRef and not options.keep_resources and _vanishes(value.id, options)
    if options.reject_unknowns:
        raise EncodeError("it is not known yet")
    return not options.keep_unknowns and not (options.keep_outputs and options.upgrade_to_outputs)


def _encode(value: Value, into: Any, options: CodecOptions) -> None:
    kind = type(value)
    if kind is str:
        try:
            into.string_value = value
        except UnicodeEncodeError:
            raise EncodeError(_NOT_UNICODE) from None
    elif kind is bool:
        into.bool_value = value
    elif kind is int or kind is float:
        try:
            into.number_value = value
        except OverflowError:
            raise EncodeError("the number is too large for a double") from None
    elif kind is dict:
        struct = into.struct_value
        struct.SetInParent()
        _encode_map(value, struct.fields, options)
    elif kind is list or kind is tuple:
        array = into.list_value
        array.SetInParent()
        _encode_list(value, array.values, options)
    elif value is None:
        into.null_value = 0
    else:
        _SPECIAL.get(kind, _encode_other)(value, into, options)


def _encode_secret(value: Secret, into: Any, options: CodecOptions) -> None:
    if not options.keep_secrets and not (options.keep_outputs and options.upgrade_to_outputs):
        _encode(value.value, into, options)
    elif options.keep_outputs and options.upgrade_to_outputs:
        inner = value.value
        if type(inner) is OutputValue:
            upgraded = OutputValue(value=inner.value, secret=True, dependencies=inner.dependencies)
        else:
            upgraded = OutputValue(value=inner, secret=True)
        _encode_output(upgraded, into, options)
    else:
        fields = _signed(into, SECRET)
        _encode(value.value, fields["value"], options)


def _encode_unknown(value: Unknown, into: Any, options: CodecOptions) -> None:
    if options.keep_outputs and options.upgrade_to_outputs:
        _signed(into, OUTPUT)
    else:
        into.string_value = UnknownKind.STRING.value if options.plain_unknowns else value.kind.value


def _encode_output(value: OutputValue, into: Any, options: CodecOptions) -> None:
    inner = value.value
    if not options.keep_outputs:
        _encode(Secret(inner) if value.secret else inner, into, options)
        return
    missing = _vanishes(inner, options) or type(inner) is Unknown
    fields = _signed(into, OUTPUT)
    if not missing:
        _encode(inner, fields["value"], options)
    if value.secret:
        fields["secret"].bool_value = True
    if value.dependencies:
        values = fields["dependencies"].list_value.values
        for urn in value.dependencies:
            values.add().string_value = urn


def _encode_reference(value: ResourceRef, into: Any, options: CodecOptions) -> None:
    if not options.keep_resources:
        _encode(value.urn if value.id is None else value.id, into, options)
        return
    fields = _signed(into, RESOURCE)
    fields["urn"].string_value = value.urn
    if value.id is not None:
        fields["id"].string_value = "" if type(value.id) is Unknown else value.id
    if value.package_version:
        fields["packageVersion"].string_value = value.package_version


def _encode_asset(value: Asset, into: Any, options: CodecOptions) -> None:
    fields = _asset_fields(ASSET, value, into, options)
    if fields is not None and value.text:
        fields["text"].string_value = value.text


def _encode_archive(value: Archive, into: Any, options: CodecOptions) -> None:
    fields = _asset_fields(ARCHIVE, value, into, options)
    if fields is not None and value.assets is not None:
        members = fields["assets"].struct_value
        members.SetInParent()
        _encode_map(value.assets, members.fields, options)


def _asset_fields(signature: str, value: Asset | Archive, into: Any, options: CodecOptions) -> Any:
    """Write what assets and archives share; answer the fields if the contents go along."""
    if options.reject_assets:
        raise EncodeError("assets and archives are not allowed here")
    fields = _signed(into, signature)
    if value.hash:
        fields["hash"].string_value = value.hash
    if options.elide_assets:
        return None
    if value.path:
        fields["path"].string_value = value.path
    if value.uri:
        fields["uri"].string_value = value.uri
    return fields


def _encode_bytes(value: bytes, into: Any, options: CodecOptions) -> None:
    if options.keep_bytes:
        _signed(into, BYTES)["value"].string_value = base64.b64encode(value).decode("ascii")
        return
    try:
        into.string_value = value.decode("utf-8")
    except UnicodeDecodeError:
        raise EncodeError("it is a byte string, which the receiver does not take") from None


def _encode_other(value: Value, into: Any, options: CodecOptions) -> None:
    """Subclasses of the plain kinds travel as what they extend: an `IntEnum` is a number."""
    if isinstance(value, str):
        _encode(str.__str__(value), into, options)  # the text itself, where an enum would give its name
        return
    plain: Any
    for plain in (int, float, list, tuple, bytes):
        if isinstance(value, plain):
            _encode(plain(value), into, options)
            return
    if isinstance(value, Mapping):
        _encode(dict(value), into, options)
        return
    raise EncodeError(f"nothing on the wire stands for a {type(value).__name__}")


def _signed(into: Any, signature: str) -> Any:
    fields = into.struct_value.fields
    fields[SIGNATURE].string_value = signature
    return fields


_SPECIAL: Final[dict[type, Any]] = {
    Secret: _encode_secret,
    Unknown: _encode_unknown,
    OutputValue: _encode_output,
    ResourceRef: _encode_reference,
    Asset: _encode_asset,
    Archive: _encode_archive,
    bytes: _encode_bytes,
}


# Decoding. `_GONE` climbs until a map drops the entry or a list writes None in its place.


def _decode_map(fields: Any, options: CodecOptions) -> PropertyMap:
    decoded: PropertyMap = {}
    key = ""
    try:
        for key in sorted(fields):  # a message has no order of its own, and errors shall be repeatable
            item = fields[key]
            kind = item.WhichOneof("kind")
            if kind == "string_value":
                text = item.string_value
                if len(text) != _SENTINEL_LENGTH or text not in UNKNOWN_STRINGS:
                    decoded[key] = text
                    continue
            value = _decode_kind(kind, item, options)
            if value is None and options.skip_nulls:
                continue
            if value is not _GONE:
                decoded[key] = value
    except WireError as error:
        raise error.below(key) from None
    return decoded


def _decode_list(values: Any, options: CodecOptions) -> list[Value]:
    decoded: list[Value] = []
    try:
        for item in values:
            kind = item.WhichOneof("kind")
            if kind == "string_value":
                text = item.string_value
                if len(text) != _SENTINEL_LENGTH or text not in UNKNOWN_STRINGS:
                    decoded.append(text)
                    continue
            value = _decode_kind(kind, item, options)
            decoded.append(None if value is _GONE else value)
    except WireError as error:
        raise error.below(len(decoded)) from None
    return decoded


def _decode(message: Any, options: CodecOptions) -> Value:
    return _decode_kind(message.WhichOneof("kind"), message, options)


def _decode_kind(kind: str | None, message: Any, options: CodecOptions) -> Value:
    if kind == "string_value":
        text = message.string_value
        if len(text) == _SENTINEL_LENGTH and (unknown := UNKNOWN_STRINGS.get(text)) is not None:
            return _decoded_unknown(unknown, options)
        return text
    if kind == "struct_value":
        fields = message.struct_value.fields
        return _decode_signed(fields, options) if SIGNATURE in fields else _decode_map(fields, options)
    if kind == "number_value":
        number = message.number_value
        return int(number) if number.is_integer() and -_EXACT < number < _EXACT else number
    if kind == "bool_value":
        return message.bool_value
    if kind == "list_value":
        return _decode_list(message.list_value.values, options)
    return None  # null, or a value of no kind at all, which readers take for null


def _decoded_unknown(unknown: Unknown, options: CodecOptions) -> Value:
    if options.reject_unknowns:
        raise DecodeError("it is unknown, where every value must be known")
    if options.keep_outputs and options.upgrade_to_outputs:
        return OutputValue()
    return unknown if options.keep_unknowns else _GONE


def _decode_signed(fields: Any, options: CodecOptions) -> Value:
    signature = _text(fields, SIGNATURE)
    reader = _READERS.get(signature)
    if reader is None:
        raise DecodeError(f"its signature `{signature}` is not one of the protocol")
    return reader(fields, options)


def _decode_secret(fields: Any, options: CodecOptions) -> Value:
    value = _decode_child(fields, "value", options)
    if value is _GONE or not (options.keep_secrets or options.upgrade_to_outputs):
        return value
    if options.keep_outputs and options.upgrade_to_outputs:
        if type(value) is OutputValue:
            return OutputValue(value=value.value, secret=True, dependencies=value.dependencies)
        return OutputValue(value=value, secret=True)
    return Secret(value) if options.keep_secrets else value


def _decode_output(fields: Any, options: CodecOptions) -> Value:
    secret = "secret" in fields and _boolean(fields, "secret")
    dependencies = tuple(Urn(urn) for urn in _texts(fields, "dependencies"))
    if "value" in fields:
        value = _decode_child(fields, "value", options)
    elif options.reject_unknowns:
        raise DecodeError("it is unknown, where every value must be known")
    else:
        value = UNKNOWN if options.keep_outputs or options.keep_unknowns else _GONE
    if options.keep_outputs:
        return OutputValue(
            value=UNKNOWN if value is _GONE else value, secret=secret, dependencies=dependencies
        )
    return Secret(value) if secret and options.keep_secrets and value is not _GONE else value


def _decode_reference(fields: Any, options: CodecOptions) -> Value:
    urn = _text(fields, "urn")
    for key in ("name", "type"):
        if key in fields:
            _text(fields, key)  # what they say, the URN says too
    version = _text(fields, "packageVersion") if "packageVersion" in fields else ""
    identity = _reference_id(fields)
    if options.keep_resources:
        return ResourceRef(urn=Urn(urn), id=identity, package_version=version)
    if identity is None:
        return urn
    if type(identity) is not Unknown:
        return identity
    return UNKNOWN if options.keep_unknowns else ""


def _reference_id(fields: Any) -> str | Unknown | None:
    """The id of a reference: absent, text, an unknown, or one of these as an output value (§2.5)."""
    if "id" not in fields:
        return None
    value = _decode_child(fields, "id", EVERYTHING)
    while type(value) is OutputValue or type(value) is Secret:
        value = value.value
    if value == "" or type(value) is Unknown:
        return UNKNOWN
    if value is None or type(value) is str:
        return value
    raise DecodeError(f"the id of a reference is text, not {type(value).__name__}", ("id",))


def _decode_asset(fields: Any, options: CodecOptions) -> Value:
    if options.reject_assets:
        raise DecodeError("assets and archives are not allowed here")
    digest = _text(fields, "hash") if "hash" in fields else ""
    text = _text(fields, "text") if "text" in fields else ""
    path = _text(fields, "path") if "path" in fields else ""
    uri = _text(fields, "uri") if "uri" in fields else ""
    if path:
        return Asset(path=path, hash=digest)
    if uri:
        return Asset(uri=uri, hash=digest)
    if text or digest in {"", EMPTY_TEXT_HASH}:
        return Asset(text=text, hash=digest)
    return Asset(hash=digest)


def _decode_archive(fields: Any, options: CodecOptions) -> Value:
    if options.reject_assets:
        raise DecodeError("assets and archives are not allowed here")
    digest = _text(fields, "hash") if "hash" in fields else ""
    path = _text(fields, "path") if "path" in fields else ""
    uri = _text(fields, "uri") if "uri" in fields else ""
    if path:
        return Archive(path=path, hash=digest)
    if uri:
        return Archive(uri=uri, hash=digest)
    members = None
    if "assets" in fields and fields["assets"].WhichOneof("kind") != "null_value":
        members = _archive_members(fields, options)
    # Genuine plugins answer an archive whose contents were left out as one without members.
    if not members and digest not in {"", EMPTY_ARCHIVE_HASH}:
        return Archive(hash=digest)
    return Archive(assets=members or {}, hash=digest)


def _archive_members(fields: Any, options: CodecOptions) -> dict[str, Asset | Archive]:
    members = _decode_child(fields, "assets", options)
    if type(members) is not dict:
        raise DecodeError("the members of an archive are a map", ("assets",))
    for name, member in members.items():
        if type(member) is not Asset and type(member) is not Archive:
            raise DecodeError("a member of an archive is an asset or an archive", ("assets", name))
    return members


def _decode_bytes(fields: Any, options: CodecOptions) -> Value:
    del options
    try:
        return base64.b64decode(_text(fields, "value"), validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("a byte string is standard base64", ("value",)) from None


_READERS: Final = {
    SECRET: _decode_secret,
    ASSET: _decode_asset,
    ARCHIVE: _decode_archive,
    RESOURCE: _decode_reference,
    OUTPUT: _decode_output,
    BYTES: _decode_bytes,
}


def _decode_child(fields: Any, key: str, options: CodecOptions) -> Value:
    if key not in fields:
        raise DecodeError(f"it lacks its `{key}`")
    try:
        return _decode(fields[key], options)
    except WireError as error:
        raise error.below(key) from None


def _text(fields: Any, key: str) -> str:
    if key not in fields:
        raise DecodeError(f"it lacks its `{key}`")
    message = fields[key]
    if message.WhichOneof("kind") != "string_value":
        _mistyped(key, "text")
    text: str = message.string_value
    return text


def _boolean(fields: Any, key: str) -> bool:
    message = fields[key]
    if message.WhichOneof("kind") != "bool_value":
        _mistyped(key, "a boolean")
    return bool(message.bool_value)


def _texts(fields: Any, key: str) -> list[str]:
    if key not in fields:
        return []
    message = fields[key]
    if message.WhichOneof("kind") != "list_value":
        _mistyped(key, "a list of texts")
    found = []
    for item in message.list_value.values:
        if item.WhichOneof("kind") != "string_value":
            _mistyped(key, "a list of texts")
        found.append(item.string_value)
    return found


def _mistyped(key: str, wanted: str) -> NoReturn:
    raise DecodeError(f"it must be {wanted}", (key,))
