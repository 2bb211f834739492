"""Who is working, where state is kept, what is installed (cli.md §8)."""

from __future__ import annotations

import getpass
import multiprocessing
import subprocess
import sys
from typing import Any

import pytest
from support.commands import Room

from stackwright._version import __version__


def test_version(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §8, §17.1"""
    assert line.ok("version") == line.ok("--version") == f"v{__version__}\n"
    monkeypatch.setenv("PULUMI_SKIP_UPDATE_CHECK", "1")
    assert line.ok("version").startswith("v3.")


def test_whoami(line: Any) -> None:
    """cli.md §8"""
    user = getpass.getuser()
    assert line.ok("whoami") == f"{user}\n"
    assert line.json("whoami", "--json") == {"user": user, "organizations": [], "url": "sqlite://"}
    shown = line.ok("whoami", "-v").splitlines()
    assert [row.partition(":")[0] for row in shown] == ["User", "Organizations", "Backend URL", "Token type"]
    assert shown[2] == f"Backend URL: sqlite://{line.home / 'stackwright' / 'state.db'}"


def test_login_and_logout(line: Any) -> None:
    """cli.md §8"""
    url = f"sqlite://{line.home}/mine.db"
    assert line.ok("login", url).startswith("Logged in to ")
    assert line.json("whoami", "-j")["url"] == url
    line.ok("stack", "init", "there")
    assert line.ok("logout") == f"Logged out of {url}\n"
    assert line.json("whoami", "-j")["url"] == "sqlite://"
    assert line.json("stack", "ls", "-j") == []
    line.ok("login", "--cloud-url", url)
    assert [item["name"] for item in line.json("stack", "ls", "-j")] == ["there"]
    assert line.ok("logout", "--all") == "Logged out of everything\n"
    line.ok("login", "--local")


def test_logins_that_cannot_be(line: Any) -> None:
    """cli.md §8"""
    assert "only one of --cloud-url or argument URL may be specified, not both" in line.refused(
        "login", "sqlite://", "-c", "sqlite://"
    )
    assert "a URL may not be specified when --local mode is enabled" in line.refused(
        "login", "-l", "memory://"
    )
    assert "no kind of store for foo://" in line.refused("login", "foo://bar")
    for later in ("s3://bucket", "file://~", "https://api.example.com"):
        assert "come with a later release" in line.refused("login", later)
    assert line.json("whoami", "-j")["url"] == "sqlite://"


def test_about(deployed: Any) -> None:
    """cli.md §8"""
    facts = deployed.json("about", "--json")
    assert {
        "plugins",
        "host",
        "backend",
        "currentStack",
        "cliAbout",
        "runtime",
        "dependencies",
        "errors",
    } <= set(facts)
    assert facts["cliAbout"]["version"] == __version__
    assert set(facts["host"]) == {"os", "version", "arch"}
    assert facts["currentStack"]["fullyQualifiedName"] == "organization/shop/dev"
    assert len(facts["currentStack"]["resources"]) == 3
    text = deployed.ok("about")
    for part in (
        "CLI",
        "Host",
        "This project is written in python: executable=",
        "Current Stack: ",
        "Backend",
    ):
        assert part in text


def test_about_something_broken_warns(line: Any) -> None:
    """cli.md §8"""
    (line.project / "Pulumi.yaml").write_text("name: [\n", encoding="utf-8")
    said = line("about")
    assert said.status == 0
    assert "warning: " in said.err


def test_about_the_environment(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §8"""
    monkeypatch.setenv("PULUMI_PARALLEL", "3")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    text = line.ok("about", "env")
    assert "PULUMI_PARALLEL=3" in text
    assert "correct horse" not in text
    monkeypatch.setenv("STACKWRIGHT_PARALLEL", "many")
    assert "STACKWRIGHT_PARALLEL" in line.refused("about", "env")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(line: Any, shell: str) -> None:
    """cli.md §8"""
    script = line.ok("gen-completion", shell)
    assert "stackwright" in script
    assert script == line.ok("completion", shell)


def test_completion_for_another_shell(line: Any) -> None:
    """cli.md §8"""
    assert '"tcsh" is not a supported shell' in line.refused("gen-completion", "tcsh")


def test_exec_makes_pulumi_mean_stackwright(tmp_path: Any) -> None:
    room = Room(tmp_path)
    room.write(
        "which.py",
        "import sys, pulumi, stackwright\nprint(pulumi.Output is stackwright.Output, sys.argv[1:])\n",
    )
    assert room.ok("exec", "--", "python", "which.py", "--flag") == "True ['--flag']\n"
    assert room.ok("exec", "-m", "which") == "True []\n"
    assert room.ok("exec", "--", "-c", "import pulumi; print(pulumi.__name__)").strip()
    assert "there is no nothing" in room.run("exec", "nothing").err
    room.write("fails.py", "raise SystemExit(3)\n")
    assert room.run("exec", "fails.py").status == 3


def test_workers_of_what_exec_runs_find_the_same_pulumi(tmp_path: Any) -> None:
    """Processes that Python starts anew as well, with the functions of the script."""
    room = Room(tmp_path)
    room.write(
        "pools.py",
        """
        import multiprocessing, pulumi

        def named(number):
            return [pulumi.Output.__module__, number]

        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.map(named, [1]))
        """,
    )
    assert room.ok("exec", "--", "python", "pools.py") == "[['stackwright.sdk.output', 1]]\n"


_POOLS = """
import concurrent.futures, multiprocessing, subprocess, sys, pulumi

def named(number):
    import pulumi
    return [pulumi.Output.__module__, number]

if __name__ == "__main__":
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        with context.Pool(1) as pool:
            print(method, pool.map(named, [1]))
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
            print(method, list(executor.map(named, [2])))
    print(subprocess.check_output([sys.executable, "below.py"], text=True))
"""


def test_every_python_that_exec_starts_finds_the_same_pulumi(tmp_path: Any) -> None:
    """A module's workers, however they are started, and scripts below scripts; nothing is loaded early."""
    room = Room(tmp_path)
    room.write("pools.py", _POOLS)
    room.write(
        "below.py",
        """
        import subprocess, sys
        print([name for name in sys.modules if name.startswith(("stackwright", "pulumi"))])
        import khulnasoft, pulumi.runtime
        print(khulnasoft.Output.__module__)
        if len(sys.argv) == 1:
            subprocess.run([sys.executable, "-m", "below", "again"], check=True)
        """,
    )
    expected = ["['stackwright.sdk.output', 1]", "['stackwright.sdk.output', 2]"]

    said = room.ok("exec", "--", "python", "-m", "pools")
    lines = [line for line in said.splitlines() if line]
    assert [line.partition(" ")[2] for line in lines[:-4]] == [f"[{each}]" for each in expected] * (
        len(multiprocessing.get_all_start_methods())
    )
    assert sorted(lines[-4:]) == ["[]"] * 2 + ["stackwright.sdk.output"] * 2


def test_what_starts_with_python_anyway_still_does(tmp_path: Any) -> None:
    """The `sitecustomize` of the user, in what exec runs and below; other environments are left alone."""
    room = Room(tmp_path)
    room.write("mine/sitecustomize.py", "import sys\nsys.mine = True\n")
    room.write(
        "starts.py",
        """
        import os, subprocess, sys
        code = "import sys; print(sys.mine, any('_in_children' in place for place in sys.path))"
        subprocess.run([sys.executable, "-c", code], check=True)
        code = "import sys; print([f for f in sys.meta_path if type(f).__name__ == '_FirstImport'])"
        elsewhere = {**os.environ, "STACKWRIGHT_ALIAS_IN": "/"}
        subprocess.run([sys.executable, "-c", code], env=elsewhere, check=True)
        """,
    )

    said = room.ok("exec", "starts.py", environment={"PYTHONPATH": str(room.project / "mine")})
    assert said == "True False\n[]\n"


def test_what_exec_runs_fails_as_under_python(tmp_path: Any) -> None:
    """Its own traceback and nothing else, Python's exit status; options of the interpreter are obeyed."""
    room = Room(tmp_path)
    room.write("fails.py", "import sys\nprint(sys.flags.optimize)\nraise ValueError('mine')\n")

    failed = room.run("exec", "--", "python", "-OO", "-W", "ignore", "fails.py")
    assert (failed.status, failed.out) == (1, "2\n")
    assert failed.err.splitlines()[0] == "Traceback (most recent call last):"
    assert [line for line in failed.err.splitlines() if "File" in line] == [
        '  File "fails.py", line 3, in <module>'
    ]

    stopped = room.run("exec", "-c", "raise KeyboardInterrupt")
    assert stopped.status == 130


def test_a_closed_reader_is_no_error_of_ours(tmp_path: Any) -> None:
    """cli.md §1.4"""
    room = Room(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "stackwright", "--help"],
        cwd=room.project,
        env=room.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
