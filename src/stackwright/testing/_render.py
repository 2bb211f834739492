"""Changes as text that is the same each time: what golden files hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.display import value_json
from stackwright.values import UNKNOWN, Value, get_path, parse_path

if TYPE_CHECKING:
    from stackwright.testing._stack import Result, Step

_SIGNS: Final = {"create": "+", "update": "~", "delete": "-", "replace": "±", "read": ">", "refresh": "~"}
_HIDDEN: Final = ("__",)


def rendered(result: Result) -> str:
    """Every step with what changes, then the stack's outputs. Secrets are masked."""
    lines = [f"{result.operation} {result.summary.result.value}"]
    for step in result.steps:
        if step.type == "pulumi:pulumi:Stack":
            continue
        lines.append("")
        lines.extend(_step(step))
    if result.outputs:
        lines += ["", "outputs"]
        lines += _properties(_masked_outputs(result))
    return "\n".join(lines) + "\n"


def _step(step: Step) -> Iterator[str]:
    yield f"{_SIGNS.get(step.op, step.op)} {step.type} {step.name}"
    if step.op == "create" and step.new is not None:
        yield from _properties(step.new.inputs)
    elif step.old is not None and step.new is not None:
        for path in sorted(step.detailed):
            if path.startswith(_HIDDEN):
                yield f"    {path}: changed"
                continue
            before, after = _at(step.old.inputs, path), _at(step.new.inputs, path)
            yield f"    {path}: {_shown(before)} => {_shown(after)}"


def _properties(properties: Mapping[str, Value]) -> list[str]:
    return [
        f"    {name}: {_shown(value)}"
        for name, value in sorted(properties.items())
        if not name.startswith(_HIDDEN)
    ]


def _at(properties: Mapping[str, Value], path: str) -> Any:
    found: Any = get_path(dict(properties), parse_path(path))
    return found


def _masked_outputs(result: Result) -> Mapping[str, Value]:
    from stackwright.testing._stack import stack_outputs

    return stack_outputs(result.events)


def _shown(value: Value) -> str:
    text = msgspec.json.encode(value_json(value, tagged=False), order="sorted").decode()
    return text.replace(str(value_json(UNKNOWN)), "<computed>")
