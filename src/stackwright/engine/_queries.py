"""What exists of a type, whoever made it: asked of its provider, without a program (protocol.md §8.17)."""

from __future__ import annotations

from contextlib import aclosing

import msgspec

from stackwright.engine._context import Context
from stackwright.engine._events import ResourceFound
from stackwright.engine._imports import Imports
from stackwright.engine.plan import ImportGoal
from stackwright.errors import StackwrightError
from stackwright.goals import PackageRequest, Parameterization
from stackwright.providers import ListRequest, ListsResources, UnimplementedError
from stackwright.urn import Urn
from stackwright.values import PropertyMap


class ResourceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    A question for what there is.

    Attributes:
        query: What the provider lets one ask for; what that is, depends on the type.
        limit: How many are enough; 0 for all.
        provider: The URN of an explicit provider, or None for the default one of `package`.
        package: None for the newest package of the type's name.
    """

    type: str
    query: PropertyMap = {}
    limit: int = 0
    provider: Urn | None = None
    package: PackageRequest | None = None
    extension: Parameterization | None = None
    """What the provider has to learn first, if its own package does not have the type."""


class Queries:
    """The query of one deployment, which finds its provider as an import would."""

    def __init__(self, context: Context, imports: Imports) -> None:
        self._context = context
        self._imports = imports

    async def run(self, query: ResourceQuery) -> None:
        """
        Tell of everything that is found, as it is found.

        Raises:
            BailError: It cannot be found out, and the user has been told why.
        """
        await self._imports.keep(only_providers=True)
        goal = ImportGoal(type=query.type, name="query", provider=query.provider, package=query.package)
        reference = await self._imports.provider_of(goal)
        try:
            registry = self._context.registry
            extension = registry.extensions.announce(query.extension) if query.extension else ""
            provider = await registry.provider(reference, extension)
            if not isinstance(provider, ListsResources):
                raise UnimplementedError(f"its provider does not list what there is of {query.type}")
            request = ListRequest(type=query.type, query=query.query, limit=query.limit)
            found = 0
            async with aclosing(provider.list_resources(request)) as listed:
                async for each in listed:
                    self._context.report(ResourceFound(query.type, each.id, each.name))
                    found += 1
                    if found == query.limit:
                        return
        except StackwrightError as error:
            raise self._context.bail(str(error)) from error
