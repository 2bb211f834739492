"""
What a program asks of a deployment, as messages of `ResourceMonitor`, and back (protocol.md §10).

Pure translations between `goals` and the protocol, for both ends. Transforms are
callbacks and travel as such: whoever translates a registration adds them (`_callbacks`).
"""

from __future__ import annotations

from typing import Any, Final

from stackwright.environment import DISABLE_RESOURCE_REFERENCES
from stackwright.goals import (
    CallRequest,
    CallResult,
    CheckFailure,
    DeploymentInfo,
    ExistsRequest,
    InvokeRequest,
    InvokeResult,
    PackageRequest,
    PlacedRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
    Result,
    ServedRequest,
)
from stackwright.urn import UNKNOWN_ID, Urn, is_provider_type
from stackwright.values import PropertyMap, contains_unknowns
from stackwright.wire._values import (
    EVERYTHING,
    CodecOptions,
    decode_properties,
    decode_value,
    encode_properties,
    encode_value,
)
from stackwright.wire.option_messages import (
    alias_of,
    alias_of_old_callers,
    checksums_of,
    dependencies_of,
    fill_alias,
    fill_dependencies,
    fill_hooks,
    fill_parameterization,
    fill_position,
    fill_timeouts,
    hooks_of,
    parameterization_of,
    position_of,
    timeouts_of,
    urn_of,
    urns_of,
)

FEATURES: Final = {
    "secrets": 0,
    "resourceReferences": 1,
    "outputValues": 2,
    "aliasSpecs": 3,
    "replacementTrigger": 4,
    "deletedWith": 5,
    "replaceWith": 6,
    "transforms": 7,
    "invokeTransforms": 8,
    "parameterization": 9,
    "resourceHooks": 10,
    "errorHooks": 11,
    "sendsOptionsToHooks": 12,
    "byteString": 13,
    "invokeDependsOn": 14,
    "invokeParent": 15,
    "stateMigrations": 16,
    "invokeOutputValues": 17,
    "callOutputValues": 18,
}
"""Features by name, with their numbers in `DeploymentInfo` (§10.1)."""

_GET_RESOURCE: Final = "pulumi:pulumi:getResource"
_RESULTS: Final = tuple(Result)


def accepted(*, secrets: bool = True, resources: bool = True, byte_strings: bool = False) -> CodecOptions:
    """How an answer is written for a caller that takes secrets, references and byte strings, or not."""
    return CodecOptions(
        keep_unknowns=True,
        plain_unknowns=True,
        keep_secrets=secrets,
        keep_resources=resources,
        keep_bytes=byte_strings,
    )


# The deployment -----------------------------------------------------------------------------------


def fill_deployment(into: Any, info: DeploymentInfo) -> None:
    """`DeploymentInfo`, with the features of *info* that have a number."""
    into.project, into.stack, into.organization = info.project, info.stack, info.organization
    into.config.update(info.config)
    into.configSecretKeys.extend(sorted(info.config_secret_keys))
    into.dryRun = info.dry_run
    into.parallel = info.parallel
    into.supportedFeatures.extend(sorted(FEATURES[name] for name in info.features if name in FEATURES))


def features_of(message: Any) -> frozenset[str]:
    """The names of the features that a `DeploymentInfo` lists."""
    numbers = set(message.supportedFeatures)
    return frozenset(name for name, number in FEATURES.items() if number in numbers)


# What requests have in common ---------------------------------------------------------------------


def _place_of(message: Any) -> dict[str, Any]:
    """The fields of `PlacedRequest`."""
    frames = (position_of(frame.pc) for frame in message.stackTrace.frames)
    return {
        "source": position_of(message.sourcePosition),
        "stack_trace": tuple(frame for frame in frames if frame is not None),
        "trace_handle": message.parentStackTraceHandle,
    }


def _fill_place(into: Any, request: PlacedRequest) -> None:
    if request.source is not None:
        fill_position(into.sourcePosition, request.source)
    for frame in request.stack_trace:
        fill_position(into.stackTrace.frames.add().pc, frame)
    into.parentStackTraceHandle = request.trace_handle


def _choice_of(message: Any) -> dict[str, Any]:
    """The fields of `ServedRequest` that choose the provider."""
    return {
        "provider": message.provider,
        "version": message.version,
        "plugin_download_url": message.pluginDownloadURL,
        "plugin_checksums": checksums_of(message.pluginChecksums),
        "package_ref": message.packageRef,
    }


def _fill_choice(into: Any, request: ServedRequest) -> None:
    into.provider, into.version = request.provider, request.version
    into.pluginDownloadURL = request.plugin_download_url
    into.pluginChecksums.update(dict(request.plugin_checksums))
    into.packageRef = request.package_ref


# Registrations ------------------------------------------------------------------------------------


def register_request_of(message: Any, *, old_aliases: bool = False) -> RegisterRequest:
    """
    A registration without its transforms. *old_aliases*: see `alias_of_old_callers`.

    Raises:
        DecodeError: A value or a timeout cannot be read.
    """
    aliases = alias_of_old_callers if old_aliases and not message.aliasSpecs else alias_of
    delete_first = message.deleteBeforeReplaceDefined or message.deleteBeforeReplace
    trigger = message.HasField("replacement_trigger")
    options = ResourceOptions(
        depends_on=urns_of(message.dependencies),
        property_dependencies=dependencies_of(message.propertyDependencies) or None,
        protect=message.protect if message.HasField("protect") else None,
        ignore_changes=tuple(message.ignoreChanges),
        replace_on_changes=tuple(message.replaceOnChanges),
        delete_before_replace=message.deleteBeforeReplace if delete_first else None,
        retain_on_delete=message.retainOnDelete if message.HasField("retainOnDelete") else None,
        deleted_with=urn_of(message.deletedWith),
        replace_with=urns_of(message.replace_with),
        replacement_trigger=decode_value(message.replacement_trigger, EVERYTHING) if trigger else None,
        additional_secret_outputs=tuple(message.additionalSecretOutputs),
        aliases=(*urns_of(message.aliasURNs), *(aliases(alias) for alias in message.aliases)),
        custom_timeouts=timeouts_of(message.customTimeouts),
        import_id=message.importId,
        provider=message.provider,
        providers=dict(message.providers),
        version=message.version,
        plugin_download_url=message.pluginDownloadURL,
        plugin_checksums=checksums_of(message.pluginChecksums),
        hooks=hooks_of(message.hooks),
        hide_diffs=tuple(message.hideDiffs),
        env_var_mappings=dict(message.envVarMappings),
    )
    return RegisterRequest(
        type=message.type,
        name=message.name,
        custom=message.custom,
        parent=urn_of(message.parent),
        inputs=decode_properties(message.object, EVERYTHING),
        options=options,
        remote=message.remote,
        package_ref=message.packageRef,
        **_place_of(message),
    )


def fill_register_request(
    into: Any, request: RegisterRequest, coding: CodecOptions = EVERYTHING, *, alias_specs: bool = True
) -> None:
    """
    The reverse of `register_request_of`; *coding* is what the deployment takes.

    Without *alias_specs* it knows former URNs only, in a field of their own (§10.3).
    """
    options = request.options
    into.type, into.name, into.custom, into.remote = (
        request.type,
        request.name,
        request.custom,
        request.remote,
    )
    into.parent = request.parent or ""
    encode_properties(request.inputs, into.object, coding)
    into.dependencies.extend(options.depends_on)
    fill_dependencies(into.propertyDependencies, options.property_dependencies or {})
    if options.protect is not None:
        into.protect = options.protect
    into.ignoreChanges.extend(options.ignore_changes)
    into.replaceOnChanges.extend(options.replace_on_changes)
    if options.delete_before_replace is not None:
        into.deleteBeforeReplace = options.delete_before_replace
        into.deleteBeforeReplaceDefined = True
    if options.retain_on_delete is not None:
        into.retainOnDelete = options.retain_on_delete
    into.deletedWith = options.deleted_with or ""
    into.replace_with.extend(options.replace_with)
    if options.replacement_trigger is not None:
        encode_value(options.replacement_trigger, into.replacement_trigger, coding)
    into.additionalSecretOutputs.extend(options.additional_secret_outputs)
    for alias in options.aliases:
        if alias_specs or not isinstance(alias, str):
            fill_alias(into.aliases.add(), alias)
        else:
            into.aliasURNs.append(alias)
    into.aliasSpecs = True
    if options.custom_timeouts:
        fill_timeouts(into.customTimeouts, options.custom_timeouts)
    into.importId = options.import_id
    into.provider = options.provider
    into.providers.update(options.providers)
    into.version = options.version
    into.pluginDownloadURL = options.plugin_download_url
    into.pluginChecksums.update(dict(options.plugin_checksums))
    if options.hooks:
        fill_hooks(into.hooks, options.hooks)
    into.hideDiffs.extend(options.hide_diffs)
    into.envVarMappings.update(options.env_var_mappings)
    into.packageRef = request.package_ref
    into.acceptSecrets = into.accepts_byte_string = True
    into.acceptResources = not DISABLE_RESOURCE_REFERENCES.value()
    into.supportsPartialValues = into.supportsResultReporting = True
    _fill_place(into, request)


def fill_register_answer(into: Any, asked: Any, answer: Registered) -> None:
    """`RegisterResourceResponse` to the message *asked*, in the form that its sender takes."""
    into.urn = answer.urn
    # The word for «not known» goes out for providers only: there it is part of references (§10.3).
    if answer.id is not None and (answer.id != UNKNOWN_ID or is_provider_type(asked.type)):
        into.id = answer.id
    coding = accepted(
        secrets=asked.acceptSecrets,
        resources=asked.acceptResources,
        byte_strings=asked.accepts_byte_string,
    )
    outputs = answer.outputs if asked.supportsPartialValues else _wholly_known(answer.outputs)
    encode_properties(outputs, into.object, coding)
    fill_dependencies(into.propertyDependencies, answer.dependencies)
    into.result = answer.result.value
    into.unknown = answer.unknown


def _wholly_known(outputs: PropertyMap) -> PropertyMap:
    return {key: value for key, value in outputs.items() if not contains_unknowns(value)}


def _result_of(number: int) -> Result:
    """What nobody has told us about is a failure."""
    return _RESULTS[number] if 0 <= number < len(_RESULTS) else Result.FAIL


def register_answer_of(message: Any, *, custom: bool) -> Registered:
    """The reverse of `fill_register_answer`; *custom*: whether the resource has an id."""
    return Registered(
        urn=Urn(message.urn),
        id=message.id if custom else None,
        outputs=decode_properties(message.object, EVERYTHING),
        dependencies=dependencies_of(message.propertyDependencies),
        result=_result_of(message.result),
        unknown=message.unknown,
    )


# Reads --------------------------------------------------------------------------------------------


def read_request_of(message: Any) -> ReadRequest:
    """
    A read.

    Raises:
        DecodeError: A value cannot be read.
    """
    return ReadRequest(
        type=message.type,
        name=message.name,
        id=message.id,
        parent=urn_of(message.parent),
        inputs=decode_properties(message.properties, EVERYTHING),
        depends_on=urns_of(message.dependencies),
        additional_secret_outputs=tuple(message.additionalSecretOutputs),
        **_choice_of(message),
        **_place_of(message),
    )


def fill_read_request(into: Any, request: ReadRequest, coding: CodecOptions = EVERYTHING) -> None:
    """The reverse of `read_request_of`."""
    into.type, into.name, into.id = request.type, request.name, request.id
    into.parent = request.parent or ""
    encode_properties(request.inputs, into.properties, coding)
    into.dependencies.extend(request.depends_on)
    into.additionalSecretOutputs.extend(request.additional_secret_outputs)
    into.acceptSecrets = into.accepts_byte_string = True
    into.acceptResources = not DISABLE_RESOURCE_REFERENCES.value()
    _fill_choice(into, request)
    _fill_place(into, request)


def fill_read_answer(into: Any, asked: Any, answer: Registered) -> None:
    """`ReadResourceResponse` to the message *asked*."""
    into.urn = answer.urn
    into.id = answer.id or ""
    coding = accepted(
        secrets=asked.acceptSecrets,
        resources=asked.acceptResources,
        byte_strings=asked.accepts_byte_string,
    )
    encode_properties(answer.outputs, into.properties, coding)
    into.result = answer.result.value
    into.unknown = answer.unknown


def read_answer_of(message: Any) -> Registered:
    """The reverse of `fill_read_answer`. An engine may send no id; what that means is left to the SDK."""
    return Registered(
        urn=Urn(message.urn),
        id=message.id,
        outputs=decode_properties(message.properties, EVERYTHING),
        result=_result_of(message.result),
        unknown=message.unknown,
    )


def exists_request_of(message: Any) -> ExistsRequest:
    """
    A question whether something exists.

    Raises:
        DecodeError: A value cannot be read.
    """
    return ExistsRequest(
        type=message.type,
        id=message.id,
        parent=urn_of(message.parent),
        inputs=decode_properties(message.properties, EVERYTHING),
        **_choice_of(message),
    )


def fill_exists_request(into: Any, request: ExistsRequest, coding: CodecOptions = EVERYTHING) -> None:
    """The reverse of `exists_request_of`."""
    into.type, into.id = request.type, request.id
    into.parent = request.parent or ""
    encode_properties(request.inputs, into.properties, coding)
    _fill_choice(into, request)


def exists_answer_of(message: Any) -> bool | None:
    """What `ExistsResourceResponse` says; None: not known."""
    return None if message.unknown else message.exists


# Functions and methods ----------------------------------------------------------------------------


def invoke_request_of(message: Any) -> InvokeRequest:
    """
    A call of a function; output values in its arguments become plain ones (§10.7).

    Raises:
        DecodeError: A value cannot be read.
    """
    return InvokeRequest(
        token=message.tok,
        args=decode_properties(message.args, _INVOKE_ARGUMENTS),
        parent=urn_of(message.parent),
        depends_on=urns_of(message.dependsOn),
        **_choice_of(message),
        **_place_of(message),
    )


_INVOKE_ARGUMENTS: Final = CodecOptions(keep_unknowns=True, keep_secrets=True, keep_resources=True)


def fill_invoke_request(into: Any, request: InvokeRequest, coding: CodecOptions = EVERYTHING) -> None:
    """The reverse of `invoke_request_of`."""
    into.tok = request.token
    encode_properties(request.args, into.args, coding)
    into.parent = request.parent or ""
    into.dependsOn.extend(request.depends_on)
    into.acceptResources = not DISABLE_RESOURCE_REFERENCES.value()
    into.accepts_byte_string = True
    _fill_choice(into, request)
    _fill_place(into, request)


def fill_invoke_answer(into: Any, asked: Any, answer: InvokeResult) -> None:
    """`ResourceInvokeResponse` to the message *asked*."""
    resources = asked.acceptResources or asked.tok == _GET_RESOURCE
    coding = accepted(resources=resources, byte_strings=asked.accepts_byte_string)
    encode_properties(answer.value, getattr(into, "return"), coding)
    _fill_failures(into, answer.failures)
    into.unknown = answer.unknown


def invoke_answer_of(message: Any) -> InvokeResult:
    """The reverse of `fill_invoke_answer`."""
    return InvokeResult(
        value=decode_properties(getattr(message, "return"), EVERYTHING),
        failures=_failures_of(message),
        unknown=message.unknown,
    )


def call_request_of(message: Any) -> CallRequest:
    """
    A call of a method.

    Raises:
        DecodeError: A value cannot be read.
    """
    return CallRequest(
        token=message.tok,
        args=decode_properties(message.args, EVERYTHING),
        arg_dependencies=dependencies_of(message.argDependencies),
        **_choice_of(message),
        **_place_of(message),
    )


def fill_call_request(into: Any, request: CallRequest, coding: CodecOptions = EVERYTHING) -> None:
    """The reverse of `call_request_of`."""
    into.tok = request.token
    encode_properties(request.args, into.args, coding)
    fill_dependencies(into.argDependencies, request.arg_dependencies)
    into.accepts_byte_string = True
    _fill_choice(into, request)
    _fill_place(into, request)


def fill_call_answer(into: Any, asked: Any, answer: CallResult) -> None:
    """`CallResponse` to the message *asked*."""
    coding = accepted(byte_strings=asked.accepts_byte_string)
    encode_properties(answer.value, getattr(into, "return"), coding)
    fill_dependencies(into.returnDependencies, answer.dependencies)
    _fill_failures(into, answer.failures)


def call_answer_of(message: Any) -> CallResult:
    """The reverse of `fill_call_answer`."""
    return CallResult(
        value=decode_properties(getattr(message, "return"), EVERYTHING),
        dependencies=dependencies_of(message.returnDependencies),
        failures=_failures_of(message),
    )


def _fill_failures(into: Any, failures: tuple[CheckFailure, ...]) -> None:
    for failure in failures:
        into.failures.add(property=failure.property, reason=failure.reason)


def _failures_of(message: Any) -> tuple[CheckFailure, ...]:
    return tuple(CheckFailure(failure.property, failure.reason) for failure in message.failures)


# Packages -----------------------------------------------------------------------------------------


def package_request_of(message: Any) -> tuple[PackageRequest, PackageRequest | None]:
    """A package that a program announces, and the extension of it, if it is one (§10.9)."""

    def request(parameter: str) -> PackageRequest:
        has = message.HasField(parameter)
        return PackageRequest(
            name=message.name,
            version=message.version,
            download_url=message.download_url,
            checksums=checksums_of(message.checksums),
            parameterization=parameterization_of(getattr(message, parameter)) if has else None,
        )

    return request("parameterization"), request("extension") if message.HasField("extension") else None


def fill_package_request(into: Any, base: PackageRequest, extension: PackageRequest | None) -> None:
    """The reverse of `package_request_of`."""
    into.name, into.version, into.download_url = base.name, base.version, base.download_url
    into.checksums.update(dict(base.checksums))
    if base.parameterization is not None:
        fill_parameterization(into.parameterization, base.parameterization)
    if extension is not None and extension.parameterization is not None:
        fill_parameterization(into.extension, extension.parameterization)
