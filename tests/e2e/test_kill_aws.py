"""`kill -9` in the middle of an update on AWS: nothing forgotten, nothing twice (terraform.md §14.8)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import moto
from support.aws_rooms import aws_room
from support.commands import Room, kill_group
from support.moto import Moto

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

COUNT = 10
KINDS = {
    "SsmParameter": "aws_ssm_parameter",
    "CloudwatchLogGroup": "aws_cloudwatch_log_group",
    "IamRole": "aws_iam_role",
}
DAYS = {"first": 7, "second": 30}
ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
)
PROGRAM = """
import pulumi
import pulumi_aws as aws

opts = pulumi.ResourceOptions(provider=aws.Provider("local", **{config!r}))
for at in range({count}):
    aws.CloudwatchLogGroup(f"log{{at}}", name=f"log{{at}}", retention_in_days={days}, opts=opts)
    aws.IamRole(
        f"role{{at}}", name=f"role{{at}}", assume_role_policy={role!r}, description={state!r}, opts=opts
    )
    aws.SsmParameter(f"parameter{{at}}", name=f"/p{{at}}", type="String", value={state!r}, opts=opts)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return aws_room(tmp_path, KINDS.values())


def describe(room: Room, server: Moto, state: str) -> None:
    """Make the program one that wants everything in *state*."""
    config = server.provider_config()
    room.program(PROGRAM.format(config=config, count=COUNT, state=state, days=DAYS[state], role=ROLE))


def there(server: Moto) -> dict[str, list[Any]]:
    """What exists, as AWS says, with what an update changes; by the names of resources."""
    parameters = server.call("ssm", "get_parameters_by_path", Path="/", MaxResults=10)["Parameters"]
    groups = server.call("logs", "describe_log_groups")["logGroups"]
    roles = server.call("iam", "list_roles")["Roles"]
    found: dict[str, list[Any]] = {}
    for each in parameters:
        found.setdefault(each["Name"].replace("/p", "parameter"), []).append(each["Value"])
    states = {days: state for state, days in DAYS.items()}
    for each in groups:
        found.setdefault(each["logGroupName"], []).append(states.get(each.get("retentionInDays")))
    for each in roles:
        found.setdefault(each["RoleName"], []).append(each.get("Description"))
    return found


def killed(room: Room, server: Moto, state: str, after: int) -> dict[str, list[Any]]:
    """Start an update, kill it once *after* objects are as they are to be, and say what there was then."""
    process = room.start("up", "--yes", "--skip-preview")
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if sum(values == [state] for values in there(server).values()) >= after:
            break
        time.sleep(0.01)
    kill_group(process)
    return there(server)


def settled(room: Room, server: Moto, state: str) -> tuple[list[str], str]:
    """The next update: what was in flight by its own record, and what it printed."""
    flying = [
        operation["resource"]["urn"]
        for operation in room.export()["deployment"].get("pending_operations") or ()
    ]
    out = room.ok("up", "--yes", "--skip-preview", seconds=300)
    names = [f"{kind}{at}" for kind in ("log", "role", "parameter") for at in range(COUNT)]
    assert there(server) == {name: [state] for name in names}
    recorded = room.resources()
    assert sorted(each["urn"].rpartition("::")[2] for each in recorded) == sorted(names)
    assert len({each["id"] for each in recorded}) == len(names)
    assert not room.export()["deployment"].get("pending_operations")
    assert f"{len(names) + 2} unchanged" in room.up()
    return flying, out


def test_nothing_is_forgotten_and_nothing_exists_twice(room: Room, server: Moto) -> None:
    """Creating, updating and destroying thirty resources, each killed at several moments."""
    told = 0
    for after in (8, 22):
        describe(room, server, "first")
        before = killed(room, server, "first", after)
        flying, out = settled(room, server, "first")
        told += check_told(flying, out)
        assert before.keys() <= there(server).keys()

        describe(room, server, "second")
        killed(room, server, "second", after)
        flying, out = settled(room, server, "second")
        told += check_told(flying, out)

        destroyed(room, server, 3 * COUNT - after)
    # A kill may come between two operations; not four times in a row.
    assert told


def check_told(flying: list[str], out: str) -> int:
    """Each operation that was in flight is named by the next update."""
    for urn in flying:
        assert re.search(rf"{re.escape(urn)}, interrupted while (creating|updating|deleting)", out), out
    return len(flying)


def destroyed(room: Room, server: Moto, left: int) -> None:
    """Kill a destruction when no more than *left* objects are there; the next one leaves nothing."""
    process = room.start("destroy", "--yes", "--skip-preview")
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline and len(there(server)) > left:
        time.sleep(0.01)
    kill_group(process)
    room.ok("destroy", "--yes", "--skip-preview", seconds=300)
    assert there(server) == {}
    assert room.resources() == []
