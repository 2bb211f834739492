"""What later requests rely on is in effect before they are sent: gRPC itself promises no order."""

from __future__ import annotations

from typing import Any

from support.monitors import FakeMonitor

from stackwright.automation._engine_thread import EngineThread
from stackwright.goals import RegisterRequest, TransformResult
from stackwright.wire import MonitorServer, RemoteMonitor


def test_a_transform_is_there_before_what_is_registered_after_it() -> None:
    """protocol.md §10.10: stack transforms apply to all later resources."""
    monitor = FakeMonitor()

    async def mark(args: Any) -> TransformResult:
        return TransformResult(properties={**args.properties, "marked": True})

    with EngineThread() as engine:
        server = engine.run(MonitorServer.start(monitor))
        with RemoteMonitor(server.address, info=monitor.deployment()) as remote:
            added = remote.add_stack_transform(mark)
            registered = [
                remote.register(RegisterRequest(type="t:m:R", name=f"r{number}", custom=True))
                for number in range(30)
            ]
            added.wait(30)
            assert all(reply.wait(30).outputs == {"marked": True} for reply in registered)
        engine.run(server.stop())
    monitor.stop()
