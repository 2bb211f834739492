"""Which plugins installed packages need (spec: cli.md §10.6, protocol.md §13.5, packages.md §5.6)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.environments import install

from stackwright.project.python import Parameterization, RequiredPlugin, required_plugins
from stackwright.project.python._plugins import plugin_version


class TestVersions:
    @pytest.mark.parametrize(
        ("python", "semantic"),
        [
            ("1.2.3", "1.2.3"),
            ("1.2", "1.2.0"),
            ("1", "1.0.0"),
            ("1.2.3a4", "1.2.3-alpha.4"),
            ("1.2.3b4", "1.2.3-beta.4"),
            ("1.2.3rc4", "1.2.3-rc.4"),
            ("1.2.3.post4", "1.2.3+post4"),
            ("1.2.3.dev4", "1.2.3+dev4"),
            ("1.2.3a4.dev5", "1.2.3-alpha.4+dev5"),
            ("1.2.3-beta.1", "1.2.3-beta.1"),
            ("1!1.2.3", None),
            ("banana", None),
        ],
    )
    def test_translation(self, python: str, semantic: str | None) -> None:
        """Python versions become semantic ones; epochs have none (cli.md §10.6)."""
        assert plugin_version(python) == semantic


class TestPlugins:
    def test_described(self, tmp_path: Path) -> None:
        """The description says name, version and where from."""
        install(
            tmp_path,
            "pulumi-aws",
            "7.0.0",
            package="pulumi_aws",
            plugin={"resource": True, "name": "aws", "version": "7.0.1", "server": "https://example.org"},
        )

        assert required_plugins([tmp_path]) == (
            RequiredPlugin(
                name="aws", version="7.0.1", server="https://example.org", distribution="pulumi-aws"
            ),
        )

    def test_gaps_are_filled_from_the_distribution(self, tmp_path: Path) -> None:
        """A missing name or version is the distribution's."""
        install(tmp_path, "pulumi-gcp", "9.0.0a1", package="pulumi_gcp", plugin={"resource": True})

        assert required_plugins([tmp_path]) == (
            RequiredPlugin(name="gcp", version="9.0.0-alpha.1", distribution="pulumi-gcp"),
        )

    def test_any_distribution_counts(self, tmp_path: Path) -> None:
        """A package of another name counts when it has a description."""
        install(
            tmp_path, "acme-cloud", "1.0.0", package="acme_cloud", plugin={"resource": True, "name": "acme"}
        )

        assert required_plugins([tmp_path]) == (
            RequiredPlugin(name="acme", version="1.0.0", distribution="acme-cloud"),
        )

    def test_the_name_alone_counts(self, tmp_path: Path) -> None:
        """A distribution that is called `pulumi-…` counts without a description."""
        install(tmp_path, "pulumi-old", "1.2.3", package="pulumi_old")

        assert required_plugins([tmp_path]) == (
            RequiredPlugin(name="old", version="1.2.3", distribution="pulumi-old"),
        )

    def test_what_is_no_provider(self, tmp_path: Path) -> None:
        """Components without a plugin, the SDK itself, policies and environments do not count."""
        install(tmp_path, "pulumi-comp", "1.0.0", package="pulumi_comp", plugin={"resource": False})
        install(tmp_path, "pulumi", "3.0.0", package="pulumi")
        install(tmp_path, "pulumi-policy", "1.0.0", package="pulumi_policy")
        install(tmp_path, "pulumi-esc-sdk", "1.0.0", package="pulumi_esc_sdk")
        install(tmp_path, "requests", "1.0.0", package="requests")

        assert required_plugins([tmp_path]) == ()

    def test_parameterized(self, tmp_path: Path) -> None:
        """A parameterised package names the base plugin and what to make of it (packages.md §2.4)."""
        value = {"name": "acme", "version": "2.0.0", "value": "e30="}
        base = {"resource": True, "name": "terraform-provider", "version": "1.0.0"}
        install(
            tmp_path,
            "pulumi-acme",
            "2.0.0",
            package="pulumi_acme",
            plugin={**base, "parameterization": value},
        )
        install(
            tmp_path,
            "pulumi-more",
            "2.0.0",
            package="pulumi_more",
            plugin={**base, "extensionParameterization": {**value, "name": "more"}},
        )

        first, second = required_plugins([tmp_path])

        assert (first.name, first.parameterization) == (
            "terraform-provider",
            Parameterization("acme", "2.0.0", "e30="),
        )
        assert second.extension == Parameterization("more", "2.0.0", "e30=")

    @pytest.mark.parametrize("text", ["{", "[]", "5"])
    def test_damaged(self, tmp_path: Path, text: str) -> None:
        """A damaged description does not stop anything; the name counts."""
        install(tmp_path, "pulumi-odd", "1.0.0", package="pulumi_odd", plugin=text)

        assert [plugin.name for plugin in required_plugins([tmp_path])] == ["odd"]

    def test_rebranded(self, tmp_path: Path) -> None:
        """Rebranded descriptions are read as well (sdk.md §23)."""
        install(
            tmp_path,
            "codeinfra-random",
            "1.0.0",
            package="codeinfra_random",
            files={"codeinfra-plugin.json": '{"resource": true, "name": "random"}'},
        )

        assert [plugin.name for plugin in required_plugins([tmp_path])] == ["random"]

    def test_developed_in_place(self, tmp_path: Path) -> None:
        """Packages that are installed in place count (packages.md §5.6)."""
        checkout = tmp_path / "checkout"
        (checkout / "src" / "pulumi_mine").mkdir(parents=True)
        (checkout / "src" / "pulumi_mine" / "pulumi-plugin.json").write_text(
            '{"resource": true, "version": "0.9.0"}'
        )
        origin = {"url": checkout.as_uri(), "dir_info": {"editable": True}}
        install(tmp_path / "site", "pulumi-mine", "1.0.0", origin=origin)

        assert required_plugins([tmp_path / "site"]) == (
            RequiredPlugin(name="mine", version="0.9.0", distribution="pulumi-mine"),
        )

    def test_order_and_doubles(self, tmp_path: Path) -> None:
        """Sorted by name; of two with one name the first counts; missing directories are skipped."""
        install(tmp_path / "a", "pulumi-b", "1.0.0", package="pulumi_b")
        install(tmp_path / "b", "pulumi-b", "2.0.0", package="pulumi_b")
        install(tmp_path / "b", "pulumi-a", "1.0.0", package="pulumi_a")

        found = required_plugins([tmp_path / "a", tmp_path / "missing", tmp_path / "b"])

        assert [(plugin.name, plugin.version) for plugin in found] == [("a", "1.0.0"), ("b", "1.0.0")]

    def test_genuine_packages(self) -> None:
        """Provider SDKs from the index are recognised."""
        pytest.importorskip("pulumi_random", reason="the genuine pulumi_random is not installed")
        found = {
            plugin.name: plugin for plugin in required_plugins([Path(entry) for entry in sys.path if entry])
        }

        assert found["random"].version is not None
        assert found["random"].version.count(".") == 2
