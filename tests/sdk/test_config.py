"""Configuration, and what a program may know of its deployment (sdk.md §10, §16)."""

from __future__ import annotations

import asyncio
import contextvars
import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.programs import run_ok

import stackwright.sdk as pulumi
from stackwright.sdk import Config, ConfigMissingError, ConfigTypeError, Output, RunError
from stackwright.sdk.runtime import config as runtime_config
from stackwright.sdk.runtime import settings
from stackwright.sdk.runtime.settings import Settings


@pytest.fixture(autouse=True)
def own_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the test's own; what tests set is undone with their context."""
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_SECRET_KEYS", raising=False)


def alone(check: Callable[[], None]) -> None:
    """Run *check* in a context of its own."""
    contextvars.Context().run(check)


def with_config(check: Callable[[Config], None], secret: list[str] | None = None, **values: str) -> None:
    """Run *check* with a table of settings below the name `p`."""

    def inner() -> None:
        runtime_config.set_all_config({f"p:{key}": value for key, value in values.items()}, secret)
        check(Config("p"))

    alone(inner)


class TestReading:
    def test_every_kind(self) -> None:
        """Parsed, when there (§10)."""

        def check(config: Config) -> None:
            assert config.get("s") == config.require("s") == "text"
            assert config.get_int("i") == config.require_int("i") == 42
            assert config.get_float("f") == config.require_float("f") == 1.5
            assert config.get_bool("b") is config.require_bool("b") is True
            assert config.get_bool("c") is False
            assert config.get_object("o") == config.require_object("o") == {"a": [1]}

        with_config(check, s="text", i="42", f="1.5", b="True", c="false", o='{"a": [1]}')

    def test_absent_ones(self) -> None:
        """The default, or None (§10)."""

        def check(config: Config) -> None:
            assert config.get("x") is None
            assert config.get("x", "d") == "d"
            assert config.get_int("x", 0) == 0
            assert config.get_bool("x", False) is False
            assert config.get_float("x", 0.0) == 0.0
            assert config.get_object("x", {}) == {}
            assert config.get_secret("x") is None
            assert config.get_secret_int("x") is None

        with_config(check)

    def test_secret_forms(self) -> None:
        """Secret outputs, of defaults too (§10)."""
        seen: list[Any] = []

        async def program() -> None:
            config = Config("p")
            outputs = [
                config.get_secret("s"),
                config.require_secret("s"),
                config.get_secret_int("i"),
                config.require_secret_int("i"),
                config.get_secret_bool("b"),
                config.require_secret_bool("b"),
                config.get_secret_float("f"),
                config.require_secret_float("f"),
                config.get_secret_object("o"),
                config.require_secret_object("o"),
                config.get_secret("x", "d"),
            ]
            for output in outputs:
                assert output is not None
                assert await output.is_secret()
                seen.append(await output.future())

        run_ok(program, config={"p:s": "t", "p:i": "1", "p:b": "true", "p:f": "2.5", "p:o": "[1]"})
        assert seen == ["t", "t", 1, 1, True, True, 2.5, 2.5, [1], [1], "d"]

    @pytest.mark.parametrize(
        ("method", "value", "kind"),
        [
            ("get_bool", "yes", "bool"),
            ("require_bool", "TRUE", "bool"),
            ("get_int", "x", "int"),
            ("get_float", "x", "float"),
            ("get_object", "{", "JSON object"),
        ],
    )
    def test_values_of_another_kind(self, method: str, value: str, kind: str) -> None:
        """Key, value and the expected kind are said (edge 93)."""

        def check(config: Config) -> None:
            with pytest.raises(ConfigTypeError) as caught:
                getattr(config, method)("k")
            error = caught.value
            assert (error.key, error.value, error.expect_type) == ("p:k", value, kind)
            assert all(part in str(error) for part in ("p:k", value, kind))

        with_config(check, k=value)

    def test_a_secret_of_another_kind_is_not_shown(self) -> None:
        """Its value stays out of the message."""

        def check(config: Config) -> None:
            with pytest.raises(ConfigTypeError) as caught:
                config.require_secret_int("k")
            assert "hunter2" not in str(caught.value)

        with_config(check, ["p:k"], k="hunter2")

    def test_what_is_missing(self) -> None:
        """The key, and the command that sets it (edge 94)."""

        def check(config: Config) -> None:
            with pytest.raises(ConfigMissingError) as caught:
                config.require("k")
            lines = str(caught.value).splitlines()
            assert "'p:k'" in lines[0]
            assert lines[1].startswith("\t")
            assert "config set p:k <value>" in lines[1]
            assert (caught.value.key, caught.value.secret) == ("p:k", False)
            with pytest.raises(ConfigMissingError, match="config set --secret p:k"):
                config.require_secret_object("k")
            assert issubclass(ConfigMissingError, RunError)

        with_config(check)

    def test_the_name(self) -> None:
        """The project's by default; a string (§10)."""

        def program() -> None:
            assert Config().full_key("k") == "proj:k"
            with pytest.raises(TypeError):
                Config(3)  # type: ignore[arg-type]

        run_ok(program)


class TestTable:
    def test_lookup_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The table, then a variable for the key, then the variable for all (§10)."""
        monkeypatch.setenv("PULUMI_CONFIG", '{"a:b-c": "all", "a:d": "all"}')
        monkeypatch.setenv("PULUMI_CONFIG_A_B_C", "one")

        def check() -> None:
            assert runtime_config.get_config("a:b-c") == "one"
            assert runtime_config.get_config("a:d") == "all"
            runtime_config.set_all_config({"a:b-c": "table"})
            assert runtime_config.get_config("a:b-c") == "table"
            assert runtime_config.get_config("a:x") is None

        alone(check)

    def test_secret_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Kept when only values are replaced (§10)."""
        monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["a:b"]')

        def check() -> None:
            runtime_config.set_all_config({"a:b": "x"}, ["a:b"])
            runtime_config.set_all_config({"a:b": "y"})
            runtime_config.set_config("a:c", "z")
            assert runtime_config.is_config_secret("a:b")
            assert not runtime_config.is_config_secret("a:c")
            assert runtime_config.get_config("a:c") == "z"
            assert runtime_config.get_config_secret_keys_env() == ["a:b"]
            assert runtime_config.get_config_env() == {}

        alone(check)

    def test_a_program_sees_its_deployments(self) -> None:
        """And leaves nothing behind."""

        def program() -> None:
            assert Config("a").require("k") == "v"
            assert pulumi.runtime.is_config_secret("a:k")

        run_ok(program, config={"a:k": "v"}, secret_keys=frozenset({"a:k"}))
        assert pulumi.runtime.get_config("a:k") is None


class TestSettings:
    def test_a_program_knows_its_deployment(self) -> None:
        """(§16)"""

        def program() -> None:
            assert pulumi.get_project() == "shop"
            assert pulumi.get_stack() == "prod"
            assert pulumi.get_organization() == "organization"
            assert pulumi.runtime.is_dry_run()
            root = pulumi.runtime.get_root_resource()
            assert root is not None
            assert root.pulumi_resource_name == "shop-prod"
            assert settings.SETTINGS.project == "shop"
            assert settings.SETTINGS.dry_run is True
            assert settings.monitor_supports_feature(2)
            assert not settings.monitor_supports_feature(16)

        run_ok(program, project="shop", stack="prod", dry_run=True)

    def test_defaults_outside_of_programs(self) -> None:
        """(§9.7)"""

        def check() -> None:
            assert pulumi.get_project() == "project"
            assert pulumi.get_stack() == "stack"
            assert pulumi.get_organization() == "organization"
            assert pulumi.get_root_directory() == "root_directory"
            assert settings.get_monitor() is None
            assert not pulumi.runtime.is_dry_run()

        alone(check)

    def test_making_settings_makes_them_current(self) -> None:
        """In this context and copies of it, nowhere else (§16, edge 104)."""

        def check() -> None:
            Settings(project="one", stack="s")
            inner = contextvars.copy_context()
            inner.run(lambda: Settings(project="two", stack="s"))
            assert pulumi.get_project() == "one"
            assert inner.run(pulumi.get_project) == "two"

        alone(check)

    def test_saving_and_restoring(self) -> None:
        """Tests deep-copy `SETTINGS` and configure it again (§17)."""

        def check() -> None:
            Settings(project="one", stack="s", dry_run=True)
            saved = copy.deepcopy(settings.SETTINGS)
            Settings(project="two", stack="s")
            assert not pulumi.runtime.is_dry_run()
            settings.configure(saved)
            assert (pulumi.get_project(), pulumi.runtime.is_dry_run()) == ("one", True)
            settings.SETTINGS.dry_run = False
            assert not pulumi.runtime.is_dry_run()
            settings.reset_options(project="three", stack="s", preview=True)
            assert (pulumi.get_project(), pulumi.runtime.is_dry_run()) == ("three", True)
            assert pulumi.runtime.get_root_resource() is None
            with pytest.raises(TypeError):
                settings.configure(None)  # type: ignore[arg-type]

        alone(check)

    def test_versions(self) -> None:
        """A range that the compatible engine is in is accepted, another refused (§16)."""

        def program() -> None:
            pulumi.require_pulumi_version(">=3.100.0 <4.0.0")
            pulumi.require_pulumi_version("^3.1.0 || ^9.0.0")
            with pytest.raises(Exception, match=r"9\.0\.0"):
                pulumi.require_pulumi_version(">=9.0.0")
            with pytest.raises(ValueError, match="not a"):
                pulumi.require_pulumi_version("? 3")

        run_ok(program)


class TestPackages:
    def register(self, **changed: Any) -> Any:
        given: dict[str, Any] = {
            "base_provider_name": "terraform-provider",
            "base_provider_version": "1.0.0",
            "base_provider_download_url": "",
            "package_name": "p",
            "package_version": "2.0.0",
            "base64_parameter": "aGk=",
        }
        return pulumi.runtime.register_package(**{**given, **changed})

    def test_equal_packages_are_registered_once(self) -> None:
        """The extension flag is part of the key (edge 85)."""
        refs: list[str] = []

        async def program() -> None:
            refs.extend(await asyncio.gather(self.register(), self.register(), self.register(extension=True)))

        monitor = run_ok(program).monitor
        assert refs[0] == refs[1] != refs[2]
        (request, _) = [r for r in monitor.requests if type(r).__name__ == "PackageRequest"]
        assert request.package == "p"
        assert request.parameterization.value == b"hi"

    def test_engines_without_support_and_no_engine_at_all(self) -> None:
        """An exception in both cases (edge 105)."""

        async def program() -> None:
            with pytest.raises(Exception, match="parameterized"):
                await self.register()

        run_ok(program, features=frozenset())

        async def alone() -> None:
            Settings(project="p", stack="s")
            with pytest.raises(Exception, match="No monitor available"):
                await self.register()

        asyncio.run(alone())

    def test_a_resource_waits_for_its_package(self) -> None:
        """Version and URL are cleared once the reference is there (§3.4)."""

        def program() -> None:
            pulumi.CustomResource(
                "p:index:R",
                "a",
                {},
                pulumi.ResourceOptions(version="1.0.0", plugin_download_url="https://x"),
                package_ref=self.register(),
            )

        request = run_ok(program).monitor.resource("a")
        assert request.package_ref == "package-0"
        assert (request.options.version, request.options.plugin_download_url) == ("", "")

    def test_what_a_package_is_called_is_asked_once(self) -> None:
        """
        Its function without arguments is run for a program's first resource, and stands for the others.

        One that knows more than the package does is run each time.
        """
        asked: list[str] = []

        async def program() -> None:
            for name in ("a", "b", "c"):
                made = pulumi.CustomResource("p:index:R", name, {}, package_ref=_get_package())
                await made.urn.future()
            for name in ("d", "e"):

                async def mine() -> str:
                    asked.append(name)  # noqa: B023 # the point
                    return f"package-of-{name}"  # noqa: B023

                made = pulumi.CustomResource("p:index:R", name, {}, package_ref=mine())
                await made.urn.future()

        _runs.clear()
        monitor = run_ok(program).monitor
        assert len(_runs) == 1
        assert asked == ["d", "e"]
        assert [monitor.resource(name).package_ref for name in "abcde"] == [
            *["package-0"] * 3,
            "package-of-d",
            "package-of-e",
        ]

    def test_packages_with_equal_functions_are_told_apart(self) -> None:
        """What a package is called depends on what its function finds around it, not on its code alone."""

        def program() -> None:
            for name in ("a", "b"):
                package: dict[str, Any] = {"NAME": name}
                exec("async def get_package():\n    return NAME", package)
                pulumi.CustomResource("p:index:R", name, {}, package_ref=package["get_package"]())

        monitor = run_ok(program).monitor
        assert [monitor.resource(name).package_ref for name in "ab"] == ["a", "b"]


_runs: list[str] = []


async def _get_package() -> str:
    """As provider packages have it: a function of the module, without arguments."""
    _runs.append("")
    reference: str = await TestPackages().register()
    return reference


def test_outputs_of_one_program_do_not_reach_another() -> None:
    """Two programs in one process have roots, configuration and exports of their own (edge 112)."""
    import threading

    exports: dict[str, Any] = {}

    def deploy(name: str) -> None:
        def program() -> None:
            Output.from_input(name).apply(lambda n: pulumi.export(n, Config("c").get("k")))

        exports[name] = run_ok(program, project=name, config={"c:k": name}).monitor.exports

    threads = [threading.Thread(target=deploy, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exports == {name: {name: name} for name in ("one", "two", "three")}
