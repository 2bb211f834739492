"""
State: what is recorded of stacks, and the stores that keep it.

Decides the form of a record, a snapshot and a journal entry, and what every
store promises (`Store`, `Journal`, `Lease`). Leaves to others what is recorded
and when (`engine`), and how secrets are encrypted (`secrets`). May import
`secrets`, `wire` and the vocabulary.
"""

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._deployment import (
    DeploymentError,
    DeploymentFile,
    ImportRefusedError,
    PreparedImport,
    encode_checkpoint,
    encode_deployment,
    prepare_import,
    read_deployment,
)
from stackwright.state._integrity import (
    IntegrityError,
    Problem,
    integrity_problems,
    require_integrity,
)
from stackwright.state._open import DEFAULT_URL, StoreUrlError, open_store
from stackwright.state._ordering import dependency_order, find_cycle
from stackwright.state._rekeying import change_secrets_provider
from stackwright.state._repair import AliasConflictError, repaired
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import (
    Key,
    Manifest,
    OperationKind,
    PendingOperation,
    Snapshot,
)
from stackwright.state._store import (
    Change,
    EncryptedSecret,
    Holder,
    Journal,
    Lease,
    LeaseHeldError,
    LeaseLostError,
    StackExistsError,
    StackName,
    StackNotEmptyError,
    StackNotFoundError,
    StackSummary,
    Store,
    UpdateRecord,
)

if TYPE_CHECKING:
    from stackwright.state._memory import MemoryStore
    from stackwright.state._sqlite import SqliteStore

__all__ = [
    "DEFAULT_URL",
    "AliasConflictError",
    "Change",
    "Crypter",
    "DeploymentError",
    "DeploymentFile",
    "EncryptedSecret",
    "Holder",
    "ImportRefusedError",
    "IntegrityError",
    "Journal",
    "Key",
    "Lease",
    "LeaseHeldError",
    "LeaseLostError",
    "Manifest",
    "MemoryStore",
    "OperationKind",
    "PendingOperation",
    "PreparedImport",
    "Problem",
    "ResourceState",
    "SecretsProvider",
    "Snapshot",
    "SqliteStore",
    "StackExistsError",
    "StackName",
    "StackNotEmptyError",
    "StackNotFoundError",
    "StackSummary",
    "Store",
    "StoreUrlError",
    "UpdateRecord",
    "change_secrets_provider",
    "dependency_order",
    "encode_checkpoint",
    "encode_deployment",
    "find_cycle",
    "integrity_problems",
    "open_store",
    "prepare_import",
    "read_deployment",
    "repaired",
    "require_integrity",
]

# The stores load sqlite3 and asyncio, which whoever reads a record has no use for.
__getattr__ = on_first_use(__name__, {"_memory": ("MemoryStore",), "_sqlite": ("SqliteStore",)})
