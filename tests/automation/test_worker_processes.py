"""
Worker processes of programs: whatever starts them, they find what the program gives them (sdk.md §9).

Python itself finds nothing of a directory's `__main__.py` in workers that it starts anew, and a pool
waits for them for ever.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import genuine
from support.monitors import FakeMonitor

from stackwright.automation import RemoteProgram
from stackwright.sdk import run_program

Run = Callable[[Path], FakeMonitor]


@pytest.fixture(params=["inline", "remote", pytest.param("genuine", marks=pytest.mark.real)])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Run the program of a folder to its end: here, in a process of its own, with the genuine SDK there."""
    monitor = FakeMonitor(config={"proj:a": "1"})

    def inline(folder: Path) -> FakeMonitor:
        result = run_program(monitor, folder, directory=folder)
        assert result.ok, result.error
        return monitor

    def remote(folder: Path) -> FakeMonitor:
        python = Path(sys.executable) if request.param == "remote" else genuine.interpreter()
        variables = {"PATH": "/usr/bin:/bin"}
        RemoteProgram(interpreter=python, variables=variables, directory=folder)(monitor)
        assert monitor.finished, "\n".join(diagnostic.message for diagnostic in monitor.said)
        return monitor

    yield inline if request.param == "inline" else remote
    monitor.stop()


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(HEAD + textwrap.dedent(text))
    return folder


HEAD = """\
from __future__ import annotations
import dataclasses, multiprocessing, os, pathlib, sys
from concurrent.futures import ProcessPoolExecutor
import pulumi

class Thing(pulumi.CustomResource):
    def __init__(self, name, **props):
        super().__init__("test:index:Thing", name, props)

def pooled(method, function, *items):
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.map(function, items)

def failure(method, function):
    try:
        return pooled(method, function, 1)
    except RuntimeError as error:
        return str(error)

"""


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_workers_find_what_the_program_gives_them(run: Run, method: str, tmp_path: Path) -> None:
    """Functions and classes of the main file and of modules, by pool, executor, process; in callbacks too."""
    write(
        tmp_path,
        helper="""
        def described(number):
            return [number, pulumi.Config("proj").get("a"), pulumi.get_stack(), pulumi.get_project()]
        """,
        __main__=f"""
        import helper
        METHOD = {method!r}
        thing = Thing("thing")
        FACTOR = 2

        @dataclasses.dataclass
        class Item:
            number: int

        def doubled(item: Item) -> Item:
            return Item(item.number * FACTOR)

        def write(path):
            pathlib.Path(path).write_text(str(FACTOR))

        def worked(number):
            assert [Item(4)] == pooled(METHOD, doubled, Item(2))
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(METHOD)) as executor:
                return [item.number for item in executor.map(doubled, [Item(number)])]

        process = multiprocessing.get_context(METHOD).Process(target=write, args=("written",))
        process.start()
        process.join()
        pulumi.export("process", [process.exitcode, pathlib.Path("written").read_text()])
        pulumi.export("module", pooled(METHOD, helper.described, 7))
        pulumi.export("main", worked(3))
        pulumi.export("callback", thing.urn.apply(lambda urn: worked(5)))
        """,
    )

    assert run(tmp_path).exports == {
        "process": [0, "2"],
        "module": [[7, "1", "dev", "proj"]],
        "main": [6],
        "callback": [10],
    }


def test_the_main_file_runs_in_a_worker_only_where_it_is_needed(run: Run, tmp_path: Path) -> None:
    """Once, without what starts processes or asks for resources, and as `__mp_main__`."""
    write(
        tmp_path,
        helper="def same(value): return value",
        __main__="""
        import helper
        with open("ran", "a") as ran:
            ran.write(__name__ + "\\n")
        def same(value): return [value, __file__]
        pulumi.export("module", pooled("spawn", helper.same, 1))
        pulumi.export("before", pathlib.Path("ran").read_text().split())
        pulumi.export("main", pooled("spawn", same, 1, 2))
        pulumi.export("after", pathlib.Path("ran").read_text().split())
        Thing("thing")
        """,
    )

    monitor = run(tmp_path)
    assert monitor.exports == {
        "module": [1],
        "before": ["__main__"],
        "main": [[number, str(tmp_path / "__main__.py")] for number in (1, 2)],
        "after": ["__main__", "__mp_main__"],
    }
    assert monitor.names == ["thing"]


def test_what_a_worker_does_not_have_is_an_error_instead_of_a_wait(run: Run, tmp_path: Path) -> None:
    """It names the program's file, and says what to do."""
    write(
        tmp_path,
        __main__="""
        if __name__ == "__main__":
            def guarded(number): return number
            pulumi.export("guarded", failure("spawn", guarded))
        """,
    )

    told = run(tmp_path).exports["guarded"]
    assert f"{tmp_path / '__main__.py'} has no `guarded` in a worker process" in told
    assert "Define what workers run at the top level" in told


@pytest.mark.parametrize("run", ["inline", "remote"], indirect=True)
def test_what_only_the_program_can_make_is_missed_by_name(run: Run, tmp_path: Path) -> None:
    """A function that uses a resource: the line that makes it is named."""
    write(
        tmp_path,
        __main__="""
        thing = Thing("thing")
        def reads(number): return thing.urn
        pulumi.export("reads", failure("spawn", reads))
        """,
    )

    told = run(tmp_path).exports["reads"]
    main = tmp_path / "__main__.py"
    line = main.read_text().splitlines().index('thing = Thing("thing")') + 1
    assert f"`thing` is not there in this worker process: line {line} of {main} makes it" in told
    assert "as arguments" in told


@pytest.mark.parametrize("run", ["inline", "remote"], indirect=True)
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_worker_is_refused_what_only_the_program_may_ask_for(run: Run, method: str, tmp_path: Path) -> None:
    """A resource, a function, an export: they would get lost without a word."""
    write(
        tmp_path,
        __main__=f"""
        def makes(number): Thing("lost")
        def invokes(number): pulumi.runtime.invoke("test:index:f", {{}})
        def exports(number): pulumi.export("lost", number)
        for function in (makes, invokes, exports):
            pulumi.export(function.__name__, failure({method!r}, function))
        """,
    )

    monitor = run(tmp_path)
    assert monitor.names == []
    assert set(monitor.exports) == {"makes", "invokes", "exports"}
    for told in monitor.exports.values():
        assert "this is a worker process" in told
        assert "Return what it has computed" in told


def test_scripts_that_a_program_starts_find_the_same_sdk(run: Run, tmp_path: Path) -> None:
    """They are no workers: they know nothing of the deployment. What they are led by is gone afterwards."""
    before = os.environ.get("PYTHONPATH")
    write(
        tmp_path,
        script="print(pulumi.Output.__module__, sys.argv[1])",
        __main__="""
        import subprocess
        said = subprocess.check_output([sys.executable, "script.py", "x"], text=True)
        pulumi.export("said", said.split() == [pulumi.Output.__module__, "x"])
        """,
    )

    assert run(tmp_path).exports == {"said": True}
    assert os.environ.get("PYTHONPATH") == before
    assert "STACKWRIGHT_ALIAS_IN" not in os.environ


def test_single_files_have_workers_as_well(tmp_path: Path) -> None:
    """A program that is no directory; the process looks as before afterwards."""
    before = {name: sys.modules.get(name) for name in ("__main__", "__mp_main__")}
    file = tmp_path / "program.py"
    body = """
    import copy
    def same(value): return value
    pulumi.export("it", pooled("spawn", same, "x"))
    pulumi.export("copied", copy.deepcopy(__spec__).name)
    """
    file.write_text(HEAD + textwrap.dedent(body))
    monitor = FakeMonitor()
    try:
        assert run_program(monitor, file).ok
    finally:
        monitor.stop()

    assert monitor.exports == {"it": ["x"], "copied": "__main__"}
    assert {name: sys.modules.get(name) for name in before} == before
