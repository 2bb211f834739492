"""
What the SDK costs for each resource: time and memory, beside the genuine package.

    python bench/sdk.py [COUNT …] [--kind NAME]

Each measurement runs in a process of its own: our SDK under a monitor that answers at
once and does nothing else, and the genuine `pulumi` under mocks (where it is
installed). Programs register COUNT resources of one input each; in `chained`, each one
reads an output of the one before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

COUNTS = (1_000, 10_000, 100_000)
GENUINE_UP_TO = 10_000


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def _declare(pulumi: Any, kind: str, count: int) -> list[Any]:
    # The genuine package resolves annotations in the module's own names.
    globals()["pulumi"] = pulumi

    class Thing(pulumi.CustomResource):  # type: ignore[misc]
        value: pulumi.Output[str]

        def __init__(self, name: str, value: Any, opts: Any = None) -> None:
            super().__init__("bench:index:Thing", name, {"value": value, "size": None, "tags": None}, opts)

    if kind == "generated":
        import pulumi_random

        return [pulumi_random.RandomPet(f"thing-{i}", length=3, prefix="a") for i in range(count)]
    if kind == "chained":
        things = [Thing("thing-0", "x")]
        for i in range(1, count):
            things.append(Thing(f"thing-{i}", things[-1].value))
        return things
    return [Thing(f"thing-{i}", f"value {i}") for i in range(count)]


def ours(kind: str, count: int) -> dict[str, float]:
    """Measure our SDK in this process."""
    from stackwright.goals import DeploymentInfo, Registered
    from stackwright.reply import Reply
    from stackwright.sdk import run_program
    from stackwright.urn import child_urn

    class NullMonitor:
        info = DeploymentInfo(project="bench", stack="bench")

        def deployment(self) -> DeploymentInfo:
            return self.info

        def register(self, request: Any) -> Reply[Registered]:
            urn = child_urn("bench", "bench", request.parent, request.type, request.name)
            id_ = request.name if request.custom else None
            return Reply.of(Registered(urn=urn, id=id_, outputs=request.inputs))

        def register_outputs(self, urn: Any, outputs: Any) -> Reply[None]:
            return Reply.of(None)

        def supports(self, feature: str) -> bool:
            return True

        def set_root(self, urn: Any) -> None:
            pass

        def log(self, diagnostic: Any) -> None:
            print(diagnostic.message, file=sys.stderr)

        def finish(self) -> Reply[None]:
            return Reply.of(None)

    kept: list[Any] = []

    def program() -> None:
        import pulumi

        kept.extend(_declare(pulumi, kind, count))

    def warm() -> None:
        import pulumi

        _declare(pulumi, kind, 10)

    run_program(NullMonitor(), warm)  # type: ignore[arg-type]
    before = _memory()
    started = time.process_time()
    result = run_program(NullMonitor(), program)  # type: ignore[arg-type]
    spent = time.process_time() - started
    assert result.ok, result.error
    return {"seconds": spent, "bytes": _memory() - before}


def genuine(kind: str, count: int) -> dict[str, float]:
    """Measure the genuine package in this process."""
    import asyncio

    import pulumi

    class NullMocks(pulumi.runtime.Mocks):  # type: ignore[misc]
        def new_resource(self, args: Any) -> Any:
            return args.name, args.inputs

        def call(self, args: Any) -> Any:
            return {}

    async def main() -> None:
        pulumi.runtime.set_mocks(NullMocks())
        kept = _declare(pulumi, kind, count)
        await pulumi.runtime.stack.wait_for_rpcs()
        assert kept

    before = _memory()
    started = time.process_time()
    asyncio.run(main())
    return {"seconds": time.process_time() - started, "bytes": _memory() - before}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", nargs="*", type=int, default=list(COUNTS))
    parser.add_argument("--kind", action="append", choices=["plain", "generated", "chained"])
    parser.add_argument("--one", nargs=3, metavar=("WHO", "KIND", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        who, kind, count = options.one
        print(json.dumps({"ours": ours, "genuine": genuine}[who](kind, int(count))))
        return
    print(f"{'kind':<10} {'resources':>9}  {'ours':>24}  {'genuine':>24}")
    for kind in options.kind or ["plain", "generated", "chained"]:
        for count in options.counts:
            cells = []
            for who in ("ours", "genuine"):
                if who == "genuine" and count > GENUINE_UP_TO:
                    cells.append("-")
                    continue
                command = [sys.executable, __file__, "--one", who, kind, str(count)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    cells.append("failed: " + (done.stderr.strip().splitlines() or ["?"])[-1][:40])
                    continue
                found = json.loads(done.stdout.strip().splitlines()[-1])
                each = found["seconds"] / count * 1e6
                cells.append(f"{each:8.1f} µs {found['bytes'] / count:8.0f} B")
            print(f"{kind:<10} {count:>9}  {cells[0]:>24}  {cells[1]:>24}", flush=True)


if __name__ == "__main__":
    main()
