"""The new record of a registration, before its provider has had a say (E138)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from stackwright.goals import ReadRequest, RegisterRequest, SourcePosition
from stackwright.state import ResourceState
from stackwright.urn import Urn, is_provider_type
from stackwright.values import parse_path


def new_record(
    request: RegisterRequest,
    urn: Urn,
    old: ResourceState | None,
    alias: Urn | None,
    provider: str,
    root_directory: str,
    *,
    extension_ref: str = "",
) -> ResourceState:
    """
    Everything from the goal; timestamps carried over from *old*.

    Without dependencies by property, every property depends on everything (E65).
    """
    options = request.options
    named = options.property_dependencies
    if named is None:
        every = options.depends_on
        named = dict.fromkeys(request.inputs, every) if every and not request.remote else {}
    custom = request.custom
    return ResourceState(
        urn=urn,
        type=request.type,
        custom=custom,
        inputs=request.inputs,
        parent=request.parent,
        provider="" if is_provider_type(request.type) else provider if custom else "",
        dependencies=options.depends_on,
        property_dependencies={name: urns for name, urns in named.items() if urns} if named else named,
        protect=bool(options.protect),
        additional_secret_outputs=options.additional_secret_outputs,
        aliases=(alias,) if alias is not None else (),
        custom_timeouts=options.custom_timeouts or None,
        import_id=options.import_id,
        retain_on_delete=bool(options.retain_on_delete),
        deleted_with=options.deleted_with,
        replace_with=options.replace_with,
        created=old.created if old is not None else "",
        modified=old.modified if old is not None else "",
        source_position=position_text(request.source, root_directory),
        stack_trace=trace_texts(request.stack_trace, root_directory),
        ignore_changes=options.ignore_changes,
        hide_diffs=tuple([parse_path(path) for path in options.hide_diffs]),
        replace_on_changes=options.replace_on_changes,
        replacement_trigger=options.replacement_trigger,
        refresh_before_update=old.refresh_before_update if old is not None else False,
        hooks=options.hooks,
        extension_ref=extension_ref if custom else "",
        snippet_id=old.snippet_id if old is not None else "",
    )


def read_record(
    request: ReadRequest, urn: Urn, root_directory: str, *, extension_ref: str = ""
) -> ResourceState:
    """The new record of a read: external, with the id and properties asked for (E136)."""
    return ResourceState(
        urn=urn,
        type=request.type,
        custom=True,
        external=True,
        id=request.id,
        inputs=request.inputs,
        parent=request.parent,
        provider=request.provider,
        dependencies=request.depends_on,
        additional_secret_outputs=request.additional_secret_outputs,
        source_position=position_text(request.source, root_directory),
        stack_trace=trace_texts(request.stack_trace, root_directory),
        extension_ref=extension_ref,
    )


def trace_texts(frames: tuple[SourcePosition, ...], root_directory: str) -> tuple[str, ...]:
    """The frames that lie in the project, as `position_text`."""
    return tuple([text for frame in frames if (text := position_text(frame, root_directory))])


def position_text(position: SourcePosition | None, root_directory: str) -> str:
    """
    A position as records carry it: relative to the project, so that it says nothing of the machine.

    What is no usable position is ignored, never an error (protocol.md §10.12).
    """
    if position is None or position.line < 0:
        return ""
    path = _within_project(position.uri, root_directory)
    if not path:
        return ""
    return f"{path}#{position.line},{position.column}" if position.column else f"{path}#{position.line}"


@lru_cache(maxsize=1024)
def _within_project(uri: str, root_directory: str) -> str:
    root = root_directory.rstrip("/") + "/"
    path = uri.removeprefix("file://")
    if not root_directory or path == uri or not path.startswith(root):
        return ""
    return f"project:///{quote(path[len(root) :], safe='/%')}"
