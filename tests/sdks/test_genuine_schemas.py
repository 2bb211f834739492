"""SDKs of genuine providers: they import, check under mypy, and have the names that existing programs use."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import goplugin, provider_packages
from support.fake_plugins import Heard
from support.sdks import SEE_ALL, STUBBED, embedded_schema, made, run, terraform_schema

from stackwright.goals import PackageRequest
from stackwright.packages import Generated, problems, read_schema
from stackwright.providers.plugin import PluginContext, PluginHost

pytestmark = pytest.mark.real


def sdk_of(folder: Path, name: str) -> Generated:
    return made(folder, terraform_schema(name))


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return sdk_of(tmp_path_factory.mktemp("aws"), "aws")


@pytest.mark.parametrize("name", ["random", "time", "modern", "vintage"])
class TestSmallProviders:
    def test_their_schemas_have_no_problems(self, name: str) -> None:
        """packages.md §1.10."""
        assert list(problems(read_schema(terraform_schema(name)))) == []

    def test_everything_imports_and_every_type_is_found(self, name: str, tmp_path: Path) -> None:
        """packages.md §8.3.1."""
        found = sdk_of(tmp_path, name)

        assert (
            run(SEE_ALL.format(package=found.module), found.directory, flags=("-W", "error")) == "all seen\n"
        )

    def test_stubs_and_modules_agree(self, name: str, tmp_path: Path) -> None:
        """packages.md §8.3.2."""
        found = sdk_of(tmp_path, name)

        assert run(STUBBED.format(package=found.module), found.directory).endswith(" names, missing: []\n")

    def test_they_are_formatted(self, name: str, tmp_path: Path) -> None:
        """Generated code is as a formatter leaves it, and a linter has nothing to say."""
        assert untidy(sdk_of(tmp_path, name)) == []


def untidy(sdk: Generated) -> list[str]:
    """The files that a formatter would change, and what a linter says by the rules that the package has."""
    if importlib.util.find_spec("ruff") is None:
        pytest.skip("ruff is not installed")
    said = []
    for command in (["format", "--check"], ["check", "--output-format", "concise"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", sdk.directory],
            capture_output=True,
            text=True,
            check=False,
        )
        said += done.stdout.splitlines() if done.returncode else []
    return said


class TestAws:
    def test_one_service_costs_itself(self, aws: Generated) -> None:
        """packages.md §8: a large package is laid out by service; nothing else is imported."""
        code = """
            import sys
            import pulumi_aws as aws
            aws.SsmParameter
            print(sorted(name for name in sys.modules if name.startswith("pulumi_aws.")))
        """

        assert run(code, aws.directory) == (
            "['pulumi_aws._utilities', 'pulumi_aws.ssm', 'pulumi_aws.ssm.ssm_parameter']\n"
        )

    def test_names_of_the_bridge(self, aws: Generated) -> None:
        """packages.md §4.3, terraform.md §8.2: names that programs written for the bridge use."""
        code = """
            import pulumi_aws as aws
            from pulumi_aws import GetAmiFilterArgs, S3BucketCorsRuleArgs, get_ami, s3, wafv2
            deep = aws.Wafv2WebAclRuleStatementAndStatementStatementByteMatchStatementArgs
            filter = GetAmiFilterArgs(name="n", values=["v"])
            print(aws.S3Bucket is s3.S3Bucket, callable(get_ami), filter.name)
            print(S3BucketCorsRuleArgs(allowed_methods=["GET"], allowed_origins=["*"]).allowed_methods)
            print(deep is wafv2._inputs.Wafv2WebAclRuleStatementByteMatchStatementArgs)
            print(aws.ProviderAssumeRoleArgs.__name__, aws.arn_parse.__name__)
            print(aws.outputs.GetAmiFilterResult.__name__)
        """

        assert run(code, aws.directory).splitlines() == [
            "True True n",
            "['GET']",
            "True",
            "ProviderAssumeRoleArgs arn_parse",
            "GetAmiFilterResult",
        ]

    def test_names_of_the_hand_made_package(self, aws: Generated) -> None:
        """packages.md §4: `aws.ssm.Parameter` is `aws.SsmParameter`, nested types and functions alike."""
        code = """
            import pulumi_aws as aws
            from pulumi_aws import ec2, iam, lambda_, s3, ssm
            print(ssm.Parameter is aws.SsmParameter, ssm.ParameterArgs is aws.SsmParameterArgs)
            print(s3.BucketV2 is s3.Bucket is aws.S3Bucket, ec2.Vpc is aws.Vpc, iam.Role, lambda_.Function)
            rule = s3.BucketCorsConfigurationCorsRuleArgs
            print(rule is aws.S3BucketCorsConfigurationCorsRuleArgs)
            print(ec2.GetAmiFilterArgs is aws.GetAmiFilterArgs)
            print(ec2.get_ami is aws.get_ami, ssm.get_parameter_output is aws.get_ssm_parameter_output)
            print(ssm.GetParameterResult is aws.GetSsmParameterResult, "Parameter" in dir(ssm))
            from pulumi_aws import backup, dynamodb, ecr, eks
            print(s3.BucketVersioningV2Args is aws.S3BucketVersioningInitArgs)
            print(dynamodb.TableReplicaArgs is aws.DynamodbTableReplicaArgs)
            print(ec2.outputs.InstanceRootBlockDevice is ec2.outputs.InstanceRootBlockDevice)
            print(backup.RestoreTestingSelectionProtectedResourceConditionsArgs is
                backup.RestoreTestingSelectionProtectedResourceConditionArgs)
            print(hasattr(eks.Cluster, "certificate_authority"), hasattr(aws, "Region"))
            print(ecr.get_credentials is ecr.get_authorization_token)
            for name in ("Nothing", "ParameterNothingArgs", "GetParameter"):
                print(hasattr(ssm, name))
        """

        words = run(code, aws.directory).split()

        assert words.count("True") == 17
        assert words[-3:] == ["False"] * 3

    @pytest.mark.slow
    def test_a_program_of_the_hand_made_package_finds_what_it_names(self, aws: Generated) -> None:
        """packages.md §4: what the hand-made package of this version has is found, with few exceptions."""
        theirs = provider_packages.fetched("pulumi_aws", "6.83.4") / "pulumi_aws"
        code = f"""
            import ast, pathlib
            import pulumi_aws as aws
            root = pathlib.Path({str(theirs)!r})
            missing, known = set(), 0
            for file in sorted(root.rglob("*.py")):
                module = aws
                parts = file.parent.relative_to(root).parts
                if not parts or parts[0] == "config" or file.name in ("outputs.py", "_enums.py"):
                    continue
                for part in parts:
                    module = getattr(module, part, None)
                for each in ast.parse(file.read_text()).body:
                    if isinstance(each, ast.ClassDef | ast.FunctionDef) and each.name[0] != "_":
                        known += 1
                        if not hasattr(module, each.name):
                            missing.add(f"{{'.'.join(parts)}}.{{each.name}}")
            print(known)
            print(*sorted(missing), sep="\\n")
        """
        known, *missing = run(code, aws.directory).splitlines()

        assert int(known) > 12_000
        # Names that the hand-made package has twice, retired, or spells for one resource as no rule would.
        assert len(missing) < 60, missing
        assert not [
            name for name in missing if name.startswith(("ssm.", "sqs.", "sns.", "iam.", "dynamodb."))
        ]

    def test_enums_of_the_hand_made_package(self, aws: Generated) -> None:
        """packages.md §4.6: the same members, with the same values."""
        theirs = provider_packages.fetched("pulumi_aws", "6.83.4") / "pulumi_aws"
        code = f"""
            import ast, pathlib
            import pulumi_aws as aws
            root = pathlib.Path({str(theirs)!r})
            known, other = 0, []
            for file in sorted(root.rglob("_enums.py")):
                path = ".".join(file.parent.relative_to(root).parts)
                if path == "applicationloadbalancing":  # its old name; `alb` has the same
                    continue
                module = getattr(aws, path) if path else aws
                for each in ast.parse(file.read_text()).body:
                    if not isinstance(each, ast.ClassDef):
                        continue
                    said = {{m.targets[0].id: ast.literal_eval(m.value)
                            for m in each.body if isinstance(m, ast.Assign)}}
                    known += len(said)
                    if said != {{n: m.value for n, m in getattr(module, each.name).__members__.items()}}:
                        other.append(each.name)
            print(known, other, isinstance(aws.Region.US_EAST1, str))
        """
        assert run(code, aws.directory) == "2233 [] True\n"

    @pytest.mark.slow
    def test_everything_imports_and_every_type_is_found(self, aws: Generated) -> None:
        """packages.md §8.3.1."""
        assert run(SEE_ALL.format(package=aws.module), aws.directory, flags=("-W", "error")) == "all seen\n"

    @pytest.mark.slow
    def test_stubs_and_modules_agree(self, aws: Generated) -> None:
        """packages.md §8.3.2: more than fifty thousand names."""
        assert run(STUBBED.format(package=aws.module), aws.directory).endswith(" names, missing: []\n")

    def test_a_service_is_formatted(self, aws: Generated) -> None:
        """Of the largest package a few services, by their longest names; all of it takes a while."""
        for service in ("bedrock", "auditmanager", "quicksight"):
            part = Generated(module="", directory=aws.directory / aws.module / service, files=0, bytes=0)
            assert untidy(part) == []

    @pytest.mark.slow
    def test_it_is_formatted(self, aws: Generated) -> None:
        """Generated code is as a formatter leaves it, and a linter has nothing to say."""
        assert untidy(aws) == []

    def test_what_it_is_to_have_it(self, aws: Generated) -> None:
        """packages.md §8.1: at most 30 MB with types."""
        assert aws.bytes < 30_000_000


class TestBesideTheGenuinePackage:
    """packages.md §4: the same schema makes the same names."""

    @pytest.mark.parametrize(
        ("name", "version", "module"),
        [("random", "4.21.4", "pulumi_random"), ("command", "1.2.1", "pulumi_command.local")],
    )
    def test_embedded_packages(self, name: str, version: str, module: str, tmp_path: Path) -> None:
        ours = made(tmp_path, embedded_schema(name)).directory
        names = public_names(ours, module)
        genuine = public_names(provider_packages.fetched(f"pulumi_{name}", version), module)

        # What is known of a state may be told to ours where theirs has no place for it.
        for each, parameters in genuine.items():
            if each.endswith(".get"):
                assert names[each][: len(parameters)] == parameters
                names[each] = parameters
        assert {each: genuine[each] for each in names} == names


def public_names(place: Path, module: str) -> dict[str, Any]:
    """What *module* of the package at *place* has: arguments and properties, parameters of functions."""
    import ast

    code = f"""
        import importlib
        import inspect
        module = importlib.import_module({module!r})
        found = {{}}
        for name in dir(module):
            cls = getattr(module, name)
            if isinstance(cls, type) and issubclass(cls, pulumi.CustomResource):
                arguments = dict(inspect.signature(getattr(module, name + "Args")).parameters)
                arguments.pop("__self__", None)
                needed = [each for each, what in arguments.items() if what.default is inspect.Parameter.empty]
                properties = [each for each, what in vars(cls).items() if isinstance(what, property)]
                found[name] = (sorted(arguments), sorted(needed), sorted(properties), cls.pulumi_type)
                if hasattr(cls, "get"):
                    found[f"{{name}}.get"] = list(inspect.signature(cls.get).parameters)
            elif inspect.isfunction(cls) and not name.startswith("_"):
                found[name] = list(inspect.signature(cls).parameters)
        print(found)
    """
    return dict(ast.literal_eval(run(code, place)))


@pytest.mark.parametrize("name", ["ledger", "rawledger"])
def test_go_plugins(name: str, tmp_path: Path) -> None:
    """packages.md §8.3: SDKs of what plugins answer to `GetSchema`."""
    found = made(tmp_path, plugin_schema(tmp_path, name))

    assert run(SEE_ALL.format(package=found.module), found.directory, flags=("-W", "error")) == "all seen\n"
    assert untidy(found) == []


def plugin_schema(folder: Path, name: str) -> bytes:
    """What the genuine plugin *name* says about itself."""
    goplugin.plugins(folder / "home" / "plugins")
    environ = {"PATH": os.defpath, "STACKWRIGHT_HOME": str(folder / "home"), "PULUMI_HOME": str(folder)}

    async def ask() -> bytes:
        context = PluginContext(directory=folder, project="shop")
        host = PluginHost(context, log=Heard(), environ=environ)
        try:
            provider = await host.load(PackageRequest(name=name, version=goplugin.VERSION), environment={})
            return await provider.schema()
        finally:
            await host.close()

    return asyncio.run(ask())
