"""`import` of AWS resources by the ids that people know, and their code (cli.md §4.8, terraform.md §5.14)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import moto, tfproviders
from support.commands import Room
from support.moto import Moto
from support.moving import configure_aws, empty_room
from support.terraform_command import TerraformProject

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
        ],
    }
)
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(cloud: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A project with the AWS package, and nothing in its stack."""
    terraform = TerraformProject(tmp_path / "infrastructure", tfproviders.aws())
    made = empty_room(tmp_path, terraform, monkeypatch, "hashicorp/aws")
    configure_aws(made, cloud)
    return made


def entry(kind: str, name: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"type": f"aws:index/{kind[0].lower()}{kind[1:]}:{kind}", "name": name, "id": id_, **more}


def existing(cloud: Moto) -> list[dict[str, Any]]:
    """Things that somebody made by hand, in fourteen kinds; ids as Terraform's documents have them."""
    call = cloud.call
    call("ssm", "put_parameter", Name="/app/plain", Value="v", Type="String", Description="d")
    call("ssm", "put_parameter", Name="/app/secret", Value="hush-hush", Type="SecureString")
    call("s3", "create_bucket", Bucket="shop-logs-bucket")
    call(
        "s3",
        "put_bucket_versioning",
        Bucket="shop-logs-bucket",
        VersioningConfiguration={"Status": "Enabled"},
    )
    call("iam", "create_role", RoleName="worker-role", AssumeRolePolicyDocument=TRUST)
    policy = call("iam", "create_policy", PolicyName="all-of-s3", PolicyDocument=POLICY)["Policy"]["Arn"]
    call("iam", "attach_role_policy", RoleName="worker-role", PolicyArn=policy)
    vpc = call("ec2", "create_vpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = call("ec2", "create_subnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    table = call("ec2", "create_route_table", VpcId=vpc)["RouteTable"]["RouteTableId"]
    call("ec2", "associate_route_table", SubnetId=subnet, RouteTableId=table)
    group = call("ec2", "create_security_group", GroupName="web", Description="the web", VpcId=vpc)["GroupId"]
    queue = call("sqs", "create_queue", QueueName="jobs", Attributes={"MaximumMessageSize": "2048"})[
        "QueueUrl"
    ]
    topic = call("sns", "create_topic", Name="news")["TopicArn"]
    call("logs", "create_log_group", logGroupName="/app/web")
    call(
        "dynamodb",
        "create_table",
        TableName="people",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return [
        entry("SsmParameter", "plain", "/app/plain"),
        entry("SsmParameter", "password", "/app/secret"),
        entry("S3Bucket", "logs", "shop-logs-bucket"),
        entry("S3BucketVersioning", "versions", "shop-logs-bucket"),
        entry("IamRole", "worker", "worker-role"),
        entry("IamPolicy", "s3", policy),
        entry("IamRolePolicyAttachment", "may", f"worker-role/{policy}"),
        entry("Vpc", "net", vpc),
        entry("Subnet", "front", subnet),
        entry("RouteTable", "routes", table),
        entry("RouteTableAssociation", "way", f"{subnet}/{table}"),
        entry("SecurityGroup", "web", group),
        entry("SqsQueue", "jobs", queue),
        entry("SnsTopic", "news", topic),
        entry("CloudwatchLogGroup", "output", "/app/web"),
        entry("DynamodbTable", "people", "people"),
    ]


def test_many_services(cloud: Moto, room: Room) -> None:
    """Looked up, recorded, declared: a preview shows no change, and a second import does nothing."""
    resources = existing(cloud)
    room.write("resources.json", json.dumps({"resources": resources}))

    said = room.run(
        "import",
        "-f",
        "resources.json",
        "--yes",
        "--skip-preview",
        "--out",
        "__main__.py",
        "--force",
        seconds=300,
    )

    assert said.status == 0, said.text
    source = (room.project / "__main__.py").read_text()
    preview = room.run("preview", "--diff", seconds=300)
    assert preview.status == 0, preview.text
    assert f"{len(resources) + 1} unchanged" in preview.out, f"{said.text}\n{source}\n{preview.text}"
    for line in (
        '    value=config.require_secret("passwordValue"),',
        "    bucket=logs.id,",
        "    vpc_id=net.id,",
        "    subnet_id=front.id,",
        "    policy_arn=s3.arn,",
    ):
        assert line in source.splitlines(), f"{line}\n{source}"
    assert "hush-hush" not in source + said.text + room.ok("stack", "export")

    again = room.run("import", "-f", "resources.json", "--yes", "--skip-preview", seconds=300)

    assert again.status == 0, again.text
    assert "imported" not in again.out


def test_what_cannot_be_imported(room: Room) -> None:
    """Ids of nothing, ids of another form, and a type that its provider does not import: each says so."""
    cases = {
        ("Vpc", "vpc-0123456789abcdef0"): "resource 'vpc-0123456789abcdef0' does not exist",
        ("SsmParameter", "/nothing"): "resource '/nothing' does not exist",
        (
            "IamRolePolicyAttachment",
            "worker",
        ): "`worker` cannot be imported as aws_iam_role_policy_attachment",
        ("LambdaInvocation", "any"): "`any` cannot be imported as aws_lambda_invocation",
    }
    resources = [entry(kind, kind.lower(), id_) for kind, id_ in cases]
    room.write("resources.json", json.dumps({"resources": resources}))

    said = room.run(
        "import", "-f", "resources.json", "--yes", "--skip-preview", "--generate-code=false", seconds=300
    )

    assert said.status == 1
    for message in cases.values():
        assert message in said.out, f"{message}\n{said.text}"
    for wrong in ("aws_s3_bucket", "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"):
        typo = room.run("import", wrong, "b", "b", "--yes", seconds=120)
        assert f"has no resource type `{wrong}`" in typo.err
        assert "aws:index/s3Bucket:S3Bucket" in typo.err


def test_by_option_and_get(cloud: Moto, room: Room) -> None:
    """§5.14, §8.10: the option takes Terraform's ids, whatever the resource's own is; `get` reads by id."""
    cloud.reset()
    by_id = {(each["type"].rpartition(":")[2], each["name"]): each["id"] for each in existing(cloud)}
    policy, vpc = by_id["IamPolicy", "s3"], by_id["Vpc", "net"]
    subnet, way = by_id["Subnet", "front"], by_id["RouteTableAssociation", "way"]
    program = f"""
        import pulumi
        import pulumi_aws as aws

        def taken(id):
            return pulumi.ResourceOptions(import_=id)

        may = aws.iam.IamRolePolicyAttachment(
            "may", role="worker-role", policy_arn="{policy}", opts=taken("worker-role/{policy}")
        )
        way = aws.ec2.RouteTableAssociation(
            "way", subnet_id="{subnet}", route_table_id="{way.partition("/")[2]}", opts=taken("{way}")
        )
        net = aws.ec2.Vpc.get("net", "{vpc}")
        plain = aws.ssm.SsmParameter(
            "plain",
            name="/app/plain",
            type="String",
            value="v",
            description="another",
            opts=taken("/app/plain"),
        )
        pulumi.export("cidr", net.cidr_block)
        pulumi.export("way", way.id)
        """
    room.program(program)
    previewed = room.run("preview", "--json", seconds=300)
    assert previewed.status == 0, previewed.text
    assert json.loads(previewed.out)["changeSummary"] == {"create": 1, "import": 3, "update": 1}

    up = room.run("up", "--yes", "--skip-preview", seconds=300)

    assert up.status == 0, up.text
    assert room.outputs()["cidr"] == "10.0.0.0/16"
    assert room.outputs()["way"].startswith("rtbassoc-")
    answer = cloud.call("ssm", "describe_parameters")["Parameters"]
    assert {each["Name"]: each.get("Description") for each in answer}["/app/plain"] == "another"
    assert json.loads(room.ok("preview", "--json", seconds=300))["changeSummary"] == {"same": 4}

    room.program(program.replace(vpc, "vpc-0123456789abcdef0"))
    missing = room.run("preview", seconds=300)
    assert missing.status == 1
    assert "'vpc-0123456789abcdef0' does not exist" in missing.out
