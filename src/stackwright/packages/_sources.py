"""
What the words after `package add` mean (packages.md §5.1, terraform.md §8.1, cli.md §11).

    terraform-provider ADDRESS [CONSTRAINT]   a Terraform provider, in full
    hashicorp/aws[@CONSTRAINT]                the same in short
    ./terraform-provider-x                    one that lies here
    NAME[@VERSION] [ARGUMENTS]                a plugin, perhaps turned into another package
    github.com/acme/tools[/folder][@ref]      a plugin's sources in a git repository
    ./program, ./directory                    a plugin that lies here
    schema.json, schema.yaml                  a schema without a plugin

Decides by looking at words and at which files exist; nothing is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from stackwright.errors import UserError
from stackwright.packages._git import Repository, parse_repository
from stackwright.project import PackageSpec
from stackwright.providers.terraform.installed import parse_address, parse_constraint

TERRAFORM: Final = "terraform-provider"
"""The plugin that packages of Terraform providers name as their base."""
_SCHEMAS: Final = (".json", ".yaml", ".yml")
_FLAGS: Final = {"--include": "includes", "--exclude": "excludes"}
_DOCUMENTATION: Final = ("--fullDocs", "--upstreamRepoPath", "--indexDocOutDir")


class BadSourceError(UserError):
    """The words do not name a package."""

    code = "bad-package-source"


class TerraformSource(msgspec.Struct, frozen=True, kw_only=True):
    """A Terraform provider: by its address and which versions are fine, or by the path of its program."""

    address: str = ""
    constraint: str = ""
    path: str = ""
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    provider_name: str = ""

    def parameters(self, version: str = "", address: str = "") -> tuple[str, ...]:
        """The words that mean the same, with what was chosen in place of what was asked for."""
        words = [self.path] if self.path else [address or self.address, version or self.constraint]
        words += [f"--include={each}" for each in self.includes]
        words += [f"--exclude={each}" for each in self.excludes]
        words += [f"--provider-name={self.provider_name}"] if self.provider_name else []
        return tuple(word for word in words if word)


class PluginSource(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plugin, by its name or by its path.

    *arguments* turn it into another package; *extension* are those of a package that it
    serves beside its own.
    """

    name: str
    version: str = ""
    path: str = ""
    arguments: tuple[str, ...] = ()
    extension: tuple[str, ...] = ()
    server: str = ""
    checksums: Mapping[str, str] = {}


class GitSource(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's sources in a repository, at a tag, a branch or a commit; the newest release without."""

    repository: Repository
    ref: str = ""
    arguments: tuple[str, ...] = ()
    extension: tuple[str, ...] = ()


class SchemaSource(msgspec.Struct, frozen=True):
    """A file that holds a schema."""

    path: Path


Source: TypeAlias = TerraformSource | PluginSource | GitSource | SchemaSource


def parse_source(source: str, arguments: Sequence[str] = (), *, server: str = "", directory: Path) -> Source:
    """
    Read what names a package; paths are seen from *directory*.

    Raises:
        BadSourceError: It names none, or one of a kind that cannot be used.
        BadAddressError, BadConstraintError: It names a Terraform provider wrongly.
        BadRepositoryError: It names a repository wrongly.
    """
    words = tuple(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if source == TERRAFORM or source.startswith(f"{TERRAFORM}@"):
        return parse_terraform(words)
    if _is_path(source):
        return _local(source, words, directory)
    repository = parse_repository(source)
    if repository is not None:
        if server:
            raise BadSourceError("--server wants the plain name of a plugin", hint=f"`{source}` is none")
        return GitSource(repository=repository[0], ref=repository[1], arguments=words)
    name, _, version = source.partition("@")
    if "/" in name:
        if server:
            raise BadSourceError("--server wants the plain name of a plugin", hint=f"`{source}` is none")
        return parse_terraform((name, *([version] if version else []), *words))
    if not name:
        raise BadSourceError("the name of a package is missing")
    return PluginSource(name=name, version=version.removeprefix("v"), arguments=words, server=server)


def extended(source: Source, extension: Sequence[str]) -> Source:
    """
    What *source* serves when it is extended as these arguments say; itself where there are none.

    Raises:
        BadSourceError: It cannot be extended.
    """
    if not extension:
        return source
    if not isinstance(source, PluginSource | GitSource):
        raise BadSourceError("Only plugins can be extended, and this is none")
    if source.arguments:
        # The protocol's RegisterPackage could say both (protocol.md §10.9); `register_package`, through which
        # generated packages speak to whichever SDK there is, takes one parameter (packages.md §6).
        raise BadSourceError(
            "A package that parameters make of a plugin cannot be extended: generated packages announce"
            " themselves by `pulumi.runtime.register_package`, which takes one parameter",
            hint="Leave out the parameters, to extend the plugin's own package, or the extension",
        )
    return msgspec.structs.replace(source, extension=tuple(extension))


def seen_from(text: str, here: Path, root: Path) -> str:
    """A relative path that is meant from *here*, as it is written from *root*; other words as they are."""
    if here == root or not _is_path(text) or text.startswith(("/", "~/")):
        return text
    relative = Path(os.path.relpath(here / text, root)).as_posix()
    return relative if relative.startswith("..") else f"./{relative}"


def parse_terraform(words: Sequence[str]) -> TerraformSource:
    """
    Read the parameters of a Terraform provider's package (terraform.md §8.1).

    Raises:
        BadSourceError: They name no provider, or hold flags that are not known.
        BadAddressError, BadConstraintError: Address or constraint cannot be read.
    """
    said: dict[str, list[str]] = {"includes": [], "excludes": []}
    provider_name = ""
    plain: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            plain.append(word)
            continue
        flag, equals, value = word.partition("=")
        if flag == "--fullDocs":
            continue
        if not equals:
            if not left:
                raise BadSourceError(f"{flag} needs a value")
            value = left.pop(0)
        if flag in _FLAGS:
            said[_FLAGS[flag]] += [each for each in value.split(",") if each]
        elif flag == "--provider-name":
            provider_name = value
        elif flag not in _DOCUMENTATION:
            raise BadSourceError(
                f"unknown flag: {flag}", hint="There are --include, --exclude and --provider-name"
            )
    if not 1 <= len(plain) <= 2:
        raise BadSourceError(
            "A Terraform provider is named by its address and perhaps a version",
            hint="Such as: stackwright package add terraform-provider hashicorp/aws '~> 5.0'",
        )
    filters = (tuple(said["includes"]), tuple(said["excludes"]))
    if _is_path(plain[0]):
        return TerraformSource(
            path=plain[0], includes=filters[0], excludes=filters[1], provider_name=provider_name
        )
    parse_address(plain[0])
    constraint = parse_constraint(plain[1] if len(plain) > 1 else "").text
    return TerraformSource(
        address=plain[0],
        constraint=constraint,
        includes=filters[0],
        excludes=filters[1],
        provider_name=provider_name,
    )


def recorded_source(name: str, spec: PackageSpec, directory: Path) -> Source:
    """
    What an entry of the project file's `packages` means.

    Raises:
        BadSourceError: It cannot be used.
    """
    return extended(_unextended(spec, directory), spec.extensions)


def _unextended(spec: PackageSpec, directory: Path) -> Source:
    if spec.source == TERRAFORM:
        return parse_terraform(spec.parameters)
    if spec.is_path:
        return _local(spec.source, spec.parameters, directory)
    source = f"{spec.source}@{spec.version}" if spec.version else spec.source
    found = parse_source(source, spec.parameters, server=spec.plugin_download_url or "", directory=directory)
    if isinstance(found, PluginSource):
        return msgspec.structs.replace(found, checksums=spec.checksums)
    return found


def _is_path(text: str) -> bool:
    return (
        text.startswith(("./", "../", "/", "~/", ".\\", "..\\"))
        or text in (".", "..")
        or (text.endswith(_SCHEMAS) and "://" not in text)
    )


def _local(text: str, words: tuple[str, ...], directory: Path) -> Source:
    path = (directory / Path(text).expanduser()).resolve()
    if not path.exists():
        raise BadSourceError(f"There is no {text}", detail=f"Looked for {path}")
    if path.is_file() and path.suffix in _SCHEMAS:
        return SchemaSource(path)
    if path.is_file() and path.name.startswith(f"{TERRAFORM}-"):
        return parse_terraform((text, *words))
    name = path.name.removeprefix("pulumi-resource-").removesuffix(".exe")
    if path.is_dir():
        programs = sorted(each.name for each in path.glob("pulumi-resource-*") if each.is_file())
        if programs:
            name = programs[0].removeprefix("pulumi-resource-").removesuffix(".exe")
        elif not (path / "PulumiPlugin.yaml").is_file():
            raise BadSourceError(
                f"{text} is no plugin: it has neither a program pulumi-resource-NAME nor a PulumiPlugin.yaml"
            )
    return PluginSource(name=name, path=text, arguments=words)
