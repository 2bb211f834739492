"""
What every implementation of `stackwright.providers.Provider` owes the engine.

The obligations are those of the interface's docstrings; each test states one. Where a
resource type does not promise something (see `Subject`), the obligation is skipped for it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from stackwright.providers import (
    CheckConfigRequest,
    DiffChanges,
    DiffConfigRequest,
    InvalidInputsError,
    InvokeRequest,
    ProviderError,
)
from stackwright.urn import make_urn, provider_type
from stackwright.values import (
    UNKNOWN,
    PropertyMap,
    Secret,
    contains_secrets,
    contains_unknowns,
    parse_path,
    reveal,
    values_equal,
)

from .conftest import Case, Made, configure, placed, where
from .subjects import Subject

pytestmark = pytest.mark.anyio

HUSH = "hush-hush"


def shown(value: Any) -> str:
    """Everything in *value* that is not secret, as text."""
    match value:
        case Secret():
            return ""
        case dict():
            return " ".join(f"{key} {shown(item)}" for key, item in value.items())
        case list() | tuple():
            return " ".join(shown(item) for item in value)
        case _:
            return str(value)


def sealed(subject: Subject, text: str = HUSH) -> PropertyMap:
    """The subject's inputs with a secret among them."""
    return {**subject.inputs, subject.sealed: Secret(f"{text}@example")}


def unsettled(subject: Subject) -> PropertyMap:
    """The subject's inputs, one of them not known yet."""
    return {**subject.inputs, subject.unknown: UNKNOWN}


def assert_kept(promised: PropertyMap, actual: PropertyMap) -> None:
    """Whatever a preview knew is what came."""
    for key, value in promised.items():
        if not contains_unknowns(value):
            assert values_equal(reveal(value), reveal(actual.get(key))), key


class TestCheck:
    async def test_valid_inputs_come_back(self, case: Case) -> None:
        """Check may add to the inputs of the program, and leaves them as they are (protocol.md §8.8)."""
        inputs = await case.checked(case.subject.inputs)

        def included(given: Any, answered: Any) -> bool:
            if isinstance(given, dict):
                return all(included(value, answered.get(key)) for key, value in given.items())
            if isinstance(given, list):
                return len(given) == len(answered) and all(map(included, given, answered))
            return values_equal(given, answered)

        assert included(case.subject.inputs, reveal(inputs))

    async def test_asking_again_gives_the_same_answer(self, case: Case) -> None:
        """Check is a question: the same inputs and seed have the same answer."""
        first, second = await case.check(case.subject.inputs), await case.check(case.subject.inputs)

        assert values_equal(first.inputs, second.inputs)

    async def test_its_own_answer_is_right(self, case: Case) -> None:
        """Checking its own answer changes nothing, for a new resource and for an old one."""
        once = await case.checked(case.subject.inputs)

        assert values_equal(await case.checked(once), once)
        assert values_equal(await case.checked(once, olds=once), once)

    @where("named")
    async def test_a_made_up_name_is_made_of_the_seed(self, case: Case) -> None:
        """The same seed makes the same name, another seed another one (E16, protocol.md §8.8)."""
        key = case.subject.named
        names = [
            (await case.check(case.subject.inputs, seed=seed * 32)).inputs[key] for seed in (b"a", b"a", b"b")
        ]

        assert names[0] == names[1] != names[2]

    @where("named")
    async def test_a_made_up_name_stays(self, case: Case) -> None:
        """An old resource keeps its name, whatever the seed is (protocol.md §8.8)."""
        key = case.subject.named
        old = await case.checked(case.subject.inputs)
        again = await case.check(case.subject.inputs, olds=old, seed=b"another" * 4)

        assert again.inputs[key] == old[key]

    @pytest.mark.parametrize("secret", [False, True], ids=["plain", "secret"])
    @where("invalid")
    async def test_wrong_inputs_are_named(self, case: Case, secret: bool) -> None:
        """Everything that is wrong is reported, at its path, and no secret is told (protocol.md §6.5)."""
        invalid = case.subject.invalid
        news = {key: Secret(value) for key, value in invalid.items()} if secret else dict(invalid)
        failures = (await case.check(news)).failures

        # A provider that looks no deeper than the first level has named the right input, too.
        named = {failure.property for failure in failures}
        expected = case.subject.failing
        assert named == expected or {parse_path(p)[0] for p in named} == {parse_path(p)[0] for p in expected}
        assert all(failure.reason for failure in failures)

    @where("unknown")
    async def test_a_preview_may_not_know_everything(self, case: Case) -> None:
        """Unknown inputs never fail, and are passed on as unknown."""
        inputs = await case.checked(unsettled(case.subject), preview=True)

        assert contains_unknowns(inputs[case.subject.unknown])

    @where("sealed")
    async def test_secrets_stay_secret(self, case: Case) -> None:
        """What was secret before the check is secret after it, with the same content (protocol.md §3.2)."""
        news = sealed(case.subject)
        inputs = await case.checked(news)

        assert HUSH not in shown(inputs)
        assert reveal(inputs[case.subject.sealed]) == reveal(news[case.subject.sealed])


class TestDiff:
    async def test_the_same_is_no_change(self, case: Case) -> None:
        """An object and the inputs it was made of do not differ (protocol.md §8.9)."""
        made = await case.made()
        found = await made.diff(await case.checked(case.subject.inputs, olds=made.inputs))

        assert found.changes is (DiffChanges.NONE if case.subject.compares else DiffChanges.UNKNOWN)
        assert not found.requires_replacement

    async def test_it_is_a_question(self, case: Case) -> None:
        """Diff answers the same twice, and nothing has changed."""
        made = await case.made()
        changed = case.subject.updated or case.subject.replaced or {}
        news = await case.checked(changed, olds=made.inputs)
        before = case.world()

        first, second = await made.diff(news), await made.diff(news)

        assert (first.changes, first.detailed) == (second.changes, second.detailed)
        assert set(first.diffs) == set(second.diffs)
        assert case.world() == before

    @where("compares", "updated")
    async def test_a_change_is_an_update(self, case: Case) -> None:
        """Changed inputs are named, and need no new object (protocol.md §8.9)."""
        made = await case.made()
        updated = case.subject.updated
        assert updated is not None
        news = await case.checked(updated, olds=made.inputs)
        found = await made.diff(news)

        changed = {
            k for k in made.inputs.keys() | news.keys() if not values_equal(made.inputs.get(k), news.get(k))
        }
        assert found.changes is DiffChanges.SOME
        assert not found.requires_replacement
        for paths in (found.diffs, found.detailed or ()) if case.subject.names_changes else ():
            named = {str(parse_path(path)[0]) for path in paths}
            assert named >= changed if case.subject.foresees else named == changed

    @where("replaced")
    async def test_a_change_may_need_a_new_object(self, case: Case) -> None:
        """Inputs that replace are named as such (E153)."""
        made = await case.made()
        replaced = case.subject.replaced
        assert replaced is not None
        found = await made.diff(await case.checked(replaced, olds=made.inputs))

        assert found.changes is DiffChanges.SOME
        assert found.requires_replacement
        assert {str(parse_path(path)[0]) for path in found.replaces} == case.subject.replacing

    @where("unknown")
    async def test_a_preview_may_not_know_everything(self, case: Case) -> None:
        """An input that is not known yet differs, and does not fail."""
        made = await case.made()
        news = await case.checked(unsettled(case.subject), olds=made.inputs, preview=True)
        found = await made.diff(news, preview=True)

        assert found.changes is (DiffChanges.SOME if case.subject.compares else DiffChanges.UNKNOWN)


class TestCreate:
    async def test_a_preview_changes_nothing(self, case: Case) -> None:
        """Create with `preview` has no effect."""
        before = case.world()
        await case.create(await case.checked(case.subject.inputs, preview=True), preview=True)

        assert case.world() == before

    async def test_a_preview_promises_only_what_comes(self, case: Case) -> None:
        """What a preview knows of the outputs is what the create then answers."""
        inputs = await case.checked(case.subject.inputs)
        promised = await case.create(inputs, preview=True)
        actual = await case.create(inputs)

        assert_kept(promised.outputs, actual.outputs)
        assert promised.outputs.keys() >= {key for key in actual.outputs if key in inputs}

    @where("unknown")
    async def test_a_preview_may_not_know_everything(self, case: Case) -> None:
        """Unknown inputs do not fail, and are not known afterwards."""
        inputs = await case.checked(unsettled(case.subject), preview=True)
        promised = await case.create(inputs, preview=True)

        assert contains_unknowns(promised.outputs)

    async def test_it_makes_one_object(self, case: Case) -> None:
        """There is an id, every output is known, and the world is another (protocol.md §8.10)."""
        before = case.world()
        made = await case.made()

        assert made.id
        assert not contains_unknowns(made.outputs)
        if case.subject.looks:
            assert len(case.world()) == len(before) + 1  # type: ignore[arg-type]

    async def test_inputs_are_outputs(self, case: Case) -> None:
        """What was put in is found in the outputs under the same name."""
        made = await case.made()

        for key, value in made.inputs.items():
            assert values_equal(reveal(made.outputs.get(key)), reveal(value)), key

    @where("sealed")
    async def test_secrets_stay_secret(self, case: Case) -> None:
        """A secret shows nowhere in the outputs, neither as itself nor within another, preview or not."""
        inputs = await case.checked(sealed(case.subject))

        assert HUSH not in shown((await case.create(inputs, preview=True)).outputs)
        made = await case.create(inputs)
        assert HUSH not in shown(made.outputs)
        assert contains_secrets(made.outputs[case.subject.sealed])

    @where("secret_outputs")
    async def test_some_outputs_are_always_secret(self, case: Case) -> None:
        """Outputs that the schema calls secret are secret, in previews too."""
        names = case.subject.secret_outputs
        inputs = await case.checked(case.subject.inputs)
        promised, made = await case.create(inputs, preview=True), await case.create(inputs)

        for name in names:
            assert contains_secrets(made.outputs[name]), name
            assert contains_secrets(promised.outputs[name]), name


class TestRead:
    async def test_it_agrees_with_create(self, case: Case) -> None:
        """An object nobody touched reads as it was made (protocol.md §8.11)."""
        made = await case.made()
        await made.settle()
        found = await made.read()

        assert found.exists
        assert found.id == made.id
        assert values_equal(found.outputs, made.outputs)
        assert values_equal(found.inputs, made.inputs)

    async def test_it_is_a_question(self, case: Case) -> None:
        """Read answers the same twice, and nothing has changed."""
        made = await case.made()
        before = case.world()
        first, second = await made.read(), await made.read()

        assert values_equal(first.outputs, second.outputs)
        assert case.world() == before

    @where("sealed")
    async def test_secrets_stay_secret(self, case: Case) -> None:
        """A refresh opens no secret (protocol.md §3.2)."""
        made = await case.made(sealed(case.subject))
        await made.settle()
        found = await made.read()

        assert HUSH not in shown(found.outputs)
        assert HUSH not in shown(found.inputs)
        assert values_equal(found.outputs, made.outputs)

    @where("looks", "by_id")
    async def test_that_it_is_gone_is_an_answer(self, case: Case) -> None:
        """Reading what does not exist is no error, with a record or without (protocol.md §8.11)."""
        made = await case.made()

        assert not (await case.read("no-such-thing")).exists
        assert not (await case.read("no-such-thing", made.outputs, made.inputs)).exists

    @where("import_id")
    async def test_an_import_is_complete(self, case: Case) -> None:
        """An id alone gives outputs, and inputs that are right and make no difference (protocol.md §8.11)."""
        import_id = case.subject.import_id
        assert import_id is not None
        made = await case.made()
        found = await case.read(import_id(made.id, reveal(made.outputs)))

        assert found.exists
        assert found.inputs is not None
        assert found.outputs is not None
        assert_kept({key: found.outputs.get(key) for key in case.subject.inputs}, made.outputs)
        checked = await case.checked(found.inputs)
        made.id, made.inputs, made.outputs = found.id, found.inputs, found.outputs
        assert (await made.diff(checked)).changes is not DiffChanges.SOME

    @where("not import_id")
    async def test_what_cannot_be_imported_says_so(self, case: Case) -> None:
        """The refusal is an error that says what, not an empty object."""
        with pytest.raises(ProviderError, match="import"):
            await case.read("some-id")


class TestLists:
    """Only some providers find what exists (protocol.md §8.17, terraform.md §5.20)."""

    @where("lists")
    async def test_what_exists_is_found_and_can_be_imported(self, case: Case) -> None:
        made = await case.made()
        imported = [await case.read(found.id) for found in await case.listed()]
        assert made.id in [each.id for each in imported]

    @where("lists")
    async def test_a_wrong_query_is_refused(self, case: Case) -> None:
        with pytest.raises(InvalidInputsError):
            await case.listed({"surelyNotThere": 1})


class TestUpdate:
    async def changed(self, case: Case) -> tuple[Any, PropertyMap]:
        updated = case.subject.updated
        assert updated is not None
        made = await case.made()
        return made, await case.checked(updated, olds=made.inputs)

    @where("updated")
    async def test_a_preview_changes_nothing(self, case: Case) -> None:
        """Update with `preview` has no effect."""
        made, news = await self.changed(case)
        before = case.world()
        await made.update(news, preview=True)

        assert case.world() == before

    @where("updated")
    async def test_a_preview_promises_only_what_comes(self, case: Case) -> None:
        """What a preview knows of the outputs is what the update then answers."""
        made, news = await self.changed(case)
        promised = await made.update(news, preview=True)
        actual = await made.update(news)

        kept = promised.outputs
        if case.subject.settles:  # the old SDK of Terraform is wrong about what it decides itself
            kept = {key: value for key, value in kept.items() if key in news}
        assert_kept(kept, actual.outputs)

    @where("updated")
    async def test_the_object_stays_itself(self, case: Case) -> None:
        """It keeps its id, reads as updated, and nothing is left to do (protocol.md §8.12)."""
        made, news = await self.changed(case)
        before = case.world()
        await made.update(news)
        await made.settle()
        found = await made.read()

        assert found.id == made.id
        assert values_equal(found.outputs, made.outputs)
        assert (await made.diff(news)).changes is not DiffChanges.SOME
        if case.subject.looks:
            assert len(case.world()) == len(before)  # type: ignore[arg-type]

    @where("sealed", "updated")
    async def test_secrets_stay_secret(self, case: Case) -> None:
        """An input that becomes secret is secret in the outputs."""
        made, _ = await self.changed(case)
        news = await case.checked(sealed(case.subject), olds=made.inputs)

        assert HUSH not in shown((await made.update(news, preview=True)).outputs)
        assert HUSH not in shown((await made.update(news)).outputs)


class TestDelete:
    async def test_the_object_is_gone(self, case: Case) -> None:
        """Nothing of it is left to be read."""
        made = await case.made()
        before = case.world()
        await made.delete()

        if case.subject.looks:
            assert not (await made.read()).exists
            assert len(case.world()) == len(before) - 1  # type: ignore[arg-type]

    async def test_what_is_gone_is_deleted(self, case: Case) -> None:
        """That it is gone already is success."""
        made = await case.made()
        await made.delete()
        await made.delete()


class TestInvoke:
    @where("function")
    async def test_it_answers(self, case: Case) -> None:
        """A function is a question: asking twice gives the same, and nothing has changed."""
        function = case.subject.function
        assert function is not None
        before = case.world()
        request = InvokeRequest(token=function.token, args=function.args, preview=False)
        first, second = await case.provider.invoke(request), await case.provider.invoke(request)

        assert first.failures == ()
        assert values_equal(first.value, second.value)
        assert case.world() == before

    @where("function")
    async def test_wrong_arguments_are_named(self, case: Case) -> None:
        """Wrong arguments come back as failures, all of them (protocol.md §6.5)."""
        function = case.subject.function
        assert function is not None
        request = InvokeRequest(token=function.token, args=function.wrong, preview=False)
        answer = await case.provider.invoke(request)

        assert {failure.property for failure in answer.failures} == function.failing

    @where("function.sealed")
    async def test_secrets_stay_secret(self, case: Case) -> None:
        """A secret argument shows nowhere in the answer."""
        function = case.subject.function
        assert function is not None
        args = {**function.args, function.sealed: Secret(HUSH)}
        answer = await case.provider.invoke(InvokeRequest(token=function.token, args=args, preview=False))

        assert HUSH in str(reveal(answer.value))
        assert HUSH not in shown(answer.value)


class TestMistakes:
    @where("not any_type")
    async def test_an_unknown_type_is_a_providers_error(self, case: Case) -> None:
        """Every failure is a `ProviderError`, whichever call meets it."""
        other = dataclasses.replace(case.subject, type=f"{case.subject.package}:index:NoSuchThing")
        stranger = Case(other, case.provider, case.world)

        for call in (
            stranger.check({}),
            stranger.create({}),
            stranger.create({}, preview=True),
            stranger.read("x"),
        ):
            with pytest.raises(ProviderError):
                await call

    @where("not any_type")
    async def test_an_unknown_function_is_a_providers_error(self, case: Case) -> None:
        """A function nobody knows is an error, not an empty answer."""
        request = InvokeRequest(token=f"{case.subject.package}:index:noSuchThing", args={}, preview=False)

        with pytest.raises(ProviderError):
            await case.provider.invoke(request)


class TestConcurrency:
    async def test_calls_may_come_together(self, case: Case) -> None:
        """Objects made at the same time are as many, each with its own answer; so are reads and deletes."""
        inputs = [await case.checked(placed(case.subject).inputs) for _ in range(8)]
        before = case.world()
        results = await asyncio.gather(*(case.create(each) for each in inputs))
        made = [Made(case, each, result) for each, result in zip(inputs, results, strict=True)]

        found = await asyncio.gather(*(each.read() for each in made))
        assert [each.id for each in found] == [each.id for each in made]
        if case.subject.looks and case.subject.by_id:
            assert len({each.id for each in made}) == len(made)
        await asyncio.gather(*(each.delete() for each in made))
        if case.subject.looks:
            assert case.world() == before


class TestLife:
    async def test_it_introduces_itself(self, subject: Subject, tmp_path: Path) -> None:
        """Name, origin and schema are told without configuration (protocol.md §8.3, §8.19)."""
        async with subject.open(tmp_path) as home:
            info = await home.provider.info()
            schema = json.loads(await home.provider.schema()) if subject.describes else None

        assert info.name == subject.package
        assert not schema or subject.type in schema["resources"]

    async def test_configuration_is_checked_and_compared(self, subject: Subject, tmp_path: Path) -> None:
        """Checking configuration is idempotent, and the same configuration keeps every resource."""
        urn = make_urn("dev", "project", "", provider_type(subject.package), "p")
        async with subject.open(tmp_path) as home:
            provider = home.provider
            once = (await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news={}))).inputs
            twice = (await provider.check_config(CheckConfigRequest(urn=urn, olds=once, news=once))).inputs
            found = await provider.diff_config(
                DiffConfigRequest(urn=urn, old_inputs=once, old_outputs=once, news=twice)
            )

        assert values_equal(once, twice)
        assert found.changes is not DiffChanges.SOME
        assert not found.requires_replacement

    @pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
    async def test_it_may_be_cancelled_and_closed_at_any_time(
        self, subject: Subject, tmp_path: Path, used: bool
    ) -> None:
        """Cancel never fails; close may be called again, also on a provider that was never used."""
        async with subject.open(tmp_path) as home:
            if used:
                await configure(home.provider, subject.package)
            await home.provider.cancel()
            await home.provider.cancel()
            await home.provider.close()
            await home.provider.close()
