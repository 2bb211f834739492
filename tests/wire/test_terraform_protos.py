"""The .proto files of Terraform's protocols, where the two differ and mistakes would be silent."""

from __future__ import annotations

from typing import Any

import pytest

from stackwright.wire.stubs.terraform import plugin_pb2, tfplugin5_pb2, tfplugin6_pb2


def numbers(message: Any) -> dict[str, int]:
    return {field.name: field.number for field in message.DESCRIPTOR.fields}


def test_attributes_are_numbered_differently() -> None:
    """terraform.md §2.3."""
    old, new = numbers(tfplugin5_pb2.Schema.Attribute), numbers(tfplugin6_pb2.Schema.Attribute)

    assert (old["write_only"], old["deprecation_message"]) == (10, 11)
    assert (new["nested_type"], new["write_only"], new["deprecation_message"]) == (10, 11, 12)


def test_only_protocol_5_prepares_a_configuration() -> None:
    """§2.4."""
    assert numbers(tfplugin5_pb2.PrepareProviderConfig.Response) == {"prepared_config": 1, "diagnostics": 2}
    assert numbers(tfplugin6_pb2.ValidateProviderConfig.Response) == {"diagnostics": 2}


@pytest.mark.parametrize(("pb2", "version", "count"), [(tfplugin5_pb2, 5, 28), (tfplugin6_pb2, 6, 36)])
def test_the_service_has_every_call(pb2: Any, version: int, count: int) -> None:
    """§2.1."""
    service = pb2.DESCRIPTOR.services_by_name["Provider"]

    assert service.full_name == f"tfplugin{version}.Provider"
    assert len(service.methods) == count
    assert {method.name for method in service.methods if method.server_streaming} >= {
        "ListResource",
        "InvokeAction",
    }


def test_what_every_plugin_serves() -> None:
    """§1.5."""
    assert {service.full_name for service in plugin_pb2.DESCRIPTOR.services_by_name.values()} == {
        "plugin.GRPCBroker",
        "plugin.GRPCController",
        "plugin.GRPCStdio",
    }
