"""`config` and its sub-commands (cli.md §6)."""

from __future__ import annotations

import json
from typing import Any


def test_values_go_in_and_come_out(dev: Any) -> None:
    """cli.md §6"""
    assert dev.ok("config", "set", "colour", "red") == ""
    assert dev.ok("config", "get", "colour") == "red\n"
    assert dev.ok("config", "get", "shop:colour") == "red\n"
    assert dev.json("config", "get", "colour", "--json")["value"] == "red"
    dev.ok("config", "set", "aws:region", "eu-west-1")
    rows = [row.split() for row in dev.ok("config").splitlines()]
    assert rows == [["KEY", "VALUE"], ["aws:region", "eu-west-1"], ["colour", "red"]]
    assert "configuration key 'none' not found for stack 'dev'" in dev.refused("config", "get", "none")


def test_secrets_are_encrypted_and_masked(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("config", "set", "token", "hush", "--secret")
    text = (dev.project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert "secure:" in text
    assert "hush" not in text
    assert "[secret]" in dev.ok("config")
    assert "hush" in dev.ok("config", "--show-secrets")
    assert dev.ok("config", "get", "token") == "hush\n"
    assert dev.json("config", "-j") == {"shop:token": {"secret": True}}
    assert dev.json("config", "-j", "--show-secrets") == {"shop:token": {"value": "hush", "secret": True}}


def test_what_looks_secret_has_to_be_declared(dev: Any) -> None:
    """cli.md §6"""
    suspicious = ("config", "set", "apiToken", "Zk7#qP2!vX9@wL4$")
    assert "config value for 'apiToken' looks like a secret; rerun with --secret" in dev.refused(*suspicious)
    dev.ok(*suspicious, "--plaintext")
    assert dev.refused(*suspicious, "--plaintext", "--secret")


def test_paths_and_types(dev: Any) -> None:
    """cli.md §6, state.md §3"""
    dev.ok("config", "set", "--path", "data.names[0]", "ann")
    dev.ok("config", "set", "--path", "data.names[1]", "bob")
    dev.ok("config", "set", "--path", "data.on", "true")
    dev.ok("config", "set", "--path", "data.key", "hush", "--secret")
    assert dev.ok("config", "get", "--path", "data.names[1]") == "bob\n"
    assert json.loads(dev.ok("config", "get", "data")) == {"names": ["ann", "bob"], "on": True, "key": "hush"}
    shown = dev.json("config", "--json")["shop:data"]
    assert shown["secret"] is True
    assert "hush" not in json.dumps(shown)
    assert '"key":"[secret]"' in dev.ok("config").replace(" ", "")
    dev.ok("config", "rm", "--path", "data.names[0]")
    assert json.loads(dev.ok("config", "get", "--path", "data.names")) == ["bob"]
    dev.ok("config", "set", "port", "80", "--type", "int")
    assert "shop:port: 80\n" in (dev.project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert dev.refused("config", "set", "port", "many", "--type", "int")


def test_values_from_standard_input(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("config", "set", "a", stdin="line\n")
    assert dev.ok("config", "get", "a") == "line\n"
    dev.ok("config", "set", "b", "--raw", stdin="line\n")
    assert dev.ok("config", "get", "b") == "line\n\n"
    dev.ok("config", "set", "c", "--non-interactive", "--stack", "dev", "--", "-dash")
    assert dev.ok("config", "get", "c") == "-dash\n"


def test_many_at_once(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("config", "set-all", "--plaintext", "a=1", "--plaintext", "b=x=y", "--secret", "c=hush")
    assert dev.ok("config", "get", "b") == "x=y\n"
    assert dev.json("config", "-j")["shop:c"] == {"secret": True}
    before = (dev.project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert "config value must be in the form [key]=[value]" in dev.refused(
        "config", "set-all", "--plaintext", "d=1", "--plaintext", "e"
    )
    assert (dev.project / "Pulumi.dev.yaml").read_text(encoding="utf-8") == before
    shown = dev.ok("config", "-j", "--show-secrets")
    dev.ok("config", "rm-all", "a", "b", "c", "none")
    assert dev.json("config", "-j") == {}
    dev.ok("config", "set-all", "--json", shown)
    assert dev.ok("config", "-j", "--show-secrets") == shown
    assert dev.refused("config", "set-all", "--json", '{"a": {"secret": false}}')
    assert dev.refused("config", "set-all", "--json", shown, "--plaintext", "a=1")


def test_paths_in_set_all_and_rm_all(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("config", "set-all", "--path", "--plaintext", "o.a=1", "--plaintext", "o.b=true")
    assert json.loads(dev.ok("config", "get", "o")) == {"a": 1, "b": True}
    dev.ok("config", "rm-all", "--path", "o.a")
    assert json.loads(dev.ok("config", "get", "o")) == {"b": True}


def test_removal_of_what_is_not_there(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("config", "rm", "none")
    dev.ok("config", "set", "a", "b")
    dev.ok("config", "remove", "a")
    assert dev.refused("config", "get", "a")


def test_copies(dev: Any) -> None:
    """cli.md §6"""
    dev.ok("stack", "init", "other", "--no-select")
    dev.ok("config", "set", "a", "1")
    dev.ok("config", "set", "b", "hush", "--secret")
    dev.ok("config", "cp", "b", "--dest", "other")
    assert dev.json("config", "-j", "-s", "other") == {"shop:b": {"secret": True}}
    dev.ok("config", "copy", "-d", "other")
    assert dev.ok("config", "get", "a", "-s", "other") == "1\n"
    assert dev.ok("config", "get", "b", "-s", "other") == "hush\n"
    assert "current stack and destination stack are the same" in dev.refused("config", "cp", "-d", "dev")


def test_another_file(dev: Any) -> None:
    """cli.md §2"""
    dev.ok("config", "set", "a", "1", "--config-file", "mine.yaml")
    assert "shop:a:" in (dev.project / "mine.yaml").read_text(encoding="utf-8")
    assert dev.refused("config", "get", "a")
    assert dev.ok("config", "get", "a", "--config-file", "mine.yaml") == "1\n"


def test_refresh_needs_a_deployment(dev: Any) -> None:
    """cli.md §6"""
    assert "getting latest configuration: no previous deployment" in dev.refused("config", "refresh")
