"""
What is recorded of what was moved: resources, their providers and the stack's outputs.

The records are those that an update of the written program would have left behind, so
that the engine has nothing to do when it runs. Pure.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from stackwright.engine._packages import default_provider_name, engine_inputs
from stackwright.goals import PackageRequest
from stackwright.moving._adoption import ROOT_TYPE, Adoption, MovedResource, ProviderUse, root_urn
from stackwright.moving._program import Program
from stackwright.moving._standing import Standing
from stackwright.state import Key, ResourceState, Snapshot, dependency_order
from stackwright.urn import Urn, child_urn, provider_type
from stackwright.values import PropertyMap, Secret, Value


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where resources go, and by which providers they are managed from now on."""

    stack: str
    project: str
    requests: Mapping[str, PackageRequest]
    configurations: Mapping[ProviderUse, PropertyMap]
    now: str


def with_moved(snapshot: Snapshot, adoption: Adoption, program: Program, origin: Origin) -> Snapshot:
    """*snapshot* with what was moved, and with what Terraform has changed since; all else stays as it is."""
    root = root_urn(origin.stack, origin.project)
    records = [_with_outputs(each, root, program.exports) for each in snapshot.records.values()]
    current = {each.urn: at for at, each in enumerate(records) if not each.delete}
    if root not in current:
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
        known = records[current[made.urn]] if made.urn in current else None
        if known is None:
            records.append(made)
        references[use] = f"{made.urn}::{(known or made).id}"
    for each in adoption.recorded:
        record = _resource(each, references[each.provider], program, root, origin.now)
        if each.standing is Standing.NEW:
            protect = adoption.protect and not each.deposed
            records.append(msgspec.structs.replace(record, protect=protect))
        else:
            at = current[each.urn]
            records[at] = _later(records[at], record)
    ordered = [records[at] for at in dependency_order(records)]
    return msgspec.structs.replace(
        snapshot, records={Key(number): each for number, each in enumerate(ordered)}
    )


def changed_outputs(snapshot: Snapshot, program: Program, origin: Origin) -> list[str]:
    """The stack's outputs that *program* gives otherwise than they are recorded in *snapshot*."""
    root = root_urn(origin.stack, origin.project)
    recorded = next((each.outputs for each in snapshot.records.values() if each.urn == root), None)
    if recorded is None:
        return []
    return [
        name
        for name, value in program.exports.items()
        if name not in recorded or _bare(recorded[name]) != _bare(value)
    ]


def _bare(value: Value) -> Value:
    """*value* as it comes back from a store, where numbers of one worth are one number."""
    if isinstance(value, Secret):
        return Secret(_bare(value.value))
    if isinstance(value, dict):
        return {key: _bare(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _with_outputs(record: ResourceState, root: Urn, outputs: PropertyMap) -> ResourceState:
    """*record*, with *outputs* among its own if it is the stack's."""
    if record.urn != root:
        return record
    return msgspec.structs.replace(record, outputs={**record.outputs, **outputs})


def _later(record: ResourceState, made: ResourceState) -> ResourceState:
    """*record* with what Terraform says of its object by now; what people have set on it stays."""
    return msgspec.structs.replace(
        record,
        id=made.id,
        inputs=made.inputs,
        outputs=made.outputs,
        provider=made.provider,
        dependencies=made.dependencies,
        property_dependencies=made.property_dependencies,
        created=made.created,
        modified=made.modified,
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


def _resource(each: MovedResource, provider: str, program: Program, root: Urn, now: str) -> ResourceState:
    return ResourceState(
        urn=each.urn,
        type=each.type,
        custom=True,
        id=each.id,
        inputs=each.inputs,
        outputs=each.outputs,
        parent=root,
        provider=provider,
        # Only the object that is current has anything to do with the program.
        dependencies=() if each.deposed else program.depends_on.get(each.urn, ()),
        property_dependencies={} if each.deposed else program.references.get(each.urn, {}),
        delete=each.deposed,
        created=now,
        modified=now,
    )
