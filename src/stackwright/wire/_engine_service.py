"""The service that plugins and programs call back: what they say, and what they may ask (protocol.md §12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from stackwright.diagnostics import DebuggerAwaited, Diagnostic, Severity
from stackwright.urn import Urn
from stackwright.wire._values import EVERYTHING, decode_properties
from stackwright.wire._version_ranges import UnreadableRangeError, version_satisfies

if TYPE_CHECKING:
    from stackwright.wire.stubs.google.protobuf import empty_pb2
    from stackwright.wire.stubs.pulumi import engine_pb2

COMPATIBLE_VERSION: Final = "3.272.0"
"""The release of the compatible tool whose protocol this is; plugins may ask for a minimum."""

_SEVERITIES: Final = (Severity.DEBUG, Severity.INFO, Severity.WARNING, Severity.ERROR)


class EngineService:
    """
    Serves `pulumirpc.Engine`.

    *log* hears everything said. *root_urn*, when given, answers which URN the stack's own
    resource has; otherwise the last one that was set counts, which is empty at first.
    *on_root* hears which one was set.
    """

    def __init__(
        self,
        log: Callable[[Diagnostic], None],
        *,
        root_urn: Callable[[], Urn | None] | None = None,
        on_root: Callable[[Urn], None] | None = None,
    ) -> None:
        self._log = log
        self._root_urn = root_urn
        self._on_root = on_root
        self._set_urn = ""

    async def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:  # noqa: N802
        import grpc

        from stackwright.wire.stubs.google.protobuf import empty_pb2

        if not 0 <= request.severity < len(_SEVERITIES):
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"{request.severity} is no severity of a log message"
            )
        self._log(
            Diagnostic(
                severity=_SEVERITIES[request.severity],
                message=request.message,
                urn=Urn(request.urn) if request.urn else None,
                ephemeral=request.ephemeral,
                stream=request.streamId,
            )
        )
        return empty_pb2.Empty()

    async def GetRootResource(  # noqa: N802
        self, request: engine_pb2.GetRootResourceRequest, context: Any
    ) -> engine_pb2.GetRootResourceResponse:
        from stackwright.wire.stubs.pulumi import engine_pb2

        del request, context
        known = self._root_urn() if self._root_urn is not None else None
        return engine_pb2.GetRootResourceResponse(urn=known or self._set_urn)

    async def SetRootResource(  # noqa: N802
        self, request: engine_pb2.SetRootResourceRequest, context: Any
    ) -> engine_pb2.SetRootResourceResponse:
        from stackwright.wire.stubs.pulumi import engine_pb2

        del context
        self._set_urn = request.urn
        if self._on_root is not None:
            self._on_root(Urn(request.urn))
        return engine_pb2.SetRootResourceResponse()

    async def StartDebugging(  # noqa: N802
        self, request: engine_pb2.StartDebuggingRequest, context: Any
    ) -> empty_pb2.Empty:
        from stackwright.wire.stubs.google.protobuf import empty_pb2

        del context
        config = decode_properties(request.config, EVERYTHING)
        self._log(DebuggerAwaited(message=request.message, config=config))
        return empty_pb2.Empty()

    async def RequirePulumiVersion(  # noqa: N802
        self, request: engine_pb2.RequirePulumiVersionRequest, context: Any
    ) -> engine_pb2.RequirePulumiVersionResponse:
        import grpc

        from stackwright.wire.stubs.pulumi import engine_pb2

        wanted = request.pulumi_version_range
        try:
            satisfied = version_satisfies(COMPATIBLE_VERSION, wanted)
        except UnreadableRangeError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        if not satisfied:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"Pulumi CLI version {COMPATIBLE_VERSION} does not satisfy the version range {wanted!r}",
            )
        return engine_pb2.RequirePulumiVersionResponse()
