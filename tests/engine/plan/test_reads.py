"""Resources that the program reads instead of managing them (engine.md E136)."""

from __future__ import annotations

from typing import Any

from support.records import PROVIDER_REFERENCE, TYPE, state, urn

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan import merge_stack_outputs, plan_read
from stackwright.goals import ReadRequest, SourcePosition
from stackwright.state import Key


def steps(id_: str = "id-a", **old: Any) -> list[Step]:
    request = ReadRequest(
        type=TYPE,
        name="a",
        id=id_,
        inputs={"x": 1},
        depends_on=(urn("b"),),
        provider=PROVIDER_REFERENCE,
        additional_secret_outputs=("s",),
        source=SourcePosition("file:///home/me/shop/main.py", 3),
    )
    recorded = Record(Key(1), state("a", **old)) if old else None
    return plan_read(request, urn("a"), recorded, "/home/me/shop")


def test_the_record_is_external() -> None:
    """Custom, external, with the id and the properties as asked for (E111, E136)."""
    (step,) = steps()

    assert step.op is Op.READ
    assert step.old is None
    new = step.new
    assert new is not None
    assert (new.custom, new.external, new.id, new.inputs) == (True, True, "id-a", {"x": 1})
    assert (new.provider, new.dependencies) == (PROVIDER_REFERENCE, (urn("b"),))
    assert (new.additional_secret_outputs, new.source_position) == (("s",), "project:///main.py#3")


def test_a_managed_resource_with_that_id_is_let_go() -> None:
    """X24: it becomes external, and nothing is deleted (E136)."""
    (step,) = steps(id="id-a")

    assert step.op is Op.READ
    assert not step.pending_delete


def test_an_external_record_may_change_its_id() -> None:
    """Reading another object in place of the one read before deletes nothing (E136)."""
    assert [step.op for step in steps(id="other", external=True)] == [Op.READ]


def test_a_managed_resource_with_another_id_is_replaced() -> None:
    """X25, S6: the managed one stays recorded, flagged, until it has been deleted (E136)."""
    first, second = steps(id="other")

    assert (first.op, second.op) == (Op.READ_REPLACEMENT, Op.REPLACE)
    assert first.pending_delete


def test_stack_outputs_are_replaced_by_success_and_merged_by_failure() -> None:
    """X65: after a failure old outputs stay where the program gave no new ones (E87)."""
    old, new = {"a": 1, "b": 2}, {"b": 3}

    assert merge_stack_outputs(old, new, failed=False) == {"b": 3}
    assert merge_stack_outputs(old, new, failed=True) == {"a": 1, "b": 3}
