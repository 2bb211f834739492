"""
What is recorded of what was moved: resources, their providers and the stack's outputs.

The records are those that an update of the written program would have left behind, so
that the engine has nothing to do when it runs. Pure.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import msgspec

from stackwright.engine._packages import default_provider_name, engine_inputs
from stackwright.goals import PackageRequest
from stackwright.moving._adoption import ROOT_TYPE, Adoption, ProviderUse, root_urn
from stackwright.moving._program import Program
from stackwright.state import Key, ResourceState, Snapshot, dependency_order
from stackwright.urn import Urn, child_urn, provider_type
from stackwright.values import PropertyMap


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where resources go, and by which providers they are managed from now on."""

    stack: str
    project: str
    requests: Mapping[str, PackageRequest]
    configurations: Mapping[ProviderUse, PropertyMap]
    now: str


def with_moved(snapshot: Snapshot, adoption: Adoption, program: Program, origin: Origin) -> Snapshot:
    """*snapshot* with what was moved; what it has already stays as it is."""
    records = list(snapshot.records.values())
    root = root_urn(origin.stack, origin.project)
    if not any(each.urn == root for each in records):
        records.append(
            ResourceState(
                urn=root,
                type=ROOT_TYPE,
                custom=False,
                outputs=program.exports,
                created=origin.now,
                modified=origin.now,
            )
        )
    references: dict[ProviderUse, str] = {}
    for use in adoption.uses:
        made = _provider(use, root, origin)
        known = next((each for each in records if each.urn == made.urn and not each.delete), None)
        if known is None:
            records.append(made)
        references[use] = f"{made.urn}::{(known or made).id}"
    records += _resources(adoption, references, program, root, origin.now)
    ordered = [records[at] for at in dependency_order(records)]
    return msgspec.structs.replace(
        snapshot, records={Key(number): each for number, each in enumerate(ordered)}
    )


def _provider(use: ProviderUse, root: Urn, origin: Origin) -> ResourceState:
    request = origin.requests[use.address]
    kind = provider_type(request.package)
    explicit = bool(use.configuration)
    name = use.configuration if explicit else default_provider_name(request)
    settings = origin.configurations.get(use, {})
    inputs = {**settings, **engine_inputs(request, {})}
    outputs = {key: value for key, value in inputs.items() if key != "__internal"}
    return ResourceState(
        # A default provider belongs to nobody.
        urn=child_urn(origin.stack, origin.project, root if explicit else None, kind, name),
        type=kind,
        custom=True,
        id=str(uuid.uuid4()),
        inputs=inputs,
        outputs=outputs,
        parent=root if explicit else None,
        created=origin.now,
        modified=origin.now,
    )


def _resources(
    adoption: Adoption,
    providers: Mapping[ProviderUse, str],
    program: Program,
    root: Urn,
    now: str,
) -> list[ResourceState]:
    found: list[ResourceState] = []
    for each in adoption.fresh:
        dependencies = program.depends_on.get(each.urn, ())
        found.append(
            ResourceState(
                urn=each.urn,
                type=each.type,
                custom=True,
                id=each.id,
                inputs=each.inputs,
                outputs=each.outputs,
                parent=root,
                provider=providers[each.provider],
                # Only the object that is current has anything to do with the program.
                dependencies=() if each.deposed else dependencies,
                property_dependencies={} if each.deposed else program.references.get(each.urn, {}),
                delete=each.deposed,
                protect=adoption.protect and not each.deposed,
                created=now,
                modified=now,
            )
        )
    return found
