"""
Programs written for `pulumi_aws` run on Terraform's provider (terraform.md §8, packages.md §4).

With the modules, classes, arguments and functions of the package made by hand, and none of
what we call them by rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import moto
from support.aws_rooms import aws_room
from support.commands import Room
from support.moto import Moto

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

KINDS = (
    *("aws_caller_identity", "aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm", "aws_dynamodb_table"),
    *("aws_iam_policy_document", "aws_iam_role", "aws_region", "aws_route53_record", "aws_route53_zone"),
    *("aws_s3_bucket", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_versioning", "aws_s3_object"),
    *("aws_security_group", "aws_sns_topic"),
    *("aws_sns_topic_subscription", "aws_sqs_queue", "aws_ssm_parameter", "aws_subnet", "aws_vpc"),
)

PROGRAM = """
import pulumi
import pulumi_aws as aws

local = aws.Provider("local", **{config!r})
opts = pulumi.ResourceOptions(provider=local)
asking = pulumi.InvokeOptions(provider=local)

bucket = aws.s3.BucketV2("site", bucket="the-site", opts=opts)
aws.s3.BucketVersioningV2(
    "versions",
    bucket=bucket.id,
    versioning_configuration=aws.s3.BucketVersioningV2VersioningConfigurationArgs(status="Enabled"),
    opts=opts,
)
page = aws.s3.BucketObjectv2("page", bucket=bucket.bucket, key="index.html", content="<p>", opts=opts)
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=opts)
subnet = aws.ec2.Subnet("net", vpc_id=vpc.id, cidr_block="10.0.1.0/24", opts=opts)
group = aws.ec2.SecurityGroup(
    "web",
    vpc_id=vpc.id,
    description="Web",
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=80, to_port=80, cidr_blocks=["0.0.0.0/0"]),
    ],
    egress=[{{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}}],
    opts=opts,
)
document = aws.iam.get_policy_document(
    statements=[
        aws.iam.GetPolicyDocumentStatementArgs(
            actions=["sts:AssumeRole"],
            principals=[{{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}}],
        )
    ],
    opts=asking,
)
role = aws.iam.Role("run", name="run", assume_role_policy=document.json, opts=opts)
topic = aws.sns.Topic("news", name="news", opts=opts)
queue = aws.sqs.Queue("jobs", name="jobs", visibility_timeout_seconds=60, opts=opts)
aws.sns.TopicSubscription("jobs", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=opts)
table = aws.dynamodb.Table(
    "items",
    name="items",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    attributes=[
        aws.dynamodb.TableAttributeArgs(name="id", type="S"),
        aws.dynamodb.TableAttributeArgs(name="owner", type="S"),
    ],
    global_secondary_indexes=[{{"name": "owners", "hash_key": "owner", "projection_type": "ALL"}}],
    opts=opts,
)
aws.cloudwatch.LogGroup("logs", name="logs", retention_in_days=7, opts=opts)
alarm = aws.cloudwatch.MetricAlarm(
    "busy",
    name="busy",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=1,
    metric_name="ApproximateNumberOfMessagesVisible",
    namespace="AWS/SQS",
    period=60,
    statistic="Average",
    threshold=10,
    opts=opts,
)
zone = aws.route53.Zone("zone", name="example.com", opts=opts)
aws.route53.Record("www", zone_id=zone.zone_id, name="www", type="A", ttl=60, records=["10.0.0.1"], opts=opts)
where = aws.ssm.Parameter("where", name="/where", type="String", value=queue.url, opts=opts)
again = aws.ssm.get_parameter_output(name=where.name, opts=asking)

pulumi.export("account", aws.get_caller_identity(opts=asking).account_id)
pulumi.export("region", aws.get_region(opts=asking).name)
pulumi.export("ports", group.ingress.apply(lambda rules: [rule.from_port for rule in rules]))
pulumi.export("same", pulumi.Output.all(again.value, queue.url).apply(lambda both: both[0] == both[1]))
pulumi.export("indexes", table.global_secondary_indexes.apply(lambda found: [each.name for each in found]))
pulumi.export("alarm", alarm.name)
"""


LIFECYCLE = """
import pulumi
import pulumi_aws as aws

local = aws.Provider("local", **{config!r})
opts = pulumi.ResourceOptions(provider=local)
rule = aws.s3.BucketLifecycleConfigurationV2RuleArgs(
    id="old",
    status="Enabled",
    filter=aws.s3.BucketLifecycleConfigurationV2RuleFilterArgs(prefix="old/"),
    expiration={{"days": 9}},
)
tags = {{"and": {{"prefix": "tagged/", "tags": {{"keep": "no", "by": "us"}}}}}}
dropped = {{"id": "tagged", "status": "Enabled", "filter": tags, "expiration": {{"days": 3}}}}
old = aws.s3.BucketLifecycleConfigurationV2("old", bucket="b", rules=[rule, dropped], opts=opts)
pulumi.export("days", old.rules.apply(lambda rules: [rule.expiration.days for rule in rules]))
pulumi.export("prefix", old.rules.apply(lambda rules: rules[0].filter.prefix))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return aws_room(tmp_path, KINDS)


def test_one_of_many_services(room: Room, server: Moto) -> None:
    """Created, left as it is when nothing has changed, and destroyed."""
    room.program(PROGRAM.format(config=server.provider_config()))

    room.ok("up", "--yes", seconds=300)
    assert json.loads(room.ok("stack", "output", "--json")) == {
        "account": "123456789012",
        "region": "us-east-1",
        "ports": [80],
        "same": "[secret]",  # as the values of parameters are
        "indexes": ["owners"],
        "alarm": "busy",
    }
    assert server.call("ssm", "get_parameter", Name="/where")["Parameter"]["Value"].endswith("/jobs")
    assert server.call("s3", "get_bucket_versioning", Bucket="the-site")["Status"] == "Enabled"

    unchanged = room.ok("up", "--yes", "--expect-no-changes", seconds=300)
    assert "unchanged" in unchanged

    room.ok("destroy", "--yes", seconds=300)
    assert server.call("s3", "list_buckets")["Buckets"] == []


def test_one_value_for_a_list_further_down(room: Room, server: Moto) -> None:
    """terraform.md §8.5: in a class, in dictionaries and in results; the provider has no objection."""
    room.program(LIFECYCLE.format(config=server.provider_config()))

    said = room.ok("preview", seconds=300)

    assert "[0]: 9" in said
    assert "[1]: 3" in said
    assert 'prefix: "old/"' in said
