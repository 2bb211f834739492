"""
A one-shot answer that crosses threads.

Requests go from the program's thread to the engine's and answers come back.
`Reply` is the answer's place: lighter than the standard library's futures
(one is made for every resource) and tied to no event loop.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from stackwright.lazy import LazyModule

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")

T = TypeVar("T")

_WAITING: Final = object()


class Reply(Generic[T]):
    """
    An answer that somebody will give exactly once, from whichever thread.

    Callbacks run on the thread that answers, or at once if the answer is there
    already; they must be short and must not raise. `await reply` works on any
    running loop, `reply.wait()` blocks the calling thread.
    """

    __slots__ = ("_callbacks", "_error", "_lock", "_value")

    def __init__(self) -> None:
        self._value: Any = _WAITING
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Reply[T]], None]] = []
        self._lock = threading.Lock()

    @classmethod
    def of(cls, value: T) -> Reply[T]:
        """An answer that is there already."""
        reply: Reply[T] = cls()
        reply._value = value
        return reply

    @classmethod
    def failed(cls, error: BaseException) -> Reply[T]:
        """A failure that is there already."""
        reply: Reply[T] = cls()
        reply._value = None
        reply._error = error
        return reply

    @property
    def done(self) -> bool:
        """Whether the answer has been given."""
        return self._value is not _WAITING

    @property
    def error(self) -> BaseException | None:
        """What the request failed with; None while waiting and after success."""
        return self._error

    def result(self) -> T:
        """The answer, or its error raised. Asking before there is one is a mistake of the caller."""
        if self._value is _WAITING:
            raise RuntimeError("the answer has not been given yet")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[no-any-return]

    def answer(self, value: T) -> None:
        """Give the answer. A second one is ignored: the first stands."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Say that there is no answer, and why. A second answer is ignored."""
        self._settle(None, error)

    def _settle(self, value: Any, error: BaseException | None) -> None:
        with self._lock:
            if self._value is not _WAITING:
                return
            self._error = error
            self._value = value
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback(self)

    def then(self, callback: Callable[[Reply[T]], None]) -> None:
        """Call *callback* with this reply once it is answered (see the class for where)."""
        with self._lock:
            if self._value is _WAITING:
                self._callbacks.append(callback)
                return
        callback(self)

    def wait(self, timeout: float | None = None) -> T:
        """
        Block this thread until the answer is there, and return it.

        Raises:
            TimeoutError: *timeout* seconds have passed.
        """
        if not self.done:
            arrived = threading.Event()
            self.then(lambda _: arrived.set())
            if not arrived.wait(timeout):
                raise TimeoutError
        return self.result()

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()

            def wake(_: Reply[T]) -> None:
                try:
                    loop.call_soon_threadsafe(_set, future)
                except RuntimeError:  # the loop is closed: nobody waits any more
                    return

            self.then(wake)
            yield from future
        return self.result()


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Mailbox(Generic[T]):
    """
    Things on their way to an event loop, delivered in order and in batches.

    Any thread may `put`. The loop is woken once for all that has gathered since
    it last looked, so a burst of ten thousand costs one wake-up, not ten thousand.
    """

    __slots__ = ("_awake", "_bell", "_deliver", "_items", "_lock", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[T], None]) -> None:
        self._loop = loop
        self._deliver = deliver
        self._items: deque[T] = deque()
        self._awake = False
        self._bell: threading.Event | None = None
        self._lock = threading.Lock()

    def put(self, item: T) -> None:
        """
        Hand over *item*; it is delivered on the loop, after all that was put before it.

        Raises:
            RuntimeError: The loop is closed.
        """
        with self._lock:
            self._items.append(item)
            if self._bell is not None:
                self._bell.set()
            if self._awake:
                return
            self._awake = True
        self._loop.call_soon_threadsafe(self._drain)

    def take(self) -> None:
        """
        Deliver here and now all that is there, after waiting for something if nothing is.

        Only for the loop's own thread, while one of the loop's callbacks blocks it.
        """
        with self._lock:
            bell = self._bell = None if self._items else threading.Event()
        if bell is not None:
            try:
                bell.wait()
            finally:
                self._bell = None
        for _ in range(len(self._items)):
            self._deliver(self._items.popleft())

    def _drain(self) -> None:
        items = self._items
        # Bounded by what is there now, so that a busy sender cannot starve the loop's other work.
        for _ in range(len(items)):
            self._deliver(items.popleft())
        with self._lock:
            if not items:
                self._awake = False
                return
        self._loop.call_soon(self._drain)
