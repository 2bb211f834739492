"""
`python -m bench.remote`: a program in a process of its own, of N resources.

The engine works in memory with a provider that costs nothing, so that what is left is the
engine itself, the wire and the program's SDK. CPU is told apart by process: ours (engine and
wire) and the program's. `--genuine PYTHON` runs the same program with the genuine SDK of that
interpreter; `--profile` writes where our own time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.deployments import Bench, Client

from stackwright.automation import RemoteProgram
from stackwright.sdk import run_program

PROGRAM = """
import pulumi

class Thing(pulumi.CustomResource):
    def __init__(self, name, props, opts=None):
        super().__init__("test:index:Thing", name, {{"out": None, **props}}, opts)

for number in range({size}):
    Thing(f"thing-{{number}}", {{"number": number, "text": "some text", "tags": {{"a": "b"}}}})
"""


def measured(size: int, python: Path | None, *, profile: bool) -> str:
    """Create *size* resources with the SDK of *python* (None: inline); a line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "__main__.py").write_text(PROGRAM.format(size=size))
        watch = cProfile.Profile()

        def program(client: Client) -> None:
            if python is None:
                run_program(client.monitor, place)
            else:
                RemoteProgram(interpreter=python, variables={"PATH": "/usr/bin:/bin"}, directory=place)(
                    client.monitor
                )

        bench = Bench()
        bench.patience = 3600
        before, others = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        if profile:
            watch.enable()
        ran = bench.run(program)
        if profile:
            watch.disable()
        wall = time.perf_counter() - start
        ours, theirs = _cpu(resource.RUSAGE_SELF) - before, _cpu(resource.RUSAGE_CHILDREN) - others
        if len(bench.names) != size:
            raise SystemExit(f"{len(bench.names)} of {size} were created: {ran.errors[:3]}")
    if profile:
        pstats.Stats(watch, stream=sys.stderr).sort_stats("tottime").print_stats(40)
    return f"{size:,} | {wall:.2f} | {ours / size * 1e6:,.0f} | {theirs / size * 1e6:,.0f}"


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.remote", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--genuine", type=Path, help="an interpreter that has the genuine SDK")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    ways: list[tuple[str, Path | None]] = [("inline", None), ("our SDK, remote", Path(sys.executable))]
    if arguments.genuine:
        ways.append(("genuine SDK, remote", arguments.genuine))
    sys.stdout.write("| program | N | wall s | engine CPU µs each | program CPU µs each |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    for name, python in ways:
        for size in map(int, arguments.sizes.split(",")):
            line = measured(size, python, profile=arguments.profile)
            sys.stdout.write(f"| {name} | {line} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
