"""
The Python code that declares what a command imported (cli.md §4.8).

Put into the program, it says what was recorded, so that the next preview has nothing to
change. What the program has already, parents and providers, goes by the names it has there. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from stackwright.engine._packages import strip_internal
from stackwright.moving._declarations import Arguments, Secrets, UsedPackage, imports, literal, statement
from stackwright.moving._expressions import Expression, Listed, Mapped
from stackwright.moving._names import Distinct, variable_name
from stackwright.moving._references import Known, Reference, resembling
from stackwright.packages._schema import PropertySpec
from stackwright.packages.sdkgen._names import py_name
from stackwright.packages.sdkgen._text import quoted
from stackwright.state import ResourceState
from stackwright.urn import ROOT_STACK_TYPE, Urn, is_provider_type, resource_package, urn_name, urn_type
from stackwright.values import PropertyMap, PropertyPath, Secret, Value, reveal


class Imported(msgspec.Struct, frozen=True):
    """A resource that was imported, and what it is called where others refer to it."""

    record: ResourceState
    name: str


class ImportedProgram(msgspec.Struct, frozen=True, kw_only=True):
    """
    Code to put into a program.

    Attributes:
        secrets: The values of the project's configuration that it wants, by key.
        expects: The names that it uses and the program has to have already.
        notes: What is left to a person to say.
    """

    source: str
    secrets: Mapping[str, Value]
    expects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_imported(
    resources: Sequence[Imported],
    packages: Mapping[str, UsedPackage],
    names: Mapping[Urn, str],
    *,
    configured: Mapping[str, str] | None = None,
) -> ImportedProgram:
    """
    *packages* are by name; what is of none is declared without its class.

    *names* are those that the program has for other resources, *configured* what its configuration has.
    """
    return _Writer(resources, packages, names, configured or {}).program()


class _Writer:
    def __init__(
        self,
        resources: Sequence[Imported],
        packages: Mapping[str, UsedPackage],
        names: Mapping[Urn, str],
        configured: Mapping[str, str],
    ) -> None:
        self._packages = packages
        self._secrets = Secrets(configured)
        self._notes: list[str] = []
        self._expects: dict[str, None] = {}
        self._used: dict[str, UsedPackage] = {}
        self._records = {each.record.urn: each.record for each in resources}
        self._elsewhere = {urn: variable_name(name) for urn, name in names.items()}
        modules = (each.short for each in packages.values())
        variables = Distinct(iter([*self._elsewhere.values(), *modules, "config", "json", "pulumi"]))
        self._variables = {
            each.record.urn: variables.name(
                variable_name(each.name),
                variable_name(f"{each.name}_{py_name(each.record.type.rpartition(':')[2])}"),
                separator="_",
            )
            for each in resources
        }
        self._references = resembling([self._known(each) for each in self._records.values()])

    def _known(self, record: ResourceState) -> Known:
        return Known(
            urn=record.urn,
            type=record.type,
            variable=self._variables[record.urn],
            id="" if is_provider_type(record.type) else record.id,
            inputs=record.inputs,
            outputs=record.outputs,
        )

    def program(self) -> ImportedProgram:
        body = [self._declared(record) for record in self._in_order()]
        lines = imports(body, self._used.values(), uses_config=bool(self._secrets.values))
        return ImportedProgram(
            source="\n".join(lines) + "\n\n" + "\n\n".join(body) + "\n",
            secrets=self._secrets.values,
            expects=tuple(self._expects),
            notes=tuple(self._notes),
        )

    def _in_order(self) -> Iterator[ResourceState]:
        """Whatever is referred to comes first; a reference that would close a circle is given up."""
        done: set[Urn] = set()
        open_: set[Urn] = set()

        def visit(record: ResourceState) -> Iterator[ResourceState]:
            open_.add(record.urn)
            references = self._references.get(record.urn, {})
            for path in [path for path, each in references.items() if each.urn in open_]:
                del references[path]
            for urn in [*self._belongs_to(record), *(each.urn for each in references.values())]:
                if urn in self._records and urn not in done and urn not in open_:
                    yield from visit(self._records[urn])
            open_.discard(record.urn)
            done.add(record.urn)
            yield record

        for record in self._records.values():
            if record.urn not in done:
                yield from visit(record)

    @staticmethod
    def _belongs_to(record: ResourceState) -> Iterator[Urn]:
        if record.parent is not None:
            yield record.parent
        if record.provider:
            yield Urn(record.provider.rpartition("::")[0])

    # One resource ---------------------------------------------------------------------------------

    def _declared(self, record: ResourceState) -> str:
        variable, options = self._variables[record.urn], self._options(record)
        package = self._packages.get(resource_package(record.type))
        specs = self._specs(record, package)
        if package is None or specs is None:
            return self._untyped(record, options)
        self._used[package.module] = package
        inputs = self._said(record, specs)
        references: Mapping[PropertyPath, Reference] = self._references.get(record.urn, {})
        read = {path: each.expression() for path, each in references.items()}
        arguments = Arguments(package, variable, self._secrets, read)
        if is_provider_type(record.type):
            named = [
                (py_name(key), arguments.of(inputs[key], spec, (key,)))
                for key, spec in specs.items()
                if key in inputs
            ]
            made = f"{package.short}.Provider"
            return statement(variable, made, [quoted(urn_name(record.urn))], named, options)
        self._note_missing(record, package)
        return arguments.declared(record.type, urn_name(record.urn), inputs, specs, options)

    @staticmethod
    def _specs(record: ResourceState, package: UsedPackage | None) -> Mapping[str, PropertySpec] | None:
        if package is None:
            return None
        if is_provider_type(record.type):
            provider = package.schema.document.provider
            return provider.input_properties if provider is not None else {}
        if record.type not in package.schema.resources:
            return None
        return package.schema.resources[record.type].input_properties

    @staticmethod
    def _said(record: ResourceState, specs: Mapping[str, PropertySpec]) -> PropertyMap:
        if not is_provider_type(record.type):
            return record.inputs
        # What is no text goes to providers as JSON.
        return {
            key: _parsed(value) if key in specs and specs[key].type != "string" else value
            for key, value in strip_internal(record.inputs).items()
        }

    def _note_missing(self, record: ResourceState, package: UsedPackage) -> None:
        needed = package.schema.resources[record.type].required_inputs
        missing = [py_name(name) for name in needed if name not in record.inputs]
        if missing:
            variable = self._variables[record.urn]
            self._notes.append(f"{variable} needs {', '.join(missing)} as well: its provider does not tell")

    def _options(self, record: ResourceState) -> list[tuple[str, Expression]]:
        options: list[tuple[str, Expression]] = []
        if record.parent is not None and urn_type(record.parent) != ROOT_STACK_TYPE:
            options.append(("parent", self._name_of(record.parent)))
        provider = Urn(record.provider.rpartition("::")[0])
        if provider in self._variables or provider in self._elsewhere:
            options.append(("provider", self._name_of(provider)))
        if record.protect:
            options.append(("protect", "True"))
        return options

    def _name_of(self, urn: Urn) -> str:
        known = self._variables.get(urn)
        if known is not None:
            return known
        name = self._elsewhere.get(urn) or variable_name(urn_name(urn))
        self._expects[name] = None
        return name

    def _untyped(self, record: ResourceState, options: list[tuple[str, Expression]]) -> str:
        """Without a class of its own: components, and types of packages that nobody knows."""
        variable, name = self._variables[record.urn], urn_name(record.urn)
        positional: list[Expression] = [quoted(record.type), quoted(name)]
        if not record.custom:
            return statement(variable, "pulumi.ComponentResource", positional, [], options)
        positional.append(self._raw(record.inputs, variable))
        return statement(variable, "pulumi.CustomResource", positional, [], options)

    def _raw(self, value: Value, words: str) -> Expression:
        match value:
            case Secret():
                return self._secrets.read(reveal(value), words)
            case list():
                return Listed(tuple(self._raw(each, words) for each in value))
            case dict():
                return Mapped(
                    tuple((key, self._raw(each, f"{words}_{py_name(key)}")) for key, each in value.items())
                )
        return literal(value)


def _parsed(value: Value) -> Value:
    if isinstance(value, Secret):
        return Secret(_parsed(value.value))
    if not isinstance(value, str):
        return value
    try:
        parsed: Value = json.loads(value)
    except ValueError:
        return value
    return parsed
