"""
The genuine AWS provider against an AWS of our own, looked at from outside with boto3.

One short life by default; sixteen kinds of resources of twelve services where slow tests run.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import moto
from support.deployments import Run
from support.goplugin import cache
from support.moto import CallError, Moto
from support.terraform_deployments import TerraformBench, TerraformClient

from stackwright.goals import Registered
from stackwright.state import OperationKind, PendingOperation
from stackwright.urn import UNKNOWN_ID
from stackwright.values import UNKNOWN, Secret, contains_secrets, reveal

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def aws(server: Moto) -> Moto:
    server.reset()
    return server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for settings."""
    return tmp_path_factory.mktemp("aws")


def bench_of(aws: Moto, home: Path) -> TerraformBench:
    config = {_camel(name): value for name, value in aws.provider_config().items()}
    # Hashes and schema of so large a provider are kept between runs, as users keep them.
    return TerraformBench("aws", home, config, environ={"STACKWRIGHT_HOME": str(cache() / "aws-home")})


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def fine(ran: Run) -> Run:
    assert ran.errors == []
    return ran


def done(ran: Run) -> list[tuple[str, str]]:
    """What was done, the stack and its provider left out."""
    return [step for step in fine(ran).changes if step[1] not in ("explicit", "proj-dev")]


def id_of(made: Registered) -> Any:
    return UNKNOWN if made.id in (None, "", UNKNOWN_ID) else made.id


class TestParameter:
    def test_its_life(self, aws: Moto, home: Path) -> None:
        """Create, no change, update, drift, replacement, data source, destroy (terraform.md §5, §14.8)."""
        bench = bench_of(aws, home)

        def one(value: str, name: str = "/app/one", **more: Any) -> Any:
            inputs = {"name": name, "type": "SecureString", "value": value, **more}
            return bench.program(lambda client: client.make("SsmParameter", "p", inputs))

        def live(name: str = "/app/one") -> dict[str, Any]:
            found = aws.call("ssm", "get_parameter", Name=name, WithDecryption=True)
            parameter: dict[str, Any] = found["Parameter"]
            return parameter

        assert done(bench.preview(one("v1"))) == [("create", "p")]
        assert done(bench.up(one("v1", tags={"k": "v"}))) == [("create", "p")]
        assert live()["Value"] == "v1"
        record = bench.record("p")
        assert record.id == "/app/one"
        assert record.outputs["arn"] == live()["ARN"]
        assert contains_secrets(record.outputs["value"])
        assert bench.raw("p")["tags"] == {"k": "v"}

        assert done(bench.up(one("v1", tags={"k": "v"}))) == []
        assert done(bench.up(one("v2", tags={"k": "v"}))) == [("update", "p")]
        assert live()["Version"] == 2

        aws.call("ssm", "put_parameter", Name="/app/one", Value="other", Type="SecureString", Overwrite=True)
        fine(bench.refresh())
        assert reveal(bench.record("p").outputs["value"]) == "other"
        assert done(bench.up(one("v2", tags={"k": "v"}))) == [("update", "p")]
        assert live()["Value"] == "v2"

        replaced = bench.preview(one("v2", name="/app/two", tags={"k": "v"}))
        assert replaced.step("p").detailed["name"].kind.replaces
        assert ("create-replacement", "p") in done(bench.up(one("v2", name="/app/two", tags={"k": "v"})))
        assert live("/app/two")["Value"] == "v2"
        with pytest.raises(CallError, match="ParameterNotFound"):
            live()

        fine(bench.destroy())
        with pytest.raises(CallError, match="ParameterNotFound"):
            live("/app/two")

    def test_write_only_values_data_sources_and_functions(self, aws: Moto, home: Path) -> None:
        """§5.23, §5.17, §5.19: through to the cloud, and nowhere else."""
        bench = bench_of(aws, home)
        answers: dict[str, Any] = {}

        def body(client: TerraformClient) -> None:
            made = client.make(
                "SsmParameter",
                "p",
                {"name": "/wo", "type": "SecureString", "valueWo": "hush-hush", "valueWoVersion": 1},
            )
            found = client.call("getSsmParameter", {"name": "/wo"}, depends_on=(made.urn,))
            answers.update(found.value)
            parsed = client.call("arnParse", {"arn": "arn:aws:iam::123456789012:role/r"})
            answers["parsed"] = parsed.value["result"]

        assert done(bench.up(bench.program(body))) == [("create", "p")]
        assert isinstance(answers["value"], Secret)
        assert answers["value"].value == "hush-hush"
        assert answers["parsed"]["service"] == "iam"
        assert "hush-hush" not in repr(reveal([[each.inputs, each.outputs] for each in bench.state]))
        assert done(bench.up(bench.program(body))) == []

    def test_imports(self, aws: Moto, home: Path) -> None:
        """§5.14: what exists is adopted and left alone; what does not is said not to."""
        aws.call("ssm", "put_parameter", Name="/old", Value="v", Type="String", Description="d")
        bench = bench_of(aws, home)

        def adopt(id_: str) -> Any:
            inputs = {"name": "/old", "type": "String", "value": "v", "description": "d"}
            return bench.program(lambda client: client.make("SsmParameter", "p", inputs, import_id=id_))

        missing = bench.up(adopt("/nothing"))
        assert any("does not exist" in line for line in missing.errors)
        assert done(bench.up(adopt("/old"))) == [("import", "p")]
        assert done(bench.up(adopt("/old"))) == []
        assert aws.call("ssm", "get_parameter", Name="/old")["Parameter"]["Version"] == 1

    def test_a_kill_forgets_nothing_and_makes_nothing_twice(self, aws: Moto, home: Path) -> None:
        """What was being created when everything stopped is found again by its name, and adopted."""
        bench = bench_of(aws, home)
        inputs = {"name": "/app/one", "type": "String", "value": "v", "tags": {"k": "v"}}
        program = bench.program(lambda client: client.make("SsmParameter", "p", inputs))
        fine(bench.up(program))
        (key,) = [key for key, state in bench.records.items() if state.id == "/app/one"]
        lost = msgspec.structs.replace(bench.records.pop(key), id="", outputs={}, created="", modified="")
        bench.pending[7] = PendingOperation(number=7, kind=OperationKind.CREATING, resource=lost)

        assert done(bench.up(program)) == []
        assert bench.pending == {}
        assert bench.record("p").id == "/app/one"
        assert aws.call("ssm", "get_parameter", Name="/app/one")["Parameter"]["Version"] == 1
        assert done(bench.up(program)) == []

    def test_a_killed_create_is_found_by_an_address_like_those_of_others(self, aws: Moto, home: Path) -> None:
        """An ARN ends in the topic's name, as can be seen at the topics that are recorded."""
        bench = bench_of(aws, home)

        def program(*names: str) -> Any:
            return bench.program(
                lambda client: [client.make("SnsTopic", name, {"name": name}) for name in names]
            )

        fine(bench.up(program("first", "second")))
        (key,) = [key for key, state in bench.records.items() if state.id.endswith(":second")]
        lost = msgspec.structs.replace(bench.records.pop(key), id="", outputs={}, created="", modified="")
        bench.pending[7] = PendingOperation(number=7, kind=OperationKind.CREATING, resource=lost)

        assert done(bench.up(program("first", "second"))) == []
        assert bench.record("second").id.endswith(":second")
        assert bench.pending == {}

    def test_what_keeps_its_name_goes_before_its_successor_comes(self, aws: Moto, home: Path) -> None:
        """A role of another path is another role, of the same name."""
        bench = bench_of(aws, home)

        def program(path: str) -> Any:
            inputs = {"name": "role", "path": path, "assumeRolePolicy": ROLE}
            return bench.program(lambda client: client.make("IamRole", "role", inputs))

        fine(bench.up(program("/")))
        changes = done(bench.up(program("/other/")))
        assert changes.index(("delete-replaced", "role")) < changes.index(("create-replacement", "role"))
        assert aws.call("iam", "get_role", RoleName="role")["Role"]["Path"] == "/other/"
        assert done(bench.up(program("/other/"))) == []


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
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Action": "s3:*", "Effect": "Allow", "Resource": "*"}]}
)


def everything(client: TerraformClient, *, state: str) -> None:
    """Sixteen resources; *state* is what is updated in each that can be."""
    tags = {"state": state}
    more = state == "second"
    client.make("SsmParameter", "parameter", {"name": "/p", "type": "String", "value": state})
    bucket = client.make("S3Bucket", "bucket", {"bucket": "bucket", "tags": tags, "forceDestroy": True})
    client.make(
        "S3Object",
        "object",
        {"bucket": bucket.outputs["bucket"], "key": "k", "content": state},
        depends_on=(bucket.urn,),
    )
    role = client.make("IamRole", "role", {"name": "role", "assumeRolePolicy": ROLE, "tags": tags})
    policy = client.make("IamPolicy", "policy", {"name": "policy", "policy": POLICY, "tags": tags})
    client.make(
        "IamRolePolicyAttachment",
        "attachment",
        {"role": role.outputs["name"], "policyArn": policy.outputs.get("arn")},
        depends_on=(role.urn, policy.urn),
    )
    vpc = client.make("Vpc", "vpc", {"cidrBlock": "10.0.0.0/16", "tags": tags})
    client.make(
        "Subnet",
        "subnet",
        {"vpcId": id_of(vpc), "cidrBlock": "10.0.1.0/24", "tags": tags},
        depends_on=(vpc.urn,),
    )
    rule = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}
    rules = [rule, {**rule, "fromPort": 443, "toPort": 443}] if more else [rule]
    client.make(
        "SecurityGroup",
        "group",
        {"name": "group", "vpcId": id_of(vpc), "ingresses": rules, "tags": tags},
        depends_on=(vpc.urn,),
    )
    client.make(
        "DynamodbTable",
        "table",
        {
            "name": "table",
            "hashKey": "id",
            "billingMode": "PAY_PER_REQUEST",
            "attributes": [{"name": "id", "type": "S"}],
            "tags": tags,
        },
    )
    client.make("SqsQueue", "queue", {"name": "queue", "visibilityTimeoutSeconds": 60 if more else 30})
    client.make("SnsTopic", "topic", {"name": "topic", "displayName": state})
    client.make("CloudwatchLogGroup", "logs", {"name": "logs", "retentionInDays": 14 if more else 7})
    zone = client.make("Route53Zone", "zone", {"name": "example.com", "comment": state})
    client.make(
        "Route53Record",
        "record",
        {
            "zoneId": zone.outputs.get("zoneId"),
            "name": "www.example.com",
            "type": "A",
            "ttl": 120 if more else 60,
            "records": ["10.0.0.1"],
        },
        depends_on=(zone.urn,),
    )
    client.make("SecretsmanagerSecret", "secret", {"name": "secret", "description": state})
    client.make(
        "CloudwatchEventRule",
        "schedule",
        {"name": "schedule", "scheduleExpression": "rate(1 hour)", "description": state},
    )
    client.make("EcrRepository", "images", {"name": "images", "tags": tags, "forceDelete": True})
    client.make("KmsKey", "key", {"description": state, "deletionWindowInDays": 7})


NAMES = {
    *("parameter", "bucket", "object", "role", "policy", "attachment", "vpc", "subnet", "group", "table"),
    *("queue", "topic", "logs", "zone", "record", "secret", "schedule", "images", "key"),
}


def drift(aws: Moto, bench: TerraformBench) -> dict[str, Callable[[], Any]]:
    """What is changed behind our back, and how to see that it was put right again."""
    aws.call("ssm", "put_parameter", Name="/p", Value="drifted", Type="String", Overwrite=True)
    aws.call("logs", "put_retention_policy", logGroupName="logs", retentionInDays=30)
    url = bench.record("queue").id
    aws.call("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
    topic = bench.record("topic").id
    aws.call(
        "sns", "set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="drifted"
    )
    aws.call("s3", "put_bucket_tagging", Bucket="bucket", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
    aws.call("iam", "tag_role", RoleName="role", Tags=[{"Key": "state", "Value": "drifted"}])
    group = bench.record("group").id
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    aws.call("ec2", "authorize_security_group_ingress", GroupId=group, IpPermissions=[permission])
    return {
        "parameter": lambda: aws.call("ssm", "get_parameter", Name="/p")["Parameter"]["Value"] == "second",
        "logs": lambda: (
            aws.call("logs", "describe_log_groups", logGroupNamePrefix="logs")["logGroups"][0][
                "retentionInDays"
            ]
            == 14
        ),
        "queue": lambda: (
            aws.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"][
                "VisibilityTimeout"
            ]
            == "60"
        ),
        "topic": lambda: (
            aws.call("sns", "get_topic_attributes", TopicArn=topic)["Attributes"]["DisplayName"] == "second"
        ),
        "bucket": lambda: (
            aws.call("s3", "get_bucket_tagging", Bucket="bucket")["TagSet"]
            == [{"Key": "state", "Value": "second"}]
        ),
        "role": lambda: (
            aws.call("iam", "get_role", RoleName="role")["Role"]["Tags"]
            == [{"Key": "state", "Value": "second"}]
        ),
        "group": lambda: _open_ports(aws, group) == [80, 443],
    }


def _open_ports(aws: Moto, group: str) -> list[int]:
    (found,) = aws.call("ec2", "describe_security_groups", GroupIds=[group])["SecurityGroups"]
    return sorted(each["FromPort"] for each in found["IpPermissions"])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_life_of_twelve_services(aws: Moto, home: Path) -> None:
    """Each is created, left alone, updated, found changed and put right, imported, and destroyed."""
    bench = bench_of(aws, home)
    first = bench.program(lambda client: everything(client, state="first"))
    second = bench.program(lambda client: everything(client, state="second"))

    assert {name for _, name in done(bench.preview(first))} == NAMES
    assert {op for op, _ in done(bench.up(first))} == {"create"}
    assert set(bench.names) == NAMES
    assert done(bench.up(first)) == []
    for name in NAMES:
        assert bench.raw(name), name

    fine(bench.refresh())
    assert done(bench.up(first)) == []

    updated = done(bench.up(second))
    assert {name for op, name in updated if op == "update"} == NAMES - {"attachment"}
    assert {op for op, _ in updated} == {"update"}
    assert done(bench.up(second)) == []

    repaired = drift(aws, bench)
    fine(bench.refresh())
    assert {name for _, name in done(bench.up(second))} == repaired.keys()
    for name, right in repaired.items():
        assert right(), name
    assert done(bench.up(second)) == []

    ids = {name: bench.record(name).id for name in NAMES}
    for name in ("bucket", "role", "vpc", "table", "queue", "topic", "logs"):
        adopted = bench_of(aws, home)
        _adopt(adopted, second, name, ids[name])
    fine(bench.destroy())
    assert aws.call("s3", "list_buckets")["Buckets"] == []
    assert aws.call("dynamodb", "list_tables")["TableNames"] == []
    assert aws.call("iam", "list_policies", Scope="Local")["Policies"] == []
    assert "QueueUrls" not in aws.call("sqs", "list_queues")
    assert aws.call("route53", "list_hosted_zones")["HostedZones"] == []
    assert aws.call("logs", "describe_log_groups")["logGroups"] == []
    assert id_absent(aws, ids["vpc"])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_function(aws: Moto, home: Path, tmp_path: Path) -> None:
    """Its code is a file of the program's; its environment is changed in place, its name replaces it."""
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("main.py", "def handler(event, context): return 1")
    bench = bench_of(aws, home)

    def program(name: str, stage: str) -> Any:
        def body(client: TerraformClient) -> None:
            role = client.make("IamRole", "role", {"name": "role", "assumeRolePolicy": ROLE})
            client.make(
                "LambdaFunction",
                "function",
                {
                    "functionName": name,
                    "role": role.outputs.get("arn", UNKNOWN),
                    "handler": "main.handler",
                    "runtime": "python3.12",
                    "filename": str(archive),
                    "environment": {"variables": {"STAGE": stage}},
                },
                depends_on=(role.urn,),
            )

        return bench.program(body)

    def variables(name: str) -> Any:
        found = aws.call("lambda", "get_function", FunctionName=name)
        return found["Configuration"]["Environment"]["Variables"]

    assert ("create", "function") in done(bench.up(program("one", "test")))
    assert variables("one") == {"STAGE": "test"}
    assert done(bench.up(program("one", "test"))) == []
    changed = bench.preview(program("one", "live"))
    assert "environment.variables.STAGE" in changed.step("function").detailed
    assert done(bench.up(program("one", "live"))) == [("update", "function")]
    assert variables("one") == {"STAGE": "live"}
    assert ("create-replacement", "function") in done(bench.up(program("two", "live")))
    fine(bench.destroy())
    assert aws.call("lambda", "list_functions")["Functions"] == []


def _adopt(bench: TerraformBench, program: Any, name: str, id_: str) -> None:
    """Import *name* alone with the inputs that the program has for it; nothing is to be done to it."""
    given: dict[str, Any] = {}

    class Recorder:
        """Stands in for the client, and notes what one resource is made of."""

        def make(self, kind: str, made: str, inputs: Any, **options: Any) -> Registered:
            if made == name:
                given.update(kind=kind, inputs=inputs)
            return Registered(urn=made, id="x", outputs={**inputs, "arn": "x", "zoneId": "x"})  # type: ignore[arg-type]

    everything(Recorder(), state="second")  # type: ignore[arg-type]
    ran = bench.up(
        bench.program(lambda client: client.make(given["kind"], name, given["inputs"], import_id=id_))
    )
    assert done(ran)[0] == ("import", name)
    again = bench.up(bench.program(lambda client: client.make(given["kind"], name, given["inputs"])))
    assert done(again) == [], name


def id_absent(aws: Moto, vpc: str) -> bool:
    found = aws.call("ec2", "describe_vpcs")["Vpcs"]
    return vpc not in {each["VpcId"] for each in found}


def network(client: TerraformClient, *, port: int) -> None:
    """A network with an address in it, whose parts name each other."""
    vpc = client.make("Vpc", "vpc", {"cidrBlock": "10.0.0.0/16"})
    gateway = client.make("InternetGateway", "gateway", {"vpcId": id_of(vpc)}, depends_on=(vpc.urn,))
    subnets = [
        client.make(
            "Subnet",
            f"subnet{at}",
            {"vpcId": id_of(vpc), "cidrBlock": f"10.0.{at}.0/24"},
            depends_on=(vpc.urn,),
        )
        for at in range(2)
    ]
    table = client.make(
        "RouteTable",
        "table",
        {"vpcId": id_of(vpc), "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": id_of(gateway)}]},
        depends_on=(vpc.urn, gateway.urn),
    )
    for at, subnet in enumerate(subnets):
        client.make(
            "RouteTableAssociation",
            f"association{at}",
            {"subnetId": id_of(subnet), "routeTableId": id_of(table)},
            depends_on=(subnet.urn, table.urn),
        )
    group = client.make("SecurityGroup", "group", {"name": "web", "vpcId": id_of(vpc)}, depends_on=(vpc.urn,))
    rule = {"securityGroupId": id_of(group), "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp"}
    client.make(
        "VpcSecurityGroupIngressRule",
        "in",
        {**rule, "fromPort": port, "toPort": port},
        depends_on=(group.urn,),
    )
    old_rule = {"securityGroupId": id_of(group), "type": "egress", "protocol": "-1"}
    client.make(
        "SecurityGroupRule",
        "out",
        {**old_rule, "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]},
        depends_on=(group.urn,),
    )
    client.make("Eip", "address", {"domain": "vpc"})


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_network(aws: Moto, home: Path) -> None:
    """Rules of both kinds beside their group, routes within their table; nothing differs after a refresh."""
    bench = bench_of(aws, home)
    first = bench.program(lambda client: network(client, port=80))

    assert {op for op, _ in done(bench.up(first))} == {"create"}
    fine(bench.refresh())
    assert done(bench.up(first)) == []
    second = bench.program(lambda client: network(client, port=443))
    assert done(bench.up(second)) == [("update", "in")]
    assert _open_ports(aws, bench.record("group").id) == [443]
    fine(bench.destroy())
    assert not [each for each in aws.call("ec2", "describe_vpcs")["Vpcs"] if not each["IsDefault"]]
    assert aws.call("ec2", "describe_addresses")["Addresses"] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_parts_of_a_bucket(aws: Moto, home: Path) -> None:
    """Each is a resource of its own, which is called as its bucket is: it goes before its successor."""
    bench = bench_of(aws, home)

    def program(name: str) -> Any:
        def body(client: TerraformClient) -> None:
            bucket = client.make("S3Bucket", "bucket", {"bucket": name, "forceDestroy": True})
            mine = {"bucket": bucket.outputs["bucket"]}
            after = (bucket.urn,)
            client.make(
                "S3BucketVersioning",
                "versions",
                {**mine, "versioningConfiguration": {"status": "Enabled"}},
                depends_on=after,
            )
            client.make(
                "S3BucketServerSideEncryptionConfiguration",
                "encryption",
                {**mine, "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
                depends_on=after,
            )
            client.make("S3BucketPublicAccessBlock", "access", {**mine, "blockPublicAcls": True})
            client.make("S3BucketPolicy", "policy", {**mine, "policy": bucket_policy(name)}, depends_on=after)
            client.make("S3Object", "object", {**mine, "key": "a/b.txt", "content": name}, depends_on=after)

        return bench.program(body)

    fine(bench.up(program("one")))
    fine(bench.refresh())
    assert done(bench.up(program("one"))) == []
    assert aws.call("s3", "get_bucket_versioning", Bucket="one")["Status"] == "Enabled"
    assert json.loads(aws.call("s3", "get_bucket_policy", Bucket="one")["Policy"])["Statement"]
    changes = done(bench.up(program("two")))
    assert ("create-replacement", "bucket") in changes
    assert aws.call("s3", "get_object", Bucket="two", Key="a/b.txt")["Body"] == "two"
    assert [each["Name"] for each in aws.call("s3", "list_buckets")["Buckets"]] == ["two"]
    fine(bench.refresh())
    assert done(bench.up(program("two"))) == []
    fine(bench.destroy())
    assert aws.call("s3", "list_buckets")["Buckets"] == []


def bucket_policy(name: str) -> str:
    """As `json.dumps` writes it, which is not how AWS's provider does."""
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**nobody, "Resource": f"arn:aws:s3:::{name}"}]}
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_documents_as_python_writes_them(aws: Moto, home: Path) -> None:
    """§10 item 26: a queue's policy comes back as it was given, and its provider would write it anew."""
    bench = bench_of(aws, home)
    dead = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 4}
    inputs = {"name": "jobs", "redrivePolicy": json.dumps(dead)}
    program = bench.program(lambda client: client.make("SqsQueue", "jobs", inputs))

    aws.call("sqs", "create_queue", QueueName="dead")
    fine(bench.up(program))
    assert done(bench.up(program)) == []
    dead["maxReceiveCount"] = 5
    changed = bench.program(
        lambda client: client.make("SqsQueue", "jobs", {**inputs, "redrivePolicy": json.dumps(dead)})
    )
    assert done(bench.up(changed)) == [("update", "jobs")]
    fine(bench.destroy())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_secrets_that_are_only_passed_on(aws: Moto, home: Path) -> None:
    """§5.18, §5.23: made up, read and written within a run, and recorded nowhere."""
    bench = bench_of(aws, home)
    seen: list[str] = []

    def body(client: TerraformClient) -> None:
        secret = client.make("SecretsmanagerSecret", "secret", {"name": "s", "recoveryWindowInDays": 0})
        made_up = client.call("openSecretsmanagerRandomPassword", {"passwordLength": 24})
        password = made_up.value["randomPassword"] if made_up.value else UNKNOWN
        version = client.make(
            "SecretsmanagerSecretVersion",
            "version",
            {"secretId": id_of(secret), "secretStringWo": password, "secretStringWoVersion": 1},
            depends_on=(secret.urn,),
        )
        read = client.call(
            "openSecretsmanagerSecretVersion", {"secretId": id_of(secret)}, depends_on=(version.urn,)
        )
        value = read.value["secretString"]
        assert isinstance(value, Secret)
        seen.append(str(value.value))
        inputs = {"name": "/copy", "type": "SecureString", "valueWo": value, "valueWoVersion": 1}
        client.make("SsmParameter", "copy", inputs)

    fine(bench.up(bench.program(body)))
    assert aws.call("secretsmanager", "get_secret_value", SecretId="s")["SecretString"] == seen[0]
    copy = aws.call("ssm", "get_parameter", Name="/copy", WithDecryption=True)
    assert copy["Parameter"]["Value"] == seen[0]
    assert len(seen[0]) == 24
    assert seen[0] not in repr(reveal([[each.inputs, each.outputs] for each in bench.state]))
    assert done(bench.up(bench.program(body))) == []
    fine(bench.destroy())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_tags_of_the_provider(aws: Moto, home: Path) -> None:
    """Tags that the provider's configuration sets are updates of everything that has tags."""
    bench = bench_of(aws, home)

    def body(client: TerraformClient) -> None:
        client.make("SnsTopic", "topic", {"name": "topic", "tags": {"own": "1"}})
        client.make("IamRole", "role", {"name": "role", "assumeRolePolicy": ROLE})
        client.make("SnsTopicPolicy", "policy", {"arn": TOPIC, "policy": topic_policy()})

    bench.configure(defaultTags={"tags": {"owner": "me"}})
    fine(bench.up(bench.program(body)))
    assert done(bench.up(bench.program(body))) == []
    assert reveal(bench.record("topic").outputs["tagsAll"]) == {"own": "1", "owner": "me"}
    bench.configure(defaultTags={"tags": {"owner": "you"}})
    assert sorted(done(bench.up(bench.program(body)))) == [("update", "role"), ("update", "topic")]
    tags = aws.call("iam", "list_role_tags", RoleName="role")["Tags"]
    assert tags == [{"Key": "owner", "Value": "you"}]
    assert done(bench.up(bench.program(body))) == []


TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"


def topic_policy() -> str:
    anybody = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "SNS:Publish", "Resource": TOPIC}
    return json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
