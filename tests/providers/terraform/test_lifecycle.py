"""The life of a resource against a scripted provider: tables of terraform.md §5.4, §5.7, §5.9-5.16, §6."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from support.terraform_schemas import block, blocks, computed, free, optional, required

from stackwright.providers.terraform import (
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    Answer,
    Applied,
    AttributeName,
    DeferredReason,
    IdentityAttribute,
    IdentitySchema,
    Imported,
    ImportedResource,
    Moved,
    Nesting,
    Planned,
    ReadState,
    Schema,
    TfDiagnostic,
    TfSeverity,
    UpgradedIdentity,
    UpgradedState,
)
from stackwright.providers.terraform._lifecycle import (
    Ignored,
    Lifecycle,
    ObjectState,
    PlannedAction,
    RefusedError,
    ResourcePlan,
    ResourceType,
    applied_outcome,
    destroyed_outcome,
)
from stackwright.providers.terraform._stored import StoredObject, parse_stored, stored_text, with_stored
from stackwright.values import Secret

BLOCK = block(
    required("name"),
    optional("size", type=NUMBER),
    free("region"),
    computed("id"),
    optional("wo", write_only=True),
    b=blocks(Nesting.LIST, optional("x")),
)
IDENTITY = IdentitySchema(2, {"name": IdentityAttribute(name="name", type=STRING, required_for_import=True)})
KIND = ResourceType(name="fake_thing", schema=Schema(3, BLOCK), identity=IDENTITY)
ADDRESS = "registry.terraform.io/acme/fake"

ERROR = TfDiagnostic(summary="no")
WARNING = TfDiagnostic(summary="hm", severity=TfSeverity.WARNING)


def value(**given: Any) -> dict[str, Any]:
    return {"name": "n", "size": None, "region": None, "id": None, "wo": None, "b": [], **given}


def there(**given: Any) -> ObjectState:
    return ObjectState(value=value(id="i", region="here", **given), private=b"p", identity={"name": "n"})


class Scripted:
    """A client that answers what a test says, and remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, call: str) -> Callable[..., Any]:
        async def answer(*places: Any, **named: Any) -> Any:
            self.asked.append((call, {"places": places, **named}))
            given = self.answers[call]
            return given(*places, **named) if callable(given) else given

        return answer


def life(
    client: Scripted, *, plans_destroys: bool = True, moves: bool = True, trusts_records: bool = False
) -> Lifecycle:
    return Lifecycle(
        client,  # type: ignore[arg-type]
        address=ADDRESS,
        version="1.2.3",
        plans_destroys=plans_destroys,
        moves=moves,
        trusts_records=trusts_records,
    )


def stored(**changes: Any) -> StoredObject:
    given: dict[str, Any] = {
        "provider": ADDRESS,
        "type": "fake_thing",
        "schema_version": 3,
        "state": msgspec.Raw(b'{"name":"n","gone":1}'),
        "private": b"p",
        **changes,
    }
    return StoredObject(**given)


class TestRecords:
    def test_nothing_is_lost(self) -> None:
        """§9: to the last digit."""
        kind = ResourceType(name="t", schema=Schema(1, block(optional("n", type=NUMBER), optional("s"))))
        state = ObjectState(value={"n": 2**70 + 1, "s": None}, private=b"\x00\xff", tainted=True)
        record = life(Scripted()).stored(kind, state)
        outputs = with_stored({"n": 1.0}, record, secret=False)
        text = stored_text(outputs)
        assert text is not None
        assert parse_stored(text) == record
        assert json.loads(text)["state"] == {"n": 2**70 + 1, "s": None}
        assert base64.b64decode(json.loads(text)["private"]) == b"\x00\xff"
        assert record.tainted

    def test_what_is_secret_is_sealed(self) -> None:
        outputs = with_stored({}, stored(), secret=True)
        assert isinstance(outputs["__terraform"], Secret)
        assert stored_text(outputs) is not None


class TestLoading:
    """§5.4, §5.15, §5.16."""

    def load(self, client: Scripted, record: StoredObject, **more: Any) -> ObjectState:
        return asyncio.run(life(client, **more).load(KIND, record))

    def test_the_same_version_is_stripped_first(self) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        loaded = self.load(client, stored())
        assert client.asked == [("upgrade_state", {"places": ("fake_thing", 3, b'{"name":"n"}')})]
        assert loaded == ObjectState(value=value(), private=b"p")

    def test_an_older_one_is_sent_as_it_is(self) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        self.load(client, stored(schema_version=1))
        assert client.asked[0][1]["places"] == ("fake_thing", 1, b'{"name":"n","gone":1}')

    def test_a_newer_one_is_refused(self) -> None:
        client = Scripted()
        with pytest.raises(RefusedError, match="newer version") as caught:
            self.load(client, stored(schema_version=4, provider_version="9.9.9"))
        assert "9.9.9" in caught.value.diagnostics[0].detail
        assert client.asked == []

    def test_taint_and_identity_stay(self) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        loaded = self.load(client, stored(tainted=True, identity='{"name":"n"}', identity_version=2))
        assert loaded.tainted
        assert loaded.identity == {"name": "n"}

    @pytest.mark.parametrize(("answered", "asked"), [(value(), 1), (value(size=1), 3)])
    def test_what_this_version_recorded_is_asked_for_once(self, answered: Any, asked: int) -> None:
        """§5.4: unless the provider does make something else of it."""
        client = Scripted(upgrade_state=UpgradedState(state=answered))
        lifecycle = life(client, trusts_records=True)

        async def load() -> list[ObjectState]:
            record = stored(provider_version="1.2.3", state=msgspec.Raw(b'{"name":"n"}'))
            return await asyncio.gather(*(lifecycle.load(KIND, record) for _ in range(3)))

        assert asyncio.run(load()) == [ObjectState(value=answered, private=b"p")] * 3
        assert len(client.asked) == asked

    def test_a_failed_proof_proves_nothing(self) -> None:
        answers = iter([UpgradedState(diagnostics=(ERROR,)), *[UpgradedState(state=value())] * 2])
        client = Scripted(upgrade_state=lambda *_: next(answers))
        lifecycle = life(client, trusts_records=True)

        async def load() -> list[Any]:
            records = [stored(provider_version="1.2.3")] * 3
            return await asyncio.gather(
                *(lifecycle.load(KIND, each) for each in records), return_exceptions=True
            )

        refused, *loaded = asyncio.run(load())
        assert isinstance(refused, RefusedError)
        assert loaded == [ObjectState(value=value(), private=b"p")] * 2

    @pytest.mark.parametrize(
        "record",
        [
            stored(),
            stored(provider_version="1.2.2"),
            stored(provider_version="1.2.3", schema_version=2),
            stored(provider_version="1.2.3"),  # what it holds does not fit the schema
        ],
    )
    def test_what_others_recorded_is_always_asked_for(self, record: StoredObject) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        lifecycle = life(client, trusts_records=True)

        async def load() -> None:
            for _ in range(3):
                await lifecycle.load(KIND, record)

        asyncio.run(load())
        assert len(client.asked) == 3

    def test_values_with_types_of_their_own_are_always_asked_for(self) -> None:
        """Such providers may work the type out of what there is elsewhere."""
        kind = ResourceType(name="fake_thing", schema=Schema(3, block(optional("any", type=DYNAMIC))))
        client = Scripted(upgrade_state=UpgradedState(state={"any": None}))
        lifecycle = life(client, trusts_records=True)

        async def load() -> None:
            for _ in range(3):
                await lifecycle.load(
                    kind, stored(provider_version="1.2.3", state=msgspec.Raw(b'{"any":null}'))
                )

        asyncio.run(load())
        assert len(client.asked) == 3

    def test_an_older_identity_is_upgraded(self) -> None:
        client = Scripted(
            upgrade_state=UpgradedState(state=value()),
            upgrade_identity=UpgradedIdentity(identity={"name": "new"}),
        )
        loaded = self.load(client, stored(identity='{"n":1}', identity_version=1))
        assert loaded.identity == {"name": "new"}
        assert client.asked[1] == ("upgrade_identity", {"places": ("fake_thing", 1, b'{"n":1}')})

    def test_a_newer_identity_is_refused(self) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        with pytest.raises(RefusedError, match="newer version"):
            self.load(client, stored(identity='{"name":"n"}', identity_version=3))

    @pytest.mark.parametrize(
        "record", [stored(type="other_thing"), stored(provider="registry.terraform.io/x/fake")]
    )
    def test_another_type_is_moved(self, record: StoredObject) -> None:
        client = Scripted(move_state=Moved(state=value(), private=b"q"))
        loaded = self.load(client, record)
        assert loaded == ObjectState(value=value(), private=b"q")
        (call, asked) = client.asked[0]
        assert call == "move_state"
        assert asked["source_type"] == record.type
        assert asked["source_json"] == b'{"name":"n","gone":1}'  # not stripped
        with pytest.raises(RefusedError, match="cannot become"):
            self.load(Scripted(), record, moves=False)

    def test_another_registry_makes_no_other_provider(self) -> None:
        client = Scripted(upgrade_state=UpgradedState(state=value()))
        self.load(client, stored(provider="registry.opentofu.org/acme/fake"))
        assert client.asked[0][0] == "upgrade_state"


class TestPlanning:
    def plan(self, answer: Planned, prior: ObjectState | None, config: Any, **more: Any) -> ResourcePlan:
        self.client = Scripted(plan=answer)
        return asyncio.run(life(self.client).plan(KIND, prior, config, **more))

    TABLE = [
        ("create", None, value(region=UNKNOWN, id=UNKNOWN), (), PlannedAction.CREATE),
        ("nothing", there(), value(id="i", region="here"), (), PlannedAction.NONE),
        ("update", there(size=1), value(id="i", region="here"), (), PlannedAction.UPDATE),
        ("unknown", there(), value(id="i", region=UNKNOWN), (), PlannedAction.UPDATE),
        ("replace", there(), value(id="i", region=UNKNOWN), ("region",), PlannedAction.REPLACE),
        (
            "replace for nothing",
            there(size=1),
            value(id="i", region="here"),
            ("region",),
            PlannedAction.UPDATE,
        ),
        ("nothing to replace for", there(), value(id="i", region="here"), ("region",), PlannedAction.NONE),
        ("write-only", there(), value(id="i", region="here"), ("wo",), PlannedAction.REPLACE),
        ("replace on create", None, value(region=UNKNOWN, id=UNKNOWN), ("region",), PlannedAction.CREATE),
    ]

    @pytest.mark.parametrize(("name", "prior", "planned", "replace", "expected"), TABLE)
    def test_what_a_plan_comes_to(
        self, name: str, prior: Any, planned: Any, replace: Any, expected: PlannedAction
    ) -> None:
        """§5.7 step 9."""
        paths = tuple((AttributeName(each),) for each in replace)
        made = self.plan(Planned(state=planned, requires_replace=paths), prior, value())
        assert made.action is expected, name

    def test_a_tainted_object_is_planned_anew(self) -> None:
        """§5.26."""
        tainted = msgspec.structs.replace(there(), tainted=True)
        made = self.plan(Planned(state=value(region=UNKNOWN, id=UNKNOWN)), tainted, value())
        assert made.action is PlannedAction.REPLACE
        asked = self.client.asked[0][1]
        assert (asked["prior"], asked["private"], asked["identity"]) == (None, b"", None)

    def test_an_invalid_plan_is_the_providers_fault(self) -> None:
        """§5.8: unless it is of the old SDK."""
        wrong = Planned(state=value(name="other", id="i", region="here"))
        with pytest.raises(RefusedError, match="invalid plan"):
            self.plan(wrong, there(), value())
        made = self.plan(msgspec.structs.replace(wrong, legacy=True), there(), value())
        assert made.action is PlannedAction.UPDATE

    def test_a_planned_write_only_value_is_refused(self) -> None:
        with pytest.raises(RefusedError, match="write-only"):
            self.plan(Planned(state=value(wo="s", id="i", region="here")), there(), value(wo="s"))

    def test_it_was_not_offered_to_wait(self) -> None:
        """§5.21."""
        with pytest.raises(RefusedError, match="deferred"):
            self.plan(Planned(state=value(), deferred=DeferredReason.UNKNOWN), None, value())

    WRITTEN = '{"a": [1, true]}'

    @pytest.mark.parametrize(
        ("recorded", "wanted", "planned", "expected"),
        [
            (WRITTEN, WRITTEN, '{"a":[1,true]}', PlannedAction.NONE),
            ('{"a":[1,true]}', WRITTEN, WRITTEN, PlannedAction.UPDATE),
            (WRITTEN, WRITTEN, '{"a":[1,1]}', PlannedAction.UPDATE),
            (WRITTEN, WRITTEN, "a", PlannedAction.UPDATE),
            ("1", "1", "1.0", PlannedAction.UPDATE),
        ],
    )
    def test_a_document_that_only_its_provider_writes_differently(
        self, recorded: str, wanted: str, planned: str, expected: PlannedAction
    ) -> None:
        """§10 item 26: no change where the program's very text is recorded; from old SDKs only."""
        answer = Planned(
            state=value(id="i", region=planned),
            legacy=True,
        )
        prior = ObjectState(value=value(id="i", region=recorded))
        assert self.plan(answer, prior, value(region=wanted)).action is expected
        within = ObjectState(value=value(id="i", b=[{"x": recorded}]))
        nested = msgspec.structs.replace(answer, state=value(id="i", b=[{"x": planned}]))
        assert self.plan(nested, within, value(b=[{"x": wanted}])).action is expected

    def test_ignored_changes_go_into_the_configuration(self) -> None:
        made = self.plan(
            Planned(state=value(id="i", region="here", size=1)),
            there(size=1),
            value(size=2),
            ignored=Ignored(((AttributeName("size"),),)),
        )
        assert self.client.asked[0][1]["config"]["size"] == 1
        assert made.action is PlannedAction.NONE

    def test_an_old_provider_is_told_twice(self) -> None:
        """§5.7 step 7."""
        stubborn = Planned(state=value(id="i", region="here", size=2), legacy=True)
        ignored = Ignored(((AttributeName("size"),),))
        assert self.plan(stubborn, there(size=1), value(size=2), ignored=ignored).action is PlannedAction.NONE
        everything = Ignored(all=True)
        assert (
            self.plan(stubborn, there(size=1), value(size=2), ignored=everything).planned
            == there(size=1).value
        )

    def test_warnings_are_kept(self) -> None:
        made = self.plan(Planned(state=value(id=UNKNOWN), diagnostics=(WARNING,)), None, value())
        assert made.warnings == (WARNING,)


def a_plan(prior: ObjectState | None, planned: Any) -> ResourcePlan:
    action = PlannedAction.CREATE if prior is None else PlannedAction.UPDATE
    return ResourcePlan(action=action, prior=prior, config=value(), planned=planned)


PLANNED = value(id=UNKNOWN, region=UNKNOWN)
MADE = value(id="i", region="here")


class TestOutcomes:
    """The table of §5.11."""

    def test_all_is_well(self) -> None:
        outcome = applied_outcome(KIND, a_plan(None, PLANNED), Applied(state=MADE, private=b"q"))
        assert outcome.errors == ()
        assert outcome.state == ObjectState(value=MADE, private=b"q")

    def test_nothing_came_and_no_error(self) -> None:
        outcome = applied_outcome(KIND, a_plan(None, PLANNED), Applied())
        assert outcome.state is None
        assert "inconsistent result" in outcome.errors[0].summary

    @pytest.mark.parametrize("prior", [None, there()])
    def test_an_error_and_something(self, prior: Any) -> None:
        """It is recorded, and tainted if it was to be created."""
        answer = Applied(state=MADE, private=b"q", diagnostics=(ERROR, WARNING))
        outcome = applied_outcome(KIND, a_plan(prior, PLANNED), answer)
        assert outcome.state is not None
        assert outcome.state.value == MADE
        assert outcome.state.private == b"q"
        assert outcome.state.tainted is (prior is None)
        assert outcome.errors == (ERROR,)
        assert outcome.warnings == (WARNING,)

    @pytest.mark.parametrize("prior", [None, there()])
    def test_an_error_and_nothing(self, prior: Any) -> None:
        outcome = applied_outcome(KIND, a_plan(prior, PLANNED), Applied(diagnostics=(ERROR,)))
        assert outcome.state == prior
        assert not outcome.changed

    def test_unknowns_are_errors_and_recorded_as_null(self) -> None:
        answer = Applied(state=value(id="i", region=UNKNOWN))
        outcome = applied_outcome(KIND, a_plan(None, PLANNED), answer)
        assert outcome.state is not None
        assert outcome.state.value["region"] is None
        assert "unknown" in outcome.errors[0].detail

    def test_another_result_than_planned(self) -> None:
        """§5.12: recorded either way, tolerated from the old SDK."""
        answer = Applied(state=value(id="i", region="here", size=2))
        outcome = applied_outcome(KIND, a_plan(there(), PLANNED), answer)
        assert outcome.state is not None
        assert outcome.state.value["size"] == 2
        assert "inconsistent result" in outcome.errors[0].summary
        tolerated = applied_outcome(
            KIND, a_plan(there(), PLANNED), msgspec.structs.replace(answer, legacy=True)
        )
        assert tolerated.errors == ()

    def test_write_only_values_are_not_kept(self) -> None:
        answer = Applied(state=value(id="i", region="here", wo="secret"), legacy=True)
        outcome = applied_outcome(KIND, a_plan(None, PLANNED), answer)
        assert outcome.state is not None
        assert outcome.state.value["wo"] is None
        assert "secret" not in repr(outcome.errors)

    def test_identity_is_kept_if_none_comes(self) -> None:
        outcome = applied_outcome(KIND, a_plan(there(), PLANNED), Applied(state=MADE))
        assert outcome.state is not None
        assert outcome.state.identity == {"name": "n"}

    DESTROYED = [
        ("gone", Applied(), None, 0),
        ("still there", Applied(state=MADE), value(id="i", region="here"), 1),
        ("an error", Applied(diagnostics=(ERROR,)), there().value, 1),
        ("an error, and less", Applied(state=value(id="i"), diagnostics=(ERROR,)), value(id="i"), 1),
    ]

    @pytest.mark.parametrize(("name", "answer", "left", "errors"), DESTROYED)
    def test_destructions(self, name: str, answer: Applied, left: Any, errors: int) -> None:
        outcome = destroyed_outcome(KIND, there(), answer)
        assert (outcome.state.value if outcome.state else None) == left, name
        assert len(outcome.errors) == errors


class TestApplying:
    def test_nothing_to_do_calls_nobody(self) -> None:
        client = Scripted()
        plan = msgspec.structs.replace(a_plan(there(), MADE), action=PlannedAction.NONE)
        outcome = asyncio.run(life(client).apply(KIND, plan))
        assert client.asked == []
        assert not outcome.changed

    def test_the_plan_goes_back_verbatim(self) -> None:
        """§5.5.1: whatever it looks like."""
        client = Scripted(apply=Applied(state=MADE))
        odd = value(id=UNKNOWN, region=UNKNOWN, b=None)
        plan = msgspec.structs.replace(a_plan(None, odd), private=b"pp", identity={"name": "n"}, legacy=True)
        asyncio.run(life(client).apply(KIND, plan))
        asked = client.asked[0][1]
        assert asked["planned"] is odd
        assert (asked["private"], asked["identity"], asked["prior"]) == (b"pp", {"name": "n"}, None)

    def test_what_is_not_known_is_not_applied(self) -> None:
        plan = msgspec.structs.replace(a_plan(None, PLANNED), config=value(size=UNKNOWN))
        with pytest.raises(RefusedError, match="not known"):
            asyncio.run(life(Scripted()).apply(KIND, plan))

    def test_a_destruction_is_planned_where_the_provider_can(self) -> None:
        """§5.13."""
        client = Scripted(plan=Planned(private=b"pp"), apply=Applied())
        asyncio.run(life(client).destroy(KIND, there()))
        plan, apply = client.asked
        assert plan[1]["proposed"] is None
        assert plan[1]["config"] is None
        assert apply[1]["private"] == b"pp"
        assert apply[1]["planned"] is None
        without = Scripted(apply=Applied())
        asyncio.run(life(without, plans_destroys=False).destroy(KIND, there()))
        assert [call for call, _ in without.asked] == ["apply"]
        assert without.asked[0][1]["private"] == b"p"

    def test_a_destruction_that_plans_an_object_is_refused(self) -> None:
        client = Scripted(plan=Planned(state=MADE))
        with pytest.raises(RefusedError, match="invalid plan"):
            asyncio.run(life(client).destroy(KIND, there()))


class TestLooking:
    """§5.5, §5.14."""

    def test_a_refresh(self) -> None:
        client = Scripted(read=ReadState(state=value(id="i", b=None), private=b"q", diagnostics=(WARNING,)))
        found, warnings = asyncio.run(life(client).refresh(KIND, there()))
        assert found == ObjectState(value=value(id="i"), private=b"q", identity={"name": "n"})
        assert warnings == (WARNING,)

    def test_what_differs_in_nothing_is_the_same_object(self) -> None:
        before = there()
        same = Scripted(read=ReadState(state=before.value, private=before.private))
        assert asyncio.run(life(same).refresh(KIND, before))[0] is before

        noted = Scripted(read=ReadState(state=before.value, private=b"another"))
        assert asyncio.run(life(noted).refresh(KIND, before))[0] == ObjectState(
            value=before.value, private=b"another", identity=before.identity
        )

    def test_what_is_imported_is_looked_at_even_if_it_is_read_unchanged(self) -> None:
        """Only a record was looked at before."""
        state = value(id=UNKNOWN)
        stub = ImportedResource(type="fake_thing", state=state)
        client = Scripted(import_state=Imported(resources=(stub,)), read=ReadState(state=state))
        with pytest.raises(RefusedError, match="unknown"):
            asyncio.run(life(client).import_object(KIND, id="i"))

    def test_it_is_gone(self) -> None:
        assert asyncio.run(life(Scripted(read=ReadState())).refresh(KIND, there()))[0] is None

    def test_an_error_says_nothing_about_it(self) -> None:
        with pytest.raises(RefusedError):
            asyncio.run(life(Scripted(read=ReadState(diagnostics=(ERROR,)))).refresh(KIND, there()))

    def test_an_import(self) -> None:
        stub = ImportedResource(type="fake_thing", state=value(id="i"), private=b"s")
        client = Scripted(
            import_state=Imported(resources=(stub,)), read=ReadState(state=value(id="i"), private=b"r")
        )
        found, _ = asyncio.run(life(client).import_object(KIND, id="i"))
        assert found == ObjectState(value=value(id="i"), private=b"r")
        assert client.asked[1][1]["private"] == b"s"

    @pytest.mark.parametrize("types", [(), ("fake_thing", "fake_thing"), ("other",)])
    def test_an_import_of_anything_else(self, types: Any) -> None:
        stubs = tuple(ImportedResource(type=each, state=value()) for each in types)
        with pytest.raises(RefusedError, match="exactly one"):
            asyncio.run(life(Scripted(import_state=Imported(resources=stubs))).import_object(KIND, id="i"))


def test_validation_is_an_answer_like_others() -> None:
    assert not Answer(diagnostics=(WARNING,)).failed
