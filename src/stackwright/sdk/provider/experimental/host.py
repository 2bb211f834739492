"""Making a provider of component classes, and serving it (sdk.md §19.2)."""

from __future__ import annotations

import sys
import warnings
from inspect import isclass
from types import ModuleType
from typing import Any

from stackwright.sdk.provider.experimental.component import ComponentProvider
from stackwright.sdk.provider.server import main
from stackwright.sdk.resource import ComponentResource

is_hosting = False
"""Whether this process serves components already: a module that is read again does not start over."""


def component_provider_host(
    components: list[type[ComponentResource]],
    name: str,
    namespace: str | None = None,
    version: str | None = None,
) -> None:
    """
    Serve *components* as the package *name* until the engine is done with it.

    The schema is what the annotations of the classes say. Whatever is no component is left out,
    with a warning. A second call in one process does nothing.
    """
    global is_hosting  # noqa: PLW0603 # see there
    if is_hosting:
        return
    is_hosting = True
    provider = ComponentProvider(_components_of(components), name, namespace, version or "0.0.0")
    main(provider, sys.argv[1:])


def _components_of(given: list[Any]) -> list[type[ComponentResource]]:
    """Those of *given* that are components; the others get a warning each (edge case 109)."""
    components = []
    for one in given:
        if isclass(one) and issubclass(one, ComponentResource):
            components.append(one)
        else:
            shown = getattr(one, "__name__", repr(one))
            warnings.warn(
                f"component_provider_host: '{shown}' is not a ComponentResource subclass, so it will be "
                "excluded from the schema. Only classes that extend ComponentResource can be hosted.",
                stacklevel=3,
            )
    return components


def components_from_module(mod: ModuleType) -> list[type[ComponentResource]]:
    """The classes of components among the names of a module."""
    return [one for one in vars(mod).values() if isclass(one) and issubclass(one, ComponentResource)]
