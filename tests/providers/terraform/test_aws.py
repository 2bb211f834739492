"""The client on the AWS provider, the largest there is (terraform.md §4.6, §13)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import moto, tfproviders
from support.moto import Moto
from support.tfclients import client_of, config_of, proposed, run

from stackwright.providers.terraform import DYNAMIC, Nesting, ProviderClient, empty_value

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


@pytest.fixture(scope="module")
def aws() -> Iterator[Moto]:
    with moto.serving() as aws:
        yield aws


@pytest.mark.slow
class TestOnMoto:
    async def configured(self, client: ProviderClient, aws: Moto) -> None:
        schema = (await client.schema()).provider
        said = aws.provider_config()
        endpoints = schema.type.attributes["endpoints"].element.attributes  # type: ignore[union-attr]
        said["endpoints"] = [{**dict.fromkeys(endpoints), **said["endpoints"][0]}]
        config = config_of(schema, **said)
        assert not (await client.prepare_config(config)).failed
        assert not (await client.configure(config)).failed

    def test_a_parameter_from_nothing_to_nothing(self, aws: Moto, cache: Path) -> None:
        kind = "aws_ssm_parameter"

        async def scenario() -> None:
            async with client_of(tfproviders.aws(), cache=cache) as client:
                await self.configured(client, aws)
                schema = (await client.schema()).resources[kind]
                config = config_of(schema, name="/a", type="String", value="one", tags={"k": "v"})
                planned = await client.plan(
                    kind, prior=None, proposed=proposed(schema, config), config=config
                )
                assert planned.legacy
                made = await client.apply(
                    kind, prior=None, planned=planned.state, config=config, private=planned.private
                )
                assert not made.failed, made
                assert aws.call("ssm", "get_parameter", Name="/a")["Parameter"]["Value"] == "one"
                aws.call("ssm", "put_parameter", Name="/a", Value="two", Overwrite=True)
                read = await client.read(kind, made.state, private=made.private)
                assert read.state["value"] == "two"
                (found,) = (await client.import_state(kind, id="/a")).resources
                assert (await client.read(kind, found.state, private=found.private)).state["arn"]
                upgraded = await client.upgrade_state(kind, 0, b'{"id": "/a", "name": "/a"}')
                assert upgraded.state["name"] == "/a"
                gone = await client.plan(
                    kind, prior=read.state, proposed=None, config=None, private=read.private
                )
                done = await client.apply(
                    kind, prior=read.state, planned=None, config=None, private=gone.private
                )
                assert not done.failed
                with pytest.raises(moto.CallError, match="ParameterNotFound"):
                    aws.call("ssm", "get_parameter", Name="/a")

        run(scenario)
