"""`Stash`: a value that the stack keeps (sdk.md §14)."""

from __future__ import annotations

from typing import Any, overload

from stackwright.sdk import _types
from stackwright.sdk.output import Input, Output
from stackwright.sdk.resource import CustomResource, ResourceOptions


@_types.input_type
class StashArgs:
    """What is stashed."""

    def __init__(self, *, input: Input[Any]) -> None:
        _types.set(self, "input", input)

    @property
    @_types.getter
    def input(self) -> Input[Any]:
        """The value."""
        return _types.get(self, "input")

    @input.setter
    def input(self, value: Input[Any]) -> None:
        _types.set(self, "input", value)


class Stash(CustomResource):
    """Keeps the first value it was given, however the input changes later."""

    @overload
    def __init__(
        self, resource_name: str, opts: ResourceOptions | None = None, input: Input[Any] | None = None
    ) -> None: ...

    @overload
    def __init__(self, resource_name: str, args: StashArgs, opts: ResourceOptions | None = None) -> None: ...

    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        given, input, opts = (kwargs.pop(name, None) for name in ("args", "input", "opts"))
        for argument in args:
            if isinstance(argument, StashArgs):
                given = argument
            elif isinstance(argument, ResourceOptions):
                opts = argument
            elif argument is not None and args.index(argument) == 1 and input is None:
                input = argument
            elif argument is not None:
                raise TypeError(f"unexpected argument of type {type(argument).__name__}")
        if kwargs:
            raise TypeError(f"unexpected keyword argument '{next(iter(kwargs))}'")
        value = given.input if isinstance(given, StashArgs) else input
        if value is None and (opts is None or opts.urn is None):
            raise TypeError("Missing required property 'input'")
        props: Any = StashArgs.__new__(StashArgs)
        vars(props).update(input=value, output=None)
        super().__init__("pulumi:index:Stash", resource_name, props, opts)

    @property
    @_types.getter
    def input(self) -> Output[Any]:
        """The value as it was given now."""
        return _types.get(self, "input")  # type: ignore[no-any-return] # declared above

    @property
    @_types.getter
    def output(self) -> Output[Any]:
        """The value as it was given first."""
        return _types.get(self, "output")  # type: ignore[no-any-return] # declared above
