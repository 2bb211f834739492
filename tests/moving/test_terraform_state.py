"""Reading Terraform's states (terraform.md §11): what is read, and what is refused, with where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackwright.moving import TerraformStateError, find_state, read_state

INSTANCE: dict[str, Any] = {"schema_version": 1, "attributes": {"id": "i-1"}, "private": "aGVsbG8="}


def state(**more: Any) -> bytes:
    """A state file with one resource."""
    resource = {
        "mode": "managed",
        "type": "aws_vpc",
        "name": "main",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [INSTANCE],
    }
    return json.dumps({"version": 4, "serial": 3, "lineage": "x", "resources": [resource], **more}).encode()


def refused(data: bytes) -> TerraformStateError:
    with pytest.raises(TerraformStateError) as caught:
        read_state(data, "old.tfstate")
    return caught.value


class TestStateFiles:
    def test_everything_that_matters_is_read(self) -> None:
        """§11: attributes stay as they are, private data is bytes, the rest is ignored."""
        read = read_state(state(check_results=None, outputs={"a": {"value": 1, "type": "number"}}), "x")
        instance = read.resources[0].instances[0]
        assert (bytes(instance.attributes), instance.private) == (b'{"id": "i-1"}', b"hello")
        assert (read.outputs["a"].value, read.outputs["a"].sensitive) == (1, False)
        assert read.has_private

    def test_sensitive_paths(self) -> None:
        """§11: steps are names and indexes, these with a type."""
        steps = [
            {"type": "get_attr", "value": "users"},
            {"type": "index", "value": {"value": 0, "type": "number"}},
            {"type": "get_attr", "value": "password"},
        ]
        resource = json.loads(state())["resources"][0]
        resource["instances"] = [{**INSTANCE, "sensitive_attributes": [steps]}]
        read = read_state(state(resources=[resource]), "x")
        assert list(read.resources[0].instances[0].sensitive_paths()) == [("users", 0, "password")]

    def test_older_ones_are_refused_with_a_way_out(self) -> None:
        """§11: version 3 and below."""
        error = refused(json.dumps({"version": 3, "modules": []}).encode())
        assert "version 3" in error.message
        assert "terraform apply -refresh-only" in (error.hint or "")

    def test_newer_ones_are_refused(self) -> None:
        assert "the newest known is 4" in refused(json.dumps({"version": 5}).encode()).message

    def test_encrypted_ones_are_refused(self) -> None:
        """§11: OpenTofu's encrypted states need their key."""
        error = refused(json.dumps({"version": 4, "encrypted_data": "abc", "meta": {}}).encode())
        assert "is encrypted" in error.message
        assert "tofu state pull" in (error.hint or "")

    def test_a_file_that_was_cut_off(self) -> None:
        assert "cut off" in refused(state()[:80]).message
        assert "cut off" in refused(b"").message
        assert "cut off" in refused(b"\xff\x00").message
        assert "terraform show -json" in (refused(b"# random_pet.a:").hint or "")

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_as_other_shells_write_it(self, encoding: str) -> None:
        """What PowerShell redirects into a file begins with a mark, or is UTF-16."""
        assert read_state(state().decode().encode(encoding), "x") == read_state(state(), "x")

    def test_nothing_and_null_are_the_same(self) -> None:
        """Members that are null are not there; within attributes they stay."""
        nulls = (
            "private",
            "dependencies",
            "sensitive_attributes",
            "status",
            "deposed",
            "index_key",
            "identity",
        )
        resource = json.loads(state())["resources"][0]
        resource["module"] = None
        resource["instances"] = [{"attributes": {"id": None}, **dict.fromkeys(nulls)}]
        read = read_state(state(resources=[resource], outputs=None), "x")
        (instance,) = read.resources[0].instances
        assert (bytes(instance.attributes), instance.private, instance.dependencies) == (
            b'{"id": null}',
            b"",
            [],
        )
        assert read.resources[0].address == "aws_vpc.main"
        assert read_state(b'{"version": 4, "resources": null}', "x").resources == []

    def test_bottomless_ones_are_refused(self) -> None:
        deep = b"[" * 100_000 + b"]" * 100_000
        assert (
            "nested too deeply" in refused(b'{"version": 4, "outputs": {"a": {"value": %b}}}' % deep).message
        )

    def test_what_is_wrong_is_said_with_its_path(self) -> None:
        broken = json.loads(state())
        broken["resources"][0]["instances"][0]["private"] = 7
        assert "resources[0].instances[0].private" in refused(json.dumps(broken).encode()).message
        assert "no `version`" in refused(b"{}").message
        assert "no whole number" in refused(b'{"version": "4"}').message
        assert refused(b"[]").message.startswith("old.tfstate: ")

    def test_a_plan_is_no_state(self) -> None:
        error = refused(json.dumps({"format_version": "1.2", "planned_values": {}}).encode())
        assert "holds a plan" in error.message

    def test_the_file_of_a_backend_is_no_state(self) -> None:
        error = refused(json.dumps({"version": 3, "backend": {"type": "s3"}}).encode())
        assert "terraform state pull" in (error.hint or "")


class TestShow:
    def test_show_is_read_as_well(self) -> None:
        """§11: `terraform show -json` nests modules and marks secrets; it has no private data."""
        shown = {
            "format_version": "1.0",
            "values": {
                "root_module": {
                    "child_modules": [
                        {
                            "address": 'module.net["a"]',
                            "resources": [
                                {
                                    "address": 'module.net["a"].aws_subnet.this[1]',
                                    "mode": "managed",
                                    "type": "aws_subnet",
                                    "name": "this",
                                    "index": 1,
                                    "provider_name": "registry.terraform.io/hashicorp/aws",
                                    "schema_version": 1,
                                    "values": {"id": "subnet-1", "keys": [{"secret": "x"}]},
                                    "sensitive_values": {"keys": [{"secret": True}]},
                                    "depends_on": ["aws_vpc.main"],
                                    "tainted": True,
                                }
                            ],
                        }
                    ]
                }
            },
        }
        read = read_state(json.dumps(shown).encode(), "x")
        (resource,) = read.resources
        (instance,) = resource.instances
        assert resource.address == 'module.net["a"].aws_subnet.this'
        assert (instance.index_key, instance.tainted) == (1, True)
        assert instance.dependencies == ["aws_vpc.main"]
        assert list(instance.sensitive_paths()) == [("keys", 0, "secret")]
        assert not read.has_private

    def test_nothing_is_there(self) -> None:
        assert read_state(b'{"format_version": "1.0"}', "x").resources == []

    def test_another_format_is_refused(self) -> None:
        assert "only 1.x is known" in refused(b'{"format_version": "2.0"}').message


class TestFinding:
    def test_a_directory_means_its_state(self, tmp_path: Path) -> None:
        (tmp_path / "terraform.tfstate").write_bytes(state())
        assert find_state(tmp_path) == tmp_path / "terraform.tfstate"
        assert find_state(tmp_path / "terraform.tfstate") == tmp_path / "terraform.tfstate"

    def test_where_it_is_instead(self, tmp_path: Path) -> None:
        """A hint says how to get at states of workspaces and backends."""
        with pytest.raises(TerraformStateError, match="has no terraform"):
            find_state(tmp_path)
        kept = tmp_path / ".terraform"
        kept.mkdir()
        (kept / "terraform.tfstate").write_text("{}")
        with pytest.raises(TerraformStateError, match="kept in a backend"):
            find_state(tmp_path)
        work = tmp_path / "terraform.tfstate.d" / "blue"
        work.mkdir(parents=True)
        (work / "terraform.tfstate").write_text("{}")
        with pytest.raises(TerraformStateError, match="workspaces: blue"):
            find_state(tmp_path)
        with pytest.raises(TerraformStateError, match="There is no"):
            find_state(tmp_path / "nowhere")
