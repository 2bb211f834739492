"""Terraform's CLI configuration (terraform.md §7.7)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.providers.terraform.installed import (
    CliConfig,
    CliConfigError,
    CredentialsHelper,
    Direct,
    FilesystemMirror,
    NetworkMirror,
    Patterns,
    parse_address,
    read_cli_config,
)

RANDOM = parse_address("hashicorp/random")


def read(tmp_path: Path, text: str, **environ: str) -> CliConfig:
    file = tmp_path / "config"
    file.write_text(text)
    return read_cli_config({"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(file), **environ})


FULL = """
# where things are
plugin_cache_dir   = "$HOME/cache" // kept
credentials "registry.example.com" {
  token = "s3cret"
}
host "registry.terraform.io" {
  services = { "providers.v1" = "https://localhost/v1/" }
}
provider_installation {
  /* being developed */
  dev_overrides {
    "hashicorp/null" = "/src/null"
  }
  filesystem_mirror {
    path    = "~/mirror"
    include = ["registry.terraform.io/hashicorp/*"]
    exclude = ["hashicorp/aws"]
  }
  network_mirror { url = "https://mirror.example.com/" }
  direct { exclude = ["example.com/*/*"] }
}
"""
AS_JSON = """{
  "plugin_cache_dir": "$HOME/cache",
  "credentials": {"registry.example.com": {"token": "s3cret"}},
  "host": {"registry.terraform.io": {"services": {"providers.v1": "https://localhost/v1/"}}},
  "provider_installation": [{
    "dev_overrides": {"hashicorp/null": "/src/null"},
    "filesystem_mirror": [{
      "path": "~/mirror", "include": ["registry.terraform.io/hashicorp/*"], "exclude": ["hashicorp/aws"]
    }],
    "network_mirror": {"url": "https://mirror.example.com/"},
    "direct": {"exclude": ["example.com/*/*"]}
  }]
}"""


class TestReading:
    @pytest.mark.parametrize("text", [FULL, AS_JSON])
    def test_everything_that_matters_here_is_read(self, tmp_path: Path, text: str) -> None:
        """§7.7: cache, credentials, hosts and methods, in the native syntax and in JSON."""
        config = read(tmp_path, text)

        assert config.plugin_cache == tmp_path / "cache"
        assert config.tokens == {"registry.example.com": "s3cret"}
        assert config.services == {"registry.terraform.io": {"providers.v1": "https://localhost/v1/"}}
        assert config.overrides == {"hashicorp/null": Path("/src/null")}
        patterns = Patterns(("registry.terraform.io/hashicorp/*",), ("hashicorp/aws",))
        assert config.methods == (
            FilesystemMirror(tmp_path / "mirror", patterns),
            NetworkMirror("https://mirror.example.com/"),
            Direct(Patterns((), ("example.com/*/*",))),
        )

    def test_home_is_looked_into(self, tmp_path: Path) -> None:
        """§7.7: without the variable, ~/.tofurc goes before ~/.terraformrc."""
        (tmp_path / ".terraformrc").write_text('plugin_cache_dir = "/terraform"')
        assert read_cli_config({"HOME": str(tmp_path)}).plugin_cache == Path("/terraform")
        (tmp_path / ".tofurc").write_text('plugin_cache_dir = "/tofu"')
        assert read_cli_config({"HOME": str(tmp_path)}).plugin_cache == Path("/tofu")

    def test_variables_win(self, tmp_path: Path) -> None:
        """§7.3, §7.6: TF_PLUGIN_CACHE_DIR and TF_TOKEN_… go before what the file says."""
        environ = {"TF_TOKEN_registry_example_com": "other", "TF_TOKEN_my__host_example_com": "dashed"}
        config = read(tmp_path, FULL, TF_PLUGIN_CACHE_DIR="/elsewhere")

        assert config.plugin_cache == Path("/elsewhere")
        assert config.token("registry.example.com", environ) == "other"
        assert config.token("my-host.example.com", environ) == "dashed"
        assert config.token("registry.example.com", {}) == "s3cret"
        assert config.token("example.com", environ) is None

    def test_tokens_of_terraform_login(self, tmp_path: Path) -> None:
        """§7.3: what `terraform login` stored is used."""
        (tmp_path / ".terraform.d").mkdir()
        (tmp_path / ".terraform.d" / "credentials.tfrc.json").write_text(
            '{"credentials": {"registry.example.com": {"token": "stored"}}}'
        )
        assert read_cli_config({"HOME": str(tmp_path)}).tokens == {"registry.example.com": "stored"}

    def test_the_directory_of_configurations(self, tmp_path: Path) -> None:
        """§7.7: every `.tfrc` and `.tfrc.json` in ~/.terraform.d counts, unless a variable names a file."""
        directory = tmp_path / ".terraform.d"
        directory.mkdir()
        (tmp_path / ".terraformrc").write_text('credentials "a.example" {\n  token = "main"\n}\n')
        (directory / "mirror.tfrc").write_text(
            'plugin_cache_dir = "/cache"\nprovider_installation {\n  direct {}\n}\n'
            'credentials "a.example" {\n  token = "other"\n}\nhost "h" {\n  services = { "x" = "y" }\n}\n'
        )
        (directory / "credentials.tfrc.json").write_text(
            '{"credentials": {"b.example": {"token": "stored"}}}'
        )
        config = read_cli_config({"HOME": str(tmp_path)})
        assert config.methods == (Direct(),)
        assert config.plugin_cache == Path("/cache")
        assert config.tokens == {"a.example": "main", "b.example": "stored"}
        assert config.services == {"h": {"x": "y"}}
        named = read(tmp_path, "")
        assert (named.methods, named.plugin_cache) == (None, None)
        assert named.tokens["b.example"] == "stored"
        (tmp_path / ".terraformrc").write_text("provider_installation {}")
        with pytest.raises(CliConfigError, match="more than one"):
            read_cli_config({"HOME": str(tmp_path)})

    def test_a_helper(self, tmp_path: Path) -> None:
        """§7.3: who knows the tokens that stand nowhere."""
        config = read(tmp_path, 'credentials_helper "vault" {\n  args = ["--quick"]\n}\n')
        assert config.helper == CredentialsHelper("vault", ("--quick",))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('credentials_helper "a" {}\ncredentials_helper "b" {}', "a second credentials_helper"),
            ('credentials_helper "../x" {}', "cannot be the name"),
            ("provider_installation {\n", "line 2: expected a name"),
            ("a = [1, 2", "expected"),
            ("{", "line 1"),
            ("a = ?", r"line 1: `\?`"),
            ("provider_installation { magic {} }", "no method `magic`"),
            ("provider_installation { filesystem_mirror {} }", "needs `path`"),
            ("provider_installation {\n direct {}\n dev_overrides {}\n}", "must come first"),
            ("provider_installation {}\nprovider_installation {}", "more than one"),
            ("a = " + "[" * 300, "too deeply"),
            ("a {" * 300, "too deeply"),
        ],
    )
    def test_a_mistake_is_told_with_its_place(self, tmp_path: Path, text: str, said: str) -> None:
        """§7.7: a configuration that cannot be read stops everything, with its file and line."""
        with pytest.raises(CliConfigError, match=said):
            read(tmp_path, text)


class TestMethods:
    @pytest.mark.parametrize(
        ("pattern", "text", "fits"),
        [
            ("hashicorp/*", "hashicorp/random", True),
            ("*/*", "example.com/acme/thing", True),
            ("hashicorp/*", "example.com/hashicorp/random", False),
            ("registry.terraform.io/*/*", "hashicorp/random", True),
            ("registry.terraform.io/*/*", "registry.opentofu.org/hashicorp/random", False),
            ("*/*/*", "example.com/acme/thing", True),
            ("example.com/acme/th*", "example.com/acme/thing", False),
        ],
    )
    def test_patterns(self, pattern: str, text: str, fits: bool) -> None:
        """§7.7: `*` stands for whole parts; excluding wins over including."""
        address = parse_address(text)

        assert Patterns((pattern,)).admit(address) is fits
        assert Patterns((), (pattern,)).admit(address) is not fits
        assert not Patterns((pattern,), (pattern,)).admit(address)

    def test_without_a_block_local_directories_go_before_the_registry(self, tmp_path: Path) -> None:
        """§7.7: and what lies in one of them is not looked for in the registry."""
        environ = {"HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path / "none")}
        plugins = tmp_path / "project" / "terraform.d" / "plugins"
        config = read_cli_config(environ)
        assert config.methods_for(RANDOM, tmp_path / "project", environ) == (Direct(),)

        (plugins / RANDOM.host / RANDOM.namespace / RANDOM.type).mkdir(parents=True)
        assert config.methods_for(RANDOM, tmp_path / "project", environ) == (
            FilesystemMirror(plugins, implied=True),
        )
        other = parse_address("hashicorp/time")
        assert config.methods_for(other, tmp_path / "project", environ)[-1] == Direct()

    def test_overrides_alone_leave_the_rest_as_it_is(self, tmp_path: Path) -> None:
        """§7.7: a block with nothing but dev_overrides does not turn other methods off."""
        config = read(tmp_path, 'provider_installation { dev_overrides { "hashicorp/random" = "/src" } }')

        assert config.methods is None
        assert config.override(RANDOM) == Path("/src")
        assert config.override(parse_address("hashicorp/time")) is None
