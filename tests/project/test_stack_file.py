"""Stack files, and what a stack runs with (spec: state.md §2, §4, §5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stackwright.project import (
    Config,
    ConfigError,
    ConfigKey,
    ConfigValidationError,
    ConfigValue,
    Encrypted,
    Project,
    StackFile,
    StackFileError,
    disabled_default_providers,
    effective_config,
    load_project,
    load_stack_file,
    parse_project,
    parse_stack_file,
    remove_stack_file,
    rename_stack_file,
    save_stack_file,
    set_stack_file_aside,
    stack_file_path,
    stack_tags,
)

PATH = Path("/work-of-somebody/shop/Pulumi.dev.yaml")
PROJECT = parse_project("name: shop\n", PATH.parent / "Pulumi.yaml")


def key(text: str) -> ConfigKey:
    namespace, _, name = text.rpartition(":")
    return ConfigKey(namespace or "shop", name)


def parsed(text: str) -> StackFile:
    return parse_stack_file(text, PATH, project="shop")


def project_in(directory: Path, text: str = "name: shop\n", name: str = "Pulumi.yaml") -> Project:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text)
    return load_project(directory / name)


class TestPlace:
    @pytest.mark.parametrize(
        ("project_name", "text", "stack", "expected"),
        [
            ("Pulumi.yaml", "name: shop\n", "dev", "Pulumi.dev.yaml"),
            ("Pulumi.yml", "name: shop\n", "dev", "Pulumi.dev.yml"),
            ("Pulumi.json", '{"name": "shop"}', "dev", "Pulumi.dev.json"),
            ("Stackwright.yaml", "name: shop\n", "dev", "Stackwright.dev.yaml"),
            ("Codeinfra.yaml", "name: shop\n", "dev", "Codeinfra.dev.yaml"),
            ("Pulumi.yaml", "name: shop\nstackConfigDir: stacks/all\n", "dev", "stacks/all/Pulumi.dev.yaml"),
            ("Pulumi.yaml", "name: shop\nconfig: old\n", "dev", "old/Pulumi.dev.yaml"),
            ("Pulumi.yaml", "name: shop\n", "a/b", "Pulumi.a-b.yaml"),
        ],
    )
    def test_path(self, tmp_path: Path, project_name: str, text: str, stack: str, expected: str) -> None:
        """A stack file lies beside the project file and is named after it (state.md §2)."""
        assert stack_file_path(project_in(tmp_path, text, project_name), stack) == tmp_path / expected

    def test_ours_shares_what_is_there(self, tmp_path: Path) -> None:
        """A project file of ours uses the stack file of the compatible tool until it has one of its own."""
        project = project_in(tmp_path, name="Stackwright.yaml")
        (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")

        assert stack_file_path(project, "dev").name == "Pulumi.dev.yaml"
        (tmp_path / "Stackwright.dev.yaml").write_text("config: {}\n")
        assert stack_file_path(project, "dev").name == "Stackwright.dev.yaml"

    def test_another_file(self, tmp_path: Path) -> None:
        """`--config-file` replaces the path (state.md §2)."""
        other = tmp_path / "other.yaml"
        other.write_text("config:\n  shop:a: b\n")

        file = load_stack_file(project_in(tmp_path), "dev", config_file=other)

        assert file.path == other
        assert file.config == {key("a"): ConfigValue("b")}


class TestReading:
    def test_everything(self) -> None:
        """Every field of the format is understood; bare keys belong to the project (state.md §2)."""
        file = parsed(
            """
secretsprovider: awskms://alias/x?region=us-east-1
encryptedkey: a2V5
encryptionsalt: v1:c2FsdA==
config:
  aws:region: us-west-2
  size: 3
  shop:on: true
  shop:ratio: 1.5
  old:config:x: 1
  shop:since: 2020-01-01
  shop:password:
    secure: v1:abc
  shop:nested: {a: [{secure: v1:def}, 1]}
environment: [dev]
"""
        )

        assert (file.secrets_provider, file.encrypted_key) == ("awskms://alias/x?region=us-east-1", "a2V5")
        assert file.encryption_salt == "v1:c2FsdA=="
        assert file.environment == ["dev"]
        assert {str(name): value.tree for name, value in file.config.items()} == {
            "aws:region": "us-west-2",
            "shop:size": 3,
            "shop:on": True,
            "shop:ratio": 1.5,
            "old:x": 1,
            "shop:since": "2020-01-01",
            "shop:password": Encrypted("v1:abc"),
            "shop:nested": {"a": [Encrypted("v1:def"), 1]},
        }

    @pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "{}\n", "config:\n"])
    def test_nothing(self, text: str) -> None:
        """An empty file is an empty stack file (state.md §2)."""
        assert parsed(text).is_empty

    def test_missing(self, tmp_path: Path) -> None:
        """A missing file is an empty one (state.md §2)."""
        file = load_stack_file(project_in(tmp_path), "dev")

        assert file.is_empty
        assert file.path == tmp_path / "Pulumi.dev.yaml"

    def test_keys_without_values(self) -> None:
        """A key with nothing behind it is empty text, and a warning (state.md §2)."""
        file = parsed("config:\n  a:\n  b: x\n")

        assert file.config[key("a")].tree == ""
        (warning,) = file.warnings
        assert warning.message == "`a` has no value; it is taken as empty text"
        assert warning.position == (2, 3)

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("- a\n", "1:1: a stack file must hold `key: value` lines"),
            ("config: a\n", "1:9: `config` must be a map of `key: value` lines"),
            ("config:\n  a:b:c: 1\n", "2:3: `a:b:c` is not a configuration key"),
            ("config:\n  a: 1\n  shop:a: 2\n", "3:3: `shop:a` is set twice"),
            ("config:\n  a: {secure: [1]}\n", "2:3: a map with the single key `secure`"),
            ("encryptionsalt: 5\n", "1:17: `encryptionsalt` must be text"),
            ("environment: dev\n", "1:14: `environment` must be a list of names, or a map"),
            ("config:\n  a: 1\n  a: 2\n", "3:3: the key `a` appears twice"),
            ("config:\n  a: [1\n", "3:1: this is not valid YAML"),
        ],
    )
    def test_problems(self, text: str, complaint: str) -> None:
        """Mistakes are told with their place."""
        with pytest.raises(StackFileError) as caught:
            parsed(text)
        (problem,) = caught.value.problems
        assert problem.position is not None
        assert f"{problem.position.line}:{problem.position.column}: {problem.message}".startswith(complaint)


class TestSaving:
    def save(self, tmp_path: Path, before: str, change: Any) -> str:
        path = tmp_path / "Pulumi.dev.yaml"
        if before:
            path.write_text(before)
        file = load_stack_file(project_in(tmp_path), "dev")
        save_stack_file(change(file))
        return path.read_text()

    def test_a_new_file(self, tmp_path: Path) -> None:
        """Fields come in the order of the format; directories are created (state.md §2)."""
        project = project_in(tmp_path, "name: shop\nstackConfigDir: a/b\n")
        config = Config({key("x"): ConfigValue("5"), key("aws:y"): ConfigValue([Encrypted("v1:z")])})

        save_stack_file(
            load_stack_file(project, "dev").with_config(config).with_secrets(encryption_salt="v1:s")
        )

        assert (tmp_path / "a" / "b" / "Pulumi.dev.yaml").read_text() == (
            'encryptionsalt: v1:s\nconfig:\n  shop:x: "5"\n  aws:y:\n    - secure: v1:z\n'
        )

    def test_an_empty_file(self, tmp_path: Path) -> None:
        """An empty stack file is written too, and reads as empty (state.md §2)."""
        assert self.save(tmp_path, "", lambda file: file) == "{}\n"
        assert load_stack_file(project_in(tmp_path), "dev").is_empty
        assert (
            self.save(tmp_path, "", lambda file: file.with_secrets(encryption_salt="s"))
            == "encryptionsalt: s\n"
        )

    def test_comments_survive(self, tmp_path: Path) -> None:
        """An edit changes one line (state.md §16.8)."""
        before = "# top\nconfig:\n  # where\n  aws:region: a # here\n  size: 3\n  empty:\n"

        after = self.save(
            tmp_path, before, lambda file: file.with_config(file.config.with_value(key("size"), "4"))
        )

        assert after == '# top\nconfig:\n  # where\n  aws:region: a # here\n  size: "4"\n  empty:\n'

    def test_keys_keep_their_spelling(self, tmp_path: Path) -> None:
        """A bare key stays bare, a historical one historical; new ones are written in full."""
        after = self.save(
            tmp_path,
            "config:\n  a: 1\n  aws:config:b: 2\n",
            lambda file: file.with_config(
                file.config.with_value(key("a"), 3).with_value(key("aws:b"), 4).with_value(key("c"), 5)
            ),
        )

        assert after == "config:\n  a: 3\n  aws:config:b: 4\n  shop:c: 5\n"

    def test_what_is_emptied_is_dropped(self, tmp_path: Path) -> None:
        """An empty `config` goes, and so do secrets settings that no longer hold (state.md §2, §12.5)."""
        after = self.save(
            tmp_path,
            "encryptionsalt: v1:s\nconfig:\n  a: 1\nother: kept\n",
            lambda file: file.with_config(Config()).with_secrets(provider="awskms://x", encrypted_key="k"),
        )

        assert after == "other: kept\nsecretsprovider: awskms://x\nencryptedkey: k\n"

    def test_json(self, tmp_path: Path) -> None:
        """A JSON project has JSON stack files (state.md §2)."""
        project = project_in(tmp_path, '{"name": "shop"}', "Pulumi.json")

        save_stack_file(load_stack_file(project, "dev").with_config(Config({key("a"): ConfigValue(1)})))

        assert (
            tmp_path / "Pulumi.dev.json"
        ).read_text() == '{\n    "config": {\n        "shop:a": 1\n    }\n}\n'

    def test_what_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        """A directory in the file's place is an error that names it."""
        (tmp_path / "stacks").write_text("a file, not a directory")
        project = project_in(tmp_path, "name: shop\nstackConfigDir: stacks\n")

        with pytest.raises(StackFileError, match=r"Pulumi\.dev\.yaml: the file cannot be (written|read)"):
            save_stack_file(
                StackFile(path=stack_file_path(project, "dev"), project="shop", secrets_provider="x")
            )


class Plain:
    """A crypter whose ciphertext is the text itself."""

    def encrypt(self, plaintext: str) -> str:
        return plaintext

    def decrypt(self, ciphertext: str) -> str:
        return ciphertext


class TestEffectiveConfiguration:
    def effective(self, project: str, stack: str, **options: Any) -> dict[str, Any]:
        declared = parse_project(f"name: shop\nconfig:\n{project}", PATH.parent / "Pulumi.yaml")
        config = effective_config(declared, "dev", parsed(f"config:\n{stack}" if stack else ""), **options)
        return {str(name): value.tree for name, value in config.items()}

    def test_the_project_fills_in(self) -> None:
        """`value`, `default` and shorthand count where the stack says nothing (state.md §4)."""
        assert self.effective(
            "  a: {default: 1}\n  b: {value: true}\n  c: word\n  d: [1.0, x]\n  e: 1.5\n  aws:region: r\n",
            "  a: mine\n",
        ) == {
            "shop:a": "mine",
            "shop:b": "true",
            "shop:c": "word",
            "shop:d": [1.0, "x"],
            "shop:e": 1.5,
            "aws:region": "r",
        }

    @pytest.mark.parametrize(
        ("project", "stack", "words"),
        [
            ("  a: {type: string}\n", "", "it has no value for `a`"),
            ("  b: {type: string}\n  a: {description: x}\n", "", "it has no value for `a` and `b`"),
            ("  c: {}\n  b: {}\n  a: {}\n", "", "it has no value for `a`, `b` and `c`"),
            ("  a: {type: integer}\n", "  a: x\n", "`a` is not of the type integer"),
            (
                "  a: {type: array, items: {type: string}}\n",
                "  a: [1]\n",
                "`a` is not of the type array<string>",
            ),
            ("  a: {type: string, secret: true}\n", "  a: x\n", "`a` is stored in plain text"),
            ("  a: {type: integer}\n", "  a: {secure: x}\n", "`a` is not of the type integer"),
        ],
    )
    def test_misfits(self, project: str, stack: str, words: str) -> None:
        """What is missing, of the wrong type or not encrypted is told (state.md §4)."""
        with pytest.raises(ConfigValidationError, match="stack `dev`") as caught:
            self.effective(project, stack, crypter=Plain())
        assert words in caught.value.message

    def test_misfits_are_told_together(self) -> None:
        """All misfits are reported at once, with the commands that mend them."""
        with pytest.raises(ConfigValidationError) as caught:
            self.effective(
                "  a: {}\n  b: {type: boolean}\n  c: {type: string, secret: true}\n", "  b: x\n  c: y\n"
            )

        assert str(caught.value.detail).count("\n") == 2
        assert "stackwright config set a VALUE --stack dev" in str(caught.value.hint)
        assert "stackwright config set --secret c VALUE --stack dev" in str(caught.value.hint)

    @pytest.mark.parametrize(
        ("type_", "good", "bad"),
        [
            ("string", ["x", "'5'"], ["5", "true", "[a]"]),
            ("integer", ["5", "'5'", "5.0", "'-5'"], ["5.5", "x", "true", "'5.0'"]),
            ("boolean", ["true", "'false'"], ["1", "'True'", "yes"]),
            ("object", ["{a: b}"], ["[a]", "x"]),
        ],
    )
    def test_types(self, type_: str, good: list[str], bad: list[str]) -> None:
        """What each type takes (state.md §1.5)."""
        for text in good:
            self.effective(f"  a: {{type: {type_}}}\n", f"  a: {text}\n")
        for text in bad:
            with pytest.raises(ConfigValidationError):
                self.effective(f"  a: {{type: {type_}}}\n", f"  a: {text}\n")

    def test_untyped_declarations_are_not_checked(self) -> None:
        """Without a type, neither type nor secrecy is looked at (state.md §1.5)."""
        assert self.effective("  a: {secret: true}\n", "  a: [1]\n") == {"shop:a": [1]}

    def test_secrets_are_trusted_without_a_crypter(self) -> None:
        """The type of a secret is looked at only when it can be read."""
        assert self.effective("  a: {type: integer, secret: true}\n", "  a: {secure: x}\n")

    def test_checks_can_be_skipped(self) -> None:
        """Without validation the project still fills in (state.md §4)."""
        assert self.effective("  a: {type: integer}\n  b: c\n", "  a: x\n", validate=False) == {
            "shop:a": "x",
            "shop:b": "c",
        }

    def test_a_secret_default_need_not_be_encrypted(self) -> None:
        """Only what the stack itself stores must be encrypted."""
        assert self.effective("  a: {type: string, secret: true, default: x}\n", "") == {"shop:a": "x"}

    def test_environments_are_refused(self) -> None:
        """Environments need their vendor's service, and are refused with the place (state.md §5)."""
        with pytest.raises(ConfigError, match=r"Pulumi\.dev\.yaml:2:1: .*only exist in Pulumi Cloud"):
            effective_config(PROJECT, "dev", parsed("config: {}\nenvironment: [dev]\n"))


class TestLifeCycle:
    def test_renaming(self, tmp_path: Path) -> None:
        """A stack's file follows its name; a stack without a file has nothing to follow (state.md §11.7)."""
        project = project_in(tmp_path)
        (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")

        assert rename_stack_file(project, "dev", "prod") == tmp_path / "Pulumi.prod.yaml"
        assert rename_stack_file(project, "dev", "other") is None

    def test_nothing_is_renamed_over(self, tmp_path: Path) -> None:
        """A file that is in the way stops the renaming."""
        project = project_in(tmp_path)
        for name in ("dev", "prod"):
            (tmp_path / f"Pulumi.{name}.yaml").write_text(name)

        with pytest.raises(StackFileError, match="in the way"):
            rename_stack_file(project, "dev", "prod")
        assert (tmp_path / "Pulumi.prod.yaml").read_text() == "prod"

    def test_removing(self, tmp_path: Path) -> None:
        """A removed stack's file goes, if there is one."""
        project = project_in(tmp_path)
        (tmp_path / "Pulumi.dev.yaml").write_text("")

        assert remove_stack_file(project, "dev") == tmp_path / "Pulumi.dev.yaml"
        assert remove_stack_file(project, "dev") is None

    def test_setting_aside(self, tmp_path: Path) -> None:
        """The first free name is taken (cli.md §6)."""
        path = tmp_path / "Pulumi.dev.yaml"
        for expected in ("Pulumi.dev.yaml.bak", "Pulumi.dev.yaml.bak.bak"):
            path.write_text("")
            assert set_stack_file_aside(path).name == expected


class TestEngineSettings:
    def test_tags(self) -> None:
        """`pulumi:tags` names the tags of the stack (state.md §3.1)."""
        assert stack_tags(parsed("config:\n  pulumi:tags: {a: b, n: 5}\n").config) == {"a": "b", "n": "5"}
        assert stack_tags(Config()) == {}
        with pytest.raises(ConfigError, match="`pulumi:tags` must be a map"):
            stack_tags(parsed("config:\n  pulumi:tags: x\n").config)

    def test_default_providers(self) -> None:
        """Packages can be denied a default provider; JSON text will do as well (state.md §3.1)."""
        for text in ("[aws, '*']", '\'["aws", "*"]\''):
            config = parsed(f"config:\n  pulumi:disable-default-providers: {text}\n").config
            assert disabled_default_providers(config) == {"aws", "*"}
        with pytest.raises(ConfigError, match="list of package names"):
            disabled_default_providers(parsed("config:\n  pulumi:disable-default-providers: aws\n").config)
        with pytest.raises(ConfigError, match="cannot be secret"):
            disabled_default_providers(
                parsed("config:\n  pulumi:disable-default-providers: {secure: x}\n").config
            )
