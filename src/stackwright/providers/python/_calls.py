"""
Calling what users have written: their code runs on threads, in a context of its own.

`async` methods share a loop on a thread of their own: a debugger, or a method that forgets to
await, stops that one and not the engine's. Whatever is raised becomes a `ProviderError` that
shows the user's own lines.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import sys
import traceback
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from stackwright.diagnostics import Diagnostic
from stackwright.loop_thread import LoopThread
from stackwright.providers._interface import ProviderError, ProviderLog, ResourceStatus
from stackwright.sdk import _session
from stackwright.sdk._session import ConfigTable, Session

_THREADS: Final = 16
_OURS: Final = str(Path(__file__).parents[2])
_BETWEEN: Final = ("concurrent/futures/", "asyncio/")
"""Files whose frames lead to the user's code, and say nothing about it."""


class UserCodeError(ProviderError):
    """A method of a provider of the user's own failed; `detail` is the traceback in their lines."""

    code = "provider-code"


class _Listener:
    """The part of a deployment that provider code may reach: its log."""

    def __init__(self, log: ProviderLog) -> None:
        self._log = log

    def log(self, diagnostic: Diagnostic) -> None:
        self._log(diagnostic)

    def supports(self, feature: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(
            "A provider cannot ask for resources or call functions of the deployment it serves: "
            "do that in the program, and give the provider the result as an input"
        )


class Calls:
    """
    Runs methods of providers that belong to one deployment.

    Inside them `pulumi.get_project`, `pulumi.log` and `pulumi.Config` work. *directory*, the
    program's, can be imported from while this is open.
    """

    def __init__(self, *, directory: Path, project: str, log: ProviderLog) -> None:
        self._directory = str(directory)
        self._project = project
        self._log = log
        self._config: Mapping[str, Any] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._loop: LoopThread | None = None
        self._on_path = False

    def configure(self, config: Mapping[str, Any]) -> None:
        """What `pulumi.Config` finds from now on."""
        self._config = dict(config)

    @property
    def project(self) -> str:
        return self._project

    def importable(self) -> None:
        """Have the program's own modules found, also where no program runs; until `close`."""
        if not self._on_path and self._directory not in sys.path:
            sys.path.insert(0, self._directory)
            self._on_path = True

    async def call(self, doing: str, method: Callable[..., Any], *args: Any) -> Any:
        """
        The result of `method(*args)`.

        Raises:
            UserCodeError: It raised something; *doing* says what it was to do.
        """
        context = contextvars.Context()
        context.run(self._enter)
        try:
            if inspect.iscoroutinefunction(method):
                return await self._on_loop(context, method(*args))
            result = await self._in_thread(context, method, *args)
            if inspect.isawaitable(result):
                return await self._on_loop(context, _wait(result))
        except (ProviderError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise failure(doing, error) from error
        return result

    async def _in_thread(self, context: contextvars.Context, method: Callable[..., Any], *args: Any) -> Any:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="stackwright-provider")
        return await asyncio.get_running_loop().run_in_executor(self._pool, context.run, method, *args)

    async def _on_loop(self, context: contextvars.Context, work: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            self._loop = LoopThread("stackwright-provider-async")
            self._loop.begin()
        return await asyncio.wrap_future(context.run(self._loop.start, work))

    def _enter(self) -> None:
        listener: Any = _Listener(self._log)
        _session.enter(Session(monitor=listener, project=self._project, stack="stack"))
        _session.enter_config(ConfigTable(self._config))

    def close(self) -> None:
        """Give up the threads. Idempotent."""
        if self._loop is not None:
            self._loop.end()
            self._loop = None
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        if self._on_path:
            self._on_path = False
            if self._directory in sys.path:
                sys.path.remove(self._directory)


async def _wait(awaitable: Any) -> Any:
    return await awaitable


def failure(doing: str, error: BaseException) -> UserCodeError:
    """*error* of the user's own code, as the user should see it."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    where = error.__traceback__
    while where is not None and _is_machinery(where.tb_frame.f_code.co_filename):
        where = where.tb_next
    lines = "".join(traceback.format_exception(type(error), error, where)).strip() if where else None
    return UserCodeError(f"Could not {doing}: {said}", status=ResourceStatus.OK, detail=lines)


def _is_machinery(file: str) -> bool:
    return file.startswith(_OURS) or any(part in file for part in _BETWEEN)
