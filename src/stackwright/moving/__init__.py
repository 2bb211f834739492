"""
Moving in: what other tools manage becomes a stack of its own, untouched, and a program.

Decides what of a Terraform state is brought in, what it is called, what is recorded of it
and how the program reads that declares it. Leaves to others how providers are spoken to
(`providers`), how packages are had (`packages`) and who is asked (`cli`). May import
`packages` and all that is below it. Facts: terraform.md §11.
"""

from stackwright.moving._adoption import (
    Adoption,
    MovedResource,
    Opener,
    ProviderUse,
    Skipped,
    adopt,
    provider_uses,
)
from stackwright.moving._program import (
    Program,
    UsedPackage,
    exported_values,
    provider_key,
    write_program,
)
from stackwright.moving._records import Origin, with_moved
from stackwright.moving._settings import default_settings, explicit_settings, package_request
from stackwright.moving._terraform_state import TerraformState, TerraformStateError, find_state, read_state

__all__ = [
    "Adoption",
    "MovedResource",
    "Opener",
    "Origin",
    "Program",
    "ProviderUse",
    "Skipped",
    "TerraformState",
    "TerraformStateError",
    "UsedPackage",
    "adopt",
    "default_settings",
    "explicit_settings",
    "exported_values",
    "find_state",
    "package_request",
    "provider_key",
    "provider_uses",
    "read_state",
    "with_moved",
    "write_program",
]
