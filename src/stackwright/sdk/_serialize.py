"""
From what a program gives to what a deployment takes (sdk.md §5).

A look at a value either succeeds at once or says what it waits for: outputs that are
not settled, resources that are not registered. Whoever asked looks again when those
are there. Nothing here waits, and no task is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from types import CoroutineType
from typing import Any, Final, get_args

from stackwright.sdk import _types
from stackwright.sdk import asset as _assets
from stackwright.sdk import output as _output
from stackwright.sdk._session import Session
from stackwright.sdk._standing import ResourceBase, Standing, stands_for_itself
from stackwright.sdk._types import class_names, is_input_type, is_union
from stackwright.sdk.output import Output, contains_unknowns
from stackwright.urn import Urn
from stackwright.values import UNKNOWN, Archive, Asset, OutputValue, PropertyMap, ResourceRef, Secret, Unknown

Translator = Callable[[str], str]

Memo = dict[int, tuple[Any, Output[Any]]]
"""Awaitables that were met, with their outputs, by identity; they are kept so that it stays theirs."""

_SCALARS: Final = frozenset({str, int, bool})
"""What is sent as it is; whole floats become integers, as they do on every other way to a deployment."""
_EXACT: Final = 2**53
_SHOWN: Final = 200
_NOT_LISTS: Final = (str, bytes, bytearray, range, memoryview)


class Waits:
    """What one look at a request found missing: outputs, resources, and the first failure met."""

    __slots__ = ("error", "outputs", "standings")

    def __init__(self) -> None:
        # Most requests wait for nothing, so these are made when needed.
        self.outputs: dict[int, Output[Any]] | None = None
        self.standings: dict[int, Standing] | None = None
        self.error: BaseException | None = None

    def __bool__(self) -> bool:
        return self.outputs is not None or self.standings is not None

    def for_output(self, output: Output[Any]) -> None:
        """Note that *output* is not settled."""
        if self.outputs is None:
            self.outputs = {}
        self.outputs[id(output)] = output

    def for_standing(self, standing: Standing) -> None:
        """Note that a resource is not registered."""
        if self.standings is None:
            self.standings = {}
        self.standings[id(standing)] = standing

    def when_there(self, call: Callable[[Any], None]) -> int:
        """Have *call* called once for each thing that is missing; answers how many there are."""
        outputs, standings = self.outputs or {}, self.standings or {}
        for output in outputs.values():
            _output.when_settled(output, call, None)
        for standing in standings.values():
            standing.when_answered(call, None)
        return len(outputs) + len(standings)


class Serializer:
    """
    One look at what a program gives (a property bag, or single values of a request).

    `waits` says afterwards what was missing; while it is not empty the results mean
    nothing. *memo* remembers awaitables from one look to the next: they can be awaited
    only once. Without *whole*, floats stay what they are, whole ones too.
    """

    __slots__ = (
        "_deps",
        "_keep_outputs",
        "_owner",
        "_ref_deps",
        "_translate",
        "_whole",
        "memo",
        "session",
        "waits",
    )

    def __init__(
        self,
        session: Session,
        memo: Memo | None = None,
        *,
        owner: ResourceBase | None = None,
        translate: Translator | None = None,
        keep_outputs: bool = False,
        ref_deps: bool = True,
        whole: bool = True,
    ) -> None:
        self.session = session
        self.memo = memo
        self.waits = Waits()
        self._owner = owner
        self._translate = translate
        self._keep_outputs = keep_outputs
        self._ref_deps = ref_deps
        self._whole = whole
        self._deps: set[ResourceBase] = set()

    # Bags -----------------------------------------------------------------------------------------

    def bag(
        self, inputs: Mapping[str, Any], typ: type | None
    ) -> tuple[PropertyMap, dict[str, set[ResourceBase]]]:
        """
        Serialize a property bag; answers it with the resources each property depends on.

        With *typ*, *inputs* is the storage of an object of that class and goes by its names;
        otherwise keys go through the translator, if there is one (§5.2).
        """
        out: PropertyMap = {}
        depends: dict[str, set[ResourceBase]] = {}
        names = class_names(typ) if typ is not None else None
        to_wire = names.to_wire if names is not None else None
        for key, value in inputs.items():
            if value is None:
                continue
            if to_wire is not None:
                wire = to_wire.get(key, key)
            else:
                wire = key if self._translate is None else self._translate(key)
            if type(value) in _SCALARS:
                out[wire] = value
                continue
            deps: set[ResourceBase] = set()
            self._deps = deps
            try:
                result = self.value(value, names.type_of(wire) if names is not None else None, key)
            except (ValueError, AssertionError) as error:
                shown = _shortened(_output.safe_str(value))
                raise type(error)(
                    f"While looking at the input `{key}` of type {type(value).__name__}: {shown}\n{error}"
                ).with_traceback(error.__traceback__) from None
            if result is not None:
                out[wire] = result
                if deps:
                    depends[wire] = deps
        return out, depends

    def value(self, value: Any, typ: Any = None, name: str | None = None) -> Any:
        """
        Serialize one value.

        Raises:
            ValueError: It is nothing that a deployment can take (rule 11).
        """
        kind = type(value)
        if kind in _SCALARS or value is None:
            return value
        if kind is float:
            return _number(value) if self._whole else value
        if isinstance(value, Output):
            return self._output(value, typ, name)
        if isinstance(value, dict):
            return self._arguments(value, kind) if is_input_type(kind) else self._mapping(value, typ, name)
        if isinstance(value, Sequence) and not isinstance(value, _NOT_LISTS):
            return self._list(value, typ, name)
        if kind is Unknown:
            return UNKNOWN
        if isinstance(value, ResourceBase):
            return self._resource(value)
        if isinstance(value, (_assets.Asset, _assets.Archive)):
            return from_asset(value)
        if is_input_type(kind):
            return self._arguments(_types.stored_inputs(value), kind)
        if isinstance(value, Mapping):
            return self._mapping(dict(value), typ, name)
        if isinstance(value, (str, int, float)):
            return self.value(_raw(value))
        if isawaitable(value):
            return self._awaited(value, typ, name)
        if kind in (Secret, OutputValue, ResourceRef, Asset, Archive):
            return value
        if kind.__name__ == "Value" and hasattr(value, "WhichOneof"):
            return self.value(_from_message(value), typ, name)
        where = f" for `{name}`" if name else ""
        inside = f" in {type(self._owner).__name__}" if self._owner is not None else ""
        raise ValueError(f"unexpected input of type {kind.__name__}{where}{inside}")

    def awaited(self, value: Any) -> Output[Any]:
        """The output of an awaitable, the same one at each look."""
        if self.memo is None:
            self.memo = {}
        remembered = self.memo.get(id(value))
        if remembered is None:
            remembered = self.memo[id(value)] = (value, _output.from_awaitable(self.session, value))
        return remembered[1]

    # Single things that requests need -------------------------------------------------------------

    def settled(self, value: Any) -> Output[Any] | None:
        """An input as a settled output; None, and something to wait for, if it is not there yet."""
        output = value if isinstance(value, Output) else None
        if output is None:
            if type(value) in _SCALARS or value is None or not isawaitable(value):
                return _output.settled(self.session, value)
            output = self.awaited(value)
        self.session.output_consumed(output)
        if _output.is_pending(output):
            self.waits.for_output(output)
            return None
        error = _output.error_of(output)
        if error is not None:
            self.failed(error)
            return None
        return output

    def package_reference(self, given: Any) -> str:
        """
        The reference that *given*, an awaitable, has for a package (§16); empty if it has none, or not yet.

        Packages ask for theirs with a function without arguments, anew for each resource: what one
        call of it answered stands for all others, which need not be run.
        """
        if given is None:
            return ""
        asked = given.cr_code if type(given) is CoroutineType else None
        if asked is None or asked.co_argcount or asked.co_kwonlyargcount or asked.co_freevars:
            asked = None
        elif (known := self.session.package_refs.get(id(asked))) is not None:
            given.close()
            return str(known[1])
        output = self.settled(given)
        if output is None:
            return ""
        reference = output._value or ""
        if asked is not None:
            # Two packages may have code that is equal, and differ in what it finds around it. What
            # is asked by its identity is kept with it, so that nothing else gets that.
            self.session.package_refs[id(asked)] = asked, reference
        return str(reference)

    def urn_of(self, resource: ResourceBase) -> Urn | None:
        """The URN of a resource; None, and something to wait for, if it has none yet."""
        standing = resource._standing
        if standing.urn is None:
            if standing.error is not None:
                self.failed(standing.error)
            else:
                self.waits.for_standing(standing)
        return standing.urn

    def failed(self, error: BaseException) -> None:
        """Something that this request needs has failed: so will the request."""
        if self.waits.error is None:
            self.waits.error = error

    def urns_of(self, resources: set[ResourceBase]) -> set[Urn]:
        """The URNs of *resources*, local components replaced by what is below them (§3.5)."""
        urns: set[Urn] = set()
        for resource in expand(resources):
            urn = self.urn_of(resource)
            if urn:
                urns.add(urn)
        return urns

    # The kinds ------------------------------------------------------------------------------------

    def _depend(self, resource: ResourceBase) -> None:
        self._deps.add(resource)

    def _list(self, value: Sequence[Any], typ: Any, name: str | None) -> list[Any]:
        element = None
        if typ is not None and typ is not Any:
            element = _types.list_element_type(typ)
            if element is None and not is_union(typ):
                raise AssertionError(f"Unexpected type: a list was given where {typ!r} is expected")
        return [self.value(item, element, name) for item in value]

    def _mapping(self, value: dict[Any, Any], typ: Any, name: str | None) -> dict[str, Any]:
        # By `dict`'s own methods: generated classes have properties called `items` (edge case 32).
        if is_union(typ):
            typ = _types.matching_member(typ, value, python_names=True)
        if is_input_type(typ):
            return self._arguments(value, typ, nulls=True)
        entry = _types.mapping_value_type(typ) if typ is not None else None
        # Keys that a type says are the user's own stay; where none says so, the resource decides.
        translate = self._translate if typ is None or typ is Any or _is_bare(typ) else None
        out: dict[str, Any] = {}
        for key, item in dict.items(value):
            wire = translate(key) if translate is not None else key
            if not isinstance(wire, str):
                raise ValueError(  # noqa: TRY004 # as for every input that cannot be sent
                    f"unexpected key of type {type(key).__name__} in a mapping: keys are strings"
                )
            out[wire] = item if type(item) in _SCALARS else self.value(item, entry, f"{name}.{key}")
        return out

    def _arguments(self, stored: Mapping[str, Any], cls: type, *, nulls: bool = False) -> dict[str, Any]:
        # None that was not even written counts as not given; what turns out to be None is sent as null.
        names = class_names(cls)
        out: dict[str, Any] = {}
        items = dict.items(stored) if isinstance(stored, dict) else stored.items()
        for key, item in items:
            if item is None and not nulls:
                continue
            wire = names.to_wire.get(key, key)
            out[wire] = item if type(item) in _SCALARS else self.value(item, names.type_of(wire), key)
        return out

    def _resource(self, resource: ResourceBase) -> Any:
        if self._ref_deps:
            self._depend(resource)
        urn = self.urn_of(resource)
        if urn is None:
            return None
        standing = resource._standing
        if not resource._custom:
            return ResourceRef(urn=urn) if self.session.supports("resourceReferences") else urn
        id_: Any = standing.id if standing.id_is_known else UNKNOWN
        return ResourceRef(urn=urn, id=id_) if self.session.supports("resourceReferences") else id_

    def _awaited(self, value: Any, typ: Any, name: str | None) -> Any:
        # What was merely waited for is no output value, unless it turned out to be an output.
        settled = self.settled(self.awaited(value))
        if settled is None:
            return None
        if settled._known and not settled._secret and not settled._deps:
            return self.value(settled._value, typ, name)
        return self._output(settled, typ, name)

    def _output(self, output: Output[Any], typ: Any, name: str | None) -> Any:
        settled = self.settled(output)
        if settled is None:
            return None
        outer = self._deps
        self._deps = set(settled._deps)
        # The resources that such an output stands for, and those found in its value, are its own.
        inner = (
            None
            if not settled._known and not contains_unknowns(settled._value)
            else self.value(settled._value, typ, name)
        )
        own, self._deps = self._deps, outer
        outer |= own
        if self._keep_outputs and self.session.supports("outputValues"):
            return OutputValue(
                value=inner if settled._known else UNKNOWN,
                secret=settled._secret,
                dependencies=tuple(sorted(self.urns_of(own))) if own else (),
            )
        if not settled._known:
            return Secret(UNKNOWN) if settled._secret else UNKNOWN
        return Secret(inner) if settled._secret else inner


def _is_bare(typ: Any) -> bool:
    """Whether *typ* is a mapping that says nothing of its entries."""
    return _types.mapping_value_type(typ) is Any and not get_args(typ)


def from_asset(value: Any) -> Asset | Archive:
    """The value that an asset or archive of a program stands for."""
    if isinstance(value, _assets.StringAsset):
        return Asset(text=value.text)
    if isinstance(value, _assets.FileAsset):
        return Asset(path=value.path)
    if isinstance(value, _assets.RemoteAsset):
        return Asset(uri=value.uri)
    if isinstance(value, _assets.FileArchive):
        return Archive(path=value.path)
    if isinstance(value, _assets.RemoteArchive):
        return Archive(uri=value.uri)
    if isinstance(value, _assets.AssetArchive):
        return Archive(assets={name: from_asset(member) for name, member in value.assets.items()})
    raise ValueError(f"unexpected input of type {type(value).__name__}: a kind of asset of your own")


def _raw(value: Any) -> Any:
    """The plain value of a subclass of str, int or float, such as a member of an enum (§5)."""
    from enum import Enum

    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return bool(value)
    for plain in (str, int, float):
        if isinstance(value, plain):
            return plain.__str__(value) if plain is str else plain(value)
    raise ValueError(f"unexpected input of type {type(value).__name__}")


def _from_message(value: Any) -> Any:
    """The plain data in a protobuf `Value` (rule 9)."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: _from_message(item) for name, item in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_from_message(item) for item in value.list_value.values]
    return None if kind in (None, "null_value") else getattr(value, kind)


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and -_EXACT < value < _EXACT else value


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def expand(resources: set[ResourceBase]) -> set[ResourceBase]:
    """*resources* with local components replaced by their children so far, all the way down (§3.5)."""
    if all(stands_for_itself(resource) for resource in resources):
        return resources
    found: set[ResourceBase] = set()
    seen: set[ResourceBase] = set()
    waiting = list(resources)
    while waiting:
        resource = waiting.pop()
        if stands_for_itself(resource):
            found.add(resource)
        elif resource not in seen:
            seen.add(resource)
            waiting.extend(vars(resource).get("_childResources", ()))
    return found
