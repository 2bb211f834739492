"""
Terraform's own encoding and ours: the same bytes (terraform.md §3.3, §3.6).

What `terraform` sends is read as a value and written again. Sets in their order, numbers
in their width, objects with all their keys, unknowns, types of dynamic values: whatever
we would write otherwise shows here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import tfproviders
from support.tfclients import run
from support.tfproviders import Cloud
from support.tfrecorder import Exchange, Recorder, TerraformRun, recording

from stackwright.providers.terraform import (
    DYNAMIC,
    ProviderSchema,
    Type,
    decode_json,
    decode_msgpack,
    encode_json,
    encode_msgpack,
)
from stackwright.providers.terraform._schema_messages import read_provider_schema

pytestmark = pytest.mark.real

THINGS: dict[str, list[dict[str, Any]]] = {
    "vintage": [
        {
            "name": "it",
            "ratio": 0.1,
            "size": 3,
            "tags": {"z": "1", "a": "2", "é": "3"},
            "labels": ["b", "B", "a", "é", "10", "9"],
            "secret_wo": "hidden",
            "secret_wo_version": 1,
            "disk": {"kind": "ssd"},
            "rule": [
                {"port": port, "cidrs": cidrs, "note": note}
                for port, cidrs, note in (
                    (443, ["b", "a"], None),
                    (80, [], "x"),
                    (8080, None, '"quoted"'),
                    (9, ["a"], "y"),
                    (10, ["a"], "y"),
                )
            ],
            "step": [{"name": "one", "hook": [{"command": "true", "env": {"B": "1", "A": "2"}}]}],
            "ingress": [{"port": 3, "from": None}, {"port": 20, "from": "x"}],
            "timeouts": {"create": "90m"},
        },
        {"name": "it", "size": 4, "labels": [], "ingress": []},
        {"name": "other", "size": 4},
    ],
    "modern": [
        {
            "name": "it",
            "ratio": 2.5,
            "exact": "${123456789012345678901234567890.125}",
            "tags": {"z": "1", "a": None},
            "labels": ["b", "B", "a", "é"],
            "pair": {"left": "l", "right": 9007199254740993},
            "anything": {"list": ["a", 1, True, None], "map": {"k": [0.5]}},
            "secret_wo": "hidden",
            "disk": {"kind": "ssd"},
            "steps": [{"name": "one", "hooks": [{"command": "true", "env": {}}]}, {"name": "two"}],
            "rules": [
                {"port": 443, "cidrs": ["b", "a"]},
                {"port": 80, "cidrs": []},
                {"port": 8080},
                {"port": 12345678901},
                {"port": 12345678902},
            ],
            "endpoints": {"z": {"url": "u"}, "a": {"url": "v", "key": "k"}},
            "network": {"cidr": "c"},
            "volume": [{"name": "v", "mount": [{"path": "/"}]}, {"name": "w"}],
            "grant": [{"to": "b"}, {"to": "a"}, {"to": "B"}],
            "timeouts": {"create": "90m"},
        },
        {"name": "it", "size": 2, "anything": "${[for x in [1, 2] : x]}", "rules": []},
        {"name": "other", "anything": None},
    ],
}


@pytest.mark.parametrize("name", THINGS)
def test_everything_terraform_sends(name: str, tmp_path: Path) -> None:
    """Create, update, replace, destroy; and states as it stores them."""
    cloud = Cloud(tmp_path / "cloud")
    (tmp_path / "work").mkdir()

    async def scenario() -> tuple[Recorder, ProviderSchema]:
        address = f"registry.terraform.io/stackwright/{name}"
        async with recording(getattr(tfproviders, name)(), address) as recorder:
            terraform = TerraformRun(tmp_path / "work", recorder)
            for number, thing in enumerate(THINGS[name]):
                following = {
                    "name": f"${{{name}_thing.it.id}}-after",
                    "note": f"${{{name}_thing.it.fingerprint}}",
                }
                terraform.write(
                    {
                        "provider": {name: {"path": str(cloud.folder)}},
                        "resource": {f"{name}_thing": {"it": thing, "after": following}},
                    }
                )
                if number == 0:
                    await terraform("init")
                await terraform("apply", "-auto-approve")
            await terraform("destroy", "-auto-approve")
            request = recorder.plugin.dialect.request("GetProviderSchema")()
            answer = await recorder.plugin.call_raw("GetProviderSchema", request, "describe itself")
            request = recorder.plugin.dialect.request("GetResourceIdentitySchemas")()
            identities = await recorder.plugin.call_raw(
                "GetResourceIdentitySchemas", request, "list identities"
            )
            return recorder, read_provider_schema(answer, identities, recorder.plugin.dialect)

    recorder, schema = run(scenario)
    compared = sum(_compare(schema, exchange) for exchange in recorder.exchanges)
    assert compared > 60
    assert len(recorder.asked("PlanResourceChange")) > 10


def _compare(schema: ProviderSchema, exchange: Exchange) -> int:
    """Read and write every value of a request; how many there were."""
    request, compared = exchange.request, 0
    kind = _type(schema, request)
    for field, value in request.ListFields():
        where = f"{exchange.call} {field.name}"
        if field.name == "raw_state":
            written, sent = encode_json(decode_json(value.json, kind), kind), value.json
            assert written == msgspec.json.format(sent, indent=-1), where
        elif field.name == "provider_meta" or field.message_type is None:
            continue
        elif field.message_type.name == "DynamicValue":
            written, sent = encode_msgpack(decode_msgpack(value.msgpack, kind), kind), value.msgpack
            assert written.hex(" ") == _unrefined(sent).hex(" "), where
        elif field.message_type.name == "ResourceIdentityData":
            identity, sent = schema.identities[request.type_name].type, value.identity_data.msgpack
            assert encode_msgpack(decode_msgpack(sent, identity), identity) == sent, where
        else:
            continue
        compared += 1
    return compared


def _unrefined(data: bytes) -> bytes:
    """*data* with plain unknowns in place of refined ones, which we never send (§3.4)."""
    while (at := re.search(rb"\xc7(.)\x0c[\x81-\x84]", data, re.DOTALL)) is not None:
        data = data[: at.start()] + b"\xd4\0\0" + data[at.start() + 3 + at[1][0] :]
    return data


def _type(schema: ProviderSchema, request: Any) -> Type:
    name = getattr(request, "type_name", None)
    if name is None:
        return schema.provider.type
    return schema.resources[name].type if name in schema.resources else DYNAMIC
