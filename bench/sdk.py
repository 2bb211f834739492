"""
What the SDK costs: its import, and time and memory for each resource, beside the genuine package.

    python bench/sdk.py [COUNT …] [--kind NAME] [--genuine PYTHON] [--packages FOLDER]

Each measurement runs in a process of its own, with modules compiled before. An import's time is
that of the import statement, without Python's own start, the best of several. The rest runs the
same code in both: COUNT resources
under mocks that answer what they were asked for. Kinds: `bare` (one input, one output that
is never read), `chained` (each reads an output of the one before), `random` and `aws`
(classes of `pulumi_random` and `pulumi_aws`). The genuine package is that of the interpreter
`--genuine`, or of this one; FOLDER is where packages are that are not installed here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

COUNTS = (1_000, 10_000, 100_000)
GENUINE_UP_TO = 10_000
PAGE = os.sysconf("SC_PAGE_SIZE")
IMPORTS = 20


class Cost(NamedTuple):
    """What *count* resources cost."""

    count: int
    seconds: float
    memory: int

    @property
    def each(self) -> float:
        """Microseconds of CPU for one."""
        return self.seconds / self.count * 1e6

    @property
    def room(self) -> float:
        """Bytes for one."""
        return self.memory / self.count


# In the measured process --------------------------------------------------------------------------


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _maker(pulumi: Any, kind: str) -> Callable[[str, Any], Any]:
    """A function that makes one resource, given its name and the one before it."""
    if kind == "random":
        import pulumi_random

        return lambda name, _: pulumi_random.RandomPet(name, length=3, prefix="a")
    if kind == "aws":
        import pulumi_aws

        make = pulumi_aws.ssm.Parameter
        return lambda name, _: make(name, type="String", value="x", tags={"team": "a", "cost": "b"})

    # The genuine package resolves annotations in the module's own names.
    globals()["pulumi"] = pulumi

    class Thing(pulumi.CustomResource):  # type: ignore[misc]
        value: pulumi.Output[str]

        def __init__(self, name: str, value: Any) -> None:
            super().__init__("bench:index:Thing", name, {"value": value, "size": None, "tags": None})

    if kind == "chained":
        return lambda name, before: Thing(name, "x" if before is None else before.value)
    return lambda name, _: Thing(name, f"value of {name}")


def _measure(who: str, kind: str, count: int) -> Cost:
    if who == "ours":
        from stackwright.sdk import _import_aliases

        _import_aliases.install()
    import pulumi

    class Echo(pulumi.runtime.Mocks):  # type: ignore[misc]
        def new_resource(self, args: Any) -> Any:
            return args.name, args.inputs

        def call(self, args: Any) -> Any:
            return {}

    async def main() -> Cost:
        pulumi.runtime.set_mocks(Echo())
        make = _maker(pulumi, kind)
        # Classes that are loaded and looked at once are not what a resource costs.
        kept: list[Any] = [make("warm", None)]
        await pulumi.runtime.stack.wait_for_rpcs()
        before, started = _memory(), time.process_time()
        last = None
        for index in range(count):
            last = make(f"thing-{index}", last)
            kept.append(last)
        await pulumi.runtime.stack.wait_for_rpcs()
        return Cost(count, time.process_time() - started, _memory() - before)

    return asyncio.run(main())


# In the measuring one -----------------------------------------------------------------------------


class Peers(NamedTuple):
    """How the two are run: the interpreters, and where packages are besides."""

    genuine: str
    packages: str | None
    compiled: str
    """The folder where the modules of both are kept compiled, whatever the environment says."""

    def run(self, who: str, *command: str) -> str:
        """What a command prints, run by one of the two."""
        interpreter = sys.executable if who == "ours" else self.genuine
        env = {**os.environ, "PYTHONPYCACHEPREFIX": self.compiled}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if self.packages:
            env["PYTHONPATH"] = self.packages
        done = subprocess.run([interpreter, *command], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["?"])[-1][:80])
        return done.stdout.strip().splitlines()[-1]

    def cost(self, who: str, kind: str, count: int) -> Cost | str:
        """What that many resources cost one of the two, or why it cannot be said."""
        if who == "genuine" and count > GENUINE_UP_TO:
            return "-"
        try:
            return Cost(*json.loads(self.run(who, __file__, "--one", who, kind, str(count))))
        except RuntimeError as error:
            return f"failed: {error}"

    def import_time(self, who: str) -> float:
        """Milliseconds that `import pulumi` takes, ours with what makes it ours, the best of several runs."""
        name = "stackwright.as_pulumi, pulumi" if who == "ours" else "pulumi"
        code = f"import time; s=time.perf_counter(); import {name}; print((time.perf_counter()-s)*1000)"
        return min(float(self.run(who, "-c", code)) for _ in range(IMPORTS))


def _cell(cost: Cost | str) -> str:
    return cost if isinstance(cost, str) else f"{cost.each:,.1f} µs, {cost.room:,.0f} B"


def _ratio(ours: Cost | str, genuine: Cost | str) -> str:
    if isinstance(ours, str) or isinstance(genuine, str):
        return ""
    return f"1 : {genuine.each / ours.each:.1f} time, 1 : {genuine.room / ours.room:.1f} memory"


def main() -> None:
    """Measure, and print a table as in README.md."""
    parser = argparse.ArgumentParser(description="What the SDK costs, beside the genuine package.")
    parser.add_argument("counts", nargs="*", type=int, default=list(COUNTS))
    parser.add_argument("--kind", action="append", choices=["bare", "chained", "random", "aws"])
    parser.add_argument("--genuine", default=sys.executable, help="an interpreter with the genuine package")
    parser.add_argument("--packages", help="a folder with provider packages that are not installed")
    parser.add_argument("--repeat", type=int, default=1, help="how often each runs; medians count")
    parser.add_argument("--one", nargs=3, metavar=("WHO", "KIND", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        who, kind, count = options.one
        print(json.dumps(_measure(who, kind, int(count))))
        return
    with tempfile.TemporaryDirectory() as compiled:
        _compare(Peers(options.genuine, options.packages, compiled), options)


def _compare(peers: Peers, options: argparse.Namespace) -> None:
    imports = [peers.import_time(who) for who in ("ours", "genuine")]
    print(f"Import: {imports[0]:.0f} ms, genuine {imports[1]:.0f} ms (1 : {imports[1] / imports[0]:.1f})\n")
    print(
        "| kind | resources | ours, each | genuine, each | ours : genuine |\n| --- | --- | --- | --- | --- |"
    )
    for kind in options.kind or ["bare", "chained", "random", "aws"]:
        for count in options.counts:
            ours, genuine = (
                _median([peers.cost(who, kind, count) for _ in range(options.repeat)])
                for who in ("ours", "genuine")
            )
            print(
                f"| {kind} | {count:,} | {_cell(ours)} | {_cell(genuine)} | {_ratio(ours, genuine)} |",
                flush=True,
            )


def _median(costs: list[Cost | str]) -> Cost | str:
    known = [cost for cost in costs if isinstance(cost, Cost)]
    if len(known) < len(costs):
        return next(cost for cost in costs if isinstance(cost, str))
    seconds = statistics.median(cost.seconds for cost in known)
    return Cost(known[0].count, seconds, int(statistics.median(cost.memory for cost in known)))


if __name__ == "__main__":
    main()
