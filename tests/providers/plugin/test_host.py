"""The host: from a request for a package to a process, and to its end."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.fake_plugins import BRISK, SERVING, FakePlugin, Heard, attached, run, script_plugin

from stackwright.diagnostics import Severity
from stackwright.errors import UserError
from stackwright.goals import PackageRequest
from stackwright.providers import (
    CheckRequest,
    CreateRequest,
    ProviderError,
    ProviderGoneError,
    ProviderNotFoundError,
    ResourceStatus,
)
from stackwright.providers.plugin import PluginContext, PluginHost, ProjectPlugin
from stackwright.urn import make_urn
from stackwright.wire import open_channel
from stackwright.wire.stubs.pulumi import engine_pb2


def create(name: str) -> CreateRequest:
    urn = make_urn("dev", "shop", "", "p:index:Thing", name)
    return CreateRequest(urn=urn, type="p:index:Thing", inputs={}, preview=False)


@asynccontextmanager
async def hosting(
    directory: Path, *, log: Heard | None = None, environ: dict[str, str] | None = None, **context: Any
) -> AsyncIterator[PluginHost]:
    """A host whose PATH is *directory*/bin, closed with the block."""
    host = PluginHost(
        PluginContext(directory=directory, **context),
        log=log if log is not None else Heard(),
        environ={
            "PATH": str(directory / "bin"),
            "STACKWRIGHT_HOME": str(directory / "home"),
            "PULUMI_HOME": str(directory / "other"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(environ or {}),
        },
        timing=BRISK,
    )
    try:
        yield host
    finally:
        await host.close()


async def load(host: PluginHost, name: str = "p", **mappings: str) -> Any:
    return await host.load(PackageRequest(name=name), environment=mappings)


class TestProcesses:
    def test_each_provider_has_a_process_of_its_own_and_none_stays(self, tmp_path: Path) -> None:
        """protocol.md §7.9; §7.8: closing the host ends them all."""
        script_plugin(tmp_path / "bin", "p", SERVING)

        async def scenario() -> set[int]:
            async with hosting(tmp_path) as host:
                one, two, idle = await load(host), await load(host), await load(host)
                answers = await asyncio.gather(
                    one.create(create("a")), one.create(create("b")), two.create(create("c"))
                )
                pids = {int(answer.id) for answer in answers}
                assert len(pids) == 2
                assert answers[0].id == answers[1].id
                assert idle is not one
                await one.close()
                assert not psutil.pid_exists(int(answers[0].id))
                return pids

        assert not any(psutil.pid_exists(pid) for pid in run(scenario()))

    def test_any_thread_may_run_the_loop(self, tmp_path: Path) -> None:
        """The engine's loop has a thread of its own, beside the program's."""
        script_plugin(tmp_path / "bin", "p", SERVING)

        async def scenario() -> str:
            async with hosting(tmp_path) as host:
                return str((await (await load(host)).create(create("a"))).id)

        with ThreadPoolExecutor(1) as pool:
            pid = pool.submit(run, scenario()).result()

        assert not psutil.pid_exists(int(pid))

    def test_a_crash_tells_what_happened_to_whom(self, tmp_path: Path) -> None:
        """The plugin's last words, its exit status, the resource in flight, and what else was."""
        script_plugin(tmp_path / "bin", "p", SERVING)
        log = Heard()

        async def scenario() -> tuple[ProviderGoneError, BaseException, ProviderGoneError]:
            async with hosting(tmp_path, log=log) as host:
                provider = await load(host)
                first = asyncio.ensure_future(provider.create(create("hang")))
                await log.until("creating")  # the first call has arrived
                with pytest.raises(ProviderGoneError) as crash:
                    await provider.create(create("crash"))
                (other,) = await asyncio.gather(first, return_exceptions=True)
                with pytest.raises(ProviderGoneError) as later:
                    await provider.check(
                        CheckRequest(urn=create("x").urn, type="t", olds={}, news={}, seed=b"", preview=False)
                    )
                assert isinstance(other, BaseException)
                return crash.value, other, later.value

        crash, other, later = run(scenario())

        assert crash.message == (
            f"The provider plugin `p` ended with exit status 3 while it was to create {create('crash').urn}"
        )
        assert crash.status is ResourceStatus.UNKNOWN
        assert crash.detail is not None
        assert str(tmp_path / "bin" / "pulumi-resource-p") in crash.detail
        assert f"creating {create('crash').urn}" in crash.detail
        assert isinstance(other, ProviderGoneError)
        assert f"create {create('hang').urn}" in other.message
        assert later.status is ResourceStatus.OK

    def test_a_plugin_that_does_not_come_up_is_reported_with_its_words(self, tmp_path: Path) -> None:
        """protocol.md §7.5."""
        script_plugin(tmp_path / "bin", "p", "import sys; sys.exit('no licence')")

        async def scenario() -> None:
            async with hosting(tmp_path) as host:
                provider = await load(host)
                await provider.create(create("a"))

        with pytest.raises(ProviderGoneError, match="ended with exit status 1 before") as failure:
            run(scenario())
        assert failure.value.detail == "It printed:\nno licence"

    def test_a_plugin_that_ends_during_the_handshake_is_noticed(self, tmp_path: Path) -> None:
        """protocol.md §7.5: no waiting for a process that is gone."""
        script_plugin(tmp_path / "bin", "p", "print(1, flush=True)")

        async def scenario() -> None:
            async with hosting(tmp_path) as host:
                await (await load(host)).create(create("a"))

        with pytest.raises(
            ProviderGoneError, match="ended with exit status 0 while it was to answer the handshake"
        ):
            run(scenario())

    def test_closing_interrupts_a_start_that_hangs(self, tmp_path: Path) -> None:
        """A provider that is closed while its plugin starts leaves no process."""
        script_plugin(tmp_path / "bin", "p", "import os, sys; print(os.getpid(), file=sys.stderr); input()")
        log = Heard()

        async def scenario() -> int:
            async with hosting(tmp_path, log=log) as host:
                provider = await load(host)
                call = asyncio.ensure_future(provider.create(create("a")))
                pid = int(await log.until(prefix="p stderr: "))
                await provider.close()
                (outcome,) = await asyncio.gather(call, return_exceptions=True)
                assert isinstance(outcome, ProviderError)
                return pid

        assert not psutil.pid_exists(run(scenario()))

    def test_cancelling_a_call_cancels_it_in_the_plugin_and_nothing_else(self, tmp_path: Path) -> None:
        """A cancelled engine task lets go; the plugin goes on serving others."""
        script_plugin(tmp_path / "bin", "p", SERVING)

        async def scenario() -> str:
            async with hosting(tmp_path) as host:
                provider = await load(host)
                hanging = asyncio.ensure_future(provider.create(create("hang")))
                await provider.create(create("a"))
                hanging.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await hanging
                return str((await provider.create(create("b"))).id)

        assert run(scenario()).isdigit()

    def test_a_closed_provider_says_so(self, tmp_path: Path) -> None:
        """Nothing is started again after the end."""
        script_plugin(tmp_path / "bin", "p", SERVING)

        async def scenario() -> None:
            async with hosting(tmp_path) as host:
                used, unused = await load(host), await load(host)
                await used.create(create("a"))
                for provider in (used, unused):
                    await provider.close()
                    await provider.close()
                    with pytest.raises(ProviderError, match="has been closed"):
                        await provider.create(create("a"))

        run(scenario())


class TestLaunching:
    def test_environment_and_directory(self, tmp_path: Path) -> None:
        """protocol.md §7.5: options, project, this package's configuration, remapped variables."""
        seen = tmp_path / "seen.json"
        script_plugin(
            tmp_path / "bin",
            "p",
            f"import json, os; json.dump([os.getcwd(), dict(os.environ)], open({str(seen)!r}, 'w'))",
        )

        async def scenario() -> None:
            async with hosting(
                tmp_path,
                environ={"NEW": "n"},
                project="shop",
                runtime_options={"virtualenv": "venv", "typed": True},
                config={"p:region": "eu", "pp:x": "1", "q:y": "2"},
            ) as host:
                with pytest.raises(ProviderGoneError):
                    await (await load(host, NEW="OLD", MISSING="UNTOUCHED")).create(create("a"))

        run(scenario())

        directory, environ = json.loads(seen.read_text())
        assert directory == str(tmp_path.resolve())
        assert environ["PULUMI_RUNTIME_VIRTUALENV"] == "venv"
        assert environ["PULUMI_RUNTIME_TYPED"] == "true"
        assert environ["PULUMI_PROJECT"] == "shop"
        assert json.loads(environ["PULUMI_CONFIG"]) == {"region": "eu"}
        assert environ["OLD"] == "n"
        assert "UNTOUCHED" not in environ

    def test_a_plugin_on_path_is_mentioned_once(self, tmp_path: Path) -> None:
        """protocol.md §7.2."""
        script_plugin(tmp_path / "bin", "p", SERVING)
        log = Heard()

        async def scenario() -> None:
            async with hosting(tmp_path, log=log) as host:
                await load(host)
                await load(host)

        run(scenario())

        assert [diagnostic.severity for diagnostic in log] == [Severity.WARNING]

    @pytest.mark.parametrize(("wanted", "told"), [("2.0.0", True), ("1.2.3", False), ("", False)])
    def test_an_older_plugin_than_wanted_is_used_and_mentioned(
        self, tmp_path: Path, wanted: str, *, told: bool
    ) -> None:
        """protocol.md §7.3: a version lower than requested causes a warning, not an error."""
        versioned = SERVING.replace(
            "    async def Create",
            "    async def GetPluginInfo(self, request, context):\n"
            "        from stackwright.wire.stubs.pulumi import plugin_pb2\n"
            "        return plugin_pb2.PluginInfo(version='v1.2.3')\n\n"
            "    async def Create",
        )
        script_plugin(tmp_path / "bin", "p", versioned)
        log = Heard()

        async def scenario() -> None:
            async with hosting(tmp_path, log=log) as host:
                provider = await host.load(PackageRequest(name="p", version=wanted), environment={})
                assert (await provider.create(create("a"))).id

        run(scenario())

        assert any("is version 1.2.3, and 2.0.0 was asked for" in text for text in log.texts) is told

    def test_a_missing_plugin_is_noticed_when_it_is_asked_for(self, tmp_path: Path) -> None:
        """Not at the first call: the error belongs to the request for the package."""

        async def scenario() -> None:
            async with hosting(tmp_path) as host:
                await load(host, "missing")

        with pytest.raises(ProviderNotFoundError, match="`missing`"):
            run(scenario())

    def test_a_program_that_may_not_be_executed_is_an_error(self, tmp_path: Path) -> None:
        """The error says what to do."""
        program = script_plugin(tmp_path, "p", SERVING)
        program.chmod(0o644)

        async def scenario() -> None:
            async with hosting(tmp_path, plugins=(ProjectPlugin(name="p", path=program),)) as host:
                await load(host)

        with pytest.raises(ProviderNotFoundError, match="may not be executed"):
            run(scenario())


class TestSourcePlugins:
    """protocol.md §7.6: plugins without a program."""

    def load(self, directory: Path, plugin: Path) -> Any:
        async def scenario() -> Any:
            async with hosting(
                directory,
                plugins=(ProjectPlugin(name="p", path=plugin),),
                environ={"PYTHONPATH": os.pathsep.join(path for path in map(str, _source_path()))},
            ) as host:
                provider = await load(host)
                return (await provider.create(create("a"))).id

        return run(scenario())

    def write(self, directory: Path, descriptor: str, body: str = SERVING) -> Path:
        plugin = directory / "plugin"
        plugin.mkdir()
        (plugin / "PulumiPlugin.yaml").write_text(descriptor)
        if body:
            (plugin / "__main__.py").write_text(body)
        return plugin

    def test_python_source_is_run_by_an_interpreter(self, tmp_path: Path) -> None:
        """protocol.md §13.6: a directory with `__main__.py`."""
        plugin = self.write(tmp_path, "runtime: python\n")

        assert self.load(tmp_path, plugin).isdigit()

    @pytest.mark.parametrize(
        ("descriptor", "problem"),
        [
            ("runtime: nodejs\n", "runtime `nodejs`"),
            ("runtime:\n  name: python\n  options:\n    virtualenv: gone\n", "`gone`.* does not exist"),
            ("runtime: python\nrequiredPulumiVersion: '>=99'\n", "for releases '>=99'"),
            ("name: p\n", "does not name a runtime"),
            ("runtime: [\n", "cannot be read"),
        ],
    )
    def test_what_cannot_be_run_is_said(self, tmp_path: Path, descriptor: str, problem: str) -> None:
        """protocol.md §7.6."""
        with pytest.raises(ProviderNotFoundError, match=problem):
            self.load(tmp_path, self.write(tmp_path, descriptor))

    def test_a_directory_must_hold_something_to_run(self, tmp_path: Path) -> None:
        """protocol.md §13.6: neither `__main__.py` nor a project that can be named."""
        with pytest.raises(ProviderNotFoundError, match=r"neither a `__main__.py`"):
            self.load(tmp_path, self.write(tmp_path, "runtime: python\n", body=""))

        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(ProviderNotFoundError, match="holds no program"):
            self.load(tmp_path, empty)


def _source_path() -> list[Path]:
    import stackwright

    return [Path(stackwright.__file__).parents[1]]


class TestAttaching:
    @pytest.mark.parametrize("entry", ["p:http", "p", ":1", "p:0", "p:99999"])
    def test_a_bad_entry_is_an_error(self, tmp_path: Path, entry: str) -> None:
        """protocol.md §7.7: a non-numeric port is an error."""

        async def scenario() -> None:
            async with hosting(tmp_path, environ={"PULUMI_DEBUG_PROVIDERS": entry}) as host:
                await load(host)

        with pytest.raises(UserError, match="does not say which provider"):
            run(scenario())

    def test_nobody_there(self, tmp_path: Path) -> None:
        """protocol.md §7.7: the error names the port and the variable."""
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

            async def scenario() -> None:
                host = PluginHost(
                    PluginContext(directory=tmp_path),
                    log=Heard(),
                    environ={"PULUMI_DEBUG_PROVIDERS": f"p:{port}"},
                    timing=BRISK.__class__(greeting=0.5),
                )
                try:
                    await (await load(host)).create(create("a"))
                finally:
                    await host.close()

            with pytest.raises(ProviderGoneError, match=f"Nothing answers at port {port}"):
                run(scenario())


class TestEngineService:
    def scenario(self, talk: Any, log: Heard, **host: Any) -> Any:
        """Let a plugin talk to the service whose address it was given."""
        fake = FakePlugin()

        async def main() -> Any:
            async with attached(fake, log=log) as provider:
                await provider.schema()
                channel = open_channel(fake.only("Handshake").engine_address)
                try:
                    return await talk(engine_pb2.EngineStub(channel))
                finally:
                    await channel.close()

        return run(main())

    def test_messages_are_heard(self) -> None:
        """protocol.md §12: severities, URN, stream and ephemerality; nothing is trimmed."""
        log = Heard()

        async def talk(engine: engine_pb2.EngineStub) -> None:
            await engine.Log(
                engine_pb2.LogRequest(
                    severity=engine_pb2.WARNING, message=" a\nb ", urn="urn:x", streamId=3, ephemeral=True
                )
            )
            await engine.Log(engine_pb2.LogRequest(message=""))

        self.scenario(talk, log)

        first, second = log
        assert (first.severity, first.message, first.urn) == (Severity.WARNING, " a\nb ", "urn:x")
        assert (first.stream, first.ephemeral) == (3, True)
        assert (second.severity, second.message, second.urn) == (Severity.DEBUG, "", None)

    def test_an_unknown_severity_is_an_error(self) -> None:
        """protocol.md §12, §1."""
        import grpc

        async def talk(engine: engine_pb2.EngineStub) -> None:
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await engine.Log(engine_pb2.LogRequest(severity=9))  # type: ignore[arg-type]
            assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT

        self.scenario(talk, Heard())

    def test_the_stack_resource(self) -> None:
        """protocol.md §12: empty before it is set; the last value wins."""

        async def talk(engine: engine_pb2.EngineStub) -> list[str]:
            asked = engine_pb2.GetRootResourceRequest()
            before = (await engine.GetRootResource(asked)).urn
            for urn in ("urn:a", "urn:b"):
                await engine.SetRootResource(engine_pb2.SetRootResourceRequest(urn=urn))
            return [before, (await engine.GetRootResource(asked)).urn]

        assert self.scenario(talk, Heard()) == ["", "urn:b"]

    def test_versions_can_be_required(self) -> None:
        """protocol.md §12: an error when the version is outside the range."""
        import grpc

        async def talk(engine: engine_pb2.EngineStub) -> list[Any]:
            codes: list[Any] = []
            for wanted in (">=3.0.0", ">=99.0.0", "nonsense"):
                try:
                    request = engine_pb2.RequirePulumiVersionRequest(pulumi_version_range=wanted)
                    await engine.RequirePulumiVersion(request)
                    codes.append(None)
                except grpc.aio.AioRpcError as error:
                    codes.append(error.code())
            return codes

        assert self.scenario(talk, Heard()) == [
            None,
            grpc.StatusCode.FAILED_PRECONDITION,
            grpc.StatusCode.INVALID_ARGUMENT,
        ]
