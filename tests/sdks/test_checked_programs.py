"""Programs that use generated packages, as type checkers see them (packages.md §8.3.4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support import provider_packages
from support.checkers import lines_told_by_mypy, lines_told_by_pyright
from support.sdks import document, embedded_schema, made, terraform_schema

Told = Callable[..., dict[int, str]]

RIGHT = """
import pulumi
import pulumi_every_thing as every
import pulumi_random as random

options = pulumi.ResourceOptions(protect=True)
pet = random.RandomPet("pet", length=2, opts=options)
same = random.RandomPet("same", random.RandomPetArgs(prefix=pet.id, keepers={"a": pet.id}), options)
named = random.RandomPet("named", args=random.RandomPetArgs(), opts=options)
placed = random.RandomPet("placed", None, {"a": "b"}, 3)
known = random.RandomPet.get("known", "id", prefix="p", opts=options)
by_place = every.Whole.get("known", "id", None, 3, "name")
number = random.RandomInteger("number", min=1, max=pet.id.apply(len))
one = every.Whole("one", whole_name=pet.id, parts=[{"part_name": "p", "kind": "part"}], self=True)
two = every.Whole(
    "two",
    every.WholeArgs(whole_name="w", parts=[every.PartArgs(part_name=pet.id, size=every.Size.VERY_BIG)]),
)
rest = every.Whole("rest", options, 5, whole_name="w", opts_="o")
deep = every.deep.er.Whole("deep", far={"how_far": 2, "near": {"part_name": "p", "kind": "part"}})
found: str = every.get_part(part_name="p").part_name
later: pulumi.Output[str] = every.get_part_output(pet.id).apply(lambda each: each.part_name)
total: float = every.add(1, 2)
names: pulumi.Output[list[str]] = one.parts.apply(lambda parts: [part.part_name for part in parts or []])
pages: pulumi.Output[int] = one.get_report(in_detail=True).apply(lambda report: report.page_count)
region: str | None = every.config.region
pulumi.export("names", names)
"""

WRONG = """
import pulumi_every_thing as every
import pulumi_random as random

random.RandomInteger("a", min=1)
random.RandomPet("b", lenth=2)
random.RandomPet("c", length="two")
random.RandomPet("d", random.RandomIntegerArgs(min=1, max=2))
random.RandomPet.get("e", "id", lenth=2)
random.RandomPet("f", None, "no keepers")
every.Whole("g")
every.Whole("h", whole_name="w", parts=[{"part_nam": "p", "kind": "part"}])
every.Whole("i", whole_name="w", parts=[every.PartArgs()])
every.Whole("j", whole_name="w", count="many")
every.get_part(part_nam="p")
every.Nothing
number: int = every.get_part(part_name="p").part_name
"""

AWS = """
import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2, ssm

bucket = aws.s3.Bucket("site", bucket="my-site", tags={"team": "web"})
where = ssm.Parameter("where", type="String", value=bucket.id)
same = aws.SsmParameter("same", aws.SsmParameterArgs(type="String", value="x"), pulumi.ResourceOptions())
placed = ssm.Parameter("placed", None, "pattern", type="String")
cors = aws.s3.BucketCorsConfiguration(
    "cors",
    bucket=bucket.id,
    cors_rules=[
        aws.s3.BucketCorsConfigurationCorsRuleArgs(allowed_methods=["GET"], allowed_origins=["*"]),
        {"allowed_methods": ["PUT"], "allowed_origins": ["https://example.com"]},
    ],
)
vpc = ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
role = aws.iam.Role("role", assume_role_policy="{}")
image = ec2.get_ami(owners=["amazon"], most_recent=True, filters=[{"name": "n", "values": ["v"]}])
text: str = image.image_id
later: pulumi.Output[str] = ec2.get_ami_output(owners=[bucket.bucket]).apply(lambda each: each.image_id)
known = aws.iam.Role.get("known", "id", assume_role_policy="{}")
"""

WRONG_AWS = """
import pulumi_aws as aws

aws.ssm.Parameter("a", value="x")
aws.ssm.Parameter("b", type=3)
aws.s3.Bucket("c", bukket="x")
aws.s3.BucketCorsConfiguration("d", bucket="b", cors_rules=[{"allowed_method": ["GET"]}])
aws.ssm.Parametr("e")
aws.ec2.get_ami(owner=["x"])
aws.ssm.Parameter.get("f", "id", typ="x")
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The package of a schema with everything in it, and that of `random`."""
    schemas = {"every": document(), "random": embedded_schema("random")}
    return [made(tmp_path_factory.mktemp(name), schema).directory for name, schema in schemas.items()]


@pytest.fixture(params=["ours", pytest.param("genuine", marks=[pytest.mark.real, pytest.mark.slow])])
def sdk(request: pytest.FixtureRequest) -> list[Path]:
    """Where `pulumi` is found before it is found to be our SDK."""
    return [provider_packages.fetched("pulumi", "3.272.0")] if request.param == "genuine" else []


@pytest.mark.parametrize("told", [lines_told_by_mypy, lines_told_by_pyright])
class TestSmallPackages:
    def test_what_is_right_is_accepted(
        self, told: Told, packages: list[Path], sdk: list[Path], tmp_path: Path
    ) -> None:
        """packages.md §3.4, §3.5: every form of a call, dictionaries and classes, results."""
        assert told(written(tmp_path, RIGHT), packages, sdk) == {}

    def test_what_is_wrong_is_told(
        self, told: Told, packages: list[Path], sdk: list[Path], tmp_path: Path
    ) -> None:
        """Something needed that is missing, unknown names and keys, wrong types."""
        lines = set(told(written(tmp_path, WRONG), packages, sdk))

        assert lines == set(range(5, len(WRONG.splitlines()) + 1))


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("told", [lines_told_by_mypy, lines_told_by_pyright])
def test_the_largest_package(told: Told, tmp_path: Path) -> None:
    """By both kinds of names; checkers take from it what the program uses."""
    aws = made(tmp_path, terraform_schema("aws")).directory

    assert told(written(tmp_path, AWS), [aws], []) == {}
    lines = set(told(written(tmp_path, WRONG_AWS), [aws], []))
    assert lines == set(range(4, len(WRONG_AWS.splitlines()) + 1))


def written(folder: Path, program: str) -> Path:
    path = folder / "program.py"
    path.write_text(program)
    return path
