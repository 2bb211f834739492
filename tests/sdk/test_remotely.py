"""Our SDK under an engine in another process, by address and by environment."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.monitors import FakeMonitor

from stackwright.automation._engine_thread import EngineThread
from stackwright.wire import MonitorServer


class Served:
    """A monitor at an address."""

    def __init__(self, monitor: FakeMonitor, address: str) -> None:
        self.monitor = monitor
        self.address = address


@pytest.fixture
def served() -> Iterator[Served]:
    monitor = FakeMonitor(dry_run=False)
    with EngineThread() as engine:
        server = engine.run(MonitorServer.start(monitor))
        try:
            yield Served(monitor, server.address)
        finally:
            engine.run(server.stop())
            monitor.stop()


def python(code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(("-c", textwrap.dedent(code)) if code else ()), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **variables},
    )


def test_a_language_hosts_script_runs_our_sdk(served: Served) -> None:
    """protocol.md §13.4: settings with addresses, a loop that somebody else makes, `run_in_stack`."""
    done = python(
        f"""
        import asyncio
        from stackwright.sdk import _import_aliases
        _import_aliases.install()
        import pulumi

        def body():
            thing = pulumi.CustomResource("t:m:R", "r", {{"a": pulumi.Config("proj").require("k")}})
            pulumi.export("id", thing.id)
            pulumi.log.warn("careful")

        pulumi.runtime.set_all_config({{"proj:k": "v"}}, [])
        pulumi.runtime.configure(pulumi.runtime.Settings(
            monitor="{served.address}", engine="{served.address}", project="proj", stack="dev",
            parallel=4, dry_run=False, organization="org", root_directory="/",
        ))
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(pulumi.runtime.run_in_stack(body))
        loop.close()
        pulumi.log.error("the last word")
        """
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert served.monitor.resource("r").inputs == {"a": "v"}
    assert served.monitor.exports == {"id": "r-id"}
    assert [said.message for said in served.monitor.said] == ["careful", "the last word"]
    assert served.monitor.finished


def test_the_engine_says_whether_its_version_will_do(served: Served) -> None:
    """sdk.md §16: it is the engine in the other process that is asked."""
    done = python(
        f"""
        from stackwright.sdk import runtime, require_pulumi_version

        addresses = {{"monitor": "{served.address}", "engine": "{served.address}"}}
        runtime.configure(runtime.Settings("proj", "dev", **addresses))
        require_pulumi_version(">=3.0.0")
        try:
            require_pulumi_version(">=99.0.0")
        except Exception as error:
            print(error)
        """
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "does not satisfy the version range '>=99.0.0'" in done.stdout


def test_the_environment_names_the_engine(served: Served, tmp_path: Path) -> None:
    """Addresses and names in the usual variables, configuration in PULUMI_CONFIG (protocol.md §13.3)."""
    (tmp_path / "__main__.py").write_text(
        "import pulumi, sys\n"
        "pulumi.export('seen', [pulumi.get_project(), pulumi.get_stack(), *sys.argv[1:]])\n"
        "pulumi.export('secret', pulumi.Config('proj').require_secret('k'))\n"
    )
    done = python(
        "",
        "-m",
        "stackwright.launch",
        str(tmp_path),
        "argument",
        PULUMI_MONITOR=served.address,
        PULUMI_ENGINE=served.address,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    (error,) = [said.message for said in served.monitor.said]
    assert "proj:k" in error  # the engine's own configuration counts, and it has none
    served.monitor.info = _with_config(served.monitor.info)
    done = python("", "-m", "stackwright.launch", "--monitor", served.address, str(tmp_path), "argument")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    exports = served.monitor.exports
    assert exports["seen"] == ["proj", "dev", "argument"]
    assert repr(exports["secret"]) == "Secret([secret])"


def _with_config(info: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(info, config={"proj:k": "v"}, config_secret_keys=frozenset({"proj:k"}))


def test_nobody_at_the_address(tmp_path: Path) -> None:
    """The program ends with a sentence, not with a traceback."""
    (tmp_path / "__main__.py").write_text("print('never')\n")
    done = python("", "-m", "stackwright.launch", "--monitor", "127.0.0.1:1", str(tmp_path))
    assert done.returncode == 1
    assert "There is no engine at 127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_grpc_is_loaded_for_addresses_alone() -> None:
    done = python(
        """
        import sys
        import stackwright
        from stackwright.sdk.runtime import Settings
        Settings("p", "s", monitor=None)
        sys.exit("grpc" in sys.modules)
        """
    )
    assert done.returncode == 0, done.stderr


def test_settings_reach_for_the_engine_when_it_is_needed() -> None:
    """As the genuine ones do: making them neither waits nor fails."""
    done = python(
        """
        from stackwright.sdk.runtime import Settings
        settings = Settings("p", "s", monitor="127.0.0.1:1", engine="127.0.0.1:1", dry_run=True)
        assert settings.dry_run and settings.project == "p"
        """
    )
    assert done.returncode == 0, done.stderr
