"""
A Pulumi plugin's process and a Terraform provider's in one program (terraform.md §14).

AWS's resources, made by Terraform's provider on moto, are named by resources of a plugin that
the genuine bridge made; one engine orders them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import genuine_plugins, moto
from support.aws_rooms import aws_room
from support.commands import Room, names
from support.moto import Moto
from support.provider_packages import installed

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

PROGRAM = """
    import pulumi
    import pulumi_aws as aws
    import pulumi_random as random

    words = pulumi.Config().get_int("words") or 1
    opts = pulumi.ResourceOptions(provider=aws.Provider("local", **{config!r}))
    pet = random.RandomPet("pet", prefix="app", length=words)
    password = random.RandomPassword("password", length=20)
    queue = aws.SqsQueue("queue", name=pet.id, opts=opts)
    aws.SsmParameter(
        "password",
        name=pulumi.Output.concat("/", pet.id, "/password"),
        type="SecureString",
        value=password.result,
        opts=opts,
    )
    # And the other way round: kept until AWS has another address for the queue.
    random.RandomId("ticket", byte_length=4, keepers={{"queue": queue.arn}})
    pulumi.export("queue", queue.name)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(server: Moto, tmp_path: Path) -> Room:
    """A project with a generated package for AWS and a plugin cache that has the bridged plugin."""
    installed("pulumi_random")
    genuine_plugins.random(tmp_path / "plugins")
    program = PROGRAM.format(config=server.provider_config())
    return aws_room(tmp_path, ("aws_sqs_queue", "aws_ssm_parameter"), program, PULUMI_HOME=str(tmp_path))


def test_one_names_the_other(room: Room, server: Moto) -> None:
    """Created in order, unchanged, replaced together, destroyed; secrets cross and stay secret."""
    room.ok("up", "--yes", "--skip-preview", seconds=300)
    name = room.outputs()["queue"]
    parameter = server.call("ssm", "get_parameter", Name=f"/{name}/password", WithDecryption=True)[
        "Parameter"
    ]
    assert len(parameter["Value"]) == 20
    assert parameter["Value"] not in room.ok("stack", "export")
    assert server.call("sqs", "list_queues")["QueueUrls"][0].endswith(f"/{name}")
    assert "7 unchanged" in room.up()

    room.ok("config", "set", "words", "2")
    assert "+-4 replaced" in room.ok("up", "--yes", "--skip-preview", seconds=300)
    (url,) = server.call("sqs", "list_queues")["QueueUrls"]
    assert url.endswith(f"/{room.outputs()['queue']}")
    assert not url.endswith(f"/{name}")
    assert names(room.resources()) == ["password", "password", "pet", "queue", "ticket"]

    room.ok("destroy", "--yes", seconds=300)
    assert "QueueUrls" not in server.call("sqs", "list_queues")
