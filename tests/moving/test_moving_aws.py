"""Terraform's AWS resources: moved in, previewed without a change, and destroyed (terraform.md §11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import moto, tfproviders
from support.commands import Room, names
from support.moto import Moto
from support.moving import configure_aws, empty_room
from support.terraform_command import TerraformProject

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

_SERVICES = ("dynamodb", "ec2", "iam", "logs", "s3", "sns", "sqs", "ssm", "sts")

MAIN = """
    terraform {
      required_providers {
        aws = {
          source = "hashicorp/aws"
        }
      }
    }

    resource "aws_vpc" "main" {
      cidr_block           = "10.0.0.0/16"
      enable_dns_support   = false
      tags                 = { Name = "shop" }
    }

    module "net" {
      source   = "./net"
      for_each = { a = "10.0.1.0/24", b = "10.0.2.0/24" }
      vpc_id   = aws_vpc.main.id
      cidr     = each.value
      zone     = "us-east-1${each.key}"
    }

    resource "aws_security_group" "web" {
      name   = "web"
      vpc_id = aws_vpc.main.id
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }

    resource "aws_s3_bucket" "data" {
      bucket        = "shop-data"
      force_destroy = true
    }

    resource "aws_s3_bucket_versioning" "data" {
      bucket = aws_s3_bucket.data.id
      versioning_configuration {
        status = "Enabled"
      }
    }

    resource "aws_s3_object" "page" {
      for_each = { index = "hello", about = "us" }
      bucket   = aws_s3_bucket.data.bucket
      key      = "${each.key}.html"
      content  = each.value
    }

    resource "aws_iam_role" "worker" {
      name = "worker"
      assume_role_policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [
          { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }
        ]
      })
    }

    resource "aws_iam_role_policy" "worker" {
      name = "read"
      role = aws_iam_role.worker.id
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.data.arn}/*" }]
      })
    }

    resource "aws_ssm_parameter" "password" {
      name  = "/shop/password"
      type  = "SecureString"
      value = sensitive("hunter2 hunter2")
    }

    resource "aws_sqs_queue" "jobs" {
      count = 2
      name  = "jobs-${count.index}"
    }

    resource "aws_sns_topic" "news" {
      name = "news"
    }

    resource "aws_sns_topic_subscription" "jobs" {
      count     = 2
      topic_arn = aws_sns_topic.news.arn
      protocol  = "sqs"
      endpoint  = aws_sqs_queue.jobs[count.index].arn
    }

    resource "aws_dynamodb_table" "carts" {
      name         = "carts"
      billing_mode = "PAY_PER_REQUEST"
      hash_key     = "id"
      attribute {
        name = "id"
        type = "S"
      }
    }

    resource "aws_cloudwatch_log_group" "west" {
      provider          = aws.west
      name              = "/shop/west"
      retention_in_days = 7
    }

    resource "aws_instance" "worker" {
      ami           = "ami-12c6146b"
      instance_type = "t2.micro"
      user_data     = "echo hello" # of which the state has a digest
    }

    resource "aws_sqs_queue" "broken" {
      name = "broken"
    }

    data "aws_region" "here" {}

    output "vpc" {
      value = aws_vpc.main.id
    }

    output "subnets" {
      value = { for key, net in module.net : key => net.id }
    }

    output "password" {
      value     = aws_ssm_parameter.password.value
      sensitive = true
    }
    """
NET = """
    variable "vpc_id" {}
    variable "cidr" {}
    variable "zone" {}

    resource "aws_subnet" "this" {
      vpc_id            = var.vpc_id
      cidr_block        = var.cidr
      availability_zone = var.zone
    }

    output "id" {
      value = aws_subnet.this.id
    }
    """

VPC_LINE = (
    'vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_support=False, tags={"Name": "shop"})'
)


def provider_block(cloud: Moto, *, alias: str = "", region: str = "us-east-1") -> str:
    endpoints = "\n".join(f'    {each} = "{cloud.endpoint}"' for each in _SERVICES)
    named = f'  alias = "{alias}"\n' if alias else ""
    return (
        f'provider "aws" {{\n{named}  region = "{region}"\n  access_key = "test"\n  secret_key = "test"\n'
        "  skip_credentials_validation = true\n  skip_metadata_api_check = true\n"
        "  skip_requesting_account_id = true\n  s3_use_path_style = true\n"
        f"  endpoints {{\n{endpoints}\n  }}\n}}\n"
    )


@pytest.fixture(scope="module")
def cloud() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def made(cloud: Moto, tmp_path: Path) -> TerraformProject:
    """What `terraform` made on the emulator, with one object tainted."""
    project = TerraformProject(tmp_path / "infrastructure", tfproviders.aws())
    providers = provider_block(cloud) + provider_block(cloud, alias="west", region="us-west-2")
    project.apply({"main.tf": MAIN, "providers.tf": providers, "net/main.tf": NET})
    project.run("taint", "aws_sqs_queue.broken")
    return project


@pytest.fixture
def room(cloud: Moto, made: TerraformProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A project that has the package and its configuration, but neither program nor resources."""
    found = empty_room(tmp_path, made, monkeypatch, "hashicorp/aws")
    west = {
        **cloud.provider_config(),
        "region": "us-west-2",
        "endpoints": [dict.fromkeys(_SERVICES, cloud.endpoint)],
    }
    configure_aws(found, cloud)
    found.ok("config", "set", "awsWest", json.dumps(west))
    return found


def test_it_is_moved_in_previewed_and_destroyed(cloud: Moto, made: TerraformProject, room: Room) -> None:
    """§11: nothing is touched, the written program changes nothing, and we can take everything down."""
    before = made.state_file.read_bytes()
    done = room.run("import", "--from", "terraform", str(made.folder), "--yes", seconds=300)
    assert done.status == 0, done.text
    assert made.state_file.read_bytes() == before
    assert "data.aws_region.here: a data source" in done.out
    assert "aws_sqs_queue.broken  ->  SqsQueue broken (tainted" in done.out
    assert len(room.resources()) == 20
    source = (room.project / "__main__.py").read_text()
    for line in (
        "    vpc_id=vpc.id,",
        "    endpoint=jobs_1_sqs_queue.arn,",
        "    bucket=data_s3_bucket.bucket,",
        "        aws.ec2.SecurityGroupIngressArgs(",
        VPC_LINE,
        '    value=config.require_secret("passwordValue"),',
        "    opts=pulumi.ResourceOptions(provider=aws_west),",
        'pulumi.export("subnets", {"a": net_a_subnet.id, "b": net_b_subnet.id})',
        'pulumi.export("password", pulumi.Output.secret(password.value))',
    ):
        assert line in source.splitlines(), f"{line}\n{source}"
    assert 'pulumi.Output.concat(data_s3_bucket.arn, "/*")' in source, source
    assert "hunter2" not in source + (room.project / "Pulumi.dev.yaml").read_text() + done.text
    assert room.outputs()["password"] == "hunter2 hunter2"

    changes = json.loads(room.ok("preview", "--json", seconds=300))["changeSummary"]
    assert changes == {"same": 21, "replace": 1}, changes
    room.ok("up", "--yes", seconds=300)
    room.ok("preview", "--expect-no-changes", "--refresh", seconds=300)

    room.ok("destroy", "--yes", seconds=300)
    assert names(room.resources()) == []
    assert cloud.call("s3", "list_buckets")["Buckets"] == []
    assert not cloud.call("sqs", "list_queues").get("QueueUrls")
    assert cloud.call("dynamodb", "list_tables")["TableNames"] == []
    assert cloud.call("ssm", "describe_parameters")["Parameters"] == []
    assert cloud.call("sns", "list_topics")["Topics"] == []
    assert "worker" not in [each["RoleName"] for each in cloud.call("iam", "list_roles")["Roles"]]
    assert not [each for each in cloud.call("ec2", "describe_vpcs")["Vpcs"] if not each["IsDefault"]]
