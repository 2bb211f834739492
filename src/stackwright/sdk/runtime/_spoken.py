"""
Requests and answers as messages of the protocol, for mocks that speak it (protocol.md §10).

Test suites derive from `MockMonitor` and override `RegisterResource` and its like,
which take and return protobuf. The SDK's own requests are values; here they become
messages for such methods, and back. Only what a mock can use is translated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stackwright.goals import (
    CallRequest,
    CallResult,
    ExistsRequest,
    HookRegistration,
    InvokeRequest,
    InvokeResult,
    PackageRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
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


def registration_message(request: RegisterRequest, *, alias_specs: bool) -> Any:
    """
    A registration as `RegisterResourceRequest`; its transforms are tokens without an address.

    *alias_specs*: whether aliases can be more than URNs.
    """
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_register_request

    message: Any = resource_pb2.RegisterResourceRequest()
    fill_register_request(message, request, alias_specs=alias_specs)
    for transform in request.transforms:
        message.transforms.add(token=token_of(transform))
    return message


def registered_of(message: Any, *, custom: bool) -> Registered:
    """The answer in a `RegisterResourceResponse`."""
    from stackwright.wire.monitor_messages import register_answer_of

    return register_answer_of(message, custom=custom)


def read_message(request: ReadRequest) -> Any:
    """A read as `ReadResourceRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_read_request

    message: Any = resource_pb2.ReadResourceRequest()
    fill_read_request(message, request)
    return message


def read_of(message: Any) -> Registered:
    """The answer in a `ReadResourceResponse`."""
    from stackwright.wire.monitor_messages import read_answer_of

    return read_answer_of(message)


def exists_message(request: ExistsRequest) -> Any:
    """A question for existence as `ExistsResourceRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_exists_request

    message: Any = resource_pb2.ExistsResourceRequest()
    fill_exists_request(message, request)
    return message


def exists_answer_of(message: Any) -> bool | None:
    """What an `ExistsResourceResponse` says."""
    from stackwright.wire.monitor_messages import exists_answer_of as answer_of

    return answer_of(message)


def invoke_message(request: InvokeRequest) -> Any:
    """A function call as `ResourceInvokeRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_invoke_request

    message: Any = resource_pb2.ResourceInvokeRequest()
    fill_invoke_request(message, request)
    return message


def invoked_of(message: Any) -> InvokeResult:
    """The answer in a `ResourceInvokeResponse`."""
    from stackwright.wire.monitor_messages import invoke_answer_of

    return invoke_answer_of(message)


def outputs_message(urn: Urn, outputs: PropertyMap) -> Any:
    """A component's outputs as `RegisterResourceOutputsRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=bag_message(outputs))


def call_message(request: CallRequest) -> Any:
    """A method call as `ResourceCallRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_call_request

    message: Any = resource_pb2.ResourceCallRequest()
    fill_call_request(message, request)
    return message


def called_of(message: Any) -> CallResult:
    """The answer in a `CallResponse`."""
    from stackwright.wire.monitor_messages import call_answer_of

    return call_answer_of(message)


def callback_message(callback: Any) -> Any:
    """A function as `Callback`: a token without an address."""
    from stackwright.sdk.runtime.proto import callback_pb2

    return callback_pb2.Callback(token=token_of(callback))


def hook_message(hook: HookRegistration) -> Any:
    """A hook as `RegisterResourceHookRequest` or `RegisterErrorHookRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    callback = callback_message(hook.callback)
    if hook.is_error_hook:
        return resource_pb2.RegisterErrorHookRequest(name=hook.name, callback=callback)
    return resource_pb2.RegisterResourceHookRequest(
        name=hook.name, callback=callback, on_dry_run=hook.on_dry_run
    )


def feature_message(feature: str) -> Any:
    """The question for a feature, as `SupportsFeatureRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.SupportsFeatureRequest(id=feature)


def package_message(request: PackageRequest, extension: PackageRequest | None) -> Any:
    """A package, or one that extends it, as `RegisterPackageRequest`."""
    from stackwright.sdk.runtime.proto import resource_pb2
    from stackwright.wire.monitor_messages import fill_package_request

    message: Any = resource_pb2.RegisterPackageRequest()
    fill_package_request(message, request, extension)
    return message


# Asked by a method that was overridden: messages to values, answers to messages -------------------


def registration_of(message: Any) -> RegisterRequest:
    """The registration in a `RegisterResourceRequest`."""
    from stackwright.wire.monitor_messages import register_request_of

    transforms = tuple(callback_of(one.token) for one in message.transforms)
    return msgspec.structs.replace(register_request_of(message), transforms=transforms)


def registered_message(answer: Registered) -> Any:
    """An answer as `RegisterResourceResponse`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.RegisterResourceResponse(
        urn=answer.urn, id=answer.id or "", object=bag_message(answer.outputs)
    )


def read_request_of(message: Any) -> ReadRequest:
    """The read in a `ReadResourceRequest`."""
    return ReadRequest(
        type=message.type,
        name=message.name,
        id=message.id,
        parent=Urn(message.parent) if message.parent else None,
        inputs=bag_of(message.properties),
        provider=message.provider,
    )


def exists_of(message: Any) -> ExistsRequest:
    """The question in an `ExistsResourceRequest`."""
    from stackwright.wire.monitor_messages import exists_request_of

    return exists_request_of(message)


def read_answer_message(answer: Registered) -> Any:
    """An answer as `ReadResourceResponse`."""
    from stackwright.sdk.runtime.proto import resource_pb2

    return resource_pb2.ReadResourceResponse(urn=answer.urn, properties=bag_message(answer.outputs))


def invoke_of(message: Any) -> InvokeRequest:
    """The function call in a `ResourceInvokeRequest`."""
    from stackwright.wire.monitor_messages import invoke_request_of

    return invoke_request_of(message)


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
