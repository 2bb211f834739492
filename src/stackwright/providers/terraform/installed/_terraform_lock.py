"""Reading `.terraform.lock.hcl`, for projects that were Terraform's before (terraform.md §7.6)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stackwright.providers._lock_file import LockedProvider, LockFile, LockFileError, read_lock_file
from stackwright.providers.terraform.installed._address import parse_address
from stackwright.providers.terraform.installed._hcl import MalformedHclError, parse_hcl

TERRAFORM_LOCK_NAME: Final = ".terraform.lock.hcl"


def read_terraform_lock(path: Path) -> tuple[LockedProvider, ...]:
    """
    What Terraform's lock file pins; nothing where it is missing.

    Raises:
        LockFileError: It cannot be read.
    """
    try:
        body = parse_hcl(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise LockFileError(f"{path} cannot be read", detail=error.strerror) from None
    except (UnicodeDecodeError, MalformedHclError) as error:
        raise LockFileError(f"{path} is damaged", detail=str(error)) from None
    entries = []
    for block in body.blocks("provider", labels=1):
        version, hashes = block.attributes.get("version"), block.attributes.get("hashes")
        constraints = block.attributes.get("constraints")
        if not isinstance(version, str):
            raise LockFileError(f"{path}: the provider `{block.labels[0]}` has no version")
        entries.append(
            LockedProvider(
                address=str(parse_address(block.labels[0])),
                version=version,
                constraints=constraints if isinstance(constraints, str) else "",
                hashes=tuple(str(each) for each in hashes) if isinstance(hashes, list) else (),
            )
        )
    return tuple(entries)


def read_locks(project: Path) -> LockFile:
    """
    All that is pinned in the project: by its own lock file, and by Terraform's for what that leaves out.

    Raises:
        LockFileError: One of the two cannot be read.
    """
    lock = read_lock_file(project)
    for entry in read_terraform_lock(project / TERRAFORM_LOCK_NAME):
        if lock.provider(entry.address) is None:
            lock = lock.with_provider(entry)
    return lock
