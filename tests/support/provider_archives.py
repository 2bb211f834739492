"""Small Terraform provider packages that need no compiler: a shell script in a zip or a directory."""

from __future__ import annotations

import zipfile
from pathlib import Path

from stackwright.providers.terraform.installed import (
    ProviderAddress,
    archive_name,
    current_platform,
    unpacked_path,
)

THING = ProviderAddress("registry.terraform.io", "acme", "thing")


def script(text: str = "") -> bytes:
    """A program that says which one it is."""
    return f"#!/bin/sh\necho {text}\n".encode()


def archive(
    directory: Path, version: str = "1.0.0", *, address: ProviderAddress = THING, text: str = ""
) -> Path:
    """A package as registries hand it out."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / archive_name(address, version, current_platform())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        program = zipfile.ZipInfo(f"terraform-provider-{address.type}_v{version}", (2024, 1, 1, 0, 0, 0))
        program.external_attr = 0o100755 << 16
        file.writestr(program, script(text or version))
        file.writestr(zipfile.ZipInfo("LICENSE.txt", (2024, 1, 1, 0, 0, 0)), "free\n")
    return path


def packed(mirror: Path, version: str = "1.0.0", *, address: ProviderAddress = THING, text: str = "") -> Path:
    """A package in the packed layout below *mirror*."""
    directory = mirror / address.host / address.namespace / address.type
    return archive(directory, version, address=address, text=text)


def unpacked(
    mirror: Path, version: str = "1.0.0", *, address: ProviderAddress = THING, text: str = ""
) -> Path:
    """A package in the unpacked layout below *mirror*."""
    directory = unpacked_path(mirror, address, version, current_platform())
    directory.mkdir(parents=True)
    program = directory / f"terraform-provider-{address.type}_v{version}"
    program.write_bytes(script(text or version))
    program.chmod(0o755)
    (directory / "LICENSE.txt").write_text("free\n")
    return directory
