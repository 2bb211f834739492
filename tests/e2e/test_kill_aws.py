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

FILE_KINDS = ("aws_iam_role", "aws_lambda_function", "aws_s3_bucket", "aws_s3_object")
PROGRAM_WITH_FILES = """
import pulumi
import pulumi_aws as aws

opts = pulumi.ResourceOptions(provider=aws.Provider("local", **{config!r}))
role = aws.iam.Role("run", name="run", assume_role_policy={role!r}, opts=opts)
bucket = aws.s3.BucketV2("site", bucket="site", opts=opts)
for at in range({count}):
    code = pulumi.FileArchive("app")
    aws.lambda_.Function(
        f"greet{{at}}", name=f"greet{{at}}", role=role.arn, runtime="python3.12", handler="main.run",
        code=code, opts=opts,
    )
    page = pulumi.FileAsset("page.html")
    aws.s3.BucketObjectv2(f"page{{at}}", bucket=bucket.bucket, key=f"page{{at}}", source=page, opts=opts)
    pulumi.export(f"code{{at}}", code)
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


class Contents:
    """A program whose functions and objects come from files, and what AWS has of their contents."""

    names = frozenset(f"{kind}{at}" for kind in ("greet", "page") for at in range(COUNT))

    def __init__(self, room: Room, server: Moto, temporary: Path) -> None:
        self._room, self._server, self._temporary = room, server, temporary
        config = server.provider_config()
        room.program(PROGRAM_WITH_FILES.format(config=config, role=ROLE, count=COUNT))

    def describe(self, state: str) -> None:
        """Make the files ones that say *state*."""
        for name in ("app/main.py", "page.html"):
            self._room.write(name, f"STATE = {state!r}\n")

    def there(self) -> dict[str, list[str]]:
        """The hashes of what is there, by the names of resources."""
        found: dict[str, list[str]] = {}
        for each in self._server.call("lambda", "list_functions")["Functions"]:
            found.setdefault(each["FunctionName"], []).append(each["CodeSha256"])
        buckets = self._server.call("s3", "list_buckets")["Buckets"]
        for bucket in buckets:
            listed = self._server.call("s3", "list_objects_v2", Bucket=bucket["Name"])
            for each in listed.get("Contents") or ():
                found.setdefault(each["Key"], []).append(each["ETag"])
        return found

    def left(self) -> list[Path]:
        """The folders of files that are there."""
        return list(self._temporary.glob("stackwright-files-*"))

    def killed(self, after: int) -> list[Path]:
        """Kill an update once *after* are as they are to be, and files are read; the folders that it left."""
        before = self.there()
        process = self._room.start("up", "--yes", "--skip-preview")
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            done = sum(before.get(name) != values for name, values in self.there().items())
            if done >= after and self.left():
                break
        kill_group(process)
        return self.left()

    def settled(self) -> None:
        """The next update does what is left: all is there once, of one contents, and no folder is left."""
        flying = [
            operation["resource"]["urn"]
            for operation in self._room.export()["deployment"].get("pending_operations") or ()
        ]
        out = self._room.ok("up", "--yes", "--skip-preview", seconds=300)
        check_told(flying, out)
        there = self.there()
        assert there.keys() == self.names
        assert all(len(values) == 1 for values in there.values())
        for kind in ("greet", "page"):
            assert len({there[f"{kind}{at}"][0] for at in range(COUNT)}) == 1
        recorded = [each["urn"].rpartition("::")[2] for each in self._room.resources()]
        assert sorted(recorded) == sorted([*self.names, "run", "site"])
        assert not self._room.export()["deployment"].get("pending_operations")
        assert self.left() == []
        self._room.ok("up", "--yes", "--skip-preview", "--expect-no-changes", seconds=300)


def test_a_kill_while_files_are_read(tmp_path: Path, server: Moto) -> None:
    """Functions and objects made from assets are there once, and their files do not stay behind."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    room = aws_room(tmp_path, FILE_KINDS, TMPDIR=str(temporary))
    contents = Contents(room, server, temporary)
    left = []
    for after in (3, 14):
        contents.describe(f"first, {after}")
        left += contents.killed(after)
        contents.settled()
        first = contents.there()

        contents.describe(f"second, {after}")
        left += contents.killed(after)
        contents.settled()
        assert all(first[name] != values for name, values in contents.there().items())

        room.ok("destroy", "--yes", "--skip-preview", seconds=300)
        assert contents.there() == {}
        assert room.resources() == []
    # A kill may come when no file is read; not four times in a row.
    assert left
