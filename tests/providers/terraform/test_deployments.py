"""Whole deployments on our own providers of both genuine frameworks."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.deployments import Bench
from support.terraform_deployments import TerraformBench, TerraformClient
from support.tfproviders import Cloud

from stackwright.diagnostics import Severity
from stackwright.goals import AliasSpec, CustomTimeouts
from stackwright.providers import ProviderError
from stackwright.providers.terraform._resources import _durations
from stackwright.urn import UNKNOWN_ID
from stackwright.values import UNKNOWN, Secret, contains_secrets, contains_unknowns, reveal

pytestmark = pytest.mark.real

BOTH = pytest.mark.parametrize("name", ["vintage", "modern"])


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


def bench_of(name: str, cloud: Cloud, **config: Any) -> TerraformBench:
    return TerraformBench(name, cloud.folder.parent / name, {"path": str(cloud.folder), **config})


def warnings(run: Any) -> list[str]:
    return [each.message for each in run.diagnostics if each.severity is Severity.WARNING]


@BOTH
class TestLife:
    """terraform.md §5.1, §5.7, §5.11, §5.13: a resource from nothing to nothing."""

    def test_create_nothing_update_replace_destroy(self, name: str, cloud: Cloud) -> None:
        bench = bench_of(name, cloud)

        def one(**inputs: Any) -> Any:
            return bench.program(lambda client: client.make("Thing", "a", {"name": "one", **inputs}))

        assert bench.preview(one(size=1)).counts["create"] >= 1
        assert cloud.objects() == {}

        assert not bench.up(one(size=1, tags={"k": "v"})).errors
        assert cloud.objects()["thing-one"]["size"] == 1
        assert bench.record("a").id == "thing-one"
        assert bench.record("a").outputs["revision"] == 1

        calls = len(cloud.calls("create")) + len(cloud.calls("update"))
        assert bench.up(one(size=1, tags={"k": "v"})).changes == []
        assert len(cloud.calls("create")) + len(cloud.calls("update")) == calls

        assert bench.up(one(size=2, tags={"k": "w"})).changes == [("update", "a")]
        assert cloud.objects()["thing-one"]["size"] == 2
        assert bench.record("a").outputs["revision"] == 2

        replaced = bench.up(one(size=2, region="there"), continue_on_error=False)
        assert ("create-replacement", "a") in replaced.changes
        assert cloud.calls("delete")

        assert not bench.destroy().errors
        assert cloud.objects() == {}
        assert bench.names == []

    def test_what_a_preview_says(self, name: str, cloud: Cloud) -> None:
        """§5.7 step 10, §8.10: planned values, unknown ones as such, and the program's own paths."""
        bench = bench_of(name, cloud)

        def body(size: Any) -> Any:
            return bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": size}))

        new = bench.preview(body(1))
        assert new.done("a").outputs["name"] == "one"
        assert contains_unknowns(new.done("a").outputs["revision"])
        assert "__terraform" not in new.done("a").outputs

        bench.up(body(1))
        changed = bench.preview(body(5))
        assert "size" in changed.step("a").detailed
        assert changed.done("a").outputs["size"] == 5
        noted = bench.program(
            lambda client: client.make("Thing", "a", {"name": "one", "size": 1, "note": UNKNOWN})
        )
        unknown = bench.preview(noted)
        assert unknown.changes == [("update", "a")]
        assert contains_unknowns(unknown.done("a").outputs["note"])

    def test_drift_is_found_and_repaired(self, name: str, cloud: Cloud) -> None:
        """§5.5."""
        bench = bench_of(name, cloud)
        program = bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": 9}))
        bench.up(program)
        cloud.drift("thing-one", size=4)

        bench.refresh()
        assert bench.record("a").outputs["size"] == 4
        assert bench.record("a").inputs["size"] == 4
        assert bench.up(program).changes == [("update", "a")]
        assert cloud.objects()["thing-one"]["size"] == 9

    def test_what_is_gone_is_made_again(self, name: str, cloud: Cloud) -> None:
        """§5.5: a null state says that the object is gone."""
        bench = bench_of(name, cloud)
        program = bench.program(lambda client: client.make("Thing", "a", {"name": "one"}))
        bench.up(program)
        cloud.vanish("thing-one")
        bench.refresh()
        assert bench.names == []
        assert bench.up(program).changes == [("create", "a")]

    def test_a_half_made_object_is_replaced(self, name: str, cloud: Cloud) -> None:
        """§5.11, §5.26: it is recorded, tainted, and made anew by the next run, also after a refresh."""
        bench = bench_of(name, cloud)
        program = bench.program(lambda client: client.make("Thing", "a", {"name": "one"}))
        cloud.fail(create="partial")
        failed = bench.up(program)
        assert any("half done" in line.lower() for line in failed.errors)
        assert bench.record("a").id == "thing-one"
        cloud.fail()
        bench.refresh()
        assert ("create-replacement", "a") in bench.up(program).changes
        assert bench.up(program).changes == []

    def test_a_half_done_update_is_recorded(self, name: str, cloud: Cloud) -> None:
        """§5.11: the partial state is kept, and the rest is an ordinary update."""
        bench = bench_of(name, cloud)

        def one(size: int) -> Any:
            return bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": size}))

        bench.up(one(1))
        cloud.fail(update="partial")
        failed = bench.up(one(2))
        assert any("half done" in line.lower() for line in failed.errors)
        cloud.fail()
        again = bench.up(one(2))
        assert ("create-replacement", "a") not in again.changes
        assert cloud.objects()["thing-one"]["size"] == 2
        assert bench.up(one(2)).changes == []

    def test_a_refused_create_leaves_nothing(self, name: str, cloud: Cloud) -> None:
        bench = bench_of(name, cloud)
        program = bench.program(lambda client: client.make("Thing", "a", {"name": "one"}))
        cloud.fail(create="error:no more room")
        assert any("no more room" in line for line in bench.up(program).errors)
        assert bench.names == []
        cloud.fail()
        assert bench.up(program).changes == [("create", "a")]

    def test_an_import_by_option(self, name: str, cloud: Cloud) -> None:
        """§5.14: adopted by id, and compared with the program."""
        bench = bench_of(name, cloud)
        bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": 3})))
        bench.records.clear()
        other = bench_of(name, cloud)
        program = other.program(
            lambda client: client.make("Thing", "b", {"name": "one", "size": 3}, import_id="thing-one")
        )
        ran = other.up(program)
        assert not ran.errors
        assert [step for step in ran.changes if step[0] != "create"] == [("import", "b")]
        assert other.record("b").outputs["size"] == 3
        assert len(cloud.calls("create")) == 1

    def test_what_exists_is_looked_at(self, name: str, cloud: Cloud) -> None:
        """§8.10: `get` reads by id alone; in the next run by what was recorded."""
        bench = bench_of(name, cloud)
        bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": 3})))
        other = bench_of(name, cloud)
        program = other.program(lambda client: client.look("Thing", "b", "thing-one"))
        assert not other.up(program).errors
        assert other.record("b").outputs["size"] == 3
        assert other.record("b").external
        assert not other.up(program).errors
        assert not other.refresh().errors
        assert not other.destroy().errors
        assert "thing-one" in cloud.objects()

    def test_existence(self, name: str, cloud: Cloud) -> None:
        """protocol.md §10.6: asked of a provider of the other family, nothing recorded."""
        bench = bench_of(name, cloud)
        bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": 3})))
        other = bench_of(name, cloud)
        found: list[bool | None] = []

        def program(client: TerraformClient) -> None:
            found.extend(client.is_there("Thing", id_) for id_ in ("thing-one", UNKNOWN_ID))
            if name == "vintage":
                found.append(client.is_there("Thing", "thing-none"))
            else:  # the newer framework fails when a type with identities finds nothing
                with pytest.raises(ProviderError, match="thing-none"):
                    client.is_there("Thing", "thing-none")

        assert not other.preview(other.program(program)).errors
        assert found == [True, None, *([False] if name == "vintage" else [])]
        assert other.names == []

    def test_state_of_the_bridge_is_taken_over(self, name: str, cloud: Cloud) -> None:
        """§9: without our record, its outputs and its `__meta` have to do."""
        bench = bench_of(name, cloud)
        program = bench.program(
            lambda client: client.make("Thing", "a", {"name": "one", "size": 3, "tags": {"k": "v"}})
        )
        bench.up(program)
        bench.refresh()
        version = {"vintage": "2", "modern": "1"}[name]
        meta = json.dumps({"schema_version": version})
        for key, state in list(bench.records.items()):
            if "__terraform" in state.outputs:
                outputs = {k: v for k, v in state.outputs.items() if k != "__terraform"} | {"__meta": meta}
                bench.records[key] = msgspec.structs.replace(state, outputs=outputs)
        assert not bench.refresh().errors
        assert "__terraform" in bench.record("a").outputs
        assert bench.up(program).changes == []
        assert not bench.destroy().errors
        assert cloud.objects() == {}

    def test_ignored_changes_stay(self, name: str, cloud: Cloud) -> None:
        """§5.7 step 2, also for the keys of a map."""
        bench = bench_of(name, cloud)

        def one(size: int, **tags: str) -> Any:
            inputs = {"name": "one", "size": size, "tags": tags}
            return bench.program(
                lambda client: client.make("Thing", "a", inputs, ignore_changes=("size", 'tags["k"]'))
            )

        bench.up(one(1, k="1", other="1"))
        assert bench.up(one(2, k="2", other="1")).changes == []
        assert bench.up(one(2, k="2", other="2")).changes == [("update", "a")]
        assert cloud.objects()["thing-one"]["size"] == 1
        assert cloud.objects()["thing-one"]["tags"] == {"k": "1", "other": "2"}

    def test_write_only_values_are_never_recorded(self, name: str, cloud: Cloud) -> None:
        """§5.23: they reach the provider and leave no trace, not even in an unchanged run."""
        bench = bench_of(name, cloud)
        program = bench.program(
            lambda client: client.make(
                "Thing", "a", {"name": "one", "secretWo": "hush-hush", "secretWoVersion": 1}
            )
        )
        first = bench.up(program)
        assert not first.errors
        told = cloud.calls("create")[0]
        assert told.get("secret") or told.get("secret_length") == 9
        assert "hush-hush" not in repr(reveal(bench.record("a").outputs))
        assert "hush-hush" not in repr(reveal(bench.record("a").inputs))
        assert all("hush-hush" not in repr(change) for change in first.journal.changes)
        again = bench.up(program)
        assert again.changes == []
        assert again.journal is not None
        assert again.journal.changes == []

    def test_secrets_are_secret(self, name: str, cloud: Cloud) -> None:
        """§8.14: sensitive attributes, and what was secret in the program; messages hide both."""
        bench = bench_of(name, cloud)
        program = bench.program(
            lambda client: client.make(
                "Thing", "a", {"name": "one", "token": "tell-nobody", "note": Secret("nor-this")}
            )
        )
        bench.up(program)
        outputs = bench.record("a").outputs
        assert contains_secrets(outputs["token"])
        assert contains_secrets(outputs["note"])
        assert contains_secrets(outputs["__terraform"])
        cloud.fail(update="error:it said nor-this and tell-nobody")
        changed = bench.program(
            lambda client: client.make(
                "Thing",
                "a",
                {"name": "one", "size": 2, "token": "tell-nobody", "note": Secret("nor-this")},
            )
        )
        said = "\n".join(bench.up(changed).errors)
        assert "it said [secret] and [secret]" in said

    def test_timeouts_are_inputs(self, name: str, cloud: Cloud) -> None:
        """§8.13: for the operations that the resource has; for others a warning."""
        bench = bench_of(name, cloud)
        program = bench.program(
            lambda client: client.make(
                "Thing", "a", {"name": "one"}, custom_timeouts=CustomTimeouts(create=90, update=60)
            )
        )
        ran = bench.up(program)
        assert cloud.calls("create")[0]["timeout"] == "1m30s"
        said = [line for line in warnings(ran) if "custom_timeouts" in line]
        assert len(said) == (0 if name == "vintage" else 1)
        assert bench.up(program).changes == []

    @pytest.mark.parametrize("op", ["configure", "create", "read", "update", "delete"])
    def test_a_crash_is_told_with_its_panic(self, name: str, op: str, cloud: Cloud) -> None:
        """§14.1: in whatever call; and nothing is forgotten, nor there twice afterwards."""
        bench = bench_of(name, cloud)

        def sized(size: int) -> Any:
            return bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": size}))

        if op in ("read", "update", "delete"):
            assert bench.up(sized(5)).errors == []
        cloud.fail(**{op: "panic"})
        ran = {"read": bench.refresh, "delete": bench.destroy}.get(op, lambda: bench.up(sized(6)))()
        said = "\n".join(ran.errors)
        assert f"the test wanted {op} of {name if op == 'configure' else 'one'} to panic" in said
        doing = "take its configuration" if op == "configure" else f"{op} a `{name}_thing`"
        assert f"ended with exit status 2 while it was to {doing}" in said
        # What it was about to change may have been changed: the next run looks.
        assert len(bench.pending) == (1 if op in ("create", "update", "delete") else 0)

        cloud.fail()
        again = bench.destroy() if op == "delete" else bench.up(sized(6))
        assert again.errors == []
        assert bench.pending == {}
        assert len(cloud.objects()) == (0 if op == "delete" else 1)

    def test_what_a_crashing_update_had_done_is_seen(self, name: str, cloud: Cloud) -> None:
        """The record is of before; going back to what it says changes the object back."""
        bench = bench_of(name, cloud)

        def noted(note: str) -> Any:
            return bench.program(lambda client: client.make("Thing", "a", {"name": "one", "note": note}))

        assert bench.up(noted("before")).errors == []
        (object_id,) = cloud.objects()
        cloud.fail(update="exit")
        assert "It printed nothing" in "\n".join(bench.up(noted("after")).errors)
        cloud.drift(object_id, note="after")
        cloud.fail()

        assert bench.up(noted("before")).changes == [("update", "a")]
        assert cloud.objects()[object_id]["note"] == "before"

    def test_what_is_deprecated_and_what_is_missing(self, name: str, cloud: Cloud) -> None:
        """§4.3, §8.6: warnings at the resource; a required input by its name."""
        bench = bench_of(name, cloud)
        ran = bench.up(
            bench.program(lambda client: client.make("Thing", "a", {"name": "one", "oldName": "x"}))
        )
        assert any("Use `note` instead" in line for line in warnings(ran))
        missing = bench.up(bench.program(lambda client: client.make("Thing", "b", {"size": 1})))
        assert any("property name has a problem" in line for line in missing.errors)

    def test_wrong_inputs_are_named(self, name: str, cloud: Cloud) -> None:
        """§8.6, §5.3: at the property that caused it, before anything is done."""
        bench = bench_of(name, cloud)
        ran = bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one", "size": 5000})))
        assert any("property size has a problem" in line for line in ran.errors)
        assert cloud.objects() == {}


@pytest.mark.parametrize(
    ("seconds", "text"), [(90, "90s"), (0.5, "0.5s"), (1_234_567, "1234567s"), (1e-9, "0.000000001s")]
)
def test_durations_as_go_writes_them(seconds: float, text: str) -> None:
    """§5.25."""
    assert _durations(CustomTimeouts(create=seconds)) == {"create": text}


def test_an_object_moves_between_providers(cloud: Cloud) -> None:
    """§5.15: an alias of another type, whose state the new provider takes over; nothing else is done."""
    bench = bench_of("vintage", cloud)
    bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one", "region": "there"})))
    modern = bench_of("modern", cloud)
    modern.records, modern.last_key = bench.records, bench.last_key
    program = modern.program(
        lambda client: client.make(
            "Thing",
            "a",
            {"name": "one", "region": "there"},
            aliases=(AliasSpec(type="vintage:index/thing:Thing"),),
        )
    )
    ran = modern.up(program)
    assert not ran.errors
    assert [op for op, name in ran.changes if name == "a"] in (["update"], [])
    assert len(cloud.calls("create")) == 1
    assert cloud.calls("delete") == []
    assert modern.record("a").type == "modern:index/thing:Thing"
    assert modern.raw("a")["id"] == "thing-one"
    assert modern.up(program).changes == []


class TestNaming:
    """§8.9: off unless the stack's configuration asks for it; then a name stays once it is made up."""

    def test_by_a_pattern(self, cloud: Cloud) -> None:
        bench = bench_of("modern", cloud)
        program = bench.program(lambda client: client.make("Thing", "a", {"size": 1}))
        assert any("property name has a problem" in line for line in bench.up(program).errors)
        bench.config = {"pulumi:autonaming": '{"pattern": "${name}-${hex(4)}"}'}
        assert not bench.up(program).errors
        made = bench.record("a").outputs["name"]
        assert made.startswith("a-")
        assert bench.record("a").inputs["__defaults"] == ["name"]
        assert bench.up(program).changes == []
        assert bench.record("a").outputs["name"] == made

    def test_where_names_are_never_made_up(self, cloud: Cloud) -> None:
        bench = bench_of("modern", cloud)
        bench.config = {"pulumi:autonaming": '{"mode": "disabled"}'}
        ran = bench.up(bench.program(lambda client: client.make("Thing", "a", {"size": 1})))
        assert any("this one is needed" in line for line in ran.errors)


class TestFunctions:
    def use(self, cloud: Cloud, body: Any) -> tuple[Bench, Any, Any]:
        bench = bench_of("modern", cloud)
        box: list[Any] = []
        ran = bench.up(bench.program(lambda client: box.append(body(client))))
        return bench, ran, box[0] if box else None

    def test_functions_of_the_provider(self, cloud: Cloud) -> None:
        """§5.19."""
        _, _, answer = self.use(
            cloud, lambda client: client.call("join", {"separator": "-", "parts": ["a", "b"]})
        )
        assert answer.value == {"result": "a-b"}

    def test_an_argument_at_fault(self, cloud: Cloud) -> None:
        _, _, answer = self.use(cloud, lambda client: client.call("refuse", {"first": "a", "second": "b"}))
        (failure,) = answer.failures
        assert (failure.property, failure.reason) == ("second", "the second is not wanted")

    def test_deprecated_ones_say_so(self, cloud: Cloud) -> None:
        _, ran, answer = self.use(cloud, lambda client: client.call("total", {"numbers": [1, 2.5]}))
        assert answer.value == {"result": 3.5}
        assert any("Add them up yourself" in line for line in warnings(ran))

    def test_data_sources(self, cloud: Cloud) -> None:
        """§5.17."""

        def body(client: TerraformClient) -> Any:
            client.make("Thing", "a", {"name": "one", "size": 4, "tags": {"k": "v"}})
            return client.call("getThing", {"name": "one"})

        _, ran, answer = self.use(cloud, body)
        assert not ran.errors
        assert answer.value["size"] == 4
        assert answer.value["tags"] == {"k": "v"}
        assert answer.value["place"] == {"region": "here"}

    def test_ephemeral_resources(self, cloud: Cloud) -> None:
        """§5.18: secret, never recorded, renewed, and closed at the end."""
        bench, ran, answer = self.use(
            cloud, lambda client: client.call("openTicket", {"audience": "you", "lifetime": 50})
        )
        assert not ran.errors
        assert all(isinstance(value, Secret) for value in answer.value.values())
        assert reveal(answer.value)["text"] == "ticket-for-you"
        assert "ticket-for-you" not in repr(reveal([state.outputs for state in bench.state]))
        assert len(cloud.calls("close")) == 1

    def test_lists(self, cloud: Cloud) -> None:
        """§5.20."""

        def body(client: TerraformClient) -> Any:
            client.make("Thing", "a", {"name": "one"})
            client.make("Thing", "b", {"name": "two"})
            return client.call("listThing", {"prefix": "t", "includeResource": True})

        _, ran, answer = self.use(cloud, body)
        assert not ran.errors
        (found,) = answer.value["results"]
        assert found["displayName"] == "The thing two"
        assert found["identity"] == {"name": "two", "region": "here"}
        assert found["resource"]["name"] == "two"

    def test_actions(self, cloud: Cloud) -> None:
        """§5.20: run when the program says so, never by a preview."""
        bench = bench_of("modern", cloud)

        def body(client: TerraformClient) -> Any:
            client.make("Thing", "a", {"name": "one"})
            return client.call("runTouch", {"name": "one", "times": 2})

        assert not bench.up(bench.program(body)).errors
        assert cloud.objects()["thing-one"]["revision"] == 3
        bench.preview(bench.program(body))
        assert cloud.objects()["thing-one"]["revision"] == 3


class TestConfiguration:
    def test_a_refused_configuration_fails_what_needs_it(self, cloud: Cloud) -> None:
        """§5.2: and the secret in it is not shown."""
        bench = bench_of("modern", cloud, password=Secret("wrong"))
        ran = bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one"})))
        assert any("The password is [secret]" in line for line in ran.errors)

    def test_nested_values_from_configuration(self, cloud: Cloud) -> None:
        """§8.15: JSON texts, as a stack's configuration holds them."""
        bench = bench_of("modern", cloud, limits='{"things": 3, "names": ["a"]}', endpoints='[{"url": "u"}]')
        ran = bench.up(bench.program(lambda client: client.make("Thing", "a", {"name": "one"})))
        assert not ran.errors

    def test_a_preview_without_a_configuration(self, cloud: Cloud) -> None:
        """§5.2: what the program says is known all the same, and is checked; nothing is configured."""
        bench = bench_of("modern", cloud, password=UNKNOWN)
        inputs = {"name": "one", "tags": {"k": "v"}, "secretWo": "hush", "secretWoVersion": 1}
        ran = bench.preview(bench.program(lambda client: client.make("Thing", "a", inputs)))
        assert not ran.errors
        outputs = ran.done("a").outputs
        assert outputs["name"] == "one"
        assert outputs["tags"] == {"k": "v"}
        assert contains_unknowns(outputs["revision"])
        assert "secretWo" not in outputs
        wrong = bench.preview(bench.program(lambda client: client.make("Thing", "a", {"size": 5000})))
        assert any("property size has a problem" in line for line in wrong.errors)
        assert cloud.calls() == []

    def test_a_default_provider(self, cloud: Cloud) -> None:
        """§8.15: from the stack's configuration, under the parameter that the package was announced with."""
        bench = bench_of("modern", cloud)
        bench.config = {"modern:path": str(cloud.folder), "modern:limits": '{"things": 2}'}

        def body(client: TerraformClient) -> None:
            client.make("Thing", "a", {"name": "one"}, provider="", package_ref=client.ref)

        program = bench.program(body)
        assert not bench.up(program).errors
        assert "default_1_0_0" in bench.record("a").provider
        assert bench.up(program).changes == []
        assert not bench.destroy().errors

    def test_one_process_for_one_configuration(self, cloud: Cloud) -> None:
        """§1.10: configured once, whatever is asked."""
        bench = bench_of("modern", cloud)

        def body(client: TerraformClient) -> None:
            for at in range(5):
                client.make("Thing", f"t{at}", {"name": f"t{at}"})

        bench.up(bench.program(body))
        assert len(cloud.calls("configure")) == 1
        assert len({call["process"] for call in cloud.calls()}) == 1

    def test_what_was_answered_before_is_not_asked_again(self, cloud: Cloud) -> None:
        """§5.3, §5.4: two calls for an unchanged object; a secret is never remembered."""

        def calls(**environ: str) -> Counter[str]:
            traffic = cloud.folder / "traffic.jsonl"
            traffic.unlink(missing_ok=True)
            bench.environ = {**environment, **environ, "STACKWRIGHT_TF_DEBUG_GRPC": str(traffic)}
            ran = bench.up(bench.program(body), refresh=True)
            assert ran.errors == []
            return Counter(
                json.loads(line)["method"].rpartition("/")[2] for line in traffic.read_text().splitlines()
            )

        def body(client: TerraformClient) -> None:
            for at in range(3):
                client.make(
                    "Thing", f"t{at}", {"name": f"t{at}", "token": Secret("hush") if at == 2 else None}
                )

        bench = bench_of("vintage", cloud)
        environment = bench.environ
        assert calls()["ValidateResourceTypeConfig"] == 3
        calls()  # a first look finds what the old SDK leaves out of what it made
        for _ in range(2):
            again = calls()
            assert again["ReadResource"] == again["PlanResourceChange"] == 3
            assert again["UpgradeResourceState"] == 1
            assert again["ValidateResourceTypeConfig"] == 1
        asked = calls(STACKWRIGHT_TF_ASK_ALWAYS="true")
        assert asked["UpgradeResourceState"] == asked["ValidateResourceTypeConfig"] == 3

    def test_nothing_is_configured_that_nobody_uses(self, cloud: Cloud) -> None:
        """§5.2: functions need no configuration."""
        bench = bench_of("modern", cloud)
        bench.up(bench.program(lambda client: client.call("join", {"separator": "", "parts": ["a"]})))
        assert cloud.calls("configure") == []
