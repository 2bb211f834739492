"""When an object has to go before its successor comes: `_naming`."""

from __future__ import annotations

from typing import Any

import pytest
from support.terraform_schemas import block, computed, free, optional, required

from stackwright.providers.terraform import NUMBER, ProviderSchema, Schema
from stackwright.providers.terraform._mapping import PackageMapping
from stackwright.providers.terraform._naming import keeps_its_name
from stackwright.providers.terraform._reading_back import DEFAULTS_KEY
from stackwright.providers.terraform._shapes import Shape, block_shape
from stackwright.values import UNKNOWN, Secret


@pytest.fixture(scope="module")
def shape() -> Shape:
    members = block(required("queue_name"), free("region"), optional("size", type=NUMBER), computed("arn"))
    schema = ProviderSchema(provider=Schema(0, block()), resources={"fake_queue": Schema(0, members)})
    return block_shape(members, PackageMapping("fake", schema).names("resources", "fake_queue"))


@pytest.mark.parametrize(
    ("id_", "olds", "news", "expected"),
    [
        ("jobs", {"queueName": "jobs", "size": 1}, {"queueName": "jobs", "size": 2}, True),
        ("jobs", {"queueName": "jobs"}, {"queueName": "more"}, False),
        ("jobs", {"queueName": "jobs"}, {"queueName": UNKNOWN}, False),
        ("jobs", {"queueName": Secret("jobs")}, {"queueName": "jobs"}, True),
        ("http://queues/1/jobs", {"queueName": "jobs"}, {"queueName": "jobs"}, True),
        ("arn:queue:jobs", {"queueName": "jobs"}, {"queueName": "jobs"}, True),
        ("arn:jobs:1", {"queueName": "jobs", "region": "1"}, {"queueName": "jobs", "region": "1"}, False),
        ("q-1234", {"queueName": "jobs"}, {"queueName": "jobs"}, False),
        ("jobs", {"queueName": "jobs"}, {"queueName": "jobs", DEFAULTS_KEY: ["queueName"]}, False),
        ("jobs", {}, {"queueName": "jobs"}, False),
    ],
)
def test_names_that_stay(
    shape: Shape, id_: str, olds: dict[str, Any], news: dict[str, Any], expected: bool
) -> None:
    """terraform.md §8.11: the object whose id is its name, and that keeps it, is removed first."""
    assert keeps_its_name(shape, id_, olds=olds, news=news) is expected
