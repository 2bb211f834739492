"""The Terraform providers to test with can be had, and `terraform` itself accepts ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import moto, tfproviders
from support.tfproviders import Cloud

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["vintage", "modern", "random", "time", "aws"])
def test_it_is_a_plugin(name: str) -> None:
    """Run by hand it says so and ends (terraform.md §1.1)."""
    program = getattr(tfproviders, name)()
    run = subprocess.run([program], capture_output=True, text=True)

    assert run.returncode == 1
    assert "plugin" in run.stderr


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "vintage": {
        "provider": {"vintage": {"path": "CLOUD"}},
        "resource": {
            "vintage_thing": {
                "it": {
                    "name": "it",
                    "tags": {"a": "b"},
                    "labels": ["x", "y"],
                    "secret_wo": "hidden",
                    "secret_wo_version": 1,
                    "disk": {"kind": "ssd"},
                    "rule": [{"port": 1, "cidrs": ["a", "b"]}, {"port": 2}],
                    "step": [{"name": "one", "hook": [{"command": "true", "env": {"A": "1"}}]}],
                    "ingress": [{"port": 3, "from": None}],
                    "timeouts": {"create": "90m"},
                }
            },
            "vintage_document": {"it": {"name": "it", "text": '{"a": 1}'}},
        },
        "data": {"vintage_words": {"it": {"text": "one two", "filter": [{"prefix": "t"}]}}},
    },
    "modern": {
        "provider": {"modern": {"path": "CLOUD", "endpoint": [{"url": "a"}]}},
        "resource": {
            "modern_thing": {
                "it": {
                    "name": "it",
                    "exact": 12345678901234567890.5,
                    "tags": {"a": "b"},
                    "labels": ["x", "y"],
                    "pair": {"left": "l", "right": 1},
                    "anything": {"some": ["thing", 1]},
                    "secret_wo": "hidden",
                    "disk": {"kind": "ssd"},
                    "steps": [{"name": "one", "hooks": [{"command": "true"}]}],
                    "rules": [{"port": 1, "cidrs": ["a", "b"]}, {"port": 2}],
                    "endpoints": {"main": {"url": "u", "key": "k"}},
                    "network": {"cidr": "c"},
                    "volume": [{"name": "v", "mount": [{"path": "/"}]}],
                    "grant": [{"to": "all"}, {"to": "none"}],
                    "timeouts": {"create": "90m"},
                }
            },
            "modern_pair": {"it": {"left": "l"}},
        },
        "output": {"joined": {"value": '${provider::modern::join("-", "a", "b")}'}},
    },
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_terraform_applies_everything_and_then_has_nothing_to_do(name: str, tmp_path: Path) -> None:
    """Ours are well-behaved providers, so that a test which fails on them is not their fault."""
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("`terraform` is not installed")
    program = getattr(tfproviders, name)()
    (tmp_path / "settings.tfrc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{program.parents[5]}"\n  }}\n}}\n'
    )
    cloud = Cloud(tmp_path / "cloud")
    required = {name: {"source": f"stackwright/{name}"}}
    document = json.dumps({"terraform": {"required_providers": required}, **CONFIGURATIONS[name]})
    (tmp_path / "main.tf.json").write_text(document.replace("CLOUD", str(cloud.folder)))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "settings.tfrc")}
        return subprocess.run(
            [terraform, *arguments, "-no-color"], cwd=tmp_path, env=environ, capture_output=True, text=True
        )

    assert run("init").returncode == 0
    applied = run("apply", "-auto-approve")
    assert applied.returncode == 0, applied.stderr
    assert "thing-it" in cloud.objects()
    planned = run("plan", "-detailed-exitcode")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    destroyed = run("destroy", "-auto-approve")
    assert destroyed.returncode == 0, destroyed.stderr
    assert cloud.objects() == {}


@pytest.mark.slow
def test_moto_answers() -> None:
    with moto.serving() as aws:
        aws.call("ssm", "put_parameter", Name="a", Value="b", Type="String")

        assert aws.call("ssm", "get_parameter", Name="a")["Parameter"]["Value"] == "b"
        with pytest.raises(moto.CallError, match="ParameterNotFound"):
            aws.call("ssm", "get_parameter", Name="other")
