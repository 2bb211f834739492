"""What every store promises of a journal: what is durable, in which order, and for whom."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import msgspec
import pytest
from support.stored import (
    CRYPTER,
    HOLDER,
    NAME,
    OTHER,
    PROVIDER,
    PROVIDER_ID,
    NumberedCrypter,
    change,
    key_of,
    names,
    opened,
    provider,
    root,
    run,
    thing,
    urn,
    write,
)

from stackwright.errors import StateError
from stackwright.goals import CustomTimeouts, HookKind, Parameterization
from stackwright.secrets import DecryptionError
from stackwright.state import (
    Change,
    EncryptedSecret,
    Key,
    LeaseHeldError,
    LeaseLostError,
    MemoryStore,
    OperationKind,
    ResourceState,
    SqliteStore,
    Store,
)
from stackwright.values import UNKNOWN, Archive, Asset, ResourceRef, Secret


class TestDurability:
    def test_what_was_awaited_is_there_for_others(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Once its awaitable is done a change is seen by whoever opens the store anew (rule 2)."""
        work = opened(store)

        async def main() -> None:
            await work.journal.commit(Change(put=((work.journal.new_key(), thing("a")),)))
            assert names(reopen().snapshot(NAME)) == ["a"]

        run(main)

    def test_a_begin_is_durable_before_it_is_done(self, store: Store, reopen: Callable[[], Store]) -> None:
        """An operation whose begin was awaited is pending for whoever looks (rule 1, E259)."""
        work = opened(store)

        async def main() -> None:
            number, durable = work.journal.begin(OperationKind.CREATING, thing("a"))
            await durable
            (pending,) = reopen().snapshot(NAME).pending
            assert (pending.number, pending.kind, pending.resource) == (
                number,
                OperationKind.CREATING,
                thing("a"),
            )
            assert not pending.uncertain

        run(main)

    def test_nothing_is_durable_within_the_turn(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Entries of one turn become durable together, after it (rule 4)."""
        work = opened(store)

        async def main() -> None:
            waiting = work.put(thing("a"), thing("b"))
            assert names(reopen().snapshot(NAME)) == []
            await waiting[0]
            assert waiting[1].done()  # type: ignore[attr-defined]
            assert names(reopen().snapshot(NAME)) == ["a", "b"]

        run(main)

    def test_flush_waits_for_all(self, store: Store) -> None:
        """Nothing that was handed over is open after a flush; a flush of nothing is fine."""
        work = opened(store)

        async def main() -> None:
            await work.journal.flush()
            waiting = work.put(thing("a"), thing("b"))
            await work.journal.flush()
            assert all(entry.done() for entry in waiting)  # type: ignore[attr-defined]

        run(main)
        assert names(store.snapshot(NAME)) == ["a", "b"]

    def test_an_entry_outlives_its_waiter(self, store: Store) -> None:
        """Cancelling whoever waits for an entry neither takes it back nor disturbs others."""
        work = opened(store)

        async def main() -> None:
            first, second = (asyncio.ensure_future(entry) for entry in work.put(thing("a"), thing("b")))
            first.cancel()
            await second
            with pytest.raises(asyncio.CancelledError):
                await first

        run(main)
        assert names(store.snapshot(NAME)) == ["a", "b"]

    def test_an_entry_is_what_was_meant_when_it_was_made(self, store: Store) -> None:
        """Values that change later do not change what is recorded."""
        work = opened(store)
        inputs = {"list": [1]}

        async def main() -> None:
            waiting = work.put(thing("a", inputs=inputs))
            inputs["list"].append(2)
            await waiting[0]

        run(main)
        assert store.snapshot(NAME).resources[0].inputs == {"list": [1]}

    def test_many_entries(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Thousands of entries in chains and in parallel end up as they should (folding included)."""
        work = opened(store)
        count = 3000

        async def one(number: int) -> None:
            operation, durable = work.journal.begin(OperationKind.CREATING, thing(str(number)))
            await durable
            key = work.journal.new_key()
            await work.journal.commit(Change(operation=operation, put=((key, thing(str(number))),)))
            if number % 3 == 0:
                await work.journal.commit(Change(remove=(key,)))

        async def main() -> None:
            await asyncio.gather(*(one(number) for number in range(count)))

        run(main)
        work.lease.release()
        found = reopen().snapshot(NAME)

        assert sorted(names(found), key=int) == [str(number) for number in range(count) if number % 3]
        assert found.pending == ()
        assert store.stacks()[0].resource_count == len(found.records)


class TestChanges:
    def test_a_record_keeps_its_place_under_its_key(self, store: Store) -> None:
        """A record put under a key that exists replaces it in place; under a new key it comes last."""
        write(store, thing("a"), thing("b"), thing("c"))
        changed = thing("b", inputs={"size": 2})
        change(store, Change(put=((key_of(store.snapshot(NAME), "b"), changed),)))
        write(store, thing("d"))

        assert names(store.snapshot(NAME)) == ["a", "b", "c", "d"]
        assert store.snapshot(NAME).resources[1] == changed

    def test_keys_are_never_used_again(self, store: Store) -> None:
        """A key belongs to one record for good, over runs and removals."""
        write(store, thing("a"), thing("b"))
        old = set(store.snapshot(NAME).records)
        change(store, Change(remove=tuple(old)))
        write(store, thing("c"))

        assert old.isdisjoint(store.snapshot(NAME).records)

    def test_records_may_share_a_urn(self, store: Store) -> None:
        """The old half of a replacement stays beside the new one, each under its key (E269)."""
        write(store, thing("a", id="old"))
        key = key_of(store.snapshot(NAME), "a")
        work = opened(store)

        async def main() -> None:
            await work.journal.commit(
                Change(
                    put=(
                        (key, thing("a", id="old", delete=True)),
                        (work.journal.new_key(), thing("a", id="new")),
                    )
                )
            )

        run(main)
        assert [(record.id, record.delete) for record in store.snapshot(NAME).resources] == [
            ("old", True),
            ("new", False),
        ]

    def test_removals_come_before_puts(self, store: Store) -> None:
        """A key that is removed and put in one change is there afterwards."""
        write(store, thing("a"))
        key = key_of(store.snapshot(NAME), "a")
        change(store, Change(remove=(key,), put=((key, thing("a", protect=True)),)))

        assert store.snapshot(NAME).resources == [thing("a", protect=True)]

    def test_removing_nothing_is_fine(self, store: Store) -> None:
        """A key without a record may be removed."""
        write(store, thing("a"))
        change(store, Change(remove=(Key(77),)))

        assert names(store.snapshot(NAME)) == ["a"]

    def test_references_follow_a_rename(self, store: Store) -> None:
        """Every reference to the old URN leads to the new one, in every record and operation (E268)."""
        old, new = urn("old"), urn("new")
        write(
            store,
            thing("old"),
            thing(
                "b",
                parent=old,
                dependencies=(urn("x"), old),
                property_dependencies={"p": (old,), "q": (urn("x"),)},
                deleted_with=old,
                replace_with=(old,),
                view_of=old,
                inputs={"text": old},
            ),
            thing("c"),
        )
        work = opened(store)
        key = key_of(store.snapshot(NAME), "old")

        async def main() -> None:
            _, durable = work.journal.begin(OperationKind.CREATING, thing("d", parent=old))
            await durable
            await work.journal.commit(Change(renames=((old, new),), put=((key, thing("new")),)))

        run(main)
        found = store.snapshot(NAME)
        b = found.resources[1]

        assert names(found) == ["new", "b", "c"]
        assert (b.parent, b.dependencies, b.deleted_with, b.replace_with, b.view_of) == (
            new,
            (urn("x"), new),
            new,
            (new,),
            new,
        )
        assert b.property_dependencies == {"p": (new,), "q": (urn("x"),)}
        assert b.inputs == {"text": old}  # a value is what the provider said
        assert found.pending[0].resource.parent == new

    def test_a_provider_can_be_renamed(self, store: Store) -> None:
        """Provider references keep their id when the provider's URN changes."""
        new = urn("main", "pulumi:providers:pkg")
        write(store, provider(), thing("a", provider=f"{PROVIDER}::{PROVIDER_ID}"))
        change(store, Change(renames=((PROVIDER, new),)))

        assert store.snapshot(NAME).resources[1].provider == f"{new}::{PROVIDER_ID}"

    def test_renames_apply_in_order(self, store: Store) -> None:
        """Two resources can swap names, and a rename sees records of the same turn."""
        a, b, middle = urn("a"), urn("b"), urn("t")
        write(store, thing("u", dependencies=(a,)), thing("v", dependencies=(b,)))
        change(store, Change(renames=((a, middle), (b, a), (middle, b))))

        assert [record.dependencies for record in store.snapshot(NAME).resources] == [(b,), (a,)]

    def test_extensions_are_replaced(self, store: Store) -> None:
        """The map of extensions is what the last change that had one said."""
        extension = Parameterization(name="x", version="1.0.0", value=b"\x00\xff")
        change_with = Change(extensions={"ref": extension})
        change(store, change_with, Change(put=((Key(50), thing("a")),)))

        assert store.snapshot(NAME).extensions == {"ref": extension}


class TestOperations:
    def test_a_commit_ends_its_operation(self, store: Store) -> None:
        """An operation is pending no more once a change says that it ended, whatever else it says."""
        work = opened(store)

        async def main() -> None:
            number, durable = work.journal.begin(OperationKind.UPDATING, thing("a"))
            await durable
            await work.journal.commit(Change(operation=number))

        run(main)
        assert store.snapshot(NAME).pending == ()

    def test_doubt_keeps_it_pending(self, store: Store) -> None:
        """An end that leaves open what happened keeps the operation, and says so (S5)."""
        work = opened(store)

        async def main() -> None:
            number, durable = work.journal.begin(OperationKind.CREATING, thing("a"))
            await durable
            await work.journal.commit(Change(operation=number, keep_pending=True))

        run(main)
        (pending,) = store.snapshot(NAME).pending
        assert pending.uncertain

    def test_a_later_run_settles_it(self, store: Store) -> None:
        """What an earlier run left pending is there until somebody settles it (S21)."""
        work = opened(store)

        async def interrupted() -> None:
            for name in ("a", "b"):
                _, durable = work.journal.begin(OperationKind.CREATING, thing(name))
                await durable

        run(interrupted)
        work.lease.release()
        first, second = store.snapshot(NAME).pending
        again = opened(store)

        async def settling() -> None:
            number, durable = again.journal.begin(OperationKind.READING, thing("c"))
            assert number not in {first.number, second.number}
            await durable
            await again.journal.commit(Change(operation=number, settle=(first.number,)))

        run(settling)
        assert store.snapshot(NAME).pending == (second,)


class TestFailures:
    def test_an_entry_that_cannot_be_written_ends_the_journal(self, store: Store) -> None:
        """A value without a stored form fails its entry and every later one: a journal has no holes."""
        work = opened(store)

        async def main() -> None:
            good, bad, after = work.put(thing("a"), thing("b", inputs={"x": {1, 2}}), thing("c"))
            with pytest.raises(StateError, match=r"inputs of `urn:pulumi:dev::shop::pkg:index:Thing::b`"):
                await bad
            with pytest.raises(StateError, match="set"):
                await after
            await good
            with pytest.raises(StateError, match="set"):
                await work.journal.flush()

        run(main)
        assert names(store.snapshot(NAME)) == ["a"]

    def test_a_journal_ends_with_its_lease(self, store: Store) -> None:
        """Entries made after the lease was given back are refused."""
        work = opened(store)
        work.lease.release()

        async def main() -> None:
            with pytest.raises(Exception, match="given back"):
                await work.put(thing("a"))[0]

        run(main)
        assert names(store.snapshot(NAME)) == []


class TestLeases:
    def test_one_at_a_time(self, store: Store) -> None:
        """A second one is refused, and told who, where and since when."""
        opened(store)

        with pytest.raises(LeaseHeldError, match=r"update by ada@here \(pid 1\), since 2026-01-02T03:04:05Z"):
            store.acquire(NAME, HOLDER)
        assert store.holder(NAME) == HOLDER

    def test_another_stack_is_free(self, store: Store) -> None:
        """A lease is for one stack."""
        opened(store)
        store.create(OTHER)

        store.acquire(OTHER, HOLDER).release()

    def test_tokens_grow(self, store: Store) -> None:
        """Every lease of a stack has a larger token than those before."""
        store.create(NAME)
        tokens = []
        for _ in range(3):
            lease = store.acquire(NAME, HOLDER)
            tokens.append(lease.token)
            lease.release()
            lease.release()

        assert tokens == sorted(set(tokens))
        assert store.holder(NAME) is None

    def test_whoever_lost_the_stack_cannot_write(self, store: Store) -> None:
        """After a takeover every write of the former holder fails; what it wrote before stays."""
        work = opened(store)

        async def main() -> None:
            await work.put(thing("a"))[0]
            store.cancel(NAME)
            successor = opened(store)
            with pytest.raises(LeaseLostError):
                await work.put(thing("b"))[0]
            with pytest.raises(LeaseLostError):
                await work.put(thing("c"))[0]
            await successor.put(thing("d"))[0]

        run(main)
        assert work.lease.lost
        assert names(store.snapshot(NAME)) == ["a", "d"]
        with pytest.raises(LeaseLostError):
            store.replace(NAME, store.snapshot(NAME), lease=work.lease, crypter=CRYPTER)

    def test_a_lost_lease_releases_nothing(self, store: Store) -> None:
        """Releasing a lease that was taken over leaves the successor's alone."""
        work = opened(store)
        store.cancel(NAME)
        store.acquire(NAME, HOLDER)
        work.lease.release()

        assert store.holder(NAME) == HOLDER

    def test_cancelling_nothing_is_fine(self, store: Store) -> None:
        """A stack that nobody works on can be cancelled without effect."""
        store.create(NAME)
        store.cancel(NAME)

        assert store.holder(NAME) is None


class TestSecrets:
    def test_no_secret_is_stored_in_plain(self, store: Store) -> None:
        """Without a crypter a secret reads as ciphertext; with it as it was."""
        write(store, thing("a", inputs={"password": Secret({"deep": ["hush"]})}))
        sealed = store.snapshot(NAME).resources[0].inputs["password"]

        assert isinstance(sealed.value, EncryptedSecret)
        assert "hush" not in sealed.value.ciphertext
        assert store.snapshot(NAME, crypter=CRYPTER).resources[0].inputs == {
            "password": Secret({"deep": ["hush"]})
        }

    def test_another_key_names_the_resource(self, store: Store) -> None:
        """A secret that cannot be decrypted is told by its resource."""
        write(store, thing("a"), thing("b", outputs={"password": Secret("x")}))

        with pytest.raises(DecryptionError, match="Thing::b"):
            store.snapshot(NAME, crypter=NumberedCrypter("other"))

    def test_an_unchanged_secret_keeps_its_ciphertext(self, store: Store) -> None:
        """A secret that went through a run unchanged is not encrypted anew (state.md §8.3)."""
        crypter = NumberedCrypter()
        write(store, thing("a", inputs={"password": Secret("x")}), crypter=crypter)
        before = store.snapshot(NAME).resources[0].inputs["password"]
        loaded = store.snapshot(NAME, crypter=crypter)
        ((key, record),) = loaded.records.items()
        change(store, Change(put=((key, record),)), crypter=crypter)

        assert store.snapshot(NAME).resources[0].inputs["password"] == before

    def test_equal_secrets_do_not_look_equal(self, store: Store) -> None:
        """Two secrets with one text have different ciphertexts: nobody learns that they are equal."""
        write(store, thing("a", inputs={"one": Secret("x"), "two": Secret("x")}))
        inputs = store.snapshot(NAME).resources[0].inputs

        assert inputs["one"] != inputs["two"]

    def test_reuse_can_be_turned_off(
        self, kind: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`DISABLE_SECRET_CACHE` encrypts every secret anew at each write (state.md §8.3)."""
        monkeypatch.setenv("PULUMI_DISABLE_SECRET_CACHE", "true")
        store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "other.db")
        crypter = NumberedCrypter()
        write(store, thing("a", inputs={"password": Secret("x")}), crypter=crypter)
        before = store.snapshot(NAME).resources[0].inputs["password"]
        ((key, record),) = store.snapshot(NAME, crypter=crypter).records.items()
        change(store, Change(put=((key, record),)), crypter=crypter)

        assert store.snapshot(NAME).resources[0].inputs["password"] != before
        store.close()

    def test_records_can_be_passed_on_without_the_key(self, store: Store) -> None:
        """What was read without a crypter can be put back without one (export, repair)."""
        write(store, thing("a", inputs={"password": Secret("x")}))
        sealed = store.snapshot(NAME)
        lease = store.acquire(NAME, HOLDER)
        store.replace(NAME, sealed, lease=lease)

        assert store.snapshot(NAME, crypter=CRYPTER).resources[0].inputs == {"password": Secret("x")}


EVERYTHING = ResourceState(
    urn=urn("all"),
    type="pkg:index:Thing",
    custom=True,
    id="id-1",
    inputs={
        "none": None,
        "bool": True,
        "int": 3,
        "big": 2**70,
        "float": 2.5,
        "text": "häß<&>\u2028\x00",
        "bytes": b"\xff\x00",
        "list": [1, [2, {}], []],
        "map": {"": "", "a.b": {"c": None}},
        "secret": Secret({"inner": Secret("x"), "asset": Asset(text="y")}),
        "unknown": UNKNOWN,
        "asset": Asset(path="./a", hash="00"),
        "empty asset": Asset(text=""),
        "placeholder": Asset(hash="ab"),
        "archive": Archive(assets={"a": Asset(text="z"), "b": Archive(uri="https://example.org/x.zip")}),
        "empty archive": Archive(assets={}),
        "reference": ResourceRef(urn=urn("r"), id="7", package_version="1.2.3"),
        "component": ResourceRef(urn=urn("c")),
        "infinite": float("inf"),
    },
    outputs={"x": 1},
    parent=urn("parent"),
    provider=f"{PROVIDER}::{PROVIDER_ID}",
    dependencies=(urn("d1"), urn("d2")),
    property_dependencies={"p": (urn("d1"),), "none": ()},
    delete=True,
    pending_replacement=True,
    protect=True,
    external=True,
    taint=True,
    init_errors=("one", "two"),
    additional_secret_outputs=("x",),
    custom_timeouts=CustomTimeouts(create=60, update=1.5, delete=0, read=7),
    import_id="imp",
    retain_on_delete=True,
    deleted_with=urn("dw"),
    replace_with=(urn("rw"),),
    created="2026-01-02T03:04:05.000000006Z",
    modified="2026-01-02T03:04:06.000000007Z",
    source_position="project:///a.py#3,4",
    stack_trace=("project:///a.py#3", "project:///b.py#4"),
    ignore_changes=("a.b", "c[0]"),
    hide_diffs=(("a", 0, "b"), ("c",)),
    replace_on_changes=("*",),
    replacement_trigger={"v": Secret(1)},
    refresh_before_update=True,
    view_of=urn("v"),
    hooks={HookKind.BEFORE_CREATE: ("one",), HookKind.ON_ERROR: ("two", "three")},
    extension_ref="ext",
    snippet_id="sn",
)


class TestRecords:
    def test_every_field_comes_back(self, store: Store) -> None:
        """A record with every field set reads as it was written (E17)."""
        write(store, EVERYTHING)

        assert store.snapshot(NAME, crypter=CRYPTER).resources == [EVERYTHING]

    def test_a_bare_record_comes_back(self, store: Store) -> None:
        """A record with nothing set but what it must have reads as it was written."""
        bare = ResourceState(urn=urn("bare"), type="comp", custom=False)
        write(store, bare)

        assert store.snapshot(NAME).resources == [bare]

    def test_order_is_restored_when_it_must(self, store: Store) -> None:
        """A record that came to depend on a later one is moved behind it; others stay (E274)."""
        write(store, thing("a"), thing("b"), thing("c"), thing("d"))
        keys = list(store.snapshot(NAME).records)
        change(store, Change(put=((keys[0], thing("a", dependencies=(urn("c"),))),)))

        assert names(store.snapshot(NAME)) == ["c", "a", "b", "d"]

    def test_circles_do_not_stop_reading(self, store: Store) -> None:
        """Records that refer to each other in a circle are all there, so that they can be repaired."""
        write(store, thing("a", dependencies=(urn("b"),)), thing("b", dependencies=(urn("a"),)), thing("c"))

        assert sorted(names(store.snapshot(NAME))) == ["a", "b", "c"]


class TestOutputs:
    def test_outputs_of_the_stack(self, store: Store) -> None:
        """The stack's outputs are those of its own resource; secrets stay sealed without a crypter."""
        write(store, root(outputs={"size": 3, "password": Secret("x")}), thing("a"))

        assert store.outputs(NAME, crypter=CRYPTER) == {"size": 3, "password": Secret("x")}
        assert isinstance(store.outputs(NAME)["password"].value, EncryptedSecret)

    def test_a_root_of_any_name(self, store: Store) -> None:
        """The stack's own resource is known by its type alone (E8)."""
        own = ResourceState(
            urn=urn("whatever", "pulumi:pulumi:Stack"),
            type="pulumi:pulumi:Stack",
            custom=False,
            outputs={"a": 1},
        )
        write(store, own)

        assert store.outputs(NAME) == {"a": 1}


class TestReplace:
    def test_all_is_replaced_at_once(self, store: Store) -> None:
        """An import puts records, operations and everything else in place of what was there."""
        write(store, thing("old"), thing("older"))
        lease = store.acquire(NAME, HOLDER)
        snapshot = store.snapshot(NAME)
        records = {Key(2): thing("x"), Key(1): thing("y", dependencies=(urn("x"),), inputs={"s": Secret(1)})}
        imported = msgspec.structs.replace(
            snapshot,
            records=records,
            metadata={"note": 1},
            snippets=({"uuid": "u", "name": "n"},),
            extensions={"e": Parameterization(name="x", version="1", value=b"v")},
        )
        store.replace(NAME, imported, lease=lease, crypter=CRYPTER)
        found = store.snapshot(NAME, crypter=CRYPTER)

        assert found.resources == [thing("x"), thing("y", dependencies=(urn("x"),), inputs={"s": Secret(1)})]
        assert (found.metadata, found.snippets, found.extensions) == (
            imported.metadata,
            imported.snippets,
            imported.extensions,
        )
        assert store.stacks()[0].resource_count == 2

    def test_keys_go_on_after_a_replacement(self, store: Store) -> None:
        """Keys of what was replaced are not given again."""
        write(store, thing("a"), thing("b"))
        old = set(store.snapshot(NAME).records)
        lease = store.acquire(NAME, HOLDER)
        store.replace(NAME, store.snapshot(NAME), lease=lease, crypter=CRYPTER)

        assert old.isdisjoint(store.snapshot(NAME).records)

    def test_the_writer_is_told(self, store: Store) -> None:
        """Whoever wrote last stands in the manifest, and its magic proves the version (state.md §7.2)."""
        write(store, thing("a"))
        manifest = store.snapshot(NAME).manifest

        assert manifest.version.startswith("v")
        assert manifest.magic == hashlib.sha256(manifest.version.encode()).hexdigest()
        assert manifest.time.endswith("Z")
