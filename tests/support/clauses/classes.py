# mypy: ignore-errors
"""Input and output types (sdk.md §15)."""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional

import pulumi
from outputs import tried
from pulumi import Input, Output, _types
from things import Part, PartArgs, Renamed, Thing, Whole, WholeArgs, clause

MISSING = _types.MISSING


@pulumi.input_type
class Made:
    first_name: Input[str] = pulumi.property("firstName")
    size: Optional[Input[int]] = pulumi.property("size", default=3)
    note: Optional[Input[str]] = pulumi.property("theNote", default=None)
    plain: Optional[str] = None


@pulumi.output_type
class Answered:
    first_name: str = pulumi.property("firstName")
    note: Optional[str] = pulumi.property("theNote", default=None)


@pulumi.output_type
class Translated(dict):
    first_name: str = pulumi.property("firstName")
    note: Optional[str] = pulumi.property("theNote", default=None)

    def _translate_property(self, prop):
        return {"firstName": "first_name", "theNote": "the_note"}.get(prop) or prop


@pulumi.input_type
class Compared:
    a: Input[int] = pulumi.property("a")

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 7


@pulumi.input_type
class Base:
    one: Input[int] = pulumi.property("one")
    two: Input[str] = pulumi.property("two")


class Derived(Base):
    """Not decorated again: that is an error in the genuine package."""

    def __init__(self, **given):
        super().__init__(**{name: value for name, value in given.items() if name in ("one", "two")})

    @property
    @pulumi.getter
    def two(self) -> Input[bool]:
        return pulumi.get(self, "two")

    @property
    @pulumi.getter
    def three(self) -> Optional[Input["Later"]]:
        return pulumi.get(self, "three")


@pulumi.input_type
class Later:
    x: Input[int] = pulumi.property("x")


@pulumi.input_type
class Wrapped:
    """Every shape that the aliases for inputs produce."""

    plain: int = pulumi.property("plain")
    optional: Optional[int] = pulumi.property("optional")
    output: Output[int] = pulumi.property("output")
    output_optional: Output[Optional[int]] = pulumi.property("outputOptional")
    given: Input[int] = pulumi.property("given")
    optional_given: Optional[Input[int]] = pulumi.property("optionalGiven")
    given_optional: Input[Optional[int]] = pulumi.property("givenOptional")
    args: pulumi.InputType[PartArgs] = pulumi.property("args")
    optional_args: Optional[pulumi.InputType[PartArgs]] = pulumi.property("optionalArgs")
    given_args: Input[pulumi.InputType[PartArgs]] = pulumi.property("givenArgs")
    optional_given_args: Optional[Input[pulumi.InputType[PartArgs]]] = pulumi.property("optionalGivenArgs")
    forward: Optional[Input["PartArgs"]] = pulumi.property("forward")
    mapping: Output[Dict[str, Any]] = pulumi.property("mapping")
    anything: Any = pulumi.property("anything")


class WithHints(pulumi.CustomResource):
    a: Output[str]
    b: Output[Optional[int]] = pulumi.property("theB")
    bare: Output

    @property
    @pulumi.getter(name="theC")
    def c(self) -> Output[List[str]]: ...


@clause("15.1")
def marks():
    return [
        [
            getattr(each, name, None)
            for name in ("_pulumi_input_type", "_pulumi_output_type", "_pulumi_python_to_pulumi_table")
        ]
        for each in (Made, Answered, Translated, Part, WholeArgs)
    ] + [[_types.is_input_type(each), _types.is_output_type(each)] for each in (Made, Answered, int)]


@clause("15.1")
def twice():
    def both(first, second):
        return lambda: second(first(type("X", (), {"__annotations__": {}})))

    pair = (pulumi.input_type, pulumi.output_type)
    return [tried(both(a, b)) for a in pair for b in pair]


@clause("15.1")
def properties_by_hand():
    return [tried(lambda n=name: pulumi.property(n)) for name in ("", None, 3)]


@clause("15.1")
def constructors():
    made = Made(first_name="x")
    changed = Made(first_name="x", size=None, note="n", plain="p")
    changed.size = 5
    changed.note = None
    return [
        vars(made),
        vars(changed),
        [made.first_name, made.size, made.note, made.plain],
        tried(Made),
        tried(lambda: Made("x")),
        tried(lambda: Made(first_name="x", other=1)),
        tried(Answered),
        tried(lambda: setattr(Answered(first_name="x"), "first_name", "y")),
        vars(Answered(first_name="x")),
        dict(Translated(first_name="x", note="n")),
        [Translated(first_name="x").first_name, Translated(first_name="x").note],
    ]


@clause("15.1")
def required_after_optional():
    def make():
        class Wrong:
            a: Optional[Input[int]] = pulumi.property("a", default=None)
            b: Input[int] = pulumi.property("b")

        return pulumi.input_type(Wrong)

    return tried(make)


@clause("15.1")
def equality():
    return [
        Made(first_name="x") == Made(first_name="x"),
        Made(first_name="x") == Made(first_name="y"),
        Made(first_name="x") == Answered(first_name="x"),
        Made(first_name="x") != Made(first_name="x"),
        isinstance(tried(lambda: hash(Made(first_name="x"))), int),
        Compared(a=1) == Compared(a=2),
        hash(Compared(a=1)),
        PartArgs(the_name="a") == PartArgs(the_name="a"),
        Part(the_name="a") == Part(the_name="a"),
        Part(the_name="a") == {"the_name": "a"},
    ]


@clause("15.1")
def getters_and_storage():
    class Plain:
        pass

    thing = Thing("a", x=1)
    part = Part(the_name="n")
    args = PartArgs(the_name="n")
    pulumi.set(args, "sizes", {"a": 1})
    renamed = Renamed("r", some_thing=1)
    return [
        pulumi.get(thing, "x"),
        tried(lambda: pulumi.get(Plain(), "x")),
        tried(lambda: pulumi.set(Plain(), "x", 1)),
        tried(lambda: pulumi.set(thing, "x", 1)),
        [dict(part), vars(args), pulumi.get(part, "sizes"), pulumi.get(part, "none")],
        pulumi.get(renamed, "some_thing"),
        getattr(WithHints.c.fget, "_pulumi_name", None),
        getattr(Part.the_name.fget, "_pulumi_name", None),
    ]


@clause("15.1")
def empty_functions():
    def dots(self): ...
    def nothing(self):
        pass

    def documented(self):
        """What it is."""

    def none(self):
        return None

    def full(self):
        return 3

    def documented_none(self):
        """What it is."""
        return

    class Holder(dict):
        pass

    found = []
    for fn in (dots, nothing, documented, none, documented_none, full):
        made = pulumi.getter(fn)
        named = pulumi.getter(name="wire")(fn)
        holder = Holder()
        holder._pulumi_output_type = True
        try:
            answer = made(pulumi.output_type(type("H", (dict,), {"__annotations__": {}}))())
        except Exception as error:
            answer = type(error).__name__
        found.append([made.__name__, getattr(made, "_pulumi_name", None), named._pulumi_name, answer])
    return found


@clause("15.1")
def tokens():
    @pulumi.type_token("a:b:C")
    class Marked:
        pass

    class Under(Marked):
        pass

    return [
        pulumi.get_type_token(Marked) if hasattr(pulumi, "get_type_token") else Marked.pulumi_type,
        Marked.pulumi_type,
        Under.pulumi_type,
        bool(MISSING),
    ]


@clause("15.1")
def inheritance():
    derived = Derived(one=1, two=True)
    return [
        vars(derived),
        list(_types.input_type_types(Derived)),
        {name: str(each) for name, each in _types.input_type_types(Derived).items()},
        _types.input_type_py_to_pulumi_names(Derived),
        tried(lambda: Derived(one=1)),
    ]


@clause("15.2")
def unwrapping():
    return {name: str(each) for name, each in _types.input_type_types(Wrapped).items()}


@clause("15.2")
def tables():
    return [
        {name: str(each) for name, each in table.items() if name not in ("eitherPart", "allParts", "partMap")}
        for table in (
            _types.resource_types(WithHints),
            _types.resource_types(Whole),
            _types.output_type_types(Part),
            _types.output_type_types(Translated),
            _types.input_type_types(WholeArgs),
            _types.input_type_py_to_pulumi_names(WholeArgs),
            _types.input_type_py_to_pulumi_names(Made),
            _types.resource_py_to_pulumi_names(Whole),
            _types.resource_pulumi_to_py_names(Whole),
            _types.resource_py_to_pulumi_names(WithHints),
            _types.resource_py_to_pulumi_names(Thing),
        )
    ]


@clause("15.1")
def dictionaries_of_outputs():
    class Colour(enum.Enum):
        RED = "red"

    class Warned(dict):
        pass

    whole = Whole("w", one_part=PartArgs(the_name="x"), all_parts=[{"the_name": "y"}, {"theName": "z"}])
    return [
        whole.one_part,
        whole.all_parts,
        whole.one_part.apply(lambda part: [part.the_name, part["the_name"], part.sizes, part.get("sizes")]),
        Warned(),
        Colour.RED,
    ]
