"""Calls that carry the trace they belong to, as metadata (`tracing` knows what that is)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc.aio

from stackwright import tracing


class _OneAnswer(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[type-arg] # a class at run time
    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        # A failure is the span's as well; whoever waits for the answer is told by the call itself.
        with suppress(grpc.aio.AioRpcError), tracing.call(_method(client_call_details)) as headers:
            call = await continuation(_carrying(client_call_details, headers), request)
            await call
        return call


class _ManyAnswers(grpc.aio.UnaryStreamClientInterceptor):  # type: ignore[type-arg] # a class at run time
    async def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        with tracing.call(_method(client_call_details)) as headers:
            return await continuation(_carrying(client_call_details, headers), request)


def traced() -> list[Any]:
    """What a channel is made with, for its calls to carry their trace."""
    return [_OneAnswer(), _ManyAnswers()]


def _method(details: Any) -> str:
    method = details.method
    return method.decode() if isinstance(method, bytes) else str(method)


def _carrying(details: Any, headers: tracing.Headers) -> Any:
    return details._replace(metadata=grpc.aio.Metadata(*(details.metadata or ()), *headers))
