# mypy: ignore-errors
"""Which kind a number has when a program reads it, by the type of the property (sdk.md §6, §6.1, §8)."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any, Dict, List, Optional, Union  # as generated code has it

import pulumi
from outputs import tried
from pulumi.runtime import rpc
from things import Thing, clause, o, secret, unknown


@pulumi.output_type
class Measure(dict):
    def __init__(self, *, amount: float, whole: int, more: Any = None):
        pulumi.set(self, "amount", amount)
        pulumi.set(self, "whole", whole)
        pulumi.set(self, "more", more)

    @property
    @pulumi.getter
    def amount(self) -> float:
        return pulumi.get(self, "amount")

    @property
    @pulumi.getter
    def whole(self) -> int:
        return pulumi.get(self, "whole")

    @property
    @pulumi.getter
    def more(self) -> Optional[Any]:
        return pulumi.get(self, "more")


class Grade(float, enum.Enum):
    ONE = 1.0


class Step(int, enum.Enum):
    TWO = 2


TYPES = {
    "share": "float",
    "maybe": "Optional[float]",
    "shares": "Sequence[float]",
    "named": "Mapping[str, float]",
    "nested": "Dict[str, List[float]]",
    "whole": "int",
    "wholes": "Sequence[int]",
    "named_wholes": "Mapping[str, Optional[int]]",
    "either": "Union[int, str]",
    "other": "Union[float, str]",
    "measure": "Measure",
    "measures": "Optional[Sequence[Measure]]",
    "grade": "Grade",
    "step": "Step",
    "flag": "bool",
    "text": "str",
    "loose": "Any",
}
VALUES = {
    "share": 3,
    "maybe": 3,
    "shares": [3, 3.5, None],
    "named": {"a": 3},
    "nested": {"a": [3]},
    "whole": 3.7,
    "wholes": [3, 3.0],
    "named_wholes": {"a": 3, "b": None},
    "either": 3,
    "other": 3,
    "measure": {"amount": 3, "whole": 3, "more": [3, {"a": 3}]},
    "measures": [{"amount": 2**53, "whole": 2**53, "more": 3}],
    "grade": 1,
    "step": 2,
    "flag": True,
    "text": 3,
    "loose": 3,
}


def _measured():
    def init(self, name, given, typ="t:m:Thing"):
        args = dict.fromkeys(TYPES)
        pulumi.CustomResource.__init__(self, typ, name, {**args, **given})

    made = {"__init__": init, "__annotations__": {n: f"Output[{t}]" for n, t in TYPES.items()}}
    return type("Measured", (pulumi.CustomResource,), {**made, "__module__": __name__})


Measured = _measured()


def read(resource):
    return [[name, getattr(resource, name), getattr(resource, name).apply(str)] for name in VALUES]


@clause("6.1", previews=True)
def numbers_by_type():
    return read(Measured("m", VALUES))


@clause("6.1", previews=True)
def numbers_of_inputs_that_were_not_answered():
    return read(Measured("m", VALUES, typ="t:m:Silent"))


@clause("6.1", previews=True)
def secret_and_unknown_numbers():
    given = {"share": secret(3), "shares": [secret(1), 2], "named": {"a": unknown()}, "whole": o(4)}
    made = Measured("m", given)
    return [getattr(made, name) for name in given]


@clause("6.1")
def numbers_without_types():
    thing = Thing("a", x=3, y=[3], z={"a": 3}, big=10**15, negative=-3, zero=0)
    names = ("x", "y", "z", "big", "negative", "zero")
    return [[getattr(thing, name), getattr(thing, name).apply(str)] for name in names]


@clause("8")
def numbers_of_functions():
    given = {"amount": 3, "whole": 3, "more": {"a": 3}}
    plain = pulumi.runtime.invoke("t:m:answer", {"answer": given}, typ=Measure).value
    later = pulumi.runtime.invoke_output("t:m:answer", {"answer": given}, typ=Measure)
    one = pulumi.runtime.invoke_output_single("t:m:answer", {"answer": {"x": 3}}, typ=float)
    same = pulumi.runtime.invoke_single("t:m:answer", {"answer": {"x": 3}}, typ=int)
    untyped = pulumi.runtime.invoke("t:m:answer", {"answer": {"x": 3}}).value
    return [plain, later, one, same, untyped, later.amount, later["more"]]


@clause("6.1")
def translated():
    pairs = [
        (3, None),
        ({"a": [3]}, None),
        (3, float),
        (3.0, float),
        (3, int),
        (3.5, int),
        (3.0, None),
        (True, float),
        (True, int),
    ]
    pairs += [([3.0], Sequence[int]), ({"a": 3.0}, Mapping[str, int]), (3.0, Optional[int])]
    pairs += [(3.0, Union[int, str]), (1.0, Grade), (2.0, Step), ({"a": 1.0}, Dict[str, Any])]
    pairs += [([1.0], List[Any]), ([1.0], float), ({"a": 1.0}, float), ("3", int), ("3", float)]
    return [
        tried(lambda v=v, t=t: rpc.translate_output_properties(v, lambda k: k, t, True)) for v, t in pairs
    ]
