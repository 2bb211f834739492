"""
Terraform providers on this machine: which there are, where, and whether they are what was pinned.

Decides how addresses, versions, constraints, hashes and directories of packages are read,
honours Terraform's CLI configuration, and keeps our own cache. No network is used, and
nothing is executed: fetching is left to `packages`, starting to `providers.terraform`. May
import `values`, `environment` and the interface of `providers`. Facts: terraform.md §7.
"""

from stackwright.providers.terraform.installed._address import (
    OPENTOFU_HOST,
    PUBLIC_HOSTS,
    TERRAFORM_HOST,
    BadAddressError,
    ProviderAddress,
    names_host,
    parse_address,
)
from stackwright.providers.terraform.installed._cli_config import (
    CliConfig,
    CliConfigError,
    CredentialsHelper,
    Direct,
    FilesystemMirror,
    NetworkMirror,
    Patterns,
    implied_directories,
    read_cli_config,
)
from stackwright.providers.terraform.installed._find import (
    LOCAL_VERSION,
    InstalledProvider,
    LocalProviders,
    find_provider,
    provider_at,
)
from stackwright.providers.terraform.installed._hashes import (
    archive_hash,
    package_hash,
    remembered_package_hash,
)
from stackwright.providers.terraform.installed._hcl import MalformedHclError, parse_hcl
from stackwright.providers.terraform.installed._layouts import (
    archive_name,
    current_platform,
    find_executable,
    unpacked_path,
)
from stackwright.providers.terraform.installed._store import (
    PackageStore,
    PackageStoreError,
    StoredPackage,
)
from stackwright.providers.terraform.installed._terraform_lock import read_locks, read_terraform_lock
from stackwright.providers.terraform.installed._versions import (
    ANY,
    BadConstraintError,
    Constraint,
    parse_constraint,
    parse_provider_version,
)

__all__ = [
    "ANY",
    "LOCAL_VERSION",
    "OPENTOFU_HOST",
    "PUBLIC_HOSTS",
    "TERRAFORM_HOST",
    "BadAddressError",
    "BadConstraintError",
    "CliConfig",
    "CliConfigError",
    "Constraint",
    "CredentialsHelper",
    "Direct",
    "FilesystemMirror",
    "InstalledProvider",
    "LocalProviders",
    "MalformedHclError",
    "NetworkMirror",
    "PackageStore",
    "PackageStoreError",
    "Patterns",
    "ProviderAddress",
    "StoredPackage",
    "archive_hash",
    "archive_name",
    "current_platform",
    "find_executable",
    "find_provider",
    "implied_directories",
    "names_host",
    "package_hash",
    "parse_address",
    "parse_constraint",
    "parse_hcl",
    "parse_provider_version",
    "provider_at",
    "read_cli_config",
    "read_locks",
    "read_terraform_lock",
    "remembered_package_hash",
    "unpacked_path",
]
