"""
What one test costs: a whole deployment in memory, beside the same program under mocks.

    python -m bench.testing [TESTS]

A test makes a stack in memory, previews, creates and destroys on the real engine, with
fakes. Under mocks nothing is compared, recorded or deleted: the program runs, and that is
all. Each row is a process of its own; times are medians.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

SIZES = (1, 10, 100)
TESTS = 50


def _program(pulumi: Any, size: int) -> Callable[[], None]:
    class Thing(pulumi.CustomResource):  # type: ignore[misc]
        def __init__(self, name: str, value: Any) -> None:
            super().__init__("bench:index:Thing", name, {"value": value, "size": None})

    def program() -> None:
        before: Any = "x"
        for number in range(size):
            before = Thing(f"thing-{number}", before).value

    return program


def in_memory(size: int) -> Callable[[], None]:
    """One test with a stack in memory: preview, create, destroy."""
    from stackwright import sdk
    from stackwright.testing import MemoryStack

    program = _program(sdk, size)

    def test() -> None:
        stack = MemoryStack(program)
        stack.preview()
        stack.up()
        stack.destroy()

    return test


def mocked(pulumi: Any, size: int) -> Callable[[], None]:
    """One test with mocks: the program runs."""

    class Mocks(pulumi.runtime.Mocks):  # type: ignore[misc]
        def new_resource(self, args: Any) -> Any:
            return args.name, args.inputs

        def call(self, args: Any) -> Any:
            return {}

    program = _program(pulumi, size)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        program()

    def test() -> None:
        pulumi.runtime.set_mocks(Mocks())
        run()

    return test


def _one(kind: str, size: int, tests: int) -> float:
    """Milliseconds for each test, in this process."""
    if kind == "memory":
        test = in_memory(size)
    elif kind == "mocks":
        from stackwright import sdk

        test = mocked(sdk, size)
    else:
        import pulumi

        test = mocked(pulumi, size)
    test()
    times = []
    for _ in range(tests):
        start = time.perf_counter()
        test()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    """Measure every kind and size, and print a table."""
    if len(sys.argv) > 3:
        print(json.dumps(_one(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
        return
    tests = sys.argv[1] if len(sys.argv) > 1 else str(TESTS)
    print("| resources | in memory: preview, up, destroy | our mocks | genuine mocks |")
    print("| --- | --- | --- | --- |")
    for size in SIZES:
        row = []
        for kind in ("memory", "mocks", "genuine"):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "bench.testing", kind, str(size), tests],
                capture_output=True,
                text=True,
                check=False,
            )
            row.append(f"{json.loads(done.stdout):.1f} ms" if done.returncode == 0 else "not installed")
        print(f"| {size} | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
