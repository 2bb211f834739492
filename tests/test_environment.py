"""Settings from the environment (spec: state.md §14) and the directories derived from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright import environment
from stackwright.environment import SettingError


class TestLookup:
    def test_ours_wins(self) -> None:
        """`STACKWRIGHT_X` decides where `PULUMI_X` is set as well."""
        environ = {"STACKWRIGHT_STACK": "ours", "PULUMI_STACK": "theirs"}

        assert environment.STACK.value(environ) == "ours"
        assert environment.STACK.source(environ) == "STACKWRIGHT_STACK"

    def test_theirs_is_honoured(self) -> None:
        """`PULUMI_X` counts where ours is not set."""
        assert environment.STACK.value({"PULUMI_STACK": "theirs"}) == "theirs"

    def test_empty_means_unset(self) -> None:
        """An empty variable decides nothing, so the next one is asked."""
        environ = {"STACKWRIGHT_STACK": "", "PULUMI_STACK": "theirs"}

        assert environment.STACK.value(environ) == "theirs"

    def test_an_empty_passphrase_is_a_passphrase(self) -> None:
        """The empty text is a valid passphrase (state.md §12.2)."""
        environ = {"STACKWRIGHT_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE": "theirs"}

        assert environment.CONFIG_PASSPHRASE.value(environ) == ""

    def test_other_spellings(self) -> None:
        """Object-store settings answer to their older names too (state.md §14)."""
        assert environment.DIY_GZIP.value({"PULUMI_SELF_MANAGED_STATE_GZIP": "true"})

    def test_unprefixed(self) -> None:
        """Variables that belong to everybody have no prefix."""
        assert environment.NO_COLOR.variables == ("NO_COLOR",)

    def test_the_process_environment_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a mapping the variables of the process are read, at the time of the call."""
        monkeypatch.delenv("STACKWRIGHT_PARALLEL", raising=False)
        monkeypatch.setenv("PULUMI_PARALLEL", "3")

        assert environment.PARALLEL.value() == 3


class TestTypes:
    @pytest.mark.parametrize(
        ("text", "meant"),
        [("1", True), ("true", True), ("TRUE", True), ("0", False), ("yes", False), ("on", False)],
    )
    def test_flags(self, text: str, meant: bool) -> None:
        """Only `1` and `true` say yes (state.md §14)."""
        assert environment.SKIP_CONFIRMATIONS.value({"PULUMI_SKIP_CONFIRMATIONS": text}) is meant

    def test_a_bad_number_names_its_variable(self) -> None:
        """A number that is none is reported with the variable that holds it."""
        with pytest.raises(SettingError) as caught:
            environment.PARALLEL.value({"PULUMI_PARALLEL": "many"})

        assert caught.value.message == (
            "The environment variable PULUMI_PARALLEL cannot be used: `many` is not a whole number"
        )
        assert "--parallel" in str(caught.value.hint)

    def test_lists(self) -> None:
        """Lists are comma-separated; blanks around entries do not count."""
        assert environment.DEBUG_PROVIDERS.value({"PULUMI_DEBUG_PROVIDERS": "aws:1, gcp:2,"}) == (
            "aws:1",
            "gcp:2",
        )

    def test_defaults(self) -> None:
        """What is not set has its default."""
        assert environment.LOG_ROTATION_MAX_AGE_DAYS.value({}) == 7
        assert environment.ERROR_ON_DEPENDENCY_CYCLES.value({}) is True
        assert environment.DEBUG_PROVIDERS.value({}) == ()


class TestTable:
    def test_every_setting_explains_itself(self) -> None:
        """Each setting has a meaning for help, without a full stop, and a unique name."""
        table = environment.settings()

        assert all(s.meaning and not s.meaning.endswith(".") for s in table)
        assert len({s.name for s in table}) == len(table)

    def test_what_is_set(self) -> None:
        """`about` can show which settings are set, and by which variable."""
        shown = [
            (s.name, by) for s, by in environment.set_variables({"PULUMI_STACK": "dev", "TERM": "xterm"})
        ]

        assert shown == [("STACK", "PULUMI_STACK")]


class TestFlagDefaults:
    def test_lookup(self) -> None:
        """`…_OPTION_<FLAG>` is a default for any flag (cli.md §1.2)."""
        environ = {"PULUMI_OPTION_SKIP_PREVIEW": "true", "STACKWRIGHT_OPTION_COLOR": "never"}

        assert environment.option_default("--skip-preview", environ) == "true"
        assert environment.option_default("color", environ) == "never"
        assert environment.option_default("--diff", environ) is None

    @pytest.mark.parametrize(("text", "meant"), [("1", True), ("False", False), ("maybe", None)])
    def test_flags(self, text: str, meant: bool | None) -> None:
        """Text that is neither yes nor no is ignored (cli.md §1.2)."""
        assert environment.option_flag(text) is meant


class TestDirectories:
    def test_ours(self) -> None:
        """`STACKWRIGHT_HOME` is used as it is."""
        environ = {"STACKWRIGHT_HOME": "/ours", "PULUMI_HOME": "/theirs"}

        assert environment.home(environ) == Path("/ours")
        assert environment.pulumi_home(environ) == Path("/theirs")
        assert environment.plugin_directories(environ) == (Path("/ours/plugins"), Path("/theirs/plugins"))

    def test_a_relocated_pulumi_home_moves_ours_into_a_folder_of_its_own(self) -> None:
        """A session isolated with `PULUMI_HOME` stays isolated, and the other tool's files stay untouched."""
        environ = {"PULUMI_HOME": "/theirs"}

        assert environment.home(environ) == Path("/theirs/stackwright")
        assert environment.credentials_directory(environ) == Path("/theirs/stackwright")

    def test_the_platform_decides_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without any variable, files go where the platform keeps user data."""
        monkeypatch.setenv("XDG_DATA_HOME", "/data")

        assert environment.home({}).name == "stackwright"
        assert environment.pulumi_home({}) == Path.home() / ".pulumi"

    def test_credentials(self) -> None:
        """`CREDENTIALS_PATH` names a directory; one of the other tool gets a folder of ours."""
        assert environment.credentials_directory({"STACKWRIGHT_CREDENTIALS_PATH": "/c"}) == Path("/c")
        assert environment.credentials_directory({"PULUMI_CREDENTIALS_PATH": "/c"}) == Path("/c/stackwright")


class TestContinuousIntegration:
    def test_known_systems(self) -> None:
        """The usual variables give a CI system away (state.md §14)."""
        assert environment.ci_system({"GITHUB_ACTIONS": "true"}) == "GitHub Actions"

    def test_a_bare_ci_is_not_enough(self) -> None:
        """`CI` alone says nothing (state.md §14)."""
        assert environment.ci_system({"CI": "true"}) is None

    def test_generic(self) -> None:
        """Any system can name itself."""
        assert environment.ci_system({"PULUMI_CI_SYSTEM": "homemade"}) == "homemade"

    def test_switched_off(self) -> None:
        """`DISABLE_CI_DETECTION` wins."""
        assert environment.ci_system({"GITHUB_ACTIONS": "true", "PULUMI_DISABLE_CI_DETECTION": "x"}) is None
