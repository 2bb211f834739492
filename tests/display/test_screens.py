"""Whole screens of one operation: plain lines, differences, and what ends them (cli.md §14.5, §14.6, §15)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from textwrap import dedent
from typing import Any

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display import DiffDisplay, DisplaySettings, PlainDisplay
from stackwright.engine import (
    Event,
    Op,
    OperationResult,
    PolicyRemediated,
    PolicySummary,
    PolicySummaryKind,
    PolicyViolated,
    Record,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
)
from stackwright.providers import ResourceStatus
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn
from stackwright.values import DiffKind, PropertyDiff, Secret

STACK = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")
BUCKET = "aws:s3/bucket:Bucket"


def state(name: str, inputs: dict[str, Any] | None = None, **fields: Any) -> ResourceState:
    urn = Urn(f"urn:pulumi:dev::shop::{BUCKET}::{name}")
    fields = {"id": f"{name}-1", "inputs": inputs or {}, "parent": STACK, "custom": True, **fields}
    return ResourceState(urn=urn, type=BUCKET, **fields)


def stack(outputs: dict[str, Any]) -> ResourceState:
    return ResourceState(urn=STACK, type="pulumi:pulumi:Stack", custom=False, outputs=outputs)


def step(op: Op, old: ResourceState | None, new: ResourceState | None, *differ: str) -> Step:
    subject = new or old
    assert subject is not None
    keys = differ if op.is_replacement else ()
    record = Record(Key(1), old) if old is not None else None
    return Step(op=op, urn=subject.urn, old=record, new=new, keys=keys, diffs=differ)


def carried_out(one: Step, *, preview: bool = False) -> list[Event]:
    return [StepStarted(one, preview), StepDone(one, one.op, one.new, preview)]


def summary(preview: bool = False, **counts: int) -> Summary:
    changes = {Op(op): count for op, count in counts.items()}
    return Summary(result=OperationResult.SUCCEEDED, changes=changes, preview=preview, duration=64.2)


def shown(display: type[PlainDisplay | DiffDisplay], events: Iterable[Event], **settings: Any) -> str:
    written = io.StringIO()
    made = display(DisplaySettings(**{"stack": "dev", "kind": "update", **settings}), written)
    made.rows.clock = lambda: 5.0
    for event in events:
        made(event)
    return written.getvalue()


OLD, NEW = state("a", {"acl": "private", "gone": 1}), state("a", {"acl": "public", "new": 2})
UPDATE = step(Op.UPDATE, OLD, NEW, "acl", "gone", "new")
SMALL, LARGE = state("r", {"size": 1, "tag": "x"}), state("r", {"size": 2, "tag": "x"})
REPLACEMENT = (
    step(Op.CREATE_REPLACEMENT, SMALL, LARGE, "size"),
    step(Op.REPLACE, SMALL, LARGE, "size"),
    step(Op.DELETE_REPLACED, SMALL, None),
)
CREATE = step(Op.CREATE, None, state("c", {"acl": "private"}))
DELETE = step(Op.DELETE, state("d", {"acl": "private"}), None)
KEPT = step(Op.DELETE, state("k", retain_on_delete=True), None)


def test_plain_lines_of_every_operation() -> None:
    """§14.5: a line for each change of a row, each half of a replacement by itself."""
    steps = (CREATE, UPDATE, *REPLACEMENT, DELETE, KEPT)
    text = shown(PlainDisplay, [event for one in steps for event in carried_out(one)])
    assert text.splitlines() == [
        " +  aws:s3:Bucket c creating (0s)",
        " +  aws:s3:Bucket c created (0.00s)",
        " ~  aws:s3:Bucket a updating (0s) [diff: +new-gone~acl]",
        " ~  aws:s3:Bucket a updated (0.00s) [diff: +new-gone~acl]",
        " ++ aws:s3:Bucket r creating replacement (0s) [diff: ~size]",
        " ++ aws:s3:Bucket r created replacement (0.00s) [diff: ~size]",
        " -- aws:s3:Bucket r deleting original (0s)",
        " -- aws:s3:Bucket r deleted original (0.00s)",
        " -  aws:s3:Bucket d deleting (0s)",
        " -  aws:s3:Bucket d deleted (0.00s)",
        " -  aws:s3:Bucket k deleting (0s)",
        " -  aws:s3:Bucket k deleted[retain] (0.00s)",
    ]


def test_what_is_said_of_a_resource_before_any_step_of_it_stands_under_its_name() -> None:
    """§14.6: a check that failed leads to no step; nor is it anything about the stack."""
    refused = Diagnostic(severity=Severity.ERROR, message="`acl` is no colour", urn=NEW.urn)
    events: list[Event] = [*carried_out(step(Op.CREATE, None, stack({}))), refused, summary()]
    text = shown(PlainDisplay, events)
    assert "Diagnostics:\n  aws:s3:Bucket (a):\n    error: `acl` is no colour\n" in text


def judged(policy: str, level: str, urn: Urn | None, severity: str = "", message: str = "no") -> Event:
    return PolicyViolated(
        urn=urn,
        message=message,
        policy=policy,
        pack="rules",
        version="1.2.0",
        place="/rules",
        level=level,
        severity=severity,
    )


def mended(urn: Urn) -> Event:
    return PolicyRemediated(
        urn=urn,
        policy="tags",
        pack="rules",
        version="1.2.0",
        place="/rules",
        before={"acl": "private", "old": 1},
        after={"acl": "public", "new": 2},
    )


def asked(pack: str) -> Event:
    return PolicySummary(
        kind=PolicySummaryKind.ANALYZE, urn=None, pack=pack, version="0.1", place="", passed=("p",), failed=()
    )


def test_what_policies_said() -> None:
    """§14.6: the gravest first; no totals where something must not be."""
    events = [
        *carried_out(CREATE),
        mended(NEW.urn),
        judged("later", "advisory", None),
        judged("names", "mandatory", NEW.urn, "low", "short\ntwo lines"),
        judged("acl", "mandatory", NEW.urn, "high"),
        asked("calm"),
        summary(create=1),
    ]
    text = shown(PlainDisplay, events)
    assert text[text.index("Policies:") :] == dedent(
        """\
        Policies:
            ❌ rules@v1.2.0 (local: /rules)
                - [remediate]  tags  (1 resource)
                - [mandatory] [severity: high]  acl  (aws:s3:Bucket: a)
                  no
                - [mandatory] [severity: low]  names  (aws:s3:Bucket: a)
                  short
                  two lines
                - [advisory]  later
                  no
            ✅ calm@v0.1


        Duration: 1m5s
        """
    )
    assert " +  aws:s3:Bucket c created" in text

    detailed = shown(PlainDisplay, events, show_policy_remediations=True)
    assert "[remediate]  tags  (aws:s3:Bucket: a) [diff: +new-old~acl]" in detailed

    mild = shown(PlainDisplay, [judged("later", "advisory", None), summary(create=1)])
    assert "⚠️ rules@v1.2.0" in mild
    assert "+ 1 created" in mild


def test_plain_lines_of_a_preview() -> None:
    """A line for each finding; a replacement is one."""
    steps = (CREATE, UPDATE, *REPLACEMENT, DELETE)
    events = [event for one in steps for event in carried_out(one, preview=True)]
    assert shown(PlainDisplay, events, preview=True).splitlines() == [
        " +  aws:s3:Bucket c create",
        " ~  aws:s3:Bucket a update [diff: +new-gone~acl]",
        " +- aws:s3:Bucket r replace [diff: ~size]",
        " -  aws:s3:Bucket d delete",
    ]


def test_plain_lines_of_a_refresh() -> None:
    """What was found is told, with the outputs that differ; what is as it was is not."""
    drifted = state("a", outputs={"size": 1}), state("a", outputs={"size": 2})
    look, again = step(Op.REFRESH, drifted[0], None), step(Op.REFRESH, SMALL, None)
    events: list[Event] = [
        StepStarted(look, preview=False),
        StepDone(look, Op.UPDATE, drifted[1], preview=False),
        StepStarted(again, preview=False),
        StepDone(again, Op.SAME, SMALL, preview=False),
    ]
    assert shown(PlainDisplay, events, kind="refresh").splitlines() == [
        " ~  aws:s3:Bucket a refreshing (0s)",
        " ~  aws:s3:Bucket a updated (0.00s) [diff: ~size]",
        " ~  aws:s3:Bucket r refreshing (0s)",
    ]


def test_a_failure_and_what_was_said() -> None:
    """§14.6: by resource, the stack's for what concerns none; passing words and debug left out."""
    root = step(Op.SAME, stack({}), stack({}))

    def said(severity: Severity, message: str, urn: Urn | None = None, **fields: Any) -> Diagnostic:
        return Diagnostic(severity=severity, message=message, urn=urn, **fields)

    events = [
        StepStarted(root, preview=False),
        StepStarted(CREATE, preview=False),
        said(Severity.WARNING, "that is old", CREATE.urn),
        said(Severity.INFO, "hello"),
        said(Severity.INFO, "only passing", ephemeral=True),
        said(Severity.DEBUG, "inner workings", CREATE.urn),
        said(Severity.ERROR, "access denied\nsee the log\n", CREATE.urn),
        StepFailed(CREATE, ResourceStatus.OK, 1),
        summary(same=1),
    ]
    lines, _, end = shown(PlainDisplay, events).partition("\n\n")
    assert lines.splitlines() == [
        " +  aws:s3:Bucket c creating (0s)",
        " +  aws:s3:Bucket c creating (0s) warning: that is old",
        " +  aws:s3:Bucket c **creating failed** error: access denied",
    ]
    assert end == dedent(
        """\
        Diagnostics:
          pulumi:pulumi:Stack (shop-dev):
            hello

          aws:s3:Bucket (c):
            warning: that is old
            error: access denied
            see the log

        Resources:
            1 unchanged
            1 errored

        Duration: 1m5s
        """
    )


def test_outputs_with_their_secrets_masked_and_long_ones_cut() -> None:
    """§14.6, §15.3, §15.5."""
    before = {"old": 1, "same": True, "token": Secret("hunter1")}
    after = {"deep": {"k": [1, None]}, "long": "y" * 200, "same": True, "token": Secret("hunter2")}
    events = carried_out(step(Op.SAME, stack(before), stack(after)))
    text = shown(PlainDisplay, [*events, summary(create=1, update=2, replace=1, same=4)])
    assert text.lstrip("\n") == dedent(
        f"""\
        Outputs:
          + deep : {{
                k : [
                    [0]: 1
                    [1]: <null>
                ]
            }}
          + long : "{"y" * 150}..."
          - old  : 1
            same : true
          ~ token: [secret]

        Resources:
            + 1 created
            ~ 2 updated
            +-1 replaced
            4 changes. 4 unchanged

        Duration: 1m5s
        """
    )
    full = shown(PlainDisplay, [*events, summary()], show_full_output=True, show_secrets=True)
    assert "y" * 200 in full
    assert '"hunter1" => "hunter2"' in full
    assert "Outputs:" not in shown(PlainDisplay, [*events, summary()], suppress_outputs=True)


def test_what_a_preview_ends_with() -> None:
    """Other words, no duration, and no outputs that stay the same."""
    events = carried_out(step(Op.SAME, stack({"a": 1}), stack({"a": 1})), preview=True)
    end = shown(PlainDisplay, [*events, summary(preview=True, create=1, delete=1)], preview=True)
    assert end.lstrip("\n") == "Resources:\n    + 1 to create\n    - 1 to delete\n    2 changes\n"


REPLACED = f"""\
+-aws:s3/bucket:Bucket: (replace)
    [id=r-1]
    [urn={LARGE.urn}]
  ~ size: 1 => 2
    [forces replacement: size]
"""


def test_a_replacement_property_by_property() -> None:
    """§15.1: its halves only when they are asked for."""
    events = [event for one in REPLACEMENT for event in carried_out(one)]
    assert shown(DiffDisplay, events) == REPLACED
    halves = shown(DiffDisplay, events, show_replacement_steps=True)
    assert REPLACED in halves
    assert [line for line in halves.splitlines() if line.endswith(")")] == [
        "++aws:s3/bucket:Bucket: (create-replacement)",
        "+-aws:s3/bucket:Bucket: (replace)",
        "--aws:s3/bucket:Bucket: (delete-replaced)",
    ]


def test_what_a_provider_changes_although_the_program_says_the_same() -> None:
    """A preview names it, and shows what is planned; other differences of inputs are no news."""
    was = state("t", {"size": 1, "doc": "{}"}, outputs={"size": 1, "tagsAll": {"v": "1"}})
    planned = state("t", {"size": 1, "doc": "{ }"}, outputs={"size": 1, "tagsAll": {"v": "2"}})
    change = msgspec.structs.replace(
        step(Op.UPDATE, was, planned, "tagsAll"), detailed={"tagsAll.v": PropertyDiff(DiffKind.UPDATE)}
    )
    assert "[diff: ~tagsAll]" in shown(PlainDisplay, carried_out(change, preview=True), preview=True)
    written = shown(DiffDisplay, carried_out(change, preview=True), preview=True)
    assert written.endswith('--outputs:--\n  ~ tagsAll: {\n      ~ v: "1" => "2"\n    }\n')
    assert "doc" not in written

    said = Diagnostic(severity=Severity.ERROR, message="no", urn=change.urn)
    failing = shown(DiffDisplay, [StepStarted(change, True), said], preview=True)
    assert failing.index("Bucket: (update)") < failing.index("error: no")
