"""`ClassProvider`: hosts providers that are plain classes (`sdk.python_provider`)."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
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
    ProviderLog,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers._secretness import with_secretness
from stackwright.providers.python._base import PythonHost
from stackwright.providers.python._calls import Calls, UserCodeError, failure
from stackwright.providers.python._differences import differences
from stackwright.providers.python._plain import plain, values
from stackwright.sdk import _import_aliases
from stackwright.sdk.errors import InputPropertiesError, InputPropertyError
from stackwright.sdk.python_provider import CLASS_KEY, PACKAGE, Provider, fields_of, source_of, types_of
from stackwright.urn import Urn
from stackwright.values import UNKNOWN, PropertyMap, Secret, contains_unknowns, reveal

_SOURCE_DIGITS: Final = 15


class _Loaded:
    """A provider class that was found, made and configured."""

    def __init__(self, provider: Provider[Any, Any]) -> None:
        self.provider = provider
        self.cls = type(provider)
        self.inputs, self.outputs = types_of(self.cls)
        self.input_fields, self.output_fields = fields_of(self.inputs), fields_of(self.outputs)
        self.source = source_of(self.cls)


class ClassProvider(PythonHost):
    """A `Provider` whose resources each name the class that manages them."""

    package = PACKAGE

    def __init__(self, calls: Calls, *, log: ProviderLog) -> None:
        super().__init__(calls)
        self._log = log
        self._loaded: dict[str, asyncio.Future[_Loaded]] = {}
        self._told: set[str] = set()

    # Resources ----------------------------------------------------------------------------------

    async def check(self, request: CheckRequest) -> CheckResult:
        loaded = await self._load(request.urn, request.news)
        news = _bare(request.news)
        failures = _names(loaded, news)
        if failures or any(contains_unknowns(value) for value in request.news.values()):
            return CheckResult(inputs=request.news, failures=failures)
        try:
            given = _typed(loaded.inputs, news)
        except msgspec.ValidationError as error:
            return CheckResult(inputs=request.news, failures=(_mistyped(error),))
        doing = f"check {request.urn}"
        try:
            checked = await self._calls.call(doing, loaded.provider.check, given)
        except UserCodeError as error:
            wrong = _wrong_inputs(error.__cause__)
            if not wrong:
                raise
            return CheckResult(inputs=request.news, failures=wrong)
        inputs = with_secretness(_bag(doing, checked), request.news)
        return CheckResult(inputs={**inputs, CLASS_KEY: request.news[CLASS_KEY]})

    async def diff(self, request: DiffRequest) -> DiffResult:
        loaded = await self._load(request.urn, request.news)
        replacing = frozenset(loaded.cls.replace_on)
        detailed = differences(request, replacing)
        return DiffResult(
            changes=DiffChanges.SOME if detailed else DiffChanges.NONE,
            replaces=tuple(name for name in detailed if name in replacing),
            diffs=tuple(detailed),
            stables=tuple(loaded.cls.stable_outputs),
            delete_before_replace=loaded.cls.delete_before_replace,
            detailed=detailed or None,
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        loaded = await self._load(request.urn, request.inputs)
        if request.preview:
            return CreateResult(id="", outputs=_foreseen(loaded, request.inputs, {}))
        doing = f"create {request.urn}"
        given = self._inputs(doing, loaded, request.inputs)
        made = await self._calls.call(doing, loaded.provider.create, given)
        if not (isinstance(made, tuple) and len(made) == 2 and isinstance(made[0], str) and made[0]):
            raise ProviderError(
                f"Could not {doing}: `{loaded.cls.__name__}.create` is to answer a pair of id and outputs, "
                f"not {type(made).__name__}"
            )
        return CreateResult(id=made[0], outputs=_recorded(doing, loaded, made[1], request.inputs))

    async def read(self, request: ReadRequest) -> ReadResult:
        known = request.outputs or request.inputs or {}
        loaded = await self._load(request.urn, known, type_=request.type)
        doing = f"read {request.urn}"
        old = self._outputs(doing, loaded, request.outputs) if request.outputs else None
        found = await self._calls.call(doing, loaded.provider.read, request.id, old)
        if found is None:
            return ReadResult(id="", outputs=None)
        asked = {CLASS_KEY: self._class_of(loaded), **known}
        outputs = _recorded(doing, loaded, found, asked)
        was = request.inputs or {}
        names = set(loaded.input_fields) & outputs.keys() if not was else was.keys() & outputs.keys()
        inputs = with_secretness({name: outputs[name] for name in sorted(names | {CLASS_KEY})}, was)
        return ReadResult(id=request.id, outputs=outputs, inputs=inputs)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        loaded = await self._load(request.urn, request.news)
        only_source = request.old_inputs and _bare(request.old_inputs) == _bare(request.news)
        if only_source and not loaded.cls.update_on_new_source:
            return UpdateResult(outputs={**request.old_outputs, CLASS_KEY: request.news[CLASS_KEY]})
        if request.preview:
            return UpdateResult(outputs=_foreseen(loaded, request.news, request.old_outputs))
        doing = f"update {request.urn}"
        old = self._outputs(doing, loaded, request.old_outputs)
        given = self._inputs(doing, loaded, request.news)
        found = await self._calls.call(doing, loaded.provider.update, request.id, old, given)
        return UpdateResult(outputs=_recorded(doing, loaded, found, request.news))

    async def delete(self, request: DeleteRequest) -> None:
        loaded = await self._load(request.urn, request.outputs or request.inputs)
        doing = f"delete {request.urn}"
        old = self._outputs(doing, loaded, request.outputs)
        await self._calls.call(doing, loaded.provider.delete, request.id, old)

    # Typed values -------------------------------------------------------------------------------

    def _inputs(self, doing: str, loaded: _Loaded, inputs: PropertyMap) -> Any:
        try:
            return _typed(loaded.inputs, _bare(inputs))
        except msgspec.ValidationError as error:
            raise ProviderError(
                f"Could not {doing}: its inputs do not fit {loaded.inputs}: {error}"
            ) from None

    def _outputs(self, doing: str, loaded: _Loaded, outputs: PropertyMap) -> Any:
        try:
            return _typed(loaded.outputs, _bare(outputs))
        except msgspec.ValidationError as error:
            raise ProviderError(
                f"Could not {doing}: what is recorded does not fit the outputs of "
                f"`{loaded.cls.__name__}`: {error}",
                hint="Give fields that came later a default, so that older records still fit",
            ) from None

    # Classes ------------------------------------------------------------------------------------

    async def _load(self, urn: Urn, bag: PropertyMap, *, type_: str = "") -> _Loaded:
        recorded = reveal(bag.get(CLASS_KEY))
        reference = recorded.get("reference") if isinstance(recorded, Mapping) else _reference_in(type_)
        if not isinstance(reference, str):
            raise ProviderError(f"{urn} does not say which provider class manages it")
        loading = self._loaded.get(reference)
        if loading is None:
            loading = self._loaded[reference] = asyncio.ensure_future(self._make(urn, reference))
        try:
            loaded = await asyncio.shield(loading)
        except ProviderError:
            self._loaded.pop(reference, None)
            raise
        if isinstance(recorded, Mapping):
            self._tell_source(urn, loaded, str(recorded.get("source")))
        return loaded

    async def _make(self, urn: Urn, reference: str) -> _Loaded:
        cls = await self._calls.call(f"load the provider of {urn}", lambda: self._find(urn, reference))
        provider = await self._calls.call(f"make the provider of {urn}", cls)
        await self._calls.call(f"configure the provider of {urn}", provider.configure, self.configuration)
        return _Loaded(provider)

    def _find(self, urn: Urn, reference: str) -> type:
        self._calls.importable()
        _import_aliases.install()
        module, _, name = reference.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise ProviderError(
                f"The provider `{reference}` of {urn} is gone",
                detail=f"{type(error).__name__}: {error}",
                hint=f"Restore the class `{name}` in the module `{module}` until its resources are "
                "destroyed, or take the resource out of the state (`stackwright stack export` and `import`)",
            ) from error
        if not (isinstance(found, type) and issubclass(found, Provider)):
            raise ProviderError(f"`{reference}`, which manages {urn}, is no `stackwright.Provider`")
        return found

    def _class_of(self, loaded: _Loaded) -> dict[str, str]:
        reference = f"{loaded.cls.__module__}:{loaded.cls.__qualname__}"
        return {"reference": reference, "source": loaded.source}

    def _tell_source(self, urn: Urn, loaded: _Loaded, source: str) -> None:
        """Say once for each resource that it is managed by other code than that which made it."""
        if source != loaded.source and urn not in self._told:
            self._told.add(urn)
            text = (
                f"The source of `{loaded.cls.__name__}` has changed since this resource was last changed "
                f"({source[:_SOURCE_DIGITS]}… then, {loaded.source[:_SOURCE_DIGITS]}… now)"
            )
            self._log(Diagnostic(severity=Severity.INFO, message=text, urn=urn))


def _reference_in(type_: str) -> str | None:
    """The class that a type token names: an import knows no more."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.partition(":")
    return f"{module.replace('/', '.')}:{name}" if package == PACKAGE and name else None


def _bare(bag: PropertyMap) -> dict[str, Any]:
    return plain({name: value for name, value in bag.items() if name != CLASS_KEY})


def _typed(typ: Any, bag: Mapping[str, Any]) -> Any:
    """*bag* as *typ*; fields that it does not know are left out. Raises `msgspec.ValidationError`."""
    return msgspec.convert(dict(bag), type=typ, dec_hook=lambda wanted, value: value)


def _names(loaded: _Loaded, news: Mapping[str, Any]) -> tuple[CheckFailure, ...]:
    """What is missing, and what nobody knows."""
    fields = loaded.input_fields
    if not fields:
        return ()
    missing = [
        CheckFailure(name, "is needed") for name, needed in fields.items() if needed and name not in news
    ]
    known = ", ".join(fields)
    strange = [CheckFailure(name, f"is no input; there are {known}") for name in news if name not in fields]
    return (*missing, *strange)


def _mistyped(error: msgspec.ValidationError) -> CheckFailure:
    text, _, path = str(error).partition(" - at `$.")
    return CheckFailure(path.rstrip("`"), text[:1].lower() + text[1:])


def _wrong_inputs(error: BaseException | None) -> tuple[CheckFailure, ...]:
    if isinstance(error, InputPropertyError):
        return (CheckFailure(error.property_path, error.reason),)
    if isinstance(error, InputPropertiesError):
        return tuple(CheckFailure(e["property_path"], e["reason"]) for e in error.errors or ())
    return ()


def _bag(doing: str, answer: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        answer = _fields(answer)
    if not isinstance(answer, Mapping):
        raise ProviderError(f"Could not {doing}: the provider answered {type(answer).__name__}, not its type")
    try:
        return dict(values(answer))
    except Exception as error:
        raise failure(doing, error) from error


def _fields(value: Any) -> Any:
    """Dataclasses as mappings, all the way down; assets and the like stay."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _fields(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: _fields(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fields(item) for item in value]
    return value


def _recorded(doing: str, loaded: _Loaded, answer: Any, asked: PropertyMap) -> PropertyMap:
    outputs = with_secretness(_bag(doing, answer), asked)
    return {**_sealed(loaded, outputs), CLASS_KEY: asked[CLASS_KEY]}


def _foreseen(loaded: _Loaded, inputs: PropertyMap, old: PropertyMap) -> PropertyMap:
    """What a preview can say of outputs."""
    computed: dict[str, Any] = dict.fromkeys(loaded.output_fields, UNKNOWN)
    kept = {name: old[name] for name in loaded.cls.stable_outputs if name in old}
    return _sealed(loaded, {**computed, **kept, **inputs})


def _sealed(loaded: _Loaded, outputs: PropertyMap) -> PropertyMap:
    """*outputs* with those secret that always are; also what a preview does not know."""
    return {
        name: Secret(value) if name in loaded.cls.secret_outputs and type(value) is not Secret else value
        for name, value in outputs.items()
    }


__all__ = ["ClassProvider"]
