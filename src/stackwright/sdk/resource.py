"""
Resources: what a program declares, and the options it declares them with (sdk.md §3, §4).

Decides what a constructor checks and inherits, and in which order. Sending requests
is `_registration`'s work; what outputs look like, `_deserialize`'s.
"""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Optional, Union, cast

from stackwright.diagnostics import Severity
from stackwright.sdk import _registration, _session, _standing, _types
from stackwright.sdk._registration import not_a_resource
from stackwright.sdk._standing import ResourceBase, Standing
from stackwright.sdk._types import is_input_type
from stackwright.sdk.output import Input, Inputs, Output
from stackwright.urn import urn_type

if TYPE_CHECKING:
    from stackwright.sdk.resource_hooks import ResourceHookBinding

ROOT_STACK_RESOURCE: Final = None
"""As the parent of an alias: there was none but the stack."""


class CustomTimeouts:
    """How long a provider may take for each operation, such as `5m` or `1h30m`."""

    create: str | None
    update: str | None
    delete: str | None
    read: str | None

    def __init__(
        self,
        create: str | None = None,
        update: str | None = None,
        delete: str | None = None,
        read: str | None = None,
    ) -> None:
        self.create = create
        self.update = update
        self.delete = delete
        self.read = read


class Alias:
    """
    An address that a resource had before: whatever is left out is as it is now.

    `parent=None` (or `ROOT_STACK_RESOURCE`) says that it had no parent.
    """

    name: str | None
    type_: str | None
    parent: Resource | Input[str] | None
    stack: Input[str] | None
    project: Input[str] | None

    # The defaults are Ellipsis, which says «as it is now»; None says «none».
    def __init__(
        self,
        name: str | None = ...,  # type: ignore[assignment]
        type_: str | None = ...,  # type: ignore[assignment]
        parent: Optional[Union[Resource, Input[str]]] = ...,  # type: ignore[assignment] # noqa: UP007, UP045
        stack: Optional[Input[str]] = ...,  # type: ignore[assignment] # noqa: UP045
        project: Optional[Input[str]] = ...,  # type: ignore[assignment] # noqa: UP045
    ) -> None:
        self.name = name
        self.type_ = type_
        self.parent = parent
        self.stack = stack
        self.project = project


class ResourceTransformationArgs:
    """What a transformation is given: a resource that is about to be made."""

    resource: Resource
    type_: str
    name: str
    props: Inputs
    opts: ResourceOptions

    def __init__(
        self, resource: Resource, type_: str, name: str, props: Inputs, opts: ResourceOptions
    ) -> None:
        self.resource = resource
        self.type_ = type_
        self.name = name
        self.props = props
        self.opts = opts


class ResourceTransformationResult:
    """What a transformation answers: other properties and options."""

    props: Inputs
    opts: ResourceOptions

    def __init__(self, props: Inputs, opts: ResourceOptions) -> None:
        self.props = props
        self.opts = opts


ResourceTransformation = Callable[[ResourceTransformationArgs], ResourceTransformationResult | None]
"""Runs in the constructor, before anything else happens (§12.1)."""


class ResourceTransformArgs:
    """What a transform is given; names of properties are those on the wire."""

    custom: bool
    type_: str
    name: str
    props: Inputs
    opts: ResourceOptions

    def __init__(self, custom: bool, type_: str, name: str, props: Inputs, opts: ResourceOptions) -> None:
        self.custom = custom
        self.type_ = type_
        self.name = name
        self.props = props
        self.opts = opts


class ResourceTransformResult:
    """What a transform answers: other properties and options, both complete."""

    props: Inputs
    opts: ResourceOptions

    def __init__(self, props: Inputs, opts: ResourceOptions) -> None:
        self.props = props
        self.opts = opts


ResourceTransform = Callable[
    [ResourceTransformArgs],
    Awaitable[ResourceTransformResult | None] | ResourceTransformResult | None,
]
"""Asked by the deployment for every resource it applies to, remote ones included (§12.2)."""


class StateMigrationArgs:
    """What a state migration is given: recorded state as plain data."""

    urn: str
    old_state: list[dict[str, Any]]

    def __init__(self, urn: str, old_state: list[dict[str, Any]]) -> None:
        self.urn = urn
        self.old_state = old_state


class StateMigrationResult:
    """What a state migration answers: the state as it should be, and who succeeds what is gone."""

    new_state: list[dict[str, Any]]
    successors: dict[str, str] | None

    def __init__(self, new_state: list[dict[str, Any]], successors: dict[str, str] | None = None) -> None:
        self.new_state = new_state
        self.successors = successors


StateMigration = Callable[
    [StateMigrationArgs], Awaitable[StateMigrationResult | None] | StateMigrationResult | None
]


class ResourceOptions:
    """
    How a resource is to be managed, apart from what it is.

    An option that was not given takes no room: reading it finds the None of the class.
    """

    parent: Resource | None = None
    depends_on: Input[Sequence[Input[Resource]] | Resource] | None = None
    protect: bool | None = None
    provider: ProviderResource | None = None
    providers: Mapping[str, ProviderResource] | Sequence[ProviderResource] | None = None
    delete_before_replace: bool | None = None
    ignore_changes: list[str] | None = None
    version: str | None = None
    aliases: Sequence[Input[str | Alias]] | None = None
    additional_secret_outputs: list[str] | None = None
    id: Input[str] | None = None
    import_: str | None = None
    custom_timeouts: CustomTimeouts | None = None
    transformations: list[ResourceTransformation] | None = None
    transforms: list[ResourceTransform] | None = None
    hooks: ResourceHookBinding | None = None
    urn: str | None = None
    replace_on_changes: list[str] | None = None
    replacement_trigger: Input[Any] | None = None
    plugin_download_url: str | None = None
    retain_on_delete: bool | None = None
    deleted_with: Resource | None = None
    replace_with: list[Resource] | None = None
    hide_diffs: list[str] | None = None
    env_var_mappings: Mapping[str, str] | None = None
    state_migrations: list[StateMigration] | None = None

    def __init__(
        self,
        parent: Resource | None = None,
        depends_on: Input[Sequence[Input[Resource]] | Resource] | None = None,
        protect: bool | None = None,
        provider: ProviderResource | None = None,
        providers: Mapping[str, ProviderResource] | Sequence[ProviderResource] | None = None,
        delete_before_replace: bool | None = None,
        ignore_changes: list[str] | None = None,
        version: str | None = None,
        aliases: Sequence[Input[str | Alias]] | None = None,
        additional_secret_outputs: list[str] | None = None,
        id: Input[str] | None = None,
        import_: str | None = None,
        custom_timeouts: CustomTimeouts | None = None,
        transformations: list[ResourceTransformation] | None = None,
        transforms: list[ResourceTransform] | None = None,
        hooks: ResourceHookBinding | None = None,
        urn: str | None = None,
        replace_on_changes: list[str] | None = None,
        replacement_trigger: Input[Any] | None = None,
        plugin_download_url: str | None = None,
        retain_on_delete: bool | None = None,
        deleted_with: Resource | None = None,
        replace_with: list[Resource] | None = None,
        hide_diffs: list[str] | None = None,
        env_var_mappings: Mapping[str, str] | None = None,
        state_migrations: list[StateMigration] | None = None,
    ) -> None:
        given = locals()
        mine = self.__dict__
        for name in _FIELDS:
            value = given[name]
            if value is not None:
                mine[name] = value
        if depends_on is not None:
            _check_depends_on(depends_on)

    def _copy(self) -> ResourceOptions:
        return copy_options(self)

    def _depends_on_list(self) -> Input[list[Input[Resource]]]:
        found: list[Input[Resource]] = depends_on_list(self.depends_on)
        return found

    # `ResourceOptions.merge(a, b)` and `a.merge(b)` are the same, on the class or on an object.
    def merge(opts1: ResourceOptions | None, opts2: ResourceOptions | None) -> ResourceOptions:  # noqa: N805
        """
        Options with both sides' lists joined, and the second one's other values in place of the first's.

        Neither side is changed; None counts as no options at all.
        """
        return merge_options(opts1, opts2)


_FIELDS: Final = tuple(name for name in ResourceOptions.__annotations__)
_JOINED: Final = frozenset(
    {
        "ignore_changes",
        "replace_on_changes",
        "aliases",
        "additional_secret_outputs",
        "transformations",
        "transforms",
        "state_migrations",
        "replace_with",
        "hide_diffs",
    }
)


def copy_options(opts: ResourceOptions) -> ResourceOptions:
    """A shallow copy, of the same class."""
    copied = object.__new__(type(opts))
    copied.__dict__.update(opts.__dict__)
    return copied


def merge_options(opts1: ResourceOptions | None, opts2: ResourceOptions | None) -> ResourceOptions:
    """See `ResourceOptions.merge` (§4.2)."""
    for name, given in (("opts1", opts1), ("opts2", opts2)):
        if given is not None and not isinstance(given, ResourceOptions):
            raise TypeError(f"Expected {name} to be a ResourceOptions instance")
    first: Mapping[str, Any] = vars(opts1) if opts1 is not None else {}
    second: Mapping[str, Any] = vars(opts2) if opts2 is not None else {}
    merged = ResourceOptions.__new__(ResourceOptions)
    into = merged.__dict__
    into.update(first)
    for name, value in second.items():
        before = into.get(name)
        if value is None:
            continue
        if before is None:
            into[name] = value
        elif name in _JOINED:
            into[name] = before + value
        elif name == "depends_on":
            into[name] = _join_depends_on(before, value)
        elif name == "hooks":
            into[name] = type(value).merge(before, value)
        elif name != "providers":
            into[name] = value
    if first.get("providers") is not None or second.get("providers") is not None:
        into["providers"] = _collapsed(
            [*_provider_list(first.get("providers")), *_provider_list(second.get("providers"))]
        )
    if into.get("depends_on") is not None and (
        first.get("depends_on") is None or second.get("depends_on") is None
    ):
        into["depends_on"] = depends_on_list(into["depends_on"])
    into.setdefault("depends_on", [])  # always a list afterwards
    return merged


def _provider_list(providers: Any) -> list[ProviderResource]:
    if providers is None:
        return []
    if isinstance(providers, Mapping):
        found = []
        for key, provider in providers.items():
            if key != provider.package:
                warn_user(
                    f"The provider `{provider._name}` is for the package `{provider.package}`, but its key "
                    f"in `providers` is `{key}`. The key is ignored; write a list of providers instead"
                )
            found.append(provider)
        return found
    return list(providers) if isinstance(providers, Iterable) else [providers]


def _collapsed(providers: list[ProviderResource]) -> dict[str, ProviderResource] | None:
    return {provider.package: provider for provider in providers} or None


def depends_on_list(given: Any) -> Any:
    """What was given as `depends_on`, as a list; an output or awaitable of one stays so."""
    if given is None:
        return []
    if isinstance(given, ResourceBase):
        return [given]
    if isinstance(given, (list, tuple)):
        return list(given)
    return Output.from_input(given).apply(depends_on_list)


def _join_depends_on(first: Any, second: Any) -> Any:
    one, other = depends_on_list(first), depends_on_list(second)
    if isinstance(one, list) and isinstance(other, list):
        return one + other
    return Output.all(one, other).apply(lambda both: [*both[0], *both[1]])


def _check_depends_on(given: Any) -> None:
    """Refuse what is no resource and cannot become one (§3.5)."""
    items = given if isinstance(given, (list, tuple)) else [given]
    for item in items:
        if not isinstance(item, (ResourceBase, Output)) and not hasattr(item, "__await__"):
            raise not_a_resource(item)


def warn_user(message: str) -> None:
    """Warn as Python does, and in the deployment's log."""
    warnings.warn(message, stacklevel=4)
    _session.current().log(Severity.WARNING, message)


def package_of(type_: str) -> str | None:
    """The package of a three-part type token, else None (§3.3)."""
    parts = type_.split(":")
    return parts[0] if len(parts) == 3 else None


class _Lazy:
    """A container that an object gets when somebody first looks for it: most resources never need it."""

    __slots__ = ("_make", "_name")

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, _: type | None = None) -> Any:
        if instance is None:
            return self
        made = instance.__dict__[self._name] = self._make(instance)
        return made


class Resource(ResourceBase):
    """
    Something that the deployment manages.

    The request is made from within the constructor; properties are outputs that get their
    values when it is answered.
    """

    _sdk_base = True
    _standing: Standing
    _name: str
    _type: str
    _provider: ProviderResource | None = None
    _protect: bool | None = None
    _version: str | None = None
    _plugin_download_url: str | None = None
    _opts: ResourceOptions

    _childResources: set[Resource] = cast("Any", _Lazy(lambda _: set()))  # noqa: N815 # known by this name
    _transformations: list[ResourceTransformation] = cast("Any", _Lazy(lambda _: []))
    _providers: Mapping[str, ProviderResource] = cast("Any", _Lazy(lambda _: {}))
    _aliases: list[Input[str]] = cast("Any", _Lazy(lambda made: list(_collapsed_aliases(made))))

    def __init__(
        self,
        t: str,
        name: str,
        custom: bool,
        props: Inputs | None = None,
        opts: ResourceOptions | None = None,
        remote: bool = False,
        dependency: bool = False,
        package_ref: Awaitable[str | None] | None = None,
    ) -> None:
        mine = self.__dict__
        before = tuple(mine)  # set by the class before it called this; outputs take their places
        if dependency:
            mine["_providers"], mine["_transformations"], mine["_childResources"] = {}, [], set()
            return
        if _session.migrating.get() is not None:
            _session.refuse_while_migrating("Creating a resource")
        given: Any = {} if props is None else props
        _check_arguments(t, name, opts)
        if opts is None:
            opts = ResourceOptions()
        else:
            if opts in (type(self).__init__.__defaults__ or ()):
                _tell_of_shared_options(type(self), opts)
            opts = copy_options(opts)
        typ: type | None = None
        if is_input_type(type(given)):
            typ = type(given)
            given = _types.stored_inputs(given)
        elif not isinstance(given, Mapping):
            raise TypeError("Expected resource properties to be a mapping")

        session = _session.current()
        session.insist_on_the_programs_thread()
        above: Resource | None = opts.parent
        if above is not None and not isinstance(above, Resource):
            raise TypeError("Resource parent is not a valid Resource")
        inherited = above if above is not None else cast("Resource | None", session.root)
        if opts.transformations or (inherited is not None and "_transformations" in inherited.__dict__):
            given, opts = _transformed(self, t, name, given, opts, inherited)
            # A transformation may answer with other arguments of the same kind.
            if is_input_type(type(given)):
                typ = type(given)
                given = _types.stored_inputs(given)

        mine["_name"] = name
        mine["_type"] = t
        if not custom:
            mine["_custom"] = False
        if remote:
            mine["_remote"] = True
        if opts.aliases:
            mine["_opts"] = opts
        if above is not None:
            above._childResources.add(self)
            if opts.protect is None and above._protect is not None:
                opts.protect = above._protect
        _choose_providers(self, t, opts, custom=custom, remote=remote)
        if opts.protect is not None:
            mine["_protect"] = opts.protect
        if opts.version is not None:
            mine["_version"] = opts.version
        if opts.plugin_download_url is not None:
            mine["_plugin_download_url"] = opts.plugin_download_url

        standing = self._stand(given, custom, session)
        for one in before:
            if one in standing.declared:
                mine[one] = standing.output(one)
        kind: type[_registration.ResourceSubmission]
        if opts.urn is not None:
            kind = _registration.Get
        elif opts.id is not None:
            if not custom:
                raise Exception(  # noqa: TRY002 # §3.2 promises the plain class
                    "Cannot read an existing resource unless it is a custom resource"
                )
            kind = _registration.Read
        else:
            kind = _registration.Registration
        kind(
            self,
            t,
            name,
            custom=custom,
            remote=remote,
            props=given,
            opts=opts,
            typ=typ,
            package_ref=package_ref,
        ).start()

    def _stand(
        self, props: Mapping[str, Any], custom: bool, session: _session.Session | None = None
    ) -> Standing:
        """Begin, or start over, as a resource that the deployment has not answered yet."""
        mine = self.__dict__
        declared = _declared(type(self), props, custom)
        standing = Standing(_session.current() if session is None else session, self, declared.names)
        mine["_standing"] = standing
        # Outputs are made when somebody asks for them; these would be found before anybody is asked.
        for name in declared.covered:
            mine[name] = standing.output(name)
        return standing

    if not TYPE_CHECKING:  # checkers shall keep complaining about names that no class declares

        def __getattr__(self, name: str) -> Any:
            standing = self.__dict__.get("_standing")
            if standing is not None and name in standing.declared:
                found = self.__dict__[name] = standing.output(name)
                return found
            raise AttributeError(_no_attribute(self, name))

    @property
    def urn(self) -> Output[str]:
        """The resource's address within everything."""
        return _own_output(self, "urn")

    @property
    def pulumi_resource_type(self) -> str:
        """The type token."""
        return self._type

    @property
    def pulumi_resource_name(self) -> str:
        """The name within the program."""
        return self._name

    def _get_providers(
        self, t: str, pkg: str | None, opts: ResourceOptions
    ) -> tuple[ProviderResource | None, Mapping[str, ProviderResource]]:
        return select_providers(t, pkg, opts)

    def get_provider(self, module_member: str) -> ProviderResource | None:
        """The provider that resources with this token would use below this one, if one is set."""
        package = package_of(module_member)
        return self._providers.get(package) if package is not None else None

    def translate_output_property(self, prop: str) -> str:
        """The program's name of a property with this name on the wire."""
        return prop

    def translate_input_property(self, prop: str) -> str:
        """The name on the wire of a property with this name in the program."""
        return prop

    # So that the common case, no translation, costs nothing for each property.
    translate_output_property._is_identity = True  # type: ignore[attr-defined]
    translate_input_property._is_identity = True  # type: ignore[attr-defined]


def _no_attribute(resource: Resource, name: str) -> str:
    cls = type(resource)
    missing = f"'{cls.__name__}' object has no attribute '{name}'"
    # Placeholders for resources that are elsewhere have the last three and no name.
    placeholder = {"_providers", "_transformations", "_childResources"} <= resource.__dict__.keys()
    if "_name" in resource.__dict__ or placeholder:
        return missing
    made = getattr(cls.__init__, "__code__", None)
    place = f" ({made.co_filename}, line {made.co_firstlineno})" if made is not None else ""
    said = (
        f"The object of class `{cls.__name__}` is no resource yet: its `__init__`{place} has not called "
        "`super().__init__(type, name, props, opts)`"
    )
    return said if name in ("_standing", "urn", "id") else f"{missing}. {said}"


def _tell_of_shared_options(cls: type, opts: ResourceOptions) -> None:
    """Say so if options that are the default of a constructor have changed since they were first used."""
    session = _session.current()
    shown = repr(sorted((name, id(value)) for name, value in vars(opts).items()))
    before = session.given.setdefault(id(opts), (opts, shown, cls.__name__))
    if before[1] != shown:
        session.given[id(opts)] = (opts, shown, cls.__name__)
        code = cls.__init__.__code__  # type: ignore[misc] # of the class, on purpose
        session.log(
            Severity.WARNING,
            f"The options that `{cls.__name__}.__init__` has as a default were changed: all objects made "
            f"without options share them ({code.co_filename}, line {code.co_firstlineno}). "
            "Take None as the default",
        )


def _own_output(resource: Resource, name: str) -> Output[str]:
    mine = resource.__dict__
    found = mine.get(name)
    if found is None:
        standing = mine.get("_standing")
        if standing is None:
            raise AttributeError(_no_attribute(resource, name))
        found = mine[name] = standing.output(name)
    return cast("Output[str]", found)


def _check_arguments(t: Any, name: Any, opts: Any) -> None:
    if not t:
        raise TypeError("Missing resource type argument")
    if not isinstance(t, str):
        raise TypeError("Expected resource type to be a string")
    if not name:
        raise TypeError("Missing resource name argument (for URN creation)")
    if not isinstance(name, str):
        raise TypeError("Expected resource name to be a string")
    if opts is not None and not isinstance(opts, ResourceOptions):
        raise TypeError("Expected resource options to be a ResourceOptions instance")


class _Declared(NamedTuple):
    """The names of a resource's properties, and those that its class has an attribute for as well."""

    names: tuple[str, ...]
    covered: tuple[str, ...]


_declarations: dict[type, _Declared] = {}


def _declared(cls: type, props: Mapping[str, Any], custom: bool) -> _Declared:
    """What *props* declare; resources of one class share the answer where they have the same."""
    names = tuple(props)
    known = _declarations.get(cls)
    if known is not None and known.names == names:
        return known
    names = tuple(name for name in names if name != "urn" and not (custom and name == "id"))
    found = _Declared(names, tuple(name for name in names if _is_covered(cls, name)))
    if len(names) == len(props):
        _declarations[cls] = found
    return found


def _is_covered(cls: type, name: str) -> bool:
    """Whether the class has such an attribute, and it is none that reads the output by itself."""
    for klass in cls.__mro__:
        if name in vars(klass):
            return not hasattr(type(vars(klass)[name]), "__set__")
    return False


def _transformed(
    resource: Resource,
    t: str,
    name: str,
    props: Any,
    opts: ResourceOptions,
    inherited: Resource | None,
) -> tuple[Any, ResourceOptions]:
    """Run the transformations: the resource's own, then those of its parent (§3.2 step 6)."""
    transformations = [
        *(opts.transformations or ()),
        *(inherited._transformations if inherited is not None else ()),
    ]
    resource._transformations = transformations
    parent = opts.parent
    for transformation in transformations:
        result = transformation(
            ResourceTransformationArgs(resource=resource, type_=t, name=name, props=props, opts=opts)
        )
        if result is None:
            continue
        if result.opts.parent is not parent:
            raise Exception(  # noqa: TRY002 # §3.2 promises the plain class
                f"A transformation of `{name}` changed its parent; transformations cannot do that"
            )
        props, opts = result.props, result.opts
    return props, copy_options(opts)


def select_providers(
    t: str, package: str | None, opts: ResourceOptions
) -> tuple[ProviderResource | None, dict[str, ProviderResource]]:
    """The provider for a resource, and the map that its children inherit from the options (§3.3)."""
    given = opts.providers
    providers: dict[str, ProviderResource]
    if given is None:
        providers = {}
    elif isinstance(given, Mapping):
        providers = dict(given)
    else:
        providers = {provider.package: provider for provider in given}
    provider = providers.get(package) if package is not None else None
    if provider is None and opts.parent is not None:
        provider = opts.parent.get_provider(t)
    explicit = opts.provider
    if explicit is not None:
        if explicit.package == package:
            provider = explicit
        if explicit.package in providers:
            warn_user(
                f"There is a conflict between the `provider` field ({explicit.package}) "
                "and a member of the `providers` map"
            )
        else:
            providers[explicit.package] = explicit
    return provider, providers


def _choose_providers(
    resource: Resource, t: str, opts: ResourceOptions, *, custom: bool, remote: bool
) -> None:
    above = opts.parent
    mine = resource.__dict__
    if opts.provider is None and opts.providers is None:
        # Nothing of its own: the parent's map is shared, not copied.
        if above is None or not above._providers:
            return
        mine["_providers"] = above._providers
        provider = above.get_provider(t)
    else:
        _check_providers(opts)
        provider, providers = resource._get_providers(t, package_of(t), opts)
        mine["_providers"] = (
            {**above._providers, **providers} if above is not None and above._providers else providers
        )
    if (custom or remote) and provider is not None:
        package = package_of(t)
        if provider.package != package:
            action = "get" if opts.urn is not None else "read" if opts.id is not None else "register"
            raise ValueError(
                f"Attempted to {action} resource {t} with a provider for '{provider.package}'. "
                f"Resources of this type need a provider for '{package}'"
            )
        mine["_provider"] = provider


def _check_providers(opts: ResourceOptions) -> None:
    many = opts.providers
    given = [] if many is None else list(many.values() if isinstance(many, Mapping) else many)
    for provider in [*given, *([] if opts.provider is None else [opts.provider])]:
        if not hasattr(provider, "package"):
            raise TypeError(
                "The options `provider` and `providers` take provider resources, and were given "
                f"{provider!r} ({type(provider).__name__})"
            )


class CustomResource(Resource):
    """A resource that a provider manages: it has an id."""

    _sdk_base = True

    def __init__(
        self,
        t: str,
        name: str,
        props: Inputs | None = None,
        opts: ResourceOptions | None = None,
        dependency: bool = False,
        package_ref: Awaitable[str | None] | None = None,
    ) -> None:
        super().__init__(t, name, True, props, opts, False, dependency, package_ref)

    @property
    def id(self) -> Output[str]:
        """The provider's own name for it; not known before it exists."""
        return _own_output(self, "id")


class ComponentResource(Resource):
    """A resource made of others: children name it as their `parent`."""

    _sdk_base = True
    _remote: bool

    def __init__(
        self,
        t: str,
        name: str,
        props: Inputs | None = None,
        opts: ResourceOptions | None = None,
        remote: bool = False,
        package_ref: Awaitable[str | None] | None = None,
    ) -> None:
        super().__init__(t, name, False, props, opts, remote, False, package_ref)
        if not remote:
            self.__dict__["id"] = None
        self.__dict__["_remote"] = remote

    def register_outputs(self, outputs: Inputs | Output[Inputs] | None = None) -> None:
        """Say that all children are declared, and what the component's outputs are."""
        if outputs is None:
            outputs = {}
        _session.refuse_while_migrating("Registering outputs")
        session = _session.current()
        if "_standing" not in self.__dict__ and session.thread is None:
            # In no program: a test that has replaced `__init__` goes on, and fails only if it waits for this.
            session.fail(AttributeError(_no_attribute(self, "_standing")))
            return
        _registration.Outputs(self, outputs).start()


class ProviderResource(CustomResource):
    """A configured provider, for resources that name it as their `provider`."""

    _sdk_base = True
    package: str

    def __init__(
        self,
        pkg: str,
        name: str,
        props: Inputs | None = None,
        opts: ResourceOptions | None = None,
        dependency: bool = False,
        package_ref: Awaitable[str | None] | None = None,
    ) -> None:
        if opts is not None and opts.provider is not None:
            raise TypeError("Explicit providers may not be used with provider resources")
        # Set before as well: `package` is read while providers are chosen.
        self.__dict__["package"] = pkg
        super().__init__(f"pulumi:providers:{pkg}", name, props, opts, dependency, package_ref)
        self.package = pkg


class DependencyResource(CustomResource):
    """A resource that is only known by its URN: something to depend on."""

    _sdk_base = True

    def __init__(self, urn: str) -> None:
        super().__init__("", "", None, None, True)
        self._name = self._type = ""
        self._standing = _standing.known_already(_session.current(), self, urn)


class DependencyProviderResource(ProviderResource):
    """A provider that is only known by its reference, `urn::id`."""

    _sdk_base = True

    def __init__(self, ref: str) -> None:
        urn, id_ = parse_resource_reference(ref)
        super().__init__(urn_type(urn).rpartition(":")[2], "", None, None, True)
        self._name = self._type = ""
        self._standing = _standing.known_already(_session.current(), self, urn, id_)


def parse_resource_reference(ref: str) -> tuple[str, str]:
    """`urn::id` taken apart at the last separator."""
    urn, separator, id_ = ref.rpartition("::")
    if not separator:
        raise ValueError(f"`{ref}` is not a provider reference: it looks like URN::ID")
    return urn, id_


def create_urn(
    name: Input[str],
    type_: Input[str],
    parent: Resource | Input[str] | None = None,
    project: str | None = None,
    stack: str | None = None,
) -> Output[str]:
    """The URN that a resource of this name and type has, below *parent* (§4.4)."""
    session = _session.current()
    project = project or session.project or _session.DEFAULT_PROJECT
    stack = stack or session.stack or _session.DEFAULT_STACK
    if parent is None:
        return Output.concat(f"urn:pulumi:{stack}::{project}::", type_, "::", name)
    above: Any = parent.urn if isinstance(parent, ResourceBase) else parent
    prefix = Output.from_input(above).apply(lambda urn: urn[: urn.rindex("::")] + "$")
    return Output.concat(prefix, type_, "::", name)


def _collapsed_aliases(resource: Resource) -> list[Any]:
    from stackwright.sdk._alias_urns import collapse_alias

    opts = resource.__dict__.get("_opts")
    if opts is None:
        return []
    return [
        collapse_alias(alias, resource._name, resource._type, opts.parent) for alias in opts.aliases or ()
    ]


def export(name: str, value: Any) -> None:
    """Make *value* an output of the stack."""
    _session.refuse_while_migrating("Exporting")
    _session.current().insist_on_the_program()
    root = _session.current().root
    output = getattr(type(root), "output", None)
    if root is None or output is None:
        raise Exception(  # noqa: TRY002 # §3.8 promises the plain class
            "Failed to export output. Root resource is not an instance of 'Stack': no program is running"
        )
    output(root, name, value)
