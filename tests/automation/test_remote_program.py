"""Programs in processes of their own: how they run, what they print, and every way they end."""

from __future__ import annotations

import sys
import textwrap
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from support import genuine
from support.monitors import FakeMonitor

from stackwright.automation import ProgramEnd, RemoteProgram
from stackwright.automation._engine_thread import EngineThread
from stackwright.automation._remote_program import Patience
from stackwright.diagnostics import Severity


@pytest.fixture(
    params=["ours", pytest.param("genuine", marks=pytest.mark.real)],
)
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with our SDK, and one with the genuine one."""
    return Path(sys.executable) if request.param == "ours" else genuine.interpreter()


@pytest.fixture
def monitor() -> Any:
    made = FakeMonitor(config={"proj:a": "1", "proj:b": "hush"}, secret_keys=frozenset({"proj:b"}))
    yield made
    made.stop()


def write(folder: Path, code: str) -> Path:
    (folder / "__main__.py").write_text(textwrap.dedent(code))
    return folder


def program(python: Path, folder: Path, **options: Any) -> RemoteProgram:
    variables = {"PATH": "/usr/bin:/bin", **options.pop("variables", {})}
    return RemoteProgram(interpreter=python, variables=variables, directory=folder, **options)


def said(monitor: FakeMonitor, severity: Severity) -> list[str]:
    return [diagnostic.message for diagnostic in monitor.said if diagnostic.severity is severity]


def test_a_program_runs_with_its_own_sdk(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    """protocol.md §13.4: arguments, working directory, configuration, outputs, the end."""
    write(
        tmp_path,
        """
        import os, sys
        import pulumi

        class Thing(pulumi.CustomResource):
            def __init__(self, name, props, opts=None):
                super().__init__("test:index:Thing", name, props, opts)

        config = pulumi.Config()
        first = Thing("first", {"a": config.require_int("a"), "b": config.require_secret("b")})
        Thing("second", {"id": first.id}, pulumi.ResourceOptions(parent=first))
        pulumi.export("where", os.getcwd())
        pulumi.export("args", sys.argv[1:])
        pulumi.export("main", __name__)
        pulumi.export("stack", f"{pulumi.get_project()}/{pulumi.get_stack()}")
        pulumi.log.warn("careful")
        """,
    )
    assert program(python, tmp_path, arguments=["x", "--y"])(monitor) is ProgramEnd.WELL
    assert monitor.names == ["first", "second"]
    assert monitor.resource("second").parent == monitor.urn("first")
    assert monitor.exports == {
        "where": str(tmp_path),
        "args": ["x", "--y"],
        "main": "__main__",
        "stack": "proj/dev",
    }
    assert monitor.warnings() == ["careful"]
    assert monitor.finished


def test_what_it_prints_arrives_in_order_and_before_the_end(
    python: Path, monitor: FakeMonitor, tmp_path: Path
) -> None:
    """protocol.md §13.3: info messages; §12: neither trimmed nor reflowed."""
    write(
        tmp_path,
        """
        import atexit, sys
        print("first\\n   second  ")
        print("unended", end="")
        print("trouble", file=sys.stderr)
        """,
    )
    program(python, tmp_path)(monitor)
    assert "\n".join(said(monitor, Severity.INFO)) == "first\n   second  \nunended"
    assert "trouble" in "\n".join(said(monitor, Severity.INFO_STDERR))


def test_a_flood_of_output_arrives_whole(monitor: FakeMonitor, tmp_path: Path) -> None:
    write(tmp_path, "for number in range(100_000): print(f'line {number} ' + 'x' * 30)")
    program(Path(sys.executable), tmp_path)(monitor)
    lines = "\n".join(said(monitor, Severity.INFO)).splitlines()
    assert [line.split()[1] for line in lines] == [str(number) for number in range(100_000)]


def test_an_unhandled_exception_shows_the_programs_own_lines(
    python: Path, monitor: FakeMonitor, tmp_path: Path
) -> None:
    """protocol.md §13.4: the headline, the trimmed traceback, exit 32 and no second message."""
    write(tmp_path, "def broken():\n    return {}['missing']\n\nbroken()\n")
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    (error,) = said(monitor, Severity.ERROR)
    first, second, *_ = error.splitlines()
    assert first == "Program failed with an unhandled exception:"
    assert second.startswith("Traceback")
    assert f'File "{tmp_path}/__main__.py", line 2, in broken' in error
    assert error.endswith("KeyError: 'missing'")
    assert "runpy" not in error
    assert "launch.py" not in error
    assert not monitor.finished


def test_an_expected_error_is_its_sentence(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    write(tmp_path, "import pulumi\nraise pulumi.RunError('turn it off and on again')")
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    assert said(monitor, Severity.ERROR) == ["turn it off and on again"]


def test_a_program_may_leave_with_a_status(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    write(tmp_path, "import sys\nsys.exit(3)")
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    assert said(monitor, Severity.ERROR) == ["Program exited with non-zero exit code: 3"]


def test_a_program_that_leaves_in_the_middle_is_not_believed(
    python: Path, monitor: FakeMonitor, tmp_path: Path
) -> None:
    """To take it for the whole program would delete what it has not come to."""
    write(tmp_path, "import os\nos._exit(0)")
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    assert "ended in the middle" in said(monitor, Severity.ERROR)[0]


def test_a_program_may_leave_well(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    write(tmp_path, "import pulumi, sys\npulumi.export('a', 1)\nsys.exit(0)")
    assert program(python, tmp_path)(monitor) is ProgramEnd.WELL
    assert monitor.exports == {"a": 1}
    assert said(monitor, Severity.ERROR) == []


def test_a_killed_program_is_told_of(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    write(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    (error,) = said(monitor, Severity.ERROR)
    assert error.startswith("The program was killed by SIGKILL")


def test_a_missing_program_is_told_of(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    (error,) = said(monitor, Severity.ERROR)
    assert "__main__.py" in error
    assert str(tmp_path) in error


def test_a_missing_interpreter_is_told_of(monitor: FakeMonitor, tmp_path: Path) -> None:
    assert program(tmp_path / "python", tmp_path)(monitor) is ProgramEnd.FAILED
    (error,) = said(monitor, Severity.ERROR)
    assert "could not be started" in error


def test_ctrl_c_interrupts_the_program(python: Path, monitor: FakeMonitor, tmp_path: Path) -> None:
    """protocol.md §13.3: an interrupt to the program first; it may clean up."""
    write(
        tmp_path,
        """
        import os, signal, time
        try:
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(600)
        finally:
            print("cleaned up")
        """,
    )
    assert program(python, tmp_path)(monitor) is ProgramEnd.INTERRUPTED
    assert "cleaned up" in said(monitor, Severity.INFO)


def test_a_program_that_heeds_no_interrupt_is_killed(monitor: FakeMonitor, tmp_path: Path) -> None:
    """protocol.md §13.3."""
    write(
        tmp_path,
        """
        import os, signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(600)
        """,
    )
    run = program(Path(sys.executable), tmp_path, patience=Patience(interrupt=0.1))
    assert run(monitor) is ProgramEnd.INTERRUPTED


def test_a_program_that_outlives_its_deployment_is_ended(
    monitor: FakeMonitor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "import time, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)")
    over: Future[None] = Future()
    over.set_result(None)
    run = program(Path(sys.executable), tmp_path, patience=Patience(interrupt=0.1, after=0.1))
    with EngineThread() as engine:
        assert run.run(monitor, engine, over) is ProgramEnd.FAILED
    assert "was stopped" in capsys.readouterr().err
    assert said(monitor, Severity.ERROR) == []


def test_output_after_the_end_is_not_lost(
    monitor: FakeMonitor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "import atexit\natexit.register(print, 'the very last')\nprint('before')")
    assert program(Path(sys.executable), tmp_path)(monitor) is ProgramEnd.WELL
    assert "before" in said(monitor, Severity.INFO)
    assert capsys.readouterr().err == "the very last\n"


def test_streams_that_a_child_keeps_open_hold_up_nothing(monitor: FakeMonitor, tmp_path: Path) -> None:
    """A program's own child outlives it; its output is taken for a while, then the run ends."""
    write(
        tmp_path,
        """
        import subprocess
        child = subprocess.Popen(["sleep", "60"])
        print("child", child.pid)
        """,
    )
    assert program(Path(sys.executable), tmp_path)(monitor) is ProgramEnd.WELL
    (line,) = said(monitor, Severity.INFO)
    import os
    import signal

    os.kill(int(line.split()[1]), signal.SIGKILL)


def test_breakpoints_are_passed_over_with_an_explanation(
    python: Path, monitor: FakeMonitor, tmp_path: Path
) -> None:
    write(tmp_path, "print('before')\nbreakpoint()\nprint('after')")
    assert program(python, tmp_path)(monitor) is ProgramEnd.WELL
    text = "\n".join(said(monitor, Severity.INFO_STDERR))
    assert f"breakpoint() at {tmp_path}/__main__.py:2" in text
    assert "mode: inline" in text


def test_a_big_configuration_reaches_the_program(python: Path, tmp_path: Path) -> None:
    """A process cannot be started with this much in its environment."""
    monitor = FakeMonitor(config={"proj:big": "x" * 1_000_000})
    write(tmp_path, "import pulumi\npulumi.export('size', len(pulumi.Config().require('big')))")
    assert program(python, tmp_path)(monitor) is ProgramEnd.WELL
    assert monitor.exports == {"size": 1_000_000}
    monitor.stop()


def test_when_the_deployment_has_stopped_the_program_ends_quietly(
    python: Path, monitor: FakeMonitor, tmp_path: Path
) -> None:
    """protocol.md §6.6; whoever stopped the deployment has told why."""
    write(
        tmp_path,
        """
        import pulumi
        pulumi.CustomResource("test:index:Thing", "a", {})
        """,
    )

    def stop(_: Any) -> Any:
        monitor.close()
        from stackwright.monitor import MonitorClosedError

        return MonitorClosedError()

    monitor.answers["a"] = stop
    assert program(python, tmp_path)(monitor) is ProgramEnd.FAILED
    errors = [text for text in said(monitor, Severity.ERROR) if "shutting down" not in text]
    assert errors == []


def test_an_environment_without_an_sdk_says_so(monitor: FakeMonitor, tmp_path: Path) -> None:
    """protocol.md §13.4: `import pulumi` fails."""
    write(tmp_path, "print('never')")
    bare = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not bare.exists():
        pytest.skip("there is no bare interpreter here")
    assert program(bare, tmp_path)(monitor) is ProgramEnd.FAILED
    assert "has no SDK" in "\n".join(said(monitor, Severity.INFO_STDERR))
