"""Programs with a mistake in them: what the user is told, and which line is named (sdk.md §2.6, §3, §9.5)."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest
from support.monitors import FakeMonitor

from stackwright.sdk import ProgramResult, run_program

HEAD = """\
import pulumi
class Thing(pulumi.CustomResource):
    v: pulumi.Output[str]
    def __init__(self, resource_name, opts=None, **props):
        super().__init__("test:index:Thing", resource_name, {"v": None, **props}, opts)
"""
FIRST = HEAD.count("\n") + 1
"""The line that a case begins on."""


class Case(NamedTuple):
    """A mistake: the program, what is said of it, and which of its lines is named (None: none can be)."""

    body: str
    said: tuple[str, ...]
    line: int | None
    preview: bool = False


FAILING = {
    "added to a text": Case('a = Thing("a", v="x")\nThing("b", v="pre-" + a.v)', ("Output.concat",), 2),
    "json.dumps": Case(
        'import json\na = Thing("a", v="x")\njson.dumps({"x": a.v})', ("Output.json_dumps",), 3
    ),
    "iterated": Case('a = Thing("a", v="x")\nfor x in a.v: pass', ("Iterate inside `apply`",), 2),
    "measured": Case('a = Thing("a", v="x")\nlen(a.v)', ("no len()", "output.apply"), 2),
    "converted": Case('a = Thing("a", v="1")\nint(a.v)', ("output.apply",), 2),
    "compared by size": Case('a = Thing("a", v=1)\nif a.v > 3: pass', ("'>'", "output.apply"), 2),
    "used as an index": Case('a = Thing("a", v=0)\n[1][a.v]', ("output.apply",), 2),
    "awaited": Case('async def main():\n    await Thing("a").urn\npulumi.run(main)', ("output.future()",), 2),
    "assigned to": Case('Thing("a", v={}).v["x"] = 1', ("output.apply",), 1),
    "without an attribute": Case(
        'a = Thing("a", v="x")\npulumi.export("y", a.v.nothing)', ("no attribute 'nothing'",), 2
    ),
    "without an item": Case('a = Thing("a", v="x")\npulumi.export("y", a.v["z"])', ("indices",), 2),
    "a stack without the output": Case(
        'stack = pulumi.StackReference("org/other/dev")\npulumi.export("x", stack.require_output("nothing"))',
        ("`org/other/dev` has no output `nothing`",),
        2,
    ),
    "joined with a number": Case(
        'pulumi.export("x", pulumi.Output.concat("a", 1))', ("argument 2 is a int",), 1
    ),
    "apply of no function": Case('Thing("a").v.apply("y")', ("apply` takes a function",), 1),
    "named and unnamed": Case("pulumi.Output.all(1, a=2)", ("mix of named and unnamed",), 1),
    "raised in a callback": Case(
        'a = Thing("a", v="x")\na.v.apply(lambda v:\n    v.nothing)', ("no attribute 'nothing'",), 3
    ),
    "no super().__init__, a child": Case(
        """
        class C(pulumi.ComponentResource):
            def __init__(self, name):
                self.name = name
        Thing("child", pulumi.ResourceOptions(parent=C("c")))
        """,
        ("`C` is no resource yet", "super().__init__(", f"line {FIRST + 1})"),
        5,
    ),
    "no super().__init__, its URN": Case(
        "class C(pulumi.CustomResource):\n    def __init__(self): pass\npulumi.export('u', C().urn)",
        ("`C` is no resource yet",),
        3,
    ),
    "no super().__init__, an input": Case(
        "class C(pulumi.CustomResource):\n    def __init__(self): pass\nThing('x', v=C())",
        ("`C` is no resource yet",),
        3,
    ),
    "no super().__init__, outputs": Case(
        """
        class C(pulumi.ComponentResource):
            def __init__(self):
                self.register_outputs({})
        C()
        """,
        ("`C` is no resource yet",),
        4,
    ),
    "super().__init__ too late": Case(
        """
        class C(pulumi.ComponentResource):
            def __init__(self, name):
                Thing("child", pulumi.ResourceOptions(parent=self))
                super().__init__("t:m:C", name)
        C("c")
        """,
        ("`C` is no resource yet",),
        4,
    ),
    "a circle": Case(
        """
        later, resolve = pulumi.deferred_output()
        b = Thing("b", pulumi.ResourceOptions(depends_on=later))
        c = Thing("c", pulumi.ResourceOptions(depends_on=[b]))
        resolve(pulumi.Output.from_input([c]))
        """,
        ("circle: `b`", "→ `c`"),
        3,
    ),
    "a child of what it depends on": Case(
        """
        class C(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("t:m:C", name)
                Thing("child", pulumi.ResourceOptions(parent=self, depends_on=[self]))
        C("c")
        """,
        ("`child` of type test:index:Thing depends on itself",),
        5,
    ),
    "an input of a wrong type": Case(
        'import datetime\nThing("a", v={"when": datetime.datetime(2020, 1, 1)})',
        ("resource `a` of type test:index:Thing", "unexpected input of type datetime for `v.when`"),
        2,
    ),
    "a set": Case('Thing("a", v={1})', ("unexpected input of type set for `v`",), 1),
    "an unknown option": Case(
        'Thing("a", pulumi.ResourceOptions(dependson=[]))', ("Did you mean `depends_on`?",), 1
    ),
    "an unknown part of an alias": Case("pulumi.Alias(nam='x')", ("Did you mean `name`?",), 1),
    "an unknown input": Case(
        "import pulumi_random\npulumi_random.RandomPet('p', lenght=3)", ("Did you mean `length`?",), 2
    ),
    "a missing input": Case(
        "import pulumi_random\npulumi_random.RandomInteger('p', min=1)", ("required property 'max'",), 2
    ),
    "options that are none": Case('Thing("a", {"protect": True})', ("ResourceOptions instance",), 1),
    "depends_on of a text": Case(
        'Thing("a", pulumi.ResourceOptions(depends_on=["x"]))', ("'depends_on'", "value x"), 1
    ),
    "a parent that is none": Case(
        'Thing("a", pulumi.ResourceOptions(parent="x"))', ("parent is not a valid Resource",), 1
    ),
    "a provider that is none": Case(
        'Thing("a", pulumi.ResourceOptions(provider="aws"))', ("provider resources", "'aws' (str)"), 1
    ),
    "one alias": Case(
        'Thing("a", pulumi.ResourceOptions(aliases=pulumi.Alias(name="x")))', ("`aliases` takes a list",), 1
    ),
    "no timeouts": Case(
        'Thing("a", pulumi.ResourceOptions(custom_timeouts=5))', ("`custom_timeouts` takes",), 1
    ),
    "no duration": Case(
        'Thing("a", pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5 minutes")))',
        ("`5 minutes` is not a duration",),
        1,
    ),
    "a missing setting": Case("pulumi.Config().require('region')", ("'proj:region'", "config set"), 1),
    "a missing secret": Case("pulumi.Config('aws').require_secret('k')", ("--secret aws:k",), 1),
    "a setting of a wrong type": Case(
        "pulumi.Config().require_int('count')", ("'proj:count'", "'many'", "int"), 1
    ),
    "no name": Case('Thing("")', ("Missing resource name",), 1),
    "a resource in a thread": Case(
        """
        import threading
        thread = threading.Thread(target=lambda: Thing("t"))
        thread.start()
        thread.join()
        """,
        ("only be asked for on the thread that runs the program", "asyncio.to_thread"),
        3,
    ),
    "a loop of its own in a callback": Case(
        """
        import asyncio
        async def work(v): return v
        work = work("x")
        Thing("a", v="x").v.apply(lambda v: (work.close(), asyncio.run(work)))
        """,
        ("runs on an event loop already", "async functions"),
        5,
    ),
    "a loop of its own around everything": Case(
        """
        import asyncio
        work = asyncio.sleep(0)
        try: asyncio.run(work)
        finally: work.close()
        """,
        ("runs on an event loop already", "pulumi.run"),
        4,
    ),
}

WARNED = {
    "formatted": Case('a = Thing("a", v="x")\nThing("b", v=f"{a.v}-b")', ("is not supported",), 2),
    "in a condition": Case('a = Thing("a", v="x")\nif a.v: pass', ("always true",), 2),
    "compared": Case('a = Thing("a", v="x")\nif a.v == "x": pass', ("never equals",), 2),
    "a text for a list": Case(
        'Thing("a", pulumi.ResourceOptions(ignore_changes="v"))', ("`ignore_changes` takes a list",), None
    ),
    "a shared default": Case(
        """
        def make(name, tags={}):
            tags["Name"] = name
            Thing(name, tags=tags)
        make("a"); make("b")
        """,
        ("`tags` of the resource `b`", "`a` was given", "take None"),
        None,
    ),
    "shared options": Case(
        """
        class C(pulumi.ComponentResource):
            def __init__(self, name, opts=pulumi.ResourceOptions()):
                super().__init__("t:m:C", name, {}, opts)
                opts.protect = True
        C("a"); C("b")
        """,
        ("`C.__init__` has as a default", "Take None"),
        3,
    ),
    "made in a callback": Case(
        'a = Thing("a")\na.id.apply(lambda id: Thing("inner", v=id))',
        ("Resources of `Thing`", "inside `apply`", "does not show them"),
        2,
        preview=True,
    ),
}

WORKING = {
    "an async callback": 'out(Thing("a", v="x").v.apply(later))',
    "a task": 'out(asyncio.ensure_future(later("x")))',
    "a task in a callback": 'out(Thing("a", v="x").v.apply(lambda v: asyncio.create_task(later(v))))',
    "a thread": 'out(asyncio.to_thread(str.lower, "X"))',
    "threads in a callback": 'out(Thing("a", v="x").v.apply(lambda v: list(Pool(1).map(str, [v]))[0]))',
    "a loop in a thread": (
        'out(Thing("a", v="x").v.apply(lambda v: asyncio.to_thread(lambda: asyncio.run(later(v)))))'
    ),
    "processes in a callback": 'out(Thing("a", v="X").v.apply(in_a_process))',
    "multiprocessing in a callback": 'out(Thing("a", v="X").v.apply(in_a_pool))',
}
WORKING_HEAD = """\
import asyncio, subprocess, sys
from concurrent.futures import ThreadPoolExecutor as Pool
from multiprocessing import get_context
async def later(v):
    await asyncio.sleep(0)
    return v
def out(v): pulumi.export("out", v)
def in_a_process(v):
    command = [sys.executable, "-c", f"print({v!r}.lower(), end='')"]
    return subprocess.run(command, capture_output=True, text=True).stdout
def in_a_pool(v):
    pool = get_context("spawn").Pool(1)
    try:
        return pool.apply(str.lower, (v,))
    finally:
        pool.terminate()
        pool.join()
"""


def run_case(body: str, folder: Path, *, preview: bool = False) -> tuple[ProgramResult, FakeMonitor, Path]:
    """Run a program from a file of its own."""
    file = folder / "program.py"
    file.write_text(HEAD + dedent(body).lstrip("\n"))
    monitor = FakeMonitor(config={"proj:count": "many"}, dry_run=preview)
    try:
        return run_program(monitor, file), monitor, file
    finally:
        monitor.stop()


def line_of(case: Case) -> int:
    """The line of the file that a case wants to be named."""
    return FIRST + (case.line or 0) - 1 - case.body.startswith("\n")


@pytest.mark.parametrize("name", FAILING)
def test_a_mistake_fails_with_a_message(name: str, tmp_path: Path) -> None:
    """It says what is wrong and what to do, and shows the line of the program."""
    case = FAILING[name]
    result, _, file = run_case(case.body, tmp_path)

    assert result.error is not None
    told = str(result.error)
    assert [part for part in case.said if part not in told] == [], told
    assert f'File "{file}", line {line_of(case)}' in told or f"{file}, line {line_of(case)}" in told, told


@pytest.mark.parametrize("name", WARNED)
def test_a_mistake_is_told(name: str, tmp_path: Path) -> None:
    """Programs that make it have always run, and still do."""
    case = WARNED[name]
    result, monitor, file = run_case(case.body, tmp_path, preview=case.preview)

    assert result.ok, result.error
    told = "\n".join(said.message for said in monitor.said)
    assert [part for part in case.said if part not in told] == [], told
    assert case.line is None or f"{file}, line {line_of(case)}" in told, told


@pytest.mark.parametrize("name", WORKING)
def test_what_works(name: str, tmp_path: Path) -> None:
    """§9.5: asyncio, threads and processes, in the program's body and in callbacks."""
    result, monitor, _ = run_case(WORKING_HEAD + WORKING[name], tmp_path)

    assert result.ok, result.error
    assert monitor.exports == {"out": "x"}
