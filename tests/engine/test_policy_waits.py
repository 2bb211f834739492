"""Packs that take their time, or never answer: what is told, what ends the wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from support.deployments import Bench, Client, Run
from support.policies import FakePack, FakePacks

from stackwright.diagnostics import Severity
from stackwright.engine import Analyzer, Findings, OperationResult, PolicySubject, Reporter, Target
from stackwright.urn import urn_name


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait is told of as soon as it is one."""
    monkeypatch.setattr("stackwright.engine._waits.FIRST_NOTICE", 0.01)


class Hanging(FakePack):
    """Never answers what it is asked about *at*: a resource's name, or `stack`. Says so in `asked_it`."""

    def __init__(self, at: str) -> None:
        super().__init__("hanging")
        self._at = at
        self.asked_it = threading.Event()
        self.given_up = 0

    async def _hang(self) -> None:
        self.asked_it.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up += 1

    async def analyze(self, subject: PolicySubject) -> Findings:
        if subject.name == self._at:
            await self._hang()
        return await super().analyze(subject)

    async def analyze_stack(self, subjects: Sequence[PolicySubject]) -> Findings:
        if self._at == "stack":
            await self._hang()
        return await super().analyze_stack(subjects)


class NeverUp(FakePacks):
    """An `AnalyzerHost` whose packs do not come up."""

    def __init__(self) -> None:
        super().__init__()
        self.opening = threading.Event()

    async def open(self, target: Target, *, preview: bool, report: Reporter) -> Sequence[Analyzer]:
        self.opening.set()
        await asyncio.Event().wait()
        return ()


def two(client: Client) -> None:
    client.stack()
    client.resource("a", {"size": 1})
    client.resource("b", {"size": 2})


def canceled_once(bench: Bench, reached: threading.Event, packs: FakePacks, **options: Any) -> Run:
    """A run that is cancelled, once, when *reached*."""

    def cancel() -> None:
        assert reached.wait(bench.patience)
        bench.deployment.cancel()

    watcher = threading.Thread(target=cancel)
    watcher.start()
    try:
        return bench.run(two, policies=packs, **options)
    finally:
        watcher.join()


@pytest.mark.parametrize("at", ["a", "stack"])
def test_one_ctrl_c_ends_a_wait_for_a_pack(at: str) -> None:
    """E255. What was made before stays recorded; the pack is not waited for."""
    bench, pack = Bench(), Hanging(at)
    host = FakePacks(pack)
    run = canceled_once(bench, pack.asked_it, host)
    assert run.summary.result is OperationResult.CANCELED
    assert bench.names == ([] if at == "a" else ["a", "b"])
    assert bench.pending == {}
    assert (pack.given_up, host.closed) == (1, True)


def test_one_ctrl_c_ends_a_wait_for_packs_to_come_up() -> None:
    bench, host = Bench(), NeverUp()
    run = canceled_once(bench, host.opening, host, preview=True)
    assert run.summary.result is OperationResult.CANCELED
    assert run.steps == []
    assert host.closed


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("at", "doing"),
    [("a", "analyze urn:pulumi:dev::proj::test:index:Thing::a"), ("stack", "analyze the stack")],
)
def test_the_user_hears_for_which_pack_and_what_the_operation_waits(
    monkeypatch: pytest.MonkeyPatch, at: str, doing: str
) -> None:
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "1")
    run = Bench().run(two, policies=FakePacks(Hanging(at)))
    told = [each for each in run.diagnostics if each.severity is Severity.INFO]
    assert told[0].message.startswith(f"Waiting for the policy pack `hanging` to {doing}: 0.01 s so far")
    assert {urn_name(each.urn) for each in told if each.urn} == {"a" if at == "a" else "proj-dev"}
    assert len(told) == 7, "each time it has become twice as long, until the limit"


@pytest.mark.parametrize("at", ["a", "stack"])
def test_a_pack_that_does_not_answer_in_time_fails_the_operation(
    monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "1")
    bench, pack = Bench(), Hanging(at)
    run = bench.run(two, policies=FakePacks(pack))
    assert run.summary.result is OperationResult.FAILED
    (told,) = (each for each in run.errors if "hanging" in each)
    assert "did not analyze" in told
    assert "within 1 s" in told
    assert "STACKWRIGHT_POLICY_TIMEOUT" in told
    assert pack.given_up == 1


def test_there_need_not_be_a_limit(monkeypatch: pytest.MonkeyPatch, soon: None) -> None:
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "0")
    bench, pack = Bench(), Hanging("a")
    run = canceled_once(bench, pack.asked_it, FakePacks(pack))
    assert run.summary.result is OperationResult.CANCELED


@pytest.mark.usefixtures("soon")
def test_a_pack_that_keeps_many_waiting_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKWRIGHT_POLICY_TIMEOUT", "1")

    class All(Hanging):
        async def analyze(self, subject: PolicySubject) -> Findings:
            if subject.provider:
                await self._hang()
            return Findings()

    def many(client: Client) -> None:
        from stackwright.goals import RegisterRequest

        client.stack()
        asked = [
            client.monitor.register(RegisterRequest(type="test:index:Thing", name=name, custom=True))
            for name in ("a", "b", "c")
        ]
        for each in asked:
            each.wait(bench.patience)

    bench = Bench()
    run = bench.run(many, policies=FakePacks(All("")))
    told = [each.message for each in run.diagnostics if each.severity is Severity.INFO]
    assert all("::a, and 2 more answers" in each for each in told), told
