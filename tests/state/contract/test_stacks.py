"""What every store promises of stacks: names, lists, tags, history, the end of a stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.stored import (
    CRYPTER,
    HOLDER,
    NAME,
    OTHER,
    ROOT,
    change,
    names,
    opened,
    provider,
    root,
    thing,
    write,
)

from stackwright.secrets import SecretsProvider
from stackwright.state import (
    LeaseHeldError,
    LeaseLostError,
    Snapshot,
    StackExistsError,
    StackName,
    StackNotEmptyError,
    StackNotFoundError,
    Store,
    UpdateRecord,
)
from stackwright.values import ResourceRef, Secret


def update(message: str = "", *, end_time: int = 1_700_000_060) -> UpdateRecord:
    return UpdateRecord(
        kind="update",
        start_time=1_700_000_000,
        end_time=end_time,
        result="succeeded",
        message=message,
        resource_changes={"create": 2},
        environment={"exec.kind": "cli"},
        config={"shop:size": {"value": "3", "secret": False}},
    )


class TestCreate:
    def test_a_new_stack_is_empty(self, store: Store) -> None:
        """A stack that was just made has no resources, no outputs, no history and no operations."""
        store.create(NAME)

        assert store.exists(NAME)
        assert store.snapshot(NAME) == Snapshot()
        assert store.outputs(NAME) == {}
        assert store.history(NAME) == []

    def test_a_name_is_taken_once(self, store: Store) -> None:
        """A second stack of the same name is refused and leaves the first as it is."""
        store.create(NAME, tags={"a": "1"})

        with pytest.raises(StackExistsError):
            store.create(NAME)
        assert store.tags(NAME) == {"a": "1"}

    def test_the_secrets_provider_is_kept(self, store: Store) -> None:
        """What the stack was made with is told later, as it was given."""
        chosen = SecretsProvider(type="passphrase", state={"salt": "v1:x:y"})
        store.create(NAME, secrets_provider=chosen)

        assert store.secrets_provider(NAME) == chosen
        assert store.snapshot(NAME).secrets_provider == chosen

    @pytest.mark.parametrize(
        "ask",
        [
            lambda store: store.snapshot(NAME),
            lambda store: store.outputs(NAME),
            lambda store: store.remove(NAME),
            lambda store: store.rename(NAME, OTHER),
            lambda store: store.acquire(NAME, HOLDER),
            lambda store: store.history(NAME),
            lambda store: store.tags(NAME),
            lambda store: store.set_tags(NAME, {"a": "1"}),
            lambda store: store.holder(NAME),
            lambda store: store.cancel(NAME),
            lambda store: store.secrets_provider(NAME),
        ],
    )
    def test_asking_for_an_unknown_stack_names_it(self, store: Store, ask: Callable[[Store], object]) -> None:
        """Whatever is asked of a stack that is not there, the answer says which stack is missing."""
        with pytest.raises(StackNotFoundError, match="dev"):
            ask(store)


class TestList:
    def test_stacks_come_by_name_with_counts(self, store: Store) -> None:
        """A list has every stack in order, with its resources counted."""
        store.create(OTHER)
        write(store, root(), thing("a"))

        assert [(item.name.stack, item.resource_count) for item in store.stacks()] == [
            ("dev", 2),
            ("prod", 0),
        ]

    def test_counts_follow_removals_and_replacements(self, store: Store) -> None:
        """A record put twice counts once, and one that was removed does not count."""
        from stackwright.state import Change, Key

        write(store, root(), thing("a"), thing("b"))
        change(store, Change(remove=(Key(2),), put=((Key(3), thing("b", protect=True)),)))

        assert store.stacks()[0].resource_count == 2

    def test_lists_can_be_filtered(self, store: Store) -> None:
        """A project or an organization narrows the list."""
        elsewhere = StackName("organization", "blog", "dev")
        store.create(NAME)
        store.create(elsewhere)

        assert [item.name for item in store.stacks(project="blog")] == [elsewhere]
        assert [item.name for item in store.stacks(organization="nobody")] == []

    def test_the_last_update_is_told(self, store: Store) -> None:
        """The last update is the latest history record; before the first there is none."""
        work = opened(store)
        assert store.stacks()[0].last_update is None
        store.record_update(NAME, update(), lease=work.lease)

        assert store.stacks()[0].last_update == "2023-11-14T22:14:20Z"

    def test_work_in_progress_shows(self, store: Store) -> None:
        """A stack is marked while somebody works on it, and not afterwards."""
        work = opened(store)
        assert store.stacks()[0].update_in_progress
        work.lease.release()

        assert not store.stacks()[0].update_in_progress


class TestRemove:
    def test_an_empty_stack_goes_with_its_history(self, store: Store) -> None:
        """A removed stack leaves nothing behind: one of the same name starts anew."""
        work = opened(store)
        store.record_update(NAME, update(), lease=work.lease)
        store.set_tags(NAME, {"a": "1"})
        work.lease.release()
        store.remove(NAME)
        assert not store.exists(NAME)
        store.create(NAME)

        assert (store.history(NAME), store.tags(NAME)) == ([], {})

    def test_the_root_alone_does_not_hold_a_stack(self, store: Store) -> None:
        """The stack's own resource is no reason to keep the stack (state.md §11.7)."""
        write(store, root())
        store.remove(NAME)

        assert not store.exists(NAME)

    def test_resources_hold_a_stack(self, store: Store) -> None:
        """A stack with resources is only removed by force."""
        write(store, root(), thing("a"))

        with pytest.raises(StackNotEmptyError, match="1 resource"):
            store.remove(NAME)
        store.remove(NAME, force=True)
        assert not store.exists(NAME)

    def test_a_stack_in_use_stays(self, store: Store) -> None:
        """Nobody removes or renames a stack while somebody works on it."""
        opened(store)

        with pytest.raises(LeaseHeldError, match="ada@here"):
            store.remove(NAME, force=True)
        with pytest.raises(LeaseHeldError):
            store.rename(NAME, OTHER)


class TestRename:
    def test_urns_follow_the_name(self, store: Store) -> None:
        """Every URN of the stack, wherever it stands, gets the new stack's name (state.md §11.7)."""
        inner = thing("a").urn
        write(
            store,
            root(outputs={"text": f"about {inner}", "urn": inner}),
            provider(),
            thing("a", parent=ROOT, provider=f"{provider().urn}::{provider().id}"),
            thing(
                "b",
                dependencies=(inner,),
                property_dependencies={"p": (inner,)},
                deleted_with=inner,
                replace_with=(inner,),
                view_of=inner,
                inputs={"ref": ResourceRef(urn=inner, id="x"), "list": [inner], "safe": Secret("hush")},
            ),
        )
        store.rename(NAME, OTHER)
        found = store.snapshot(OTHER, crypter=CRYPTER)
        own, provider_record, first, second = found.resources
        expected = inner.replace("::shop", "::shop").replace(":dev:", ":prod:")

        assert not store.exists(NAME)
        assert own.urn == "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
        assert own.outputs == {"text": f"about {inner}", "urn": expected}
        assert first.urn == expected
        assert first.parent == own.urn
        assert first.provider == f"{provider_record.urn}::{provider_record.id}"
        assert second.dependencies == second.replace_with == (expected,)
        assert second.property_dependencies == {"p": (expected,)}
        assert second.deleted_with == second.view_of == expected
        assert second.inputs["ref"].urn == expected
        assert second.inputs["list"] == [expected]
        assert second.inputs["safe"] == Secret("hush")

    def test_history_and_tags_stay(self, store: Store) -> None:
        """A renamed stack keeps what is known of it."""
        work = opened(store)
        store.record_update(NAME, update("first"), lease=work.lease)
        work.lease.release()
        store.set_tags(NAME, {"a": "1"})
        store.rename(NAME, OTHER)

        assert [record.message for record in store.history(OTHER)] == ["first"]
        assert store.tags(OTHER) == {"a": "1"}

    def test_a_taken_name_is_refused(self, store: Store) -> None:
        """Renaming onto another stack changes neither."""
        write(store, root())
        store.create(OTHER)

        with pytest.raises(StackExistsError):
            store.rename(NAME, OTHER)
        assert names(store.snapshot(NAME)) == ["shop-dev"]

    def test_a_stack_may_move_to_another_project(self, store: Store) -> None:
        """The project part of every URN follows as well, the root's name included."""
        target = StackName("organization", "blog", "dev")
        write(store, root(), thing("a"))
        store.rename(NAME, target)

        assert [record.urn for record in store.snapshot(target).resources] == [
            "urn:pulumi:dev::blog::pulumi:pulumi:Stack::blog-dev",
            "urn:pulumi:dev::blog::pkg:index:Thing::a",
        ]


class TestTags:
    def test_tags_are_set_and_removed(self, store: Store) -> None:
        """Setting changes the tags that are named; None removes one; others stay."""
        store.create(NAME, tags={"a": "1", "b": "2"})
        store.set_tags(NAME, {"b": None, "c": "3", "never": None})

        assert store.tags(NAME) == {"a": "1", "c": "3"}


class TestHistory:
    def test_records_come_newest_first_and_whole(self, store: Store) -> None:
        """Versions count from 1; every field comes back as it was given."""
        work = opened(store)
        versions = [
            store.record_update(NAME, update(text), lease=work.lease) for text in ("one", "two", "three")
        ]
        newest = store.history(NAME)[0]

        assert versions == [1, 2, 3]
        assert [record.message for record in store.history(NAME)] == ["three", "two", "one"]
        assert (newest.version, newest.resource_changes, newest.environment) == (
            3,
            {"create": 2},
            {"exec.kind": "cli"},
        )
        assert newest.config == {"shop:size": {"value": "3", "secret": False}}

    def test_pages(self, store: Store) -> None:
        """A page is what offset and limit say; past the end it is empty."""
        work = opened(store)
        for text in ("one", "two", "three"):
            store.record_update(NAME, update(text), lease=work.lease)

        assert [record.message for record in store.history(NAME, limit=1, offset=1)] == ["two"]
        assert store.history(NAME, limit=5, offset=3) == []

    def test_only_the_holder_adds_to_it(self, store: Store) -> None:
        """An update that lost the stack cannot add to its history."""
        work = opened(store)
        store.cancel(NAME)

        with pytest.raises(LeaseLostError):
            store.record_update(NAME, update(), lease=work.lease)
        assert store.history(NAME) == []
