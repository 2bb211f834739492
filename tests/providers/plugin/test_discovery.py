"""Where plugins are found, and which version is taken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from stackwright.errors import UserError
from stackwright.providers import ProviderNotFoundError
from stackwright.providers.plugin import (
    ProjectPlugin,
    UnreadableRangeError,
    find_plugin,
    installed_plugins,
    parse_version,
    version_satisfies,
)


class Machine:
    """A home of ours, one of the compatible tool, and a PATH; all empty at first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir()
        self.ours = root / "ours" / "plugins"
        self.theirs = root / "theirs" / "plugins"
        self.environ = {
            "STACKWRIGHT_HOME": str(root / "ours"),
            "PULUMI_HOME": str(root / "theirs"),
            "PATH": str(self.bin),
        }

    def program(self, directory: Path, name: str) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"pulumi-resource-{name}"
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    def install(self, directory: Path, name: str, version: str) -> Path:
        return self.program(directory / f"resource-{name}-v{version}", name)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class TestOrder:
    def test_the_project_comes_first(self, machine: Machine) -> None:
        """protocol.md §7.2: project, PATH, directories."""
        machine.install(machine.ours, "aws", "1.0.0")
        machine.program(machine.bin, "aws")
        local = machine.program(machine.root / "local", "aws")

        found = find_plugin(
            "aws", "", project_plugins=[ProjectPlugin(name="aws", path=local)], environ=machine.environ
        )

        assert (found.path, found.origin) == (local, "the project file")

    def test_path_comes_before_the_directories_and_is_mentioned(self, machine: Machine) -> None:
        """protocol.md §7.2."""
        machine.install(machine.ours, "aws", "1.0.0")
        program = machine.program(machine.bin, "aws")

        found = find_plugin("aws", "1.0.0", environ=machine.environ)

        assert found.path == program
        assert str(program) in found.notes[0]

    @pytest.mark.parametrize("prefix", ["PULUMI", "STACKWRIGHT"])
    def test_path_can_be_left_out(self, machine: Machine, prefix: str) -> None:
        """protocol.md §7.2."""
        program = machine.install(machine.theirs, "aws", "1.0.0")
        machine.program(machine.bin, "aws")

        found = find_plugin(
            "aws", "", environ={**machine.environ, f"{prefix}_IGNORE_AMBIENT_PLUGINS": "true"}
        )

        assert (found.path, found.version, found.notes) == (program, "1.0.0", ())


class TestProjectPlugins:
    def test_a_directory_is_searched_for_the_program(self, machine: Machine) -> None:
        """protocol.md §7.2; without one its descriptor is used (§7.6)."""
        local = machine.program(machine.root / "local", "aws")
        source = machine.root / "source"
        source.mkdir()

        with_program = ProjectPlugin(name="aws", path=local.parent)
        without = ProjectPlugin(name="aws", path=source)

        assert find_plugin("aws", project_plugins=[with_program], environ=machine.environ).path == local
        assert find_plugin("aws", project_plugins=[without], environ=machine.environ).path == source

    def test_another_version_is_passed_over_with_a_note(self, machine: Machine) -> None:
        """protocol.md §7.2."""
        local = machine.program(machine.root / "local", "aws")
        cached = machine.install(machine.ours, "aws", "2.0.0")
        plugin = ProjectPlugin(name="aws", path=local, version="1.0.0")

        found = find_plugin("aws", "v2.0.0", project_plugins=[plugin], environ=machine.environ)

        assert found.path == cached
        assert "is version 1.0.0, not 2.0.0" in found.notes[0]
        assert find_plugin("aws", "1.0.0", project_plugins=[plugin], environ=machine.environ).path == local

    def test_naming_one_twice_is_an_error(self, machine: Machine) -> None:
        """protocol.md §7.2."""
        plugins = [ProjectPlugin(name="aws", path=Path(path)) for path in ("/a", "/b")]

        with pytest.raises(UserError, match="2 times"):
            find_plugin("aws", project_plugins=plugins, environ=machine.environ)

    def test_a_path_that_is_not_there_is_an_error(self, machine: Machine) -> None:
        """What the project file names is meant: nothing else is taken silently."""
        with pytest.raises(UserError, match="is not there"):
            find_plugin(
                "aws",
                project_plugins=[ProjectPlugin(name="aws", path=machine.root / "nowhere")],
                environ=machine.environ,
            )


class TestVersions:
    def test_a_requested_version_is_taken_exactly(self, machine: Machine) -> None:
        """protocol.md §7.3: build metadata does not count."""
        machine.install(machine.ours, "aws", "1.2.0")
        exact = machine.install(machine.theirs, "aws", "1.1.0+build")

        assert find_plugin("aws", "1.1.0", environ=machine.environ).path == exact

    def test_without_a_request_the_newest_stable_one_is_taken(self, machine: Machine) -> None:
        """protocol.md §7.3: numbers are compared as numbers."""
        for version in ("1.9.0", "2.0.0-alpha.1"):
            machine.install(machine.ours, "aws", version)
        newest = machine.install(machine.theirs, "aws", "1.10.0")

        assert find_plugin("aws", "", environ=machine.environ).path == newest

    def test_a_prerelease_is_better_than_nothing(self, machine: Machine) -> None:
        """protocol.md §7.3."""
        machine.install(machine.ours, "aws", "2.0.0-alpha.1")
        newer = machine.install(machine.ours, "aws", "2.0.0-alpha.2")

        assert find_plugin("aws", "", environ=machine.environ).path == newer

    def test_of_equals_ours_is_taken(self, machine: Machine) -> None:
        """Our own directory comes before the compatible tool's."""
        machine.install(machine.theirs, "aws", "1.0.0")
        ours = machine.install(machine.ours, "aws", "1.0.0")

        assert find_plugin("aws", "", environ=machine.environ).path == ours
        assert find_plugin("aws", "1.0.0", environ=machine.environ).path == ours

    def test_the_old_search_takes_newer_ones(self, machine: Machine) -> None:
        """protocol.md §7.3 PULUMI_ENABLE_LEGACY_PLUGIN_SEARCH."""
        machine.install(machine.ours, "aws", "1.0.0")
        newer = machine.install(machine.ours, "aws", "1.5.0")
        environ = {**machine.environ, "PULUMI_ENABLE_LEGACY_PLUGIN_SEARCH": "1"}

        assert find_plugin("aws", "1.2.0", environ=environ).path == newer

    def test_unfinished_installations_do_not_count(self, machine: Machine) -> None:
        """protocol.md §7.3: `.partial` sidecars and `.tmp…` leftovers."""
        machine.install(machine.ours, "aws", "3.0.0")
        (machine.ours / "resource-aws-v3.0.0.partial").touch()
        machine.install(machine.ours, "aws", "4.0.0.tmp123")
        (machine.ours / "resource-aws-v5.0.0").touch()
        good = machine.install(machine.ours, "aws", "1.0.0")

        assert find_plugin("aws", "", environ=machine.environ).path == good

    def test_names_and_versions_with_dashes_are_told_apart(self, machine: Machine) -> None:
        """protocol.md §7.3: `<kind>-<name>-v<version>`."""
        machine.install(machine.ours, "azure-native", "1.0.0")
        machine.install(machine.ours, "my-vault", "1.0.0-v2")
        machine.install(machine.ours, "api-v2", "1.0.0")

        listed = {(entry.kind, entry.name, str(entry.version)) for entry in installed_plugins(machine.ours)}

        assert listed == {
            ("resource", "azure-native", "1.0.0"),
            ("resource", "my-vault", "1.0.0-v2"),
            ("resource", "api-v2", "1.0.0"),
        }

    def test_other_names_and_kinds_are_left_alone(self, machine: Machine) -> None:
        """A plugin whose name only begins the same is another plugin."""
        machine.install(machine.ours, "aws-native", "1.0.0")
        (machine.ours / "language-aws-v1.0.0").mkdir()

        with pytest.raises(ProviderNotFoundError):
            find_plugin("aws", "", environ=machine.environ)


class TestNotFound:
    def test_the_error_says_where_and_how(self, machine: Machine) -> None:
        """A missing plugin: what was wanted, each place, and the way to get it."""
        machine.install(machine.theirs, "aws", "1.0.0")
        machine.install(machine.theirs, "aws", "1.1.0")

        with pytest.raises(ProviderNotFoundError) as failure:
            find_plugin("aws", "2.0.0", environ=machine.environ)

        error = failure.value
        assert error.message == "No resource plugin `aws` of version 2.0.0 is installed"
        assert error.detail is not None
        assert "PATH: no program `pulumi-resource-aws`" in error.detail
        assert f"{machine.ours}: none" in error.detail
        assert f"{machine.theirs}: only 1.0.0, 1.1.0" in error.detail
        assert error.hint is not None
        assert str(machine.ours / "resource-aws-v2.0.0") in error.hint
        assert "pulumi-resource-aws-v2.0.0-" in error.hint

    @pytest.mark.parametrize("name", ["../aws", "a/b", "", ".aws", "a b", "aws\n"])
    def test_names_never_become_paths(self, machine: Machine, name: str) -> None:
        """Names come from programs and state: what cannot be a plugin's name is refused."""
        with pytest.raises(ProviderNotFoundError, match="cannot be the name"):
            find_plugin(name, environ=machine.environ)

    def test_a_directory_that_may_not_be_read_is_empty(self, machine: Machine) -> None:
        """No plugin directory, or none that can be listed, is not an error of its own."""
        machine.ours.parent.mkdir()
        machine.ours.write_text("a file")

        assert list(installed_plugins(machine.ours)) == []
        assert list(installed_plugins(machine.root / "missing")) == []


class TestVersionTexts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("v3", "3.0.0"), ("1.0.0-rc.1+b", "1.0.0-rc.1+b")],
    )
    def test_reading_is_tolerant(self, text: str, expected: str) -> None:
        """protocol.md §8.4."""
        assert str(parse_version(text)) == expected

    @pytest.mark.parametrize("text", ["", "v", "latest", "1.x"])
    def test_what_is_no_version_is_none(self, text: str) -> None:
        """protocol.md §8.4: empty means unknown."""
        assert parse_version(text) is None

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1))
    def test_versions_read_back(self, numbers: list[tuple[int, int, int]]) -> None:
        """What a directory name says is what was installed."""
        for triple in numbers:
            version = Version(*triple)
            assert parse_version(f"v{version}") == version


class TestRanges:
    @pytest.mark.parametrize(
        ("wanted", "holds"),
        [
            (">=3.5.0", True),
            (">=3.5.0 !3.6.0", False),
            ("<3.4.0 || >3.5.0", True),
            ("<3.4.0 || >3.8.0", False),
            ("3.6.0", True),
            ("v3.6.0", True),
            (">= 3.6 <3.7", True),
            ("!=3.6.0", False),
            ("==3.6.0, <4", True),
        ],
    )
    def test_conditions_and_alternatives(self, wanted: str, *, holds: bool) -> None:
        """protocol.md §7.6."""
        assert version_satisfies("3.6.0", wanted) is holds

    @pytest.mark.parametrize("wanted", ["", "latest", ">=3.5.0 ||", "~>3", ">=x"])
    def test_what_is_no_range_is_an_error(self, wanted: str) -> None:
        """protocol.md §7.6."""
        with pytest.raises(UnreadableRangeError):
            version_satisfies("3.6.0", wanted)


def test_nothing_is_written(machine: Machine) -> None:
    """Looking for plugins leaves the compatible tool's directory as it is."""
    machine.install(machine.theirs, "aws", "1.0.0")
    before = sorted(os.walk(machine.root))

    find_plugin("aws", "1.0.0", environ=machine.environ)

    assert sorted(os.walk(machine.root)) == before
