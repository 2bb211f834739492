"""Help, mistakes, exit codes, and flags that come from the environment (cli.md §1)."""

from __future__ import annotations

from typing import Any

import pytest

from stackwright.cli._app import ALIASES, COMMANDS


def test_the_root_helps(line: Any) -> None:
    """cli.md §1.3"""
    text = line.ok()
    assert text == line.ok("--help") == line.ok("-h")
    for section in ("Stack Management:", "Deployment:", "Environment:", "Other:"):
        assert section in text
    assert all(f"\n  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS, *ALIASES])
def test_every_command_helps(line: Any, name: str) -> None:
    """cli.md §1.3, §3"""
    said = line(name, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"Usage: stackwright {name}")


@pytest.mark.parametrize("name", ["plugin", "package", "stack tag"])
def test_a_bare_group_prints_its_help_and_fails(line: Any, name: str) -> None:
    """cli.md §1.3"""
    said = line(*name.split())
    assert (said.status, said.err) == (1, "")
    assert said.out.startswith(f"Usage: stackwright {name}")


def test_unknown_commands(line: Any) -> None:
    """cli.md §1.3"""
    assert line.refused("stak") == (
        'error: unknown command "stak" for "stackwright"\n'
        "\nDid you mean this?\n\tstackwright stack\n\tstackwright install\n"
        "\nRun 'stackwright --help' for usage.\n"
    )
    assert line.refused("stack", "qqq") == (
        'error: unknown command "qqq" for "stackwright stack"\nRun \'stackwright stack --help\' for usage.\n'
    )


def test_unknown_flags_and_bad_values(dev: Any) -> None:
    """cli.md §1.3, §1.1"""
    assert dev.refused("up", "--skip-previe").startswith("error: unknown flag: --skip-previe\nDid you mean")
    assert dev.refused("up", "--yess") == "error: unknown flag: --yess\nDid you mean --yes?\n"
    assert dev.refused("preview", "--yes") == "error: unknown flag: --yes\n"
    assert dev.refused("stack", "ls", "-x") == "error: unknown shorthand flag: 'x' in -x\n"
    assert "unsupported color option: 'purple'" in dev.refused("--color", "purple", "stack")
    assert "flag needs an argument: --cwd" in dev.refused("stack", "--cwd")
    for bad in (("config", "get"), ("stack", "init", "a", "b"), ("stack", "history", "--page", "x")):
        assert "Run 'stackwright " in dev.refused(*bad)


def test_exit_codes(dev: Any) -> None:
    """cli.md §1.7"""
    consent = "--yes or --skip-preview or --preview-only must be passed in to proceed"
    assert consent in dev.refused("up", status=2)
    assert consent in dev.refused("destroy", status=2)
    assert consent in dev.refused("refresh", status=1)
    for command in (
        ("up", "-y"),
        ("preview",),
        ("config",),
        ("stack",),
        ("stack", "output"),
        ("stack", "export"),
    ):
        assert "no stack named 'none' found" in dev.refused(*command, "-s", "none", status=6)
    dev.ok("stack", "unselect")
    assert "no stack selected" in dev.refused("preview", status=1)


def test_the_flags_of_every_command_stand_anywhere(dev: Any, tmp_path: Any) -> None:
    """cli.md §1.1"""
    for arguments in (("-C", str(dev.project), "stack", "--show-name"), ("stack", "--show-name", "-C", "..")):
        dev(*arguments)
    dev.ok("-C", str(dev.project), "stack", "--show-name")
    assert dev.ok("-Q", "stack", "--show-name") == dev.ok("stack", "--show-name", "-Q")
    assert "there is no directory" in dev.refused("stack", "--cwd", str(tmp_path / "none"))


def test_flags_from_the_environment(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §1.2"""
    monkeypatch.setenv("PULUMI_OPTION_SHOW_NAME", "True")
    assert dev.ok("stack") == "dev\n"
    monkeypatch.setenv("STACKWRIGHT_OPTION_SHOW_NAME", "0")
    assert dev.ok("stack").startswith("Current stack is dev:")
    monkeypatch.setenv("STACKWRIGHT_OPTION_SHOW_NAME", "perhaps")
    assert dev.ok("stack").startswith("Current stack is dev:")
    monkeypatch.setenv("PULUMI_OPTION_PAGE", "7")
    assert "on page '7'" in dev.ok("stack", "history")
    assert "on page '2'" in dev.ok("stack", "history", "--page", "2")
    monkeypatch.setenv("PULUMI_OPTION_PLAINTEXT", "a=1,b=2")
    dev.ok("config", "set-all")
    assert dev.ok("config", "get", "b") == "2\n"


def test_flags_of_every_command_from_the_environment(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §1.2"""
    monkeypatch.setenv("PULUMI_OPTION_FULLY_QUALIFY_STACK_NAMES", "1")
    assert dev.ok("stack", "--show-name") == "organization/shop/dev\n"
    monkeypatch.setenv("STACKWRIGHT_OPTION_FULLY_QUALIFY_STACK_NAMES", "false")
    assert dev.ok("stack", "--show-name") == "dev\n"
    monkeypatch.setenv("PULUMI_OPTION_COLOR", "purple")
    assert "unsupported color option: 'purple'" in dev.refused("stack")
    dev.ok("stack", "--color", "never")


def test_slips_in_files_are_warned_about(dev: Any) -> None:
    """What is allowed but hardly meant is said before anything is done (state.md §1.2)."""
    (dev.project / "Pulumi.yaml").write_text("name: shop\nruntime: python\ndescriptoin: x\n")
    (dev.project / "Pulumi.dev.yaml").write_text("config:\n  shop:empty:\n")
    said = dev("destroy", "--yes")
    assert said.status == 0
    assert said.err.splitlines()[:2] == [
        "warning: Pulumi.yaml:3:1: `descriptoin` means nothing here; did you mean `description`?",
        "warning: Pulumi.dev.yaml:2:3: `shop:empty` has no value; it is taken as empty text",
    ]
