"""The client on the AWS provider, the largest there is (terraform.md §4.6, §13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import tfproviders
from support.tfclients import client_of, run

from stackwright.providers.terraform import DYNAMIC, Nesting, empty_value

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemas")


def test_its_whole_schema(cache: Path) -> None:
    """4.9 MB in one message; every one of 2,100 schemas can be read."""

    async def scenario() -> Any:
        async with client_of(tfproviders.aws(), cache=cache) as client:
            return await client.schema()

    schema = run(scenario)
    assert schema.protocol == 5
    assert len(schema.resources) > 1500
    assert len(schema.data_sources) > 600
    assert set(schema.functions) == {"arn_build", "arn_parse", "trim_iam_role_path"}
    assert schema.resources["aws_security_group"].block.attributes["ingress"].optional
    assert schema.resources["aws_ssm_parameter"].block.attributes["value_wo"].write_only
    assert schema.resources["aws_s3_bucket"].block.blocks["cors_rule"].nesting is Nesting.LIST
    assert schema.provider_meta is not None
    assert schema.identities == {}
    for each in (*schema.resources.values(), *schema.data_sources.values()):
        assert each.type is not DYNAMIC
        empty_value(each.block)


def test_its_functions_need_no_configuration(cache: Path) -> None:
    """§5.19."""

    async def scenario() -> Any:
        async with client_of(tfproviders.aws(), cache=cache) as client:
            good = await client.call_function("arn_parse", ["arn:aws:s3:::bucket/key"])
            bad = await client.call_function("arn_parse", ["nonsense"])
            return good, bad

    good, bad = run(scenario)
    assert good.result["service"] == "s3"
    assert "invalid prefix" in str(bad.error)
