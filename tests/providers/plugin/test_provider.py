"""Values and failures between `Provider` and a plugin's messages."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest
from support.fake_plugins import MODERN, PLAIN, UNIMPLEMENTED, Failing, FakePlugin, Heard, attached, run

from stackwright.goals import (
    AliasSpec,
    CheckFailure,
    CustomTimeouts,
    DeploymentInfo,
    HookKind,
    Parameterization,
    ResourceOptions,
)
from stackwright.providers import (
    Autonaming,
    AutonamingMode,
    CallRequest,
    CheckConfigRequest,
    CheckRequest,
    ConfigureRequest,
    ConstructRequest,
    CreateRequest,
    DeleteRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    InitFailedError,
    InvalidInputsError,
    InvokeRequest,
    Listed,
    ListRequest,
    MissingConfigurationError,
    ProviderError,
    ReadRequest,
    ResourceStatus,
    UnimplementedError,
    UpdateRequest,
)
from stackwright.providers.plugin import AwaitFailedError, PluginProvider
from stackwright.urn import Urn, make_urn
from stackwright.values import (
    UNKNOWN,
    Asset,
    DiffKind,
    OutputValue,
    PropertyDiff,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
)
from stackwright.wire import CodecOptions, decode_properties
from stackwright.wire.stubs.google.protobuf.struct_pb2 import Struct
from stackwright.wire.stubs.pulumi import errors_pb2, provider_pb2

TYPE = "fake:index:Thing"
URN = make_urn("dev", "shop", "", TYPE, "one")
PROVIDER = make_urn("dev", "shop", "", "pulumi:providers:fake", "default")
KEEP = CodecOptions(
    keep_unknowns=True, keep_secrets=True, keep_resources=True, keep_outputs=True, keep_bytes=True
)
REF = ResourceRef(urn=URN, id="i-1")
FILE = Asset(path="./a", hash="a" * 64)


def struct(**content: Any) -> Struct:
    from stackwright.wire import encode_properties

    message = Struct()
    encode_properties(content, message, KEEP)
    return message


def sent(message: Struct) -> dict[str, Any]:
    """What a bag on the wire says, with nothing reduced."""
    return decode_properties(message, KEEP)


def check(**changes: Any) -> CheckRequest:
    return CheckRequest(
        **{"urn": URN, "type": TYPE, "olds": {}, "news": {}, "seed": b"", "preview": False, **changes}
    )


def diff(**changes: Any) -> DiffRequest:
    base = {
        "urn": URN,
        "type": TYPE,
        "id": "i-1",
        "old_inputs": {},
        "old_outputs": {},
        "news": {},
        "preview": False,
    }
    return DiffRequest(**{**base, **changes})


def create(**changes: Any) -> CreateRequest:
    return CreateRequest(**{"urn": URN, "type": TYPE, "inputs": {}, "preview": False, **changes})


def read(**changes: Any) -> ReadRequest:
    return ReadRequest(**{"urn": URN, "type": TYPE, "id": "i-1", "outputs": {}, **changes})


def update(**changes: Any) -> UpdateRequest:
    base = {
        "urn": URN,
        "type": TYPE,
        "id": "i-1",
        "old_inputs": {},
        "old_outputs": {},
        "news": {},
        "preview": False,
    }
    return UpdateRequest(**{**base, **changes})


def delete(**changes: Any) -> DeleteRequest:
    return DeleteRequest(**{"urn": URN, "type": TYPE, "id": "i-1", "inputs": {}, "outputs": {}, **changes})


def invoke(**changes: Any) -> InvokeRequest:
    return InvokeRequest(**{"token": "fake:index:look", "args": {}, "preview": False, **changes})


DEPLOYMENT: dict[str, Any] = {
    "deployment": DeploymentInfo(
        project="shop",
        stack="dev",
        organization="acme",
        config={"shop:a": "1"},
        config_secret_keys=frozenset({"shop:a"}),
        dry_run=True,
        parallel=4,
    ),
    "monitor_address": "127.0.0.1:1",
    "trace_handle": "here",
}


def ask(fake: FakePlugin, method: str, *args: Any, log: Heard | None = None, **kwargs: Any) -> Any:
    """Call one method of a provider that talks to *fake*."""

    async def scenario() -> Any:
        async with attached(fake, log=log, environ=kwargs.pop("environ", None)) as provider:
            return await getattr(provider, method)(*args, **kwargs)

    return run(scenario())


def ask_configured(fake: FakePlugin, method: str, request: Any) -> Any:
    """The same after configuring it, for plugins that tell only then what they take."""

    async def scenario() -> Any:
        async with attached(fake) as provider:
            await provider.configure(ConfigureRequest(urn=PROVIDER, id="p", inputs={}))
            return await getattr(provider, method)(request)

    return run(scenario())


class TestGreeting:
    def test_the_handshake_says_what_the_engine_does(self) -> None:
        """protocol.md §8.1; §7.7: attached plugins get no directories, and `Attach` afterwards."""
        fake = FakePlugin()
        ask(fake, "check", check())

        request = fake.only("Handshake")
        assert request.engine_address.startswith("127.0.0.1:")
        assert not request.HasField("root_directory")
        assert not request.HasField("program_directory")
        assert request.configure_with_urn
        assert request.supports_refresh_before_update
        assert request.invoke_with_preview
        assert request.accepts_byte_string
        assert fake.only("Attach").address == request.engine_address
        assert fake.order[:3] == ["Handshake", "Attach", "Check"]

    def test_refreshing_before_updates_can_be_declined(self) -> None:
        """protocol.md §8.1."""
        fake = FakePlugin()
        ask(fake, "check", check(), environ={"PULUMI_DISABLE_REFRESH_BEFORE_UPDATE": "true"})

        assert not fake.only("Handshake").supports_refresh_before_update

    def test_nothing_is_started_until_it_is_needed(self) -> None:
        """A provider that is never asked anything never starts its plugin."""
        fake = FakePlugin()

        async def scenario() -> None:
            async with attached(fake) as provider:
                await provider.cancel()

        run(scenario())

        assert fake.order == []

    def test_calls_at_once_share_one_handshake(self) -> None:
        """The first of many concurrent calls opens the connection for all."""
        import asyncio

        fake = FakePlugin()

        async def scenario() -> None:
            async with attached(fake) as provider:
                await asyncio.gather(*(provider.check(check()) for _ in range(5)))

        run(scenario())

        assert len(fake.asked["Handshake"]) == 1
        assert len(fake.asked["Check"]) == 5

    def test_a_plugin_without_handshake_says_what_it_takes_when_configured(self) -> None:
        """protocol.md §7.5, §8.7."""
        fake = FakePlugin(
            handshake=UNIMPLEMENTED,
            Configure={"acceptSecrets": True, "acceptResources": True},
            Create={"id": "x"},
        )

        ask_configured(fake, "create", create(inputs={"s": Secret(1), "r": REF}))

        assert sent(fake.only("Create").properties) == {"s": Secret(1), "r": REF}

    def test_the_handshake_wins_over_the_configuration(self) -> None:
        """protocol.md §8.1."""
        fake = FakePlugin(handshake=PLAIN, Configure={"acceptSecrets": True}, Create={"id": "x"})

        ask_configured(fake, "create", create(inputs={"s": Secret(1)}))

        assert sent(fake.only("Create").properties) == {"s": 1}

    def test_a_refused_handshake_is_an_error(self) -> None:
        """protocol.md §7.5: only UNIMPLEMENTED is a way to decline."""
        fake = FakePlugin(handshake=Failing(grpc.StatusCode.INTERNAL, "too old"))

        with pytest.raises(ProviderError, match="refused the handshake: too old"):
            ask(fake, "check", check())


class TestWhatItIs:
    def test_info_reads_the_version(self) -> None:
        """protocol.md §8.4."""
        info = ask(FakePlugin(GetPluginInfo={"version": "v1.2.3"}), "info")

        assert (info.name, info.version) == ("fake", "1.2.3")
        assert info.source.startswith("port ")

    def test_a_plugin_that_does_not_say_has_no_version(self) -> None:
        """protocol.md §8.4."""
        assert ask(FakePlugin(GetPluginInfo=UNIMPLEMENTED), "info").version == ""

    def test_the_schema_is_asked_for_by_package(self) -> None:
        """protocol.md §8.3."""
        fake = FakePlugin(GetSchema={"schema": "{}"})

        assert ask(fake, "schema", package="sub", version="1.0.0") == b"{}"
        assert fake.only("GetSchema").subpackage_name == "sub"
        assert fake.only("GetSchema").subpackage_version == "1.0.0"

    def test_a_mapping_and_none(self) -> None:
        """protocol.md §8.18: empty data, or a plugin that knows no such call, is no mapping."""
        fake = FakePlugin(GetMapping={"provider": "aws", "data": b"{}"})

        assert ask(fake, "mapping", "terraform", provider="aws") == ("aws", b"{}")
        assert (fake.only("GetMapping").key, fake.only("GetMapping").provider) == ("terraform", "aws")
        assert ask(FakePlugin(GetMapping=UNIMPLEMENTED), "mapping", "terraform") == ("", b"")

    def test_a_parameterised_package_is_applied_before_anything_else(self) -> None:
        """protocol.md §8.2."""
        parameter = Parameterization(name="sub", version="1.0.0", value=b"\x00x")
        fake = FakePlugin(Parameterize={"name": "sub", "version": "1.0.0"})

        async def scenario() -> None:
            async with attached(fake, parameterization=parameter) as provider:
                await provider.check_config(CheckConfigRequest(urn=PROVIDER, olds={}, news={}))

        run(scenario())

        assert fake.order.index("Parameterize") < fake.order.index("CheckConfig")
        assert fake.only("Parameterize").value.value == b"\x00x"

    def test_it_must_become_the_package_that_was_asked_for(self) -> None:
        """protocol.md §8.2."""
        fake = FakePlugin(Parameterize={"name": "other"})

        with pytest.raises(ProviderError, match="was to serve the package `sub`, and serves `other`"):
            ask(fake, "parameterize", Parameterization(name="sub", version="1.0.0", value=b""))


class TestConfiguration:
    def test_secrets_never_reach_check_config_and_come_back_as_secrets(self) -> None:
        """protocol.md §3.3, §3.4, §15.2."""
        fake = FakePlugin(CheckConfig={"inputs": struct(token="t", more="d")})
        request = CheckConfigRequest(
            urn=PROVIDER, olds={"token": Secret("o")}, news={"token": Secret("t"), "later": UNKNOWN, "r": REF}
        )

        result = ask(fake, "check_config", request)

        message = fake.only("CheckConfig")
        assert (message.urn, message.name, message.type) == (PROVIDER, "default", "pulumi:providers:fake")
        assert sent(message.olds) == {"token": "o"}
        assert sent(message.news) == {"token": "t", "later": UNKNOWN, "r": "i-1"}
        assert result.inputs == {"token": Secret("t"), "more": "d"}

    def test_a_new_provider_sends_no_olds(self) -> None:
        """protocol.md §8.5: absent when none."""
        fake = FakePlugin()
        ask(fake, "check_config", CheckConfigRequest(urn=PROVIDER, olds={}, news={}))

        assert not fake.only("CheckConfig").HasField("olds")
        assert fake.only("CheckConfig").HasField("news")

    @pytest.mark.parametrize(
        ("package", "refusal"),
        [
            ("fake", UNIMPLEMENTED),
            ("pulumi-nodejs", Failing(grpc.StatusCode.INTERNAL, "whatever")),
            ("kubernetes", Failing(grpc.StatusCode.UNKNOWN, "CheckConfig: Unimplemented")),
        ],
    )
    def test_where_it_is_not_implemented_the_news_stand(self, package: str, refusal: Failing) -> None:
        """protocol.md §8.5, §8.6: including the ways old plugins say so."""
        urn = make_urn("dev", "shop", "", f"pulumi:providers:{package}", "p")
        fake = FakePlugin(CheckConfig=refusal, DiffConfig=refusal)

        checked = ask(fake, "check_config", CheckConfigRequest(urn=urn, olds={}, news={"a": Secret(1)}))
        compared = ask(
            fake, "diff_config", DiffConfigRequest(urn=urn, old_inputs={}, old_outputs={}, news={"a": 1})
        )

        assert checked.inputs == {"a": Secret(1)}
        assert compared.changes is DiffChanges.UNKNOWN
        assert not compared.requires_replacement

    def test_the_same_answers_are_errors_for_everybody_else(self) -> None:
        """protocol.md §8.5."""
        fake = FakePlugin(CheckConfig=Failing(grpc.StatusCode.INTERNAL, "broken"))

        with pytest.raises(ProviderError, match="broken"):
            ask(fake, "check_config", CheckConfigRequest(urn=PROVIDER, olds={}, news={}))

    def test_reserved_inputs_are_taken_out_of_the_answer(self) -> None:
        """protocol.md §9.2."""
        log = Heard()
        fake = FakePlugin(CheckConfig={"inputs": struct(a=1, __internal={"x": 1})})

        result = ask(fake, "check_config", CheckConfigRequest(urn=PROVIDER, olds={}, news={}), log=log)

        assert result.inputs == {"a": 1}
        assert any("__internal" in text for text in log.texts)

    def test_configuration_travels_as_values_and_as_texts(self) -> None:
        """protocol.md §8.7, §15.6: variables are texts by full key, without secrets and version."""
        fake = FakePlugin(handshake=PLAIN)
        inputs = {"region": "eu", "token": Secret("t"), "tags": Secret({"a": [1, True]}), "version": "1.2.3"}

        ask(fake, "configure", ConfigureRequest(urn=PROVIDER, id="id-1", inputs=inputs))

        message = fake.only("Configure")
        assert dict(message.variables) == {
            "fake:config:region": "eu",
            "fake:config:token": "t",
            "fake:config:tags": '{"a":[1,true]}',
        }
        assert sent(message.args) == inputs
        assert message.acceptSecrets
        assert message.acceptResources
        assert message.sends_old_inputs
        assert message.sends_old_inputs_to_delete
        assert (message.id, message.urn, message.name, message.type) == (
            "id-1",
            PROVIDER,
            "default",
            "pulumi:providers:fake",
        )

    def test_missing_keys_are_named(self) -> None:
        """protocol.md §6.4."""
        detail = provider_pb2.ConfigureErrorMissingKeys(
            missingKeys=[{"name": "token", "description": "The token"}]
        )
        fake = FakePlugin(Configure=Failing(grpc.StatusCode.INVALID_ARGUMENT, "missing", detail))

        with pytest.raises(MissingConfigurationError) as failure:
            ask(fake, "configure", ConfigureRequest(urn=PROVIDER, id="i", inputs={}))

        assert failure.value.keys == (("token", "The token"),)
        assert 'missing required configuration key "fake:token": The token' in failure.value.message


ALL = {"s": Secret("x"), "r": REF, "a": FILE, "o": OutputValue(value=1, secret=True), "b": b"\xff"}
MODERN_FORM = {"s": Secret("x"), "r": REF, "a": FILE, "o": Secret(1), "b": b"\xff"}
ELIDED = Asset(hash="a" * 64)


class TestOptionMatrix:
    """protocol.md §3.3: what each call may carry."""

    @pytest.mark.parametrize(
        ("method", "request_", "rpc", "bags"),
        [
            ("check", check(olds=ALL, news=ALL), "Check", {"olds": FILE, "news": FILE}),
            (
                "diff",
                diff(old_outputs=ALL, old_inputs=ALL, news=ALL),
                "Diff",
                {"olds": ELIDED, "old_inputs": ELIDED, "news": ELIDED},
            ),
            ("create", create(inputs=ALL), "Create", {"properties": FILE}),
            ("read", read(outputs=ALL, inputs=ALL), "Read", {"properties": ELIDED, "inputs": ELIDED}),
            (
                "update",
                update(old_outputs=ALL, old_inputs=ALL, news=ALL),
                "Update",
                {"olds": ELIDED, "old_inputs": ELIDED, "news": FILE},
            ),
            (
                "delete",
                delete(outputs=ALL, inputs=ALL),
                "Delete",
                {"properties": ELIDED, "old_inputs": ELIDED},
            ),
            ("invoke", invoke(args=ALL), "Invoke", {"args": FILE}),
        ],
    )
    def test_what_is_kept_and_what_is_elided(
        self, method: str, request_: Any, rpc: str, bags: dict[str, Asset]
    ) -> None:
        """Secrets, references and byte strings as the plugin accepts them; output values never."""
        modern = FakePlugin(handshake=MODERN)
        ask(modern, method, request_)
        for bag, asset in bags.items():
            assert sent(getattr(modern.only(rpc), bag)) == {**MODERN_FORM, "a": asset}, bag

        old = FakePlugin(handshake=PLAIN)
        plain = {"s": "x", "r": "i-1", "o": 1}
        request_ = _without_bytes(request_)
        ask(old, method, request_)
        for bag, asset in bags.items():
            assert sent(getattr(old.only(rpc), bag)) == {**plain, "a": asset}, bag

    @pytest.mark.parametrize("preview", [True, False])
    def test_unknowns_are_sent_in_previews_only(self, preview: bool) -> None:
        """protocol.md §3.3: «prev», and never in what is recorded."""
        bag = {"u": UNKNOWN, "l": [1, UNKNOWN]}
        kept = bag if preview else {"l": [1]}
        fake = FakePlugin()

        async def scenario() -> None:
            async with attached(fake) as provider:
                await provider.check(check(news=bag, olds=bag, preview=preview))
                await provider.diff(diff(news=bag, preview=preview))
                await provider.create(create(inputs=bag, preview=preview))
                await provider.update(update(news=bag, old_inputs=bag, old_outputs=bag, preview=preview))
                await provider.invoke(invoke(args=bag, preview=preview))

        run(scenario())

        assert sent(fake.only("Check").olds) == sent(fake.only("Check").news) == kept
        assert sent(fake.only("Diff").news) == kept
        assert sent(fake.only("Create").properties) == kept
        assert sent(fake.only("Update").news) == kept
        assert sent(fake.only("Update").olds) == sent(fake.only("Update").old_inputs) == {"l": [1]}
        assert sent(fake.only("Invoke").args) == {"l": [1]}
        assert fake.only("Invoke").preview is preview

    def test_check_on_create_sends_an_empty_map(self) -> None:
        """protocol.md §15.3."""
        fake = FakePlugin()
        ask(fake, "check", check())

        assert fake.only("Check").HasField("olds")
        assert sent(fake.only("Check").olds) == {}

    def test_a_byte_string_is_refused_by_name_where_it_is_not_taken(self) -> None:
        """protocol.md §2.7."""
        with pytest.raises(ProviderError, match=r"`tags\.b`"):
            ask(FakePlugin(handshake=PLAIN), "create", create(inputs={"tags": {"b": b"\xff"}}))

    def test_unknowns_in_answers_are_believed_in_previews_only(self) -> None:
        """protocol.md §3.3: rejected with an error otherwise; the object may exist all the same."""
        fake = FakePlugin(Create={"id": "i-7", "properties": struct(u=UNKNOWN)})

        assert ask(fake, "create", create(preview=True)).outputs == {"u": UNKNOWN}
        with pytest.raises(ProviderError, match="`u`") as failure:
            ask(fake, "create", create())
        assert failure.value.status is ResourceStatus.UNKNOWN
        assert failure.value.detail == "The object's id is `i-7`"

    def test_every_kind_of_unknown_is_accepted_from_plugins(self) -> None:
        """protocol.md §15.1."""
        strings = {kind.name: kind.value for kind in UnknownKind}
        fake = FakePlugin(Update={"properties": struct(v=strings)})

        outputs = ask(fake, "update", update(preview=True)).outputs

        assert outputs["v"] == {kind.name: Unknown(kind) for kind in UnknownKind}

    @pytest.mark.parametrize("method", ["read", "invoke"])
    def test_reads_and_functions_never_answer_unknowns(self, method: str) -> None:
        """protocol.md §3.3."""
        fake = FakePlugin(
            Read={"id": "i", "properties": struct(u=UNKNOWN)}, Invoke={"return": struct(u=UNKNOWN)}
        )

        with pytest.raises(ProviderError, match="cannot be used"):
            ask(fake, method, read() if method == "read" else invoke(preview=True))


def _without_bytes(request: Any) -> Any:
    import msgspec

    changes = {
        field: {key: value for key, value in getattr(request, field).items() if key != "b"}
        for field in request.__struct_fields__
        if isinstance(getattr(request, field), dict)
    }
    return msgspec.structs.replace(request, **changes)


class TestSecretness:
    """protocol.md §3.4: plugins that take no secrets do not make them public."""

    def test_answers_are_compared_key_by_key(self) -> None:
        """Maps are entered; a list with one secret becomes wholly secret; what is secret stays."""
        asked = {"a": Secret(1), "m": {"x": Secret(2), "y": 3}, "l": [1, Secret(2)], "gone": Secret(1)}
        answer = struct(a=1, m={"x": 2, "y": 3}, l=[1, 2], new=4)
        expected = {"a": Secret(1), "m": {"x": Secret(2), "y": 3}, "l": Secret([1, 2]), "new": 4}
        fake = FakePlugin(
            handshake=PLAIN,
            Check={"inputs": answer},
            Create={"id": "i", "properties": answer},
            Update={"properties": answer},
            Read={"id": "i", "properties": answer, "inputs": answer},
        )

        assert ask(fake, "check", check(news=asked)).inputs == expected
        assert ask(fake, "create", create(inputs=asked)).outputs == expected
        assert ask(fake, "update", update(news=asked)).outputs == expected
        result = ask(fake, "read", read(outputs=asked, inputs={"a": Secret(1)}))
        assert result.outputs == expected
        assert result.inputs == {"a": Secret(1), "m": {"x": 2, "y": 3}, "l": [1, 2], "new": 4}

    def test_a_plugin_that_takes_secrets_is_believed(self) -> None:
        """protocol.md §3.4 applies only without their support."""
        fake = FakePlugin(Create={"id": "i", "properties": struct(a=1, b=Secret(2))})

        assert ask(fake, "create", create(inputs={"a": Secret(1)})).outputs == {"a": 1, "b": Secret(2)}

    def test_a_function_called_with_a_secret_answers_secrets(self) -> None:
        """protocol.md §3.4."""
        fake = FakePlugin(handshake=PLAIN, Invoke={"return": struct(a=1, b=Secret(2))})

        assert ask(fake, "invoke", invoke(args={"x": [Secret(1)]})).value == {"a": Secret(1), "b": Secret(2)}
        assert ask(fake, "invoke", invoke(args={"x": 1})).value == {"a": 1, "b": Secret(2)}


class TestResources:
    def test_check_sends_names_seed_and_autonaming(self) -> None:
        """protocol.md §8.8."""
        fake = FakePlugin(
            Check={"inputs": struct(a=1), "failures": [{"property": "b", "reason": "too long"}]}
        )

        result = ask(
            fake, "check", check(seed=b"s" * 32, autonaming=Autonaming("one-x", AutonamingMode.ENFORCE))
        )

        message = fake.only("Check")
        assert (message.urn, message.name, message.type) == (URN, "one", TYPE)
        assert message.randomSeed == b"s" * 32
        assert message.autonaming.proposed_name == "one-x"
        assert message.autonaming.mode == provider_pb2.CheckRequest.AutonamingOptions.ENFORCE
        assert result.inputs == {"a": 1}
        assert result.failures == (CheckFailure("b", "too long"),)

    def test_autonaming_that_has_no_effect_is_mentioned_when_the_user_asked_for_it(self) -> None:
        """protocol.md §8.8."""
        log = Heard()
        fake = FakePlugin(handshake=PLAIN)
        naming = Autonaming("one-x", AutonamingMode.PROPOSE, warn_if_unsupported=True)

        ask(fake, "check", check(autonaming=naming), log=log)

        assert not fake.only("Check").HasField("autonaming")
        assert any("does not know about configured names" in text for text in log.texts)

    def test_diff_sends_outputs_as_olds(self) -> None:
        """protocol.md §8.9, §15.4."""
        fake = FakePlugin()
        ask(
            fake,
            "diff",
            diff(old_outputs={"o": 1}, old_inputs={"i": 2}, news={"n": 3}, ignore_changes=("a.b",)),
        )

        message = fake.only("Diff")
        assert (message.id, message.urn, message.name, message.type) == ("i-1", URN, "one", TYPE)
        assert (sent(message.olds), sent(message.old_inputs), sent(message.news)) == (
            {"o": 1},
            {"i": 2},
            {"n": 3},
        )
        assert list(message.ignoreChanges) == ["a.b"]

    def test_diff_answers(self) -> None:
        """protocol.md §8.9, §1: kinds by number, later kinds are updates."""
        fake = FakePlugin(
            Diff={
                "changes": "DIFF_SOME",
                "replaces": ["a"],
                "diffs": ["a", "b"],
                "stables": ["arn"],
                "deleteBeforeReplace": True,
                "hasDetailedDiff": True,
                "detailedDiff": {"a": {"kind": "DELETE_REPLACE"}, "b": {"kind": 17, "inputDiff": True}},
            }
        )

        result = ask(fake, "diff", diff())

        assert result.changes is DiffChanges.SOME
        assert (result.replaces, result.diffs, result.stables) == (("a",), ("a", "b"), ("arn",))
        assert result.delete_before_replace
        assert result.detailed == {
            "a": PropertyDiff(DiffKind.DELETE_REPLACE),
            "b": PropertyDiff(DiffKind.UPDATE, input_diff=True),
        }

    def test_a_detailed_diff_counts_only_if_it_is_announced(self) -> None:
        """protocol.md §8.9."""
        fake = FakePlugin(Diff={"detailedDiff": {"a": {"kind": "ADD"}}, "changes": "DIFF_NONE"})

        result = ask(fake, "diff", diff())

        assert result.detailed is None
        assert result.changes is DiffChanges.NONE

    def test_create_update_and_delete_send_what_they_have(self) -> None:
        """protocol.md §8.10, §8.12, §8.13."""
        fake = FakePlugin(
            Create={"id": "i-9", "properties": struct(o=1), "refresh_before_update": True},
            Update={"properties": struct(o=2), "refresh_before_update": True},
        )

        async def scenario() -> tuple[Any, Any]:
            async with attached(fake) as provider:
                made = await provider.create(create(inputs={"i": 1}, timeout=90.5))
                changed = await provider.update(update(timeout=2, ignore_changes=("x",)))
                await provider.delete(delete(timeout=3, outputs={"o": 1}, inputs={"i": 1}))
                return made, changed

        made, changed = run(scenario())

        assert (made.id, made.outputs, made.refresh_before_update) == ("i-9", {"o": 1}, True)
        assert (changed.outputs, changed.refresh_before_update) == ({"o": 2}, True)
        assert fake.only("Create").timeout == 90.5
        assert fake.only("Create").name == "one"
        assert list(fake.only("Update").ignoreChanges) == ["x"]
        assert fake.only("Update").id == "i-1"
        assert (fake.only("Delete").id, fake.only("Delete").timeout) == ("i-1", 3)

    @pytest.mark.parametrize("why", ["no preview support", "previews disabled"])
    def test_without_previews_inputs_stand_for_outputs(self, why: str) -> None:
        """protocol.md §8.10, §8.12; E54."""
        fake = FakePlugin(handshake=UNIMPLEMENTED if why == "no preview support" else MODERN)
        environ = {"PULUMI_DISABLE_PROVIDER_PREVIEW": "true"} if why == "previews disabled" else None

        made = ask(fake, "create", create(inputs={"a": UNKNOWN}, preview=True), environ=environ)
        changed = ask(fake, "update", update(news={"a": 1}, preview=True), environ=environ)

        assert (made.id, made.outputs, changed.outputs) == ("", {"a": UNKNOWN}, {"a": 1})
        assert "Create" not in fake.order
        assert "Update" not in fake.order

    def test_read_tells_gone_empty_and_unknown_inputs_apart(self) -> None:
        """protocol.md §8.11: absent properties mean gone, an empty map exists."""
        gone = ask(FakePlugin(Read={}), "read", read())
        empty = ask(FakePlugin(Read={"id": "i-2", "properties": Struct()}), "read", read(inputs={}))

        assert not gone.exists
        assert empty.exists
        assert (empty.id, empty.outputs, empty.inputs) == ("i-2", {}, None)

    def test_an_import_sends_no_inputs(self) -> None:
        """protocol.md §8.11."""
        fake = FakePlugin()
        ask(fake, "read", read(inputs=None))

        assert fake.only("Read").HasField("properties")
        assert not fake.only("Read").HasField("inputs")

    def test_assets_that_come_back_as_hashes_get_their_sources_again(self) -> None:
        """protocol.md §4.7, §15.13."""
        answer = struct(source=ELIDED, other=Asset(hash="b" * 64))
        fake = FakePlugin(Read={"id": "i", "properties": answer, "inputs": answer})

        result = ask(fake, "read", read(inputs={"source": FILE}))

        assert result.inputs == result.outputs == {"source": FILE, "other": Asset(hash="b" * 64)}


class TestFunctionsAndComponents:
    def test_invoke_answers_failures(self) -> None:
        """protocol.md §8.16, §6.5."""
        fake = FakePlugin(Invoke={"return": struct(a=1), "failures": [{"property": "x", "reason": "bad"}]})

        result = ask(fake, "invoke", invoke(args={"q": 1}))

        assert fake.only("Invoke").tok == "fake:index:look"
        assert (result.value, result.failures) == ({"a": 1}, (CheckFailure("x", "bad"),))

    def listed(self, fake: FakePlugin, **request: Any) -> list[Listed]:
        async def scenario() -> list[Listed]:
            async with attached(fake) as provider:
                return [each async for each in provider.list_resources(ListRequest(type=TYPE, **request))]

        found: list[Listed] = run(scenario())
        return found

    def test_what_exists_is_listed_page_after_page(self) -> None:
        """protocol.md §8.17."""
        pages = {
            "": [
                {"result": {"id": "a", "name": "A"}},
                {"result": {"id": "b"}},
                {"continuation": {"continuation_token": "more"}},
            ],
            "more": [{"result": {"id": "c"}}, {"continuation": {}}],
        }
        fake = FakePlugin(List=pages)

        assert [each.id for each in self.listed(fake, query={"q": 1})] == ["a", "b", "c"]
        assert [sent(request.query) for request in fake.asked["List"]] == [{"q": 1}, {"q": 1}]

        assert self.listed(FakePlugin(List=pages), limit=1) == [Listed(id="a", name="A")]

    def test_what_cannot_be_listed_says_so(self) -> None:
        with pytest.raises(UnimplementedError):
            self.listed(FakePlugin())
        with pytest.raises(ProviderError, match="list"):
            self.listed(FakePlugin(List={"": [{"computed": {}}]}))

    def test_construct_carries_the_deployment_and_every_option(self) -> None:
        """protocol.md §8.14."""
        other = make_urn("dev", "shop", "", TYPE, "two")
        options = ResourceOptions(
            depends_on=(other,),
            protect=False,
            ignore_changes=("a",),
            replace_on_changes=("b",),
            delete_before_replace=True,
            retain_on_delete=True,
            deleted_with=other,
            replace_with=(other,),
            replacement_trigger="t",
            additional_secret_outputs=("s",),
            aliases=(other, AliasSpec(name="was", no_parent=True), AliasSpec(parent=other)),
            custom_timeouts=CustomTimeouts(create=300, delete=0.5),
            providers={"fake": f"{PROVIDER}::p"},
            hooks={HookKind.BEFORE_CREATE: ("h",), HookKind.ON_ERROR: ("e",)},
        )
        request = ConstructRequest(
            type="fake:index:Group",
            name="g",
            parent=URN,
            inputs={"o": OutputValue(value=1, dependencies=(other,)), "u": UNKNOWN},
            input_dependencies={"o": (other,)},
            options=options,
            **DEPLOYMENT,
        )
        fake = FakePlugin(
            Construct={
                "urn": URN,
                "state": struct(out=OutputValue(dependencies=(other,))),
                "stateDependencies": {"out": {"urns": [other]}},
            }
        )

        result = ask(fake, "construct", request)

        message = fake.only("Construct")
        assert sent(message.inputs) == request.inputs
        assert (message.project, message.stack, message.organization) == ("shop", "dev", "acme")
        assert (dict(message.config), list(message.configSecretKeys)) == ({"shop:a": "1"}, ["shop:a"])
        assert (message.dryRun, message.parallel, message.monitorEndpoint) == (True, 4, "127.0.0.1:1")
        assert message.stack_trace_handle == "here"
        assert (message.type, message.name, message.parent) == ("fake:index:Group", "g", URN)
        assert list(message.inputDependencies["o"].urns) == [other]
        assert dict(message.providers) == {"fake": f"{PROVIDER}::p"}
        assert list(message.dependencies) == list(message.replace_with) == [other]
        assert message.HasField("protect")
        assert not message.protect
        assert message.deleteBeforeReplace
        assert message.retainOnDelete
        assert message.deletedWith == other
        assert message.accepts_output_values
        assert (message.customTimeouts.create, message.customTimeouts.update) == ("300s", "")
        assert message.customTimeouts.delete == "0.5s"
        assert message.replacement_trigger.string_value == "t"
        assert list(message.resource_hooks.before_create) == ["h"]
        assert list(message.resource_hooks.on_error) == ["e"]
        assert [alias.WhichOneof("alias") for alias in message.aliases] == ["urn", "spec", "spec"]
        assert message.aliases[1].spec.noParent
        assert message.aliases[2].spec.parentUrn == other
        assert result.urn == URN
        assert result.outputs == {"out": OutputValue(dependencies=(other,))}
        assert result.dependencies == {"out": (other,)}

    def test_components_need_secrets(self) -> None:
        """protocol.md §8.14."""
        request = ConstructRequest(
            type="t",
            name="n",
            parent=None,
            inputs={},
            input_dependencies={},
            options=ResourceOptions(),
            **DEPLOYMENT,
        )

        with pytest.raises(ProviderError, match="takes no secrets"):
            ask(FakePlugin(handshake=PLAIN), "construct", request)

    def test_call_carries_dependencies_both_ways(self) -> None:
        """protocol.md §8.15."""
        request = CallRequest(
            token="fake:index:Thing/look",
            args={"__self__": REF, "s": Secret(OutputValue(value=1))},
            arg_dependencies={"s": (URN,)},
            **DEPLOYMENT,
        )
        fake = FakePlugin(
            Call={
                "return": struct(r=Secret(1)),
                "returnDependencies": {"r": {"urns": [URN]}},
                "failures": [{"property": "", "reason": "no"}],
            }
        )

        result = ask(fake, "call", request)

        message = fake.only("Call")
        assert sent(message.args) == request.args
        assert list(message.argDependencies["s"].urns) == [URN]
        assert message.dryRun
        assert message.stack_trace_handle == "here"
        assert message.accepts_output_values
        assert (result.value, result.dependencies) == ({"r": Secret(1)}, {"r": (URN,)})
        assert result.failures == (CheckFailure("", "no"),)


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (grpc.StatusCode.INTERNAL, ResourceStatus.UNKNOWN),
            (grpc.StatusCode.DATA_LOSS, ResourceStatus.UNKNOWN),
            (grpc.StatusCode.UNKNOWN, ResourceStatus.UNKNOWN),
            (grpc.StatusCode.INVALID_ARGUMENT, ResourceStatus.OK),
            (grpc.StatusCode.FAILED_PRECONDITION, ResourceStatus.OK),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, ResourceStatus.OK),
        ],
    )
    def test_the_code_says_what_is_left_behind(self, code: grpc.StatusCode, status: ResourceStatus) -> None:
        """protocol.md §6.2."""
        with pytest.raises(ProviderError, match=r"^quota exceeded$") as failure:
            ask(FakePlugin(Create=Failing(code, "quota exceeded")), "create", create())

        assert failure.value.status is status

    def test_the_cause_is_shown(self) -> None:
        """protocol.md §6.1."""
        fake = FakePlugin(
            Create=Failing(grpc.StatusCode.UNKNOWN, "failed", errors_pb2.ErrorCause(message="disk full"))
        )

        with pytest.raises(ProviderError, match=r"^failed: disk full$"):
            ask(fake, "create", create())

    def test_a_failure_without_words_gets_some(self) -> None:
        """An empty text says at least what was asked, and the code."""
        with pytest.raises(ProviderError, match=f"could not create {URN} and did not say why .ABORTED."):
            ask(FakePlugin(Create=Failing(grpc.StatusCode.ABORTED, "")), "create", create())

    def test_what_exists_half_made_comes_with_the_failure(self) -> None:
        """protocol.md §6.2: id, properties, inputs and reasons; secretness is restored there too."""
        detail = provider_pb2.ErrorResourceInitFailed(
            id="i-5",
            properties=struct(password="p", out=1),
            inputs=struct(password="p"),
            reasons=["not ready"],
            refresh_before_update=True,
        )
        failing = Failing(grpc.StatusCode.UNKNOWN, "init", detail)

        async def scenario(provider: PluginProvider) -> InitFailedError:
            with pytest.raises(InitFailedError) as failure:
                await provider.create(create(inputs={"password": Secret("p")}))
            return failure.value

        async def main() -> InitFailedError:
            async with attached(FakePlugin(handshake=PLAIN, Create=failing)) as provider:
                return await scenario(provider)

        error = run(main())

        assert error.status is ResourceStatus.PARTIAL_FAILURE
        assert (error.id, error.reasons, error.refresh_before_update) == ("i-5", ("not ready",), True)
        assert error.outputs == {"password": Secret("p"), "out": 1}

    @pytest.mark.parametrize(("method", "rpc"), [("update", "Update"), ("read", "Read")])
    def test_updates_and_reads_can_be_half_done_too(self, method: str, rpc: str) -> None:
        """protocol.md §6.1."""
        detail = provider_pb2.ErrorResourceInitFailed(id="i-5", properties=struct(o=1), inputs=struct(i=1))
        fake = FakePlugin(**{rpc: Failing(grpc.StatusCode.UNKNOWN, "init", detail)})

        with pytest.raises(InitFailedError, match="resource init failed") as failure:
            ask(fake, method, update() if method == "update" else read())

        assert failure.value.inputs == {"i": 1}

    def test_wrong_inputs_are_listed_with_values_that_are_not_secret(self) -> None:
        """protocol.md §6.3."""
        detail = errors_pb2.InputPropertiesError(
            errors=[
                {"property_path": "size", "reason": "too small"},
                {"property_path": "password", "reason": "too short"},
                {"property_path": "login.password", "reason": "too short"},
                {"property_path": "nothing[0", "reason": "odd"},
            ]
        )
        fake = FakePlugin(Create=Failing(grpc.StatusCode.INVALID_ARGUMENT, "wrong inputs", detail))
        inputs = {"size": 1, "password": Secret("hunter2"), "login": Secret({"password": "hunter2"})}

        with pytest.raises(InvalidInputsError) as failure:
            ask(fake, "create", create(inputs=inputs))

        assert failure.value.message.splitlines() == [
            "wrong inputs",
            "\t\t- property size with value '1' has a problem: too small",
            "\t\t- property password has a problem: too short",
            "\t\t- property login.password has a problem: too short",
            "\t\t- property nothing[0 has a problem: odd",
        ]
        assert failure.value.failures[0] == CheckFailure("size", "too small")
        assert "hunter2" not in str(failure.value)

    def test_unimplemented_is_an_error_of_its_own(self) -> None:
        """protocol.md §1."""
        with pytest.raises(UnimplementedError):
            ask(FakePlugin(Invoke=UNIMPLEMENTED), "invoke", invoke())

    def test_a_plugin_that_could_not_wait_is_told_apart(self) -> None:
        """protocol.md §6.1 ErrorResourceAwaitFailed."""
        detail = provider_pb2.ErrorResourceAwaitFailed()

        with pytest.raises(AwaitFailedError):
            ask(FakePlugin(Read=Failing(grpc.StatusCode.UNKNOWN, "no", detail)), "read", read())

    def test_a_malformed_answer_names_the_property(self) -> None:
        """protocol.md §2.2: an error, not a guess."""
        bad = Struct()
        bad.update({"a": {"4dabf18193072939515e22adb298388d": "nonsense"}})

        with pytest.raises(ProviderError, match="answer cannot be used: Property `a`"):
            ask(FakePlugin(Invoke={"return": bad}), "invoke", invoke())


def test_every_variable_is_json_or_text() -> None:
    """protocol.md §8.7: what is not text is JSON, whatever it is."""
    fake = FakePlugin()
    inputs = {"n": 3, "b": True, "none": None, "ref": ResourceRef(urn=Urn(URN), id="i")}

    ask(fake, "configure", ConfigureRequest(urn=PROVIDER, id="i", inputs=inputs))

    variables = fake.only("Configure").variables
    assert [json.loads(variables[f"fake:config:{key}"]) for key in ("n", "b", "none")] == [3, True, None]
