"""
Records as JSON objects and back: the resource object of deployment JSON (state.md §7.3).

The same form serves stores, journal entries and exports, so that what is stored can
be read with any tool that knows the format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from stackwright.errors import StateError
from stackwright.goals import CustomTimeouts, HookKind
from stackwright.state._go_json import UNREADABLE, encode, go_number
from stackwright.state._property_json import (
    MalformedValueError,
    PropertyReader,
    PropertyWriter,
    is_plain,
    may_be_special,
)
from stackwright.state._resource import ResourceState

T = TypeVar("T")


class CustomTimeoutsJson(msgspec.Struct, omit_defaults=True):
    """Seconds per operation; absent for the provider's own choice."""

    create: Any = None
    update: Any = None
    delete: Any = None
    read: Any = None


class StackFrameJson(msgspec.Struct):
    """One frame of the stack trace of a registration."""

    sourcePosition: str = ""  # noqa: N815 - the name in the file


class ResourceJson(msgspec.Struct, omit_defaults=True):
    """A resource object, members in written order. None reads like an absent member."""

    urn: str | None = None
    custom: bool | None = None
    delete: bool | None = False
    id: str | None = ""
    type: str | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    parent: str | None = ""
    protect: bool | None = False
    taint: bool | None = False
    external: bool | None = False
    dependencies: Sequence[str] | None = None
    init_errors: Sequence[str] | None = msgspec.field(default=None, name="initErrors")
    provider: str | None = ""
    property_dependencies: Mapping[str, Sequence[str] | None] | None = msgspec.field(
        default=None, name="propertyDependencies"
    )
    pending_replacement: bool | None = msgspec.field(default=False, name="pendingReplacement")
    additional_secret_outputs: Sequence[str] | None = msgspec.field(
        default=None, name="additionalSecretOutputs"
    )
    aliases: list[str] | None = None
    custom_timeouts: CustomTimeoutsJson | None = msgspec.field(default=None, name="customTimeouts")
    import_id: str | None = msgspec.field(default="", name="importID")
    retain_on_delete: bool | None = msgspec.field(default=False, name="retainOnDelete")
    deleted_with: str | None = msgspec.field(default="", name="deletedWith")
    replace_with: Sequence[str] | None = msgspec.field(default=None, name="replaceWith")
    created: str | None = ""
    modified: str | None = ""
    source_position: str | None = msgspec.field(default="", name="sourcePosition")
    stack_trace: list[StackFrameJson] | None = msgspec.field(default=None, name="stackTrace")
    ignore_changes: Sequence[str] | None = msgspec.field(default=None, name="ignoreChanges")
    hide_diffs: Sequence[Any] | None = msgspec.field(default=None, name="hideDiff")
    replace_on_changes: Sequence[str] | None = msgspec.field(default=None, name="replaceOnChanges")
    replacement_trigger: Any = msgspec.field(default=None, name="replacementTrigger")
    refresh_before_update: bool | None = msgspec.field(default=False, name="refreshBeforeUpdate")
    view_of: str | None = msgspec.field(default="", name="viewOf")
    resource_hooks: dict[str, Sequence[str] | None] | None = msgspec.field(default=None, name="resourceHooks")
    extension_ref: str | None = msgspec.field(default="", name="extensionRef")
    snippet_id: str | None = msgspec.field(default="", name="snippetID")


class References(msgspec.Struct):
    """The part of a resource object that names other resources; cheap to read from a large one."""

    urn: str
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = msgspec.field(
        default_factory=dict, name="propertyDependencies"
    )
    provider: str = ""
    deleted_with: str = msgspec.field(default="", name="deletedWith")
    replace_with: tuple[str, ...] = msgspec.field(default=(), name="replaceWith")
    view_of: str = msgspec.field(default="", name="viewOf")

    def edges(self) -> dict[str, str]:
        """Every URN referred to, with the name of the (first) relation to it."""
        found: dict[str, str] = {}
        if self.parent:
            found[self.parent] = "parent"
        for urn in self.dependencies:
            found.setdefault(urn, "dependency")
        for urns in self.property_dependencies.values():
            for urn in urns:
                found.setdefault(urn, "property")
        if self.provider:
            found.setdefault(self.provider.rpartition("::")[0], "provider")
        if self.deleted_with:
            found.setdefault(self.deleted_with, "deletedWith")
        for urn in self.replace_with:
            found.setdefault(urn, "replaceWith")
        if self.view_of:
            found.setdefault(self.view_of, "viewOf")
        return found


_decode_references: Final = msgspec.json.Decoder(References).decode
_decode_resource: Final = msgspec.json.Decoder(ResourceJson).decode


class DamagedRecordError(StateError):
    """A stored record cannot be read."""

    code = "damaged-record"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(
            f"The record of {where} is damaged",
            detail=problem,
            hint="Nothing was changed. Restore the state from a backup, or from an export with "
            "`stackwright stack import`",
        )


def references_of(body: bytes) -> References:
    """
    What a stored resource object refers to.

    Raises:
        DamagedRecordError: It is not one.
    """
    try:
        return _decode_references(body)
    except UNREADABLE as error:
        raise DamagedRecordError(name_of(body), str(error)) from None


def name_of(body: bytes) -> str:
    """How to call a record that may be damaged: by its URN, if that much can be read."""
    start, separator, rest = bytes(body[:4096]).partition(b'"urn":"')
    if separator and len(start) < 8:
        urn = rest.partition(b'"')[0].decode(errors="replace")
        return f"`{urn}`"
    return "a resource"


# Writing ------------------------------------------------------------------------------------------


def resource_json(state: ResourceState, writer: PropertyWriter) -> ResourceJson:
    """The resource object of *state*. Raises `StateError` for a value that cannot be stored."""
    timeouts, trigger = state.custom_timeouts, state.replacement_trigger
    # By position, in the order of the members: at this many of them names would double the cost.
    return ResourceJson(
        state.urn,
        state.custom,
        state.delete,
        state.id,
        state.type,
        _properties(state, "inputs", state.inputs, writer) if state.inputs else None,
        _properties(state, "outputs", state.outputs, writer) if state.outputs else None,
        state.parent or "",
        state.protect,
        state.taint,
        state.external,
        state.dependencies or None,
        state.init_errors or None,
        state.provider,
        state.property_dependencies or None,
        state.pending_replacement,
        state.additional_secret_outputs or None,
        None,  # aliases are applied, never written (E268)
        _timeouts_json(timeouts) if timeouts else None,
        state.import_id,
        state.retain_on_delete,
        state.deleted_with or "",
        state.replace_with or None,
        state.created,
        state.modified,
        state.source_position,
        [StackFrameJson(frame) for frame in state.stack_trace] if state.stack_trace else None,
        state.ignore_changes or None,
        state.hide_diffs or None,
        state.replace_on_changes or None,
        None if trigger is None else writer.tree(trigger),
        state.refresh_before_update,
        state.view_of or "",
        {kind.value: names for kind, names in state.hooks.items()} if state.hooks else None,
        state.extension_ref,
        state.snippet_id,
    )


def encode_record(state: ResourceState, writer: PropertyWriter) -> bytes:
    """*state* as compact JSON. Raises like `resource_json`."""
    return encode(resource_json(state, writer))


def _properties(
    state: ResourceState, member: str, properties: dict[str, Any], writer: PropertyWriter
) -> dict[str, Any] | None:
    if is_plain(properties):
        return properties
    try:
        tree: dict[str, Any] = writer.tree(properties)
    except StateError as error:
        raise StateError(
            f"The {member} of `{state.urn}` cannot be recorded: {error.message}",
            detail=error.detail,
            hint=error.hint,
        ) from error
    return tree


def _timeouts_json(timeouts: CustomTimeouts) -> CustomTimeoutsJson:
    def seconds(number: float) -> Any:
        return go_number(float(number)) if number else None

    return CustomTimeoutsJson(
        seconds(timeouts.create), seconds(timeouts.update), seconds(timeouts.delete), seconds(timeouts.read)
    )


# Reading ------------------------------------------------------------------------------------------


def resource_state(
    raw: ResourceJson, reader: PropertyReader, *, plain: bool = False, known: dict[str, str] | None = None
) -> ResourceState:
    """
    The record of a resource object. Its aliases are kept, for whoever rewrites references.

    *plain* says that the properties are known to be plain data; *known* makes equal URNs
    one string, which a large stack is grateful for.

    Raises:
        MalformedValueError: It does not follow the format; its `path` says where.
    """
    if not raw.urn or not raw.type:
        raise MalformedValueError(f"the member `{'type' if raw.urn else 'urn'}` is missing")
    one: Callable[[str, str], str] = known.setdefault if known is not None else _first
    fields: dict[str, Any] = {
        "urn": one(raw.urn, raw.urn),
        "type": one(raw.type, raw.type),
        "custom": bool(raw.custom),
    }
    if raw.id:
        fields["id"] = raw.id
    if raw.inputs:
        fields["inputs"] = raw.inputs if plain else _read(reader, "inputs", raw.inputs)
    if raw.outputs:
        fields["outputs"] = raw.outputs if plain else _read(reader, "outputs", raw.outputs)
    if raw.parent:
        fields["parent"] = one(raw.parent, raw.parent)
    if raw.provider:
        fields["provider"] = one(raw.provider, raw.provider)
    if raw.dependencies:
        fields["dependencies"] = tuple([one(urn, urn) for urn in raw.dependencies])
    if raw.property_dependencies:
        fields["property_dependencies"] = {
            name: tuple([one(urn, urn) for urn in urns or ()])
            for name, urns in raw.property_dependencies.items()
        }
    if raw.created:
        fields["created"] = raw.created
    if raw.modified:
        fields["modified"] = raw.modified
    if raw.source_position:
        fields["source_position"] = raw.source_position
    for name in _FLAGS:
        if getattr(raw, name):
            fields[name] = True
    for name in _TEXTS:
        text = getattr(raw, name)
        if text:
            fields[name] = text
    for name in _LISTS:
        items = getattr(raw, name)
        if items:
            fields[name] = tuple(items)
    if raw.custom_timeouts is not None:
        fields["custom_timeouts"] = _timeouts(raw.custom_timeouts)
    if raw.stack_trace:
        fields["stack_trace"] = tuple(frame.sourcePosition for frame in raw.stack_trace)
    if raw.hide_diffs:
        fields["hide_diffs"] = tuple(tuple(path) for path in raw.hide_diffs)
    if raw.replacement_trigger is not None:
        fields["replacement_trigger"] = _read(reader, "replacementTrigger", raw.replacement_trigger)
    if raw.resource_hooks:
        fields["hooks"] = _hooks(raw.resource_hooks)
    return ResourceState(**fields)


_FLAGS: Final = (
    "delete",
    "protect",
    "taint",
    "external",
    "pending_replacement",
    "retain_on_delete",
    "refresh_before_update",
)
_TEXTS: Final = ("import_id", "deleted_with", "view_of", "extension_ref", "snippet_id")
_LISTS: Final = (
    "init_errors",
    "additional_secret_outputs",
    "aliases",
    "replace_with",
    "ignore_changes",
    "replace_on_changes",
)


class RecordReader:
    """Reads many stored records, and decrypts their secrets at the end (`finish`)."""

    def __init__(self, properties: PropertyReader) -> None:
        self._properties = properties
        self._known: dict[str, str] = {}

    def read(self, body: bytes) -> ResourceState:
        """Read a record that we wrote. Raises `DamagedRecordError`, naming its URN."""
        try:
            raw = _decode_resource(body)
            special = may_be_special(body)
            if special:
                self._properties.where = f"`{raw.urn}`"
            return resource_state(raw, self._properties, plain=not special, known=self._known)
        except UNREADABLE as error:
            raise DamagedRecordError(name_of(body), str(error)) from None
        except MalformedValueError as error:
            raise DamagedRecordError(name_of(body), f"{spelled(error.path)}: {error.problem}") from None

    def finish(self) -> None:
        """Decrypt what was read. Raises like `PropertyReader.finish`."""
        try:
            self._properties.finish()
        except MalformedValueError as error:
            where, *path = error.path
            raise DamagedRecordError(str(where), f"{spelled(path)}: {error.problem}") from None


def spelled(path: list[str | int]) -> str:
    """A path within a file, as in `resources[4].inputs.tags`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier() or not text:
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def _first(text: str, _: str) -> str:
    return text


def _read(reader: PropertyReader, member: str, tree: Any) -> Any:
    try:
        return reader.value(tree)
    except MalformedValueError as error:
        error.path.insert(0, member)
        raise


def _timeouts(raw: CustomTimeoutsJson) -> CustomTimeouts | None:
    seconds = []
    for name in ("create", "update", "delete", "read"):
        number = getattr(raw, name)
        if number is not None and (not isinstance(number, int | float) or isinstance(number, bool)):
            error = MalformedValueError("a time-out is a number of seconds")
            error.path = ["customTimeouts", name]
            raise error
        seconds.append(number or 0)
    create, update, delete, read = seconds
    timeouts = CustomTimeouts(create=create, update=update, delete=delete, read=read)
    return timeouts or None


def _hooks(raw: Mapping[str, Any]) -> dict[HookKind, tuple[str, ...]]:
    hooks = {}
    for kind, names in raw.items():
        try:
            hooks[HookKind(kind)] = tuple(names or ())
        except ValueError:
            error = MalformedValueError(f"there is no hook kind `{kind}`")
            error.path = ["resourceHooks"]
            raise error from None
    return hooks
