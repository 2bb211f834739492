"""The live tree, as a terminal shows it (cli.md §14.4)."""

from __future__ import annotations

import io
from collections.abc import Iterable

import msgspec
import pyte

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display import DisplaySettings, TreeDisplay
from stackwright.display._rows import Rows
from stackwright.display._tree import make_console
from stackwright.engine import (
    Acquiring,
    Event,
    Finished,
    Op,
    OperationResult,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
)
from stackwright.providers import ResourceStatus
from stackwright.state import ResourceState
from stackwright.urn import Urn

STACK = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")


def urn(type_: str, name: str) -> Urn:
    return Urn(f"urn:pulumi:dev::shop::{type_}::{name}")


def step(op: Op, address: Urn, *, parent: Urn | None = STACK) -> Step:
    type_ = address.split("::")[2]
    new = ResourceState(urn=address, type=type_, custom=type_ != "pulumi:pulumi:Stack", parent=parent)
    return Step(op=op, urn=address, new=new)


ROOT = step(Op.CREATE, STACK, parent=None)
SITE = step(Op.CREATE, urn("shop:web:Site", "site"))
BUCKET = step(Op.CREATE, urn("aws:s3/bucket:Bucket", "logs"), parent=SITE.urn)
QUEUE = step(Op.CREATE, urn("aws:sqs/queue:Queue", "jobs"))


def started(*steps: Step) -> list[Event]:
    return [StepStarted(one, preview=False) for one in steps]


def done(one: Step) -> Event:
    return StepDone(one, one.op, one.new, preview=False)


class Terminal:
    """A tree on a screen of its own, at a time of its own."""

    def __init__(
        self, events: Iterable[Event], *, width: int = 72, height: int = 20, colour: bool = False
    ) -> None:
        self.now = 100.0
        self.written = io.StringIO()
        settings = DisplaySettings(stack="dev", kind="update", colour=colour, width=width)
        self.console = make_console(
            file=self.written, force_terminal=True, width=width, height=height, no_color=not colour
        )
        self.tree = TreeDisplay(settings, self.console)
        self.tree.rows = Rows(settings, clock=lambda: self.now)
        self._screen = pyte.Screen(width, height)
        for event in events:
            self.tree(event)

    def draw(self) -> list[str]:
        """The screen's rows with the tree drawn once, empty ones left out."""
        self.console.print(self.tree)
        stream = pyte.Stream(self._screen)
        stream.feed(self.written.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in self._screen.display if line.strip()]


def test_what_is_under_way_and_since_when() -> None:
    terminal = Terminal([*started(ROOT, SITE, BUCKET, QUEUE)])
    terminal.now += 12
    terminal.tree(done(QUEUE))
    assert terminal.draw() == [
        " +  pulumi:pulumi:Stack  shop-dev  creating (12s)",
        " +  ├─ shop:web:Site     site      creating (12s)",
        " +  │  └─ aws:s3:Bucket  logs      creating (12s)",
        " +  └─ aws:sqs:Queue     jobs      created (12s)",
        "⠦ Updating: 1 done, 3 under way",
    ]


def test_a_narrow_terminal_cuts_its_rows() -> None:
    lines = Terminal(started(ROOT, SITE, BUCKET), width=30).draw()
    assert len(lines) == 4
    assert all(len(line) < 30 for line in lines)
    assert lines[0].endswith("…")


def test_a_low_terminal_shows_what_is_under_way() -> None:
    many = [step(Op.CREATE, urn("aws:sqs/queue:Queue", f"q{index}")) for index in range(40)]
    events = [*started(ROOT, *many), *(done(one) for one in many[:38])]
    lines = Terminal(events, height=10).draw()
    shown = "\n".join(lines)
    assert len(lines) <= 10
    assert "q38" in shown
    assert "q39" in shown
    assert "q0 " not in shown
    assert "more rows" in shown


def test_a_failure_is_told_in_its_row() -> None:
    said = Diagnostic(severity=Severity.ERROR, message="access denied\nsee the log", urn=QUEUE.urn)
    terminal = Terminal([*started(ROOT, QUEUE), said, StepFailed(QUEUE, ResourceStatus.OK, 1)], width=100)
    row = next(line for line in terminal.draw() if "jobs" in line)
    assert "**creating failed**" in row
    assert "access denied" in row
    assert "see the log" not in row


def test_no_colour_means_none() -> None:
    terminal = Terminal(started(ROOT, BUCKET))
    terminal.draw()
    assert "\x1b[3" not in terminal.written.getvalue()


def test_colours_are_those_of_the_operation() -> None:
    terminal = Terminal(started(ROOT, BUCKET), colour=True)
    terminal.draw()
    assert "\x1b[32m" in terminal.written.getvalue()


def test_the_end_has_the_whole_tree_and_the_totals() -> None:
    summary = Summary(
        result=OperationResult.SUCCEEDED, changes={Op.CREATE: 3, Op.SAME: 1}, preview=False, duration=1.2
    )
    events = [*started(ROOT, SITE, BUCKET), done(BUCKET), done(SITE), done(ROOT), summary, Finished()]
    text = Terminal(events).written.getvalue()
    assert "│" not in text.split("Resources:")[1]
    assert "└─ aws:s3:Bucket" in text
    assert "    + 3 created\n    1 unchanged\n" in text
    assert "Duration: 2s" in text


def test_what_is_fetched_stands_below_the_rows() -> None:
    """E288: a download and how far it is; gone when it is over, whether or not it went well."""
    install = Acquiring(type="plugin-install", id="a", message="[resource plugin aws-7.0.0] installing")
    begun = Acquiring(
        type="plugin-download", id="b", message="Downloading aws", received=10_500_000, total=42_000_000
    )
    unknown = Acquiring(type="plugin-download", id="c", message="Downloading gcp", received=1_000_000)
    drawn = Terminal([*started(ROOT, BUCKET), install, begun, unknown]).draw()
    assert drawn[2:5] == [
        "   [resource plugin aws-7.0.0] installing …",
        "   Downloading aws: 10.5 of 42.0 MB, 25 %",
        "   Downloading gcp: 1.0 MB",
    ]
    over = [msgspec.structs.replace(each, done=True, failed=True) for each in (install, begun, unknown)]
    assert len(Terminal([*started(ROOT, BUCKET), install, begun, unknown, *over]).draw()) == 3
