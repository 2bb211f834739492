"""How a provider's process starts, fails and ends (terraform.md §1, §14.1)."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import tfproviders
from support.tfclients import client_of, config_of, program, run
from support.tfproviders import Cloud

from stackwright.providers import ProviderGoneError
from stackwright.providers._watched import WatchedProcess
from stackwright.providers.terraform import (
    LogRecord,
    PluginPool,
    ProviderClient,
    Timing,
    find_reattached,
)
from stackwright.providers.terraform._plugin import TerraformPlugin

BRISK = Timing(handshake=20, connect=20, shutdown=2, last_words=5)


def script(folder: Path, text: str) -> Path:
    """A program that does *text*, in Python, instead of being a provider."""
    path = folder / "terraform-provider-fake"
    path.write_text(f"#!{sys.executable} -S\nimport os, sys, time\n{textwrap.dedent(text)}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def failure(path: Path, **changes: Any) -> ProviderGoneError:
    """What starting *path* fails with."""

    async def scenario() -> ProviderGoneError:
        with pytest.raises(ProviderGoneError) as caught:
            await TerraformPlugin.open(program(path, "fake", **{"timing": BRISK, **changes}))
        return caught.value

    return run(scenario)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A temporary directory of our own with a short name: in pytest's, sockets may find no place."""
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


def sockets() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("sw-tf-*"))


class TestFailingToStart:
    """§14.1: each with its message, and nothing is left behind."""

    @pytest.fixture(autouse=True)
    def temporary(self, short: None) -> None:
        """What is left behind is looked for in a place of its own."""

    def test_it_ends_before_it_says_anything(self, tmp_path: Path) -> None:
        error = failure(script(tmp_path, "print('no licence', file=sys.stderr); sys.exit(3)"))

        assert error.message == "The provider fake ended with exit status 3 before it said how it is reached"
        assert "no licence" in str(error.detail)
        assert str(tmp_path) in str(error.detail)
        assert sockets() == set()

    def test_it_panics_at_once(self, tmp_path: Path) -> None:
        said = "panic: nil map\n\ngoroutine 1 [running]:\nmain.main()"
        error = failure(script(tmp_path, f"print('noise\\n' + {said!r}, file=sys.stderr); sys.exit(2)"))

        assert said in str(error.detail)
        assert "noise" not in str(error.detail)

    def test_something_else_comes_first(self, tmp_path: Path) -> None:
        error = failure(script(tmp_path, "print('Welcome!', flush=True); time.sleep(60)"))

        assert "'Welcome!'" in error.message
        assert "standard output" in str(error.hint)
        assert sockets() == set()

    def test_it_hangs(self, tmp_path: Path) -> None:
        error = failure(
            script(tmp_path, "time.sleep(60)"),
            timing=Timing(handshake=0.2, connect=1, shutdown=1, last_words=1),
        )

        assert "did not say within 0.2 s how it is reached" in error.message

    def test_it_hangs_and_is_not_wanted_any_more(self, tmp_path: Path) -> None:
        """§5.27: Ctrl-C does not wait until all patience is at its end."""
        started = tmp_path / "started"
        path = script(tmp_path, f"open({str(started)!r}, 'w').close(); time.sleep(60)")

        async def scenario() -> ProviderGoneError:
            pool = PluginPool(program(path, "fake"))
            asking = asyncio.ensure_future(pool.any())
            while not started.exists():
                await asyncio.sleep(0.01)
            await pool.stop()
            with pytest.raises(ProviderGoneError) as caught:
                await asking
            await pool.close()
            return caught.value

        assert run(scenario).message == "The provider fake was stopped before it could be called"
        assert sockets() == set()

    def test_it_speaks_a_version_that_nobody_asked_for(self, tmp_path: Path) -> None:
        error = failure(script(tmp_path, "print('1|4|unix|/p|grpc|', flush=True); time.sleep(60)"))

        assert "version 4 of Terraform's plugin protocol; we speak 5 and 6" in error.message

    def test_it_is_not_where_it_says(self, tmp_path: Path) -> None:
        line = f"1|5|unix|{tmp_path / 'nothing'}|grpc|"
        error = failure(
            script(tmp_path, f"print({line!r}, flush=True); time.sleep(60)"),
            timing=Timing(handshake=20, connect=0.3, shutdown=0.1, last_words=1),
        )

        assert "Nothing answers at" in error.message

    def test_it_ends_right_after_its_line(self, tmp_path: Path) -> None:
        line = f"1|5|unix|{tmp_path / 'nothing'}|grpc|"
        error = failure(script(tmp_path, f"print({line!r}, flush=True); sys.exit(4)"))

        assert "ended with exit status 4 while it was to take the first connection" in error.message

    def test_it_may_not_be_executed(self, tmp_path: Path) -> None:
        path = script(tmp_path, "")
        path.chmod(0o644)

        assert "may not be executed" in failure(path).message

    def test_it_is_not_there(self, tmp_path: Path) -> None:
        assert "is no file" in failure(tmp_path / "missing").message

    def test_it_was_built_for_another_machine(self, tmp_path: Path) -> None:
        path = tmp_path / "terraform-provider-fake"
        path.write_bytes(b"\x7fELF" + bytes(100))
        path.chmod(0o755)

        assert "before it said how it is reached" in failure(path).message

    def test_demanding_tls_unasked(self, tmp_path: Path) -> None:
        line = f"1|5|unix|/p|grpc|{'A' * 80}"
        error = failure(script(tmp_path, f"print({line!r}, flush=True); time.sleep(60)"))

        assert "demands TLS" in error.message

    def test_asked_for_tls_without_offering_it(self, tmp_path: Path) -> None:
        error = failure(script(tmp_path, "print('1|5|unix|/p|grpc|', flush=True); time.sleep(60)"), tls=True)

        assert "does not offer it" in error.message


@pytest.mark.real
class TestStarting:
    def test_a_file_that_is_still_being_written_is_tried_again(self, tmp_path: Path) -> None:
        """§1.1: ETXTBSY."""
        path = tmp_path / "terraform-provider-modern"
        path.write_bytes(tfproviders.modern().read_bytes())
        path.chmod(0o755)
        writer = path.open("ab")
        pauses = []

        async def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                writer.close()

        async def scenario() -> None:
            plugin = await TerraformPlugin.open(program(path), pause=pause)
            await plugin.close()

        run(scenario)
        assert pauses == [0.05, 0.1]

    def test_a_long_temporary_path_does_not_matter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """§1.4, §10 no. 30."""
        deep = tmp_path / ("x" * 60) / ("y" * 60)
        deep.mkdir(parents=True)
        monkeypatch.setattr(tempfile, "tempdir", str(deep))

        async def scenario() -> None:
            async with client_of(tfproviders.modern(), environ={"TMPDIR": str(deep)}) as client:
                await client.schema()

        run(scenario)
        assert list(deep.iterdir()) == []

    @pytest.mark.parametrize(
        ("name", "demand"),
        [("vintage", {"tls": True}), ("modern", {"environ": {"STACKWRIGHT_TF_PLUGIN_TLS": "true"}})],
    )
    def test_mutual_tls(self, name: str, demand: dict[str, Any], tmp_path: Path) -> None:
        """§1.4: a genuine server that wants a certificate, and gives one."""

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)(), **demand) as client:
                schema = await client.schema()
                answer = await client.configure(config_of(schema.provider, path=str(tmp_path)))
                assert not answer.failed

        run(scenario)

    def test_with_tls_nobody_gets_in_without_the_certificate(self) -> None:
        """The provider's own socket refuses plain speech."""

        async def scenario() -> None:
            plugin = await TerraformPlugin.open(program(tfproviders.modern(), tls=True))
            try:
                reader, writer = await asyncio.open_unix_connection(plugin._address)
                writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                answer = await reader.read(100)
                assert b"HTTP/2" not in answer
                assert not answer.startswith(b"\0\0")  # no HTTP/2 settings either
                writer.close()
            finally:
                await plugin.close()

        run(scenario)


@pytest.mark.real
class TestEnding:
    def test_it_ends_in_peace_and_leaves_nothing(self, short: None) -> None:
        """§1.8."""

        async def scenario() -> int:
            plugin = await TerraformPlugin.open(program(tfproviders.vintage()))
            assert sockets()
            await plugin.close()
            await plugin.close()
            assert plugin._process is not None
            assert plugin._process.exit_status == 0
            return plugin.pid

        assert not psutil.pid_exists(run(scenario))
        assert sockets() == set()

    def test_it_dies_with_us(self, tmp_path: Path) -> None:
        """§1.1, §10 no. 29: killed without a word, we take it along."""
        (tmp_path / "host.py").write_text(
            textwrap.dedent(
                f"""
                import asyncio, os, sys
                from pathlib import Path
                from stackwright.providers.terraform import ProviderProgram
                from stackwright.providers.terraform._plugin import TerraformPlugin

                async def main():
                    path = Path({str(tfproviders.modern())!r})
                    plugin = await TerraformPlugin.open(
                        ProviderProgram(name="modern", path=path, environ=os.environ)
                    )
                    print(plugin.pid, flush=True)
                    await asyncio.sleep(60)

                asyncio.run(main())
                """
            )
        )
        host = subprocess.Popen([sys.executable, tmp_path / "host.py"], stdout=subprocess.PIPE)
        assert host.stdout is not None
        provider = psutil.Process(int(host.stdout.readline()))
        host.kill()
        host.communicate()

        _, alive = psutil.wait_procs([provider], timeout=20)
        assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]

    def test_one_that_nobody_needs_is_ended_and_comes_back(self, tmp_path: Path) -> None:
        """The operation goes on with another process, configured alike; open tickets keep it alive."""
        cloud = Cloud(tmp_path)

        async def scenario() -> None:
            pool = PluginPool(program(tfproviders.modern()))
            client = ProviderClient(pool)
            schema = await client.schema()
            await client.configure(config_of(schema.provider, path=str(tmp_path)))
            config = config_of(schema.ephemeral_resources["modern_ticket"], audience="me")
            opened = await client.open_ephemeral("modern_ticket", config)
            pool.end_idle(after=0)
            await client.close_ephemeral("modern_ticket", opened.private)
            assert len(cloud.calls("configure")) == 1
            pool.end_idle(after=0)
            await client.open_ephemeral("modern_ticket", config)
            assert len({call["process"] for call in cloud.calls("configure")}) == 2
            await client.close()
            await pool.close()

        run(scenario)

    def test_what_is_left_of_a_dead_one_is_cleared_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed by somebody else: the next question finds another process."""
        (tmp_path / "t").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))

        async def scenario() -> None:
            pool = PluginPool(program(tfproviders.modern()))
            first = await pool.any()
            psutil.Process(first.pid).kill()
            assert first._process is not None
            await first._process.wait()
            second = await pool.any()
            assert second.pid != first.pid
            await second.close()
            third = await pool.take()
            assert third.alive
            await pool.close()

        run(scenario)
        assert sockets() == set()

    def test_two_configurations_are_two_processes(self, tmp_path: Path) -> None:
        """§1.10."""
        cloud = Cloud(tmp_path)

        async def scenario() -> None:
            pool = PluginPool(program(tfproviders.vintage()))
            schema = (await pool.schema()).provider
            for _ in range(2):
                await ProviderClient(pool).configure(config_of(schema, path=str(tmp_path)))
            await pool.close()

        run(scenario)
        assert len({call["process"] for call in cloud.calls("configure")}) == 2


@pytest.mark.real
class TestOutput:
    def test_what_is_printed_after_the_handshake_is_heard(self, tmp_path: Path) -> None:
        """§1.5, §1.6."""
        cloud = Cloud(tmp_path)
        cloud.fail(configure="chatter")
        records: list[LogRecord] = []

        async def scenario() -> None:
            async with client_of(
                tfproviders.modern(), on_log=lambda name, record: records.append(record)
            ) as client:
                schema = await client.schema()
                await client.configure(config_of(schema.provider, path=str(tmp_path)))
                while len({each.message for each in records} & {OUT, ERR}) < 2:
                    await asyncio.sleep(0.01)

        run(scenario)

    def test_it_is_read_even_while_our_loop_is_busy(self, tmp_path: Path) -> None:
        """§1.6, §10 no. 1: a provider never waits for us to read its logs."""
        done = tmp_path / "done"
        path = script(
            tmp_path,
            f"""
            print("1|5|unix|/p|grpc|", flush=True)
            for _ in range(100): print("x" * 10_000, file=sys.stderr, flush=True)
            open({str(done)!r}, "w").close()
            """,
        )
        lines: list[str] = []

        async def scenario() -> None:
            process = await WatchedProcess.start(
                [str(path)],
                cwd=tmp_path,
                environ=os.environ,
                on_line=lambda stream, line: lines.append(line),
                on_thread=True,
            )
            deadline = time.monotonic() + 20
            while not done.exists() and time.monotonic() < deadline:
                time.sleep(0.01)  # a loop that does something else all the time
            assert done.exists()
            await process.wait()
            await process.stop(0)

        run(scenario)
        assert len([line for line in lines if line.startswith("xxx")]) >= 100

    def test_terraforms_variables_say_where_logs_go(self, tmp_path: Path) -> None:
        """§1.6."""
        log = tmp_path / "log"
        environ = {"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)}

        async def scenario() -> None:
            async with client_of(tfproviders.vintage(), environ=environ) as client:
                await client.schema()
                await client.validate_data(
                    "vintage_words", {"id": None, "text": "a", "words": None, "filter": []}
                )

        run(scenario)
        assert "ValidateDataSourceConfig" in log.read_text()


OUT, ERR = "a word on standard output", "a word on standard error"


@pytest.mark.real
class TestAttaching:
    @pytest.mark.parametrize("name", ["vintage", "modern"])
    def test_to_one_that_was_started_by_hand(self, name: str, tmp_path: Path) -> None:
        """§1.9: it is used, and it goes on running afterwards."""
        started = subprocess.Popen(
            [getattr(tfproviders, name)(), "-debug"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": tempfile.gettempdir()},
            text=True,
        )
        try:
            assert started.stdout is not None
            line = next(line for line in started.stdout if "TF_REATTACH_PROVIDERS='" in line)
            entries = line.partition("='")[2].strip().removesuffix("'")
            address = next(iter(json.loads(entries)))
            found = find_reattached(address, {"TF_REATTACH_PROVIDERS": entries})
            assert found is not None
            assert found.pid == started.pid

            async def scenario() -> None:
                async with client_of(Path("nowhere"), reattached=found) as client:
                    schema = await client.schema()
                    answer = await client.configure(config_of(schema.provider, path=str(tmp_path)))
                    assert not answer.failed

            run(scenario)
            run(scenario)
            assert started.poll() is None
        finally:
            started.kill()
            started.communicate()

    def test_to_one_that_is_gone(self, tmp_path: Path) -> None:
        entry = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 1, "Test": True}
        entries = json.dumps({"a/b": {**entry, "Addr": {"Network": "unix", "String": str(tmp_path / "x")}}})
        found = find_reattached("a/b", {"TF_REATTACH_PROVIDERS": entries})
        quick = Timing(connect=0.3, shutdown=0.1, last_words=0.1)

        error = failure(Path("nowhere"), reattached=found, timing=quick)

        assert "Nothing answers at" in error.message
        assert "TF_REATTACH_PROVIDERS" in str(error.hint)
