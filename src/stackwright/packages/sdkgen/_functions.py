"""Functions: their results, and the plain and the output form (packages.md §3.5)."""

from __future__ import annotations

from collections.abc import Iterator

from stackwright.packages._schema import FunctionSpec, PropertySpec
from stackwright.packages.sdkgen._annotations import Annotator
from stackwright.packages.sdkgen._layout import Layout, Module
from stackwright.packages.sdkgen._names import class_name, distinct_names, function_name
from stackwright.packages.sdkgen._nested_types import described, fields
from stackwright.packages.sdkgen._source_file import python_file
from stackwright.packages.sdkgen._text import (
    assigned,
    call,
    class_head,
    collection,
    docstring,
    one_paragraph,
    prose,
    quoted,
    signature,
)


class FunctionFile:
    """Writes the file of one function."""

    def __init__(self, layout: Layout, module: Module, token: str, spec: FunctionSpec) -> None:
        self._layout = layout
        self._module = module
        self._token = token
        self._spec = spec
        self._name = function_name(token)
        self._result = f"{class_name(token)}Result"
        # The options of the call have that name here.
        self._called = {
            wire: "opts_" if name == "opts" else name
            for wire, name in distinct_names(spec.inputs.properties if spec.inputs else ()).items()
        }
        self._annotator = Annotator(layout, module, layout.file_of(token, function=True))
        outputs = spec.outputs
        self._is_object = outputs is not None and outputs.properties is not None
        self._answers = outputs is not None and not outputs.is_nothing
        self.exported: list[str] = []

    def text(self) -> str:
        body: list[str] = []
        if self._is_object:
            body += self._result_classes()
        if self._spec.plain:
            self.exported.append(self._name)
            body += ["", "", *self._plain_form()]
        if self._answers:
            self.exported.append(f"{self._name}_output")
            body += ["", "", *self._output_form()]
        about = f"The function `{self._name}` of `{self._layout.package}`."
        return python_file(about, self._annotator, self._module.depth, self.exported, body)

    def _inputs(self) -> list[tuple[str, PropertySpec]]:
        inputs = self._spec.inputs
        if inputs is None:
            return []
        names = self._spec.multi_argument_inputs or sorted(inputs.properties)
        return [(name, inputs.properties[name]) for name in names]

    def _result_classes(self) -> list[str]:
        assert self._spec.outputs is not None
        outputs = self._spec.outputs
        awaitable = f"Awaitable{self._result}"
        self.exported += [self._result, awaitable]
        lines = ["", "", "@_utilities.output_type", f"class {self._result}:"]
        lines += docstring(outputs.description or f"What `{self._name}` answers.", "    ")
        if outputs.properties:
            properties = outputs.properties
            lines += ["", *fields(self._annotator, properties, outputs.required, output=True, may_miss=True)]
        lines += ["", "", *class_head(awaitable, ["_utilities.AwaitableResult", self._result])]
        return [*lines, f'    """What `{self._name}` answers, which may be awaited as well."""']

    def _plain_form(self) -> list[str]:
        parameters = [
            f"{self._called[name]}: {self._annotator.plain(spec, optional=True)} = None"
            for name, spec in self._inputs()
        ]
        parameters.append("opts: pulumi.InvokeOptions | None = None")
        lines = signature(f"def {self._name}", parameters, f" -> {self._plain_answer()}:")
        lines += docstring(self._about(), "    ")
        lines += self._arguments()
        arguments = [quoted(self._token), "args", "opts", *self._options()]
        if self._is_object:
            arguments.insert(3, f"Awaitable{self._result}")
            return [*lines, *call("    return _utilities.invoke", arguments)]
        if not self._answers:
            return [*lines, *call("    return _utilities.invoke_nothing", arguments)]
        found = assigned(f"    result: {self._plain_answer()}", "_utilities.invoke_single", arguments)
        return [*lines, *found, "    return result"]

    def _plain_answer(self) -> str:
        if self._is_object:
            return f"Awaitable{self._result}"
        if self._answers and self._spec.outputs is not None:
            return self._annotator.output(self._spec.outputs)
        self._annotator.collections.add("Awaitable")
        return "Awaitable[None]"

    def _output_form(self) -> list[str]:
        assert self._spec.outputs is not None
        parameters = [
            f"{self._called[name]}: {self._annotator.input(spec, optional=True)} = None"
            for name, spec in self._inputs()
        ]
        parameters.append("opts: pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None = None")
        answer = self._result if self._is_object else self._annotator.output(self._spec.outputs)
        lines = signature(f"def {self._name}_output", parameters, f" -> pulumi.Output[{answer}]:")
        lines += docstring(self._about(), "    ")
        lines += self._arguments()
        arguments = [quoted(self._token), "args", "opts", *self._options()]
        if self._is_object:
            arguments.insert(3, self._result)
            return [*lines, *call("    return _utilities.invoke_output", arguments)]
        return [*lines, *call("    return _utilities.invoke_output_single", arguments)]

    def _about(self) -> str:
        lines = [
            f":param {self._called[name]}: {one_paragraph(described(spec))}"
            for name, spec in self._inputs()
            if described(spec)
        ]
        parts = [prose(self._spec.description).strip(), "\n".join(lines)]
        return "\n\n".join(part for part in parts if part)

    def _arguments(self) -> list[str]:
        given = [f"{quoted(name)}: {self._called[name]}" for name, _ in self._inputs()]
        return collection("args = ", given, "{}", "    ") if given else ["    args: dict[str, Any] = {}"]

    def _options(self) -> Iterator[str]:
        if not self._inputs():
            self._annotator.typing.add("Any")
        schema = self._layout.schema
        if schema.document.parameterization or schema.document.extension_parameterization:
            yield "package_ref=_utilities.get_package()"
        if self._spec.deprecation_message:
            yield f"deprecated={quoted(f'{self._name} is deprecated: {self._spec.deprecation_message}')}"
