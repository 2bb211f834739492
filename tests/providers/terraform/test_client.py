"""The client and what it sends, on a provider in Python for each protocol (terraform.md §2, §14.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import grpc
import pytest
from support.fake_terraform import CallFails, FakeProvider
from support.tfclients import config_of, proposed, run

from stackwright.providers import ProviderError, ProviderGoneError, ResourceStatus, UnimplementedError
from stackwright.providers.terraform import (
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    Answer,
    Attribute,
    AttributeName,
    Block,
    Called,
    ClientCapabilities,
    DeferredReason,
    DynamicValue,
    ElementKey,
    Function,
    IdentityAttribute,
    IdentitySchema,
    MapOf,
    NestedBlock,
    NestedObject,
    Nesting,
    Parameter,
    PluginPool,
    ProviderClient,
    ProviderSchema,
    Schema,
    ServerCapabilities,
    SetOf,
    Text,
    TfDiagnostic,
    TfSeverity,
    TupleOf,
    encode_msgpack,
)

Protocol = Literal[5, 6]
BOTH = pytest.mark.parametrize("protocol", [5, 6])


def attributes(*each: Attribute) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in each}


NAME = Attribute(name="name", type=STRING, required=True, description=Text("Its **name**.", markdown=True))
SIZE = Attribute(name="size", type=NUMBER, optional=True, computed=True)
THING = Schema(
    3,
    Block(
        attributes=attributes(
            NAME,
            SIZE,
            Attribute(name="token", type=STRING, optional=True, sensitive=True),
            Attribute(name="secret", type=STRING, optional=True, write_only=True),
            Attribute(name="any", type=DYNAMIC, optional=True),
            Attribute(name="labels", type=SetOf(STRING), optional=True),
            Attribute(
                name="old", type=STRING, optional=True, deprecated=True, deprecation_message="Use `name`."
            ),
        ),
        blocks={
            nesting.name.lower(): NestedBlock(
                name=nesting.name.lower(),
                nesting=nesting,
                block=Block(attributes=attributes(NAME), description=Text("A block.")),
                min_items=1 if nesting is Nesting.LIST else 0,
                max_items=4 if nesting is Nesting.LIST else 0,
            )
            for nesting in Nesting
        },
        description=Text("A thing."),
    ),
)
IDENTITY = IdentitySchema(
    2, {"name": IdentityAttribute(name="name", type=STRING, required_for_import=True, description="It.")}
)
ARN = Function(
    name="arn",
    parameters=(Parameter(name="text", type=STRING, description=Text("What to parse.")),),
    variadic=Parameter(name="rest", type=DYNAMIC, allow_null=True, allow_unknown=True),
    result=MapOf(STRING),
    summary="Parses.",
    description=Text("Parses an *ARN*.", markdown=True),
    deprecation_message="Do not.",
)


def fake(protocol: Protocol, **offer: Any) -> FakeProvider:
    return FakeProvider(
        protocol,
        **{
            "resources": {"fake_thing": THING},
            "identities": {"fake_thing": IDENTITY},
            "functions": {"arn": ARN},
            **offer,
        },
    )


@asynccontextmanager
async def client_of(
    provider: FakeProvider, *, configure: bool = True, **options: Any
) -> AsyncIterator[ProviderClient]:
    async with provider.serving() as program:
        pool = PluginPool(program)
        client = ProviderClient(pool, **options)
        try:
            if configure:
                await client.configure({})
            yield client
        finally:
            await client.close()
            await pool.close()


def schema_of(provider: FakeProvider) -> ProviderSchema:
    async def scenario() -> ProviderSchema:
        async with client_of(provider, configure=False) as client:
            return await client.schema()

    return run(scenario)


class TestSchema:
    @BOTH
    def test_everything_said_comes_back(self, protocol: Protocol) -> None:
        """§2.3, §4: blocks of every nesting, flags, descriptions, functions, identities."""
        capabilities = ServerCapabilities(
            plan_destroy=True, schema_optional=True, move_resource_state=True, generate_resource_config=True
        )
        offer = {
            "provider": Schema(0, Block(attributes=attributes(NAME))),
            "provider_meta": Schema(0, Block(attributes=attributes(SIZE))),
            "data_sources": {"fake_data": Schema(0, Block(attributes=attributes(SIZE)))},
            "ephemeral_resources": {"fake_key": Schema(1, Block(attributes=attributes(NAME)))},
            "list_resources": {"fake_thing": Schema(0, Block())},
            "actions": {"fake_do": Schema(0, Block(attributes=attributes(NAME)))},
            "capabilities": capabilities,
        }
        schema = schema_of(fake(protocol, **offer))

        assert schema.resources["fake_thing"] == THING
        assert schema.identities["fake_thing"] == IDENTITY
        assert schema.functions["arn"] == ARN
        assert {name: getattr(schema, name) for name in offer} == offer
        assert schema.protocol == protocol

    def test_nested_attributes_to_any_depth(self) -> None:
        """§2.3: protocol 6 alone."""
        attribute = NAME
        for nesting in (Nesting.SINGLE, Nesting.LIST, Nesting.SET, Nesting.MAP):
            nested = NestedObject(attributes(attribute, SIZE), nesting)
            attribute = Attribute(name=nesting.name.lower(), nested=nested, optional=True)
        wanted = Schema(0, Block(attributes=attributes(attribute)))

        found = schema_of(fake(6, resources={"deep": wanted})).resources["deep"]

        assert found == wanted
        assert found.type == wanted.type

    def test_an_identity_less_provider_is_fine(self) -> None:
        """§1.3: what is newer than the provider is absent, never an error."""
        provider = fake(5)

        def refuse(request: Any, answer: Any) -> None:
            raise CallFails(grpc.StatusCode.UNIMPLEMENTED, "unknown method")

        provider.on("GetResourceIdentitySchemas", refuse)
        assert schema_of(provider).identities == {}

    @BOTH
    def test_errors_about_the_schema_are_shown(self, protocol: Protocol) -> None:
        provider = fake(protocol)
        provider.on("GetProviderSchema", lambda _, answer: answer.diagnostics.add(severity=1, summary="No!"))

        with pytest.raises(ProviderError, match="could not describe itself") as caught:
            schema_of(provider)
        assert caught.value.detail == "No!"

    def test_it_is_asked_once(self) -> None:
        provider = fake(6)

        async def scenario() -> None:
            async with client_of(provider) as client:
                for _ in range(3):
                    await client.schema()
                    await client.functions()
                    await client.identity_schemas()

        run(scenario)
        assert len(provider.asked("GetProviderSchema")) == 1

    def test_what_is_alike_is_the_same_object(self) -> None:
        """A large provider repeats its blocks by the ten thousand (§4.6)."""
        schema = schema_of(fake(6, resources={"a": THING, "b": THING}))

        assert schema.resources["a"].block.blocks["set"] is schema.resources["b"].block.blocks["set"]


@BOTH
class TestRequests:
    """§2.4: what is sent, under the names of either protocol."""

    def test_plan(self, protocol: Protocol) -> None:
        provider = fake(protocol, provider_meta=Schema(0, Block(attributes=attributes(NAME))))

        async def scenario() -> Any:
            async with client_of(provider) as client:
                config = config_of(THING, name="a", labels=["y", "x"])
                return await client.plan(
                    "fake_thing",
                    prior=config_of(THING, name="b", group={"name": "g"}),
                    proposed=proposed(THING, config),
                    config=config,
                    private=b"private",
                    identity={"name": "b"},
                )

        planned = run(scenario)
        (request,) = provider.asked("PlanResourceChange")
        assert request.type_name == "fake_thing"
        assert request.prior_private == b"private"
        assert request.prior_identity.identity_data.msgpack == encode_msgpack({"name": "b"}, IDENTITY.type)
        assert request.provider_meta.msgpack == bytes.fromhex("81a46e616d65c0")
        assert request.client_capabilities.write_only_attributes_allowed
        assert not request.client_capabilities.deferral_allowed
        assert not request.config.json
        assert planned.state["size"] == UNKNOWN
        assert planned.state["labels"] == ["x", "y"]
        assert planned.private == b"private"
        assert planned.identity == {"name": "b"}

    def test_no_meta_value_where_the_schema_has_none(self, protocol: Protocol) -> None:
        """§5.22."""
        provider = fake(protocol)

        async def scenario() -> None:
            async with client_of(provider) as client:
                await client.read("fake_thing", config_of(THING, name="a"))

        run(scenario)
        assert not provider.asked("ReadResource")[0].HasField("provider_meta")

    def test_configure(self, protocol: Protocol) -> None:
        """§5.2."""
        provider = fake(protocol)
        capabilities = ClientCapabilities(deferral=True, write_only=False)

        async def scenario() -> None:
            async with client_of(provider, capabilities=capabilities, terraform_version="1.5.7") as client:
                with pytest.raises(ProviderError, match="configured already"):
                    await client.configure({})

        run(scenario)
        (request,) = provider.asked("ConfigureProvider")
        assert request.terraform_version == "1.5.7"
        assert request.config.msgpack == b"\x80"
        assert request.client_capabilities.deferral_allowed
        assert not request.client_capabilities.write_only_attributes_allowed

    def test_prepare_config(self, protocol: Protocol) -> None:
        """Only protocol 5 gives a configuration back."""
        provider = fake(protocol, provider=Schema(0, Block(attributes=attributes(NAME))))

        def prepare(request: Any, answer: Any) -> None:
            answer.diagnostics.add(
                severity=2, summary="Hm", attribute={"steps": [{"attribute_name": "name"}]}
            )
            if protocol == 5:
                answer.prepared_config.msgpack = request.config.msgpack

        provider.on("ValidateProviderConfig", prepare)

        async def scenario() -> Any:
            async with client_of(provider, configure=False) as client:
                return await client.prepare_config({"name": UNKNOWN})

        prepared = run(scenario)
        assert prepared.config == ({"name": UNKNOWN} if protocol == 5 else None)
        assert prepared.diagnostics == (
            TfDiagnostic(severity=TfSeverity.WARNING, summary="Hm", path=(AttributeName("name"),)),
        )
        assert not prepared.failed

    def test_upgrade_takes_json_or_a_flat_map(self, protocol: Protocol) -> None:
        """§5.4."""
        provider = fake(protocol)

        async def scenario() -> None:
            async with client_of(provider) as client:
                await client.upgrade_state("fake_thing", 1, b'{"name": "a"}')
                await client.upgrade_state("fake_thing", 0, b"", flatmap={"name": "a"})

        run(scenario)
        first, second = provider.asked("UpgradeResourceState")
        assert (first.version, first.raw_state.json) == (1, b'{"name": "a"}')
        assert dict(second.raw_state.flatmap) == {"name": "a"}

    def test_identities_are_upgraded_too(self, protocol: Protocol) -> None:
        """§5.16."""
        provider = fake(protocol)
        provider.on(
            "UpgradeResourceIdentity",
            lambda _, answer: setattr(
                answer.upgraded_identity.identity_data,
                "msgpack",
                encode_msgpack({"name": "a"}, IDENTITY.type),
            ),
        )

        async def scenario() -> Any:
            async with client_of(provider, configure=False) as client:
                return await client.upgrade_identity("fake_thing", 1, b'{"old": "a"}')

        assert run(scenario).identity == {"name": "a"}
        (request,) = provider.asked("UpgradeResourceIdentity")
        assert (request.version, request.raw_identity.json) == (1, b'{"old": "a"}')

    def test_import_is_by_one_of_two(self, protocol: Protocol) -> None:
        """§5.14."""
        provider = fake(protocol)

        def found(request: Any, answer: Any) -> None:
            state = encode_msgpack(config_of(THING, name=request.id or "by identity"), THING.type)
            answer.imported_resources.add(type_name="fake_thing", state={"msgpack": state}, private=b"p")

        provider.on("ImportResourceState", found)

        async def scenario() -> None:
            async with client_of(provider) as client:
                (one,) = (await client.import_state("fake_thing", id="x")).resources
                assert (one.type, one.state["name"], one.private) == ("fake_thing", "x", b"p")
                (one,) = (await client.import_state("fake_thing", identity={"name": "x"})).resources
                assert one.state["name"] == "by identity"
                for wrong in ({}, {"id": "x", "identity": {"name": "x"}}):
                    with pytest.raises(ProviderError, match="one of the two"):
                        await client.import_state("fake_thing", **wrong)

        run(scenario)
        assert provider.asked("ImportResourceState")[1].HasField("identity")

    def test_a_schema_that_is_not_optional_is_asked_for_in_every_process(self, protocol: Protocol) -> None:
        """§1.10: old SDKs set themselves up while they answer."""
        provider = fake(protocol, capabilities=ServerCapabilities())

        async def scenario() -> None:
            async with provider.serving() as program:
                pool = PluginPool(program)
                first, second = ProviderClient(pool), ProviderClient(pool)
                await first.configure({})
                await second.configure({})
                await pool.close()

        run(scenario)
        assert len(provider.asked("GetProviderSchema")) == 2
        assert len(provider.asked("ConfigureProvider")) == 2


@BOTH
class TestAnswers:
    def test_a_useful_answer_with_errors(self, protocol: Protocol) -> None:
        """§2.7, §5.11: the state counts, and so does the error; no severity is an error."""
        provider = fake(protocol)

        def complain(request: Any, answer: Any) -> None:
            answer.legacy_type_system = True
            steps = [{"attribute_name": "list"}, {"element_key_int": 1}, {"element_key_string": "k"}]
            answer.diagnostics.add(summary="Half", detail="done", attribute={"steps": steps})
            answer.diagnostics.add(severity=2, summary="Whole", attribute={"steps": [{}]})

        provider.on("ApplyResourceChange", complain)

        async def scenario() -> Any:
            async with client_of(provider) as client:
                state = config_of(THING, name="a", size=UNKNOWN)
                return await client.apply("fake_thing", prior=None, planned=state, config=state)

        applied = run(scenario)
        assert applied.state["size"] == 7
        assert applied.legacy
        assert applied.failed
        assert applied.diagnostics == (
            TfDiagnostic(
                summary="Half",
                detail="done",
                path=(AttributeName("list"), ElementKey(1), ElementKey("k")),
            ),
            TfDiagnostic(severity=TfSeverity.WARNING, summary="Whole", path=()),
        )

    def test_requires_replace_and_deferral(self, protocol: Protocol) -> None:
        provider = fake(protocol)

        def answer_so(request: Any, answer: Any) -> None:
            answer.requires_replace.add(steps=[{"attribute_name": "name"}])
            answer.deferred.reason = 3

        provider.on("PlanResourceChange", answer_so)

        async def scenario() -> Any:
            async with client_of(provider) as client:
                config = config_of(THING, name="a")
                return await client.plan("fake_thing", prior=None, proposed=config, config=config)

        planned = run(scenario)
        assert planned.requires_replace == ((AttributeName("name"),),)
        assert planned.deferred is DeferredReason.ABSENT_PREREQ

    def test_json_is_read_too_and_nothing_is_null(self, protocol: Protocol) -> None:
        """§2.7, §3.5."""
        provider = fake(protocol)

        def as_json(request: Any, answer: Any) -> None:
            answer.new_state.msgpack = b""
            if request.private:
                answer.new_state.json = b'{"name": "from JSON", "list": [], "set": [], "map": {}}'

        provider.on("ReadResource", as_json)

        async def scenario() -> None:
            async with client_of(provider) as client:
                state = config_of(THING, name="a")
                found = await client.read("fake_thing", state, private=b"x")
                assert found.state["name"] == "from JSON"
                assert (await client.read("fake_thing", state)).state is None

        run(scenario)

    def test_a_value_that_does_not_fit_is_the_providers_fault(self, protocol: Protocol) -> None:
        provider = fake(protocol)

        def wrong(request: Any, answer: Any) -> None:
            answer.new_state.msgpack = bytes.fromhex("81a46e616d6501")

        provider.on("ReadResource", wrong)
        provider.on("ApplyResourceChange", wrong)

        async def scenario() -> tuple[ProviderError, ProviderError]:
            async with client_of(provider) as client:
                state = config_of(THING, name="a")
                with pytest.raises(ProviderError, match="`name`: a string is needed") as reading:
                    await client.read("fake_thing", state)
                with pytest.raises(ProviderError) as applying:
                    await client.apply("fake_thing", prior=None, planned=state, config=state)
                return reading.value, applying.value

        reading, applying = run(scenario)
        assert reading.status is ResourceStatus.OK
        assert applying.status is ResourceStatus.UNKNOWN

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (grpc.StatusCode.UNIMPLEMENTED, UnimplementedError),
            (grpc.StatusCode.UNKNOWN, ProviderError),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, ProviderError),
        ],
    )
    def test_a_broken_call_says_what_it_was_to_do(
        self, protocol: Protocol, code: grpc.StatusCode, error: type[ProviderError]
    ) -> None:
        provider = fake(protocol)

        def fail(request: Any, answer: Any) -> None:
            raise CallFails(code, "because")

        provider.on("ApplyResourceChange", fail)

        async def scenario() -> ProviderError:
            async with client_of(provider) as client:
                state = config_of(THING, name="a")
                with pytest.raises(error, match="create a `fake_thing`: because") as caught:
                    await client.apply("fake_thing", prior=None, planned=state, config=state)
                return caught.value

        assert not isinstance(run(scenario), ProviderGoneError)

    def test_a_provider_that_calls_something_unavailable_is_still_there(self, protocol: Protocol) -> None:
        provider = fake(protocol)

        def fail(request: Any, answer: Any) -> None:
            raise CallFails(grpc.StatusCode.UNAVAILABLE, "the cloud is away")

        provider.on("ReadResource", fail)

        async def scenario() -> ProviderError:
            async with client_of(provider) as client:
                with pytest.raises(ProviderError, match="read a `fake_thing`: the cloud is away") as caught:
                    await client.read("fake_thing", config_of(THING, name="a"))
                return caught.value

        assert not isinstance(run(scenario), ProviderGoneError)

    def test_closing_ends_what_is_under_way(self, protocol: Protocol) -> None:
        """As a provider that is gone, not as a cancellation that nobody asked for."""
        provider = fake(protocol)

        async def scenario() -> None:
            async with provider.serving() as program:
                pool = PluginPool(program)
                client = ProviderClient(pool)
                await client.configure({})
                state = config_of(THING, name="a")
                closing: list[Any] = []
                provider.on(
                    "ReadResource", lambda _, answer: closing.append(asyncio.ensure_future(pool.close()))
                )
                provider.hold("ReadResource")
                with pytest.raises(ProviderGoneError):
                    await client.read("fake_thing", state)
                await asyncio.gather(*closing)
                with pytest.raises(ProviderGoneError, match="has been stopped"):
                    await client.validate_resource("fake_thing", state)

        run(scenario)

    def test_a_type_that_does_not_exist(self, protocol: Protocol) -> None:
        async def scenario() -> None:
            async with client_of(fake(protocol)) as client:
                with pytest.raises(UnimplementedError, match="no resource `other`"):
                    await client.read("other", None)
                with pytest.raises(UnimplementedError, match="no data source `fake_thing`"):
                    await client.read_data("fake_thing", None)

        run(scenario)


@BOTH
class TestOptionalParts:
    def test_functions(self, protocol: Protocol) -> None:
        """§5.19."""
        provider = fake(protocol)
        provider.on(
            "CallFunction",
            lambda request, answer: setattr(answer.result, "msgpack", bytes.fromhex("81a161a162")),
        )

        async def scenario() -> None:
            async with client_of(provider, configure=False) as client:
                arguments = ["x", None, DynamicValue(TupleOf((STRING,)), ["y"]), UNKNOWN]
                assert await client.call_function("arn", arguments) == Called(result={"a": "b"})
                assert await client.call_function("arn", [UNKNOWN]) == Called(result=UNKNOWN)
                assert (await client.call_function("arn", [None])).argument == 0
                wrong = await client.call_function("arn", ["x", "not dynamic"])
                assert wrong == Called(
                    error="rest: a value with its type is needed, and this is a string", argument=1
                )

        run(scenario)
        (request,) = provider.asked("CallFunction")
        assert [each.msgpack for each in request.arguments][:2] == [b"\xa1x", b"\xc0"]

    def test_ephemeral_private_data_may_be_absent(self, protocol: Protocol) -> None:
        """§2.4: absent is not empty."""
        key = Schema(0, Block(attributes=attributes(NAME)))
        provider = fake(protocol, ephemeral_resources={"fake_key": key})

        def answer_open(request: Any, answer: Any) -> None:
            answer.result.msgpack = request.config.msgpack
            answer.renew_at.seconds, answer.renew_at.nanos = 1_700_000_000, 500_000_000

        provider.on("OpenEphemeralResource", answer_open)
        provider.on("RenewEphemeralResource", lambda _, answer: setattr(answer, "private", b""))
        provider.on("CloseEphemeralResource", lambda request, answer: None)

        async def scenario() -> None:
            async with client_of(provider) as client:
                opened = await client.open_ephemeral("fake_key", {"name": "a"})
                assert opened.private is None
                assert opened.renew_at is not None
                assert opened.renew_at.timestamp() == 1_700_000_000.5
                renewed = await client.renew_ephemeral("fake_key", opened.private)
                assert (renewed.private, renewed.renew_at) == (b"", None)
                assert await client.close_ephemeral("fake_key", renewed.private) == Answer()

        run(scenario)
        assert not provider.asked("RenewEphemeralResource")[0].HasField("private")
        assert provider.asked("CloseEphemeralResource")[0].HasField("private")

    def test_a_stream_that_is_left_early_ends(self, protocol: Protocol) -> None:
        """§5.20."""
        provider = fake(protocol, list_resources={"fake_thing": Schema(0, Block())})

        def listed(request: Any, event: Any) -> Any:
            for number in range(1000):
                yield event(display_name=str(number))

        provider.on("ListResource", listed)

        async def scenario() -> str:
            async with client_of(provider) as client:
                listing = client.list_resources("fake_thing", {})
                async for each in listing:
                    await listing.aclose()
                    return each.display_name
                raise AssertionError("nothing was listed")

        assert run(scenario) == "0"

    def test_a_stream_may_break(self, protocol: Protocol) -> None:
        provider = fake(protocol, actions={"fake_do": Schema(0, Block())})

        def invoke(request: Any, event: Any) -> Any:
            yield event(progress={"message": "half"})
            raise CallFails(grpc.StatusCode.UNKNOWN, "broken")

        provider.on("InvokeAction", invoke)

        async def scenario() -> list[str]:
            async with client_of(provider) as client:
                events = client.invoke_action("fake_do", {})
                heard = [(await anext(events)).progress]
                with pytest.raises(ProviderError, match="run the action `fake_do`: broken") as caught:
                    await anext(events)
                assert caught.value.status is ResourceStatus.UNKNOWN
            return heard

        assert run(scenario) == ["half"]

    def test_what_the_provider_is_too_old_for(self, protocol: Protocol) -> None:
        """§1.3."""
        provider = fake(protocol, actions={"fake_do": Schema(0, Block())})
        source = {"source_provider": "p", "source_type": "t", "source_version": 0, "source_json": b"{}"}

        async def scenario() -> None:
            async with client_of(provider) as client:
                for call in (
                    client.generate_config("fake_thing", config_of(THING, name="a")),
                    client.plan_action("fake_do", {}),
                    client.move_state("fake_thing", **source),
                ):
                    with pytest.raises(UnimplementedError):
                        await call

        run(scenario)

    def test_stopping_never_fails(self, protocol: Protocol) -> None:
        """§5.27."""
        provider = fake(protocol)

        async def scenario() -> None:
            async with client_of(provider) as client:
                await client.stop()
                await client.read("fake_thing", None)

        run(scenario)
        assert len(provider.asked("StopProvider")) == 1
