"""
Whose turn it is on the program's thread.

All that happens to a program's outputs happens here, one call after the other, in
the order in which it became possible: callbacks of `apply`, answers of the
deployment, requests whose inputs became known. One wake-up of the event loop
serves all that has gathered. Knows nothing of outputs or resources.

A program may block (a plain invoke) without the event loop being entered again:
`run_until` takes turns right there and waits for answers on a lock. Only when
something that belongs to asyncio itself is awaited is the loop turned by hand.
"""

from __future__ import annotations

import contextvars
import warnings
from collections import deque
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final

from stackwright.lazy import LazyModule
from stackwright.reply import Mailbox, Reply

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")

Call = Callable[[Any], None]

_BATCH: Final = 512
"""Turns taken before the event loop may look after its other work."""


class StuckError(RuntimeError):
    """The program waits for something, and nothing that could bring it is under way."""


class Turns:
    """
    A queue of calls for one program, driven by whichever event loop runs it.

    Only the program's thread may use it, but for `arrive`, which any thread may call.
    `in_flight` counts answers owed by the deployment, `awaiting` holds what is awaited that
    belongs to asyncio (tasks, futures).
    """

    __slots__ = (
        "_blocked",
        "_context",
        "_idle",
        "_loop",
        "_mailbox",
        "_mailbox_loop",
        "_over",
        "_questions",
        "_ready",
        "_scheduled",
        "_turned",
        "awaiting",
        "in_flight",
        "shares_loop",
    )

    def __init__(self) -> None:
        self._ready: deque[tuple[Call, Any]] = deque()
        self._scheduled = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._mailbox: Mailbox[tuple[Call, Any]] | None = None
        self._mailbox_loop: asyncio.AbstractEventLoop | None = None
        self._idle: asyncio.Future[None] | None = None
        self._turned: asyncio.Future[None] | None = None
        self._context = contextvars.Context()
        self._blocked = False
        self._over = False
        self._questions: set[Reply[Any]] = set()
        self.in_flight = 0
        self.awaiting: set[asyncio.Future[Any]] = set()
        self.shares_loop = False
        """
        Whether the loop serves others, too: a provider's requests, say. Then it is never kept waiting,
        since what this program waits for may have to be answered on the same loop.
        """

    # From the program's thread --------------------------------------------------------------------

    def soon(self, call: Call, argument: Any) -> None:
        """Call `call(argument)` after everything that is queued already; never right now."""
        self._ready.append((call, argument))
        if not self._scheduled or not self._loop.is_running():  # type: ignore[union-attr] # set when scheduled
            self._schedule()

    def expect(self, reply: Reply[Any], call: Call) -> None:
        """Call `call(reply)` in its turn once *reply* is answered, from whichever thread that happens."""
        self.in_flight += 1
        if reply.done:
            self.soon(self._arrived, (call, reply))
            return
        mailbox = self._listening()

        def answered(reply: Reply[Any]) -> None:
            try:
                mailbox.put((self._arrived, (call, reply)))
            except RuntimeError:  # the loop is closed: the program is over and nobody wants the answer
                return

        reply.then(answered)

    def ask(self, question: Callable[[], Any]) -> Reply[Any]:
        """
        Have the program answer *question*; may be called from any thread.

        The question is called in its turn on the program's thread; an awaitable that it returns
        is awaited there. The reply settles on that thread. `listen` comes first.
        """
        answer: Reply[Any] = Reply()
        self._questions.add(answer)
        answer.then(self._questions.discard)
        mailbox = self._mailbox
        if mailbox is None:
            answer.fail(RuntimeError("the program does not listen"))
            return answer
        try:
            mailbox.put((self._answer, (question, answer)))
        except RuntimeError:  # the loop is closed
            answer.fail(RuntimeError("the program has ended"))
        # `end` may have come in between, when it could not see this question yet.
        if self._over:
            answer.fail(RuntimeError("the program has ended"))
        return answer

    def end(self) -> None:
        """Fail the questions that nobody will answer any more, and those to come: the program is over."""
        self._over = True
        for answer in list(self._questions):
            answer.fail(RuntimeError("the program has ended"))

    def listen(self) -> None:
        """
        Make `ask` possible: from now on the program's loop hears questions.

        They are answered in the context of this call; the thread that asks knows nothing of the program.
        """
        self._listening()
        self._context = contextvars.copy_context()

    def await_(self, awaitable: Awaitable[Any], call: Call) -> None:
        """Wait for *awaitable* on the event loop, then call `call(future)` in its turn."""
        future = asyncio.ensure_future(awaitable, loop=self.loop())
        # The same future may be awaited for several reasons.
        first = future not in self.awaiting
        self.awaiting.add(future)

        def done(future: asyncio.Future[Any]) -> None:
            if first:
                self.awaiting.discard(future)
            self.soon(call, future)

        future.add_done_callback(done)

    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that drives this program: the running one, else the thread's current one."""
        loop = _running_loop()
        if loop is None:
            loop = self._loop if self._loop is not None and not self._loop.is_closed() else current_loop()
        self._loop = loop
        return loop

    @property
    def quiet(self) -> bool:
        """Whether nothing is queued and nothing owed; things may still be awaited."""
        return not self._ready and not self.in_flight

    async def settled(self) -> None:
        """Return once nothing is queued and nothing owed. Only one may wait at a time."""
        while not self.quiet:
            if self._ready and not self._scheduled:
                self._schedule()
            await self.next_idle()

    def next_idle(self) -> asyncio.Future[None]:
        """A future that is done the next time something was done and nothing is left to do."""
        if self._idle is None or self._idle.done():
            self._idle = self.loop().create_future()
        return self._idle

    def stir(self) -> None:
        """Have whoever waits for idleness look again, if nothing is left to do."""
        if self._ready and not (self._scheduled and self._loop is not None and self._loop.is_running()):
            self._schedule()
        if self._idle is not None and self.quiet:
            idle, self._idle = self._idle, None
            if not idle.done():
                idle.set_result(None)

    def run_until(self, done: Callable[[], bool]) -> None:
        """
        Take turns, blocking the thread between them, until *done* says so.

        Raises:
            StuckError: Nothing is under way that could make it so.
        """
        while not done():
            if self._ready:
                self._take(1)
            elif self.awaiting or (self.in_flight if self.shares_loop else self._others_must_work()):
                self._turn_loop()
            elif self.in_flight and self._mailbox is not None:
                self._mailbox.take()
            else:
                raise StuckError("nothing under way can answer this")

    def wait_for(self, reply: Reply[Any]) -> None:
        """
        Block the thread until *reply* is answered.

        The deployment's questions are answered meanwhile (the reply may depend on them);
        apart from that nothing of the program runs, so waits do not pile up on the stack.
        """
        if reply.done:
            return
        mailbox = self._listening()
        reply.then(lambda _: mailbox.put((_nothing_to_do, None)))
        outer, self._blocked = self._blocked, True
        try:
            while not reply.done:
                if self.awaiting or self.shares_loop:
                    self._turn_loop()
                else:
                    mailbox.take()
        finally:
            self._blocked = outer

    def _others_must_work(self) -> bool:
        return not self.in_flight and _others_work(self.loop())

    def _turn_loop(self) -> None:
        loop = self.loop()
        if loop.is_running():
            turn_by_hand(loop)
            return
        if self._turned is None or self._turned.done():
            self._turned = loop.create_future()
        loop.run_until_complete(self._turned)

    def _listening(self) -> Mailbox[tuple[Call, Any]]:
        loop = self._loop
        if self._mailbox is None or loop is None or not loop.is_running():
            loop = self.loop()
            if self._mailbox is None or loop is not self._mailbox_loop:
                self._mailbox_loop = loop
                self._mailbox = Mailbox(loop, self._delivered)
        return self._mailbox

    # From the loop --------------------------------------------------------------------------------

    def _schedule(self) -> None:
        before = self._loop if self._scheduled else None
        loop = self.loop()
        if loop is not before:  # a loop that was left behind (one for each test, say) never comes back
            self._scheduled = True
            loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._scheduled = False
        try:
            self._take(_BATCH)
        finally:
            self._next()

    def _next(self) -> None:
        if self._turned is not None and not self._turned.done():
            self._turned.set_result(None)
        if self._ready:
            if not self._scheduled:
                self._schedule()
        else:
            self.stir()

    def _take(self, most: int) -> None:
        ready = self._ready
        while ready and most:
            most -= 1
            call, argument = ready.popleft()
            call(argument)

    def _delivered(self, item: tuple[Call, Any]) -> None:
        call, argument = item
        if self._blocked and call == self._answer:
            call(argument)
        else:
            self.soon(call, argument)

    def _arrived(self, item: tuple[Call, Any]) -> None:
        self.in_flight -= 1
        call, reply = item
        call(reply)

    def _answer(self, item: tuple[Callable[[], Any], Reply[Any]]) -> None:
        question, answer = item
        # A copy, since an answer may wait for other questions to be answered.
        context = self._context.copy()
        try:
            found = context.run(question)
        except Exception as error:  # noqa: BLE001 # the failure is the answer
            answer.fail(error)
            return
        if not isawaitable(found):
            answer.answer(found)
            return

        # Answered from the loop's own callback, not in a turn: the program may be blocked meanwhile.
        future = context.run(lambda: asyncio.ensure_future(found, loop=self.loop()))
        self.awaiting.add(future)

        def answered(future: asyncio.Future[Any]) -> None:
            self.awaiting.discard(future)
            if future.cancelled():  # whoever asked is not
                answer.fail(RuntimeError("the program's answer was cancelled"))
            elif (error := future.exception()) is not None:
                answer.fail(error)
            else:
                answer.answer(future.result())

        future.add_done_callback(answered)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def current_loop() -> asyncio.AbstractEventLoop:
    """The thread's event loop, made and set if there is none (sdk.md §9.5)."""
    running = _running_loop()
    if running is not None:
        return running
    loop: asyncio.AbstractEventLoop | None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that there is no loop yet is no news here
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError:
            loop = None
    if loop is None or loop.is_closed():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop


def _others_work(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether tasks other than the current one may still bring news."""
    current = asyncio.current_task(loop) if loop.is_running() else None
    return any(task is not current and not task.done() for task in asyncio.all_tasks(loop))


def turn_by_hand(loop: asyncio.AbstractEventLoop) -> None:
    """
    Let *loop* do one round of work from inside one of its own callbacks (sdk.md §9.5).

    The task that is running is put aside for the round. The loop's outer round counts the
    handles it still has to run, so what the inner round took is replaced by cancelled ones.
    """
    private: Any = loop
    if not hasattr(private, "_run_once"):
        raise RuntimeError(
            f"{type(loop).__name__} cannot wait inside a callback: use `await` or an output form "
            "(`…_output`) here, or asyncio's own event loop"
        )
    tasks: Any = asyncio.tasks
    current = asyncio.current_task(loop)
    waiting = len(private._ready)  # there is no public way to run a nested round
    if current is not None:
        tasks._leave_task(loop, current)
    try:
        private._run_once()
    finally:
        if current is not None:
            tasks._enter_task(loop, current)
        missing = waiting - len(private._ready)
        for _ in range(missing):
            handle = asyncio.Handle(_nothing, (), loop)
            handle.cancel()
            private._ready.append(handle)


def _nothing() -> None:
    return


def _nothing_to_do(_: Any) -> None:
    return


def sync_await(awaitable: Awaitable[Any]) -> Any:
    """Block until *awaitable* is done, whether or not the event loop runs, and return its result (§9.5)."""
    loop = current_loop()
    if not loop.is_running():
        return loop.run_until_complete(asyncio.ensure_future(awaitable, loop=loop))
    future = asyncio.ensure_future(awaitable, loop=loop)
    while not future.done():
        turn_by_hand(loop)
    return future.result()
