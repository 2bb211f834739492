"""Provider packages that exist, unmodified, under our SDK (sdk.md §22)."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.provider_packages import fetched, in_a_process, installed

import stackwright.sdk

AWS_VERSION = "7.51.1"

pytestmark = pytest.mark.real


class TestSmallPackages:
    def test_random(self) -> None:
        """Every resource of the package registers, typed outputs arrive (§22)."""
        installed("pulumi_random")
        out = in_a_process("""
            from support.monitors import FakeMonitor
            from stackwright.sdk import run_program
            from stackwright.values import Secret

            monitor = FakeMonitor()
            monitor.answers["number"] = lambda r: {**r.inputs, "result": 7.0}

            async def program():
                import pulumi, pulumi_random as random
                secret = pulumi.Output.secret("x")
                number = random.RandomInteger("number", min=1, max=9, keepers={"a_b": secret})
                random.RandomPassword("password", random.RandomPasswordArgs(length=number.result))
                random.RandomBytes("bytes", length=4)
                random.RandomId("id", byte_length=4)
                random.RandomPet("pet", prefix=number.id, opts=pulumi.ResourceOptions(protect=True))
                random.RandomShuffle("shuffle", inputs=["a", number.result.apply(str)])
                random.RandomString("string", length=3, special=False)
                random.RandomUuid("uuid")
                random.Provider("provider")
                assert await number.result.future() == 7
                assert type(await number.result.future()) is int
                got = random.RandomPet.get("got", "an-id")
                assert await got.id.future() == "an-id"
                pulumi.export("number", number.result)

            result = run_program(monitor, program)
            assert result.ok, str(result.error)
            assert monitor.resource("number").inputs["keepers"] == {"a_b": Secret("x")}
            assert monitor.resource("password").inputs == {"length": 7}
            assert monitor.resource("id").inputs == {"byteLength": 4}
            assert monitor.resource("shuffle").inputs == {"inputs": ["a", "7"]}
            assert monitor.resource("number").options.version
            print(monitor.exports)
        """)
        assert out == "{'number': 7}"

    def test_command(self) -> None:
        """Nested arguments, assets, functions in both forms (§22)."""
        installed("pulumi_command")
        out = in_a_process("""
            from support.monitors import FakeMonitor
            from stackwright.sdk import run_program
            from stackwright.values import Secret

            monitor = FakeMonitor()
            monitor.answers["command:local:run"] = lambda r: {"stdout": r.args["command"] + "!"}

            def program():
                import pulumi
                from pulumi_command import local, remote
                first = local.Command("first", create="echo", environment={"A_b": "1"}, triggers=[1, "x"])
                remote.Command(
                    "second",
                    create=first.stdout,
                    connection=remote.ConnectionArgs(host="h", private_key="k", dial_error_limit=3),
                )
                remote.Command("third", create="x", connection={"host": "h", "dial_error_limit": 3})
                assert local.run(command="hi").stdout == "hi!"
                pulumi.export("run", local.run_output(command=first.create).stdout)

            result = run_program(monitor, program)
            assert result.ok, str(result.error)
            assert monitor.resource("first").inputs["environment"] == {"A_b": "1"}
            for name in ("second", "third"):
                connection = monitor.resource(name).inputs["connection"]
                connection = connection.value if isinstance(connection, Secret) else connection
                assert connection["dialErrorLimit"] == 3, connection
            assert monitor.resource("second").options.additional_secret_outputs == ("connection",)
            print(monitor.exports)
        """)
        assert out == "{'run': 'echo!'}"

    def test_tls(self) -> None:
        """Resources that read each other, output classes (§22)."""
        installed("pulumi_tls")
        out = in_a_process("""
            from support.monitors import FakeMonitor
            from stackwright.sdk import run_program
            from stackwright.values import Secret

            monitor = FakeMonitor()
            monitor.answers["key"] = lambda r: {**r.inputs, "privateKeyPem": "pem"}
            monitor.answers["tls:index/getCertificate:getCertificate"] = lambda r: {
                "id": "1", "url": "u", "certificates": [{"certPem": "c", "isCa": True, "version": 3.0}],
            }

            def program():
                import pulumi, pulumi_tls as tls
                key = tls.PrivateKey("key", algorithm="RSA", rsa_bits=2048)
                tls.SelfSignedCert(
                    "cert",
                    private_key_pem=key.private_key_pem,
                    validity_period_hours=1,
                    allowed_uses=["digital_signature"],
                    subject=tls.SelfSignedCertSubjectArgs(common_name="example.com"),
                )
                found = tls.get_certificate(url="u")
                assert found.certificates[0].cert_pem == "c"
                assert found.certificates[0].is_ca
                later = tls.get_certificate_output(url=key.private_key_pem)
                pulumi.export("pem", later.certificates[0].cert_pem)

            result = run_program(monitor, program)
            assert result.ok, str(result.error)
            assert monitor.resource("cert").inputs["subject"] == {"commonName": "example.com"}
            assert monitor.resource("cert").inputs["privateKeyPem"] == Secret("pem")
            print(monitor.exports)
        """)
        assert out == "{'pem': 'c'}"


@pytest.mark.timeout(900)
class TestAws:
    def test_it_registers(self) -> None:
        """The largest of them: lazily imported modules, enums, nested classes, aliases, functions (§22)."""
        place = fetched("pulumi_aws", AWS_VERSION)
        out = in_a_process(
            """
            from support.monitors import FakeMonitor
            from stackwright.sdk import run_program

            monitor = FakeMonitor()
            monitor.answers["aws:index/getCallerIdentity:getCallerIdentity"] = lambda r: {
                "accountId": "123", "arn": "a", "id": "i", "userId": "u",
            }

            def program():
                import sys
                import pulumi, pulumi_aws as aws
                assert aws.get_caller_identity().account_id == "123"
                east = aws.Provider("east", region=aws.Region.US_EAST1)
                opts = pulumi.ResourceOptions(provider=east)
                bucket = aws.s3.Bucket("bucket", tags={"Name_x": "y"}, opts=opts)
                aws.s3.BucketObject("object", bucket=bucket.id, source=pulumi.FileAsset("x"))
                policy = pulumi.Output.json_dumps({"Resource": bucket.arn})
                role = aws.iam.Role("role", assume_role_policy=policy)
                group = aws.ec2.SecurityGroup(
                    "group",
                    ingress=[aws.ec2.SecurityGroupIngressArgs(from_port=80, to_port=80, protocol="tcp")],
                    egress=[{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}],
                )
                aws.lambda_.Function("function", role=role.arn, runtime=aws.lambda_.Runtime.PYTHON3D12)
                pulumi.export("port", group.ingress[0].from_port)
                assert "pulumi_aws.sagemaker.model" not in sys.modules

            result = run_program(monitor, program)
            assert result.ok, str(result.error)
            assert monitor.resource("group").inputs["ingress"] == [
                {"fromPort": 80, "toPort": 80, "protocol": "tcp"}
            ]
            assert monitor.resource("group").inputs["egress"][0]["cidrBlocks"] == ["0.0.0.0/0"]
            assert monitor.resource("bucket").options.provider.endswith("::east-id")
            assert monitor.resource("function").inputs["runtime"] == "python3.12"
            print(monitor.exports)
            """,
            path=place,
        )
        assert out == "{'port': 80}"

    def test_all_metadata_can_be_resolved(self) -> None:
        """Names and types of every class of some large modules (§15.2)."""
        place = fetched("pulumi_aws", AWS_VERSION)
        out = in_a_process(
            """
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            import inspect
            import pulumi_aws as aws
            from stackwright.sdk._types import class_names

            count = 0
            for module in (aws.s3, aws.ec2, aws.iam, aws.lambda_, aws.ecs, aws.dynamodb):
                for name, cls in inspect.getmembers(module, inspect.isclass):
                    names = class_names(cls)
                    for wire in names.to_python:
                        names.type_of(wire)
                        count += 1
            assert count > 5000, count
            print("resolved")
            """,
            path=place,
        )
        assert out == "resolved"


PROGRAM = """
    from __future__ import annotations

    from typing import Any

    import pulumi
    import pulumi_command as command
    import pulumi_random as random
    import pulumi_tls as tls

    config = pulumi.Config()
    length = config.get_int("length", 2)
    prefix: str = config.require("prefix")
    token: pulumi.Output[str] = config.require_secret("token")

    pet = random.RandomPet("pet", length=length, prefix=prefix)
    name: pulumi.Output[str] = pet.id
    chained: pulumi.Output[int] = pet.id.apply(lambda value: random.RandomInteger(value, min=1, max=2).result)
    hidden: pulumi.Output[str] = pulumi.Output.secret(pet.id)
    same: pulumi.Output[str] = pulumi.Output.from_input(pet.id)
    shouted: pulumi.Output[str] = pet.id.apply(lambda value: value.upper())
    size: pulumi.Output[int] = pet.id.apply(len)
    both: pulumi.Output[list[Any]] = pulumi.Output.all(pet.id, size)
    url: pulumi.Output[str] = pulumi.Output.concat("https://", pet.id)
    document: pulumi.Output[str] = pulumi.Output.json_dumps({"name": pet.id})
    key = tls.PrivateKey("key", algorithm="RSA", opts=pulumi.ResourceOptions(parent=pet, depends_on=[pet]))


    class Site(pulumi.ComponentResource):
        address: pulumi.Output[str]

        def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
            super().__init__("my:web:Site", name, {}, opts)
            run = command.local.Command("run", create=pulumi.Output.format("echo {0}", pet.id))
            self.address = run.stdout
            self.register_outputs({"address": self.address})


    async def main() -> dict[str, pulumi.Input[Any]]:
        site = Site("site", pulumi.ResourceOptions.merge(None, pulumi.ResourceOptions(protect=True)))
        pulumi.info("made", site)
        return {"address": site.address, "key": pulumi.Output.secret(key.private_key_pem)}


    pulumi.export("both", both)
    pulumi.run(main)
"""


def write_stubs(place: Path) -> None:
    """Have a type checker see our SDK where `pulumi` is imported."""
    source = Path(stackwright.sdk.__file__).parent
    for file in source.rglob("*.py"):
        below = file.relative_to(source)
        parts = [part for part in below.with_suffix("").parts if part != "__init__"]
        module = ".".join(["stackwright.sdk", *parts])
        stub = (place / "pulumi" / below).with_suffix(".pyi")
        stub.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"from {module} import *"]
        if parts == ["_utils"]:
            lines.append(f"from {module} import lazy_import as lazy_import")
        if parts == ["runtime", "sync_await"]:
            lines.append(f"from {module} import _sync_await as _sync_await")
        if parts == ["runtime", "proto"]:
            lines.append("from typing import Any\ndef __getattr__(name: str) -> Any: ...")
        stub.write_text("\n".join(lines) + "\n")


def check(program: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy on *program*, with the stubs in *place*."""
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", place / "cache", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPYPATH": str(place / "stubs")},
    )


@pytest.mark.timeout(300)
def test_programs_and_packages_type_check(tmp_path: Path) -> None:
    """A normal program passes `mypy --strict` with our types behind the packages' (§1.2)."""
    for package in ("pulumi_random", "pulumi_command", "pulumi_tls", "mypy"):
        installed(package)
    write_stubs(tmp_path / "stubs")
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    done = check(program, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_mistakes_do_not_type_check(tmp_path: Path) -> None:
    """Types are there: wrong ones are found (§1.2)."""
    for package in ("pulumi_random", "mypy"):
        installed(package)
    write_stubs(tmp_path / "stubs")
    program = tmp_path / "program.py"
    program.write_text(
        "import pulumi\nimport pulumi_random as random\n"
        "random.RandomPet('pet', length='three')\n"
        "size: pulumi.Output[str] = random.RandomPet('pet').id.apply(len)\n"
        "pulumi.ResourceOptions(protect='yes')\n"
        "pulumi.Config().require(3)\n"
        "pulumi.no_such_name\n"
    )
    done = check(program, tmp_path)
    assert [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line] == [
        "3",
        "4",
        "5",
        "6",
        "7",
    ], done.stdout
