"""
A provider made of component classes (sdk.md §19.2).

Decides how inputs reach a component's constructor (Python's names, enums as members,
whole numbers as integers) and how its outputs leave it. What a component takes and
has was found by `analyzer`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from stackwright.sdk.errors import InputPropertyError
from stackwright.sdk.output import Inputs, Output
from stackwright.sdk.provider.experimental.analyzer import (
    Analyzer,
    ComponentDefinition,
    Dependency,
    PropertyDefinition,
    PropertyType,
    TypeDefinition,
)
from stackwright.sdk.provider.experimental.schema import generate_schema
from stackwright.sdk.provider.provider import ConstructResult, Provider
from stackwright.sdk.provider.server import ComponentInitError
from stackwright.sdk.resource import ComponentResource, ResourceOptions
from stackwright.values import Unknown


class ComponentProvider(Provider):
    """A package whose resources are component classes, and whose schema is what these say."""

    path: Path

    _type_defs: dict[str, TypeDefinition]
    _external_enum_types: dict[str, type[Enum]]
    _component_defs: dict[str, ComponentDefinition]
    _components: dict[str, type[ComponentResource]]
    _dependencies: list[Dependency]
    _name: str

    def __init__(
        self,
        components: list[type[ComponentResource]],
        name: str,
        namespace: str | None = None,
        version: str = "0.0.0",
    ) -> None:
        self._name = name
        self.analyzer = Analyzer(name)
        found = self.analyzer.analyze(components)
        self._components = {component.__name__: component for component in components}
        self._component_defs = found["component_definitions"]
        self._type_defs = found["type_definitions"]
        self._external_enum_types = found["external_enum_types"]
        self._dependencies = sorted(found["dependencies"], key=lambda one: f"{one.name}{one.version}")
        schema = generate_schema(
            name, version, namespace, self._component_defs, self._type_defs, self._dependencies
        )
        super().__init__(version, json.dumps(schema.to_json()))

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: ResourceOptions | None = None
    ) -> ConstructResult:
        """
        Make the component of that type.

        Raises:
            InputPropertyError: An input is missing, or none that the component takes.
            ComponentInitError: The component's constructor has failed.
        """
        self.validate_resource_type(self._name, resource_type)
        token = resource_type.rpartition(":")[2]
        definition = self._component_defs[token]
        make: Any = self._components[token]
        args = self.map_inputs(inputs, definition)
        try:
            component = make(name, args, options)
        except Exception as error:
            raise ComponentInitError(error) from error
        return ConstructResult(component.urn, self.get_state(component, definition))

    def get_type_definition(self, prop: PropertyDefinition) -> TypeDefinition | None:
        """The type that a property refers to; None if it is none of this package."""
        if not prop.ref:
            raise ValueError(f"property {prop} is not a complex type")
        if not prop.ref.startswith("#/types/"):
            return None
        return self._type_defs[prop.ref.rpartition(":")[2]]

    # Inputs ---------------------------------------------------------------------------------------

    def map_inputs(self, inputs: Inputs, component_def: ComponentDefinition) -> Inputs:
        """*inputs* under the names that the component's constructor knows them by."""
        return self.map_input_properties(
            inputs, component_def.inputs, component_def.inputs_mapping, component_def.name, ""
        )

    def map_input_properties(
        self,
        inputs: Inputs,
        properties: dict[str, PropertyDefinition],
        mapping: dict[str, str],
        component_name: str,
        property_path: str,
    ) -> Inputs:
        """
        A bag under Python's names, at every depth.

        Raises:
            InputPropertyError: A required property is missing, or has a value it cannot have;
                the path begins with *property_path*.
        """
        mapped: dict[str, Any] = {}
        for name, definition in properties.items():
            path = f"{property_path}.{name}" if property_path else name
            value = inputs.get(name)
            if value is not None:
                mapped[mapping[name]] = self._input(value, definition, component_name, path)
            elif not definition.optional:
                raise InputPropertyError(path, f"Missing required input '{path}' on '{component_name}'")
        return mapped

    def _input(self, value: Any, definition: PropertyDefinition, component: str, path: str) -> Any:
        def inside(value: Any) -> Any:
            return self._input(value, definition, component, path)

        if isinstance(value, Output):
            return self._later(value, definition, inside)
        if isinstance(value, Unknown):
            return value
        if definition.ref:
            return self._referred(value, definition, component, path)
        if definition.items is not None and isinstance(value, list):
            return [
                self._input(item, definition.items, component, f"{path}[{index}]")
                for index, item in enumerate(value)
            ]
        if definition.additional_properties is not None and isinstance(value, dict):
            return {
                key: self._input(item, definition.additional_properties, component, f"{path}.{key}")
                for key, item in value.items()
            }
        if definition.type is PropertyType.INTEGER:
            return _whole(value, path)
        return value

    def _later(
        self, value: Output[Any], definition: PropertyDefinition, inside: Callable[[Any], Any]
    ) -> Output[Any]:
        """An output is mapped when it is known, if there is anything to map."""
        parts = [definition, definition.items, definition.additional_properties]
        if any(part is not None and (part.ref or part.type is PropertyType.INTEGER) for part in parts):
            return value.apply(inside)
        return value

    def _referred(self, value: Any, definition: PropertyDefinition, component: str, path: str) -> Any:
        target = self.get_type_definition(definition)
        members: Any = self._external_enum_types.get(definition.ref or "")
        if target is not None and target.enum:
            members = target.python_type
        if members is not None:
            try:
                return members(value)
            except ValueError as error:
                raise InputPropertyError(
                    path, f"Invalid value {value} of type {type(value)} for enum '{members.__name__}'"
                ) from error
        if target is None:
            return value
        bag = value if isinstance(value, dict) else {}
        return self.map_input_properties(bag, target.properties, target.properties_mapping, component, path)

    # Outputs --------------------------------------------------------------------------------------

    def get_state(self, instance: ComponentResource, component_def: ComponentDefinition) -> dict[str, Any]:
        """The outputs of a component under the names of the schema; those that are None are left out."""
        state: dict[str, Any] = {}
        for name, definition in component_def.outputs.items():
            value = getattr(instance, component_def.outputs_mapping[name], None)
            if value is not None:
                state[name] = self._output(value, definition)
        return state

    def map_complex_output(
        self, instance_val: dict[str, Any] | Output[dict[str, Any]], type_def: TypeDefinition
    ) -> dict[str, Any] | Output[dict[str, Any]]:
        """A value of a class under the names of the schema, at every depth; later, if it is an output."""
        if isinstance(instance_val, Output):
            return instance_val.apply(lambda value: self.map_complex_output(value, type_def))
        given: Any = instance_val
        values = given if isinstance(given, Mapping) else vars(given)
        found: dict[str, Any] = {}
        for name, definition in type_def.properties.items():
            value = values.get(type_def.properties_mapping[name])
            if value is not None:
                found[name] = self._output(value, definition)
        return found

    def _output(self, value: Any, definition: PropertyDefinition) -> Any:
        if isinstance(value, Output):
            return value.apply(lambda known: self._output(known, definition))
        if definition.ref:
            target = self.get_type_definition(definition)
            if isinstance(value, Enum):
                return value.value
            return value if target is None or target.enum else self.map_complex_output(value, target)
        if definition.items is not None and isinstance(value, list):
            return [self._output(item, definition.items) for item in value]
        if definition.additional_properties is not None and isinstance(value, dict):
            return {key: self._output(item, definition.additional_properties) for key, item in value.items()}
        return value

    @staticmethod
    def validate_resource_type(pkg_name: str, resource_type: str) -> None:
        """Raise ValueError if that is no type of the package."""
        parts = resource_type.split(":")
        if len(parts) != 3:  # package, module, name
            raise ValueError(f"invalid resource type: {resource_type}")
        package, module, name = parts
        if package != pkg_name:
            raise ValueError(f"invalid provider: {package}, expected {pkg_name}")
        if module not in ("index", ""):
            raise ValueError(
                f"invalid module '{module}' in resource type: {resource_type}, expected index or empty string"
            )
        if not name:
            raise ValueError(f"empty component name in resource type: {resource_type}")


def _whole(value: Any, path: str) -> Any:
    """A number that came as a float, which all numbers do."""
    if not isinstance(value, (int, float, str)):
        return value
    try:
        return int(value)
    except ValueError as error:
        raise InputPropertyError(
            path, f"Invalid value {value!r} of type {type(value)} for integer property {path}"
        ) from error
