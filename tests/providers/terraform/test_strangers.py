"""
Providers that nobody here wrote, as strangers: all they offer is planned (terraform.md §5.3, §5.7).

Inputs are made up from the schema, so providers refuse many of them; what is looked for is
anything that is wrong on our side of the protocol.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support import tfproviders
from support.commands import Room
from support.terraform_packages import terraform_provider

from stackwright.providers import CheckConfigRequest, CheckRequest, ConfigureRequest, CreateRequest
from stackwright.providers.terraform import TerraformProvider
from stackwright.providers.terraform._session import TerraformError
from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.providers.terraform._types import BOOL, NUMBER
from stackwright.urn import make_urn, provider_type
from stackwright.values import UNKNOWN, PropertyMap, Value, contains_unknowns

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

AT_FAULT = {"aws_route53_cidr_location"}
"""Of whose plan `terraform` says the same: that it is invalid."""
NOWHERE = "http://127.0.0.1:9/v3"
OPENSTACK = {"authUrl": NOWHERE, "userName": "u", "password": "hush", "tenantName": "t"}
AWS = {
    "region": "us-east-1",
    "accessKey": "x",
    "secretKey": "y",
    "skipCredentialsValidation": True,
    "skipRequestingAccountId": True,
    "skipMetadataApiCheck": "true",
}


def said(shape: Shape) -> PropertyMap:
    """What has to be said, and nothing else."""
    return {
        field.shown_as: example(field.value)
        for field in shape.fields
        if field.shown_as is not None and field.required
    }


def example(shape: ValueShape) -> Value:
    """A value of that shape."""
    if shape.form is Form.OBJECT:
        return said(shape.object)
    if shape.form is Form.MAP:
        assert shape.element is not None
        return {"key": example(shape.element)}
    if shape.form.is_sequence:
        assert shape.element is not None
        return example(shape.element) if shape.flattened else [example(shape.element)]
    return 1 if shape.type is NUMBER else True if shape.type is BOOL else "text"


async def plan_all(name: str, config: PropertyMap, *, unknown: bool) -> dict[str, list[str]]:
    """Check and plan one resource of each type; those that were planned, and refused."""
    found: dict[str, list[str]] = {"planned": [], "refused": []}
    async with terraform_provider(name) as provider:
        assert isinstance(provider, TerraformProvider)
        urn = make_urn("dev", "p", "", provider_type(name), "p")
        checked = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=config))
        assert checked.failures == ()
        await provider.configure(ConfigureRequest(urn=urn, id="i", inputs=checked.inputs))
        catalogue = provider._session.catalogue
        for kind in sorted(catalogue.schema.resources):
            token = catalogue.token(kind)
            assert token is not None
            inputs = said(catalogue.resource(token).shape)
            if unknown:
                inputs = dict.fromkeys(inputs, UNKNOWN)
            urn = make_urn("dev", "p", "", token, "a")
            check = CheckRequest(urn=urn, type=token, olds={}, news=inputs, seed=b"", preview=True)
            answer = await provider.check(check)
            wrong = [each.reason for each in answer.failures]
            if wrong:
                found["refused"].append(kind)
                assert not any("disagree" in reason or "does not fit" in reason for reason in wrong), kind
                continue
            create = CreateRequest(urn=urn, type=token, inputs=answer.inputs, preview=True)
            try:
                made = await provider.create(create)
            except TerraformError as error:
                found["refused"].append(kind)
                wrong = [error.message]
            else:
                found["planned"].append(kind)
                assert made.outputs.keys() >= inputs.keys() or contains_unknowns(made.outputs), kind
            if kind not in AT_FAULT:
                assert not any("disagree" in reason or "invalid plan" in reason for reason in wrong), kind
    return found


@pytest.mark.parametrize("unknown", [False, True], ids=["known", "unknown"])
@pytest.mark.parametrize(
    ("name", "config", "least"),
    [("openstack", OPENSTACK, 80), ("aws", AWS, 600), ("random", {}, 5), ("time", {}, 1)],
    ids=["openstack", "aws", "random", "time"],
)
def test_everything_is_planned(name: str, config: PropertyMap, least: int, unknown: bool) -> None:
    found = asyncio.run(plan_all(name, config, unknown=unknown))
    assert len(found["planned"]) >= least, found["refused"]


PROGRAM = """
    import pulumi
    import pulumi_openstack as openstack

    there = openstack.Provider(
        "there", auth_url={url!r}, user_name="u", password=pulumi.Output.secret("hush"), tenant_name="t"
    )
    opts = pulumi.ResourceOptions(provider=there)
    network = openstack.NetworkingNetworkV2("network", name="n", admin_state_up=True, opts=opts)
    subnet = openstack.NetworkingSubnetV2(
        "subnet",
        network_id=network.id,
        cidr="10.0.0.0/24",
        ip_version=4,
        allocation_pools=[dict(start="10.0.0.2", end="10.0.0.9")],
        opts=opts,
    )
    port = openstack.NetworkingPortV2(
        "port", network_id=network.id, fixed_ips=[dict(subnet_id=subnet.id)], opts=opts
    )
    openstack.ComputeInstanceV2(
        "machine", name="m", image_id="i", flavor_id="3", networks=[dict(port=port.id)], opts=opts
    )
    pulumi.export("mac", port.mac_address)
"""


def test_from_a_mirror_to_a_preview(tmp_path: Path) -> None:
    """Added by its address alone, listed, imported, and planned without a cloud; its secrets stay secret."""
    provider = tfproviders.openstack()
    settings = tmp_path / "terraform.rc"
    mirror: Any = json.dumps(str(provider.parents[5]))
    settings.write_text(f"provider_installation {{\n filesystem_mirror {{\n path = {mirror}\n }}\n}}\n")
    room = Room(tmp_path, PROGRAM.format(url=NOWHERE), TF_CLI_CONFIG_FILE=str(settings)).init()
    room.ok("package", "add", "terraform-provider", "terraform-provider-openstack/openstack", seconds=300)
    assert provider.parts[-3] in room.ok("package", "ls")
    assert "Total resources: 108" in room.ok("package", "info", "openstack")
    shown = room.ok("preview", "--diff", seconds=300)
    assert "hush" not in shown
    assert "+ 6 to create" in shown

    # It cannot be reached: the error is the provider's, at the resource, and nothing is recorded as made.
    done = room.run("up", "--yes", "--skip-preview", seconds=300)
    assert done.status == 1
    assert "127.0.0.1:9" in done.text
    assert "hush" not in done.text
    assert room.resources() == []
