"""`python -m bench`: measure, print, and write the figures into bench/README.md."""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from bench.measure import Measured, repeated
from bench.subjects import OPERATIONS, SHAPES, Stackwright, Subject, peers

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
Results = dict[tuple[str, str, int], dict[str, Measured]]


def main() -> None:
    """Run what was asked for."""
    arguments = _arguments()
    sizes = [int(text) for text in arguments.sizes.split(",")]
    shapes = arguments.shapes.split(",")
    results: Results = {}
    ours = Stackwright()
    for shape in shapes:
        for size in sizes:
            _measure(results, ours, shape, size, arguments.repeat)
    for peer in peers() if arguments.peers else []:
        for size in [size for size in sizes if size <= arguments.peer_limit]:
            _measure(results, peer, "independent", size, 1)
    text = "\n".join(_report(results, ours.name))
    sys.stdout.write(text + "\n")
    if arguments.write:
        _write(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000", help="how many resources")
    parser.add_argument("--shapes", default=",".join(SHAPES), help="how they depend on each other")
    parser.add_argument("--repeat", type=int, default=3, help="how often each series runs; medians count")
    parser.add_argument("--peer-limit", type=int, default=1000, help="the largest size for the peers")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="measure ourselves alone")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave README.md as it is")
    return parser.parse_args()


def _measure(results: Results, subject: Subject, shape: str, size: int, times: int) -> None:
    sys.stderr.write(f"{subject.name}: {size} {shape}\n")
    # What takes minutes varies little: once is enough for the largest.
    results[subject.name, shape, size] = repeated(
        1 if size > 10_000 else times, lambda: subject.series(shape, size)
    )


def _report(results: Results, ours: str) -> list[str]:
    moment = datetime.now(UTC)
    lines = [
        f"Measured {moment:%Y-%m-%d} on {platform.machine()}, Python {platform.python_version()}: "
        f"`python -m bench {' '.join(sys.argv[1:])}`".rstrip(),
        "",
        "| tool | shape | N | operation | wall s | CPU µs each | peak MB | written KB | our time : theirs |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (name, shape, size), measured in results.items():
        for operation in OPERATIONS:
            one = measured[operation]
            own = results.get((ours, shape, size), {}).get(operation)
            ratio = f"1 : {one.wall / own.wall:.1f}" if own is not None and name != ours else ""
            lines.append(
                f"| {name} | {shape} | {size:,} | {operation} | {one.wall:.2f} | "
                f"{one.cpu / size * 1e6:,.0f} | {one.memory:.0f} | {one.written / 1024:,.0f} | {ratio} |"
            )
    lines += ["", *_growth(results, ours)]
    return lines


def _growth(results: Results, ours: str) -> list[str]:
    lines = []
    for shape in SHAPES:
        sizes = sorted(size for name, other, size in results if name == ours and other == shape)
        for small, large in pairwise(sizes):
            before, after = results[ours, shape, small], results[ours, shape, large]
            factors = ", ".join(
                f"{operation} {after[operation].wall / before[operation].wall:.1f}×"
                for operation in OPERATIONS
            )
            lines.append(f"* {shape}: from {small:,} to {large:,} ({large / small:.0f}×): {factors}")
    return ["Growth of the whole command's time:", "", *lines] if lines else []


def _write(text: str) -> None:
    old = README.read_text(encoding="utf-8")
    head, _, rest = old.partition(BEGIN)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


main()
