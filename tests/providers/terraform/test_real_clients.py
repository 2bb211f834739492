"""The client on genuine frameworks: our own providers `vintage` (protocol 5) and `modern` (protocol 6)."""

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import tfproviders
from support.tfclients import client_of, config_of, proposed, run
from support.tfproviders import Cloud

from stackwright.providers import ProviderError, ProviderGoneError, ResourceStatus
from stackwright.providers.terraform import (
    STRING,
    UNKNOWN,
    AttributeName,
    Called,
    DynamicValue,
    ElementKey,
    ListOf,
    Nesting,
    ObjectOf,
    Planned,
    ProviderClient,
    TfSeverity,
    empty_value,
)

pytestmark = pytest.mark.real


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


async def configured(client: ProviderClient, cloud: Cloud) -> ProviderClient:
    schema = await client.schema()
    answer = await client.configure(config_of(schema.provider, path=str(cloud.folder)))
    assert not answer.failed, answer
    return client


async def created(client: ProviderClient, type_name: str, **attributes: Any) -> tuple[Any, Planned]:
    """What applying a new resource answers, and the plan that was applied."""
    schema = (await client.schema()).resources[type_name]
    config = config_of(schema, **attributes)
    planned = await client.plan(type_name, prior=None, proposed=proposed(schema, config), config=config)
    assert not planned.failed, planned
    applied = await client.apply(
        type_name,
        prior=None,
        planned=planned.state,
        config=config,
        private=planned.private,
        identity=planned.identity,
    )
    return applied, planned


@pytest.mark.parametrize("name", ["vintage", "modern"])
class TestBoth:
    """What is the same whichever protocol is spoken."""

    def test_from_nothing_to_an_object_and_back(self, name: str, cloud: Cloud) -> None:
        """terraform.md §5.11, §5.5, §5.13, §5.16, §5.24."""
        kind = f"{name}_thing"

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                applied, planned = await created(client, kind, name="a", tags={"k": "v"}, labels=["y", "x"])
                assert planned.state["revision"] == UNKNOWN
                assert planned.legacy is applied.legacy is (name == "vintage")
                assert applied.state["labels"] == ["x", "y"]
                assert applied.state["revision"] == 1
                assert applied.identity == {"name": "a", "region": "here"}
                assert applied.private
                cloud.drift("thing-a", size=7)
                read = await client.read(
                    kind, applied.state, private=applied.private, identity=applied.identity
                )
                assert read.state["size"] == 7
                assert read.identity == applied.identity
                destroyed = await client.plan(
                    kind, prior=read.state, proposed=None, config=None, private=read.private
                )
                assert destroyed.state is None
                gone = await client.apply(
                    kind, prior=read.state, planned=None, config=None, private=destroyed.private
                )
                assert gone.state is None
                assert (await client.read(kind, read.state, private=read.private)).state is None

        run(scenario)
        assert [call["op"] for call in cloud.calls()] == ["configure", "create", "read", "delete", "read"]

    def test_what_a_provider_complains_of_comes_back_with_its_place(self, name: str, cloud: Cloud) -> None:
        """§2.7, §3.8."""

        async def scenario() -> Any:
            async with client_of(getattr(tfproviders, name)()) as client:
                schema = (await client.schema()).resources[f"{name}_thing"]
                return await client.validate_resource(
                    f"{name}_thing", config_of(schema, name="a", size=5000, old_name="x")
                )

        answer = run(scenario)
        paths = {each.path: each.severity for each in answer.diagnostics}
        assert paths[AttributeName("size"),] is TfSeverity.ERROR
        assert answer.failed
        if name == "modern":
            assert paths[AttributeName("old_name"),] is TfSeverity.WARNING

    def test_a_refused_configuration_is_an_answer(self, name: str, cloud: Cloud) -> None:
        """§5.2; another attempt gets a process that was never configured."""

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)()) as client:
                kind = (await client.schema()).provider
                answer = await client.configure(config_of(kind, path=str(cloud.folder), password="wrong"))
                assert [each.summary for each in answer.errors] == ["The password is wrong"]
                with pytest.raises(ProviderError, match="before it is configured"):
                    await client.read(f"{name}_thing", None)
                await configured(client, cloud)

        run(scenario)

    def test_a_crash_is_shown_with_its_panic(self, name: str, cloud: Cloud) -> None:
        """§1.6, §2.7; the next call finds a new process."""
        cloud.fail(create="panic")

        async def scenario() -> ProviderGoneError:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                with pytest.raises(ProviderGoneError) as caught:
                    await created(client, f"{name}_thing", name="a")
                cloud.fail()
                applied, _ = await created(client, f"{name}_thing", name="b")
                assert not applied.failed
                return caught.value

        error = run(scenario)
        assert f"while it was to create a `{name}_thing`" in error.message
        assert error.status is ResourceStatus.UNKNOWN
        assert "panic: the test wanted create of a to panic" in str(error.detail)
        assert "goroutine" in str(error.detail)
        assert [call["op"] for call in cloud.calls()] == ["configure", "create", "configure", "create"]

    def test_a_crash_takes_others_along_and_says_so(self, name: str, cloud: Cloud) -> None:
        """Whoever was waiting hears of it, and what else was under way."""
        cloud.fail(**{"create a": "hang", "create b": "panic"})

        async def scenario() -> list[Any]:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                hanging = asyncio.ensure_future(created(client, f"{name}_thing", name="a"))
                while not cloud.calls("create"):
                    await asyncio.sleep(0.01)
                crashing = created(client, f"{name}_thing", name="b")
                return await asyncio.gather(hanging, crashing, return_exceptions=True)

        errors = run(scenario)
        assert all(isinstance(each, ProviderGoneError) for each in errors)
        assert all("create of b to panic" in str(each.detail) for each in errors)
        assert f"It was also to:\n  create a `{name}_thing`" in "\n".join(str(each.detail) for each in errors)

    def test_stopping_ends_what_hangs(self, name: str, cloud: Cloud) -> None:
        """§5.27."""
        cloud.fail(create="hang")

        async def scenario() -> Any:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                creating = asyncio.ensure_future(created(client, f"{name}_thing", name="a"))
                while not cloud.calls("create"):
                    await asyncio.sleep(0.01)
                await client.stop()
                return await creating

        applied, _ = run(scenario)
        assert "context canceled" in str(applied.errors)
        assert applied.state is None

    def test_import_by_id_and_by_identity(self, name: str, cloud: Cloud) -> None:
        """§5.14."""
        kind = f"{name}_thing"

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                applied, _ = await created(client, kind, name="a")
                for way in ({"id": "thing-a"}, {"identity": {"name": "a"}}):
                    (found,) = (await client.import_state(kind, **way)).resources
                    read = await client.read(
                        kind, found.state, private=found.private, identity=found.identity
                    )
                    assert read.state["name"] == "a"
                    assert read.state["id"] == applied.state["id"]

        run(scenario)

    def test_states_of_older_versions_are_upgraded(self, name: str) -> None:
        """§5.4; without a configuration."""

        async def scenario() -> Any:
            async with client_of(getattr(tfproviders, name)()) as client:
                return await client.upgrade_state(
                    f"{name}_thing", 0, b'{"id": "thing-a", "name": "a", "label": "x"}'
                )

        upgraded = run(scenario)
        assert not upgraded.failed
        assert upgraded.state["labels"] == ["x"]

    def test_data_sources(self, name: str, cloud: Cloud) -> None:
        """§5.17."""
        kind = f"{name}_thing"

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)()) as client:
                await configured(client, cloud)
                await created(client, kind, name="a", tags={"k": "v"})
                schema = (await client.schema()).data_sources[kind]
                found = await client.read_data(kind, config_of(schema, name="a"))
                assert found.state["tags"] == {"k": "v"}
                missing = await client.read_data(kind, config_of(schema, name="b"))
                assert missing.failed

        run(scenario)

    def test_the_schema_is_asked_for_once_on_a_machine(self, name: str, tmp_path: Path) -> None:
        """§7.8: the second time no process starts at all."""
        path = getattr(tfproviders, name)()

        async def scenario(environ: dict[str, str]) -> Any:
            async with client_of(path, cache=tmp_path / "cache", environ=environ) as client:
                return await client.schema()

        asked = run(lambda: scenario({}))
        kept = run(lambda: scenario({"TMPDIR": str(tmp_path / "missing")}))

        assert kept.resources[f"{name}_thing"] == asked.resources[f"{name}_thing"]
        assert kept.identities[f"{name}_thing"] == asked.identities[f"{name}_thing"]
        assert kept.capabilities == asked.capabilities
        assert kept.protocol == {"vintage": 5, "modern": 6}[name]

    def test_one_process_does_it_all(self, name: str, cloud: Cloud) -> None:
        """§1.10: the process that answered for the schema takes the configuration."""

        async def scenario() -> None:
            async with client_of(getattr(tfproviders, name)()) as client:
                await client.schema()
                await configured(client, cloud)
                await created(client, f"{name}_thing", name="a")
                schema = (await client.schema()).resources[f"{name}_thing"]
                await client.validate_resource(f"{name}_thing", config_of(schema, name="a"))

        run(scenario)
        assert len({call["process"] for call in cloud.calls()}) == 1


class TestVintage:
    """The old SDK."""

    def test_every_nesting_of_blocks(self) -> None:
        """§4.1, §4.5."""

        async def scenario() -> Any:
            async with client_of(tfproviders.vintage()) as client:
                return (await client.schema()).resources["vintage_thing"]

        schema = run(scenario)
        blocks = {name: (each.nesting, each.max_items) for name, each in schema.block.blocks.items()}
        assert blocks == {
            "disk": (Nesting.LIST, 1),
            "rule": (Nesting.SET, 0),
            "step": (Nesting.LIST, 0),
            "timeouts": (Nesting.SINGLE, 0),
        }
        assert schema.version == 2
        assert schema.block.attributes["ingress"].optional
        assert schema.block.attributes["secret_wo"].write_only
        assert schema.block.attributes["token"].sensitive
        assert schema.block.attributes["old_name"].deprecated

    def test_blocks_sets_and_write_only_values_arrive(self, cloud: Cloud) -> None:
        """§5.23, §5.25: what is written only is never in a result."""

        async def scenario() -> Any:
            async with client_of(tfproviders.vintage()) as client:
                await configured(client, cloud)
                return await created(
                    client,
                    "vintage_thing",
                    name="a",
                    secret_wo="hidden",
                    secret_wo_version=1,
                    ratio=Decimal("0.1"),
                    disk=[{"kind": "ssd", "size": 3, "serial": UNKNOWN}],
                    rule=[
                        {"port": 2, "cidrs": ["y", "x"], "note": None},
                        {"port": 1, "cidrs": [], "note": None},
                    ],
                    ingress=[{"port": 3, "from": None}],
                    timeouts={"create": "90m", "update": None, "delete": None},
                )

        applied, planned = run(scenario)
        assert not applied.failed, applied
        assert applied.state["secret_wo"] is planned.state["secret_wo"] is None
        assert applied.state["disk"] == [{"kind": "ssd", "serial": "serial-a", "size": 3}]
        assert {rule["port"]: rule["cidrs"] for rule in applied.state["rule"]} == {1: [], 2: ["x", "y"]}
        assert applied.state["ratio"] == Decimal("0.1")
        (call,) = cloud.calls("create")
        assert call["secret"] == hashlib.sha256(b"hidden").hexdigest()[:12]
        assert call["timeout"] == "1h30m0s"

    def test_a_configuration_is_written_for_a_state(self, cloud: Cloud) -> None:
        """§2.4, `GenerateResourceConfig`: what only the provider sets is left out."""

        async def scenario() -> Any:
            async with client_of(tfproviders.vintage()) as client:
                assert (await client.schema()).capabilities.generate_resource_config
                await configured(client, cloud)
                applied, _ = await created(client, "vintage_thing", name="a", size=3)
                return await client.generate_config("vintage_thing", applied.state)

        generated = run(scenario)
        assert not generated.failed, generated
        assert (generated.config["name"], generated.config["size"]) == ("a", 3)
        assert generated.config["fingerprint"] is None

    def test_what_happened_in_spite_of_an_error_is_told(self, cloud: Cloud) -> None:
        """§5.11."""
        cloud.fail(create="partial")

        async def scenario() -> Any:
            async with client_of(tfproviders.vintage()) as client:
                await configured(client, cloud)
                return await created(client, "vintage_thing", name="a")

        applied, _ = run(scenario)
        assert applied.failed
        assert applied.state["id"] == "thing-a"


class TestModern:
    """The framework."""

    def test_nested_attributes(self) -> None:
        """§2.3, §4.1."""

        async def scenario() -> Any:
            async with client_of(tfproviders.modern()) as client:
                return (await client.schema()).resources["modern_thing"]

        schema = run(scenario)
        nested = {name: each.nested.nesting for name, each in schema.block.attributes.items() if each.nested}
        assert nested == {
            "disk": Nesting.SINGLE,
            "steps": Nesting.LIST,
            "rules": Nesting.SET,
            "endpoints": Nesting.MAP,
            "status": Nesting.LIST,
            "timeouts": Nesting.SINGLE,
        }
        assert schema.block.description.markdown
        assert schema.block.attributes["steps"].nested.attributes["hash"].computed
        assert schema.block.blocks["network"].nesting is Nesting.SINGLE
        assert schema.block.blocks["grant"].nesting is Nesting.SET

    def test_exact_numbers_and_dynamic_values_survive(self, cloud: Cloud) -> None:
        """§3.3, §10 no. 24."""
        exact = Decimal("12345678901234567890.123456789012345678901")
        anything = DynamicValue(ObjectOf({"a": ListOf(STRING)}), {"a": ["x", None]})

        async def scenario() -> Any:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                return await created(
                    client,
                    "modern_thing",
                    name="a",
                    exact=exact,
                    anything=anything,
                    secret_wo="hidden",
                    pair={"left": "l", "right": 2**60},
                    steps=[{"name": "one", "hash": UNKNOWN, "hooks": None}],
                    rules=[
                        {"port": 2, "cidrs": None, "key": UNKNOWN},
                        {"port": 1, "cidrs": ["b"], "key": UNKNOWN},
                    ],
                    endpoints={"main": {"url": "u", "key": None}},
                    network={"cidr": "c"},
                    volume=[{"name": "v", "size": UNKNOWN, "mount": [{"path": "/"}]}],
                    grant=[{"to": "b"}, {"to": "a"}],
                )

        applied, _ = run(scenario)
        assert not applied.failed, applied
        assert applied.state["exact"] == exact
        assert applied.state["anything"] == anything
        assert applied.state["pair"] == {"left": "l", "right": 2**60}
        assert applied.state["steps"][0]["hash"] == "ONE"
        assert [rule["key"] for rule in applied.state["rules"]] == ["key-1", "key-2"]
        assert applied.state["grant"] == [{"to": "a"}, {"to": "b"}]
        assert applied.state["secret_wo"] is None
        assert cloud.calls("create")[0]["secret_length"] == 6

    def test_private_data_comes_back_to_the_provider(self, cloud: Cloud) -> None:
        """§5.24."""

        async def scenario() -> None:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                applied, _ = await created(client, "modern_thing", name="a")
                await client.read("modern_thing", applied.state, private=applied.private)

        run(scenario)
        assert cloud.calls("read")[0]["private"] == '{"by":"create","of":"a"}'

    def test_states_move_between_providers(self) -> None:
        """§5.15."""

        async def scenario() -> Any:
            async with client_of(tfproviders.modern()) as client:
                assert (await client.schema()).capabilities.move_resource_state
                return await client.move_state(
                    "modern_thing",
                    source_provider="registry.terraform.io/stackwright/vintage",
                    source_type="vintage_thing",
                    source_version=2,
                    source_json=b'{"id": "thing-a", "name": "a", "region": "here"}',
                )

        moved = run(scenario)
        assert not moved.failed, moved
        assert moved.state["name"] == "a"
        assert moved.identity == {"name": "a", "region": "here"}

    def test_functions(self) -> None:
        """§5.19; without a configuration."""

        async def scenario() -> None:
            async with client_of(tfproviders.modern()) as client:
                functions = await client.functions()
                assert sorted(functions) == ["describe", "join", "refuse", "total"]
                assert functions["total"].deprecation_message
                assert functions["describe"].description.markdown
                assert await client.call_function("join", ["-", "a", None, "b"]) == Called(result="a-b")
                assert await client.call_function("join", ["-", UNKNOWN]) == Called(result=UNKNOWN)
                total = await client.call_function("total", [[Decimal("0.1000000000000000000001"), 2**70]])
                assert total.result == Decimal("1180591620717411303424.1000000000000000000001")
                described = await client.call_function("describe", [DynamicValue(STRING, UNKNOWN)])
                assert described.result == {"type": "basetypes.StringType", "known": False}
                assert (await client.call_function("describe", [None])).result["type"] == "nothing"
                refused = await client.call_function("refuse", ["a", "b"])
                assert refused == Called(error="the second is not wanted", argument=1)
                assert (await client.call_function("join", [None])).argument == 0
                assert "arguments" in str((await client.call_function("join", [])).error)
                assert (await client.call_function("refuse", ["a", 1])).argument == 1
                with pytest.raises(ProviderError, match="has no function `other`"):
                    await client.call_function("other", [])

        run(scenario)

    def test_ephemeral_resources_open_renew_and_close(self, cloud: Cloud) -> None:
        """§5.18."""

        async def scenario() -> None:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                schema = (await client.schema()).ephemeral_resources["modern_ticket"]
                wrong = await client.validate_ephemeral("modern_ticket", config_of(schema, audience="nobody"))
                assert wrong.failed
                opened = await client.open_ephemeral(
                    "modern_ticket", config_of(schema, audience="me", lifetime=60_000)
                )
                assert opened.result["text"] == "ticket-for-me"
                assert opened.renew_at is not None
                renewed = await client.renew_ephemeral("modern_ticket", opened.private)
                assert renewed.renew_at is not None
                assert renewed.renew_at >= opened.renew_at
                assert not (await client.close_ephemeral("modern_ticket", renewed.private)).failed

        run(scenario)
        assert [call["op"] for call in cloud.calls()] == ["configure", "open", "renew", "close"]
        assert cloud.calls("close")[0]["renewed"] == 1

    def test_listing_what_exists(self, cloud: Cloud) -> None:
        """§5.20."""

        async def scenario() -> None:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                for name in ("a1", "a2", "b1"):
                    await created(client, "modern_thing", name=name)
                schema = (await client.schema()).list_resources["modern_thing"]
                config = config_of(schema, prefix="a")
                assert not (await client.validate_list("modern_thing", config, limit=1)).failed
                found = [each async for each in client.list_resources("modern_thing", config)]
                assert [each.display_name for each in found] == ["The thing a1", "The thing a2"]
                assert found[0].identity == {"name": "a1", "region": "here"}
                assert found[0].resource is None
                listing = client.list_resources("modern_thing", config, include_resource=True, limit=1)
                (one,) = [each async for each in listing]
                assert one.resource["id"] == "thing-a1"

        run(scenario)

    def test_actions_report_progress(self, cloud: Cloud) -> None:
        """§5.20."""

        async def scenario() -> None:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                await created(client, "modern_thing", name="a")
                schema = (await client.schema()).actions["modern_touch"]
                config = config_of(schema, name="a", times=2)
                assert not (await client.validate_action("modern_touch", config)).failed
                assert not (await client.plan_action("modern_touch", config)).failed
                events = [each async for each in client.invoke_action("modern_touch", config)]
                assert [each.progress for each in events] == ["touched 1 times", "touched 2 times", ""]
                assert events[-1].completed
                assert not events[-1].failed
                failing = client.invoke_action("modern_touch", config_of(schema, name="b"))
                (end,) = [each async for each in failing]
                assert end.completed
                assert end.errors[0].path == (AttributeName("name"),)

        run(scenario)
        assert cloud.objects()["thing-a"]["revision"] == 3

    def test_paths_lead_into_nested_attributes(self, cloud: Cloud) -> None:
        """§3.8."""
        cloud.fail(create="warn")

        async def scenario() -> Any:
            async with client_of(tfproviders.modern()) as client:
                await configured(client, cloud)
                return await created(
                    client, "modern_thing", name="a", steps=[{"name": "x", "hash": UNKNOWN, "hooks": None}]
                )

        applied, _ = run(scenario)
        assert not applied.failed
        assert applied.diagnostics[0].path == (AttributeName("steps"), ElementKey(0), AttributeName("name"))


class TestGenuine:
    """Providers that others wrote."""

    def test_random(self) -> None:
        async def scenario() -> None:
            async with client_of(tfproviders.random()) as client:
                schema = await client.schema()
                await client.configure(empty_value(schema.provider.block))
                applied, _ = await created(client, "random_integer", min=5, max=5)
                assert applied.state["result"] == 5
                assert applied.state["id"] == "5"

        run(scenario)

    def test_time(self) -> None:
        """Its functions answer without a configuration."""

        async def scenario() -> Any:
            async with client_of(tfproviders.time()) as client:
                return await client.call_function("rfc3339_parse", ["2024-02-29T12:34:56Z"])

        called = run(scenario)
        assert called.error is None
        assert (called.result["year"], called.result["month"], called.result["day"]) == (2024, 2, 29)
