"""What records of old engines lack is made up for (engine.md E20)."""

from __future__ import annotations

import itertools
from typing import Any

from stackwright.engine._old_records import Completed, complete
from stackwright.engine._options import Target
from stackwright.state import Key, Manifest, OperationKind, PendingOperation, ResourceState, Snapshot
from stackwright.urn import Urn, make_urn
from stackwright.values import Secret

TARGET = Target(
    project="shop",
    stack="dev",
    config={"pkg:region": "there", "pkg:token": "t0p", "other:region": "no"},
    config_secret_keys=frozenset({"pkg:token"}),
)


def state(type_: str, name: str, **fields: Any) -> ResourceState:
    return ResourceState(urn=make_urn("dev", "shop", "", type_, name), type=type_, custom=True, **fields)


def completed(*states: ResourceState, manifest: Manifest = Manifest()) -> Completed:  # noqa: B008 - frozen
    numbers = itertools.count(100)
    records = {Key(number): each for number, each in enumerate(states)}
    pending = (PendingOperation(number=1, kind=OperationKind.CREATING, resource=states[0], uncertain=False),)
    snapshot = Snapshot(records=records, pending=pending, manifest=manifest)
    return complete(snapshot, TARGET, new_key=lambda: Key(next(numbers)))


def test_nothing_to_do_changes_nothing() -> None:
    done = completed(state("pkg:index:Thing", "one", id="1", provider="urn:pulumi:x::y"))
    assert done.change is None


def test_one_default_provider_for_all_that_have_none() -> None:
    """It goes first, is configured by the stack, and by what the manifest tells of the plugin."""
    plugin = {"name": "pkg", "type": "resource", "version": "v1.2.3"}
    done = completed(
        state("pkg:index:Thing", "one", id="1"),
        state("pkg:index:Thing", "two", id="2"),
        manifest=Manifest(plugins=({"name": "pkg", "type": "language", "version": "9.0.0"}, plugin)),
    )
    provider, one, two = done.snapshot.resources

    assert provider.urn == Urn("urn:pulumi:dev::shop::pulumi:providers:pkg::default")
    settings = {"region": "there", "token": Secret("t0p"), "version": "1.2.3"}
    assert provider.inputs == {**settings, "__internal": {}}
    assert provider.outputs == settings
    assert one.provider == two.provider == f"{provider.urn}::{provider.id}"
    assert done.snapshot.pending[0].resource.provider == one.provider
    assert done.change is not None
    assert [put[1] for put in done.change.put] == [provider, one, two]


def test_a_recorded_default_provider_serves() -> None:
    recorded = state("pulumi:providers:pkg", "default", id="p")
    done = completed(recorded, state("pkg:index:Thing", "one", id="1"))
    assert [each.id for each in done.snapshot.resources] == ["p", "1"]
    assert done.snapshot.resources[1].provider == f"{recorded.urn}::p"


def test_a_provider_gets_its_outputs_from_its_inputs() -> None:
    done = completed(
        state("pulumi:providers:pkg", "mine", id="p", inputs={"a": 1, "__internal": {"name": "x"}})
    )
    assert done.snapshot.resources[0].outputs == {"a": 1}


def test_components_have_none() -> None:
    component = ResourceState(
        urn=make_urn("dev", "shop", "", "my:own:Part", "p"), type="my:own:Part", custom=False
    )
    assert completed(component).change is None
