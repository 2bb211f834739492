"""
Requests and answers as messages of the protocol, for mocks that speak it (protocol.md §10).

Test suites derive from `MockMonitor` and override `RegisterResource` and its like,
which take and return protobuf. The SDK's own requests are values; here they become
messages for such methods, and back. Only what a mock can use is translated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.goals import (
    CheckFailure,
    InvokeRequest,
    InvokeResult,
    PackageRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
    Result,
)
from stackwright.urn import Urn
from stackwright.values import PropertyMap

if TYPE_CHECKING:
    from google.protobuf import struct_pb2


def bag_message(bag: PropertyMap) -> struct_pb2.Struct:
    """A bag as a struct, nothing lost."""
    from google.protobuf import struct_pb2

    from stackwright.wire import EVERYTHING, encode_properties

    struct: Any = struct_pb2.Struct()
    encode_properties(bag, struct, EVERYTHING)
    return struct  # type: ignore[no-any-return] # the codec takes messages of any pool


def bag_of(message: Any) -> PropertyMap:
    """The bag in a struct."""
    from stackwright.wire import EVERYTHING, decode_properties

    return decode_properties(message, EVERYTHING)


# Asked by the SDK: values to messages, answers to values ------------------------------------------


def registration_message(request: RegisterRequest) -> Any:
    """A registration as `RegisterResourceRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    options = request.options
    message: Any = resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent or "",
        custom=request.custom,
        remote=request.remote,
        object=bag_message(request.inputs),
        protect=options.protect,
        dependencies=options.depends_on,
        provider=options.provider,
        providers=dict(options.providers),
        deleteBeforeReplace=bool(options.delete_before_replace),
        deleteBeforeReplaceDefined=options.delete_before_replace is not None,
        version=options.version,
        pluginDownloadURL=options.plugin_download_url,
        ignoreChanges=options.ignore_changes,
        replaceOnChanges=options.replace_on_changes,
        additionalSecretOutputs=options.additional_secret_outputs,
        hideDiffs=options.hide_diffs,
        importId=options.import_id,
        retainOnDelete=options.retain_on_delete,
        deletedWith=options.deleted_with or "",
        replace_with=options.replace_with,
        packageRef=request.package_ref,
        acceptSecrets=True,
        acceptResources=True,
        supportsPartialValues=True,
        supportsResultReporting=True,
        aliasSpecs=True,
    )
    for name, urns in (options.property_dependencies or {}).items():
        message.propertyDependencies[name].urns.extend(urns)
    for alias in options.aliases:
        if isinstance(alias, str):
            message.aliases.add(urn=alias)
        else:
            spec = message.aliases.add().spec
            spec.name, spec.type, spec.stack, spec.project = (
                alias.name,
                alias.type,
                alias.stack,
                alias.project,
            )
            if alias.no_parent:
                spec.noParent = True
            else:
                spec.parentUrn = alias.parent or ""
    for transform in request.transforms:
        message.transforms.add(token=token_of(transform))
    return message


def registered_of(message: Any, *, custom: bool) -> Registered:
    """The answer in a `RegisterResourceResponse`."""
    dependencies = {
        name: tuple(Urn(urn) for urn in one.urns) for name, one in message.propertyDependencies.items()
    }
    return Registered(
        urn=Urn(message.urn),
        id=message.id if custom else None,
        outputs=bag_of(message.object),
        dependencies=dependencies,
        result=tuple(Result)[message.result],
        unknown=message.unknown,
    )


def read_message(request: ReadRequest) -> Any:
    """A read as `ReadResourceRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.ReadResourceRequest(
        id=request.id,
        type=request.type,
        name=request.name,
        parent=request.parent or "",
        properties=bag_message(request.inputs),
        dependencies=request.depends_on,
        provider=request.provider,
        version=request.version,
        pluginDownloadURL=request.plugin_download_url,
        additionalSecretOutputs=request.additional_secret_outputs,
        packageRef=request.package_ref,
        acceptSecrets=True,
        acceptResources=True,
    )


def read_of(message: Any) -> Registered:
    """The answer in a `ReadResourceResponse`."""
    return Registered(
        urn=Urn(message.urn),
        id=message.id or None,
        outputs=bag_of(message.properties),
        result=tuple(Result)[message.result],
        unknown=message.unknown,
    )


def invoke_message(request: InvokeRequest) -> Any:
    """A function call as `ResourceInvokeRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.ResourceInvokeRequest(
        tok=request.token,
        args=bag_message(request.args),
        provider=request.provider,
        version=request.version,
        pluginDownloadURL=request.plugin_download_url,
        packageRef=request.package_ref,
        dependsOn=request.depends_on,
        parent=request.parent or "",
        acceptResources=True,
    )


def invoked_of(message: Any) -> InvokeResult:
    """The answer in a `ResourceInvokeResponse`."""
    return InvokeResult(
        value=bag_of(getattr(message, "return")),
        failures=tuple(CheckFailure(one.property, one.reason) for one in message.failures),
        unknown=message.unknown,
    )


def package_message(request: PackageRequest) -> Any:
    """A package as `RegisterPackageRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    message: Any = resource_pb2.RegisterPackageRequest(
        name=request.name, version=request.version, download_url=request.download_url
    )
    parameter = request.parameterization
    if parameter is not None:
        message.parameterization.name = parameter.name
        message.parameterization.version = parameter.version
        message.parameterization.value = parameter.value
    return message


# Asked by a method that was overridden: messages to values, answers to messages -------------------


def registration_of(message: Any) -> RegisterRequest:
    """The registration in a `RegisterResourceRequest`, as far as mocks look at it."""
    return RegisterRequest(
        type=message.type,
        name=message.name,
        custom=message.custom,
        parent=Urn(message.parent) if message.parent else None,
        inputs=bag_of(message.object),
        options=ResourceOptions(provider=message.provider, import_id=message.importId),
        remote=message.remote,
        package_ref=message.packageRef,
        transforms=tuple(callback_of(one.token) for one in message.transforms),
    )


def registered_message(answer: Registered) -> Any:
    """An answer as `RegisterResourceResponse`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.RegisterResourceResponse(
        urn=answer.urn, id=answer.id or "", object=bag_message(answer.outputs)
    )


def read_request_of(message: Any) -> ReadRequest:
    """The read in a `ReadResourceRequest`, or the question in an `ExistsResourceRequest`."""
    return ReadRequest(
        type=message.type,
        name=getattr(message, "name", ""),
        id=message.id,
        parent=Urn(message.parent) if message.parent else None,
        inputs=bag_of(message.properties),
        provider=message.provider,
    )


def read_answer_message(answer: Registered) -> Any:
    """An answer as `ReadResourceResponse`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.ReadResourceResponse(urn=answer.urn, properties=bag_message(answer.outputs))


def invoke_of(message: Any) -> InvokeRequest:
    """The function call in a `ResourceInvokeRequest`."""
    return InvokeRequest(token=message.tok, args=bag_of(message.args), provider=message.provider)


def invoked_message(answer: InvokeResult) -> Any:
    """An answer as `ResourceInvokeResponse`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    message: Any = resource_pb2.ResourceInvokeResponse(unknown=answer.unknown)
    getattr(message, "return").CopyFrom(bag_message(answer.value))
    for failure in answer.failures:
        message.failures.add(property=failure.property, reason=failure.reason)
    return message


# Callbacks: in a message there is room for a name only --------------------------------------------

_callbacks: dict[str, Any] = {}
_tokens: dict[int, str] = {}


def token_of(callback: Any) -> str:
    """A name for *callback*, the same one each time."""
    from uuid import uuid4

    token = _tokens.get(id(callback))
    if token is None:
        token = _tokens[id(callback)] = str(uuid4())
        _callbacks[token] = callback  # and so it stays alive, and its identity its own
    return token


def callback_of(token: str) -> Any:
    """The function with that name."""
    return _callbacks[token]
