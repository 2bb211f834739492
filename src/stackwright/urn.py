"""
URNs, type tokens and provider references: the names everything else goes by.

A URN is a plain string at run time (`Urn` is a type for checkers), so that it
costs nothing to keep, compare and send. Only `make_urn`, `child_urn` and
`parse_urn` make one. Facts: engine.md §1.1, §1.2, §2.1; protocol.md §5.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple, NewType

from stackwright.errors import UserError

Urn = NewType("Urn", str)
"""The full address of a resource within everything: stack, project, type chain and name."""

NO_URN: Final = Urn("")
"""The absent URN, where the wire has an empty string."""

PREFIX: Final = "urn:pulumi:"
ROOT_STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_TYPE_PREFIX: Final = "pulumi:providers:"
UNKNOWN_ID: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for an id that a preview cannot know (E15)."""


class InvalidUrnError(UserError):
    """A string that should be a URN is not one (E2)."""

    code = "invalid-urn"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` is not a URN" if text else "A URN is missing",
            hint="A URN looks like urn:pulumi:STACK::PROJECT::TYPE::NAME",
        )


class InvalidProviderReferenceError(UserError):
    """A string that should be a provider reference is not one (E23)."""

    code = "invalid-provider-reference"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` is not a provider reference",
            hint="A provider reference looks like URN-OF-A-PROVIDER::ID",
        )


class UrnParts(NamedTuple):
    """A URN taken apart; `qualified_type` is the chain of types, `type` its last link (E3, E4)."""

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        return self.qualified_type.rpartition("$")[2]


class ProviderReference(NamedTuple):
    """Which provider instance manages a resource: the provider's URN and its id (E23)."""

    urn: Urn
    id: str

    def __str__(self) -> str:
        return f"{self.urn}::{self.id or UNKNOWN_ID}" if self.urn else ""

    @property
    def package(self) -> str:
        return provider_package(urn_type(self.urn)) or ""


def is_urn(text: str) -> bool:
    """Whether *text* has the form of a URN: the prefix and three separators (E2)."""
    return text.startswith(PREFIX) and text.count("::") >= 3


def parse_urn(text: str) -> Urn:
    """Take *text* as a URN, or raise `InvalidUrnError`. The empty string is an error too."""
    if not is_urn(text):
        raise InvalidUrnError(text)
    return Urn(text)


def parse_optional_urn(text: str) -> Urn | None:
    """Like `parse_urn`, with the empty string read as «none»."""
    return parse_urn(text) if text else None


@lru_cache(maxsize=4096)
def split_urn(urn: str) -> UrnParts:
    """Take a URN apart; a part that is missing is empty rather than an error (E3)."""
    stack, _, rest = urn.removeprefix(PREFIX).partition("::")
    project, _, rest = rest.partition("::")
    qualified_type, _, name = rest.partition("::")
    return UrnParts(stack, project, qualified_type, name)


def urn_name(urn: str) -> str:
    """The name part: all that follows the third separator (E3)."""
    parts = urn.removeprefix(PREFIX).split("::", 3)
    return parts[3] if len(parts) == 4 else ""


def urn_type(urn: str) -> str:
    """The resource's own type: what follows the last `$` of the type chain (E4)."""
    return urn_qualified_type(urn).rpartition("$")[2]


def urn_qualified_type(urn: str) -> str:
    """The whole chain of types."""
    parts = urn.removeprefix(PREFIX).split("::", 3)
    return parts[2] if len(parts) > 2 else ""


def make_urn(stack: str, project: str, parent_type: str, type_: str, name: str) -> Urn:
    """
    Build a URN below a parent whose chain of types is *parent_type* (may be empty).

    A parent that is the root stack contributes nothing (E5).
    """
    qualified = type_ if not parent_type or parent_type == ROOT_STACK_TYPE else f"{parent_type}${type_}"
    return Urn(f"{PREFIX}{stack}::{project}::{qualified}::{name}")


def child_urn(stack: str, project: str, parent: Urn | None, type_: str, name: str) -> Urn:
    """Build the URN of a resource below *parent* (None: at the top)."""
    return make_urn(stack, project, urn_qualified_type(parent) if parent else "", type_, name)


def rename_urn(
    urn: Urn, *, stack: str | None = None, project: str | None = None, name: str | None = None
) -> Urn:
    """The same address with another stack, project or name; the chain of types stays (E7)."""
    parts = split_urn(urn)
    return Urn(
        f"{PREFIX}{parts.stack if stack is None else stack}::{parts.project if project is None else project}"
        f"::{parts.qualified_type}::{parts.name if name is None else name}"
    )


def is_root_stack(urn: str) -> bool:
    """Whether this is the stack's own resource; recognised by its chain of types alone (E8)."""
    return urn_qualified_type(urn) == ROOT_STACK_TYPE


# Type tokens ------------------------------------------------------------------------------------


def type_package(token: str) -> str:
    """The package of `package:module:name` (E12)."""
    return token.partition(":")[0]


def is_type_token(token: str) -> bool:
    """Whether *token* has the three parts that custom and remote resources need (E12)."""
    return token.count(":") >= 2


def provider_package(type_: str) -> str | None:
    """The package whose provider has this type, or None for any other type (E13)."""
    if type_.startswith(PROVIDER_TYPE_PREFIX):
        return type_[len(PROVIDER_TYPE_PREFIX) :] or None
    return None


def is_provider_type(type_: str) -> bool:
    """Whether resources of this type are providers (E13)."""
    return provider_package(type_) is not None


def provider_type(package: str) -> str:
    """The type of a package's providers."""
    return PROVIDER_TYPE_PREFIX + package


def is_default_provider(urn: str) -> bool:
    """Whether this URN names a default provider: a provider type and a name that starts so (E24)."""
    # Nearly all URNs hold no such type anywhere: that is seen at a glance.
    return (
        PROVIDER_TYPE_PREFIX in urn
        and is_provider_type(urn_type(urn))
        and urn_name(urn).startswith("default")
    )


def resource_package(type_: str) -> str:
    """The package that manages resources of this type; for a provider type, the provider's package."""
    return provider_package(type_) or type_package(type_)


@lru_cache(maxsize=1024)
def parse_provider_reference(text: str) -> ProviderReference:
    """Take a provider reference apart at its *last* separator, or raise (E23)."""
    urn, separator, id_ = text.rpartition("::")
    if not separator or not is_urn(urn) or not is_provider_type(urn_type(urn)):
        raise InvalidProviderReferenceError(text)
    return ProviderReference(Urn(urn), id_ or UNKNOWN_ID)
