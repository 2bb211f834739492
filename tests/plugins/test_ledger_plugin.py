"""The ledger plugin answers as its README says, through the genuine framework."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from google.rpc import status_pb2
from pulumi.runtime.proto import errors_pb2, provider_pb2
from support.ledger import Ledger, Script

from .conftest import Engine, Start, struct, urn

RECORD = "ledger:index:Record"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

pytestmark = pytest.mark.real


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def details(error: grpc.RpcError) -> Any:
    """The first structured detail of a failed call (protocol.md §6.1)."""
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    (detail, *_) = status.details
    kind = detail.type_url.rpartition(".")[2]
    message = getattr(errors_pb2, kind, None) or getattr(provider_pb2, kind)
    return message.FromString(detail.value)


class TestQuestions:
    def test_handshake_declares_everything(self, start: Start) -> None:
        """Secrets, references, outputs, naming and byte strings are accepted (protocol.md §8.1)."""
        answer = start(handshake=False).stub.Handshake(provider_pb2.ProviderHandshakeRequest())

        assert (answer.accept_secrets, answer.accept_resources, answer.accept_outputs) == (True, True, True)
        assert answer.supports_autonaming_configuration

    def test_the_schema_has_every_resource_function_and_method(self, start: Start) -> None:
        """The schema that SDKs are generated from lists what the README lists (protocol.md §8.3)."""
        schema = json.loads(start().stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)

        names = {token.rpartition(":")[2] for token in schema["resources"]}
        assert names == {"Record", "Rich", "Slot", "Shape", "Strict", "Fixed", "Bundle"}
        assert schema["resources"]["ledger:index:Bundle"]["methods"] == {
            "describe": "ledger:index:Bundle/describe"
        }
        assert set(schema["functions"]) >= {"ledger:index:echo", "ledger:index:lookup"}
        assert schema["resources"]["ledger:index:Rich"]["inputProperties"]["password"]["secret"]

    def test_configuration_is_checked_and_encoded_text_is_decoded(self, start: Start) -> None:
        """Objects arrive as JSON text, and nonsense is refused (protocol.md §8.5, §8.7)."""
        provider = urn("pulumi:providers:ledger", "p")
        request = provider_pb2.CheckRequest(
            urn=provider, news=struct({"labels": '{"a":"b"}', "retries": -1, "version": "1.2.3"})
        )
        answer = start().stub.CheckConfig(request)

        assert MessageToDict(answer.inputs)["labels"] == {"a": "b"}
        assert [f.property for f in answer.failures] == ["retries"]

    def test_another_region_is_another_provider(self, start: Start) -> None:
        """A change of region replaces the provider; other changes do not (protocol.md §8.6)."""
        stub = start().stub

        def diff(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
            request = provider_pb2.DiffRequest(
                urn=urn("pulumi:providers:ledger", "p"),
                olds=struct(old),
                old_inputs=struct(old),
                news=struct(new),
            )
            return list(stub.DiffConfig(request).replaces)

        assert diff({"region": "a"}, {"region": "b"}) == ["region"]
        assert diff({"retries": 1}, {"retries": 2}) == []

    def test_missing_keys_are_named(self, start: Start) -> None:
        """Configure lists every key that is needed and was not given (protocol.md §6.4)."""
        with pytest.raises(grpc.RpcError) as caught:
            start(LEDGER_REQUIRE="token,account").stub.Configure(
                provider_pb2.ConfigureRequest(args=struct({}))
            )

        assert {k.name for k in details(caught.value).missingKeys} == {"token", "account"}

    def test_check_fills_in_defaults_and_a_name_made_of_the_seed(self, start: Start) -> None:
        """The same seed makes the same name, and the name survives the next check (protocol.md §8.8)."""
        plugin = start()
        first, again = plugin.check(RECORD, "a", value="x"), plugin.check(RECORD, "a", value="x")

        assert first == again
        inputs = MessageToDict(first.inputs)
        assert inputs["name"].startswith("a-")
        assert (inputs["size"], inputs["region"]) == (1, "here")

    @pytest.mark.parametrize("mode", ["PROPOSE", "ENFORCE", "DISABLE"])
    def test_a_proposed_name_is_taken(self, start: Start, mode: str) -> None:
        """The engine's autonaming is followed; disabled, the name has to be given (E188)."""
        naming = provider_pb2.CheckRequest.AutonamingOptions(proposed_name="wanted", mode=mode)
        answer = start().stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(RECORD, "a"), olds=struct({}), news=struct({}), autonaming=naming
            )
        )

        if mode == "DISABLE":
            assert [f.property for f in answer.failures] == ["name"]
        else:
            assert MessageToDict(answer.inputs)["name"] == "wanted"

    def test_every_wrong_input_is_reported_at_once(self, start: Start) -> None:
        """Failures come for properties, for paths into them, and for the whole (protocol.md §6.5)."""
        answer = start().check(
            "ledger:index:Strict", "a", port=0, email="x", limits={"low": 2, "high": 1}, cursed=True
        )

        assert [f.property for f in answer.failures] == ["port", "email", "limits.low", ""]

    @pytest.mark.parametrize(
        ("old", "new", "kinds"),
        [
            ({"settings": {"k": "1"}}, {"settings": {"k": "2"}}, {'settings["k"]': "UPDATE"}),
            ({"settings": {}}, {"settings": {"k": "2"}}, {'settings["k"]': "ADD"}),
            ({"settings": {"k": "1"}}, {"settings": {}}, {'settings["k"]': "DELETE"}),
            ({"fixed": {"k": "1"}}, {"fixed": {"k": "2"}}, {'fixed["k"]': "UPDATE_REPLACE"}),
            ({"fixed": {}}, {"fixed": {"k": "2"}}, {'fixed["k"]': "ADD_REPLACE"}),
            ({"fixed": {"k": "1"}}, {"fixed": {}}, {'fixed["k"]': "DELETE_REPLACE"}),
            (
                {"parts": [{"name": "a", "size": 1}]},
                {"parts": [{"name": "a", "size": 2}, {"name": "b", "size": 1}]},
                {"parts[0].size": "UPDATE", "parts[1]": "ADD"},
            ),
            ({"silent": "a"}, {"silent": "b"}, {}),
        ],
    )
    def test_detailed_diffs_have_every_kind(
        self, start: Start, old: dict[str, Any], new: dict[str, Any], kinds: dict[str, str]
    ) -> None:
        """A Shape answers with paths and with each of the six kinds (protocol.md §8.9)."""
        answer = start().diff("ledger:index:Shape", "a", struct({**old, "mark": "m"}), **new)

        found = {k: provider_pb2.PropertyDiff.Kind.Name(v.kind) for k, v in answer.detailedDiff.items()}
        assert found == kinds
        assert answer.changes == (
            provider_pb2.DiffResponse.DIFF_SOME if kinds else provider_pb2.DiffResponse.DIFF_NONE
        )
        assert list(answer.stables) == ["mark"]

    @pytest.mark.parametrize(
        ("style", "changes", "detailed"),
        [("plain", "DIFF_SOME", False), ("unknown", "DIFF_UNKNOWN", False), ("none", "DIFF_NONE", False)],
    )
    def test_a_diff_may_say_less(self, start: Start, style: str, changes: str, detailed: bool) -> None:
        """The style of a Shape chooses how much Diff says (protocol.md §8.9)."""
        answer = start().diff(
            "ledger:index:Shape",
            "a",
            struct({"settings": {"k": "1"}, "mark": "m"}),
            settings={"k": "2"},
            style=style,
        )

        assert provider_pb2.DiffResponse.DiffChanges.Name(answer.changes) == changes
        assert answer.hasDetailedDiff == detailed

    def test_invokes_answer_fail_and_keep_secrets(self, start: Start) -> None:
        """Functions have results, secret results, failures of arguments, and errors (protocol.md §8.16)."""
        stub = start().stub

        def invoke(name: str, /, **args: Any) -> provider_pb2.InvokeResponse:
            return stub.Invoke(provider_pb2.InvokeRequest(tok=f"ledger:index:{name}", args=struct(args)))

        assert MessageToDict(invoke("echo", value={"a": [1]}))["return"] == {"value": {"a": [1]}, "number": 7}
        assert MessageToDict(invoke("reveal", name="x"))["return"]["secret"] == secret("secret-of-x")
        assert {f.property for f in invoke("refuse", number="x").failures} == {"message", "number"}
        with pytest.raises(grpc.RpcError, match="no way"):
            invoke("refuse", message="no way", number=1, code="NOT_FOUND")


class TestEffects:
    def test_a_preview_leaves_no_trace_and_knows_what_it_can(self, start: Start, ledger: Ledger) -> None:
        """In a preview the id is empty and what only the cloud knows is unknown (protocol.md §8.10)."""
        plugin = start()
        answer = plugin.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(RECORD, "a"), properties=struct({"name": "a", "value": UNKNOWN}), preview=True
            )
        )

        assert answer.id == ""
        assert MessageToDict(answer.properties)["fingerprint"] == UNKNOWN
        assert not ledger.operations()

    def test_the_same_name_twice_is_two_objects(self, start: Start, ledger: Ledger) -> None:
        """Nothing hides that an engine creates a thing twice."""
        plugin = start()
        ids = [plugin.create(RECORD, "a", name="a").id for _ in range(2)]

        assert ledger.duplicates() == {(RECORD, "a"): ids}

    def test_a_slot_is_taken_until_it_is_deleted(self, start: Start) -> None:
        """A Slot cannot be created beside one of its name, and says so in Diff (protocol.md §8.9)."""
        plugin = start()
        made = plugin.create("ledger:index:Slot", "a", name="a", zone="z")

        with pytest.raises(grpc.RpcError, match="taken"):
            plugin.create("ledger:index:Slot", "a", name="a", zone="y")
        assert plugin.diff("ledger:index:Slot", "a", made.properties, name="a", zone="y").deleteBeforeReplace

    def test_read_tells_what_the_ledger_holds(self, start: Start, ledger: Ledger) -> None:
        """Drift and disappearance show in Read (protocol.md §8.11)."""
        plugin = start()
        made = plugin.create(RECORD, "a", name="a", value=secret("x"))

        def read(object_id: str) -> provider_pb2.ReadResponse:
            return plugin.stub.Read(provider_pb2.ReadRequest(id=object_id, urn=urn(RECORD, "a")))

        assert read(made.id).properties == made.properties
        ledger.drift(made.id, state={"value": "y"})
        assert MessageToDict(read(made.id).properties)["value"] == secret("y")
        ledger.vanish(made.id)
        assert read(made.id).id == ""

    def test_what_nobody_made_can_be_imported(self, start: Start, ledger: Ledger) -> None:
        """Read by id alone answers with inputs as well (protocol.md §8.11)."""
        plugin = start()
        planted = ledger.plant("some-id", name="found", value="v")
        answer = plugin.stub.Read(provider_pb2.ReadRequest(id=planted, urn=urn(RECORD, "a")))

        assert MessageToDict(answer.inputs) == {"name": "found", "value": "v", "size": 1, "region": "here"}
        assert MessageToDict(answer.properties)["revision"] == 1

    def test_secrets_and_assets_come_back_as_they_went_in(self, start: Start) -> None:
        """A Rich keeps secrets secret, nested ones too, and its token is always secret (protocol.md §3.2)."""
        asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "t", "hash": "h"}
        made = start().create(
            "ledger:index:Rich",
            "a",
            title="t",
            password="p",
            spec={"image": "i", "key": "k", "ports": [{"number": 1}]},
            source=asset,
            document={"deep": [secret(1)]},
        )
        outputs = MessageToDict(made.properties)

        assert outputs["password"] == secret("p")
        assert outputs["token"] == secret("token-of-t")
        assert outputs["spec"]["key"] == secret("k")
        assert outputs["spec"]["ports"] == [{"number": 1, "protocol": "tcp"}]
        assert outputs["source"]["text"] == "t"
        assert outputs["document"] == {"deep": [secret(1)]}

    def test_refresh_before_update_is_asked_for(self, start: Start) -> None:
        """The answer to Create asks for it when the inputs do (protocol.md §8.10)."""
        assert start().create(RECORD, "a", refreshBeforeUpdate=True).refresh_before_update

    def test_thousands_of_calls_at_once(self, start: Start, ledger: Ledger) -> None:
        """Concurrent creates all end, and each leaves its two lines."""
        plugin = start()
        requests = [
            provider_pb2.CreateRequest(urn=urn(RECORD, f"r{i}"), properties=struct({"name": f"r{i}"}))
            for i in range(1000)
        ]
        ids = {future.result().id for future in [plugin.stub.Create.future(r) for r in requests]}

        assert ids == set(ledger.objects())
        assert len(ids) == 1000
        assert not ledger.unfinished()


class TestFaults:
    def test_a_partial_failure_exists_and_says_why(self, start: Start, ledger: Ledger) -> None:
        """Kind `init` makes the object and fails with its id, properties and reasons (protocol.md §6.2)."""
        fault = {"on": "create", "kind": "init", "reasons": ["slow", "sick"]}
        with pytest.raises(grpc.RpcError) as caught:
            start().create(RECORD, "a", faults=[fault])

        detail = details(caught.value)
        assert list(detail.reasons) == ["slow", "sick"]
        assert detail.id in ledger.objects()
        assert MessageToDict(detail.properties)["revision"] == 1

    def test_the_next_try_succeeds_when_the_script_says_so(
        self, start: Start, ledger: Ledger, tmp_path: Path
    ) -> None:
        """A running plugin follows the script as it is now, and a rule is used up across processes."""
        script = Script(tmp_path / "script.json")
        script.say({"on": "create", "kind": "fail", "message": "not today", "times": 1})
        with pytest.raises(grpc.RpcError, match="not today"):
            start(**script.environment()).create(RECORD, "a")
        plugin = start(**script.environment())
        plugin.create(RECORD, "a")
        script.say({"on": "create", "kind": "fail", "code": "INTERNAL"})
        with pytest.raises(grpc.RpcError) as caught:
            plugin.create(RECORD, "b")

        assert caught.value.code() == grpc.StatusCode.INTERNAL
        assert [o.outcome for o in ledger.operations("create")] == ["failed", "ok", "failed"]

    @pytest.mark.parametrize("kind", ["exit", "panic"])
    def test_a_crash_before_the_effect_leaves_nothing(self, start: Start, ledger: Ledger, kind: str) -> None:
        """The process says something on stderr and is gone; the ledger shows the unfinished operation."""
        plugin = start()
        with pytest.raises(grpc.RpcError):
            plugin.create(
                RECORD, "a", faults=[{"on": "create", "kind": kind, "message": "boom", "status": 3}]
            )

        _, stderr = plugin.process.communicate()
        assert b"boom" in stderr
        assert plugin.process.returncode == (3 if kind == "exit" else 2)
        assert [o.op for o in ledger.unfinished()] == ["create"]
        assert not ledger.objects()

    def test_a_crash_after_the_effect_leaves_an_object_that_no_answer_told_of(
        self, start: Start, ledger: Ledger
    ) -> None:
        """Phase `after` loses the answer, not the object."""
        with pytest.raises(grpc.RpcError):
            start().create(RECORD, "a", faults=[{"on": "create", "kind": "exit", "phase": "after"}])

        assert len(ledger.objects()) == 1

    def test_cancel_ends_what_hangs(self, start: Start, ledger: Ledger) -> None:
        """Cancel makes a hanging create fail, and is recorded (protocol.md §7.8)."""
        plugin = start()
        request = provider_pb2.CreateRequest(
            urn=urn(RECORD, "a"),
            properties=struct({"name": "a", "faults": [{"on": "create", "kind": "hang"}]}),
        )
        pending = plugin.stub.Create.future(request)
        while not ledger.operations("create"):  # until the plugin is in it
            assert not pending.done()
        plugin.stub.Cancel(empty_pb2.Empty())

        with pytest.raises(grpc.RpcError, match="cancelled"):
            pending.result()
        assert ledger.marks("cancel")

    def test_an_interrupt_ends_the_process(self, start: Start, ledger: Ledger) -> None:
        """SIGINT is the engine's goodbye (protocol.md §7.8)."""
        plugin = start()
        plugin.process.send_signal(signal.SIGINT)

        assert plugin.process.wait() == 0
        assert [line.op for line in ledger.lines()] == ["start", "stop"]


class TestEngine:
    def test_logs_reach_the_engine(self, start: Start, engine: tuple[Engine, str]) -> None:
        """Every severity, with and without a URN, and as a passing status (protocol.md §12)."""
        heard, address = engine
        plugin = start("ledger", address)
        logs: list[dict[str, Any]] = [
            {"severity": severity, "message": severity} for severity in ("debug", "info", "warning", "error")
        ]
        logs += [
            {"severity": "info", "message": "passing", "status": True},
            {"severity": "info", "message": "of nobody", "withoutUrn": True},
        ]
        plugin.create(RECORD, "a", logs=logs)

        assert [(r.severity, r.message) for r in heard.heard[:4]] == [
            (0, "debug"), (1, "info"), (2, "warning"), (3, "error")
        ]  # fmt: skip
        assert [(r.message, r.ephemeral, bool(r.urn)) for r in heard.heard[4:]] == [
            ("passing", True, True),
            ("of nobody", False, False),
        ]
