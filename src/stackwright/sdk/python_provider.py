"""
Providers as plain classes, and resources that they manage.

A provider is found again by its importable name; nothing is pickled. What is recorded
beside a resource is that name and a digest of the source, so that a change of the code is
seen. Decides how such a provider is written and how a program declares its resources. When
the methods are called is the engine's, how is `providers.python`'s.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
import weakref
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, cast

from stackwright.errors import UserError
from stackwright.sdk.output import Output
from stackwright.sdk.resource import CustomResource, ResourceOptions

if TYPE_CHECKING:
    from stackwright.sdk.dynamic import Config
    from stackwright.sdk.output import Inputs

PACKAGE: Final = "stackwright-python"
CLASS_KEY: Final = "__class"
"""The property that says which class manages a resource: `reference` and `source`."""

In = TypeVar("In")
Out = TypeVar("Out")


class UnimportableProviderError(UserError):
    """A provider class that could not be found again."""

    code = "unimportable-provider"

    def __init__(self, cls: type) -> None:
        super().__init__(
            f"The provider `{cls.__qualname__}` of `{cls.__module__}` cannot be imported by its name, so "
            "that its resources could not be destroyed later",
            hint="Define the class at the top level of a module beside the program, such as "
            "`providers.py`, and import it from there",
        )


class Provider(Generic[In, Out]):
    """
    What manages one kind of resource. Subclass it with the types of inputs and outputs.

        class Pages(Provider[PageInputs, PageOutputs]): ...

    Both are dataclasses or TypedDicts; outputs usually repeat the inputs. Every method may be
    `async`; those that are not run on threads. An instance is made once for each deployment.
    """

    replace_on: ClassVar[Collection[str]] = ()
    """Inputs that cannot change in place: another object takes over."""
    delete_before_replace: ClassVar[bool] = False
    """The old object has to go before the new one can be made."""
    secret_outputs: ClassVar[Collection[str]] = ()
    """Outputs that are secret whatever the inputs are."""
    stable_outputs: ClassVar[Collection[str]] = ()
    """Outputs that an update leaves as they are, so that previews know them."""
    update_on_new_source: ClassVar[bool] = False
    """Call `update` when nothing but the source of this class has changed."""

    def configure(self, config: Config) -> Any:
        """Get ready, with the stack's configuration; before everything else."""

    def check(self, inputs: In) -> Any:
        """
        Answer the inputs with defaults filled in; they have the right types already.

        Raise `InputPropertyError(name, reason)` where one is wrong. Not called while inputs are unknown.
        """
        return inputs

    def create(self, inputs: In) -> Any:
        """Make the object: answer its id and its outputs, as a pair. If this fails, there must be none."""
        raise TypeError(f"{type(self).__name__} has no `create`")

    def read(self, id: str, old: Out | None) -> Any:
        """Look at the object: its outputs, or None if it is gone. *old* is None for imports."""
        return old

    def update(self, id: str, old: Out, inputs: In) -> Any:
        """Change the object in place: answer its outputs."""
        raise TypeError(f"{type(self).__name__} has no `update`: name its inputs in `replace_on`")

    def delete(self, id: str, old: Out) -> Any:
        """Remove the object; that it is gone already is success."""


def types_of(provider: type) -> tuple[Any, Any]:
    """The types of inputs and outputs that a provider class was declared with."""
    for cls in provider.__mro__:
        for base in getattr(cls, "__orig_bases__", ()):
            if typing.get_origin(base) is Provider:
                inputs, outputs = typing.get_args(base)
                return inputs, outputs
    return dict, dict


def fields_of(typ: Any) -> dict[str, bool]:
    """The fields of a type of inputs or outputs, and whether each must be there; empty for plain mappings."""
    if dataclasses.is_dataclass(typ):
        missing = dataclasses.MISSING
        return {
            each.name: each.default is missing and each.default_factory is missing
            for each in dataclasses.fields(typ)
        }
    if typing.is_typeddict(typ):
        return {name: name in typ.__required_keys__ for name in typ.__annotations__}
    return {}


def reference_of(provider: type) -> str:
    """
    The name that finds *provider* again, `module:Class`.

    Raises:
        UnimportableProviderError: It is part of the program itself, or of a function.
    """
    if provider.__module__ == "__main__" or "<locals>" in provider.__qualname__:
        raise UnimportableProviderError(provider)
    return f"{provider.__module__}:{provider.__qualname__}"


_sources: Final[weakref.WeakKeyDictionary[type, str]] = weakref.WeakKeyDictionary()


def source_of(provider: type) -> str:
    """A digest of the code of *provider*: the class, its bases below `Provider`, its types."""
    known = _sources.get(provider)
    if known is None:
        known = _sources[provider] = _digest(provider)
    return known


def _digest(provider: type) -> str:
    import hashlib  # loads the library of ciphers, which only this needs

    digest = hashlib.sha256()
    own = (
        provider.__mro__[: provider.__mro__.index(Provider)] if Provider in provider.__mro__ else (provider,)
    )
    for part in (*own, *types_of(provider)):
        try:
            digest.update(inspect.getsource(part).encode())
        except (OSError, TypeError):
            digest.update(repr(part).encode())
    return f"sha256:{digest.hexdigest()[:32]}"


def token_of(provider: type) -> str:
    """The type token of resources that *provider* manages."""
    module, _, name = reference_of(provider).partition(":")
    return f"{PACKAGE}:{module.replace('.', '/')}:{name}"


class ProvidedResource(CustomResource, Generic[Out]):
    """A resource that a `Provider` class manages. Its outputs are attributes, and `outputs` as a whole."""

    _keeps_numbers = True

    def __init__(
        self,
        provider: type[Provider[Any, Out]],
        name: str,
        inputs: Inputs,
        opts: ResourceOptions | None = None,
    ) -> None:
        """
        Ask for a resource with these *inputs*.

        Raises:
            UnimportableProviderError: *provider* could not be found again to destroy the resource.
        """
        self._outputs_type = types_of(provider)[1]
        props: dict[str, Any] = dict.fromkeys(fields_of(self._outputs_type))
        props.update(inputs)
        props[CLASS_KEY] = {"reference": reference_of(provider), "source": source_of(provider)}
        self._names = [name for name in props if name != CLASS_KEY]
        super().__init__(token_of(provider), name, props, opts)

    @property
    def outputs(self) -> Output[Out]:
        """All outputs together, in the type that the provider declares."""
        typ = self._outputs_type
        parts = {name: getattr(self, name) for name in fields_of(typ) or self._names}

        def made(values: Mapping[str, Any]) -> Out:
            import msgspec

            there = {name: value for name, value in values.items() if value is not None}
            return cast("Out", msgspec.convert(there, type=typ, dec_hook=lambda wanted, value: value))

        return Output.all(**parts).apply(made)


__all__ = ["ProvidedResource", "Provider"]
