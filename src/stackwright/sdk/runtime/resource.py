"""
Parts of registration that others import from here: tests, tools, code that makes resources itself.

What a request says and what an answer means is decided in `_registration`. Here are
its steps under the names of the genuine package, and its messages in protobuf.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from stackwright.reply import Reply
from stackwright.sdk import _hooks, _registration, _session
from stackwright.sdk import output as _output
from stackwright.sdk._alias_urns import collapse_alias, inherited_alias
from stackwright.sdk._serialize import Serializer
from stackwright.sdk.output import Input, Inputs, Output
from stackwright.sdk.resource import (
    Alias,
    CustomResource,
    ProviderResource,
    Resource,
    ResourceOptions,
    create_urn,
    parse_resource_reference,
)
from stackwright.sdk.resource_hooks import ErrorHook, ResourceHook, ResourceHookOptions
from stackwright.sdk.runtime._existence import exists_resource
from stackwright.sdk.runtime._protobuf import _looked, as_message, as_plain
from stackwright.urn import urn_name, urn_type

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

    from stackwright.sdk.runtime.proto import alias_pb2

PackageRef = Awaitable["str | None"] | None


# Requests -----------------------------------------------------------------------------------------


def register_resource(
    res: Resource,
    ty: str,
    name: str,
    custom: bool,
    remote: bool,
    new_dependency: Callable[[str], Resource],
    props: Inputs,
    opts: ResourceOptions | None,
    typ: type | None = None,
    package_ref: PackageRef = None,
) -> None:
    """Ask the deployment for *res*; its outputs settle when that is answered."""
    _submit(_registration.Registration, res, ty, name, custom, remote, props, opts, typ, package_ref)


def read_resource(
    res: CustomResource,
    ty: str,
    name: str,
    props: Inputs,
    opts: ResourceOptions,
    typ: type | None = None,
    package_ref: PackageRef = None,
) -> None:
    """Read what exists under `opts.id` into *res*."""
    _submit(_registration.Read, res, ty, name, True, False, props, opts, typ, package_ref)


def get_resource(res: Resource, props: Inputs, custom: bool, urn: str, typ: type | None = None) -> None:
    """Look up the resource of this deployment with that URN for *res*."""
    opts = ResourceOptions(urn=urn)
    _submit(_registration.Get, res, urn_type(urn), urn_name(urn), custom, False, props, opts, typ, None)


def _submit(
    kind: type[_registration.ResourceSubmission],
    res: Resource,
    ty: str,
    name: str,
    custom: bool,
    remote: bool,
    props: Inputs,
    opts: ResourceOptions | None,
    typ: type | None,
    package_ref: PackageRef,
) -> None:
    res._stand(props, custom)
    kind(
        res,
        ty,
        name,
        custom=custom,
        remote=remote,
        props=props,
        opts=opts or ResourceOptions(),
        typ=typ,
        package_ref=package_ref,
    ).start()


def register_resource_outputs(res: Resource, outputs: Inputs | Output[Inputs]) -> None:
    """Give a component its outputs."""
    _registration.Outputs(res, outputs).start()


def register_resource_hook(hook: ResourceHook) -> Reply[None]:
    """Make *hook* known to the deployment under its name."""
    options = hook.opts or ResourceHookOptions()
    return _hooks.register_hook(hook.name, hook.callback, options.on_dry_run, options.ignore_errors)


def register_error_hook(hook: ErrorHook) -> Reply[None]:
    """Make the error hook *hook* known to the deployment under its name."""
    return _hooks.register_error_hook(hook.name, hook.callback)


# What a request is made of ------------------------------------------------------------------------


class ResourceResolverOperations(NamedTuple):
    """All that a registration says of a resource, once everything in it is there."""

    parent_urn: str | None
    serialized_props: struct_pb2.Struct
    dependencies: set[str]
    provider_ref: str | None
    provider_refs: dict[str, str]
    property_dependencies: dict[str, list[str]]
    aliases: list[alias_pb2.Alias]
    deleted_with_urn: str | None
    replace_with_urns: list[str]
    replacement_trigger: Any | None
    supports_alias_specs: bool


@dataclass
class PropertyDependencies:
    """The resources that one output property depends on."""

    urns: list[str]


@dataclass
class RegisterResponse:
    """What a registration is answered with."""

    urn: str
    id: str | None
    object: struct_pb2.Struct
    propertyDependencies: dict[str, PropertyDependencies] | None  # noqa: N815 # known by this name
    result: int | None
    unknown: bool = False


async def prepare_resource(
    res: Resource,
    ty: str,
    custom: bool,
    remote: bool,
    props: Inputs,
    opts: ResourceOptions | None,
    typ: type | None = None,
) -> ResourceResolverOperations:
    """Wait for all that a registration of *res* needs, and answer what it would say."""
    from google.protobuf import struct_pb2

    given = opts or ResourceOptions()
    session = _session.current()
    submission = _registration.Registration(
        res,
        ty,
        res._name,
        custom=custom,
        remote=remote,
        props=props,
        opts=given,
        typ=typ,
        package_ref=None,
    )
    request, _ = await _looked(submission.build, res, submission.translator(), remote, remote)
    options = request.options
    struct = struct_pb2.Struct()
    struct.SetInParent()
    for name, value in request.inputs.items():
        struct.fields[name].CopyFrom(as_message(as_plain(value)))
    by_property = {name: list(urns) for name, urns in (options.property_dependencies or {}).items()}
    specs = session.supports("aliasSpecs")
    return ResourceResolverOperations(
        parent_urn=request.parent,
        serialized_props=struct,
        dependencies=set(options.depends_on),
        provider_ref=options.provider or None,
        provider_refs=dict(options.providers),
        property_dependencies=by_property,
        aliases=await prepare_aliases(res, given, specs),
        deleted_with_urn=options.deleted_with or None,
        replace_with_urns=list(options.replace_with),
        replacement_trigger=options.replacement_trigger,
        supports_alias_specs=specs,
    )


def convert_providers(
    provider: ProviderResource | None,
    providers: Union[Mapping[str, ProviderResource], Sequence[ProviderResource], None],  # noqa: UP007
) -> Mapping[str, ProviderResource]:
    """The providers of both options, by package."""
    if provider is not None:
        return convert_providers(None, [provider])
    if providers is None:
        return {}
    if isinstance(providers, Mapping):
        return providers
    return {one.package: one for one in providers}


def resource_output(
    res: Resource,
) -> tuple[Callable[[Any, bool, bool, Exception | None], None], Output[Any]]:
    """An output of *res*, and the function that settles it: value, known, secret, failure."""
    output: Output[Any] = _output.pending(_session.current(), tracked=False)

    def resolve(value: Any, known: bool, secret: bool, exn: Exception | None) -> None:
        if exn is not None:
            _output.fail(output, exn)
        else:
            _output.settle(output, value, known, secret, frozenset({res}))

    return resolve, output


# Aliases ------------------------------------------------------------------------------------------


async def prepare_aliases(
    resource: Resource, resource_options: ResourceOptions | None, supports_alias_specs: bool
) -> list[alias_pb2.Alias]:
    """The aliases of *resource* as messages; as URNs if the engine does not understand their parts."""
    from stackwright.sdk.runtime.proto import alias_pb2

    given = resource_options.aliases if resource_options is not None else None
    if resource_options is None or not given:
        return []
    found = []
    if supports_alias_specs:
        for item in given:
            alias: Any = await Output.from_input(item).future()
            if isinstance(alias, str):
                found.append(alias_pb2.Alias(urn=alias))
            elif alias is not None:
                found.append(alias_pb2.Alias(spec=await create_alias_spec(alias)))
        return found
    former = all_aliases(given, resource._name, resource._type, resource_options.parent)
    urns = [await Output.from_input(urn).future() for urn in former]
    return [alias_pb2.Alias(urn=urn) for urn in dict.fromkeys(urns) if urn is not None]


async def create_alias_spec(resolved_alias: Alias) -> alias_pb2.Alias.Spec:
    """The parts of an alias as a message; what was left out stays empty."""
    from stackwright.sdk.runtime.proto import alias_pb2

    def look(serializer: Serializer) -> Any:
        return _registration.alias_spec(serializer, resolved_alias)

    spec, _ = await _looked(look, None, None, False, False)
    parts = {"name": spec.name, "type": spec.type, "stack": spec.stack, "project": spec.project}
    if spec.no_parent:
        return alias_pb2.Alias.Spec(**parts, noParent=True)
    return alias_pb2.Alias.Spec(**parts, parentUrn=spec.parent or "")


def all_aliases(
    child_aliases: Sequence[Input[str | Alias]] | None,
    child_name: str,
    child_type: str,
    parent: Resource | None,
) -> list[Input[str]]:
    """Every address a child may have had: its own aliases, each of them below each alias of the parent."""
    own = [collapse_alias_to_urn(alias, child_name, child_type, parent) for alias in child_aliases or ()]
    found: list[Input[str]] = list(own)
    if parent is None:
        return found
    above = parent._name
    for parent_alias in parent._aliases:
        found.append(inherited_child_alias(child_name, above, parent_alias, child_type))
        found.extend(_below(parent_alias, former, above) for former in own)
    return found


def _below(parent_alias: Input[str], former: Input[str], above: str) -> Output[str]:
    return Output.all(parent_alias, former).apply(
        lambda urns: inherited_alias(urn_name(urns[1]), above, urns[0], urn_type(urns[1]))
    )


def collapse_alias_to_urn(
    alias: Input[Alias | str],
    defaultName: str,  # noqa: N803 # callers may use these names
    defaultType: str,  # noqa: N803
    defaultParent: Resource | None,  # noqa: N803
) -> Output[str]:
    """One alias as the URN it stands for; what was left out is as the defaults say."""
    return collapse_alias(alias, defaultName, defaultType, defaultParent)


def inherited_child_alias(
    child_name: str, parent_name: str, parent_alias: Input[str], child_type: str
) -> Output[str]:
    """The URN a child had when its parent had another one."""
    return Output.from_input(parent_alias).apply(
        lambda urn: inherited_alias(child_name, parent_name, urn, child_type)
    )


def urn_type_and_name(urn: str) -> tuple[str, str]:
    """The type and the name in a URN."""
    return urn_type(urn), urn_name(urn)


__all__ = [
    "PropertyDependencies",
    "RegisterResponse",
    "ResourceResolverOperations",
    "all_aliases",
    "collapse_alias_to_urn",
    "convert_providers",
    "create_alias_spec",
    "create_urn",
    "exists_resource",
    "get_resource",
    "inherited_child_alias",
    "parse_resource_reference",
    "prepare_aliases",
    "prepare_resource",
    "read_resource",
    "register_error_hook",
    "register_resource",
    "register_resource_hook",
    "register_resource_outputs",
    "resource_output",
    "urn_type_and_name",
]
