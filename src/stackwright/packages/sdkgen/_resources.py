"""Resources and the provider: arguments, constructors, properties, methods (packages.md §3.2–§3.6, §3.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackwright.packages._schema import (
    FunctionSpec,
    OtherInput,
    PropertySpec,
    ResourceSpec,
    TypeSpec,
    token_of,
)
from stackwright.packages.sdkgen._annotations import SHADOWED, Annotator
from stackwright.packages.sdkgen._layout import PROVIDER, Layout, Module
from stackwright.packages.sdkgen._names import as_parameter, capitalised, class_name, distinct_names
from stackwright.packages.sdkgen._nested_types import described, fields, has_default, ordered
from stackwright.packages.sdkgen._source_file import python_file
from stackwright.packages.sdkgen._text import (
    assigned,
    call,
    collection,
    docstring,
    names,
    one_paragraph,
    prose,
    quoted,
    signature,
)

_CATCHING = frozenset({"args", "kwargs"})
"""What parameters that catch all others are called; another one is told apart by an underscore."""


class ResourceFile:
    """Writes the file of one resource."""

    def __init__(self, layout: Layout, module: Module, token: str, spec: ResourceSpec) -> None:
        self._layout = layout
        self._schema = layout.schema
        self._module = module
        self._token = token
        self._spec = spec
        self._is_provider = token.startswith("pulumi:providers:")
        self._name = "Provider" if self._is_provider else class_name(token)
        self._file = PROVIDER if self._is_provider else layout.file_of(token, function=False)
        self._args = "ProviderArgs" if self._is_provider else layout.resource_args(token)
        self._annotator = Annotator(layout, module, self._file)
        self._outputs = self._visible_outputs()
        state = spec.state_inputs.properties if spec.state_inputs is not None else {}
        # One property has one name, whether it goes in, comes out, or is a method.
        self._names = distinct_names({**spec.properties, **spec.input_properties, **state, **spec.methods})
        own_names = frozenset(self._names.values())
        self._others = {
            own: other
            for own, other in spec.python.other_inputs.items()
            if own in spec.input_properties and other.name not in own_names
        }
        self._required = {
            name
            for name in spec.required_inputs
            if name in spec.input_properties and not has_default(spec.input_properties[name])
        }
        # What may be given by another name need not be given by its own.
        self._needed = self._required.difference(self._others)
        self.exported = [self._args, self._name]

    def text(self) -> str:
        body = [*self._args_class(), *self._resource_class()]
        about = "The provider" if self._is_provider else f"The resource `{self._name}`"
        about += f" of `{self._layout.package}`, and its arguments."
        return python_file(about, self._annotator, self._module.depth, self.exported, body)

    def _visible_outputs(self) -> Mapping[str, PropertySpec]:
        """Of a provider's properties only texts come back as they are (§1.7)."""
        if not self._is_provider:
            return {n: each for n, each in self._spec.properties.items() if n not in ("id", "urn")}
        return {name: each for name, each in self._spec.properties.items() if self._is_text(each)}

    def _is_text(self, spec: TypeSpec) -> bool:
        token = token_of(spec.ref, "types") if spec.ref else None
        if token is None:
            return not spec.ref and not spec.one_of and spec.type == "string"
        if token not in self._schema.types:
            return spec.type == "string"
        return self._schema.types[token].type == "string"

    def _args_class(self) -> list[str]:
        lines = ["", "", "@_utilities.input_type", f"class {self._args}:"]
        lines += docstring(f"The arguments of `{self._name}`.", "    ")
        lines += [""] if self._spec.input_properties else []
        required = [name for name in self._spec.required_inputs if name not in self._others]
        written = fields(self._annotator, self._spec.input_properties, required, called=self._names)
        for own, other in sorted(self._others.items()):
            start = f"    {other.name}: {self._other_annotation(own, other)}"
            written += assigned(
                start, "_utilities.other_name", [*self._other_arguments(own, other), "default=None"]
            )
        return lines + ([] if written == ["    pass"] else written)

    def _parameter(self, name: str) -> str:
        return as_parameter(self._names[name])

    def _other_arguments(self, own: str, other: OtherInput) -> list[str]:
        amount = [f"amount={quoted(other.amount)}"] if other.amount else []
        return [quoted(self._names[own]), *amount]

    def _other_annotation(self, own: str, other: OtherInput) -> str:
        return self._annotator.input(_in_amount(self._spec.input_properties[own], other), optional=True)

    @property
    def _has_get(self) -> bool:
        return not self._is_provider and not self._spec.is_component

    @property
    def _state_inputs(self) -> Mapping[str, PropertySpec]:
        return self._spec.state_inputs.properties if self._spec.state_inputs is not None else {}

    def _resource_class(self) -> list[str]:
        spec = self._spec
        base = "CustomResource"
        if self._is_provider:
            base = "ProviderResource"
        elif spec.is_component:
            base = "ComponentResource"
        lines = ["", "", *call("@pulumi.type_token", [quoted(self._token)])]
        lines.append(f"class {self._name}(pulumi.{base}):")
        about = docstring(prose(spec.description), "    ")
        lines += [*about, ""] if about else []
        mentioned = {self._names[each] for each in (*self._outputs, *spec.input_properties, *spec.methods)}
        self._annotator.shadowed = bool(mentioned & SHADOWED)
        self._annotator.outputs_hidden = "outputs" in mentioned
        for name, each in sorted(self._outputs.items()):
            lines += self._property(name, each)
        for own, other in sorted(spec.python.other_inputs.items()):
            if own in self._outputs and other.name not in mentioned:
                spec_there = _in_amount(self._outputs[own], other)
                annotation = self._annotator.output(spec_there, optional=own not in spec.required)
                start = f"    {other.name}: pulumi.Output[{annotation}]"
                lines += assigned(start, "_utilities.other_output", self._other_arguments(own, other))
        lines += ["", *self._constructor()] if self._outputs else self._constructor()
        if self._has_get:
            lines += ["", *self._get()]
        for name, token in sorted(spec.methods.items()):
            if token in self._schema.functions:
                lines += ["", *self._method(name, self._schema.functions[token])]
        self._annotator.shadowed = self._annotator.outputs_hidden = False
        return lines

    def _constructor(self) -> list[str]:
        self._annotator.typing |= {"Any", "overload"}
        # An input may be called `self`; programs name it, and nobody names the instance.
        own = "__self__" if "self" in self._spec.input_properties else "self"
        start = [own, f"resource_name: {self._annotator.built_in('str')}"]
        lines: list[str] = []
        about = docstring(self._parameters_described(), "        ")
        for form in self._forms():
            lines += ["    @overload"]
            lines += signature("    def __init__", [*start, *form], " -> None:" + ("" if about else " ..."))
            lines += [*about, ""] if about else []
            about = []
        lines += signature("    def __init__", [*start, "*args: Any", "**kwargs: Any"], " -> None:")
        lines += call("        opts, props = _utilities.resource_inputs", list(self._inputs_call()))
        name = quoted(self._schema.name if self._is_provider else self._token)
        more = ["remote=True"] if self._spec.is_component else []
        if self._schema.document.parameterization or self._schema.document.extension_parameterization:
            more.append("package_ref=_utilities.get_package()")
        lines += call("        super().__init__", [name, "resource_name", "props", "opts", *more])
        return lines

    def _forms(self) -> Iterator[list[str]]:
        """
        What may follow the name of a resource (§3.4).

        Inputs have places, by name, and those that are needed may come anywhere among them.
        So where some are needed, the form that knows of it takes keywords alone, and one
        that knows less is for who relies on places.
        """
        options = "opts: pulumi.ResourceOptions | None"
        inputs = list(self._parameters())
        positional = bool(inputs) and not self._needed
        yield [f"{options} = None", *([] if positional or not inputs else ["*"]), *inputs]
        args = f"args: {self._args}" + ("" if self._needed else " | None = None")
        yield [args, f"{options} = None"]
        if self._needed:
            name, spec = min(self._spec.input_properties.items())
            python = self._parameter(name)
            first = f"{python}_" if python in _CATCHING else python
            first += f": {self._annotator.input(spec, optional=name not in self._needed)}"
            yield [options, first, "/", "*args: Any", "**kwargs: Any"]

    def _parameters(self) -> Iterator[str]:
        for name, spec in ordered(self._spec.input_properties, self._needed):
            if name in self._needed:
                yield f"{self._parameter(name)}: {self._annotator.input(spec)}"
            else:
                yield f"{self._parameter(name)}: {self._annotator.input(spec, optional=True)} = None"
        for own, other in sorted(self._others.items()):
            yield f"{other.name}: {self._other_annotation(own, other)} = None"

    def _parameters_described(self) -> str:
        """For editors, which show it beside the parameter that is typed."""
        lines = [
            f":param {self._parameter(name)}: {one_paragraph(described(spec))}"
            for name, spec in ordered(self._spec.input_properties, self._needed)
            if described(spec)
        ]
        return "\n".join(lines)

    def _inputs_call(self) -> Iterator[str]:
        spec = self._spec
        yield self._args
        yield "args"
        yield "kwargs"
        if self._required:
            yield f"required={names(self._names[name] for name in sorted(self._required))}"
        secret = [name for name, each in sorted(spec.input_properties.items()) if each.secret]
        if secret:
            yield f"secrets={names(self._names[name] for name in secret)}"
        if self._is_provider:
            encoded = [n for n, each in sorted(spec.input_properties.items()) if not self._is_text(each)]
            if encoded:
                yield f"as_json={names(self._names[name] for name in encoded)}"
        only_out = [name for name in sorted(self._outputs) if name not in spec.input_properties]
        if only_out:
            yield f"outputs={names(self._names[name] for name in only_out)}"
        hidden = [name for name, each in sorted(self._spec.properties.items()) if each.secret]
        if hidden and not self._is_provider:
            yield f"secret_outputs={names(hidden)}"
        replacing = sorted(self._replacing())
        if replacing:
            yield f"replace_on_changes={names(replacing)}"
        if spec.aliases:
            yield f"aliases={names(each.type for each in spec.aliases)}"
        if spec.is_component:
            yield "component=True"
        if spec.deprecation_message:
            yield f"deprecated={quoted(f'{self._name} is deprecated: {spec.deprecation_message}')}"

    def _replacing(self) -> Iterator[str]:
        """The paths of properties whose change replaces the resource (§1.5)."""
        seen: set[str] = set()

        def within(properties: Mapping[str, PropertySpec], start: str) -> Iterator[str]:
            for name, each in properties.items():
                if each.replace_on_changes:
                    yield start + name
                yield from below(each, start + name)

        def below(spec: TypeSpec, path: str) -> Iterator[str]:
            if spec.items is not None:
                yield from below(spec.items, f"{path}[*]")
            elif spec.additional_properties is not None:
                yield from below(spec.additional_properties, f"{path}[*]")
            elif spec.ref:
                token = token_of(spec.ref, "types")
                if token in self._schema.types and token not in seen:
                    seen.add(token or "")
                    yield from within(self._schema.types[token or ""].properties, f"{path}.")
                    seen.discard(token or "")

        # Not through fifty thousand types for nothing.
        return within(self._spec.properties, "") if self._layout.has_replacements else iter(())

    def _get(self) -> list[str]:
        text = self._annotator.built_in("str")
        parameters = [
            f"resource_name: {text}",
            f"id: pulumi.Input[{text}]",
            "opts: pulumi.ResourceOptions | None = None",
        ]
        for name, spec in sorted(self._state_inputs.items()):
            parameters.append(f"{self._parameter(name)}: {self._annotator.input(spec, optional=True)} = None")
        lines = ["    @staticmethod", *signature("    def get", parameters, f" -> {self._name}:")]
        about = f"A `{self._name}` that exists already and has the *id*."
        if self._state_inputs:
            about += " The other arguments are what is known of it."
        lines += docstring(about, "        ")
        return [*lines, *call("        return _utilities.existing", [self._name, "**locals()"])]

    def _property(self, name: str, spec: PropertySpec) -> list[str]:
        python = self._names[name]
        annotation = self._annotator.output(spec, optional=name not in self._spec.required)
        start = f"    {python}: pulumi.Output[{annotation}]"
        arguments = [quoted(name)]
        if spec.deprecation_message:
            arguments.append(f"deprecated={quoted(spec.deprecation_message)}")
        return [*assigned(start, "_utilities.output", arguments), *docstring(described(spec), "    ")]

    def _method(self, name: str, function: FunctionSpec) -> list[str]:
        python = self._names[name]
        inputs = dict(function.inputs.properties) if function.inputs is not None else {}
        inputs.pop("__self__", None)
        called = distinct_names(inputs)
        needed = set(function.inputs.required) if function.inputs is not None else set()
        outputs = function.outputs
        result = f"{self._name}.{capitalised(name)}Result"
        lines: list[str] = []
        lifted = self._lifted(function)
        if outputs is not None and outputs.properties is not None:
            lines += [
                "    @_utilities.output_type",
                f"    class {capitalised(name)}Result(_utilities.Fields):",
            ]
            written = fields(
                self._annotator, outputs.properties, outputs.required, output=True, may_miss=True
            )
            lines += [*(f"    {line}" if line else line for line in written), ""]
            answer = f"pulumi.Output[{result}]"
        elif outputs is None or outputs.is_nothing:
            answer = "None"
        else:
            answer = f"pulumi.Output[{self._annotator.output(outputs)}]"
        if lifted is not None and outputs is not None and outputs.properties is not None:
            spec = outputs.properties[lifted]
            answer = f"pulumi.Output[{self._annotator.output(spec, optional=lifted not in outputs.required)}]"
        if outputs is not None and outputs.plain:
            answer = answer.removeprefix("pulumi.Output[").removesuffix("]")
        parameters = ["self", *(["*"] if inputs else [])]
        for each, spec in ordered(inputs, needed):
            optional = each not in needed
            annotation = self._annotator.input(spec, optional=optional)
            parameters.append(f"{called[each]}: {annotation}{' = None' if optional else ''}")
        lines += signature(f"    def {python}", parameters, f" -> {answer}:")
        lines += docstring(prose(function.description), "        ")
        given = ['"__self__": self', *(f"{quoted(each)}: {called[each]}" for each in sorted(inputs))]
        lines += collection("args = ", given, "{}", "        ")
        token = quoted(self._spec.methods[name])
        lines += self._called(token, function, result, lifted)
        return lines

    def _called(self, token: str, function: FunctionSpec, result: str, lifted: str | None) -> list[str]:
        outputs = function.outputs
        more = []
        if self._schema.document.parameterization or self._schema.document.extension_parameterization:
            more.append("package_ref=_utilities.get_package()")
        if outputs is None or outputs.is_nothing:
            return call("        pulumi.runtime.call", [token, "args", "res=self", *more])
        typed = [f"typ={result}"] if outputs.properties is not None else []
        if outputs.plain:
            plain = ["res=self", *(typed or ["single=True"]), *more]
            return call("        return _utilities.call_plain", [token, "args", *plain])
        if outputs.properties is None:
            return call("        return _utilities.call_single", [token, "args", "res=self", *more])
        if lifted is not None:
            lines = call("        result = pulumi.runtime.call", [token, "args", "res=self", *typed, *more])
            return [
                *lines,
                f"        return result.apply(lambda found: found.{distinct_names([lifted])[lifted]})",
            ]
        return call("        return pulumi.runtime.call", [token, "args", "res=self", *typed, *more])

    def _lifted(self, function: FunctionSpec) -> str | None:
        properties = function.outputs.properties if function.outputs is not None else None
        if (
            not self._schema.python.lift_single_value_method_returns
            or properties is None
            or len(properties) != 1
        ):
            return None
        return next(iter(properties))


def _in_amount(spec: PropertySpec, other: OtherInput) -> TypeSpec:
    """The type of what *spec* is by its *other* name."""
    if other.amount == "one" and spec.items is not None:
        return spec.items
    return TypeSpec(type="array", items=spec) if other.amount == "many" else spec
