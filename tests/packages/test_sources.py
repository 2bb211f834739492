"""What the words after `package add` mean (packages.md §5.1, terraform.md §8.1, cli.md §11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.errors import UserError
from stackwright.packages._git import Repository
from stackwright.packages._sources import (
    GitSource,
    PluginSource,
    SchemaSource,
    TerraformSource,
    extended,
    parse_source,
    recorded_source,
    seen_from,
)
from stackwright.project import PackageSpec

AWS = TerraformSource(address="hashicorp/aws")
AWS_5 = TerraformSource(address="hashicorp/aws", constraint="~> 5.0")


class TestWords:
    @pytest.mark.parametrize(
        ("words", "source"),
        [
            (["hashicorp/aws"], AWS),
            (["hashicorp/aws", "~> 5.0"], AWS_5),
            (["hashicorp/aws@~> 5.0"], AWS_5),
            (["terraform-provider", "hashicorp/aws", "~> 5.0"], AWS_5),
            (["terraform-provider", "--", "hashicorp/aws"], AWS),
            (["terraform-provider@0.10.0", "aws"], TerraformSource(address="aws")),
            (
                ["registry.opentofu.org/hashicorp/aws"],
                TerraformSource(address="registry.opentofu.org/hashicorp/aws"),
            ),
            (
                [
                    "terraform-provider",
                    "acme/thing",
                    "--include",
                    "thing_a,thing_b",
                    "--include=thing_c",
                    "--exclude",
                    "thing_d",
                    "--provider-name",
                    "other",
                    "--fullDocs",
                    "--upstreamRepoPath=x",
                ],
                TerraformSource(
                    address="acme/thing",
                    includes=("thing_a", "thing_b", "thing_c"),
                    excludes=("thing_d",),
                    provider_name="other",
                ),
            ),
            (["random"], PluginSource(name="random")),
            (["random@v4.1.0"], PluginSource(name="random", version="4.1.0")),
            (["thing", "--", "a", "-b"], PluginSource(name="thing", arguments=("a", "-b"))),
            (
                ["github.com/acme/tools/a@v1.0.0", "--", "x"],
                GitSource(
                    repository=Repository("https://github.com/acme/tools", "a"),
                    ref="v1.0.0",
                    arguments=("x",),
                ),
            ),
        ],
    )
    def test_what_they_mean(self, tmp_path: Path, words: list[str], source: object) -> None:
        """A Terraform provider in short and in full, a plugin, and parameters after either."""
        assert parse_source(words[0], words[1:], directory=tmp_path) == source

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["terraform-provider"], "named by its address"),
            (["terraform-provider", "a/b", "1", "2"], "named by its address"),
            (["terraform-provider", "a/b", "--magic=1"], "unknown flag: --magic"),
            (["terraform-provider", "a/b", "--include"], "needs a value"),
            (["terraform-provider", "a/b", "new"], "not a version constraint"),
            (["hashicorp/terraform-provider-aws"], "has no prefix"),
            (["http://example.com/a/x.git"], "is not encrypted"),
            (["https://example.com"], "names no repository"),
            (["./missing"], "There is no"),
            (["@1.0.0"], "missing"),
        ],
    )
    def test_mistakes(self, tmp_path: Path, words: list[str], said: str) -> None:
        """Each with what may be written instead."""
        with pytest.raises(UserError, match=said):
            parse_source(words[0], words[1:], directory=tmp_path)

    def test_paths(self, tmp_path: Path) -> None:
        """Programs, directories and schema files, seen from the project."""
        for name in ("terraform-provider-x", "pulumi-resource-y", "schema.json", "dir/pulumi-resource-z"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "PulumiPlugin.yaml").touch()

        def parsed(text: str) -> object:
            return parse_source(text, directory=tmp_path)

        assert parsed("./terraform-provider-x") == TerraformSource(path="./terraform-provider-x")
        assert parsed("./pulumi-resource-y") == PluginSource(name="y", path="./pulumi-resource-y")
        assert parsed("./dir") == PluginSource(name="z", path="./dir")
        assert parsed("./source") == PluginSource(name="source", path="./source")
        assert parsed("schema.json") == SchemaSource(tmp_path / "schema.json")
        (tmp_path / "empty").mkdir()
        with pytest.raises(UserError, match="is no plugin"):
            parsed("./empty")

    @pytest.mark.parametrize(
        ("text", "seen"),
        [
            ("./thing", "./sub/thing"),
            ("../thing", "./thing"),
            ("../../thing", "../thing"),
            (".", "./sub"),
            ("schema.json", "./sub/schema.json"),
            ("a/schema.yaml", "./sub/a/schema.yaml"),
            ("/abs/thing", "/abs/thing"),
            ("~/thing", "~/thing"),
            ("hashicorp/aws", "hashicorp/aws"),
            ("--include=a", "--include=a"),
        ],
    )
    def test_typed_in_a_folder_of_the_project(self, text: str, seen: str) -> None:
        """cli.md §11: paths are meant from where they are typed, and recorded from the project file."""
        root = Path("/work-of-mine/project")
        assert seen_from(text, root / "sub", root) == seen
        assert seen_from(text, root, root) == text


class TestRecorded:
    def test_entries_of_the_project_file(self, tmp_path: Path) -> None:
        """packages.md §5.2: what was recorded means the same again."""
        terraform = PackageSpec(
            source="terraform-provider", version="0.9.0", parameters=("hashicorp/aws", "5.1.0")
        )
        assert recorded_source("aws", terraform, tmp_path) == TerraformSource(
            address="hashicorp/aws", constraint="5.1.0"
        )
        plugin = PackageSpec(
            source="thing",
            version="1.0.0",
            checksums={"a": "b"},
            plugin_download_url="https://x",
            parameters=("p",),
        )
        assert recorded_source("thing", plugin, tmp_path) == PluginSource(
            name="thing", version="1.0.0", server="https://x", checksums={"a": "b"}, arguments=("p",)
        )

    def test_parameters_mean_the_same_again(self, tmp_path: Path) -> None:
        """terraform.md §7.2: with the version that was chosen."""
        words = ["acme/thing", "~> 1.0", "--include", "a", "--exclude=b", "--provider-name=other"]
        source = parse_source("terraform-provider", words, directory=tmp_path)
        assert isinstance(source, TerraformSource)
        recorded = PackageSpec(
            source="terraform-provider",
            parameters=source.parameters("1.5.0", "registry.terraform.io/acme/thing"),
        )
        again = recorded_source("other", recorded, tmp_path)
        assert again == TerraformSource(
            address="registry.terraform.io/acme/thing",
            constraint="1.5.0",
            includes=("a",),
            excludes=("b",),
            provider_name="other",
        )


class TestExtended:
    def test_what_parameters_made_is_not_extended(self) -> None:
        """packages.md §6: `register_package` takes one parameter, the package's or the extension's."""
        made = PluginSource(name="kubernetes", arguments=("crds.yaml",))

        with pytest.raises(UserError, match=r"register_package`, which takes one parameter") as told:
            extended(made, ["gateway.yaml"])

        assert (
            told.value.hint
            == "Leave out the parameters, to extend the plugin's own package, or the extension"
        )
        assert extended(made, []) is made
