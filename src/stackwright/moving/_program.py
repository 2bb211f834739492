"""
The Python program that declares what was moved (terraform.md §11).

Written as a person would: typed arguments, references where values come from other
resources, secrets and what configures providers in the stack's configuration. What the
program says is what was recorded, so that its first preview has nothing to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stackwright.moving._adoption import Adoption, MovedResource, ProviderUse
from stackwright.moving._declarations import Arguments, Secrets, UsedPackage, camel, imports
from stackwright.moving._expressions import Expression, Listed, Mapped, call, plain, text, written
from stackwright.moving._names import Distinct, variable_name
from stackwright.moving._references import Mixed, Reference, References
from stackwright.packages.sdkgen._text import quoted
from stackwright.urn import Urn
from stackwright.values import PropertyMap, PropertyPath, Secret, Value, contains_secrets, reveal

if TYPE_CHECKING:
    from stackwright.moving._terraform_state import Output


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """
    A program, and what goes with it.

    Attributes:
        exports: The stack's outputs as it gives them: what is secret there is secret here.
        secrets: The values of the project's configuration that it wants, by key.
        references: What each resource's properties depend on.
        depends_on: What each resource depends on in all, as the program says it.
    """

    source: str
    exports: PropertyMap
    secrets: Mapping[str, Any]
    references: Mapping[Urn, Mapping[str, tuple[Urn, ...]]]
    depends_on: Mapping[Urn, tuple[Urn, ...]]


def provider_key(use: ProviderUse) -> str:
    """What the configuration of an additional provider is called in the project's configuration."""
    return camel(f"{use.type}_{variable_name(use.configuration)}")


def write_program(
    adoption: Adoption, outputs: Mapping[str, Output], packages: Mapping[str, UsedPackage], origin: str
) -> Program:
    """*packages* are by provider address; *origin* says where the state was."""
    return _Writer(adoption, outputs, packages).program(origin)


class _Told(msgspec.Struct, frozen=True):
    """What the program says, and the value that it has then."""

    expression: Expression
    value: Value


class _Writer:
    def __init__(
        self, adoption: Adoption, outputs: Mapping[str, Output], packages: Mapping[str, UsedPackage]
    ) -> None:
        self._resources = adoption.current
        self._protect = adoption.protect
        self._outputs = outputs
        self._packages = packages
        self._references = References(self._resources)
        self._sealed = {
            (each.urn, name)
            for each in self._resources
            for name, value in each.outputs.items()
            if contains_secrets(value)
        }
        self._secrets = Secrets()
        self._exports: PropertyMap = {}
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
            urns = dict.fromkeys(urn for each in found.values() for urn in each.urns())
            said = frozenset(groups[each] for each in urns)
            more = self._references.needed(resource, reach, said)
            body.append(self._resource(resource, found, more))
            waits = said | {each.group for each in more}
            below = waits.union(*(reach.get(group, frozenset()) for group in waits))
            reach[resource.group] = reach.get(resource.group, frozenset()) | below
            by_property: dict[str, dict[Urn, None]] = {}
            for path, reference in found.items():
                by_property.setdefault(str(path[0]), {}).update(dict.fromkeys(reference.urns()))
            references[resource.urn] = {name: tuple(each) for name, each in by_property.items()}
            depends_on[resource.urn] = tuple(urns | dict.fromkeys(each.urn for each in more))
        exports = [self._export(name, output) for name, output in self._outputs.items()]
        if exports:
            body.append("\n".join(exports))
        source = self._head(body, origin) + "\n\n" + "\n\n".join(body) + "\n"
        return Program(
            source=source,
            exports=self._exports,
            secrets=self._secrets.values,
            references=references,
            depends_on=depends_on,
        )

    def _head(self, body: list[str], origin: str) -> str:
        used = {each.provider.address for each in self._resources}
        uses_config = self._uses_config or bool(self._secrets.values)
        lines = imports(body, (self._packages[each] for each in used), uses_config=uses_config)
        return "\n".join([f'"""What Terraform managed in {origin}, moved in from its state."""', "", *lines])

    def _provider(self, use: ProviderUse, variable: str) -> str:
        self._uses_config = True
        package = self._packages[use.address]
        settings = f"config.get_object({quoted(provider_key(use))}) or {{}}"
        return f"{variable} = {package.short}.Provider({quoted(use.configuration)}, **({settings}))"

    # Resources ------------------------------------------------------------------------------------

    def _resource(
        self,
        resource: MovedResource,
        references: Mapping[PropertyPath, Reference | Mixed],
        more: list[MovedResource],
    ) -> str:
        package = self._packages[resource.provider.address]
        options: list[tuple[str, Expression]] = []
        if resource.provider.configuration:
            options.append(("provider", self._providers[resource.provider]))
        if more:
            options.append(("depends_on", Listed(tuple(each.variable for each in more))))
        if resource.ignored:
            options.append(("ignore_changes", Listed(tuple(map(quoted, resource.ignored)))))
        if resource.goes_first:
            # Its name is taken as long as the old one is there.
            options.append(("delete_before_replace", "True"))
        if self._protect:
            options.append(("protect", "True"))
        read = {path: reference.expression() for path, reference in references.items()}
        arguments = Arguments(package, resource.variable, self._secrets, read)
        specs = package.schema.resources[resource.type].input_properties
        return arguments.declared(resource.type, resource.name, resource.inputs, specs, options)

    # Outputs --------------------------------------------------------------------------------------

    def _export(self, name: str, output: Output) -> str:
        """The line that exports an output, of which the value is noted as the program gives it."""
        told = self._output(output.value, name, f"output_{name}", secret=output.sensitive)
        expression = told.expression
        if output.sensitive and self._refers(output.value, name):
            expression = call("pulumi.Output.secret", expression)
        is_secret = output.sensitive and output.value is not None
        self._exports[name] = Secret(reveal(told.value)) if is_secret else told.value
        return written(call("pulumi.export", quoted(name), expression))

    def _output(self, value: Any, name: str, words: str, *, secret: bool) -> _Told:
        """How the program says *value*, which *name* leads to; *words* are all that lead there."""
        if isinstance(value, str) and (found := self._references.anywhere(value, name)) is not None:
            sealed = (found.urn, found.property) in self._sealed
            return _Told(found.expression(), Secret(value) if sealed else value)
        if secret and value is not None and not self._refers(value, name):
            return _Told(self._secrets.read(value, words), value)
        if isinstance(value, list):
            items = [
                self._output(each, name, f"{words}_{at}", secret=secret) for at, each in enumerate(value)
            ]
            return _Told(Listed(tuple(each.expression for each in items)), [each.value for each in items])
        if isinstance(value, dict):
            members = {
                key: self._output(each, key, f"{words}_{key}", secret=secret) for key, each in value.items()
            }
            entries = tuple((key, each.expression) for key, each in members.items())
            return _Told(Mapped(entries), {key: each.value for key, each in members.items()})
        return _Told(text(value) if isinstance(value, str) else plain(value), value)

    def _refers(self, value: Any, name: str) -> bool:
        """Whether anything in *value* is known of a resource."""
        if isinstance(value, list):
            return any(self._refers(each, name) for each in value)
        if isinstance(value, dict):
            return any(self._refers(each, key) for key, each in value.items())
        return isinstance(value, str) and self._references.anywhere(value, name) is not None
