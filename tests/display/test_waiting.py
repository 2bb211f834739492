"""What waits for what, in the live tree (cli.md §14.4)."""

from __future__ import annotations

import io
from typing import NamedTuple

from stackwright.display import DisplaySettings
from stackwright.display._rows import Rows
from stackwright.display._tree import TreeDisplay, Waits, make_console
from stackwright.engine import (
    DeletesPlanned,
    Event,
    Op,
    OperationResult,
    Record,
    Step,
    StepDone,
    StepStarted,
    Summary,
)
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn

STACK = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")


class Made(NamedTuple):
    type: str
    name: str
    parent: Urn | None
    on: tuple[str, ...]


def state(type_: str, name: str, parent: Urn | None = STACK) -> ResourceState:
    urn = Urn(f"urn:pulumi:dev::shop::{type_}::{name}")
    return ResourceState(urn=urn, type=type_, custom=parent is not None, parent=parent)


ROOT = state("pulumi:pulumi:Stack", "shop-dev", None)
SITE = state("shop:web:Site", "site")
BUCKET = state("aws:s3/bucket:Bucket", "logs")
QUEUE = state("aws:sqs/queue:Queue", "jobs")


def creating(new: ResourceState) -> Event:
    return StepStarted(Step(op=Op.CREATE, urn=new.urn, new=new), preview=False)


def deleting(key: int, old: ResourceState) -> Step:
    return Step(op=Op.DELETE, urn=old.urn, old=Record(Key(key), old))


def drawn(
    *events: Event, kind: str = "update", width: int = 80, height: int = 20, waits: Waits | None = None
) -> list[str]:
    written = io.StringIO()
    console = make_console(file=written, force_terminal=True, width=width, height=height, no_color=True)
    settings = DisplaySettings(stack="dev", kind=kind)
    tree = TreeDisplay(settings, console, **({"waits": waits} if waits is not None else {}))
    tree.rows = Rows(settings, clock=lambda: 100.0)
    for event in events:
        tree(event)
    if not any(isinstance(event, Summary) for event in events):
        console.print(tree)
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


def test_what_the_program_has_made_and_cannot_ask_for_yet() -> None:
    def waits(_: int) -> tuple[list[Made], int]:
        return [
            Made("aws:sqs/queue:Queue", "jobs", None, ("logs",)),
            Made("aws:sns/topic:Topic", "news", SITE.urn, ("logs", "jobs", "x")),
            Made("aws:sns/topic:Topic", "late", SITE.urn, ()),
        ], 9

    assert drawn(creating(ROOT), creating(SITE), creating(BUCKET), waits=waits) == [
        " +  pulumi:pulumi:Stack  shop-dev  creating (0s)",
        " +  ├─ shop:web:Site     site      creating (0s)",
        "    │  ├─ aws:sns:Topic  news      waiting for logs and 2 others",
        "    │  └─ aws:sns:Topic  late      waiting",
        " +  ├─ aws:s3:Bucket     logs      creating (0s)",
        "    └─ aws:sqs:Queue     jobs      waiting for logs",
        "⠋ Updating: 0 done, 3 under way, 9 waiting",
    ]


def test_deletes_wait_for_what_depends_on_them() -> None:
    steps = [deleting(1, ROOT), deleting(2, BUCKET), deleting(3, QUEUE)]
    waits = {Key(1): frozenset({Key(2), Key(3)}), Key(2): frozenset({Key(3)})}
    planned = DeletesPlanned(steps, waits)
    begun = StepStarted(steps[2], preview=False)
    assert drawn(planned, begun, kind="destroy") == [
        " -  pulumi:pulumi:Stack  shop-dev  waiting for jobs and 1 other",
        " -  ├─ aws:sqs:Queue     jobs      deleting (0s)",
        " -  └─ aws:s3:Bucket     logs      waiting for jobs",
        "⠋ Destroying: 0 done, 1 under way, 2 waiting",
    ]
    gone = StepDone(steps[2], Op.DELETE, None, preview=False)
    lines = drawn(planned, begun, gone, StepStarted(steps[1], preview=False), kind="destroy")
    assert lines[0] == " -  pulumi:pulumi:Stack  shop-dev  waiting for logs"
    assert lines[-1] == "⠋ Destroying: 1 done, 1 under way, 1 waiting"


def test_a_narrow_terminal_cuts_what_waits() -> None:
    lines = drawn(
        creating(ROOT),
        width=40,
        waits=lambda _: ([Made("aws:sqs/queue:Queue", "jobs", None, ("logs", "b"))], 1),
    )
    assert lines[1] == "    └─ aws:sqs:Queue     jobs      wai…"


def test_what_is_under_way_comes_before_what_waits_when_room_is_scarce() -> None:
    many = [Made("aws:sqs/queue:Queue", f"q{index}", None, ("logs",)) for index in range(30)]
    lines = drawn(creating(ROOT), creating(BUCKET), height=10, waits=lambda _: (many, 30))
    assert "logs      creating" in lines[1]
    assert lines[2].endswith("waiting for logs")
    assert lines[-2] == "     … and 25 more rows"


def test_the_end_speaks_of_nothing_that_waits() -> None:
    """What a failure kept from beginning has not been touched."""
    steps = [deleting(1, BUCKET), deleting(2, QUEUE)]
    summary = Summary(result=OperationResult.FAILED, changes={}, preview=False, duration=1.0)
    planned = DeletesPlanned(steps, {Key(1): frozenset({Key(2)})})
    assert "waiting" not in "\n".join(drawn(planned, StepStarted(steps[1], preview=False), summary))
