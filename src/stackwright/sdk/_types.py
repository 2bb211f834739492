"""
Classes of inputs and outputs, and what they say about names and types (sdk.md §15).

Provider SDKs describe the properties of resources, arguments and results as Python
classes. Here those classes get their storage and constructors, and here their names
(Python to wire and back) and types are looked up: on first use, one property at a
time, because a cloud's SDK has twenty thousand such classes.
"""

from __future__ import annotations

import builtins
import collections.abc
import functools
import inspect
import sys
import types
import typing
from collections.abc import Awaitable, Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

from stackwright.sdk._standing import ResourceBase
from stackwright.sdk._utils import is_empty_function
from stackwright.sdk.output import Output
from stackwright.values import Unknown

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_INPUT: Final = "_pulumi_input_type"
_OUTPUT: Final = "_pulumi_output_type"
_NAME: Final = "_pulumi_name"
_TABLE: Final = "_pulumi_python_to_pulumi_table"
_TRANSLATE: Final = "_translate_property"


class _MissingType:
    """The class of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _MissingType()
"""Marks a property without a default."""


class Property:
    """What `property()` leaves in a class body: a wire name, and perhaps a default."""

    __slots__ = ("default", "name", "type")

    def __init__(self, name: Any, default: Any = MISSING) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError("The name of a property must be a string that is not empty")
        self.name = name
        self.default = default
        self.type: Any = None


def property(name: str, *, default: Any = MISSING) -> Any:
    """Give an annotated property its name on the wire, and a default."""
    return Property(name, default)


# Storage ------------------------------------------------------------------------------------------


def get(self: Any, name: str) -> Any:
    """Read a stored property, by its Python name: what generated getters call."""
    if isinstance(self, ResourceBase):
        return resource_property(self, name)
    kind = type(self)
    if getattr(kind, _INPUT, False) or getattr(kind, _OUTPUT, False):
        if isinstance(self, dict):
            # Never `self.get`: generated classes override it to warn about wire names.
            return dict.get(self, _storage_key(self, name))
        return vars(self).get(_storage_key(self, name))
    raise AssertionError("get can only be used with classes decorated with @input_type or @output_type")


def set(self: Any, name: str, value: Any) -> None:
    """Store a property, by its Python name: what generated constructors and setters call."""
    kind = type(self)
    if not (getattr(kind, _INPUT, False) or getattr(kind, _OUTPUT, False)):
        raise AssertionError("set can only be used with classes decorated with @input_type or @output_type")
    if isinstance(self, dict):
        self[_storage_key(self, name)] = value
    else:
        vars(self)[_storage_key(self, name)] = value


def _storage_key(self: Any, name: str) -> str:
    translate = getattr(self, _TRANSLATE, None)
    if translate is None:
        return name
    table: dict[str, str] = getattr(type(self), _TABLE, {})
    return cast("str", translate(table.get(name, name)))


def resource_property(resource: ResourceBase, name: str) -> Any:
    """The output of a declared property of *resource*, made when it is first asked for."""
    attributes = vars(resource)
    found = attributes.get(name)
    if found is None and name not in attributes:
        standing = attributes.get("_standing")
        if standing is not None and name in standing.declared:
            found = attributes[name] = standing.output(name)
    return found


# Decorators ---------------------------------------------------------------------------------------


@typing.overload
def getter(_fn: F) -> F: ...


@typing.overload
def getter(*, name: str | None = None) -> Callable[[F], F]: ...


def getter(_fn: Any = None, *, name: str | None = None) -> Any:
    """Mark the getter of a property, with its wire name; an empty body reads the storage."""

    def mark(fn: Any) -> Any:
        if not callable(fn):
            raise TypeError("Expected fn to be callable")
        marked = fn
        if is_empty_function(fn):
            python_name = fn.__name__

            @functools.wraps(fn)
            def read(self: Any) -> Any:
                return get(self, python_name)

            marked = read
        setattr(marked, _NAME, name if name is not None else fn.__name__)
        return marked

    return mark if _fn is None else mark(_fn)


def input_type(cls: type[T]) -> type[T]:
    """Make *cls* a class of inputs: its annotations and getters become stored properties."""
    return _decorated(cls, _INPUT)


def output_type(cls: type[T]) -> type[T]:
    """Make *cls* a class of outputs: like `input_type`, without setters."""
    return _decorated(cls, _OUTPUT)


def is_input_type(cls: Any) -> bool:
    """Whether *cls* is a class decorated with `input_type`."""
    return isinstance(cls, type) and bool(getattr(cls, _INPUT, False))


def is_output_type(cls: Any) -> bool:
    """Whether *cls* is a class decorated with `output_type`."""
    return isinstance(cls, type) and bool(getattr(cls, _OUTPUT, False))


def _decorated(cls: type[T], marker: str) -> type[T]:
    own = vars(cls)
    if _INPUT in own or _OUTPUT in own:
        raise AssertionError(f"{cls.__name__} is decorated with @input_type or @output_type already")
    setattr(cls, marker, True)
    is_input = marker == _INPUT
    properties = _annotated(cls)
    for python_name, described in properties.items():
        setattr(cls, python_name, _stored_property(python_name, described, is_input))
    if is_input:
        for python_name, member in list(own.items()):
            if (
                isinstance(member, builtins.property)
                and member.fset is not None
                and hasattr(member.fget, _NAME)
                and is_empty_function(member.fset)
            ):
                setattr(cls, python_name, member.setter(_store(python_name, member.fset.__annotations__)))
    if not is_input and hasattr(cls, _TRANSLATE):
        setattr(cls, _TABLE, dict(class_names(cls).to_wire))
    made: Any = cls
    if "__init__" not in own:
        made.__init__ = _constructor(cls)
    if "__eq__" not in own:
        made.__eq__ = _equal
    return cls


def _annotated(cls: type) -> dict[str, Property]:
    """The properties that the annotations of *cls* itself declare, by Python name."""
    own = vars(cls)
    found: dict[str, Property] = {}
    for python_name, annotation in own.get("__annotations__", {}).items():
        value = own.get(python_name, MISSING)
        described = value if isinstance(value, Property) else Property(python_name, value)
        described.type = annotation
        found[python_name] = described
    return found


def _store(python_name: str, annotations: dict[str, Any]) -> Callable[[Any, Any], None]:
    def write(self: Any, value: Any) -> None:
        set(self, python_name, value)

    write.__name__ = python_name
    write.__annotations__ = annotations
    return write


def _stored_property(python_name: str, described: Property, settable: bool) -> builtins.property:
    def read(self: Any) -> Any:
        return get(self, python_name)

    read.__name__ = python_name
    read.__annotations__ = {"return": described.type}
    setattr(read, _NAME, described.name)
    read._pulumi_default = described.default  # type: ignore[attr-defined] # read by `_constructor`
    return builtins.property(read, _store(python_name, {"value": described.type}) if settable else None)


def _constructor(cls: type) -> Callable[..., None]:
    fields: dict[str, Any] = {}
    for klass in reversed(cls.__mro__):
        # In the order of the annotations: properties without a default were added to the class later.
        for python_name in vars(klass).get("__annotations__", {}):
            member = vars(klass).get(python_name)
            if isinstance(member, builtins.property) and hasattr(member.fget, "_pulumi_default"):
                fields[python_name] = member.fget._pulumi_default  # type: ignore[union-attr]
    optional: str | None = None
    for python_name, default in fields.items():
        if default is not MISSING:
            optional = python_name
        elif optional is not None:
            raise TypeError(
                f"The property `{python_name}` of {cls.__name__} has no default but follows "
                f"`{optional}`, which has one"
            )

    def __init__(self: Any, /, **given: Any) -> None:  # noqa: N807 # it becomes that method
        for python_name, default in fields.items():
            if python_name in given:
                value = given.pop(python_name)
            elif default is MISSING:
                raise TypeError(f"{cls.__name__}() is missing the keyword argument '{python_name}'")
            else:
                value = default
            if value is not None or default is not None:
                set(self, python_name, value)
        if given:
            raise TypeError(f"{cls.__name__}() got an unexpected keyword argument '{next(iter(given))}'")

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    __init__.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY),
            *(
                inspect.Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if default is MISSING else default,
                )
                for name, default in fields.items()
            ),
        ]
    )
    return __init__


def _equal(self: Any, other: Any) -> Any:
    if type(self) is not type(other):
        return False  # never `NotImplemented`: a dictionary with the same keys would be asked next
    if isinstance(self, dict):
        return dict.__eq__(self, other)
    return vars(self) == vars(other)


# Names and types ----------------------------------------------------------------------------------


class ClassNames:
    """
    The properties of one class: names both ways, and types by wire name.

    Types are resolved one by one on first use: forward references may name modules that
    are imported lazily (§15.2).
    """

    __slots__ = ("_sources", "_types", "to_python", "to_wire")

    def __init__(self, cls: type) -> None:
        self.to_wire: dict[str, str] = {}
        self._sources: dict[str, tuple[Any, type]] = {}
        self._types: dict[str, Any] = {}
        for klass in reversed(cls.__mro__):
            if klass is object or "_sdk_base" in vars(klass):
                continue
            for python_name, wire_name, source in _declared_by(klass):
                self._sources.pop(self.to_wire.get(python_name, ""), None)
                self.to_wire[python_name] = wire_name
                self._sources[wire_name] = (source, klass)
        self.to_python = {wire: python for python, wire in self.to_wire.items()}

    def type_of(self, wire_name: str) -> Any:
        """The type of a property without `Output`, `Input` and `Optional`, or None if there is none."""
        if wire_name in self._types:
            return self._types[wire_name]
        source = self._sources.get(wire_name)
        if source is None:
            return None
        found = self._types[wire_name] = _resolved(*source)
        return found

    def types(self) -> dict[str, Any]:
        """All types that are known, by wire name."""
        return {name: typ for name in self._sources if (typ := self.type_of(name)) is not None}


def _declared_by(cls: type) -> Iterator[tuple[str, str, Any]]:
    """(Python name, wire name, where the type is written) of the properties of *cls* itself."""
    own = vars(cls)
    for python_name, annotation in own.get("__annotations__", {}).items():
        value = own.get(python_name)
        if isinstance(value, builtins.property):
            continue  # a decorated class: found below
        yield python_name, value.name if isinstance(value, Property) else python_name, annotation
    for python_name, member in own.items():
        if isinstance(member, builtins.property):
            wire_name = getattr(member.fget, _NAME, None)
            if wire_name is not None:
                yield python_name, wire_name, member.fget


_IMPLIED: Final[Mapping[str, Any]] = {"Output": Output, "T": T}


class _Annotated:
    """One annotation in the shape that `typing.get_type_hints` reads."""

    def __init__(self, annotation: Any) -> None:
        self.__annotations__ = {"return": annotation}


def _resolved(source: Any, cls: type) -> Any:
    if callable(source) and hasattr(source, _NAME):
        unwrapped = inspect.unwrap(source)
        annotation = getattr(unwrapped, "__annotations__", {}).get("return")
    else:
        annotation = source
    if annotation is None:
        return None
    module = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
    # Only what the module does not name itself: the alias `Input` refers to these by name.
    implied = {name: what for name, what in _IMPLIED.items() if name not in module}
    try:
        hints = typing.get_type_hints(_Annotated(annotation), globalns=module, localns=implied)
    except NameError:
        return None  # a name that exists for type checkers only says nothing at run time
    unwrapped_type = unwrap_type(hints["return"])
    return None if unwrapped_type is Output or isinstance(unwrapped_type, TypeVar) else unwrapped_type


_class_names: dict[type, ClassNames] = {}


def class_names(cls: type) -> ClassNames:
    """What the properties of *cls* are called and what they are; made once for each class."""
    known = _class_names.get(cls)
    if known is None:
        known = _class_names[cls] = ClassNames(cls)
    return known


_UNIONS: Final = (Union, types.UnionType)
_MAPPINGS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_LISTS: Final = (list, collections.abc.Sequence, collections.abc.MutableSequence)


def is_union(typ: Any) -> bool:
    """Whether *typ* is a union, in either spelling."""
    return get_origin(typ) in _UNIONS


def unwrap_type(val: Any) -> Any:
    """What is left of a type without `Output`, `Input`, `InputType` and `Optional` around it (§15.2)."""
    origin = get_origin(val)
    if origin is Output:
        return unwrap_type(get_args(val)[0])
    if origin in (typing.Required, typing.NotRequired, typing.Annotated):
        return unwrap_type(get_args(val)[0])
    if origin not in _UNIONS:
        return val
    members = [member for member in get_args(val) if not _is_wrapping(member)]
    if not members:
        outputs = [member for member in get_args(val) if get_origin(member) is Output]
        return unwrap_type(outputs[0]) if outputs else val
    classes = [member for member in members if not typing.is_typeddict(member)]
    if classes:
        members = classes
    if any(is_input_type(member) for member in members):
        members = [member for member in members if get_origin(member) not in _MAPPINGS]
    if len(members) == 2 and get_origin(members[1]) in _MAPPINGS:
        members = members[:1]  # `InputType` of anything, not only of a class of arguments
    if len(members) == 1:
        return unwrap_type(members[0])
    return Union[tuple(members)]  # noqa: UP007 # built at run time


def _is_wrapping(member: Any) -> bool:
    if member is type(None) or isinstance(member, typing.ForwardRef):
        return True
    return get_origin(member) in (collections.abc.Awaitable, Output) or member is Output


def unwrap_optional_type(val: Any) -> Any:
    """What is left of a type without `Optional` around it."""
    if is_union(val):
        rest = [member for member in get_args(val) if member is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return val


def mapping_value_type(typ: Any) -> Any:
    """T of `Dict[str, T]` or `Mapping[str, T]`; None for other types, `Any` for bare ones."""
    if get_origin(typ) in _MAPPINGS:
        args = get_args(typ)
        return unwrap_type(args[1]) if len(args) == 2 and args[0] is str else None
    return Any if typ in _MAPPINGS else None


def list_element_type(typ: Any) -> Any:
    """T of `list[T]` or `Sequence[T]`; None for other types, `Any` for bare ones."""
    if get_origin(typ) in _LISTS:
        args = get_args(typ)
        return unwrap_type(args[0]) if args else Any
    return Any if typ in _LISTS else None


# The same facts as plain tables, under the names that others use ---------------------------------


def resource_types(resource_cls: type) -> dict[str, Any]:
    """Types of a resource class by wire name."""
    return class_names(resource_cls).types()


output_type_types = input_type_types = resource_types


def input_type_py_to_pulumi_names(input_type_cls: type) -> dict[str, str]:
    """Wire names of a class by Python name."""
    return dict(class_names(input_type_cls).to_wire)


resource_py_to_pulumi_names = input_type_py_to_pulumi_names


def resource_pulumi_to_py_names(resource_cls: type) -> dict[str, str]:
    """Python names of a class by wire name."""
    return dict(class_names(resource_cls).to_python)


def input_type_to_dict(obj: Any) -> dict[str, Any]:
    """The stored inputs of an arguments object, by wire name, without those that are None."""
    to_wire = class_names(type(obj)).to_wire
    stored = stored_inputs(obj)
    return {to_wire.get(name, name): value for name, value in stored.items() if value is not None}


def input_type_to_untranslated_dict(obj: Any) -> dict[str, Any]:
    """The stored inputs of an arguments object, by Python name, without those that are None."""
    return {name: value for name, value in stored_inputs(obj).items() if value is not None}


def output_type_to_dict(obj: Any) -> dict[str, Any]:
    """The stored outputs of an object, by wire name, without those that are None."""
    to_wire = class_names(type(obj)).to_wire
    found = {wire: get(obj, name) for name, wire in to_wire.items()}
    return {wire: value for wire, value in found.items() if value is not None}


def stored_inputs(obj: Any) -> Mapping[str, Any]:
    """The storage of an arguments object. Read from there, deprecated getters say nothing (edge 92)."""
    return cast("Mapping[str, Any]", obj) if isinstance(obj, dict) else vars(obj)


def output_type_from_dict(cls: type[T], output: Mapping[str, Any]) -> T:
    """Make an output object of values by wire name: every declared property is given, None if missing."""
    names = class_names(cls)
    return cls(**{python: output.get(wire) for python, wire in names.to_wire.items()})


# Which member of a union a mapping is ------------------------------------------------------------


def matching_member(union: Any, value: Mapping[Any, Any], *, python_names: bool) -> Any:
    """
    The one structured member of *union* that *value* has the shape of, or None.

    A class fits if every key is a declared property, every required property is there, and
    every value may be of its type; *python_names* says by which names keys go (§5.2).
    """
    members = [member for member in get_args(union) if is_input_type(member) or is_output_type(member)]
    fitting = [member for member in members if _fits(member, value, python_names)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and not members:
        mappings = [member for member in get_args(union) if mapping_value_type(member) is not None]
        return mappings[0] if len(mappings) == 1 else None
    return None


def _fits(cls: type, value: Mapping[Any, Any], python_names: bool) -> bool:
    names = class_names(cls)
    wire_of: Mapping[str, str] = names.to_wire if python_names else {wire: wire for wire in names.to_python}
    keys = list(dict.keys(value)) if isinstance(value, dict) else list(value)
    if any(key not in wire_of for key in keys):
        return False
    for name, wire in wire_of.items():
        present = value[name] if name in keys else None
        if present is None:
            if names.to_python[wire] in required_properties(cls):
                return False
        elif not _may_be(present, names.type_of(wire), python_names):
            return False
    return True


@functools.cache
def required_properties(cls: type) -> frozenset[str]:
    """The Python names that the constructor of *cls* insists on."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    return frozenset(
        p.name
        for p in parameters
        if p.default is inspect.Parameter.empty and p.kind is inspect.Parameter.KEYWORD_ONLY
    )


def _may_be(value: Any, typ: Any, python_names: bool) -> bool:
    if typ is None or typ is Any or isinstance(value, (Output, Awaitable)) or type(value) is Unknown:
        return True
    if is_union(typ):
        return any(_may_be(value, member, python_names) for member in get_args(typ))
    if get_origin(typ) is typing.Literal:
        return any(type(constant) is type(value) and constant == value for constant in get_args(typ))
    if isinstance(typ, type) and issubclass(typ, Enum):
        return isinstance(value, typ) or any(member.value == value for member in typ)
    if is_input_type(typ) or is_output_type(typ):
        return isinstance(value, typ) or (isinstance(value, Mapping) and _fits(typ, value, python_names))
    element = list_element_type(typ)
    if element is not None:
        return isinstance(value, (list, tuple)) and all(_may_be(v, element, python_names) for v in value)
    entry = mapping_value_type(typ)
    if entry is not None:
        return isinstance(value, Mapping) and all(_may_be(value[k], entry, python_names) for k in value)
    if typ is bool:
        return isinstance(value, bool)
    if typ in (int, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, typ) if isinstance(typ, type) else True


__all__ = [
    "MISSING",
    "get",
    "getter",
    "input_type",
    "output_type",
    "property",
    "set",
]
