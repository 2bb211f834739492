"""Options of function calls, and transforms of them (sdk.md §8.1, §12.2)."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from stackwright.sdk.resource import ResourceOptions, _check_depends_on, _join_depends_on, depends_on_list

if TYPE_CHECKING:
    from stackwright.sdk.output import Input, Inputs
    from stackwright.sdk.resource import ProviderResource, Resource


class InvokeOptions:
    """How a function is called: by which provider, of which version."""

    parent: Resource | None
    provider: ProviderResource | None
    version: str | None
    plugin_download_url: str | None

    def __init__(
        self,
        parent: Resource | None = None,
        provider: ProviderResource | None = None,
        version: str | None = None,
        plugin_download_url: str | None = None,
    ) -> None:
        self.parent = parent
        self.provider = provider
        self.version = version
        self.plugin_download_url = plugin_download_url

    @classmethod
    def from_resource_options(cls, opts: ResourceOptions) -> InvokeOptions:
        """The options of a resource that mean something to a function call as well."""
        if not isinstance(opts, ResourceOptions):
            raise TypeError("Expected opts to be a ResourceOptions instance")
        return InvokeOptions(opts.parent, opts.provider, opts.version, opts.plugin_download_url)

    # `InvokeOptions.merge(a, b)` and `a.merge(b)` are the same function, called on the class or an object.
    def merge(opts1: InvokeOptions | None, opts2: InvokeOptions | None) -> InvokeOptions:  # noqa: N805
        """
        Options with the second one's values in place of the first's; neither is changed.

        Any value but None counts: the empty version that options of the output form have, too.
        """
        for name, given in (("opts1", opts1), ("opts2", opts2)):
            if given is not None and not isinstance(given, InvokeOptions):
                raise TypeError(f"Expected {name} to be an InvokeOptions instance")
        merged = InvokeOptions() if opts1 is None else copy.copy(opts1)
        if opts2 is not None:
            _take_over(merged, opts2)
            if opts2.version is not None:
                merged.version = opts2.version
        return merged


class InvokeOutputOptions(InvokeOptions):
    """Options of the output form of a function call, which can depend on resources."""

    depends_on: Input[Sequence[Input[Resource]] | Resource] | None

    def __init__(
        self,
        parent: Resource | None = None,
        provider: ProviderResource | None = None,
        version: str | None = "",
        plugin_download_url: str | None = None,
        depends_on: Input[Sequence[Input[Resource]] | Resource] | None = None,
    ) -> None:
        super().__init__(parent, provider, version, plugin_download_url)
        if depends_on is not None:
            _check_depends_on(depends_on)
        self.depends_on = depends_on

    def _depends_on_list(self) -> Any:
        return depends_on_list(self.depends_on)

    @classmethod
    def from_resource_options(cls, opts: ResourceOptions) -> InvokeOutputOptions:
        """The options of a resource that mean something to a function call as well."""
        if not isinstance(opts, ResourceOptions):
            raise TypeError("Expected opts to be a ResourceOptions instance")
        return InvokeOutputOptions(
            opts.parent, opts.provider, opts.version, opts.plugin_download_url, opts.depends_on
        )

    def merge(
        opts1: InvokeOptions | None,  # noqa: N805
        opts2: InvokeOptions | None,
    ) -> InvokeOutputOptions:
        """Options with the second one's values in place of the first's, and both sides' dependencies."""
        merged = InvokeOutputOptions()
        for name, given in (("opts1", opts1), ("opts2", opts2)):
            if given is None:
                continue
            if not isinstance(given, InvokeOptions):
                raise TypeError(f"Expected {name} to be an InvokeOptions or InvokeOutputOptions instance")
            _take_over(merged, given)
            dependencies = getattr(given, "depends_on", None)
            if dependencies is not None:
                merged.depends_on = (
                    depends_on_list(dependencies)
                    if merged.depends_on is None
                    else _join_depends_on(merged.depends_on, dependencies)
                )
        return merged


def _take_over(merged: InvokeOptions, given: InvokeOptions) -> None:
    if given.parent is not None:
        merged.parent = given.parent
    if given.provider is not None:
        merged.provider = given.provider
    # The output form's default is the empty text, which says as little as None.
    if given.version:
        merged.version = given.version
    if given.plugin_download_url is not None:
        merged.plugin_download_url = given.plugin_download_url


class InvokeTransformArgs:
    """What an invoke transform is given; names of arguments are those on the wire."""

    token: str
    args: Inputs
    opts: InvokeOptions

    def __init__(self, token: str, args: Inputs, opts: InvokeOptions) -> None:
        self.token = token
        self.args = args
        self.opts = opts


class InvokeTransformResult:
    """What an invoke transform answers: other arguments and options."""

    args: Inputs
    opts: InvokeOptions

    def __init__(self, args: Inputs, opts: InvokeOptions) -> None:
        self.args = args
        self.opts = opts


InvokeTransform = Callable[
    [InvokeTransformArgs],
    Awaitable[InvokeTransformResult | None] | InvokeTransformResult | None,
]
"""Asked by the deployment for every function call."""
