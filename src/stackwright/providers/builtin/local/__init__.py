"""
The package `local`: files and directories of this machine.

Decides how files are written, read and removed. Names are those that a bridge gives
Terraform's provider `local`, so a program written for it runs where no bridge is
installed. May import what `builtin` may.
"""

from stackwright.providers.builtin._provider import EmbeddedPackage
from stackwright.providers.builtin.local._resources import (
    Directory,
    File,
    SensitiveFile,
    getFile,
    getSensitiveFile,
)

PACKAGE = EmbeddedPackage(
    name="local",
    version="2.5.0",
    about="Files and directories of this machine.",
    resources=(Directory, File, SensitiveFile),
    functions=(getFile, getSensitiveFile),
)

__all__ = ["PACKAGE"]
