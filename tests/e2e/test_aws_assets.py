"""
Assets and archives where Terraform takes the path of a file (terraform.md §8.8).

Programs give `code` and `source` as they do to `pulumi_aws`; what the cloud gets is looked at with boto3.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import moto
from support.aws_rooms import aws_room
from support.commands import Room
from support.moto import Moto

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

KINDS = (
    *("aws_iam_role", "aws_lambda_function", "aws_lambda_layer_version"),
    *("aws_s3_bucket", "aws_s3_bucket_object", "aws_s3_object"),
)

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws

local = aws.Provider("local", **{config!r})
opts = pulumi.ResourceOptions(provider=local)
trust = {{"Version": "2012-10-17", "Statement": [{{
    "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{"Service": "lambda.amazonaws.com"}}
}}]}}
role = aws.iam.Role("run", name="run", assume_role_policy=json.dumps(trust), opts=opts)
layer = aws.lambda_.LayerVersion(
    "words",
    layer_name="words",
    code=pulumi.AssetArchive({{"python/words.py": pulumi.StringAsset("HELLO = 'hello'")}}),
    opts=opts,
)
function = aws.lambda_.Function(
    "greet",
    name="greet",
    role=role.arn,
    runtime="python3.12",
    handler="main.run",
    memory_size={memory},
    layers=[layer.arn],
    code=pulumi.FileArchive("./app"),
    opts=opts,
)
bucket = aws.s3.BucketV2("site", bucket="pages", opts=opts)
aws.s3.BucketObjectv2(
    "page", bucket=bucket.bucket, key="page", source=pulumi.FileAsset("page.html"), opts=opts
)
aws.s3.BucketObject("note", bucket=bucket.bucket, key="note", source=pulumi.StringAsset("a note"), opts=opts)
aws.s3.BucketObjectv2("app", bucket=bucket.bucket, key="app.zip", source=pulumi.FileArchive("app"), opts=opts)
pulumi.export("code", function.code)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Moto]:
    with moto.serving() as running:
        yield running


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return aws_room(tmp_path, KINDS, TMPDIR=str(made(tmp_path / "temporary")))


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def code_of(server: Moto) -> dict[str, Any]:
    found: dict[str, Any] = server.call("lambda", "get_function", FunctionName="greet")["Configuration"]
    return found


def has(server: Moto, key: str, data: bytes) -> bool:
    found: str = server.call("s3", "head_object", Bucket="pages", Key=key)["ETag"]
    return found.strip('"') == hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_files_of_a_program(room: Room, server: Moto, tmp_path: Path) -> None:
    """Created, nothing to do, other contents an update, also from another folder, and gone."""
    config = server.provider_config()
    app = made(room.project / "app" / "deep")
    (app.parent / "main.py").write_text("def run(event, context): ...")
    (app / "more.py").write_text("MORE = 1")
    (room.project / "page.html").write_text("<p>one")
    room.program(PROGRAM.format(config=config, memory=128))

    room.ok("up", "--yes", seconds=300)
    assert has(server, "page", b"<p>one")
    assert has(server, "note", b"a note")
    before = code_of(server)["CodeSha256"]
    assert list((tmp_path / "temporary").glob("stackwright-files-*")) == []
    shown = json.loads(room.ok("stack", "output", "--json"))["code"]
    assert shown["path"].endswith("app")

    room.ok("refresh", "--yes", "--expect-no-changes", seconds=300)
    room.ok("up", "--yes", "--expect-no-changes", seconds=300)

    (app / "more.py").write_text("MORE = 2")
    (room.project / "page.html").write_text("<p>two")
    seen = room.ok("preview", "--diff", seconds=300)
    assert "replace" not in seen
    room.ok("up", "--yes", seconds=300)
    assert has(server, "page", b"<p>two")
    assert code_of(server)["CodeSha256"] != before

    room.program(PROGRAM.format(config=config, memory=256))
    room.ok("up", "--yes", seconds=300)
    assert code_of(server)["MemorySize"] == 256

    # Files are found elsewhere, and nothing has changed; also where the path that was used is shown.
    shutil.move(room.project / "app", tmp_path / "moved")
    moved = PROGRAM
    for written in ("./app", "app"):
        moved = moved.replace(f'Archive("{written}")', f'Archive("{tmp_path / "moved"}")')
    room.program(moved.format(config=config, memory=256))
    room.ok("up", "--yes", "--expect-no-changes", seconds=300)
    shown_hash = json.loads(room.ok("stack", "output", "--json"))["code"]["hash"]

    # What is recorded is enough to look at everything, and to destroy it.
    shutil.rmtree(tmp_path / "moved")
    (room.project / "page.html").unlink()
    room.ok("refresh", "--yes", "--expect-no-changes", seconds=300)
    assert json.loads(room.ok("stack", "output", "--json"))["code"]["hash"] == shown_hash
    room.ok("destroy", "--yes", seconds=300)
    assert server.call("lambda", "list_functions")["Functions"] == []
    assert server.call("lambda", "list_layer_versions", LayerName="words")["LayerVersions"] == []
