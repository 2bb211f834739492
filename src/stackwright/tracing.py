"""
This process as a part of a trace that others keep (sdk.md §24, protocol.md §7.5, §13.3).

Whoever started it may have named, in `TRACEPARENT`, the span that it belongs to. That is passed on
with every call to another process. Where the packages of OpenTelemetry are installed, spans that
the program itself opens belong there too; and if there is an address to send them to, each call is
a span of its own. Without `TRACEPARENT` nothing is loaded, and nothing costs anything.

How calls carry what they are given here is left to `wire`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from stackwright.environment import OTEL_EXPORTER_OTLP_ENDPOINT, TRACEPARENT

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE: Final = "stackwright-sdk-python"
"""What our spans say they come from."""

_FORM: Final = "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
_NEEDED: Final = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-grpc"

Headers = tuple[tuple[str, str], ...]

_begun = False
_sends = False
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
    global _begun, _sends, _root  # noqa: PLW0603 # there is one trace for each process
    if _begun or not parent():
        return
    _begun = True
    address = OTEL_EXPORTER_OTLP_ENDPOINT.value()
    try:
        from opentelemetry import context, propagate, trace
        from opentelemetry.sdk.trace import TracerProvider

        found = trace.get_tracer_provider()
        if isinstance(found, trace.ProxyTracerProvider):
            found = _provider(TracerProvider, address)
            trace.set_tracer_provider(found)
    except ImportError as error:
        if address:
            sys.stderr.write(
                f"warning: {OTEL_EXPORTER_OTLP_ENDPOINT.source()} asks for traces, and the packages "
                f"for them are not installed here ({error}). Run `pip install {_NEEDED}`, or unset it\n"
            )
        return
    _root = propagate.extract({"traceparent": parent()})
    _sends = bool(address)
    context.attach(_root)


def _provider(make: Callable[..., Any], address: str | None) -> Any:
    """What makes the spans of this process, and sends them to *address*."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    made = make(resource=Resource.create({SERVICE_NAME: SERVICE}))
    if address:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = OTLPSpanExporter(endpoint=address, insecure=not address.startswith("https://"))
        made.add_span_processor(BatchSpanProcessor(exporter))
    return made


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
