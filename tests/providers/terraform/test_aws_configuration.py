"""
The ways in which people configure the AWS provider, all in one program (terraform.md §5.2, §8.15).

On moto, which keeps accounts apart by the credentials of a request: the account in an ARN tells
whose credentials made an object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import moto
from support.aws_rooms import aws_room
from support.commands import Room
from support.moto import Moto

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

OURS, OTHERS = "123456789012", "111122223333"
ROLE = f"arn:aws:iam::{OTHERS}:role/deployer"
PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    config = pulumi.Config()
    address = {endpoint!r}
    common = dict(
        skip_credentials_validation=True,
        skip_metadata_api_check="true",
        endpoints=[dict(sns=address, sts=address, iam=address)],
    )
    keys = dict(access_key="test", secret_key=pulumi.Output.secret("hush-hush"))

    def topic(name, provider=None, **inputs):
        made = aws.SnsTopic(name, name=name, opts=pulumi.ResourceOptions(provider=provider), **inputs)
        pulumi.export(name, made.arn)

    topic("environment")
    east = aws.Provider(
        "east",
        region="us-east-1",
        default_tags=dict(tags=dict(owner=config.get("owner") or "me")),
        ignore_tags=dict(keys=["seen"], key_prefixes=["scan:"]),
        **keys,
        **common,
    )
    topic("east", east, tags=dict(own="1"))
    topic("west", aws.Provider("west", region="eu-west-1", **keys, **common))
    assumed = dict(role_arn={role!r}, session_name="deploying", external_id="ours", tags=dict(of="us"))
    topic("role", aws.Provider("role", region="us-east-1", assume_roles=[assumed], **keys, **common))
    topic(
        "profile",
        aws.Provider(
            "profile",
            region="ap-southeast-2",
            shared_credentials_files=[{credentials!r}],
            profile="elsewhere",
            **common,
        ),
    )
"""


@pytest.fixture
def aws() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(aws: Moto, tmp_path: Path) -> Room:
    """A project whose environment and whose stack's configuration lead the default provider to AWS."""
    anybody = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.call("iam", "create_role", RoleName="deployer", AssumeRolePolicyDocument=anybody)
    keys = aws.call("sts", "assume_role", RoleArn=ROLE, RoleSessionName="tests")["Credentials"]
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[elsewhere]\n"
        f"aws_access_key_id = {keys['AccessKeyId']}\n"
        f"aws_secret_access_key = {keys['SecretAccessKey']}\n"
        f"aws_session_token = {keys['SessionToken']}\n"
    )
    program = PROGRAM.format(endpoint=aws.endpoint, role=ROLE, credentials=str(credentials))
    environ = {**moto.CREDENTIALS, "AWS_REGION": "us-west-2", "AWS_ENDPOINT_URL": aws.endpoint}
    made = aws_room(tmp_path, ["aws_sns_topic"], program, **environ)
    made.ok("config", "set", "aws:skipCredentialsValidation", "true")
    made.ok("config", "set", "aws:skipMetadataApiCheck", "true")
    made.ok("config", "set", "--path", "aws:endpoints[0].sns", aws.endpoint)
    return made


def up(room: Room) -> str:
    return room.ok("up", "--yes", "--skip-preview", "--refresh", seconds=300)


def tags(aws: Moto, arn: str) -> dict[str, Any]:
    found = aws.call("sns", "list_tags_for_resource", ResourceArn=arn)["Tags"]
    return {each["Key"]: each["Value"] for each in found}


def test_providers_of_every_kind_beside_each_other(aws: Moto, room: Room) -> None:
    """Regions, a role of another account, a profile, the environment, and tags that a provider sets."""
    up(room)
    arns = room.outputs()
    assert arns == {
        "environment": f"arn:aws:sns:us-west-2:{OURS}:environment",
        "east": f"arn:aws:sns:us-east-1:{OURS}:east",
        "west": f"arn:aws:sns:eu-west-1:{OURS}:west",
        "role": f"arn:aws:sns:us-east-1:{OTHERS}:role",
        "profile": f"arn:aws:sns:ap-southeast-2:{OTHERS}:profile",
    }
    assert tags(aws, arns["east"]) == {"own": "1", "owner": "me"}
    assert "hush-hush" not in room.ok("stack", "export")

    # Tags that are to be ignored are no difference, even with a refresh; others are.
    aws.call("sns", "tag_resource", ResourceArn=arns["east"], Tags=[{"Key": "seen", "Value": "x"}])
    aws.call("sns", "tag_resource", ResourceArn=arns["east"], Tags=[{"Key": "scan:at", "Value": "x"}])
    assert "updated" not in up(room)
    aws.call("sns", "tag_resource", ResourceArn=arns["east"], Tags=[{"Key": "own", "Value": "2"}])
    assert "SnsTopic east updated" in up(room)
    ignored = {"seen": "x", "scan:at": "x"}
    assert tags(aws, arns["east"]) == {"own": "1", "owner": "me", **ignored}

    # A change of the provider's tags is one of its resources.
    room.ok("config", "set", "owner", "you")
    assert "SnsTopic east updated" in up(room)
    assert tags(aws, arns["east"]) == {"own": "1", "owner": "you", **ignored}
    assert "updated" not in up(room)

    room.ok("destroy", "--yes", seconds=300)
    assert aws.call("sns", "list_topics")["Topics"] == []
    assert room.resources() == []


def test_a_role_that_may_not_be_assumed(room: Room) -> None:
    """Told at the argument that is wrong, before anything is made."""
    program = (room.project / "__main__.py").read_text()
    room.program(program.replace('external_id="ours"', 'external_id="x"'))
    done = room.run("preview", seconds=300)
    assert done.status == 1
    assert "expected length of assume_role.0.external_id" in done.text
    assert "`assumeRoles[0].externalId`" in done.text
