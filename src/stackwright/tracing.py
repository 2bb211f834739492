"""
This process as a part of a trace that others keep (sdk.md §24, protocol.md §7.5, §13.3).

Whoever started it may have named, in `TRACEPARENT`, the span that it belongs to. That is passed on
with every call to another process. Where the packages of OpenTelemetry are installed, spans that
the program itself opens belong there too; and if there is an address to send them to, each call is
a span of its own. Without `TRACEPARENT` nothing is loaded, and nothing costs anything.

How calls carry what they are given here is left to `wire`.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from stackwright.environment import OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT

SERVICE: Final = "stackwright-sdk-python"
"""What our spans say they come from."""

_FORM: Final = "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
_LIKE: Final = "grpc://127.0.0.1:4317"
_NEEDED: Final = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-grpc"

Headers = tuple[tuple[str, str], ...]

_begun: set[bool] = set()
"""How it has begun: with an address to send spans to, or without."""
_sends = False
_own: Any = None
"""OpenTelemetry's maker of spans, if it is one that was set up here."""
_root: Any = None
"""OpenTelemetry's context in which the span is that we belong to; None without its packages."""


def parent() -> str:
    """The span that this process belongs to, as it was told; empty if it was not, or in no known form."""
    told = (TRACEPARENT.value() or "").strip()
    return told if told and told.isascii() and re.fullmatch(_FORM, told) else ""


def begin() -> None:
    """
    Have the program's own spans belong where they do, and be sent. Doing it twice is the same as once.

    A tracer that the process has set up itself is used as it is.
    """
    global _sends, _root, _own  # noqa: PLW0603 # there is one trace for each process
    address = OTEL_EXPORTER_OTLP_ENDPOINT.value()
    if not parent() or True in _begun or bool(address) in _begun:
        return
    _begun.add(bool(address))
    try:
        from opentelemetry import context, propagate, trace
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider

        sender = _sender(address) if address else None
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            _own = TracerProvider(resource=Resource.create({SERVICE_NAME: SERVICE}))
            trace.set_tracer_provider(_own)
        if sender is not None and _own is not None:
            _own.add_span_processor(sender)
    except (ImportError, ValueError) as error:  # the latter of settings that OpenTelemetry reads itself
        if address:
            sys.stderr.write(
                f"warning: {OTEL_EXPORTER_OTLP_ENDPOINT.source()} asks for traces, which cannot be "
                f"made here: {error}. Run `pip install {_NEEDED}`, or unset it\n"
            )
        return
    _root = propagate.extract({"traceparent": parent()})
    _sends = bool(address)
    context.attach(_root)


def _sender(address: str) -> Any:
    """What sends spans to *address*."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=address, insecure=not address.startswith("https://")))


def lead(address: str, name: str) -> None:
    """
    Send spans to *address*, the first of them called *name*: what this process does and starts belongs to it.

    Where the process belongs to a span already, so does *name*. It ends with the process.
    """
    global _root  # noqa: PLW0603 # as above
    scheme, _, place = address.rpartition("://")
    if scheme not in ("", "grpc", "http", "https") or not place:
        sys.stderr.write(f"warning: traces cannot be sent to {address}, only to addresses like {_LIKE}\n")
        return
    os.environ[OTEL_EXPORTER_OTLP_ENDPOINT.variables[-1]] = address if scheme == "https" else place
    alone = not parent()
    if alone:
        os.environ["TRACEPARENT"] = f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    begin()
    if _root is None:
        return
    from opentelemetry import context, propagate, trace

    span = trace.get_tracer(SERVICE).start_span(name, context=context.Context() if alone else _root)
    atexit.register(span.end)
    _root = trace.set_span_in_context(span)
    context.attach(_root)
    carried: dict[str, str] = {}
    propagate.inject(carried)
    # Settings of OpenTelemetry's own may have it pass on nothing.
    os.environ["TRACEPARENT"] = carried.get("traceparent", parent())


@contextmanager
def call(method: str) -> Iterator[Headers]:
    """What a call of *method*, a path as gRPC has it, is to carry; the block is as long as the call."""
    if _root is None:
        yield (("traceparent", told),) if (told := parent()) else ()
        return
    from opentelemetry import context, propagate, trace

    current = trace.get_current_span().get_span_context()
    within = context.get_current() if current.is_valid else _root
    carried: dict[str, str] = {}
    if not _sends:
        propagate.inject(carried, context=within)
        yield tuple(carried.items())
        return
    service, _, name = method.strip("/").rpartition("/")
    span = trace.get_tracer(SERVICE).start_as_current_span(
        method,
        context=within,
        kind=trace.SpanKind.CLIENT,
        attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
    )
    with span:
        propagate.inject(carried)
        yield tuple(carried.items())
