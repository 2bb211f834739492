"""
A conversation with one plugin, from its start to its end (protocol.md §7.5-7.8, §8.1).

Knows nothing of property values: messages go in and come out.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.environment import DISABLE_REFRESH_BEFORE_UPDATE
from stackwright.providers._interface import ProviderError, ProviderGoneError, ResourceStatus
from stackwright.providers._watched import PluginStartError
from stackwright.providers.plugin._process import PluginProcess
from stackwright.wire import DETAILS_TRAILER, NO_DETAILS, FailureDetails, decode_details, open_channel

if TYPE_CHECKING:
    import grpc.aio

    from stackwright.providers._interface import ProviderLog
    from stackwright.wire.stubs.pulumi import provider_pb2

_CHANGING: Final = frozenset({"Create", "Update", "Delete", "Construct", "Call"})


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long, in seconds, a plugin is waited for."""

    port: float = 60
    """Until it says on which port it serves: large plugins take their time."""
    greeting: float = 10
    """Until it answers the first call."""
    cancel: float = 5
    """Until it acknowledges that it is to stop."""
    interrupt: float = 5
    """From the interrupt to the kill."""
    last_words: float = 2
    """From a broken connection to the exit status that explains it."""


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin can be sent (§3.2), and whether it said so in a handshake."""

    handshake: bool = False
    secrets: bool = False
    resources: bool = False
    outputs: bool = False
    autonaming: bool = False
    bytes: bool = False
    preview: bool = False


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a plugin: a command to run, or the port of one that already runs."""

    name: str
    source: str
    """For people: where it was found."""
    command: tuple[str, ...] = ()
    directory: Path | None = None
    """The plugin's own directory; it is told."""
    cwd: Path
    environ: Mapping[str, str]
    port: int | None = None
    timing: Timing = Timing()


class CallRefused(Exception):
    """The plugin answered a call with a failure; not yet in our words."""

    def __init__(self, code: str, text: str, details: FailureDetails) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.details = details


class PluginConnection:
    """
    A plugin that has answered the handshake, or declined it.

    Made by `open`, ended by `close`, on one event loop. `support` begins with what the
    handshake said; a plugin without one says it when it is configured.
    """

    def __init__(self, launch: Launch, channel: grpc.aio.Channel, process: PluginProcess | None) -> None:
        from stackwright.wire.stubs.pulumi import provider_pb2

        self.launch = launch
        self.support = Support()
        self._channel = channel
        self._process = process
        self._stub: Any = provider_pb2.ResourceProviderStub(channel)
        self._calls: dict[int, tuple[str, str]] = {}
        self._numbers = itertools.count()
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, launch: Launch, *, engine_address: str, log: ProviderLog) -> PluginConnection:
        """
        Start (or attach to) the plugin and greet it.

        Raises:
            ProviderGoneError: It did not come up; what it printed is in the error.
        """
        process: PluginProcess | None = None
        if launch.port is not None:
            address = f"127.0.0.1:{launch.port}"
        else:
            process = await _start(launch, engine_address, _line_to(log, launch.name))
            try:
                address = f"127.0.0.1:{await process.port(within=launch.timing.port)}"
            except PluginStartError as error:
                await process.stop(0)
                raise _did_not_start(error) from error
            except BaseException:
                await process.stop(0)
                raise
        connection = cls(launch, open_channel(address), process)
        try:
            await connection._greet(engine_address)
        except BaseException:
            await connection.close(cancel=False)
            raise
        return connection

    async def _greet(self, engine_address: str) -> None:
        from stackwright.wire.stubs.pulumi import plugin_pb2, provider_pb2

        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address,
            configure_with_urn=True,
            supports_refresh_before_update=not DISABLE_REFRESH_BEFORE_UPDATE.value(self.launch.environ),
            invoke_with_preview=True,
            accepts_byte_string=True,
        )
        if self._process is not None and self.launch.directory is not None:
            request.root_directory = request.program_directory = str(self.launch.directory)
        try:
            answer = await self._first_call(request)
        except CallRefused as refused:
            if refused.code != "UNIMPLEMENTED":
                raise ProviderError(
                    f"The provider plugin `{self.launch.name}` refused the handshake: {refused.text}",
                    detail=f"Plugin: {self.launch.source}",
                ) from None
        else:
            self.support = Support(
                handshake=True,
                secrets=answer.accept_secrets,
                resources=answer.accept_resources,
                outputs=answer.accept_outputs,
                autonaming=answer.supports_autonaming_configuration,
                bytes=answer.accepts_byte_string,
                preview=True,
            )
        if self._process is None:
            with contextlib.suppress(CallRefused):  # optional: a plugin that needs no engine has no Attach
                await self.call("Attach", plugin_pb2.PluginAttach(address=engine_address), "attach")

    async def _first_call(self, request: provider_pb2.ProviderHandshakeRequest) -> Any:
        """Handshake, once the plugin's server is there; gives up early if its process ends (§7.5)."""
        limit = self.launch.timing.greeting
        greeting = asyncio.ensure_future(
            self.call("Handshake", request, "answer the handshake", wait_for_ready=True, timeout=limit)
        )
        waiting: set[asyncio.Future[Any]] = {greeting}
        if self._process is not None:
            waiting.add(asyncio.ensure_future(self._process.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if greeting.done():
                return greeting.result()
            raise self._gone("Handshake", "answer the handshake")
        except CallRefused as refused:
            if refused.code in {"DEADLINE_EXCEEDED", "UNAVAILABLE"}:
                raise self._silent(limit) from None
            raise
        finally:
            for future in waiting:
                future.cancel()
            await asyncio.wait(waiting)

    def support_from(self, answer: provider_pb2.ConfigureResponse) -> None:
        """Take what Configure answered, unless the handshake has said it already (§8.1)."""
        if not self.support.handshake:
            self.support = Support(
                secrets=answer.acceptSecrets,
                resources=answer.acceptResources,
                outputs=answer.acceptOutputs,
                autonaming=answer.supports_autonaming_configuration,
                preview=answer.supportsPreview,
            )

    async def call(self, method: str, request: Any, doing: str, **options: Any) -> Any:
        """
        Call *method*; *doing* says in words what it is to do.

        Raises:
            CallRefused: The plugin answered with a failure.
            ProviderGoneError: The plugin is no longer there.
        """
        return await self._watched(method, doing, lambda: getattr(self._stub, method)(request, **options))

    async def collect(self, method: str, request: Any, doing: str) -> list[Any]:
        """Call *method*, and wait for all that it streams. Raises like `call`."""

        async def collected() -> list[Any]:
            return [each async for each in getattr(self._stub, method)(request)]

        found: list[Any] = await self._watched(method, doing, collected)
        return found

    async def _watched(self, method: str, doing: str, start: Callable[[], Awaitable[Any]]) -> Any:
        import grpc.aio

        if self._closing is not None:
            raise ProviderGoneError(f"The provider plugin `{self.launch.name}` has been closed")
        number = next(self._numbers)
        self._calls[number] = (method, doing)
        try:
            return await start()
        except grpc.aio.AioRpcError as error:
            ended = await self._has_ended(error)
            refused = _refused(error)
        finally:
            del self._calls[number]
        # Raised out here, so that it does not lead back to the call: whoever keeps the error would
        # keep the connection open, and a plugin that waits for it to close would be slow to end.
        raise self._gone(method, doing) if ended else refused

    async def _has_ended(self, error: grpc.aio.AioRpcError) -> bool:
        """Whether *error* came about because the plugin is gone, rather than from the plugin."""
        import grpc

        broken = error.code() is grpc.StatusCode.UNAVAILABLE
        if self._process is None:
            return broken and self._channel.get_state() is not grpc.ChannelConnectivity.READY
        if broken:  # the connection breaks a moment before the exit status can be had
            return await self._process.wait(within=self.launch.timing.last_words)
        return self._process.exit_status is not None

    def _gone(self, method: str, doing: str) -> ProviderGoneError:
        status = ResourceStatus.UNKNOWN if method in _CHANGING else ResourceStatus.OK
        evidence = [f"Plugin: {self.launch.source}"]
        if self._calls:
            others = sorted(other for _, other in self._calls.values())
            shown = others[:10] + ([f"and {len(others) - 10} more"] if len(others) > 10 else [])
            evidence.append("It was also to:\n" + "\n".join(f"  {other}" for other in shown))
        if self._process is None:
            end = f"no longer answers at port {self.launch.port}"
            hint = "It was started by somebody else: look there for the reason"
        else:
            end = self._process.describe_end()
            said = self._process.tail
            evidence.append(f"It printed last:\n{said}" if said else "It printed nothing")
            hint = "Run the command again; if it happens again, tell the plugin's authors the lines above"
        return ProviderGoneError(
            f"The provider plugin `{self.launch.name}` {end} while it was to {doing}",
            status=status,
            detail="\n".join(evidence),
            hint=hint,
        )

    def _silent(self, limit: float) -> ProviderGoneError:
        if self._process is None:
            return ProviderGoneError(
                f"Nothing answers at port {self.launch.port}, where provider `{self.launch.name}` should run",
                hint="Start it, or unset the variable that names the port (PULUMI_DEBUG_PROVIDERS)",
            )
        said = self._process.tail
        return ProviderGoneError(
            f"The provider plugin `{self.launch.name}` did not answer within {limit:g} s of naming its port",
            detail="\n".join([f"Plugin: {self.launch.source}", *([f"It printed:\n{said}"] if said else [])]),
        )

    async def cancel(self) -> None:
        """Ask it to end what it is doing. Whatever comes of that, it was asked (§7.8)."""
        from stackwright.wire.stubs.google.protobuf import empty_pb2

        limit = self.launch.timing.cancel
        with contextlib.suppress(CallRefused, ProviderError):
            await self.call("Cancel", empty_pb2.Empty(), "cancel", timeout=limit)

    async def close(self, *, cancel: bool = True) -> None:
        """End the conversation, and the process if it is ours. Idempotent."""
        if self._closing is None and cancel:
            await self.cancel()
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._channel.close(None)
        if self._process is not None:
            await self._process.stop(self.launch.timing.interrupt)


async def _start(launch: Launch, engine_address: str, on_line: Callable[[str, str], None]) -> PluginProcess:
    try:
        return await PluginProcess.start(
            (*launch.command, engine_address), cwd=launch.cwd, environ=launch.environ, on_line=on_line
        )
    except PluginStartError as error:
        raise _did_not_start(error) from error


def _did_not_start(error: PluginStartError) -> ProviderGoneError:
    detail = f"It printed:\n{error.said}" if error.said else None
    return ProviderGoneError(error.message, detail=detail, hint=error.hint)


def _line_to(log: ProviderLog, name: str) -> Callable[[str, str], None]:
    def line(stream: str, text: str) -> None:
        log(Diagnostic(severity=Severity.DEBUG, message=text, prefix=f"{name} {stream}: "))

    return line


def _refused(error: grpc.aio.AioRpcError) -> CallRefused:
    trailer: Any = error.trailing_metadata()
    data = trailer.get(DETAILS_TRAILER) if trailer else None
    details = decode_details(data) if isinstance(data, bytes) else NO_DETAILS
    return CallRefused(error.code().name, error.details() or "", details)
