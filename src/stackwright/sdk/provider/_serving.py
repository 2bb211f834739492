"""Serving a provider over gRPC, and how its failures are answered (protocol.md §1, §6.1)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from stackwright.sdk.errors import (
    InputPropertiesError,
    InputPropertyError,
    InputPropertyErrorDetails,
    RunError,
)

if TYPE_CHECKING:
    import grpc

T = TypeVar("T")
_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
Method = Callable[[Any, Any, Any], Coroutine[Any, Any, T]]


class ComponentInitError(Exception):
    """The constructor of a component has failed: the author's mistake, or the user's, not the host's."""

    def __init__(self, inner: Exception) -> None:
        super().__init__(str(inner))
        self.inner = inner


def invalid_properties(message: str, errors: Sequence[InputPropertyErrorDetails] | None) -> grpc.Status:
    """A status that blames inputs, each with its path and reason."""
    import grpc

    from stackwright.sdk.runtime.proto import errors_pb2, status_pb2

    status: Any = grpc.Status()
    status.code = grpc.StatusCode.INVALID_ARGUMENT
    status.details = message
    status.trailing_metadata = ()
    if errors is not None:
        details = errors_pb2.InputPropertiesError()
        for error in errors:
            details.errors.add(property_path=error["property_path"], reason=error["reason"])
        packed = status_pb2.Status(code=grpc.StatusCode.INVALID_ARGUMENT.value[0], message=message)
        packed.details.add().Pack(details)
        status.trailing_metadata = (("grpc-status-details-bin", packed.SerializeToString()),)
    return status  # type: ignore[no-any-return] # grpc has no types of its own for it


def answering_failures(method: Method[T]) -> Method[T]:
    """Have failures of *method* reach the user: what is wrong with which input, or where it was raised."""

    @functools.wraps(method)
    async def answered(self: Any, request: Any, context: Any) -> T:
        try:
            return await method(self, request, context)
        except RunError:
            raise
        except InputPropertiesError as error:
            await context.abort_with_status(invalid_properties(error.message, error.errors))
            raise
        except InputPropertyError as error:
            details: InputPropertyErrorDetails = {
                "property_path": error.property_path,
                "reason": error.reason,
            }
            await context.abort_with_status(invalid_properties("", [details]))
            raise
        except Exception as error:
            raise Exception(with_traceback(error)) from error  # noqa: TRY002 # only its text travels

    return answered


def with_traceback(error: Exception) -> str:
    """What went wrong and where; of a component, without the frame that called it."""
    if isinstance(error, ComponentInitError):
        frames = traceback.extract_tb(error.inner.__traceback__)[1:]
    else:
        frames = traceback.extract_tb(error.__traceback__)[1:]
    return f"{error}:\n{''.join(traceback.format_list(frames))}"


def engine_address() -> str:
    """The engine's address, from the command line that a plugin is started with."""
    parser = argparse.ArgumentParser(description="A provider plugin; started by an engine")
    parser.add_argument("engine", nargs="?", default="", help="the engine's address; it may also attach")
    parser.add_argument("--logflow", action="store_true", help="ignored")
    parser.add_argument("--logtostderr", action="store_true", help="ignored")
    known, _ = parser.parse_known_args()
    return str(known.engine)


async def _nothing() -> None:
    """What most servicers have to do at the end."""


def serve(servicer: Any, at_the_end: Callable[[], Coroutine[Any, Any, None]] = _nothing) -> None:
    """Serve *servicer* on a port of its own, which is written to standard output, until interrupted."""

    async def serving() -> None:
        from stackwright.sdk.runtime.proto import provider_pb2_grpc
        from stackwright.wire import CHANNEL_OPTIONS, load_grpc

        load_grpc()
        import grpc.aio

        server = grpc.aio.server(options=CHANNEL_OPTIONS)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sys.stdout.buffer.write(f"{port}\n".encode())
        sys.stdout.buffer.flush()
        loop = asyncio.get_running_loop()
        stops: list[asyncio.Task[None]] = []

        def stop() -> None:
            for signal_ in _ENDING:  # the next one ends what does not stop
                loop.remove_signal_handler(signal_)
            stops.append(loop.create_task(server.stop(None)))

        with contextlib.suppress(NotImplementedError):  # where loops know no signals
            for signal_ in _ENDING:
                loop.add_signal_handler(signal_, stop)
        await server.wait_for_termination()
        await asyncio.gather(*stops)
        await at_the_end()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serving())
