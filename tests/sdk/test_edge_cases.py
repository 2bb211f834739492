"""Which test holds which of the 112 edge cases of sdk.md §25, and those that have no better place."""

from __future__ import annotations

import ast
import asyncio
import contextvars
import functools
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from support.programs import Thing, run_ok

import stackwright.sdk as pulumi
from stackwright.sdk import CustomResource, Output, _pickling
from stackwright.sdk.provider import _requests
from stackwright.sdk.runtime import mocks, rpc, settings
from stackwright.sdk.runtime.proto import provider_pb2
from stackwright.wire._callbacks import CallbackServer
from stackwright.wire.stubs.pulumi import callback_pb2

TESTS = {
    1: "test_output.py::TestSecrets::test_secret_is_deep",
    2: "test_output.py::TestSecrets::test_unsecret_changes_nothing_else",
    3: "test_output.py::TestFromInput::test_empty_containers_keep_their_kind",
    4: "test_output.py::TestFromInput::test_everything_nested_is_resolved",
    5: "test_output.py::TestFromInput::test_one_secret_makes_it_secret",
    6: "test_output.py::TestFromInput::test_everything_nested_is_resolved",
    7: "test_output.py::TestFromInput::test_everything_nested_is_resolved",
    8: "test_output.py::TestFromInput::test_arguments_classes_are_rebuilt",
    9: "test_output.py::TestFromInput::test_arguments_classes_are_rebuilt",
    10: "test_output.py::TestLifting::test_attributes_and_items",
    11: "test_output.py::TestLifting::test_dunder_names_are_not_lifted",
    12: "test_output.py::TestLifting::test_it_is_not_iterable",
    13: "test_output.py::TestStrings::test_a_formatted_output_says_what_to_write",
    14: "test_output.py::TestStrings::test_it_raises_where_that_is_asked_for",
    15: "test_output.py::TestStrings::test_messages_show_it_without_warning",
    16: "test_output.py::TestFailures::test_a_failure_nobody_looks_at_fails_the_program",
    17: "test_output.py::TestFailures::test_recover_supplies_another_value",
    18: "test_output.py::TestFailures::test_recover_lets_success_pass",
    19: "test_output.py::TestApply::test_knownness_and_secretness_are_booleans",
    20: "test_output.py::TestCombining::test_all_by_position_by_name_none_and_mixed",
    21: "test_output.py::TestCombining::test_all_unites_resources_and_is_known_only_if_all_are",
    22: "test_output.py::TestJson::test_an_unknown_makes_it_unknown",
    23: "test_output.py::TestJson::test_secrets_and_resources_flow",
    24: "test_output.py::TestJson::test_nested_outputs_are_resolved",
    25: "test_output.py::TestNotForPrograms::test_get",
    26: "test_output.py::TestNotForPrograms::test_copying_and_pickling",
    27: "test_edge_cases.py::test_pickling_a_secret_output",
    28: "test_output.py::TestCombining::test_a_deferred_output_takes_over_another",
    29: "test_output.py::TestApply::test_an_unknown_value_is_not_given_to_the_callback",
    30: "test_output.py::TestApply::test_an_unknown_source_never_sees_the_inner_secret",
    31: "test_output.py::TestApply::test_a_known_source_with_an_unknown_secret_inside_is_both",
    32: "test_output.py::TestFromInput::test_a_dict_class_with_clashing_names_becomes_a_plain_dict",
    33: "test_values.py::TestInputs::test_awaitables",
    34: "test_values.py::TestInputs::test_everything_else_is_an_error",
    35: "test_registration.py::TestRequest::test_an_input_of_a_strange_kind_is_named",
    36: "test_registration.py::TestReferences::test_a_custom_resource_as_an_input",
    37: "test_registration.py::TestReferences::test_a_component_as_an_input",
    38: "test_values.py::TestAnswers::test_internal_keys",
    39: "test_values.py::TestAnswers::test_secrets_bubble_up",
    40: "test_edge_cases.py::test_an_unknown_signature",
    41: "test_edge_cases.py::test_what_a_reference_says_of_itself_wins",
    42: "test_registration.py::TestEnums::test_raw_values_are_sent",
    43: "test_types.py::TestOutputs::test_a_dict_for_a_text_is_an_error",
    44: "test_types.py::TestInputs::test_a_dict_where_a_text_is_expected_is_sent_untouched",
    45: "test_types.py::TestOutputs::test_classes_lists_maps_and_enums",
    46: "test_types.py::TestOutputs::test_untyped_values_are_untouched",
    47: "test_registration.py::TestAnswers::test_an_input_the_provider_left_out_is_its_own_output",
    48: "test_registration.py::TestTranslation::test_names_are_translated_both_ways",
    49: "test_types.py::TestMetadata::test_inheritance",
    50: "test_registration.py::TestRequest::test_dependencies_are_per_property",
    51: "test_registration.py::TestDependsOn::test_a_local_component_stands_for_its_children",
    52: "test_registration.py::TestDependsOn::test_a_remote_component_stands_for_itself",
    53: "test_registration.py::TestDependsOn::test_what_is_no_resource_is_refused_at_once",
    54: "test_program.py::TestStuck::test_a_circle_of_resources_is_told_with_its_members",
    55: "test_registration.py::TestInheritance::test_protect",
    56: "test_registration.py::TestProviders::test_children_get_providers_by_package",
    57: "test_registration.py::TestProviders::test_a_components_provider_is_inherited",
    58: "test_registration.py::TestProviders::test_children_get_providers_by_package",
    59: "test_registration.py::TestProviders::test_a_remote_component_with_a_foreign_provider",
    60: "test_registration.py::TestProviders::test_an_unknown_id_has_a_sign_of_its_own",
    61: "test_invoke.py::TestOptions::test_provider_of_the_parent",
    62: "test_invoke.py::TestOptions::test_version_and_url",
    63: "test_invoke.py::TestPlainForm::test_it_is_awaitable_too",
    64: "test_invoke.py::TestPlainForm::test_failures",
    65: "test_invoke.py::TestPlainForm::test_nothing",
    66: "test_invoke.py::TestOutputForm::test_engines_without_dependencies_of_calls",
    67: "test_invoke.py::TestPlainForm::test_single_values",
    68: "test_invoke.py::TestPlainForm::test_a_secret_argument",
    69: "test_registration.py::TestConstructor::test_reading_a_component_is_refused",
    70: "test_registration.py::TestReadAndGet::test_read",
    71: "test_registration.py::TestRequest::test_a_failed_resource_fails_what_needs_it",
    72: "test_registration.py::TestRequest::test_a_failed_awaitable_input_fails_the_program",
    73: "test_program.py::TestExports::test_a_resource",
    74: "test_program.py::TestExports::test_values",
    75: "test_program.py::TestStack::test_outputs_are_registered_once_even_after_a_failure",
    76: "test_program.py::TestBody::test_pulumi_run_used_wrongly",
    77: "test_program.py::TestBody::test_pulumi_run",
    78: "test_options.py::TestAliases::test_specs",
    79: "test_options.py::TestAliases::test_urns_for_engines_without_specs",
    80: "test_callbacks.py::TestTransforms::test_the_same_function_is_one_callback",
    81: "test_callbacks.py::TestTransforms::test_none_changes_nothing",
    82: "test_edge_cases.py::test_callbacks_that_are_unknown_or_raise",
    83: "test_program.py::TestClosed::test_a_deployment_that_ends_first",
    84: "wire/test_monitor.py::TestForeignClients::test_old_engines",
    85: "test_config.py::TestPackages::test_equal_packages_are_registered_once",
    86: "test_types.py::TestDecorators::test_twice_is_an_error",
    87: "test_types.py::TestEmptyFunctions::test_which_are_empty",
    88: "test_types.py::TestDecorators::test_annotations_become_properties_and_a_constructor",
    89: "test_types.py::TestDecorators::test_translated_storage",
    90: "test_types.py::TestMetadata::test_annotations_only",
    91: "test_types.py::TestToJson::test_wire_names",
    92: "test_types.py::TestInputs::test_deprecated_inputs_say_nothing_when_they_are_read",
    93: "test_config.py::TestReading::test_values_of_another_kind",
    94: "test_config.py::TestReading::test_what_is_missing",
    95: "test_values.py::TestStackReference::test_only_secret_ones_are_secret",
    96: "test_mocks.py::TestMocks::test_component_outputs_reach_the_monitor",
    97: "test_mocks.py::TestMocks::test_what_was_registered",
    98: "test_values.py::TestAnswers::test_a_large_resource",
    99: "test_components.py::test_schemas_inputs_and_answers_are_the_genuine_ones",
    100: "test_components.py::test_schemas_inputs_and_answers_are_the_genuine_ones",
    101: "test_registration.py::TestComponentOutputs::test_a_property_named_id",
    102: "test_registration.py::TestRequest::test_the_line_of_the_program_is_sent",
    103: "test_edge_cases.py::test_construct_and_call_at_the_same_time",
    104: "test_config.py::TestSettings::test_making_settings_makes_them_current",
    105: "test_config.py::TestPackages::test_engines_without_support_and_no_engine_at_all",
    106: "test_edge_cases.py::test_two_deployments_register_the_same_package",
    107: "test_edge_cases.py::test_a_cancelled_program_is_asked_nothing_more",
    108: "test_components.py::TestAnalyzer::test_camel_case",
    109: "test_components.py::TestHost::test_what_is_no_component_is_left_out",
    112: "test_config.py::test_outputs_of_one_program_do_not_reach_another",
}
"""By number: a test, as `file::class::function` below this folder or the one above."""

ELSEWHERE = {
    110: "of `pulumi.automation`, which has an issue of its own",
    111: "likewise",
}


@functools.cache
def names_in(path: Path) -> set[str]:
    """The tests of a file, each with its class."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for inner in inside:
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.add(prefix + inner.name)
    return found


def test_none_is_missing() -> None:
    """Every number has a test that exists, or a reason."""
    assert sorted([*TESTS, *ELSEWHERE]) == list(range(1, 113))
    here = Path(__file__).parent
    for number, name in TESTS.items():
        file, _, test = name.partition("::")
        path = here / file if (here / file).exists() else here.parent / file
        assert test in names_in(path), f"edge case {number}: {name}"


def test_pickling_a_secret_output() -> None:
    """Refused unless the context allows secrets, which then knows of it (edge 27)."""

    def program() -> None:
        secret = Output.secret("s")
        with _pickling.pickling(allow_secrets=False), pytest.raises(Exception, match="Secret outputs"):
            secret.__getstate__()
        with _pickling.pickling() as context:
            assert secret.__getstate__() == {"value": "s"}
            assert context.secrets

    run_ok(program)


def struct(data: dict[str, Any]) -> struct_pb2.Struct:
    """JSON as a message."""
    return json_format.ParseDict(data, struct_pb2.Struct())


def test_an_unknown_signature() -> None:
    """AssertionError (edge 40)."""
    with pytest.raises(AssertionError):
        rpc.deserialize_properties(struct({"a": {rpc._special_sig_key: "no such thing"}}))


def test_what_a_reference_says_of_itself_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name and type of a reference, or else those in its URN (edge 41)."""

    class Module(rpc.ResourceModule):
        def version(self) -> None:
            return None

        def construct(self, name: str, typ: str, urn: str) -> Any:
            return name, typ

    monkeypatch.setattr("stackwright.sdk._session.resource_modules", {})
    rpc.register_resource_module("said", "m", Module())
    rpc.register_resource_module("urns", "m", Module())
    reference = {rpc._special_sig_key: rpc._special_resource_sig, "urn": "urn:pulumi:s::p::urns:m:T::n"}

    assert rpc.deserialize_resource(struct(reference)) == ("n", "urns:m:T")
    explicit = struct({**reference, "name": "said-name", "type": "said:m:T"})
    assert rpc.deserialize_resource(explicit) == ("said-name", "said:m:T")


def test_callbacks_that_are_unknown_or_raise() -> None:
    """`INVALID_ARGUMENT`, and `UNKNOWN` with the traceback (edge 82)."""
    import grpc

    class Aborted(Exception):
        pass

    class Context:
        async def abort(self, code: Any, details: str) -> None:
            raise Aborted(code, details)

        set_code = set_details = lambda *_: None

    async def transform(_: Any) -> Any:
        raise ValueError("the transform's own")

    async def asked() -> list[Any]:
        server = CallbackServer()
        offered = callback_pb2.Callback()
        await server.offer_transform(offered, transform)
        seen = []
        for token in ("nobody's", offered.token):
            try:
                await server.Invoke(callback_pb2.CallbackInvokeRequest(token=token), Context())
            except Aborted as aborted:
                seen.append(aborted.args)
        await server.stop()
        return seen

    (unknown, raised) = asyncio.run(asked())
    assert unknown[0] is grpc.StatusCode.INVALID_ARGUMENT
    assert raised[0] is grpc.StatusCode.UNKNOWN
    assert "the transform's own" in raised[1]


def beside_each_other(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run coroutines in turns, each in a context of its own."""

    async def all_of_them() -> list[Any]:
        tasks = [asyncio.create_task(one, context=contextvars.copy_context()) for one in work]
        return await asyncio.gather(*tasks)

    return asyncio.run(all_of_them())


def test_construct_and_call_at_the_same_time() -> None:
    """Each sees its own stack and configuration throughout (edge 103)."""

    async def served(request: Any) -> list[Any]:
        _requests.enter_deployment(request, None)
        seen = []
        for _ in range(3):
            await asyncio.sleep(0)
            seen.append((pulumi.get_stack(), pulumi.Config("p").require("key"), settings.is_dry_run()))
        return seen

    construct = provider_pb2.ConstructRequest(stack="one", project="p", config={"p:key": "first"})
    call = provider_pb2.CallRequest(stack="two", project="p", config={"p:key": "second"}, dryRun=True)

    one, two = beside_each_other(served(construct), served(call))

    assert one == [("one", "first", False)] * 3
    assert two == [("two", "second", True)] * 3


class NoMocks(mocks.Mocks):
    """Answers nothing of interest."""

    def new_resource(self, args: Any) -> Any:
        return "", {}

    def call(self, args: Any) -> Any:
        return {}


def test_two_deployments_register_the_same_package() -> None:
    """Each with its own engine, and its own reference (edge 106)."""

    async def registered(stack: str) -> list[str]:
        monitor = mocks.MockMonitor(NoMocks())
        monitor._packages = {"before": stack}
        mocks.set_mocks(NoMocks(), stack=stack, monitor=monitor)
        package = ("base", "1.0.0", "", "package", "1.0.0", "")
        first = await settings.register_package(*package)
        await asyncio.sleep(0)
        return [first, await settings.register_package(*package), *monitor._packages.values()]

    one, two = beside_each_other(registered("one"), registered("two"))

    assert one[0] == one[1]
    assert [one[2], two[2]] == ["one", "two"]
    assert len(one) == len(two) == 4


def test_a_cancelled_program_is_asked_nothing_more() -> None:
    """Callbacks of a program that was cancelled are refused, not waited for (edge 107)."""

    def program() -> None:
        CustomResource("t:m:T", "a", {})
        Thing("b", pulumi.ResourceOptions(transforms=[lambda args: None]))
        raise KeyboardInterrupt

    from support.monitors import FakeMonitor

    monitor = FakeMonitor()
    try:
        result = pulumi.run_program(monitor, program)
        assert result.outcome is pulumi.Outcome.INTERRUPTED
        (transform,) = monitor.resource("b").transforms
        with pytest.raises(Exception, match="program"):
            asyncio.run(_answer(transform))
    finally:
        monitor.stop()


async def _answer(transform: Any) -> Any:
    from stackwright.goals import NO_OPTIONS, TransformArgs

    return await transform(
        TransformArgs(type="t:m:T", name="b", custom=True, parent=None, properties={}, options=NO_OPTIONS)
    )
