"""A deployment's outstanding requests, as test suites and tools look at them (sdk.md §9.6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from stackwright.lazy import LazyModule
from stackwright.sdk._session import Session

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")

T = TypeVar("T")


class RPCManager:
    """
    The requests of one deployment that are under way, and the first failure among them.

    Made without arguments, it manages what goes through its own `do_rpc` alone.
    """

    def __init__(self) -> None:
        self._session = Session()

    @classmethod
    def _of(cls, session: Session) -> RPCManager:
        manager = cls()
        manager._session = session
        return manager

    def do_rpc(
        self, name: str, rpc_function: Callable[..., Awaitable[T]]
    ) -> Callable[..., Awaitable[tuple[T, Exception]]]:
        """
        Wrap a coroutine function: calling the wrapper never raises.

        It answers the result and no exception, or no result and the exception, which is
        remembered as the deployment's failure.
        """

        async def managed(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
            request = asyncio.ensure_future(rpc_function(*args, **kwargs))
            self._session.managed.append(request)
            try:
                return await request, None
            except Exception as error:  # noqa: BLE001 # handing it to the caller is the contract
                self._session.fail(error)
                return None, error
            finally:
                if request in self._session.managed:
                    self._session.managed.remove(request)

        managed.__name__ = name
        return managed

    @property
    def rpcs(self) -> list[Any]:
        """The requests that wait for something."""
        return [*self._session.managed, *self._session.unsent]

    @property
    def unhandled_exception(self) -> Exception | None:
        """The first failure that nobody handled."""
        failures = self._session.failures
        return failures[0] if failures else None  # type: ignore[return-value] # the others end the program

    @property
    def exception_traceback(self) -> TracebackType | None:
        """Where that failure was raised."""
        error = self.unhandled_exception
        return error.__traceback__ if error is not None else None

    def clear(self) -> None:
        """Forget what went wrong and what is outstanding."""
        self._session.forget_failures()
