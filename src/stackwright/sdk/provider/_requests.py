"""
Construct and Call as a provider's author sees them (protocol.md §10.9; sdk.md §19.1).

Pure translations: which options a request carries, what its inputs are to the program,
what an answer depends on. Serving them is the work of `server`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stackwright.monitor import Monitor
from stackwright.sdk import _session
from stackwright.sdk import output as _output
from stackwright.sdk.output import Output
from stackwright.sdk.resource import (
    Alias,
    CustomTimeouts,
    DependencyProviderResource,
    DependencyResource,
    ProviderResource,
    Resource,
    ResourceOptions,
    parse_resource_reference,
)
from stackwright.sdk.runtime import config, rpc, settings
from stackwright.sdk.runtime._protobuf import deserialize_property
from stackwright.sdk.runtime.resource_hooks import _binding_from_proto
from stackwright.sdk.runtime.stack import wait_for_rpcs
from stackwright.urn import urn_name, urn_type

if TYPE_CHECKING:
    from stackwright.wire import RemoteMonitor


def enter_deployment(request: Any, monitor: Monitor | None) -> None:
    """
    Make the deployment that a Construct or Call came from the current one, in this context only.

    *monitor* is what the request's monitor is reached by.
    """
    settings.Settings(
        organization=request.organization or "organization",
        project=request.project or None,
        stack=request.stack or None,
        parallel=request.parallel or None,
        monitor=monitor,
        dry_run=request.dryRun,
    )
    session = _session.current()
    session.turns.shares_loop = True
    session.trace_handle = request.stack_trace_handle
    config.set_all_config(dict(request.config), list(request.configSecretKeys))


async def leave_deployment(monitor: RemoteMonitor | None) -> None:
    """
    Wait for what nobody has awaited, such as children, and until all that was said has been heard.

    Raises:
        Exception: What a request that nobody awaited has failed with.
    """
    await wait_for_rpcs(await_all_outstanding_tasks=False)
    if monitor is not None:
        await asyncio.to_thread(monitor.flush)


# Inputs -------------------------------------------------------------------------------------------


async def inputs_of(
    inputs: Any, dependencies: Mapping[str, Any], *, keep_internal: bool = False
) -> dict[str, Any]:
    """
    The inputs of a request as the program's values; *dependencies* is by input (edge cases 99, 100).

    *keep_internal* keeps names that begin with two underscores, such as the `__self__` of methods.
    """
    found = rpc.deserialize_properties(inputs, keep_unknowns=True, keep_internal=keep_internal)
    return {
        name: await one_input(value, set(named.urns) if (named := dependencies.get(name)) else set())
        for name, value in found.items()
    }


async def one_input(value: Any, urns: set[str]) -> Any:
    """
    An input with what it depends on: as it is where it says so itself, else in an output.

    A value says so itself if there are outputs in it, or if it is the resource it depends on.
    """
    secret = rpc.is_rpc_secret(value)
    if not secret and (not urns or holds_outputs(value) or await _is_what_it_depends_on(value, urns)):
        return value
    return _output.settled(
        _session.current(),
        rpc.unwrap_rpc_secret(value),
        True,
        secret,
        frozenset(DependencyResource(urn) for urn in urns),
    )


def holds_outputs(value: Any) -> bool:
    """Whether there is an output in *value*, at any depth of lists and dicts."""
    if isinstance(value, Output):
        return True
    if isinstance(value, dict):
        return any(holds_outputs(item) for item in dict.values(value))
    return isinstance(value, list) and any(holds_outputs(item) for item in value)


async def _is_what_it_depends_on(value: Any, urns: set[str]) -> bool:
    return isinstance(value, Resource) and urns == {await value.urn.future()}


# Options ------------------------------------------------------------------------------------------


def options_of(request: Any) -> ResourceOptions:
    """The options that a component is constructed with."""
    trigger = None
    if request.HasField("replacement_trigger"):
        trigger = deserialize_property(request.replacement_trigger, True)
    return ResourceOptions(
        aliases=[alias_of(alias) for alias in request.aliases],
        depends_on=[DependencyResource(urn) for urn in request.dependencies],
        protect=request.protect,
        providers={package: provider_of(reference) for package, reference in request.providers.items()},
        parent=DependencyResource(request.parent) if request.parent else None,
        custom_timeouts=timeouts_of(request.customTimeouts) if request.HasField("customTimeouts") else None,
        additional_secret_outputs=list(request.additionalSecretOutputs) or None,
        delete_before_replace=request.deleteBeforeReplace or None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        retain_on_delete=request.retainOnDelete,
        deleted_with=DependencyResource(request.deletedWith) if request.deletedWith else None,
        replace_with=[DependencyResource(urn) for urn in request.replace_with] or None,
        replacement_trigger=trigger,
        hooks=_binding_from_proto(request.resource_hooks),
    )


def timeouts_of(message: Any) -> CustomTimeouts:
    """Timeouts in a message; those that are not set are None."""
    return CustomTimeouts(
        create=message.create or None,
        update=message.update or None,
        delete=message.delete or None,
        read=getattr(message, "read", None) or None,
    )


def alias_of(alias: Any) -> str | Alias:
    """A former address in a message: what is empty there is as it is now."""
    if alias.urn:
        return str(alias.urn)
    spec = alias.spec
    given: dict[str, Any] = {
        "name": spec.name,
        "type_": spec.type,
        "parent": spec.parentUrn,
        "stack": spec.stack,
        "project": spec.project,
    }
    parts = {part: value for part, value in given.items() if value}
    return Alias(**{**parts, "parent": None}) if spec.noParent else Alias(**parts)


def provider_of(reference: str) -> ProviderResource:
    """A provider by its reference: of its own class if that is registered."""
    urn, _ = parse_resource_reference(reference)
    type_ = urn_type(urn)
    package = rpc.get_resource_package(type_.rpartition(":")[2], version="")
    if package is not None:
        return package.construct_provider(urn_name(urn), type_, urn)
    return DependencyProviderResource(reference)


# Answers ------------------------------------------------------------------------------------------


async def bag_with_dependencies(bag: Mapping[str, Any]) -> tuple[Any, dict[str, list[str]]]:
    """A bag as a struct, and the URNs that each of its properties depends on."""
    resources: dict[str, list[Resource]] = {}
    struct = await rpc.serialize_properties(bag, resources)
    found: dict[str, list[str]] = {}
    for name, needed in resources.items():
        urns = [await one.urn.future() for one in needed]
        found[name] = [urn for urn in urns if urn is not None]
    return struct, found
