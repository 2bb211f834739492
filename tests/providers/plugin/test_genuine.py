"""Plugins made with the genuine Go framework, and with the bare Go SDK."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from support import goplugin
from support.fake_plugins import BRISK, Heard, run
from support.ledger import Ledger, Script

from stackwright.diagnostics import Severity
from stackwright.goals import PackageRequest, Parameterization
from stackwright.providers import (
    CheckConfigRequest,
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    InitFailedError,
    InvokeRequest,
    MissingConfigurationError,
    ProviderError,
    ProviderGoneError,
    ReadRequest,
    ResourceStatus,
    UpdateRequest,
)
from stackwright.providers.plugin import PluginContext, PluginHost, PluginProvider
from stackwright.urn import make_urn
from stackwright.values import Archive, Asset, DiffKind, Secret, contains_unknowns, with_hashes

pytestmark = pytest.mark.real


class World:
    """A plugin directory, a ledger and a script of faults in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        goplugin.plugins(folder / "home" / "plugins")
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.script = Script(folder / "faults.json")
        self.log = Heard()
        self.environ = {
            "PATH": os.defpath,
            "STACKWRIGHT_HOME": str(folder / "home"),
            "PULUMI_HOME": str(folder / "other"),
            "LEDGER_FSYNC": "0",
            **self.ledger.environment(),
            **self.script.environment(),
        }

    @asynccontextmanager
    async def host(self, **environ: str) -> AsyncIterator[PluginHost]:
        host = PluginHost(
            PluginContext(directory=self.folder, project="shop", config={"ledger:a": "1"}),
            log=self.log,
            environ={**self.environ, **environ},
            timing=BRISK,
        )
        try:
            yield host
        finally:
            await host.close()

    @asynccontextmanager
    async def provider(
        self, name: str = "ledger", *, config: dict[str, Any] | None = None, **environ: str
    ) -> AsyncIterator[PluginProvider]:
        """A configured provider of the package *name*."""
        async with self.host(**environ) as host:
            provider = await host.load(PackageRequest(name=name, version="1.2.3"), environment={})
            urn = make_urn("dev", "shop", "", f"pulumi:providers:{name}", "default")
            checked = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=config or {}))
            assert checked.failures == ()
            await provider.configure(ConfigureRequest(urn=urn, id="p-1", inputs=checked.inputs))
            yield provider


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class Subject:
    """One resource, step by step as the engine would do it."""

    def __init__(self, provider: PluginProvider, type_: str, name: str) -> None:
        self.provider = provider
        self.type = type_
        self.urn = make_urn("dev", "shop", "", type_, name)
        self.id = ""
        self.inputs: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}

    async def check(self, news: dict[str, Any], *, preview: bool = False) -> Any:
        return await self.provider.check(
            CheckRequest(
                urn=self.urn, type=self.type, olds=self.inputs, news=news, seed=b"s" * 32, preview=preview
            )
        )

    async def create(self, news: dict[str, Any], *, preview: bool = False, check: bool = True) -> Any:
        inputs = (await self.check(news, preview=preview)).inputs if check else news
        result = await self.provider.create(
            CreateRequest(urn=self.urn, type=self.type, inputs=inputs, preview=preview)
        )
        self.id, self.inputs, self.outputs = result.id, inputs, result.outputs
        return result

    async def diff(self, news: dict[str, Any]) -> Any:
        checked = await self.check(news)
        return await self.provider.diff(
            DiffRequest(
                urn=self.urn,
                type=self.type,
                id=self.id,
                old_inputs=self.inputs,
                old_outputs=self.outputs,
                news=checked.inputs,
                preview=False,
            )
        )

    async def update(self, news: dict[str, Any]) -> Any:
        checked = await self.check(news)
        return await self.provider.update(
            UpdateRequest(
                urn=self.urn,
                type=self.type,
                id=self.id,
                old_inputs=self.inputs,
                old_outputs=self.outputs,
                news=checked.inputs,
                preview=False,
            )
        )

    async def read(self) -> Any:
        return await self.provider.read(
            ReadRequest(urn=self.urn, type=self.type, id=self.id, outputs=self.outputs, inputs=self.inputs)
        )

    async def delete(self) -> None:
        await self.provider.delete(
            DeleteRequest(urn=self.urn, type=self.type, id=self.id, inputs=self.inputs, outputs=self.outputs)
        )


RECORD = "ledger:index:Record"


class TestLife:
    def test_a_resource_from_preview_to_delete(self, world: World) -> None:
        """protocol.md §8.8-8.13 against the genuine framework."""

        async def scenario() -> None:
            async with world.provider() as provider:
                record = Subject(provider, RECORD, "one")
                preview = await record.create({"value": "v"}, preview=True)
                assert contains_unknowns(preview.outputs["fingerprint"])
                assert world.ledger.objects() == {}

                made = await record.create({"value": "v", "tags": {"a": "b"}})
                assert made.outputs["size"] == 1
                assert made.outputs["revision"] == 1

                assert (await record.diff({"value": "v", "tags": {"a": "b"}})).changes is DiffChanges.NONE
                changed = await record.diff({"value": "w", "tags": {"a": "c"}})
                assert changed.changes is DiffChanges.SOME
                assert not changed.requires_replacement
                assert changed.detailed is not None
                assert {entry.kind for entry in changed.detailed.values()} == {DiffKind.UPDATE}
                moved = await record.diff({"value": "v", "tags": {"a": "b"}, "region": "there"})
                assert moved.requires_replacement

                updated = await record.update({"value": "w"})
                assert updated.outputs["revision"] == 2

                record.outputs = updated.outputs
                seen = await record.read()
                assert seen.exists
                assert seen.outputs == updated.outputs
                await record.delete()
                assert not (await record.read()).exists

        run(scenario())

        assert [operation.op for operation in world.ledger.operations()] == [
            "create",
            "update",
            "read",
            "delete",
            "read",
        ]
        assert world.ledger.unfinished() == []

    def test_rich_values_come_back_as_they_went(self, world: World) -> None:
        """protocol.md §2, §4: nested values, secrets, assets and archives through a genuine plugin."""
        inputs = with_hashes(
            {
                "title": "t",
                "password": Secret("hunter2"),
                "document": {"deep": [1, 2.5, None, {"x": [True]}]},
                "source": Asset(text="text"),
                "files": [Archive(assets={"a/b": Asset(text="x")})],
                "matrix": [[1.5], []],
            },
            world.folder,
        )

        async def scenario() -> tuple[Any, Any, Any]:
            async with world.provider() as provider:
                rich = Subject(provider, "ledger:index:Rich", "one")
                made = await rich.create(inputs)
                seen = await rich.read()
                same = await rich.diff(inputs)
                return made, seen, same

        made, seen, same = run(scenario())

        assert made.outputs["password"] == Secret("hunter2")
        assert isinstance(made.outputs["token"], Secret)
        assert made.outputs["document"]["deep"][:2] == [1, 2.5]
        assert seen.inputs["source"] == inputs["source"]  # restored from its hash (§4.7)
        assert seen.outputs["files"] == inputs["files"]
        assert same.changes is DiffChanges.NONE
        assert "hunter2" not in repr(made)

    def test_many_calls_at_once(self, world: World) -> None:
        """protocol.md §8.19: one connection carries them all."""

        async def scenario() -> None:
            async with world.provider() as provider:
                subjects = [Subject(provider, RECORD, f"r{number}") for number in range(40)]
                await asyncio.gather(*(subject.create({"value": "v"}) for subject in subjects))
                assert len({subject.id for subject in subjects}) == 40

        run(scenario())

        assert len(world.ledger.objects()) == 40
        assert len({line.process for line in world.ledger.lines() if line.op == "create"}) == 1

    def test_failures_of_check_are_all_reported(self, world: World) -> None:
        """protocol.md §6.5."""

        async def scenario() -> Any:
            async with world.provider() as provider:
                strict = Subject(provider, "ledger:index:Strict", "one")
                return await strict.check({"port": 0, "email": "nobody", "limits": {"low": 2, "high": 1}})

        failures = run(scenario()).failures

        assert {failure.property for failure in failures} >= {"port", "email", "limits.low"}


class TestConfigurationAndFunctions:
    def test_the_process_is_started_as_the_protocol_says(self, world: World) -> None:
        """protocol.md §7.5: directory, argument, environment."""

        async def scenario() -> Any:
            async with world.provider(config={"retries": "5"}) as provider:
                info = await provider.info()
                assert info.version == "1.2.3"
                assert b'"name":"ledger"' in (await provider.schema()).replace(b": ", b":")
                request = InvokeRequest(token="ledger:index:surroundings", args={}, preview=False)
                return (await provider.invoke(request)).value

        seen = run(scenario())

        assert Path(seen["directory"]).resolve() == world.folder.resolve()
        program, address = seen["arguments"]
        assert program.endswith("/resource-ledger-v1.2.3/pulumi-resource-ledger")
        assert address.startswith("127.0.0.1:")
        assert json.loads(seen["environment"]["PULUMI_CONFIG"]) == {"a": "1"}
        assert seen["environment"]["PULUMI_PROJECT"] == "shop"
        assert seen["retries"] == 5

    def test_configuration_keeps_secrets(self, world: World) -> None:
        """protocol.md §3.4: CheckConfig never sees a secret as one, and its answer has it again."""

        async def scenario() -> Any:
            async with world.host() as host:
                provider = await host.load(PackageRequest(name="ledger"), environment={})
                urn = make_urn("dev", "shop", "", "pulumi:providers:ledger", "default")
                checked = await provider.check_config(
                    CheckConfigRequest(urn=urn, olds={}, news={"token": Secret("t")})
                )
                compared = await provider.diff_config(
                    DiffConfigRequest(
                        urn=urn,
                        old_inputs={"region": "a"},
                        old_outputs={"region": "a"},
                        news={"region": "b"},
                    )
                )
                return checked, compared

        checked, compared = run(scenario())

        assert checked.inputs["token"] == Secret("t")
        assert compared.requires_replacement

    def test_missing_configuration_is_named(self, world: World) -> None:
        """protocol.md §6.4."""

        async def scenario() -> None:
            async with world.provider(LEDGER_REQUIRE="token"):
                pass

        with pytest.raises(MissingConfigurationError) as failure:
            run(scenario())
        assert [name.rpartition(":")[2] for name, _ in failure.value.keys] == ["token"]

    def test_functions_answer_failures_and_secrets(self, world: World) -> None:
        """protocol.md §8.16."""

        async def scenario() -> tuple[Any, Any]:
            async with world.provider() as provider:
                echo = InvokeRequest(token="ledger:index:echo", args={"value": [1, "x"]}, preview=True)
                reveal = InvokeRequest(token="ledger:index:reveal", args={"name": "n"}, preview=False)
                return (await provider.invoke(echo)).value, (await provider.invoke(reveal)).value

        echoed, revealed = run(scenario())

        assert echoed["value"] == [1, "x"]
        assert echoed["number"] == 7
        assert isinstance(revealed["secret"], Secret)
        assert not isinstance(revealed["public"], Secret)

    def test_what_a_plugin_says_is_heard(self, world: World) -> None:
        """protocol.md §12."""

        async def scenario() -> str:
            async with world.provider() as provider:
                record = Subject(provider, RECORD, "one")
                await record.create({"logs": [{"severity": "warning", "message": "watch out"}]})
                return record.urn

        urn = run(scenario())

        said = [diagnostic for diagnostic in world.log if diagnostic.message == "watch out"]
        assert [(diagnostic.severity, diagnostic.urn) for diagnostic in said] == [(Severity.WARNING, urn)]


class TestFaults:
    def outcome(self, world: World, rule: dict[str, Any]) -> ProviderError:
        """The error of a create under *rule*."""
        world.script.say({"on": "create", **rule})

        async def scenario() -> ProviderError:
            async with world.provider() as provider:
                with pytest.raises(ProviderError) as failure:
                    await Subject(provider, RECORD, "one").create({"value": Secret("v")})
                return failure.value

        error: ProviderError = run(scenario())
        return error

    @pytest.mark.parametrize(
        ("code", "status"), [("UNKNOWN", ResourceStatus.UNKNOWN), ("ALREADY_EXISTS", ResourceStatus.OK)]
    )
    def test_a_failure_has_the_status_of_its_code(
        self, world: World, code: str, status: ResourceStatus
    ) -> None:
        """protocol.md §6.2."""
        error = self.outcome(world, {"kind": "fail", "message": "quota", "code": code})

        assert "quota" in error.message
        assert error.status is status

    def test_a_partial_failure_brings_the_object(self, world: World) -> None:
        """protocol.md §6.2."""
        error = self.outcome(world, {"kind": "init", "reasons": ["not ready", "no route"]})

        assert isinstance(error, InitFailedError)
        assert error.reasons == ("not ready", "no route")
        assert [error.id] == list(world.ledger.objects())
        assert error.outputs["value"] == Secret("v")

    @pytest.mark.parametrize("kind", ["exit", "panic"])
    def test_a_crash_is_explained(self, world: World, kind: str) -> None:
        """The exit status, the last words and the resource."""
        error = self.outcome(world, {"kind": kind, "message": "the disk is full", "status": 9})

        assert isinstance(error, ProviderGoneError)
        assert error.status is ResourceStatus.UNKNOWN
        assert f"exit status {9 if kind == 'exit' else 2} while it was to create urn:" in error.message
        assert "the disk is full" in str(error.detail)

    def test_cancelling_ends_what_is_under_way(self, world: World) -> None:
        """protocol.md §7.8, §8.4."""
        world.script.say({"on": "create", "kind": "hang"})

        async def scenario() -> BaseException:
            async with world.provider() as provider:
                call = asyncio.ensure_future(Subject(provider, RECORD, "one").create({"value": "v"}))
                while not world.ledger.unfinished():
                    await asyncio.sleep(0.01)
                await provider.cancel()
                (outcome,) = await asyncio.gather(call, return_exceptions=True)
                assert isinstance(outcome, BaseException)
                return outcome

        assert isinstance(run(scenario()), ProviderError)
        assert len(world.ledger.marks("cancel")) >= 1

    def test_closing_leaves_no_process(self, world: World) -> None:
        """protocol.md §7.8: politely where the plugin listens."""

        async def scenario() -> None:
            async with world.provider() as provider:
                await Subject(provider, RECORD, "one").create({"value": "v"})

        run(scenario())

        processes = {line.process for line in world.ledger.lines() if line.process}
        assert processes
        assert not any(psutil.pid_exists(process) for process in processes)


class TestBarePlugin:
    """The Go SDK without a framework: answers that no framework would give."""

    def test_a_plugin_without_handshake_or_secrets(self, world: World) -> None:
        """protocol.md §7.5, §3.4."""
        rules = [
            {"method": "Handshake", "error": {"code": "UNIMPLEMENTED", "message": "what?"}},
            {"method": "Configure", "response": {"supportsPreview": True}},
        ]
        script = world.folder / "raw.json"
        script.write_text(json.dumps(rules))

        async def scenario() -> Any:
            async with world.provider("rawledger", RAWLEDGER_SCRIPT=str(script)) as provider:
                thing = Subject(provider, "rawledger:index:Thing", "one")
                made = await thing.create({"secret": Secret("s"), "plain": [1]})
                return made.outputs

        assert run(scenario()) == {"secret": Secret("s"), "plain": [1]}

    @pytest.mark.parametrize(
        ("start", "problem"),
        [
            ({"line": "ready on %d\n"}, "invalid port to stdout: 'ready on"),
            ({"stderr": "no licence", "silent": True, "exit": 4}, "exit status 4"),
        ],
    )
    def test_a_bad_start_is_explained(self, world: World, start: dict[str, Any], problem: str) -> None:
        """protocol.md §7.5."""

        async def scenario() -> None:
            async with world.provider("rawledger", RAWLEDGER_START=json.dumps(start)):
                pass

        with pytest.raises(ProviderGoneError, match=problem):
            run(scenario())

    def test_a_deaf_plugin_is_killed(self, world: World) -> None:
        """protocol.md §7.8: after the grace."""

        async def scenario() -> None:
            async with world.provider("rawledger", RAWLEDGER_DEAF="1") as provider:
                await Subject(provider, "rawledger:index:Thing", "one").create({})

        run(scenario())

        assert not any(psutil.pid_exists(line.process) for line in world.ledger.lines() if line.process)

    def test_parameterised_packages(self, world: World) -> None:
        """protocol.md §8.2: by value, before anything else."""

        async def scenario() -> bytes:
            async with world.host() as host:
                parameter = Parameterization(name="sub", version="2.0.0", value=b"sub@2.0.0")
                request = PackageRequest(name="rawledger", parameterization=parameter)
                provider = await host.load(request, environment={})
                return await provider.schema(package="sub", version="2.0.0")

        assert run(scenario())
        assert len(world.ledger.marks("parameterize")) == 1
