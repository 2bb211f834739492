"""Several reporters as one that keeps a reporter's promise: it never raises."""

from __future__ import annotations

from collections.abc import Iterable

from stackwright.engine._events import Event, Reporter


class Listeners:
    """
    A reporter for reporters that may fail: a closed pipe, a full disk, a caller's own function.

    Whoever fails hears nothing more; the operation goes on, because what providers are doing
    has to be recorded whether or not somebody listens. `complain` says it afterwards.
    """

    def __init__(self, reporters: Iterable[Reporter]) -> None:
        self._reporters = list(reporters)
        self._problem: Exception | None = None

    def __call__(self, event: Event, /) -> None:
        for reporter in tuple(self._reporters):
            try:
                reporter(event)
            except Exception as error:  # noqa: BLE001 - raised by `complain`, when the operation is over
                self._reporters.remove(reporter)
                self._problem = self._problem or error

    def complain(self) -> None:
        """Raise what the first reporter that failed has raised."""
        if self._problem is not None:
            raise self._problem
