"""
What records of old engines lack, made up for before anything looks at them (engine.md E20). Pure.

Engines before default providers were recorded wrote no provider reference; some wrote no
outputs of providers. Bringing the JSON of old versions into today's shape is `state`'s part.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from stackwright.engine._defaults import configured_inputs
from stackwright.engine._options import Target
from stackwright.engine._packages import INTERNAL, engine_inputs
from stackwright.goals import PackageRequest
from stackwright.state import Change, Key, ResourceState, Snapshot
from stackwright.urn import Urn, is_provider_type, make_urn, provider_type, type_package


class Completed(msgspec.Struct, frozen=True):
    """A snapshot in which nothing is lacking, and what is to be recorded for it (None: nothing)."""

    snapshot: Snapshot
    change: Change | None


def complete(snapshot: Snapshot, target: Target, *, new_key: Callable[[], Key]) -> Completed:
    """Give every resource of a provider a provider, and every provider its outputs (E20)."""
    providers = _Providers(snapshot, target, new_key)
    records = {key: _completed(state, providers) for key, state in snapshot.records.items()}
    pending = tuple(
        msgspec.structs.replace(operation, resource=_completed(operation.resource, providers))
        for operation in snapshot.pending
    )
    records = {**providers.made, **records}
    put = tuple((key, state) for key, state in records.items() if state is not snapshot.records.get(key))
    if not put:
        return Completed(snapshot, None)
    return Completed(msgspec.structs.replace(snapshot, records=records, pending=pending), Change(put=put))


def _completed(state: ResourceState, providers: _Providers) -> ResourceState:
    if is_provider_type(state.type):
        if state.outputs or not state.inputs:
            return state
        outputs = {key: value for key, value in state.inputs.items() if key != INTERNAL}
        return msgspec.structs.replace(state, outputs=outputs)
    if state.provider or not state.custom:
        return state
    return msgspec.structs.replace(state, provider=providers.reference(type_package(state.type)))


class _Providers:
    """The default providers for those that have none: one that is recorded, or a new one."""

    def __init__(self, snapshot: Snapshot, target: Target, new_key: Callable[[], Key]) -> None:
        self.made: dict[Key, ResourceState] = {}
        self._snapshot = snapshot
        self._target = target
        self._new_key = new_key
        self._references: dict[str, str] = {}

    def reference(self, package: str) -> str:
        if package not in self._references:
            self._references[package] = self._find(package) or self._make(package)
        return self._references[package]

    def _urn(self, package: str) -> Urn:
        return make_urn(self._target.stack, self._target.project, "", provider_type(package), "default")

    def _find(self, package: str) -> str:
        urn = self._urn(package)
        found = (s for s in self._snapshot.records.values() if s.urn == urn and s.id and not s.delete)
        return next((f"{urn}::{state.id}" for state in found), "")

    def _make(self, package: str) -> str:
        inputs = {
            **configured_inputs(self._target, package),
            **engine_inputs(_recorded_plugin(self._snapshot.manifest.plugins, package), {}),
        }
        state = ResourceState(
            urn=self._urn(package),
            type=provider_type(package),
            custom=True,
            id=str(uuid.uuid4()),
            inputs=inputs,
            outputs={key: value for key, value in inputs.items() if key != INTERNAL},
        )
        self.made[self._new_key()] = state
        return f"{state.urn}::{state.id}"


def _recorded_plugin(plugins: Iterable[Mapping[str, Any]], package: str) -> PackageRequest:
    """The plugin that old engines listed beside the records (state.md §7.2), as far as it is known."""
    for plugin in plugins:
        if plugin.get("name") == package and plugin.get("type", "resource") == "resource":
            version = plugin.get("version") or ""
            return PackageRequest(name=package, version=str(version).removeprefix("v"))
    return PackageRequest(name=package)
