"""
Running a program: its event loop, its outputs, its end (sdk.md §9, protocol.md §13.4).

`run_program` executes a program on the calling thread against a `Monitor`, waits for
all that it asked for, and says how it ended. It decides nothing about the deployment:
whoever runs the engine reads the result and acts on it.
"""

from __future__ import annotations

import contextvars
import functools
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from stackwright.collector import patience
from stackwright.diagnostics import Severity
from stackwright.environment import ENABLE_LEGACY_APPLY
from stackwright.errors import UserError
from stackwright.lazy import LazyModule
from stackwright.monitor import Monitor, MonitorClosedError
from stackwright.program_main import ProgramMain
from stackwright.sdk import _children, _import_aliases, _references, _session, _workers
from stackwright.sdk._hints import hint_for
from stackwright.sdk._session import ConfigTable, Session
from stackwright.sdk._source import site_of
from stackwright.sdk.errors import RunError
from stackwright.sdk.runtime.stack import run_in_stack

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")

_MAIN: Final = "stackwright program"

Entry = Callable[[], Any] | str | os.PathLike[str]


class Outcome(Enum):
    """How a program ended."""

    OK = "ok"
    FAILED = "failed"
    """An exception, in the program or in something it asked for."""
    EXITED = "exited"
    """The program called `sys.exit` with something else than success."""
    INTERRUPTED = "interrupted"
    """Ctrl-C."""
    CLOSED = "closed"
    """The deployment was over before the program; whoever ended it has told the user why."""


class ProgramError(UserError):
    """
    A program failed.

    `detail` is the traceback as the user should see it, ending in the user's own lines; None
    for an expected error (`RunError`). `others` are failures beside the first one.
    """

    code = "program"

    def __init__(
        self,
        message: str,
        *,
        traceback: str | None,
        expected: bool = False,
        others: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, detail=traceback, hint=hint)
        self.expected = expected
        self.others = tuple(others)

    @property
    def traceback(self) -> str | None:
        """The traceback, trimmed to the user's frames."""
        return self.detail


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramResult:
    """How a program ended; `error` is there if it failed, `exit_code` what a process would end with."""

    outcome: Outcome
    error: ProgramError | None = None
    exit_code: int = 0

    @property
    def ok(self) -> bool:
        """Whether the program ran to its end and all that it asked for was answered."""
        return self.outcome is Outcome.OK


def run_program(
    monitor: Monitor,
    entry: Entry,
    *,
    args: Sequence[str] = (),
    directory: str | os.PathLike[str] | None = None,
) -> ProgramResult:
    """
    Run a program to its end on this thread, and say how it ended.

    *entry* is a function (which may be async), or the path of a project directory (its
    `__main__.py` is run) or of a file; files run as `__main__` with *args* in `sys.argv`,
    in *directory* if one is given. An event loop of its own is made and closed; a loop must
    not be running on this thread. The reply to `monitor.finish()` is waited for if nothing
    failed. Nothing that the program raises escapes, Ctrl-C included.
    """
    return contextvars.copy_context().run(_run, monitor, entry, tuple(args), directory)


def _run(
    monitor: Monitor, entry: Entry, args: tuple[str, ...], directory: str | os.PathLike[str] | None
) -> ProgramResult:
    info = monitor.deployment()
    _session.enter_config(ConfigTable(info.config, info.config_secret_keys))
    session = Session(
        monitor=monitor,
        project=info.project,
        stack=info.stack,
        organization=info.organization,
        root_directory=info.root_directory or None,
        parallel=info.parallel,
        dry_run=info.dry_run,
        legacy_apply=ENABLE_LEGACY_APPLY.value(),
    )
    loop = asyncio.new_event_loop()
    ending = _Ending(session)
    try:
        asyncio.set_event_loop(loop)
        with (
            _session.running_here(session),
            _as_a_script(entry, args, directory) as body,
            _overheard(),
        ):
            return ending.of(loop, body)
    except KeyboardInterrupt:
        return ProgramResult(outcome=Outcome.INTERRUPTED, exit_code=130)
    finally:
        _close(loop, session)
        asyncio.set_event_loop(None)


class _Ending:
    """How one program ends, from whatever way out it takes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, loop: asyncio.AbstractEventLoop, body: Callable[[], Any]) -> ProgramResult:
        """Run *body* on *loop* to its end."""
        running = loop.create_task(self._run(body), name=_MAIN)
        while True:
            try:
                return loop.run_until_complete(running)
            except SystemExit as exit_:
                # Raised in a callback or a task, it stops the loop. Success is no reason to stop.
                if running.done() or exit_.code:
                    return self._exited(exit_)

    async def _run(self, body: Callable[[], Any]) -> ProgramResult:
        try:
            await run_in_stack(body)
        except SystemExit as exit_:
            return self._exited(exit_)
        except asyncio.CancelledError:
            return ProgramResult(outcome=Outcome.INTERRUPTED, exit_code=130)
        except MonitorClosedError:
            return self._closed()
        except Exception as error:  # noqa: BLE001 # the program's own: reported, never raised
            if _is_closed(error):
                return self._closed()
            return self._failed(error)
        return self._closed() if self._session.closed else ProgramResult(outcome=Outcome.OK)

    def _closed(self) -> ProgramResult:
        failures = self._session.failures
        if failures:  # the deployment ended because, or while, the program went wrong by itself
            return self._failed(failures[0])
        return ProgramResult(outcome=Outcome.CLOSED, exit_code=1)

    def _failed(self, error: BaseException) -> ProgramResult:
        others = [other for other in self._session.failures if other is not error]
        failure = program_error(error, others)
        return ProgramResult(outcome=Outcome.FAILED, error=failure, exit_code=1 if failure.expected else 32)

    def _exited(self, exit_: SystemExit) -> ProgramResult:
        """What `sys.exit` with something else than success means: a code, or an error message."""
        code = exit_.code
        if isinstance(code, int):
            return ProgramResult(outcome=Outcome.EXITED, exit_code=code)
        return ProgramResult(
            outcome=Outcome.EXITED,
            error=ProgramError(str(code), traceback=None, expected=True),
            exit_code=1,
        )


def _is_closed(error: BaseException) -> bool:
    """Whether *error* only says that the deployment is over."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MonitorClosedError):
            return True
        seen = seen.__cause__
    return False


# The program as a script --------------------------------------------------------------------------


@contextmanager
def _as_a_script(
    entry: Entry, args: tuple[str, ...], directory: str | os.PathLike[str] | None
) -> Iterator[Callable[[], Any]]:
    """Give the body to run; while it runs, the process looks as if the program had been started in it."""
    _import_aliases.install()
    before_argv, before_path, before_modules = sys.argv, list(sys.path), set(sys.modules)
    before_directory = Path.cwd() if directory is not None else None
    place: Path | None = None
    main: ProgramMain | None = None
    try:
        if callable(entry):
            sys.argv = [sys.argv[0] if sys.argv else "", *args] if args else sys.argv
            if directory is not None:
                os.chdir(directory)
            yield entry
        else:
            path = Path(entry).absolute()
            place = path if path.is_dir() else path.parent
            if directory is not None:
                os.chdir(directory)
            sys.argv = [str(path), *args]
            told = _workers.told(_session.current(), _session.config_table())
            main = ProgramMain(path, enter=_workers.__name__, deployment=told)
            with _children.children_reached():
                yield functools.partial(_execute, path, main)
    finally:
        if main is not None:
            main.end()
        sys.argv = before_argv
        sys.path[:] = before_path
        if before_directory is not None:
            os.chdir(before_directory)
        if place is not None:
            _forget_modules(before_modules, place)


def _execute(path: Path, main: ProgramMain) -> None:
    if path.is_dir() and not any((path / name).exists() for name in ("__main__.py", "__main__.pyc")):
        raise RunError(
            f"Could not find `__main__.py` in {path}. A Python program starts there: create it, "
            "or name another file with `main:` in the project file"
        )
    main.run()


def _forget_modules(before: set[str], place: Path) -> None:
    """Forget the modules of the program itself, so that the next run in this process reads them anew."""
    forgotten = set()
    for name in set(sys.modules) - before:
        module: ModuleType | None = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file is None or "site-packages" in file:
            continue
        if place in Path(file).absolute().parents:
            del sys.modules[name]
            forgotten.add(name)
    if forgotten:
        _references.forget(forgotten)


_listening_lock = threading.Lock()
_programs_listening = 0
_shown_before: Callable[..., None] = warnings.showwarning


@contextmanager
def _overheard() -> Iterator[None]:
    """
    Hear of what Python only mentions: a coroutine that was never awaited, a thread that failed.

    Programs may run beside each other in threads, and end in any order: the first one starts to
    listen to Python's hooks, the last one stops.
    """
    global _programs_listening, _shown_before, _threads_before  # noqa: PLW0603 # these are the process's
    with _listening_lock:
        _programs_listening += 1
        if _programs_listening == 1:
            _shown_before, warnings.showwarning = warnings.showwarning, _shown
            _threads_before, threading.excepthook = threading.excepthook, _thread_ended
    try:
        with patience():
            yield
    finally:
        with _listening_lock:
            _programs_listening -= 1
            if _programs_listening == 0 and warnings.showwarning is _shown:
                warnings.showwarning = _shown_before
            if _programs_listening == 0 and threading.excepthook is _thread_ended:
                threading.excepthook = _threads_before


def _shown(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: Any = None,
    line: str | None = None,
) -> None:
    text = str(message)
    session = _session.current()
    if session.monitor is not None and category is RuntimeWarning and text.endswith("was never awaited"):
        session.log(
            Severity.WARNING,
            f"{text} ({filename}:{lineno}): what it was to do has not happened. Await it, pass it as an "
            "input, or give the program's async function to `pulumi.run`",
        )
    else:
        _shown_before(message, category, filename, lineno, file, line)


_threads_before: Callable[[Any], Any] = threading.excepthook


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    """A thread that was refused a resource fails its program: it would seem to have worked otherwise."""
    owner: Session | None = getattr(ended.exc_value, _session.REFUSED_BY, None)
    if owner is not None and ended.exc_value is not None:
        owner.strays.append(ended.exc_value)
    else:
        _threads_before(ended)


def _close(loop: asyncio.AbstractEventLoop, session: Session) -> None:
    """Cancel what still runs, saying so, and close *loop*."""
    left = [task for task in asyncio.all_tasks(loop) if not task.done()]
    try:
        for task in left:
            if task.get_name() != _MAIN:
                session.log(
                    Severity.WARNING,
                    f"The task `{task.get_name()}` still ran when the program ended, and was cancelled",
                )
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
        session.turns.end()


# Words about failures -----------------------------------------------------------------------------

_OURS: Final = str(Path(__file__).parent.parent)
_MACHINERY: Final = ("<frozen runpy>", "<frozen importlib", os.sep + "asyncio" + os.sep, os.sep + "runpy.py")


def program_error(error: BaseException, others: Sequence[BaseException] = ()) -> ProgramError:
    """
    *error* as a `ProgramError`: what a person needs to find the line that is wrong.

    An expected error (`RunError`) is its text alone. Any other comes with a traceback that
    has the user's frames only.
    """
    other_texts = [_said(other) for other in others]
    if isinstance(error, RunError):
        return ProgramError(
            str(error), traceback=None, expected=True, others=other_texts, hint=_raised_in(error)
        )
    return ProgramError(
        _said(error), traceback=user_traceback(error), others=other_texts, hint=hint_for(error)
    )


def _raised_in(error: BaseException) -> str | None:
    """The user's line that ended in *error*, for those whose traceback is not shown."""
    frames = _user_frames(traceback.extract_tb(error.__traceback__))
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None


def _said(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def user_traceback(error: BaseException) -> str:
    """The traceback of *error* and its causes, without the machinery around the user's lines."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=False)
    _trim(shown, error, set())
    return "".join(shown.format())


def _trim(shown: traceback.TracebackException, error: BaseException, seen: set[int]) -> None:
    if id(error) in seen:
        return
    seen.add(id(error))
    shown.stack = _user_frames(shown.stack)
    site = site_of(error)
    if site.foreign or not shown.stack:
        # It did not pass through the program's lines: show where the program asked for it.
        shown.stack = traceback.StackSummary.from_list(
            [
                traceback.FrameSummary(_path_of(position.uri), position.line, "<program>")
                for position in reversed(site.frames)
            ]
        )
    if shown.__cause__ is not None and error.__cause__ is not None:
        _trim(shown.__cause__, error.__cause__, seen)
    if shown.__context__ is not None and error.__context__ is not None:
        _trim(shown.__context__, error.__context__, seen)
    if shown.exceptions and isinstance(error, BaseExceptionGroup):
        for inner, exception in zip(shown.exceptions, error.exceptions, strict=True):
            _trim(inner, exception, seen)


def _path_of(uri: str) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(uri).path)


def _user_frames(stack: traceback.StackSummary) -> traceback.StackSummary:
    frames = list(stack)
    # At the outer end: everything up to the program.
    while frames and (_is_ours(frames[0]) or _is_machinery(frames[0])):
        del frames[0]
    # At the inner end: the SDK, and constructors of provider packages that only pass things on.
    while frames and (_is_ours(frames[-1]) or _passes_on(frames[-1])):
        frames.pop()
    return traceback.StackSummary.from_list([f for f in frames if not _is_ours(f)])


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_OURS)


def _is_machinery(frame: traceback.FrameSummary) -> bool:
    return any(part in frame.filename for part in _MACHINERY)


def _passes_on(frame: traceback.FrameSummary) -> bool:
    return "site-packages" in frame.filename and frame.name in ("__init__", "_internal_init", "get")


__all__ = ["Outcome", "ProgramError", "ProgramResult", "program_error", "run_program", "user_traceback"]
