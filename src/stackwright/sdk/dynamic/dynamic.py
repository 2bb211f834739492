"""
Dynamic providers: resources whose provider is an object of the program (sdk.md §18).

The provider object travels with the resource, pickled, as the property `__provider`, and
so into the state; the form is the one that the `pulumi` package writes and reads. How it
is written down is `_dill`'s; who may read it again is decided where providers are hosted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from stackwright.sdk import _pickling
from stackwright.sdk.dynamic import _made
from stackwright.sdk.dynamic.config import Config
from stackwright.sdk.output import Output
from stackwright.sdk.resource import CustomResource, ResourceOptions

if TYPE_CHECKING:
    from stackwright.sdk.output import Inputs

PROVIDER_KEY: Final = "__provider"


class ConfigureRequest:
    """What `ResourceProvider.configure` is given: the stack's configuration."""

    config: Config

    def __init__(self, config: Config) -> None:
        self.config = config


class CheckFailure:
    """An input that is wrong, and why."""

    property: str
    reason: str

    def __init__(self, property_: str, reason: str) -> None:
        self.property = property_
        self.reason = reason


class CheckResult:
    """The inputs to use, and what is wrong with them."""

    inputs: dict[str, Any]
    failures: list[CheckFailure]

    def __init__(self, inputs: dict[str, Any], failures: list[CheckFailure]) -> None:
        self.inputs = inputs
        self.failures = failures


class DiffResult:
    """
    What changed inputs mean.

    `changes` None leaves it to the engine, which compares the inputs. `replaces` are the
    properties that need another object, `delete_before_replace` says in which order.
    """

    changes: bool | None
    replaces: list[str] | None
    stables: list[str] | None
    delete_before_replace: bool | None

    def __init__(
        self,
        changes: bool | None = None,
        replaces: list[str] | None = None,
        stables: list[str] | None = None,
        delete_before_replace: bool | None = None,
    ) -> None:
        self.changes = changes
        self.replaces = replaces
        self.stables = stables
        self.delete_before_replace = delete_before_replace


class CreateResult:
    """The new object's id and outputs."""

    id: str
    outs: dict[str, Any] | None

    def __init__(self, id_: str, outs: dict[str, Any] | None = None) -> None:
        self.id = id_
        self.outs = outs


class ReadResult:
    """The object as it is; no id if it is gone. `inputs`, if given, are what later diffs start from."""

    id: str | None
    outs: dict[str, Any] | None
    inputs: dict[str, Any] | None

    def __init__(
        self,
        id_: str | None = None,
        outs: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
    ) -> None:
        self.id = id_
        self.outs = outs
        self.inputs = inputs


class UpdateResult:
    """The outputs after an update."""

    outs: dict[str, Any] | None

    def __init__(self, outs: dict[str, Any] | None = None) -> None:
        self.outs = outs


class ResourceProvider:
    """
    A provider written in the program. Subclasses implement `create` and what else they need.

    It is pickled, with the classes and functions of the program that it uses. `configure` is
    called once, before anything else; what it sets is not pickled. The methods may be `async`.
    """

    serialize_as_secret_always: bool = True
    """Keep the pickle secret in any case; False: only if it holds the value of a secret output."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate inputs and fill in defaults."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare the outputs of an object with new inputs."""
        return DiffResult()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make an object. If this fails, there must be none."""
        raise Exception("Subclass of ResourceProvider must implement 'create'")  # noqa: TRY002 # §18

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look at an object."""
        return ReadResult(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change an object in place."""
        return UpdateResult()

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove an object. If this fails, it is taken to exist still."""

    def configure(self, req: ConfigureRequest) -> None:
        """Get ready, with the stack's configuration."""

    def __init__(self) -> None:
        pass


def serialize_provider(provider: ResourceProvider) -> str:
    """
    *provider* as text: the base64 of its pickle, the same for the same provider.

    Raises:
        UnpicklableProviderError: Part of it cannot be pickled; says which.
    """
    from stackwright.sdk.dynamic import _dill

    return _dill.text_of(provider)


class Resource(CustomResource):
    """A resource that is managed by a provider of the program itself."""

    _resource_type_name: ClassVar[str] = "dynamic:Resource"

    def __init_subclass__(cls, module: str = "", name: str = "Resource", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._resource_type_name = f"dynamic/{module}:{name}" if module else f"dynamic:{name}"

    def __init__(
        self,
        provider: ResourceProvider,
        name: str,
        props: Inputs,
        opts: ResourceOptions | None = None,
    ) -> None:
        """
        Ask for a resource.

        *props* are its inputs; outputs that only exist afterwards are given as None. The
        mapping gets another entry, `__provider`.

        Raises:
            UnpicklableProviderError: Part of *provider* cannot be pickled; says which.
        """
        if PROVIDER_KEY in props:
            raise Exception("A dynamic resource must not define the __provider key")  # noqa: TRY002 # §18
        given = cast("dict[str, Any]", props)
        with _pickling.pickling() as found:
            text = serialize_provider(provider)
        self._made_provider = _made.remember(text, provider, copy=not found.outputs)
        hide = getattr(provider, "serialize_as_secret_always", True) or found.secrets
        given[PROVIDER_KEY] = Output.secret(text) if hide else text
        super().__init__(f"pulumi-python:{self._resource_type_name}", name, given, opts)
