"""Signals while an operation runs (design.md §8): which of them stop it gracefully, and which at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from stackwright.automation._interrupts import Interrupts

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no hangups here")


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN], ids=["usual", "nohup"])
def hangups(request: pytest.FixtureRequest) -> Iterator[Any]:
    """What hangups do to this process otherwise."""
    former = signal.signal(signal.SIGHUP, request.param)
    yield request.param
    signal.signal(signal.SIGHUP, former)


def test_a_terminal_that_goes_away(hangups: Any) -> None:
    """It is told of twice, and cancels once; with `nohup` it is of no concern."""
    said: list[str] = []
    with Interrupts(cancel=lambda: said.append("cancel"), terminate=lambda: said.append("now")):
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert said == ([] if hangups is signal.SIG_IGN else ["cancel"])
        signal.raise_signal(signal.SIGTERM)
        assert said == (["cancel"] if hangups is signal.SIG_IGN else ["cancel", "now"])
    assert signal.getsignal(signal.SIGHUP) is hangups
