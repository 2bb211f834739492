"""`stack` and its sub-commands (cli.md §5)."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest


def test_init_makes_and_selects(line: Any) -> None:
    """cli.md §5.3"""
    assert line.ok("stack", "init", "dev") == "Created stack 'dev'\n"
    assert line.ok("stack", "--show-name") == "dev\n"
    assert line.ok("stack", "--show-name", "-Q") == "organization/shop/dev\n"
    assert re.search("stack.*already exists", line.refused("stack", "init", "dev"))
    line.ok("stack", "new", "--no-select", "-s", "other")
    assert line.ok("stack", "--show-name") == "dev\n"


def test_init_needs_one_name(line: Any) -> None:
    """cli.md §5.3, §2"""
    assert "missing stack name" in line.refused("stack", "init")
    assert "only one of --stack or argument stack name may be specified, not both" in line.refused(
        "stack", "init", "a", "-s", "b"
    )


def test_init_copies_configuration_and_encrypts_it_anew(dev: Any) -> None:
    """cli.md §5.3"""
    dev.ok("config", "set", "plain", "1")
    dev.ok("config", "set", "hidden", "2", "--secret")
    dev.ok("stack", "init", "copy", "--copy-config-from", "dev")
    assert dev.ok("config", "get", "plain") == "1\n"
    assert dev.ok("config", "get", "hidden") == "2\n"


def test_ls(line: Any) -> None:
    """cli.md §5.2"""
    assert line.json("stack", "ls", "--json") == []
    line.ok("stack", "init", "b")
    line.ok("stack", "init", "a")
    table = [row.split() for row in line.ok("stack", "list").splitlines()]
    assert table == [
        ["NAME", "LAST", "UPDATE", "RESOURCE", "COUNT"],
        ["a*", "n/a", table[1][2]],
        ["b", "n/a", table[2][2]],
    ]
    listed = line.json("stack", "ls", "-j")
    assert [(item["name"], item["current"]) for item in listed] == [("a", True), ("b", False)]
    assert all("lastUpdate" not in item for item in listed)


def test_ls_filters(line: Any, tmp_path: Any) -> None:
    """cli.md §5.2"""
    line.ok("stack", "init", "dev")
    line.ok("stack", "init", "organization/other/dev")
    line.ok("stack", "tag", "set", "team", "red", "-s", "dev")
    names = lambda *flags: [item["name"] for item in line.json("stack", "ls", "-j", *flags)]  # noqa: E731
    assert names() == ["dev"]
    assert len(names("--all")) == 2
    assert names("-p", "other") == ["organization/other/dev"]
    assert names("-t", "team") == names("-t", "team=red") == ["dev"]
    assert names("-t", "team=blue") == []
    assert "could not detect current project" in line.refused("-C", str(tmp_path), "stack", "ls")


def test_select(dev: Any) -> None:
    """cli.md §5.4, §1.7"""
    dev.ok("stack", "init", "other")
    assert dev.ok("stack", "select", "dev") == ""
    assert dev.ok("stack", "--show-name") == "dev\n"
    assert "no stack named 'none' found" in dev.refused("stack", "select", "none", status=6)
    assert "no stack selected; specify a stack name with --stack" in dev.refused("stack", "select", status=6)
    assert "Created stack 'made'" in dev.ok("stack", "select", "--create", "made")
    assert dev.ok("stack", "--show-name") == "made\n"
    said = dev("stack", "unselect")
    assert (said.status, said.out, said.err) == (0, "", "Stack was unselected\n")
    assert "no stack selected; please use `stackwright stack select`" in dev.refused("stack")


def test_rm(deployed: Any) -> None:
    """cli.md §5.5, §1.6"""
    deployed.ok("config", "set", "a", "b")
    assert "non-interactive mode requires --yes flag" in deployed.refused("stack", "rm", "dev")
    assert "'dev' still has resources; removal rejected." in deployed.refused("stack", "rm", "dev", "--yes")
    assert deployed.ok("stack", "remove", "dev", "-y", "-f", "--preserve-config").endswith(
        "Stack 'dev' has been removed!\n"
    )
    assert (deployed.project / "Pulumi.dev.yaml").exists()
    assert "no stack selected" in deployed.refused("stack", "output")
    deployed.ok("stack", "init", "dev")
    deployed.ok("stack", "delete", "-y")
    assert not (deployed.project / "Pulumi.dev.yaml").exists()
    assert "no stack named 'dev' found" in deployed.refused("stack", "rm", "dev", "-y", status=6)


def test_confirmations_can_be_skipped_for_good(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §1.6"""
    monkeypatch.setenv("PULUMI_SKIP_CONFIRMATIONS", "true")
    dev.ok("stack", "rm", "dev")


def test_rename_moves_the_stack_file_and_the_urns(deployed: Any) -> None:
    """cli.md §5.6"""
    deployed.ok("config", "set", "a", "b")
    assert deployed.ok("stack", "rename", "prod") == "Renamed dev to prod\n"
    assert not (deployed.project / "Pulumi.dev.yaml").exists()
    assert deployed.ok("config", "get", "a") == "b\n"
    urns = [entry["urn"] for entry in deployed.json("stack", "--output", "json")["resources"]]
    assert urns[0] == "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
    assert all(urn.startswith("urn:pulumi:prod::shop::") for urn in urns)


def test_the_stack_itself(deployed: Any) -> None:
    """cli.md §5.1"""
    shown = deployed.ok("stack", "--show-ids", "--show-urns").splitlines()
    assert shown[0] == "Current stack is dev:"
    assert "Current stack resources (3):" in shown
    assert any(re.fullmatch(r"    └─ shop:index:Shelf +shelf", row) for row in shown)
    assert any(re.fullmatch(r"       └─ shop:index:Book +book", row) for row in shown)
    assert any(row.strip() == "ID: book-1" for row in shown)
    assert sum("URN: urn:pulumi:dev::shop::" in row for row in shown) == 3
    assert "Current stack outputs (3):" in shown
    assert shown[-1].startswith("Use `stackwright stack select` to change stack")
    known = deployed.json("stack", "--output", "json")
    assert (known["project"], known["stack"]) == ("shop", "dev")
    assert known["resources"][2] == {
        "urn": "urn:pulumi:dev::shop::shop:index:Shelf$shop:index:Book::book",
        "type": "shop:index:Book",
        "name": "book",
        "id": "book-1",
        "parent": "urn:pulumi:dev::shop::shop:index:Shelf::shelf",
    }


def test_an_empty_stack(dev: Any) -> None:
    """cli.md §5.1, §5.7"""
    shown = dev.ok("stack")
    assert "    No updates yet; run `stackwright up`\n    No resources currently in this stack\n" in shown
    assert "outputs" not in shown
    assert dev.json("stack", "output", "--json") == {}


def test_outputs(deployed: Any) -> None:
    """cli.md §5.7"""
    block = deployed.ok("stack", "output").splitlines()
    assert block[:2] == ["Current stack outputs (3):", "    OUTPUT  VALUE"]
    assert "    port    80" in block
    assert deployed.ok("stack", "output", "name") == "it's\n"
    assert json.loads(deployed.ok("stack", "output", "tags")) == {"a": [1, True, None]}
    assert deployed.json("stack", "output", "name", "--json") == "it's"
    assert deployed.json("stack", "output", "-j")["port"] == 80
    shell = shlex.split(deployed.ok("stack", "output", "--shell"))
    assert shell == ["name=it's", "port=80", 'tags={"a":[1,true,null]}']
    assert "current stack does not have output property 'none'" in deployed.refused("stack", "output", "none")
    assert "only one of --json and --shell may be set" in deployed.refused("stack", "output", "-j", "--shell")


def test_secret_outputs_are_masked_without_a_passphrase(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §5.7, §5.8"""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    dev.ok("stack", "init", "locked", "--secrets-provider", "passphrase")
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hush"'}
    document = {
        "version": 3,
        "deployment": {
            "manifest": {"time": "2026-01-02T03:04:05Z", "magic": "", "version": ""},
            "resources": [
                {
                    "urn": "urn:pulumi:locked::shop::pulumi:pulumi:Stack::shop-locked",
                    "custom": False,
                    "type": "pulumi:pulumi:Stack",
                    "outputs": {"password": secret},
                }
            ],
        },
    }
    dev.ok("stack", "import", stdin=json.dumps(document))
    assert dev.json("stack", "output", "-j", "--show-secrets") == {"password": "hush"}
    assert "hush" in dev.ok("stack", "export", "--show-secrets")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    assert dev.json("stack", "output", "-j") == {"password": "[secret]"}
    assert dev.ok("stack", "output", "password") == "[secret]\n"
    assert "hush" not in dev.ok("stack", "export")


def test_export_and_import_are_inverses(deployed: Any) -> None:
    """cli.md §5.8, §1.8"""
    text = deployed.ok("stack", "export")
    assert text.startswith('{\n    "version": 3,')
    deployed.ok("stack", "export", "--file", "state.json")
    assert (deployed.project / "state.json").read_text(encoding="utf-8") == text
    assert deployed.ok("stack", "import", "--file", "state.json").endswith("Import complete.\n")
    assert (
        json.loads(deployed.ok("stack", "export"))["deployment"]["resources"]
        == (json.loads(text)["deployment"]["resources"])
    )
    assert "cannot be read" in deployed.refused("stack", "import", "--file", "none.json")
    assert deployed.refused("stack", "import", stdin=text[: len(text) // 2])
    assert deployed.json("stack", "ls", "-j")[0]["resourceCount"] == 3


def test_tags(dev: Any) -> None:
    """cli.md §5.11"""
    dev.ok("stack", "tag", "set", "team", "red")
    assert dev.ok("stack", "tag", "get", "team") == "red\n"
    assert dev.json("stack", "tag", "ls", "--json")["team"] == "red"
    table = [row.split() for row in dev.ok("stack", "tag", "ls").splitlines()]
    assert table[0] == ["NAME", "VALUE"]
    assert ["team", "red"] in table
    dev.ok("stack", "tag", "rm", "team")
    assert "stack tag 'team' not found for stack 'dev'" in dev.refused("stack", "tag", "get", "team")


def test_no_history_yet(dev: Any) -> None:
    """cli.md §5.10"""
    assert dev.ok("stack", "history") == "Stack has never been updated\n"
    assert dev.ok("stack", "hist", "--page", "2") == "No stack updates found on page '2'\n"
    assert dev.json("stack", "history", "--json") == []
    assert dev.refused("stack", "history", "--page", "0")
