"""All packs of one operation, made ready side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from stackwright.engine import Analyzer, Reporter, Target, Waits
from stackwright.policy._configuration import PolicySetting
from stackwright.policy._directory import load_pack
from stackwright.policy._local import LocalPack
from stackwright.policy._process import ProcessAnalyzer
from stackwright.wire import EngineService, LocalServer


class PackDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that lies in a directory, and how its policies are set."""

    path: Path
    settings: Mapping[str, PolicySetting] = {}


class PolicyPacks:
    """
    Packs in directories and in this process; implements `stackwright.engine.AnalyzerHost`.

    One after the other, any number of operations may open them.
    """

    def __init__(self, packs: Sequence[PackDirectory | LocalPack]) -> None:
        self._packs = packs
        self._server: LocalServer | None = None
        self._opened: list[ProcessAnalyzer] = []

    async def open(self, target: Target, *, preview: bool, report: Reporter) -> Sequence[Analyzer]:
        """See `AnalyzerHost.open`."""
        if any(isinstance(pack, PackDirectory) for pack in self._packs):
            self._server = await _served(report)
        waits = Waits(report)
        try:
            async with asyncio.TaskGroup() as group:
                opening = [
                    group.create_task(self._open(pack, target, preview=preview, report=report, waits=waits))
                    for pack in self._packs
                ]
        except BaseExceptionGroup as errors:
            await self.close()
            raise errors.exceptions[0] from None
        return [each.result() for each in opening]

    async def _open(
        self,
        pack: PackDirectory | LocalPack,
        target: Target,
        *,
        preview: bool,
        report: Reporter,
        waits: Waits,
    ) -> Analyzer:
        if isinstance(pack, LocalPack):
            return pack.analyzer()
        assert self._server is not None, "it is started for packs in directories"
        loaded = await asyncio.to_thread(
            load_pack,
            pack.path,
            pack.settings,
            target,
            preview=preview,
            engine_address=self._server.address,
        )
        analyzer = await ProcessAnalyzer.open(loaded, target, preview=preview, report=report, waits=waits)
        self._opened.append(analyzer)
        return analyzer

    async def close(self) -> None:
        """See `AnalyzerHost.close`."""
        opened, self._opened = self._opened, []
        await asyncio.gather(*(each.close() for each in opened))
        server, self._server = self._server, None
        if server is not None:
            await server.stop()


async def _served(report: Reporter) -> LocalServer:
    """The engine that packs say things to."""
    from stackwright.wire.stubs.pulumi import engine_pb2

    service = EngineService(report)
    return await LocalServer.start(partial(engine_pb2.add_EngineServicer_to_server, service))
