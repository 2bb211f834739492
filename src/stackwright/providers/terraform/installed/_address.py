"""Addresses of Terraform providers: `[host/][namespace/]type` (terraform.md §7.1)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stackwright.errors import UserError

TERRAFORM_HOST: Final = "registry.terraform.io"
OPENTOFU_HOST: Final = "registry.opentofu.org"
PUBLIC_HOSTS: Final = (TERRAFORM_HOST, OPENTOFU_HOST)
"""The public registries. What one calls `hashicorp/aws` is not promised to be the other's archive."""
DEFAULT_NAMESPACE: Final = "hashicorp"

_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?|\[[0-9a-f:]+\](?::[0-9]{1,5})?")
_PART: Final = re.compile(r"\w(?:[\w-]*\w)?")


class BadAddressError(UserError):
    """A text is not the address of a Terraform provider."""

    code = "bad-provider-address"


class ProviderAddress(msgspec.Struct, frozen=True, order=True):
    """Where a provider belongs; its text always has three parts."""

    host: str
    namespace: str
    type: str

    def __str__(self) -> str:
        return f"{self.host}/{self.namespace}/{self.type}"

    @property
    def is_public(self) -> bool:
        """Whether it belongs to one of the two public registries."""
        return self.host in PUBLIC_HOSTS

    @property
    def shown(self) -> str:
        """For people: without the host of a public registry."""
        return f"{self.namespace}/{self.type}" if self.is_public else str(self)

    def at(self, host: str) -> ProviderAddress:
        """The provider of this name on another host."""
        return ProviderAddress(host, self.namespace, self.type)


def parse_address(text: str, *, default_host: str = TERRAFORM_HOST) -> ProviderAddress:
    """
    Read an address; host and namespace may be missing.

    Raises:
        BadAddressError: It is none, or one of those that name no installable provider.
    """
    parts = text.strip().lower().split("/")
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise BadAddressError(
            f"`{text}` is not the address of a Terraform provider",
            hint="Addresses look like `hashicorp/aws` or `registry.example.com/team/thing`",
        )
    kind = parts[-1]
    namespace = parts[-2] if len(parts) > 1 else DEFAULT_NAMESPACE
    host = parts[0] if len(parts) == 3 else default_host
    if not _HOST.fullmatch(host) or ".." in host:
        raise BadAddressError(f"`{text}`: `{host}` is not the name of a host")
    if namespace == "-":
        raise BadAddressError(
            f"`{text}`: `-` stands for a namespace that old versions of Terraform did not know yet",
            hint=f"Write the provider's real namespace, such as `{DEFAULT_NAMESPACE}/{kind}`",
        )
    for part in (namespace, kind):
        if not _PART.fullmatch(part) or "--" in part or "_" in part:
            raise BadAddressError(
                f"`{text}`: `{part}` may hold letters, digits and single dashes within them",
            )
    for prefix in ("terraform-provider-", "terraform-"):
        if kind.startswith(prefix):
            shorter = "/".join([*parts[:-1], kind.removeprefix(prefix)])
            raise BadAddressError(
                f"`{text}`: the type of a provider has no prefix `{prefix}`", hint=f"Write `{shorter}`"
            )
    address = ProviderAddress(host, namespace, kind)
    if str(address) == "terraform.io/builtin/terraform":
        raise BadAddressError(f"`{text}` is part of Terraform itself: there is nothing to install")
    return address


def names_host(text: str) -> bool:
    """Whether an address says on which host the provider is."""
    return text.count("/") == 2
