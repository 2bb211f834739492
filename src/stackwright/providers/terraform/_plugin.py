"""
One process of a Terraform provider, from its start to its end (terraform.md §1).

Knows nothing of values: messages go in and come out. The process belongs to us from
the first moment and cannot outlive us; one that somebody else started is left alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import msgspec

from stackwright.environment import TF_DEBUG_GRPC, TF_PLUGIN_TLS
from stackwright.providers._interface import (
    ProviderError,
    ProviderGoneError,
    ResourceStatus,
    UnimplementedError,
)
from stackwright.providers._watched import PluginStartError, WatchedProcess
from stackwright.providers.terraform._broker import PluginBroker
from stackwright.providers.terraform._dialects import Dialect
from stackwright.providers.terraform._handshake import (
    Handshake,
    HandshakeError,
    host_environment,
    parse_handshake,
)
from stackwright.providers.terraform._logs import LogRecord, LogSettings, LogWriter, OutputListener
from stackwright.providers.terraform._reattach import Reattached
from stackwright.providers.terraform._shared import shared
from stackwright.providers.terraform._tls import ClientCertificate, make_certificate, tls_context
from stackwright.providers.terraform._traffic import TrafficLog
from stackwright.wire import parser
from stackwright.wire.rpc import RpcClient, RpcError, RpcStatus

if TYPE_CHECKING:
    import ssl

_CHANGING: Final = frozenset({"ApplyResourceChange", "InvokeAction"})
"""Calls of which nobody knows what they did when they end half-way."""

_FAULT_OF_ITS_OWN: Final = "This is a fault of the provider: tell its authors the lines above"
_FROM_OUTSIDE: Final = {
    -signal.SIGKILL: "Somebody ended it, or the system did for want of memory: then its log says so"
    " (`dmesg`), and fewer operations at a time (`--parallel`) may help",
    -signal.SIGTERM: "Somebody ended it: run the command again",
}
"""What to do about a process that did not end by itself, by its exit status."""

_SMALL: Final = 64 << 20
"""Bytes of a program up to which what it keeps in memory is little, too."""
_FEWER_COLLECTIONS: Final = {"GOGC": "400"}
"""Go looks for garbage whenever as much was made as is kept: all the time, where that is little."""

_BUSY_PAUSES: Final = (0.05, 0.1, 0.2)
"""Between attempts to run a file that somebody has only just written (§1.1)."""
_CANNOT_EXECUTE: Final = 126
_SOCKET_PATH_LIMIT: Final = 100
"""Of the about 108 bytes a path of a socket may have, with something left for its name (§1.4)."""
_SOCKET_NAME: Final = len("/plugin1234567890123")


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long, in seconds, a provider is waited for."""

    handshake: float = 60
    connect: float = 30
    shutdown: float = 2
    """From the request to end to the kill."""
    last_words: float = 2
    """From a broken connection to the exit status that explains it."""
    stopping: float = 10
    """From the request to stop to the end of those calls that change nothing."""


class ProviderProgram(msgspec.Struct, frozen=True, kw_only=True):
    """How to get a running provider: what to run, or what runs already."""

    name: str
    """For people and for finding it: `hashicorp/aws`, or the whole address."""
    path: Path
    environ: Mapping[str, str]
    cwd: Path = Path()
    tls: bool = False
    """Ask for mutual TLS, though the socket is private (§1.4); a setting of the environment can too."""
    reattached: Reattached | None = None
    timing: Timing = Timing()
    on_log: Callable[[str, LogRecord], None] | None = None
    """Told the provider's name and each record, on any thread; the default obeys TF_LOG and its like."""


class _Method(NamedTuple):
    """Where a call goes, and what its answers are."""

    path: str
    read: Callable[[bytes], Any]


class _Call(NamedTuple):
    """A call that is under way."""

    name: str
    doing: str
    cancel: Callable[[], object]


class TerraformPlugin:
    """
    A provider that serves one protocol. Made by `open`, ended by `close`, on one event loop.

    Calls go by their names in protocol 6.
    """

    def __init__(
        self,
        program: ProviderProgram,
        handshake: Handshake,
        listener: OutputListener,
        *,
        process: WatchedProcess | None = None,
        tls: ssl.SSLContext | None = None,
        directory: Path | None = None,
    ) -> None:
        self.program = program
        self.dialect = Dialect(handshake.protocol)
        self._address = handshake.address
        self._client = RpcClient(handshake.network, handshake.address, tls=tls)
        self._listener = listener
        self._process = process
        self._directory = directory
        self._methods: dict[str, _Method] = {}
        self._calls: dict[int, _Call] = {}
        self._numbers = itertools.count()
        self._closing: asyncio.Future[None] | None = None
        self._changing: set[asyncio.Future[Any]] = set()
        self._giving_up: asyncio.TimerHandle | None = None
        self._gave_up = False
        traffic = TF_DEBUG_GRPC.value(program.environ)
        self._traffic = TrafficLog(traffic) if traffic else None
        self.broker = PluginBroker(self._client)
        self._last_call = asyncio.get_running_loop().time()
        self.held = 0
        """How many things are open in it that would be lost with the process."""
        self._output = asyncio.ensure_future(self._read_output())

    @classmethod
    async def open(
        cls, program: ProviderProgram, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> TerraformPlugin:
        """
        Start the provider, or attach to it, and wait until it can be called.

        Raises:
            ProviderGoneError: It did not come up; what it printed is in the error.
        """
        settings = LogSettings.from_environ(program.environ)
        hear = program.on_log or LogWriter(settings)
        listener = OutputListener(lambda record: hear(program.name, record))
        if program.reattached is not None:
            plugin = cls(program, program.reattached.handshake, listener)
        else:
            plugin = await _start(program, settings, listener, pause)
        try:
            await plugin.connect()
        except BaseException:
            await plugin.close()
            raise
        return plugin

    @property
    def pid(self) -> int:
        """The process, ours or not."""
        if self._process is not None:
            return self._process.pid
        return self.program.reattached.pid if self.program.reattached else 0

    @property
    def alive(self) -> bool:
        """Whether calls have any prospect; known late of a process that is not ours."""
        return self._closing is None and (self._process is None or self._process.exit_status is None)

    @property
    def idle(self) -> float | None:
        """For how many seconds nobody has needed it; None while somebody does."""
        if self._calls or self.held:
            return None
        return asyncio.get_running_loop().time() - self._last_call

    def touch(self) -> Self:
        """Count as needed just now: a call is about to be made."""
        self._last_call = asyncio.get_running_loop().time()
        return self

    async def call(self, call: str, request: Any, doing: str) -> Any:
        """
        Make one call; *doing* says in words what it is to do.

        A call that changes something goes on when its caller is cancelled: it can only
        be asked to end, by `stop`.

        Raises:
            UnimplementedError: This provider has no such call, type or function.
            ProviderGoneError: It is no longer there.
            ProviderError: It answered outside the protocol.
        """
        answering = self._ask(call, request, doing, self._method(call).read)
        if call not in _CHANGING:
            return await answering
        task = shared(answering)
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)
        return await asyncio.shield(task)

    async def call_raw(self, call: str, request: Any, doing: str) -> bytes:
        """The same, with the answer as the bytes that came."""
        answer: bytes = await self._ask(call, request, doing, bytes)
        return answer

    async def stream(self, call: str, request: Any, doing: str) -> AsyncGenerator[Any, None]:
        """Make a call that answers with a stream. Leaving early cancels it. Raises like `call`."""
        self._check_open()
        method = self._method(call)
        events = self._client.stream(method.path, request.SerializeToString())
        try:
            while True:
                event = await self._answer(call, request, doing, method.read, events.read(), events.cancel)
                if event is None:
                    return
                yield event
        finally:
            events.cancel()

    async def _ask(self, call: str, request: Any, doing: str, read: Callable[[bytes], Any]) -> Any:
        self._check_open()
        asked = self._client.start(self._method(call).path, request.SerializeToString())
        return await self._answer(call, request, doing, read, asked.answer, asked.cancel)

    def _method(self, call: str) -> _Method:
        made = self._methods.get(call)
        if made is None:
            path, answer = self.dialect.method(call), self.dialect.answer(call)
            made = self._methods[call] = _Method(path, _reader(answer))
        return made

    def _check_open(self) -> None:
        if self._closing is not None:
            raise ProviderGoneError(f"The provider {self.program.name} has been stopped")

    async def _answer(
        self,
        call: str,
        request: Any,
        doing: str,
        read: Callable[[bytes], Any],
        answering: Awaitable[bytes | None],
        cancel: Callable[[], object],
    ) -> Any:
        """What comes of *answering*, or None where that has ended."""
        number = next(self._numbers)
        self._calls[number] = _Call(call, doing, cancel)
        hint = None
        try:
            data = await answering
            if data is None:
                return None
            answer = read(data)
            if self._traffic is not None:
                self._traffic.write(self.dialect.method(call), request, answer=answer)
            return answer
        except RpcError as error:
            ended = await self._has_ended(error)
            code, text = error.status.name, error.details
            if self._traffic is not None:
                self._traffic.write(self.dialect.method(call), request, error=f"{code}: {text}")
        except asyncio.CancelledError:
            cancel()
            task = asyncio.current_task()
            ended, code = self._closing is not None, "CANCELLED"
            if task is None or task.cancelling() or not (ended or self._gave_up):
                raise
            text = "the connection was closed"  # by us, not by our caller
            if not ended:
                seconds = self.program.timing.stopping
                text = f"it gave no answer within {seconds:g} s of having been asked to stop"
                hint = "Run the command again; if it hangs each time, tell the provider's authors"
        finally:
            del self._calls[number]
            self.touch()
        if ended:
            raise self._gone(call, doing, text)
        if code == "UNIMPLEMENTED":
            raise UnimplementedError(f"The provider {self.program.name} cannot {doing}: {text}")
        raise ProviderError(
            f"The provider {self.program.name} did not {doing}: {text or code}",
            status=ResourceStatus.UNKNOWN if call in _CHANGING else ResourceStatus.OK,
            hint=hint,
        )

    async def _has_ended(self, error: RpcError) -> bool:
        """Whether *error* came about because the provider is gone, rather than from the provider."""
        broken = error.status in (RpcStatus.UNAVAILABLE, RpcStatus.INTERNAL)
        if self._process is None:
            return broken and not self._client.is_connected
        if broken or error.status is RpcStatus.UNKNOWN:
            # The connection breaks a moment before the exit status can be had.
            patience = self.program.timing.last_words if broken else 0
            if await self._process.wait(within=patience):
                return True
            return error.status is RpcStatus.UNAVAILABLE and not self._client.is_connected
        return self._process.exit_status is not None

    def _gone(self, call: str, doing: str, text: str = "") -> ProviderGoneError:
        status = ResourceStatus.UNKNOWN if call in _CHANGING else ResourceStatus.OK
        evidence = []
        if self._calls:
            others = sorted(each.doing for each in self._calls.values())
            shown = others[:10] + ([f"and {len(others) - 10} more"] if len(others) > 10 else [])
            evidence.append("It was also to:\n" + "\n".join(f"  {other}" for other in shown))
        if self._process is None:
            end = f"no longer answers at {self._address}"
            hint = "It was started by somebody else: look there for the reason"
        else:
            end = self._process.describe_end()
            if self._process.exit_status is None:
                end = "broke off the connection"
                evidence.append(f"The connection says: {text}")
            said = self._listener.said
            evidence.append(f"It printed last:\n{said}" if said else "It printed nothing")
            evidence.append(f"Program: {self.program.path}")
            hint = _FROM_OUTSIDE.get(self._process.exit_status or 0, _FAULT_OF_ITS_OWN)
        if call == "ApplyResourceChange":
            hint = f"{hint}. What became of this change the next run then finds out"
        return ProviderGoneError(
            f"The provider {self.program.name} {end} while it was to {doing}",
            status=status,
            detail="\n".join(evidence) or None,
            hint=hint,
        )

    async def connect(self) -> None:
        """Wait for the connection; gives up early if the process ends."""
        ready = asyncio.ensure_future(self._client.connect())
        waiting: set[asyncio.Future[Any]] = {ready}
        if self._process is not None:
            waiting.add(asyncio.ensure_future(self._process.wait()))
        try:
            limit = self.program.timing.connect
            await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                return
            if self._process is not None and self._process.exit_status is not None:
                raise self._gone("", "take the first connection")
            raise ProviderGoneError(
                f"Nothing answers at {self._address}, where the provider {self.program.name} should serve",
                detail="\n".join(filter(None, [self._client.trouble, self._listener.said])) or None,
                hint="Unset TF_REATTACH_PROVIDERS if it is not meant to run by itself"
                if self.program.reattached
                else None,
            )
        finally:
            for future in waiting:
                future.cancel()
            await asyncio.wait(waiting)

    async def _read_output(self) -> None:
        """Hear what the provider prints after the handshake (§1.5); not every plugin offers it."""
        if self._process is None:
            return  # whoever started it hears it
        pending = {1: b"", 2: b""}
        with contextlib.suppress(RpcError, asyncio.CancelledError):
            await self._client.connect()
            said = self._client.stream("/plugin.GRPCStdio/StreamStdio", b"")
            while (message := await said.read()) is not None:
                from stackwright.wire.stubs.terraform import plugin_pb2  # few providers say anything

                data = _reader(plugin_pb2.StdioData)(message)
                *lines, pending[data.channel] = (pending.get(data.channel, b"") + data.data).split(b"\n")
                for line in lines:
                    self._listener.line(line.decode("utf-8", "replace"))
        for rest in pending.values():
            if rest:
                self._listener.line(rest.decode("utf-8", "replace"))

    async def stop(self) -> None:
        """
        Ask what is under way to end soon (§5.27). Never fails.

        Calls that change nothing are not waited for much longer, whatever the provider makes
        of that; one that changes something is, for only its answer says what there is now.
        """
        if not self.alive:
            return
        if self._giving_up is None:
            loop = asyncio.get_running_loop()
            self._giving_up = loop.call_later(self.program.timing.stopping, self._give_up)
        request = self.dialect.request("StopProvider")()
        with contextlib.suppress(ProviderError):
            await self.call("StopProvider", request, "stop")

    def _give_up(self) -> None:
        self._gave_up = True
        for each in list(self._calls.values()):
            if each.name not in _CHANGING:
                each.cancel()

    def end(self) -> asyncio.Future[None]:
        """From now on it takes no calls; the answer is done when the process has ended. Idempotent."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        return self._closing

    async def close(self) -> None:
        """End the process if it is ours, in peace if it can be. Idempotent."""
        await asyncio.shield(self.end())

    async def _close(self) -> None:
        try:
            if self._process is not None:
                await self._shut_down(self._process)
            elif self.program.reattached is not None and not self.program.reattached.keep:
                await self._ask_to_end()
        finally:
            if self._giving_up is not None:
                self._giving_up.cancel()
            self._output.cancel()
            await asyncio.wait([self._output, *self._changing])
            await self.broker.close()
            await self._client.close()
            if self._directory is not None:
                shutil.rmtree(self._directory, ignore_errors=True)

    async def _shut_down(self, process: WatchedProcess) -> None:
        if process.exit_status is None:
            await self._ask_to_end()
            await process.wait(within=self.program.timing.shutdown)
        await process.stop(0)

    async def _ask_to_end(self) -> None:
        """`Shutdown`; the server is often gone before it answers (§1.8)."""
        with contextlib.suppress(RpcError, TimeoutError):
            async with asyncio.timeout(self.program.timing.shutdown):
                await self._client.unary("/plugin.GRPCController/Shutdown", b"")


def _reader(message_class: Any) -> Callable[[bytes], Any]:
    """What makes an answer of bytes; bytes that are none count as lost."""
    from google.protobuf.message import DecodeError

    parse = parser(message_class)

    def read(data: bytes) -> Any:
        try:
            return parse(data)
        except DecodeError:
            raise RpcError(RpcStatus.DATA_LOSS, "its answer is no message of the protocol") from None

    return read


async def _start(
    program: ProviderProgram,
    settings: LogSettings,
    listener: OutputListener,
    pause: Callable[[float], Awaitable[None]],
) -> TerraformPlugin:
    _check_executable(program)
    directory = _socket_directory(program)
    try:
        ours = make_certificate() if program.tls or TF_PLUGIN_TLS.value(program.environ) else None
        environ = {
            **(_FEWER_COLLECTIONS if program.path.stat().st_size <= _SMALL else {}),
            **host_environment(
                program.environ,
                socket_directory=directory,
                client_certificate=ours.certificate if ours else None,
            ),
            **settings.variables,
        }
        process, line = await _first_line(program, environ, listener, pause)
        try:
            handshake = parse_handshake(line)
            tls = _tls(handshake, ours, directory)
            return TerraformPlugin(
                program, handshake, listener, process=process, tls=tls, directory=directory
            )
        except HandshakeError as error:
            await process.stop(0)
            raise ProviderGoneError(
                f"{program.name} cannot be used as a provider. {error.message}",
                detail="\n".join([f"Program: {program.path}", *filter(None, [listener.said])]),
                hint=error.hint,
            ) from error
        except BaseException:
            await process.stop(0)
            raise
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


async def _first_line(
    program: ProviderProgram,
    environ: Mapping[str, str],
    listener: OutputListener,
    pause: Callable[[float], Awaitable[None]],
) -> tuple[WatchedProcess, str]:
    """Run the program until it has said how it is reached; again if its file was being written (§1.1)."""
    for seconds in (*_BUSY_PAUSES, None):
        process = await _process(program, environ, listener)
        try:
            line = await process.first_line(
                "how it is reached",
                within=program.timing.handshake,
                hint="Run it by hand: a provider says that it is a plugin, and ends",
            )
            return process, line
        except PluginStartError as error:
            await process.stop(0)
            if seconds is None or not _was_busy(process):
                raise _did_not_start(program, error, listener) from error
        except BaseException:
            await process.stop(0)
            raise
        await pause(seconds)
    raise AssertionError("the last attempt returns or raises")


async def _process(
    program: ProviderProgram, environ: Mapping[str, str], listener: OutputListener
) -> WatchedProcess:
    try:
        return await WatchedProcess.start(
            [str(program.path)],
            cwd=program.cwd,
            environ=environ,
            on_line=lambda _, line: listener.line(line),
            orphan_grace=0,  # these ignore interrupts
            on_thread=True,
        )
    except PluginStartError as error:
        raise _did_not_start(program, error, listener) from error


def _was_busy(process: WatchedProcess) -> bool:
    """Whether the system would not run the file because somebody had it open for writing."""
    said = os.strerror(errno.ETXTBSY) in process.tail
    return said or process.exit_status == _CANNOT_EXECUTE


def _did_not_start(
    program: ProviderProgram, error: PluginStartError, listener: OutputListener
) -> ProviderGoneError:
    said = listener.said
    return ProviderGoneError(
        error.message.replace(f"The plugin {program.path}", f"The provider {program.name}"),
        detail="\n".join([f"Program: {program.path}", *([f"It printed:\n{said}"] if said else [])]),
        hint=error.hint,
    )


def _check_executable(program: ProviderProgram) -> None:
    if not program.path.is_file():
        raise ProviderGoneError(
            f"The provider {program.name} is not there: {program.path} is no file",
            hint="Install it anew",
        )
    if not os.access(program.path, os.X_OK):
        raise ProviderGoneError(
            f"The provider {program.name} may not be executed: {program.path}",
            hint=f"Its file lacks the permission: `chmod +x {program.path}`",
        )


def _socket_directory(program: ProviderProgram) -> Path:
    """A directory that only we may enter, with a path short enough for a socket (§1.4)."""
    for parent in (None, "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes it private
        try:
            made = Path(tempfile.mkdtemp(prefix="sw-tf-", dir=parent))
        except OSError:
            continue
        if len(os.fsencode(made)) + _SOCKET_NAME <= _SOCKET_PATH_LIMIT:
            return made
        made.rmdir()
    raise ProviderGoneError(
        f"There is no place for the socket of the provider {program.name}",
        detail=f"The temporary directory is {tempfile.gettempdir()}",
        hint="Set TMPDIR to a directory that exists, is writable, and whose path is short",
    )


def _tls(handshake: Handshake, ours: ClientCertificate | None, directory: Path) -> ssl.SSLContext | None:
    if ours is None:
        if handshake.certificate is not None:
            raise HandshakeError("It demands TLS without having been asked for it")
        return None
    if handshake.certificate is None:
        raise HandshakeError("It was asked for TLS and does not offer it")
    return tls_context(ours, handshake.certificate, directory)
