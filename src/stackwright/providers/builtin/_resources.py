"""
Resources of embedded providers: a declaration, and the few things only it can do.

A resource class declares its token, inputs and computed outputs. Checking, comparing
and previewing are derived from them here; making, reading, changing and removing are
the class's own. `StoredResource` is for those that consist of their record alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    CheckRequest,
    CheckResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffChanges,
    DiffRequest,
    DiffResult,
    ProviderError,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers.builtin._arguments import check_arguments
from stackwright.providers.builtin._properties import Property
from stackwright.providers.builtin._session import Session
from stackwright.values import (
    PropertyDiff,
    PropertyMap,
    Secret,
    Value,
    contains_secrets,
    diff_properties,
    parse_path,
    path_contains,
    reveal,
    values_equal,
)

_SCALARS: Final = frozenset({str, int, bool, type(None)})
_SAME: Final = DiffResult(changes=DiffChanges.NONE)


class Resource(ABC):
    """
    One resource type; an instance serves every object of the type in one provider instance.

    The class's docstring is the resource's description in the schema.
    """

    token: ClassVar[str]
    inputs: ClassVar[tuple[Property, ...]] = ()
    outputs: ClassVar[tuple[Property, ...]] = ()
    """The computed ones; every input is an output as well."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._declared: Mapping[str, Property] = {each.name: each for each in self.inputs}
        self._defaults: PropertyMap = {
            each.name: each.default for each in self.inputs if each.default is not None
        }
        self._unknowns: PropertyMap = {
            each.name: Secret(each.unknown) if each.secret else each.unknown
            for each in self.outputs
            if not each.optional_output
        }

    # What a class may add -----------------------------------------------------------------------

    def validate(self, inputs: PropertyMap) -> Iterable[CheckFailure]:
        """What is wrong with *inputs* beyond their types; parts may be unknown or secret."""
        return ()

    def complete(self, inputs: PropertyMap) -> PropertyMap:
        """*inputs* and what the missing ones mean."""
        return {**self._defaults, **inputs} if self._defaults else inputs

    async def drift(self, request: DiffRequest) -> Mapping[str, PropertyDiff]:
        """Differences beyond those between recorded and new inputs, by path."""
        return {}

    def preview_create(self, inputs: PropertyMap) -> PropertyMap:
        """The outputs as far as they can be told before the object exists."""
        return {**self.complete(inputs), **self._unknowns}

    def preview_update(self, request: UpdateRequest) -> PropertyMap:
        """The outputs as far as they can be told before the change: computed ones stay."""
        return {**self.complete(request.news), **self.computed(request.old_outputs)}

    # What a class must say ----------------------------------------------------------------------

    @abstractmethod
    async def create(self, request: CreateRequest) -> CreateResult:
        """See `Provider.create`; never a preview."""

    @abstractmethod
    async def read(self, request: ReadRequest) -> ReadResult:
        """See `Provider.read`."""

    @abstractmethod
    async def update(self, request: UpdateRequest) -> UpdateResult:
        """See `Provider.update`; never a preview."""

    @abstractmethod
    async def delete(self, request: DeleteRequest) -> None:
        """See `Provider.delete`."""

    # Derived ------------------------------------------------------------------------------------

    def computed(self, outputs: PropertyMap) -> PropertyMap:
        """The computed ones among *outputs*."""
        return {each.name: outputs[each.name] for each in self.outputs if each.name in outputs}

    def inputs_of(self, outputs: PropertyMap) -> PropertyMap:
        """The inputs that lead to *outputs*, without those that are defaults anyway."""
        return {
            each.name: outputs[each.name]
            for each in self.inputs
            if outputs.get(each.name) is not None and outputs[each.name] != each.default
        }

    def check(self, request: CheckRequest) -> CheckResult:
        """
        See `Provider.check`.

        Defaults are not added to the inputs but to the outputs, as the genuine providers
        do, so that a state's inputs are the same whoever wrote it.
        """
        inputs, failures = check_arguments(self._declared, request.news)
        if not failures:
            failures.extend(self.validate(inputs))
        return CheckResult(inputs=inputs, failures=tuple(failures))

    async def diff(self, request: DiffRequest) -> DiffResult:
        """
        See `Provider.diff`: recorded outputs against new inputs, defaults on both sides.

        Where the outputs lack an input (a record of an older version), the recorded
        input speaks for it.
        """
        news, olds = self.complete(request.news), request.old_outputs
        detailed: dict[str, PropertyDiff] = {}
        for each in self.inputs:
            name = each.name
            new, old = news.get(name), olds.get(name)
            if type(new) is type(old) and type(new) in _SCALARS:
                if new == old:
                    continue
            elif values_equal(old, new):
                continue
            detailed.update(self._difference(each, old, new, request))
        for path, entry in (await self.drift(request)).items():
            detailed.setdefault(path, entry)
        if detailed and request.ignore_changes:
            ignored = [parse_path(path) for path in request.ignore_changes]
            detailed = {
                path: entry
                for path, entry in detailed.items()
                if not any(path_contains(pattern, parse_path(path)) for pattern in ignored)
            }
        if not detailed:
            return _SAME
        changed = {parse_path(path)[0]: True for path in detailed}
        replacing = {parse_path(path)[0]: True for path, entry in detailed.items() if entry.kind.replaces}
        return DiffResult(
            changes=DiffChanges.SOME,
            replaces=tuple(str(name) for name in replacing),
            diffs=tuple(str(name) for name in changed),
            detailed=detailed,
        )

    def _difference(
        self, declared: Property, old: Value, new: Value, request: DiffRequest
    ) -> dict[str, PropertyDiff]:
        name = declared.name
        if old is None:
            old = request.old_inputs.get(name)
            old = declared.default if old is None else old
        replaces = declared.change_replaces(reveal(old), reveal(new))
        found = diff_properties({name: old}, {name: new})
        return {
            path: PropertyDiff(entry.kind.as_replace if replaces else entry.kind)
            for path, entry in found.items()
        }


class StoredResource(Resource):
    """
    A resource that exists only as its record.

    A class says what comes out of the inputs (`make`) and, if objects can be adopted
    by an id of their own, what an id stands for (`adopt`).
    """

    @abstractmethod
    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """The id and the computed outputs for complete inputs, all bare; called once per object."""

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """
        The id and all outputs, bare, of an object imported as *id*.

        Raises:
            ProviderError: Objects of this type cannot be imported, or not by such an id.
        """
        raise ProviderError(
            f"`{self.token}` cannot be imported",
            detail="Nothing but its record says what it is",
            hint="Leave out the `import_` option and let a new one be made",
        )

    def secret_outputs(self, inputs: PropertyMap) -> frozenset[str]:
        """The computed outputs that show what is secret in *inputs*."""
        return frozenset()

    async def create(self, request: CreateRequest) -> CreateResult:
        inputs = self.complete(request.inputs)
        id_, computed = await self.make(reveal(inputs))
        secret = self.secret_outputs(inputs) if contains_secrets(inputs) else frozenset()
        return CreateResult(id=id_, outputs={**inputs, **self._sealed(computed, secret)})

    async def read(self, request: ReadRequest) -> ReadResult:
        """The record itself; an id without a record is an import."""
        if request.outputs:
            inputs = self.inputs_of(request.outputs) if request.inputs is None else request.inputs
            return ReadResult(id=request.id, outputs=request.outputs, inputs=inputs)
        id_, outputs = await self.adopt(request.id)
        outputs = self._sealed(outputs, frozenset())
        return ReadResult(id=id_, outputs=outputs, inputs=self.inputs_of(outputs))

    async def update(self, request: UpdateRequest) -> UpdateResult:
        return UpdateResult(outputs=self.preview_update(request))

    async def delete(self, request: DeleteRequest) -> None:
        """Nothing is left when the record is gone."""

    def _sealed(self, outputs: PropertyMap, secret: frozenset[str]) -> PropertyMap:
        for each in self.outputs:
            if (each.secret or each.name in secret) and each.name in outputs:
                outputs[each.name] = Secret(outputs[each.name])
        return outputs
