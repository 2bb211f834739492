"""Reading `.terraform.lock.hcl`, for projects that were Terraform's before (terraform.md §7.6)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stackwright.providers._lock_file import LockedProvider, LockFile, LockFileError, read_lock_file
from stackwright.providers.terraform.installed._address import BadAddressError, parse_address
from stackwright.providers.terraform.installed._hcl import Body, MalformedHclError, parse_hcl
from stackwright.providers.terraform.installed._versions import parse_provider_version

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
    return tuple(_entry(block, path) for block in body.blocks("provider", labels=1))


def _entry(block: Body, path: Path) -> LockedProvider:
    """What a block pins. What cannot be read is an error: it would pin nothing, without a word."""
    name = block.labels[0]
    try:
        address = str(parse_address(name))
    except BadAddressError as error:
        raise LockFileError(f"{path}: {error.message}", hint=error.hint) from None
    version, hashes = block.attributes.get("version"), block.attributes.get("hashes", [])
    constraints = block.attributes.get("constraints")
    if not isinstance(version, str) or parse_provider_version(version) is None:
        said = f"the version {version!r}, which is none" if isinstance(version, str) else "no version"
        raise LockFileError(f"{path}: the provider `{name}` has {said}")
    if not isinstance(hashes, list):
        raise LockFileError(f"{path}: the hashes of the provider `{name}` are no list")
    return LockedProvider(
        address=address,
        version=version,
        constraints=constraints if isinstance(constraints, str) else "",
        hashes=tuple(str(each) for each in hashes),
    )


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
