"""What the author of a component provider writes, and answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stackwright.sdk.output import Input, Inputs
from stackwright.sdk.resource import ResourceOptions


@dataclass(eq=False)
class ConstructResult:
    """A component that was made: its URN, and the outputs that its user sees."""

    urn: Input[str]
    state: Inputs


@dataclass(eq=False)
class CheckFailure:
    """One thing that is wrong with the arguments of a call."""

    property: str
    reason: str


@dataclass(eq=False)
class CallResult:
    """What a method answers, or what is wrong with its arguments."""

    outputs: Inputs
    failures: Sequence[CheckFailure] | None = None


@dataclass(eq=False)
class InvokeResult:
    """What a function answers, or what is wrong with its arguments."""

    outputs: Mapping[str, Any]
    failures: Sequence[CheckFailure] | None = None


class Provider:
    """
    A package of components and functions. Subclasses override what their package has.

    *version* is a semantic version, *schema* the package's schema as JSON.
    """

    version: str | None
    schema: str | None

    def __init__(self, version: str | None, schema: str | None = None) -> None:
        self.version = version
        self.schema = schema

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: ResourceOptions | None = None
    ) -> ConstructResult:
        """Make a component of the type *resource_type* from *inputs*."""
        raise Exception("Subclass of Provider must implement 'construct'")  # noqa: TRY002 # §19.1

    def call(self, token: str, args: Inputs) -> CallResult:
        """Call the method *token*; the component is in `args["__self__"]`."""
        raise Exception(f"Unknown method {token}")  # noqa: TRY002 # §19.1

    def invoke(self, token: str, args: Mapping[str, Any]) -> InvokeResult:
        """Call the function *token*."""
        raise Exception(f"Unknown function {token}")  # noqa: TRY002 # §19.1

    def cancel(self) -> None:
        """Stop what is under way: the deployment was interrupted."""
