"""
The packages of one deployment: those that its program announced, by the reference that requests use.

Which provider serves a package is decided elsewhere (`plan`, `_defaults`). Facts: engine.md E96,
protocol.md §10.2.
"""

from __future__ import annotations

import uuid

from stackwright.engine._requests import InvalidRequestError
from stackwright.engine.apply import Extensions
from stackwright.goals import PackageRequest, Parameterization, ResourceOptions, ServedRequest


class Announced:
    """What was announced so far; every lookup takes the same time, however much that is."""

    def __init__(self, extensions: Extensions) -> None:
        self._extensions = extensions
        self._packages: dict[str, PackageRequest] = {}
        self._references: dict[PackageRequest, str] = {}

    def announce(self, package: PackageRequest) -> str:
        """The reference by which requests name *package*; equal ones share one (E96)."""
        reference = self._references.get(package)
        if reference is None:
            reference = self._references[package] = str(uuid.uuid4())
            self._packages[reference] = package
        return reference

    def announce_extension(self, base: PackageRequest, value: Parameterization) -> str:
        """The reference of what *base* is to learn: its provider serves the resources that name it (E96)."""
        reference = self._extensions.announce(value)
        self._packages[reference] = base
        self.announce(base)
        return reference

    def extension_of(self, package_ref: str) -> str:
        """*package_ref*, if it is the reference of an extension that was announced."""
        return package_ref if package_ref in self._packages and package_ref in self._extensions else ""

    def reference(self, package: PackageRequest) -> str:
        """The reference that *package* was announced under; empty if it was not."""
        return self._references.get(package, "")

    def extended(self, package_ref: str) -> str:
        """The package whose provider is to learn the extension *package_ref*; empty if it is none."""
        extension = self.extension_of(package_ref)
        return self._packages[extension].package if extension else ""

    def package(self, name: str, package_ref: str, choice: ResourceOptions | ServedRequest) -> PackageRequest:
        """
        The package *name* as a request wants it, or the announced one that it refers to (protocol.md §10.2).

        Raises:
            InvalidRequestError: Nobody has announced it.
        """
        if package_ref:
            package = self._packages.get(package_ref)
            if package is None:
                raise InvalidRequestError(f"unknown provider package '{package_ref}'")
            return package
        return PackageRequest(
            name=name,
            version=choice.version,
            download_url=choice.plugin_download_url.removesuffix("/"),
            checksums=choice.plugin_checksums,
        )
