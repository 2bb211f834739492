"""
Giving a resource's outputs their values by hand, for code that registers resources itself (sdk.md §6.1).

The SDK's own resources read their outputs from the deployment's answer when somebody
looks at them (`_deserialize`). Test suites that stand in for the runtime do it in
these steps: `transfer_properties` makes the outputs, `resolve_outputs` settles them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stackwright.sdk import _session
from stackwright.sdk import output as _output
from stackwright.sdk._deserialize import translate
from stackwright.sdk._types import class_names, unwrap_type
from stackwright.sdk.output import contains_unknowns
from stackwright.sdk.runtime._protobuf import (
    deserialize_properties,
    deserialize_property,
    is_rpc_secret,
    unwrap_rpc_secret,
)

if TYPE_CHECKING:
    from google.protobuf import struct_pb2

    from stackwright.sdk.output import Inputs
    from stackwright.sdk.resource import Resource
    from stackwright.sdk.runtime.rpc import Resolver


def transfer_properties(res: Resource, props: Inputs, custom: bool) -> dict[str, Resolver]:
    """Put an output for every property on *res*; answers what settles each of them."""
    resolvers: dict[str, Resolver] = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        output = _output.pending(_session.current(), tracked=False)
        res.__dict__[name] = output
        resolvers[name] = _resolver(res, output)
    return resolvers


def _resolver(res: Resource, output: _output.Output[Any]) -> Resolver:
    def resolve(
        value: Any, known: bool, secret: bool, deps: set[Resource] | None, failure: Exception | None
    ) -> None:
        if failure is not None:
            _output.fail(output, failure)
        else:
            _output.settle(output, value, known, secret, frozenset({res, *(deps or ())}))

    return resolve


def translate_output_properties(
    output: Any,
    output_transformer: Callable[[str], str],
    typ: type | None = None,
    transform_using_type_metadata: bool = False,
    path: Any = None,
    return_none_on_dict_type_mismatch: bool = False,
) -> Any:
    """
    Give *output* the names and types that its metadata promises.

    The keys of mappings without metadata go through *output_transformer*, unless metadata is
    to decide alone. A secret keeps its wrapper. Raises AssertionError where type and value differ.
    """
    if is_rpc_secret(output):
        inner = translate_output_properties(
            unwrap_rpc_secret(output),
            output_transformer,
            typ,
            transform_using_type_metadata,
            path,
            return_none_on_dict_type_mismatch,
        )
        return {**output, "value": inner}
    return translate(
        output,
        unwrap_type(typ) if typ is not None else None,
        keys=None if transform_using_type_metadata else output_transformer,
        where=path,
        none_on_mismatch=return_none_on_dict_type_mismatch,
        keep_numbers=True,
    )


def resolve_outputs(
    res: Resource,
    serialized_props: struct_pb2.Struct,
    outputs: struct_pb2.Struct,
    deps: Mapping[str, set[Resource]],
    resolvers: dict[str, Resolver],
    custom: bool,
    transform_using_type_metadata: bool = False,
    keep_unknowns: bool = False,
    resolve_missing_as_unknown: bool = False,
) -> None:
    """Settle the outputs of *res* with what it was answered, and with its own inputs outside of previews."""
    session = _session.current()
    names = class_names(type(res))
    found: dict[str, Any] = {}

    def take(wire: str, value: Any, copied: bool) -> None:
        key = (
            names.to_python.get(wire, wire)
            if transform_using_type_metadata
            else res.translate_output_property(wire)
        )
        found[key] = translate_output_properties(
            value,
            res.translate_output_property,
            names.type_of(wire),
            transform_using_type_metadata,
            None,
            copied,
        )

    answered = deserialize_properties(outputs, keep_unknowns)
    for wire, value in answered.items():
        take(wire, value, copied=False)
    if not session.dry_run or session.legacy_apply:
        for wire in serialized_props.fields:
            if wire not in answered:
                take(wire, deserialize_property(serialized_props.fields[wire], keep_unknowns), copied=True)
    resolve_properties(resolvers, found, deps, custom, resolve_missing_as_unknown)


def resolve_properties(
    resolvers: dict[str, Resolver],
    all_properties: dict[str, Any],
    deps: Mapping[str, set[Resource]],
    custom: bool,
    resolve_missing_as_unknown: bool = False,
) -> None:
    """Settle outputs with *all_properties*; what is missing is unknown in previews, and None after them."""
    session = _session.current()
    preview = session.dry_run
    for name, value in all_properties.items():
        if name == "urn" or (name == "id" and custom) or name not in resolvers:
            continue
        secret = is_rpc_secret(value)
        inner = unwrap_rpc_secret(value)
        known = not contains_unknowns(inner) and not (preview and inner is None)
        resolvers[name](inner, known, secret, deps.get(name), None)
    for name, resolve in resolvers.items():
        if name not in all_properties:
            resolve(None, not (preview or resolve_missing_as_unknown), False, deps.get(name), None)


def resolve_outputs_due_to_exception(resolvers: dict[str, Resolver], exn: Exception) -> None:
    """Fail every output: the resource it belongs to has failed."""
    for resolve in resolvers.values():
        resolve(None, False, False, None, exn)
