"""
The schema of a package of components, as JSON (packages.md §1).

Decides the form; what there is to say comes from `analyzer`. Names and members are
those of the schema's own specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stackwright.sdk.provider.experimental.analyzer import (
    ComponentDefinition,
    Dependency,
    EnumValueDefinition,
    Parameterization,
    PropertyDefinition,
    PropertyType,
    TypeDefinition,
)

_LANGUAGES = ("nodejs", "python", "csharp", "java", "go")


@dataclass
class EnumValue:
    """One member of an enum."""

    name: str
    value: str | float | int | bool
    description: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        return {"name": self.name, "value": self.value, "description": self.description}

    @staticmethod
    def from_definition(definition: EnumValueDefinition) -> EnumValue:
        """The member that was found."""
        return EnumValue(definition.name, definition.value, definition.description)


@dataclass
class ObjectType:
    """Something with properties, some of which have to be there."""

    type: PropertyType
    properties: dict[str, Property]
    required: list[str]


@dataclass
class Property:
    """One property: of a type, or of what *ref* points to."""

    type: PropertyType | None
    will_replace_on_changes: bool | None
    items: Property | None
    additional_properties: Property | None
    ref: str | None
    plain: bool | None
    description: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        return {
            "description": self.description,
            "type": self.type.value if self.type is not None else None,
            "willReplaceOnChanges": self.will_replace_on_changes or None,
            "items": self.items.to_json() if self.items is not None else None,
            "additionalProperties": _json(self.additional_properties),
            "plain": self.plain or None,
            "$ref": self.ref,
        }

    @staticmethod
    def from_definition(property: PropertyDefinition) -> Property:
        """The property that was found."""
        return Property(
            type=property.type,
            will_replace_on_changes=False,
            items=_property(property.items),
            additional_properties=_property(property.additional_properties),
            ref=property.ref,
            plain=property.plain,
            description=property.description,
        )


def _json(property: Property | None) -> dict[str, Any] | None:
    return None if property is None else property.to_json()


def _property(definition: PropertyDefinition | None) -> Property | None:
    return None if definition is None else Property.from_definition(definition)


def _properties(definitions: dict[str, PropertyDefinition]) -> dict[str, Property]:
    return {name: Property.from_definition(definition) for name, definition in definitions.items()}


def _required(definitions: dict[str, PropertyDefinition]) -> list[str]:
    return sorted(name for name, definition in definitions.items() if not definition.optional)


def _all_json(properties: dict[str, Property]) -> dict[str, Any]:
    return {name: property.to_json() for name, property in properties.items()}


@dataclass
class ComplexType(ObjectType):
    """A class, or an enum."""

    description: str | None = None
    enum: list[EnumValue] | None = None

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        return {
            "type": self.type.value,
            "properties": _all_json(self.properties) or None,
            "required": self.required or None,
            "description": self.description,
            "enum": [value.to_json() for value in self.enum] if self.enum else None,
        }

    @staticmethod
    def from_definition(type_def: TypeDefinition) -> ComplexType:
        """The type that was found."""
        return ComplexType(
            type=type_def.type,
            properties=_properties(type_def.properties),
            required=_required(type_def.properties),
            description=type_def.description,
            enum=[EnumValue.from_definition(value) for value in type_def.enum] if type_def.enum else None,
        )


@dataclass
class Resource(ObjectType):
    """A component."""

    is_component: bool
    input_properties: dict[str, Property]
    required_inputs: list[str]
    description: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        return {
            "isComponent": self.is_component,
            "description": self.description,
            "type": self.type.value,
            "inputProperties": _all_json(self.input_properties),
            "requiredInputs": self.required_inputs,
            "properties": _all_json(self.properties),
            "required": self.required,
        }

    @staticmethod
    def from_definition(component: ComponentDefinition) -> Resource:
        """The component that was found."""
        return Resource(
            type=PropertyType.OBJECT,
            properties=_properties(component.outputs),
            required=_required(component.outputs),
            is_component=True,
            input_properties=_properties(component.inputs),
            required_inputs=_required(component.inputs),
            description=component.description,
        )


@dataclass
class ParameterizationDescriptor:
    """The parameter of a package; *value* is in base64."""

    name: str
    version: str
    value: str

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        return {"name": self.name, "version": self.version, "value": self.value}

    @staticmethod
    def from_definition(parameterization: Parameterization) -> ParameterizationDescriptor:
        """The parameter that was found."""
        return ParameterizationDescriptor(
            parameterization.name, parameterization.version, parameterization.value
        )


@dataclass
class PackageDescriptor:
    """A package that this one needs."""

    name: str
    version: str | None = None
    downloadURL: str | None = None  # noqa: N815 # as in the schema
    parameterization: ParameterizationDescriptor | None = None

    def to_json(self) -> dict[str, Any]:
        """Its form in the schema."""
        parameter = self.parameterization
        return remove_none(
            {
                "name": self.name,
                "version": self.version,
                "downloadURL": self.downloadURL,
                "parameterization": parameter.to_json() if parameter is not None else None,
            }
        )

    @staticmethod
    def from_definition(dep: Dependency) -> PackageDescriptor:
        """The package that was found."""
        parameter = dep.parameterization
        return PackageDescriptor(
            name=dep.name,
            version=dep.version,
            downloadURL=dep.downloadURL,
            parameterization=None
            if parameter is None
            else ParameterizationDescriptor.from_definition(parameter),
        )


@dataclass
class PackageSpec:
    """A whole schema."""

    name: str
    version: str
    displayName: str  # noqa: N815 # as in the schema
    namespace: str | None
    resources: dict[str, Resource]
    types: dict[str, ComplexType]
    language: dict[str, dict[str, Any]]
    dependencies: list[PackageDescriptor] | None

    def to_json(self) -> dict[str, Any]:
        """The schema itself."""
        return remove_none(
            {
                "name": self.name,
                "version": self.version,
                "displayName": self.displayName,
                "namespace": self.namespace,
                "resources": {token: resource.to_json() for token, resource in self.resources.items()},
                "types": {token: type_.to_json() for token, type_ in self.types.items()},
                "language": self.language,
                "dependencies": [dependency.to_json() for dependency in self.dependencies or ()],
            }
        )


def generate_schema(
    name: str,
    version: str,
    namespace: str | None,
    components: dict[str, ComponentDefinition],
    type_definitions: dict[str, TypeDefinition],
    dependencies: list[Dependency],
) -> PackageSpec:
    """The schema of the package *name*, of all that was found for it."""
    return PackageSpec(
        name=name,
        version=version,
        displayName=name,
        namespace=namespace,
        resources={
            f"{name}:index:{component}": Resource.from_definition(definition)
            for component, definition in components.items()
        },
        types={
            f"{name}:index:{type_}": ComplexType.from_definition(definition)
            for type_, definition in type_definitions.items()
        },
        # Generated packages shall have the version of the schema they are made from.
        language={language: {"respectSchemaVersion": True} for language in _LANGUAGES},
        dependencies=[PackageDescriptor.from_definition(dependency) for dependency in dependencies],
    )


def remove_none(d: dict[str, Any]) -> dict[str, Any]:
    """*d* without the entries that are None, at every level of mappings."""
    return {
        name: remove_none(value) if isinstance(value, dict) else value
        for name, value in d.items()
        if value is not None
    }
