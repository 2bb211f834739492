"""
The same configurations applied by `terraform` and by us: the same requests, the same end.

Both talk to one provider through a recorder. Compared are, for every change, the plan that
came last before it and what was applied: to the byte, private data included. In
replacements we plan the new object without the old one's private data (terraform.md §8.10).
Identities are left out: this `terraform` does not know them yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import tfproviders
from support.terraform_deployments import TerraformBench
from support.tfclients import run
from support.tfproviders import Cloud
from support.tfrecorder import Exchange, Recorder, TerraformRun, recording

from stackwright.providers.terraform import ProviderSchema
from stackwright.providers.terraform._convert import to_properties
from stackwright.providers.terraform._mapping import PackageMapping
from stackwright.providers.terraform._schema_messages import read_provider_schema
from stackwright.providers.terraform._shapes import block_shape

pytestmark = pytest.mark.real

Steps = list[dict[str, Any] | None]

VINTAGE: dict[str, Steps] = {
    "least": [{"name": "it"}],
    "all scalars": [{"name": "it", "size": 2, "ratio": 0.5, "enabled": False, "note": "n", "region": "r"}],
    "update in place": [{"name": "it", "size": 1}, {"name": "it", "size": 2, "tags": {"a": "b"}}],
    "numbers that no float says": [{"name": "it", "ratio": 0.1}, {"name": "it", "ratio": 1 / 3}],
    "taken away again": [{"name": "it", "note": "x", "tags": {"a": "b"}, "zones": ["z"]}, {"name": "it"}],
    "a suppressed difference": [{"name": "it", "note": "abc"}, {"name": "it", "note": "ABC", "size": 2}],
    "a forced replacement": [{"name": "it", "size": 5}, {"name": "it", "size": 2}],
    "another name": [{"name": "it"}, {"name": "that"}],
    "a flattened block": [
        {"name": "it", "disk": [{"kind": "k"}]},
        {"name": "it", "disk": [{"kind": "k", "size": 3}]},
    ],
    "a block that replaces": [
        {"name": "it", "disk": [{"kind": "k"}]},
        {"name": "it", "disk": [{"kind": "l"}]},
    ],
    "a set of blocks": [
        {"name": "it", "rule": [{"port": 1, "cidrs": ["b", "a"]}, {"port": 2, "note": "n"}]},
        {"name": "it", "rule": [{"port": 2, "note": "n"}, {"port": 3}]},
    ],
    "nested blocks": [
        {"name": "it", "step": [{"name": "a", "hook": [{"command": "c", "env": {"K": "v"}}]}, {"name": "b"}]},
        {"name": "it", "step": [{"name": "b"}]},
    ],
    "attribute as block, unset": [
        {"name": "it", "ingress": [{"port": 1, "from": "x"}]},
        {"name": "it", "size": 2},
    ],
    "attribute as block, empty": [
        {"name": "it", "ingress": [{"port": 1, "from": None}]},
        {"name": "it", "ingress": []},
    ],
    "timeouts": [
        {"name": "it", "timeouts": {"create": "1m30s"}},
        {"name": "it", "size": 2, "timeouts": {"create": "1m30s", "update": "10s"}},
    ],
    "write-only": [
        {"name": "it", "secret_wo": "s", "secret_wo_version": 1},
        {"name": "it", "secret_wo": "t", "secret_wo_version": 2},
    ],
}
MODERN: dict[str, Steps] = {
    "least": [{"name": "it"}],
    "update in place": [{"name": "it", "size": 1}, {"name": "it", "size": 2, "tags": {"a": "b"}}],
    "numbers that no float says": [
        {"name": "it", "ratio": 0.1, "exact": 2.3},
        {"name": "it", "ratio": 0.2, "exact": 1e-7, "anything": {"a": 0.3}},
    ],
    "taken away again": [{"name": "it", "note": "x", "labels": ["b", "a"]}, {"name": "it"}],
    "objects and anything": [
        {"name": "it", "pair": {"left": "l", "right": 1}, "anything": {"a": ["x", 1, True]}},
        {"name": "it", "pair": {"left": "m", "right": None}, "anything": ["x", 1]},
    ],
    "a nested object": [
        {"name": "it", "disk": {"kind": "k"}},
        {"name": "it", "disk": {"kind": "k", "size": 3}},
    ],
    "a nested object that replaces": [
        {"name": "it", "disk": {"kind": "k"}},
        {"name": "that", "disk": {"kind": "l"}},
    ],
    "nested lists with computed parts": [
        {
            "name": "it",
            "steps": [{"name": "a", "hooks": [{"command": "c", "env": {"K": "v"}}]}, {"name": "b"}],
        },
        {"name": "it", "steps": [{"name": "b", "hooks": None}, {"name": "c", "hooks": None}]},
    ],
    "nested sets with computed parts": [
        {"name": "it", "rules": [{"port": 1, "cidrs": ["b", "a"]}, {"port": 2, "cidrs": None}]},
        {"name": "it", "rules": [{"port": 2, "cidrs": None}, {"port": 3, "cidrs": []}]},
    ],
    "nested maps": [
        {"name": "it", "endpoints": {"a": {"url": "u", "key": "k"}}},
        {"name": "it", "endpoints": {"a": {"url": "v", "key": "k"}, "b": {"url": "w", "key": None}}},
    ],
    "blocks of every nesting": [
        {
            "name": "it",
            "network": {"cidr": "c"},
            "volume": [{"name": "v", "mount": [{"path": "/"}]}, {"name": "w", "size": 9}],
            "grant": [{"to": "b"}, {"to": "a"}],
        },
        {"name": "it", "volume": [{"name": "w"}], "grant": [{"to": "c"}, {"to": "a"}]},
    ],
    "write-only": [
        {"name": "it", "secret_wo": "s", "secret_wo_version": 1},
        {"name": "it", "secret_wo": "t", "secret_wo_version": 2},
    ],
    "sensitive": [{"name": "it", "token": "t"}, {"name": "it", "token": "u"}],
    "a region that was computed": [{"name": "it"}, {"name": "that", "region": "there"}],
}
CASES = {
    f"{name}: {title}": (name, steps)
    for name, titles in (("vintage", VINTAGE), ("modern", MODERN))
    for title, steps in titles.items()
}


@pytest.mark.parametrize(("name", "steps"), CASES.values(), ids=CASES.keys())
def test_the_same_requests_and_the_same_end(name: str, steps: Steps, tmp_path: Path) -> None:
    """terraform.md §5.6-5.13, §14."""

    async def scenario() -> None:
        address = f"{tfproviders.HOST}/stackwright/{name}"
        async with recording(getattr(tfproviders, name)(), address) as recorder:
            theirs = await _theirs(name, steps, recorder, tmp_path)
            recorder.clear()
            ours = await _ours(name, steps, recorder, tmp_path)
        assert len(ours[0]) == len(theirs[0])
        for our, their in zip(map(_shown, ours[0]), map(_shown, theirs[0]), strict=True):
            for part, data in their.items():
                assert our[part] == data, f"{part}: {_read(our[part])} instead of {_read(data)}"
        assert ours[1] == theirs[1]

    run(scenario)


async def _theirs(name: str, steps: Steps, recorder: Recorder, folder: Path) -> Any:
    cloud = Cloud(folder / "theirs")
    work = folder / "work"
    work.mkdir()
    terraform = TerraformRun(work, recorder)
    ends = []
    for step in steps:
        # The order of replacements that we have.
        thing = {**(step or {}), "lifecycle": {"create_before_destroy": True}}
        terraform.write(
            {
                "provider": {name: {"path": str(cloud.folder)}},
                "resource": {f"{name}_thing": {"it": thing}},
            }
        )
        await terraform("apply", "-auto-approve")
        ends.append(cloud.objects())
    await terraform("destroy", "-auto-approve")
    ends.append(cloud.objects())
    return _changes(recorder), ends


async def _ours(name: str, steps: Steps, recorder: Recorder, folder: Path) -> Any:
    cloud = Cloud(folder / "ours")
    bench = TerraformBench(
        name,
        folder / "bench",
        {"path": str(cloud.folder)},
        environ={"TF_REATTACH_PROVIDERS": recorder.reattach},
    )
    schema: ProviderSchema | None = None
    ends = []
    for step in steps:
        if schema is None:
            raw = await recorder.plugin.call_raw(
                "GetProviderSchema", recorder.plugin.dialect.request("GetProviderSchema")(), "describe itself"
            )
            schema = read_provider_schema(raw, b"", recorder.plugin.dialect)
        inputs = _properties(name, schema, step or {})
        # `terraform` looks before it plans.
        assert (await asyncio.to_thread(bench.refresh)).errors == []
        ran = await asyncio.to_thread(
            bench.up, bench.program(lambda client, inputs=inputs: client.make("Thing", "it", inputs))
        )
        assert ran.errors == []
        ends.append(cloud.objects())
    assert (await asyncio.to_thread(bench.refresh)).errors == []
    assert (await asyncio.to_thread(bench.destroy)).errors == []
    ends.append(cloud.objects())
    return _changes(recorder), ends


def _properties(name: str, schema: ProviderSchema, config: Mapping[str, Any]) -> dict[str, Any]:
    kind = f"{name}_thing"
    shape = block_shape(schema.resources[kind].block, PackageMapping(name, schema).names("resources", kind))
    return to_properties(shape, config)


def _changes(recorder: Recorder) -> list[tuple[Exchange | None, Exchange]]:
    """Every change that was applied, with the last plan for it."""
    found: list[tuple[Exchange | None, Exchange]] = []
    for at, exchange in enumerate(recorder.exchanges):
        if exchange.call == "ApplyResourceChange":
            plans = [
                each
                for each in recorder.exchanges[:at]
                if each.call == "PlanResourceChange"
                and each.request.prior_state == exchange.request.prior_state
                and (each.request.config == exchange.request.config)
            ]
            found.append((plans[-1] if plans else None, exchange))
    return found


def _shown(change: tuple[Exchange | None, Exchange]) -> dict[str, Any]:
    planned, applied = change
    replaces = (
        planned is not None
        and bool(planned.request.prior_private)
        and not applied.request.HasField("prior_state")
    )
    shown: dict[str, Any] = {
        "apply prior": applied.request.prior_state.msgpack,
        "apply planned": applied.request.planned_state.msgpack,
        "apply config": applied.request.config.msgpack,
    }
    if planned is not None:
        shown |= {
            "plan prior": planned.request.prior_state.msgpack,
            "plan proposed": planned.request.proposed_new_state.msgpack,
            "plan config": planned.request.config.msgpack,
        }
        if not replaces:
            shown["plan private"] = planned.request.prior_private
    return shown


def _read(data: bytes) -> Any:
    """What *data* says, for people."""
    try:
        return msgspec.msgpack.decode(data, ext_hook=lambda code, payload: "(unknown)")
    except msgspec.DecodeError:
        return data
