"""Whoever listens cannot hold an operation up."""

from __future__ import annotations

import pytest

from stackwright.engine import Event, Finished, Listeners


def test_who_fails_hears_nothing_more_and_the_others_hear_all() -> None:
    heard: list[Event] = []
    calls: list[Event] = []

    def broken(event: Event) -> None:
        calls.append(event)
        raise OSError("the pipe is closed")

    listeners = Listeners([broken, heard.append])
    listeners(Finished())
    listeners(Finished())

    assert len(calls) == 1
    assert len(heard) == 2
    with pytest.raises(OSError, match="the pipe is closed"):
        listeners.complain()


def test_nothing_to_complain_about() -> None:
    listeners = Listeners([])
    listeners(Finished())
    listeners.complain()
