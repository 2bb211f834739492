"""
The Python program that declares what was moved (terraform.md §11).

Written as a person would: typed arguments, references where values come from other
resources, secrets and what configures providers in the stack's configuration. What the
program says is what was recorded, so that its first preview has nothing to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.moving._adoption import Adoption, MovedResource, ProviderUse
from stackwright.moving._expressions import Call, Expression, Listed, Mapped, call, plain, text, written
from stackwright.moving._names import Distinct, variable_name
from stackwright.moving._references import Reference, References
from stackwright.packages._schema import PackageSchema, PropertySpec, TypeSpec, token_of
from stackwright.packages.sdkgen._layout import Layout
from stackwright.packages.sdkgen._names import class_name, py_name
from stackwright.packages.sdkgen._resources import parameter_name
from stackwright.packages.sdkgen._text import quoted
from stackwright.urn import Urn
from stackwright.values import PropertyPath, Secret, Value, contains_secrets, reveal

if TYPE_CHECKING:
    from stackwright.moving._terraform_state import Output

_READERS: Final[Mapping[type, str]] = {bool: "_bool", int: "_int", float: "_float", str: ""}


class UsedPackage(msgspec.Struct, frozen=True):
    """A package that the program uses: its schema, and what its SDK is imported as."""

    schema: PackageSchema
    module: str

    @property
    def short(self) -> str:
        return self.module.removeprefix("pulumi_")

    @property
    def statement(self) -> str:
        return (
            f"import {self.module} as {self.short}" if self.short != self.module else f"import {self.module}"
        )


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """
    A program, and what goes with it.

    Attributes:
        secrets: The values of the project's configuration that it wants, by key.
        references: What each resource's properties depend on.
        depends_on: What each resource depends on in all, as the program says it.
    """

    source: str
    secrets: Mapping[str, Any]
    references: Mapping[Urn, Mapping[str, tuple[Urn, ...]]]
    depends_on: Mapping[Urn, tuple[Urn, ...]]


def provider_key(use: ProviderUse) -> str:
    """What the configuration of an additional provider is called in the project's configuration."""
    return _camel(f"{use.type}_{variable_name(use.configuration)}")


def write_program(
    adoption: Adoption, outputs: Mapping[str, Output], packages: Mapping[str, UsedPackage], origin: str
) -> Program:
    """*packages* are by provider address; *origin* says where the state was."""
    return _Writer(adoption, outputs, packages).program(origin)


class _Writer:
    def __init__(
        self, adoption: Adoption, outputs: Mapping[str, Output], packages: Mapping[str, UsedPackage]
    ) -> None:
        self._resources = adoption.current
        self._outputs = outputs
        self._packages = packages
        self._layouts = {address: Layout(each.schema, each.module) for address, each in packages.items()}
        self._references = References(self._resources)
        self._keys = Distinct()
        self._secrets: dict[str, Any] = {}
        self._uses_config = False
        explicit = sorted({each.provider for each in self._resources if each.provider.configuration})
        names = Distinct(iter([*(each.variable for each in self._resources), "config", "json", "pulumi"]))
        self._providers = {
            use: names.name(variable_name(f"{use.type}_{use.configuration}"), separator="_")
            for use in explicit
        }

    def program(self, origin: str) -> Program:
        body: list[str] = []
        for use, variable in self._providers.items():
            body.append(self._provider(use, variable))
        reach: dict[str, frozenset[str]] = {}
        references: dict[Urn, Mapping[str, tuple[Urn, ...]]] = {}
        depends_on: dict[Urn, tuple[Urn, ...]] = {}
        groups = {each.urn: each.group for each in self._resources}
        for resource in self._resources:
            found = self._references.of(resource)
            said = frozenset(groups[each.urn] for each in found.values())
            more = self._references.needed(resource, reach, said)
            body.append(self._resource(resource, found, more))
            waits = said | {each.group for each in more}
            below = waits.union(*(reach.get(group, frozenset()) for group in waits))
            reach[resource.group] = reach.get(resource.group, frozenset()) | below
            by_property: dict[str, dict[Urn, None]] = {}
            for path, reference in found.items():
                by_property.setdefault(str(path[0]), {})[reference.urn] = None
            references[resource.urn] = {name: tuple(urns) for name, urns in by_property.items()}
            urns = [*(each.urn for each in found.values()), *(each.urn for each in more)]
            depends_on[resource.urn] = tuple(dict.fromkeys(urns))
        exports = [self._export(name, output) for name, output in self._outputs.items()]
        if exports:
            body.append("\n".join(exports))
        source = self._head(body, origin) + "\n\n" + "\n\n".join(body) + "\n"
        return Program(source=source, secrets=self._secrets, references=references, depends_on=depends_on)

    def _head(self, body: list[str], origin: str) -> str:
        lines = [f'"""What Terraform managed in {origin}, moved in from its state."""', ""]
        if any("json.dumps(" in each for each in body):
            lines += ["import json", ""]
        used = {each.provider.address for each in self._resources}
        statements = sorted(self._packages[address].statement for address in used)
        lines += ["import pulumi", *statements]
        if self._uses_config:
            lines += ["", "config = pulumi.Config()"]
        return "\n".join(lines)

    def _provider(self, use: ProviderUse, variable: str) -> str:
        self._uses_config = True
        package = self._packages[use.address]
        settings = f"config.get_object({quoted(provider_key(use))}) or {{}}"
        return f"{variable} = {package.short}.Provider({quoted(use.configuration)}, **({settings}))"

    # Resources ------------------------------------------------------------------------------------

    def _resource(
        self,
        resource: MovedResource,
        references: Mapping[PropertyPath, Reference],
        more: list[MovedResource],
    ) -> str:
        values = _Values(self, resource, references)
        named = [
            (parameter_name(name), values.of(resource.inputs[name], spec, (name,)))
            for name, spec in values.schema.resources[resource.type].input_properties.items()
            if name in resource.inputs
        ]
        options: list[tuple[str, Expression]] = []
        if resource.provider.configuration:
            options.append(("provider", self._providers[resource.provider]))
        if more:
            options.append(("depends_on", Listed(tuple(each.variable for each in more))))
        if resource.goes_first:
            # Its name is taken as long as the old one is there.
            options.append(("delete_before_replace", "True"))
        if options:
            named.append(("opts", call("pulumi.ResourceOptions", named=options)))
        made = call(
            values.qualified(resource.type, class_name(resource.type)), quoted(resource.name), named=named
        )
        head = f"{resource.variable} = "
        return head + written(made, before=len(head))

    def layout(self, resource: MovedResource) -> tuple[Layout, str]:
        address = resource.provider.address
        return self._layouts[address], self._packages[address].short

    def secret(self, value: Value, words: str) -> Expression:
        """A secret of the configuration, and how the program reads it."""
        self._uses_config = True
        key = self._keys.name(_camel(variable_name(words)), separator="")
        self._secrets[key] = value
        reader = _READERS.get(type(value), "_object")
        return f"config.require_secret{reader}({quoted(key)})"

    def read(self, reference: Reference) -> str:
        attribute = "id" if reference.property == "id" else py_name(reference.property)
        return f"{reference.variable}.{attribute}"

    # Outputs --------------------------------------------------------------------------------------

    def _export(self, name: str, output: Output) -> str:
        expression = self._output(output.value, name, secret=output.sensitive)
        head = f"pulumi.export({quoted(name)}, "
        return head + written(expression, before=len(head) + 1) + ")"

    def _output(self, value: Any, name: str, *, secret: bool) -> Expression:
        reference = self._references.anywhere(value, name) if isinstance(value, str) else None
        if reference is not None:
            read = self.read(reference)
            return call("pulumi.Output.secret", read) if secret else read
        if secret:
            return self.secret(value, f"output_{name}")
        if isinstance(value, list):
            return Listed(tuple(self._output(each, name, secret=False) for each in value))
        if isinstance(value, dict):
            return Mapped(tuple((key, self._output(each, key, secret=False)) for key, each in value.items()))
        return text(value) if isinstance(value, str) else plain(value)


class _Values:
    """The arguments of one resource as expressions."""

    def __init__(
        self, writer: _Writer, resource: MovedResource, references: Mapping[PropertyPath, Reference]
    ) -> None:
        self._writer = writer
        self._resource = resource
        self._references = references
        self._layout, self._package = writer.layout(resource)
        self.schema = self._layout.schema

    def qualified(self, token: str, name: str) -> str:
        module = self._layout.module_of(token)
        return f"{self._package}.{module}.{name}" if module else f"{self._package}.{name}"

    def of(self, value: Value, spec: TypeSpec, path: PropertyPath) -> Expression:
        reference = self._references.get(path)
        if reference is not None:
            return self._writer.read(reference)
        if isinstance(value, Secret):
            inner = value.value
            if isinstance(inner, dict | list) and self._has_references(path):
                return self.of(inner, spec, path)
            words = "_".join([self._resource.variable, *(py_name(str(step)) for step in path)])
            return self._writer.secret(reveal(inner), words)
        if isinstance(value, list):
            items = spec.items or TypeSpec()
            return Listed(tuple(self.of(each, items, (*path, at)) for at, each in enumerate(value)))
        if isinstance(value, dict):
            return self._object(value, spec, path)
        if isinstance(value, str):
            return text(value)
        if isinstance(value, Decimal):
            return repr(int(value) if value == value.to_integral_value() else float(value))
        return repr(value)

    def _object(self, value: Mapping[str, Value], spec: TypeSpec, path: PropertyPath) -> Expression:
        token = token_of(spec.ref, "types") if spec.ref else None
        if token is None or token not in self.schema.types:
            inner = spec.additional_properties or TypeSpec()
            return Mapped(tuple((key, self.of(each, inner, (*path, key))) for key, each in value.items()))
        properties: Mapping[str, PropertySpec] = self.schema.types[token].properties
        chosen = token if self._has_class(token) else self._layout.canonical(token)
        return Call(
            self.qualified(chosen, self._layout.args_class(chosen)),
            tuple(
                (py_name(name), self.of(value[name], each, (*path, name)))
                for name, each in properties.items()
                if name in value
            ),
        )

    def _has_class(self, token: str) -> bool:
        """Whether the SDK has a class of the type's own, and not just one that stands for it."""
        module = self._layout.modules[self._layout.module_of(token)]
        return token in module.inputs or any(token == alias for alias, _ in module.aliases)

    def _has_references(self, path: PropertyPath) -> bool:
        return any(each[: len(path)] == path for each in self._references)


def exported_values(outputs: Mapping[str, Output], adoption: Adoption) -> dict[str, Value]:
    """The stack's outputs as its program will give them: what is secret there is secret here."""
    references = References(adoption.current)
    secret = {
        (each.urn, name)
        for each in adoption.current
        for name, value in each.outputs.items()
        if contains_secrets(value)
    }

    def sealed(value: Any, name: str) -> Value:
        if isinstance(value, list):
            return [sealed(each, name) for each in value]
        if isinstance(value, dict):
            return {key: sealed(each, key) for key, each in value.items()}
        if isinstance(value, str):
            reference = references.anywhere(value, name)
            if reference is not None and (reference.urn, reference.property) in secret:
                return Secret(value)
        found: Value = value
        return found

    return {
        name: Secret(each.value) if each.sensitive else sealed(each.value, name)
        for name, each in outputs.items()
    }


def _camel(name: str) -> str:
    first, *others = [part for part in name.split("_") if part]
    return first + "".join(part.capitalize() for part in others)
