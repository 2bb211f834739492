"""Asking whether a resource exists, without reading it: `runtime.exists_resource` (sdk.md §16)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from stackwright.sdk import _registration, _session
from stackwright.sdk import output as _output
from stackwright.sdk.output import Input, Inputs, Output

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource, ResourceOptions


def exists_resource(
    res: Resource | None,
    ty: str,
    id: Input[str],
    props: Inputs,
    opts: ResourceOptions,
    package_ref: Awaitable[str | None] | None = None,
) -> Output[bool]:
    """Whether there is a resource of that type with that id; *res* says under which provider and parent."""
    session = _session.current()
    result: Output[bool] = _output.pending(session)
    _registration.Existence(session, result, res, ty, id, props, opts, package_ref).start()
    return result
