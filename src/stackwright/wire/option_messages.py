"""
Resource options as messages carry them, and back (protocol.md §10.3, §11.2, §8.14).

The same options travel in registrations, in transforms and in Construct, under names
that differ a little; what they share is here. Messages are filled rather than made, so
that stubs of any descriptor pool will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from stackwright.durations import duration_text, parse_duration
from stackwright.goals import (
    NO_OPTIONS,
    Alias,
    AliasSpec,
    CustomTimeouts,
    HookKind,
    HookNames,
    Parameterization,
    ResourceOptions,
    SourcePosition,
)
from stackwright.urn import Urn
from stackwright.wire._errors import DecodeError
from stackwright.wire._values import CodecOptions, decode_value, encode_value

_OPERATIONS: Final = ("create", "update", "delete", "read")

_HOOKS: Final = {
    HookKind.BEFORE_CREATE: "before_create",
    HookKind.AFTER_CREATE: "after_create",
    HookKind.BEFORE_UPDATE: "before_update",
    HookKind.AFTER_UPDATE: "after_update",
    HookKind.BEFORE_DELETE: "before_delete",
    HookKind.AFTER_DELETE: "after_delete",
    HookKind.ON_ERROR: "on_error",
}


def urns_of(texts: Iterable[str]) -> tuple[Urn, ...]:
    """The URNs in a repeated field."""
    return tuple(Urn(text) for text in texts)


def urn_of(text: str) -> Urn | None:
    """The URN in a field that may be empty."""
    return Urn(text) if text else None


def dependencies_of(entries: Any) -> dict[str, tuple[Urn, ...]]:
    """What each property depends on, from a map of lists of URNs."""
    return {key: urns_of(entries[key].urns) for key in sorted(entries)}


def fill_dependencies(into: Any, dependencies: Mapping[str, tuple[Urn, ...]]) -> None:
    """Fill a map of lists of URNs; a property that depends on nothing keeps its entry."""
    for key, urns in dependencies.items():
        into[key].SetInParent()
        into[key].urns.extend(urns)


def checksums_of(entries: Mapping[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Checksums by platform, in a fixed order."""
    return tuple(sorted(entries.items()))


def parameterization_of(message: Any) -> Parameterization:
    """The parameter that turns a plugin into another package."""
    return Parameterization(name=message.name, version=message.version, value=message.value)


def fill_parameterization(into: Any, parameter: Parameterization) -> None:
    """The reverse of `parameterization_of`."""
    into.name, into.version, into.value = parameter.name, parameter.version, parameter.value


def position_of(message: Any) -> SourcePosition | None:
    """A position in a program; a bad one is none (§10.12)."""
    if not message.uri.startswith("file:///") or message.line < 0:
        return None
    return SourcePosition(message.uri, message.line, message.column)


def fill_position(into: Any, position: SourcePosition) -> None:
    """The reverse of `position_of`."""
    into.uri, into.line, into.column = position.uri, position.line, position.column


# Aliases ------------------------------------------------------------------------------------------


def alias_of(message: Any) -> Alias:
    """An alias, as a URN or in parts; an empty parent means the resource's own (E131)."""
    if message.WhichOneof("alias") != "spec":
        return Urn(message.urn)
    spec = message.spec
    return AliasSpec(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=urn_of(spec.parentUrn),
        no_parent=spec.noParent,
    )


def alias_of_old_callers(message: Any) -> Alias:
    """
    An alias from a caller that knows no `aliasSpecs` (§10.3, step 5).

    There a missing parent said that the resource had none, and `noParent` meant the default.
    """
    alias = alias_of(message)
    if not isinstance(alias, AliasSpec) or alias.parent is not None:
        return alias
    return AliasSpec(
        name=alias.name,
        type=alias.type,
        stack=alias.stack,
        project=alias.project,
        no_parent=not alias.no_parent,
    )


def fill_alias(into: Any, alias: Alias) -> None:
    """The reverse of `alias_of`."""
    if not isinstance(alias, AliasSpec):
        into.urn = alias
        return
    spec = into.spec
    spec.SetInParent()
    spec.name, spec.type, spec.stack, spec.project = alias.name, alias.type, alias.stack, alias.project
    if alias.no_parent:
        spec.noParent = True
    else:
        spec.parentUrn = alias.parent or ""


# Timeouts and hooks -------------------------------------------------------------------------------


def timeouts_of(message: Any) -> CustomTimeouts | None:
    """
    Timeouts in seconds; None where none is set.

    Raises:
        DecodeError: One of them is no duration.
    """
    seconds = {}
    for operation in _OPERATIONS:
        text = getattr(message, operation, "")
        if text:
            try:
                seconds[operation] = parse_duration(text)
            except ValueError as error:
                reason = f"unable to parse customTimeout Value {text}: {error}"
                raise DecodeError(reason, ("customTimeouts", operation)) from None
    return CustomTimeouts(**seconds) if seconds else None


def fill_timeouts(into: Any, timeouts: CustomTimeouts) -> None:
    """The reverse of `timeouts_of`; operations that a message does not have are left out."""
    for operation in _OPERATIONS:
        seconds = getattr(timeouts, operation)
        if seconds and operation in into.DESCRIPTOR.fields_by_name:
            setattr(into, operation, duration_text(seconds))


def hooks_of(message: Any) -> HookNames:
    """Names of hooks by when they run; kinds without a hook have no entry."""
    return {kind: tuple(names) for kind, field in _HOOKS.items() if (names := getattr(message, field))}


def fill_hooks(into: Any, hooks: HookNames) -> None:
    """The reverse of `hooks_of`."""
    for kind, names in hooks.items():
        getattr(into, _HOOKS[kind]).extend(names)


# All of them, as transforms see them --------------------------------------------------------------


def transform_options_of(
    message: Any, coding: CodecOptions, before: ResourceOptions = NO_OPTIONS
) -> ResourceOptions:
    """`TransformResourceOptions` as options (§11.2). What has no field there stays as *before*."""
    trigger = message.HasField("replacement_trigger")
    return msgspec.structs.replace(
        before,
        depends_on=urns_of(message.depends_on),
        protect=message.protect if message.HasField("protect") else None,
        ignore_changes=tuple(message.ignore_changes),
        replace_on_changes=tuple(message.replace_on_changes),
        delete_before_replace=(
            message.delete_before_replace if message.HasField("delete_before_replace") else None
        ),
        retain_on_delete=message.retain_on_delete if message.HasField("retain_on_delete") else None,
        deleted_with=urn_of(message.deleted_with),
        replace_with=urns_of(message.replace_with),
        replacement_trigger=decode_value(message.replacement_trigger, coding) if trigger else None,
        additional_secret_outputs=tuple(message.additional_secret_outputs),
        aliases=tuple(alias_of(alias) for alias in message.aliases),
        custom_timeouts=timeouts_of(message.custom_timeouts),
        import_id=getattr(message, "import"),
        provider=message.provider,
        providers=dict(message.providers),
        version=message.version,
        plugin_download_url=message.plugin_download_url,
        plugin_checksums=checksums_of(message.plugin_checksums),
        hooks=hooks_of(message.hooks),
        hide_diffs=tuple(message.hide_diff),
    )


def fill_transform_options(into: Any, options: ResourceOptions, coding: CodecOptions) -> None:
    """The reverse of `transform_options_of`."""
    into.SetInParent()
    into.depends_on.extend(options.depends_on)
    if options.protect is not None:
        into.protect = options.protect
    into.ignore_changes.extend(options.ignore_changes)
    into.replace_on_changes.extend(options.replace_on_changes)
    if options.delete_before_replace is not None:
        into.delete_before_replace = options.delete_before_replace
    if options.retain_on_delete is not None:
        into.retain_on_delete = options.retain_on_delete
    into.deleted_with = options.deleted_with or ""
    into.replace_with.extend(options.replace_with)
    if options.replacement_trigger is not None:
        encode_value(options.replacement_trigger, into.replacement_trigger, coding)
    into.additional_secret_outputs.extend(options.additional_secret_outputs)
    for alias in options.aliases:
        fill_alias(into.aliases.add(), alias)
    if options.custom_timeouts:
        fill_timeouts(into.custom_timeouts, options.custom_timeouts)
    setattr(into, "import", options.import_id)
    into.provider = options.provider
    into.providers.update(options.providers)
    into.version = options.version
    into.plugin_download_url = options.plugin_download_url
    into.plugin_checksums.update(dict(options.plugin_checksums))
    fill_hooks(into.hooks, options.hooks)
    into.hide_diff.extend(options.hide_diffs)
