"""`package`: adding packages to a project, and looking into them (cli.md §11, packages.md §5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from stackwright.cli._app import Command, Group
from stackwright.cli._session import Session
from stackwright.cli._tables import print_json, print_table
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.packages import PackageSchema
    from stackwright.packages._project_packages import AddedPackage, ProjectPackages
    from stackwright.packages._ready import PackageReadier, Ready
    from stackwright.packages._sources import Source
    from stackwright.project import Project

_LANGUAGES = ("nodejs", "typescript", "go", "dotnet", "csharp", "c#", "java", "yaml")
_SETTINGS = {"ignore_unknown_options": True}


@click.group(
    cls=Group, name="package", aliases={"list": "ls", "rm": "remove", "delete": "remove", "update": "upgrade"}
)
def package() -> None:
    """Add providers' packages to a project, and look into them."""


_extension = click.option(
    "--extension",
    default="",
    help="Take what extends the plugin as these parameters say, quoted as one word.",
)
_SERVER = "Where to download the plugin from."


@package.command(cls=Command, name="add", context_settings=_SETTINGS)
@click.argument("source")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--module", help="What programs import the package as, instead of its usual name.")
@click.option("--server", default="", help=_SERVER)
@click.option("--language", help="Language of the SDK; only outside of a project.")
@_extension
def package_add(
    source: str,
    parameters: tuple[str, ...],
    module: str | None,
    server: str,
    language: str | None,
    extension: str,
) -> None:
    """
    Add a package to the project: its provider, and an SDK to import.

    \b
    A Terraform provider:  stackwright package add hashicorp/aws '~> 5.0'
    The same in full:      stackwright package add terraform-provider hashicorp/aws '~> 5.0'
    A plugin:              stackwright package add random@4.18.0
    A plugin or schema:    stackwright package add ./pulumi-resource-thing
    A git repository:      stackwright package add github.com/acme/tools/folder@v1.0.0
    What extends a plugin: stackwright package add kubernetes --extension 'crds.yaml'
    """
    session = Session.current()
    project = session.workspace.project_or_none
    if project is None:
        if language is None:
            raise UserError(
                "there is no project here, so the language has to be said with --language",
                hint="Run this in a project's directory, or use `stackwright package gen-sdk`",
            )
        _check_language(language)
        directory = Path.cwd()
        with _readied(directory, source, parameters, server, extension) as ready:
            _generate(ready, directory / "sdks" / ready.name, module)
        return
    if language is not None:
        raise UserError(f"--language is only for outside of a project; {project.path} says what this one is")
    wanted = _meant(source, parameters, server, project.root, extension)
    with _packages(project) as packages:
        added = packages.add(wanted, module=module)
    _install_sdks(project)
    click.echo(
        f"Successfully generated an SDK for the {added.name} package at {added.directory.parent}\n\n"
        "You can import the SDK in your Python code with:\n\n"
        f"  {import_statement(added)}\n"
    )
    click.echo(f"{'Extended' if extension else 'Added'} package {added.name}", err=True)


@package.command(cls=Command, name="ls")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def package_ls(as_json: bool) -> None:
    """List the packages of the project."""
    from stackwright.packages._listed import listed_packages

    listed = listed_packages(Session.current().workspace.project)
    if as_json:
        print_json([msgspec.structs.asdict(each) for each in listed])
        return
    if not listed:
        click.echo("The project has no packages yet. Add one with `stackwright package add`")
        return
    print_table(
        ["NAME", "SOURCE", "VERSION", "CONSTRAINTS", "PINNED"],
        [
            (
                each.name,
                each.source,
                each.version or "n/a",
                each.constraints or "-",
                "yes" if each.pinned else "no",
            )
            for each in listed
        ],
    )


@package.command(cls=Command, name="upgrade")
@click.argument("names", nargs=-1)
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def package_upgrade(names: tuple[str, ...], as_json: bool) -> None:
    """Choose versions anew, within what was asked for when the packages were added; all, or those NAMES."""
    project = Session.current().workspace.project
    with _packages(project) as packages:
        done = packages.upgrade(names)
    if done:
        _install_sdks(project)
    if as_json:
        print_json([{"name": added.name, "from": before, "version": added.version} for before, added in done])
        return
    for before, added in done:
        changed = f"{before or 'nothing'} -> {added.version}" if before != added.version else "unchanged"
        click.echo(f"{added.name}: {changed}{f' ({added.version})' if changed == 'unchanged' else ''}")


@package.command(cls=Command, name="get-schema", context_settings=_SETTINGS)
@click.argument("source")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--server", default="", help=_SERVER)
@_extension
def package_get_schema(source: str, parameters: tuple[str, ...], server: str, extension: str) -> None:
    """Print a package's schema as JSON."""
    import json

    from stackwright.packages import problems, read_schema

    with _readied(_root(), source, parameters, server, extension) as ready:
        print_json(json.loads(ready.schema))
        found = list(problems(read_schema(ready.schema)))
    if found:
        raise UserError(
            f"failed to bind schema: {len(found)} problems",
            detail="\n".join(str(each) for each in found[:20]),
        )


@package.command(cls=Command, name="gen-sdk", context_settings=_SETTINGS)
@click.argument("source")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("--language", default="all", help="python, or all, which means the same here.")
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("sdk"), help="Where to put it.")
@click.option("--version", default="", help="Version of the package, instead of the schema's.")
@click.option("--local", is_flag=True, help="Make a package that is linked by its path, and asks for no SDK.")
@click.option("--module", help="What programs import the package as, instead of its usual name.")
@click.option(
    "--overlays",
    type=click.Path(path_type=Path),
    hidden=True,
    help="Take files of the package from the folder `python` in this one.",
)
@click.option("--server", default="", help=_SERVER)
@_extension
def package_gen_sdk(
    source: str,
    parameters: tuple[str, ...],
    language: str,
    out: Path,
    version: str,
    local: bool,
    module: str | None,
    overlays: Path | None,
    server: str,
    extension: str,
) -> None:
    """Generate a package's SDK, without adding it to a project."""
    _check_language(language)
    with _readied(_root(), source, parameters, server, extension) as ready:
        directory = out.absolute() / "python"
        _generate(ready, directory, module, version=version, local=local, overlays=overlays)
    if language == "all":
        click.echo(f"SDKs have been written to {out}", err=True)
    else:
        click.echo(f"SDK has been written to {out / 'python'}", err=True)


@package.command(cls=Command, name="info", context_settings=_SETTINGS)
@click.argument("source")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "--module", help="Show what a module holds.")
@click.option("-r", "--resource", help="Show a resource.")
@click.option("-f", "--function", help="Show a function.")
@click.option("--server", default="", help=_SERVER)
@_extension
def package_info(
    source: str,
    parameters: tuple[str, ...],
    module: str | None,
    resource: str | None,
    function: str | None,
    server: str,
    extension: str,
) -> None:
    """Describe a package, one of its modules, a resource or a function."""
    from stackwright.cli._package_info import describe
    from stackwright.packages import read_schema

    if resource and function:
        raise UserError("only one of --resource and --function may be given")
    with _readied(_root(), source, parameters, server, extension) as ready:
        schema: PackageSchema = read_schema(ready.schema)
        for line in describe(schema, module=module, resource=resource, function=function):
            click.echo(line)


@package.command(cls=Command, name="get-mapping", context_settings=_SETTINGS)
@click.argument("key")
@click.argument("source")
@click.argument("provider", required=False, default="")
@click.argument("parameters", nargs=-1, type=click.UNPROCESSED)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--server", default="", help=_SERVER)
def package_get_mapping(
    key: str, source: str, provider: str, parameters: tuple[str, ...], out: Path | None, server: str
) -> None:
    """
    Print how programs in another language name what a package has.

    KEY is the language, such as terraform; PROVIDER the name there, if the package has several.
    """
    with _readier(_root()) as readier:
        ready = _ready(readier, source, parameters, server)
        found = readier.mapping(ready, key, provider)
    if not found:
        where = f' and provider "{provider}"' if provider else ""
        raise UserError(f'no mapping found for key "{key}"{where}')
    if out is not None:
        out.write_bytes(found)
    else:
        sys.stdout.buffer.write(found)


@package.command(cls=Command, name="remove")
@click.argument("names", nargs=-1, required=True)
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def package_remove(names: tuple[str, ...], as_json: bool) -> None:
    """Take packages out of the project: their SDKs, and what is recorded of them."""
    from stackwright.project.python import remove_distributions

    project = Session.current().workspace.project
    with _packages(project) as packages:
        removed = packages.remove(names)
        project = packages.project
    gone = [each for one in removed for each in one.distributions]
    remove_distributions(project, gone, output=_told)
    if as_json:
        print_json([{"name": each.name} for each in removed])
        return
    for each in removed:
        click.echo(f"Removed package {each.name}")


_REGISTRY = "is for Pulumi's registry of packages, which Stackwright does not use"
_NOT_SERVED = {
    "publish": (
        _REGISTRY,
        "Push the package's sources to a git repository: `package add` takes them from there",
    ),
    "publish-sdk": (_REGISTRY, "Make the SDK with `stackwright package gen-sdk`, and upload it"),
    "pack-sdk": (
        "is not served",
        "Make the SDK with `stackwright package gen-sdk`, and build it with `pip wheel`",
    ),
    "new": ("is not served", "Write a component as docs/components.md shows"),
}


def _refuse(name: str) -> click.Command:
    """A command of the compatible tool that makes no sense here, and says what to do instead."""
    why, instead = _NOT_SERVED[name]

    def callback(words: tuple[str, ...]) -> None:
        raise UserError(f"`package {name}` {why}", hint=instead)

    words = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    return Command(
        name,
        callback=callback,
        params=[words],
        context_settings=_SETTINGS,
        help=f"Not served. {instead}.",
        hidden=True,
    )


for _name in _NOT_SERVED:
    package.add_command(_refuse(_name))


def restore_packages(project: Project, *, reinstall: bool) -> list[AddedPackage]:
    """Make the SDKs of all packages that the project file records."""
    if not project.packages:
        return []
    with _packages(project) as packages:
        return packages.restore(reinstall=reinstall)


def import_statement(added: AddedPackage) -> str:
    """How programs import a package."""
    short = added.module.removeprefix("pulumi_")
    return f"import {added.module} as {short}" if short != added.module else f"import {added.module}"


def _check_language(language: str) -> None:
    if language in _LANGUAGES:
        raise UserError(f"SDKs are generated for Python, not for {language}")
    if language not in ("all", "python"):
        raise UserError(f"there is no language {language}")


def _root() -> Path:
    project = Session.current().workspace.project_or_none
    return project.root if project is not None else Path.cwd()


@contextmanager
def _packages(project: Project) -> Iterator[ProjectPackages]:
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._project_packages import ProjectPackages
    from stackwright.packages._web import Web

    with shown_downloads() as progress, Web(progress=progress) as web:
        yield ProjectPackages(project, web, progress=progress)


@contextmanager
def _readied(
    directory: Path, source: str, parameters: tuple[str, ...], server: str, extension: str
) -> Iterator[Ready]:
    """A package that is not recorded anywhere."""
    with _readier(directory) as readier:
        yield _ready(readier, source, parameters, server, extension)


@contextmanager
def _readier(directory: Path) -> Iterator[PackageReadier]:
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._ready import PackageReadier
    from stackwright.packages._web import Web

    with shown_downloads() as progress, Web(progress=progress) as web:
        yield PackageReadier(directory, web, progress=progress)


def _meant(source: str, parameters: tuple[str, ...], server: str, root: Path, extension: str = "") -> Source:
    """What words mean that were typed here; their paths are then seen from *root*."""
    from stackwright.packages._sources import extended, parse_source, seen_from

    here = Path.cwd()
    name, *words = (seen_from(each, here, root) for each in (source, *parameters))
    added = [seen_from(each, here, root) for each in _words(extension)]
    return extended(parse_source(name, words, server=server, directory=root), added)


def _words(extension: str) -> list[str]:
    """The parameters in what was given to `--extension`, which is quoted as in a shell."""
    import shlex

    try:
        return shlex.split(extension)
    except ValueError as error:
        raise UserError(
            f"the parameters in --extension cannot be told apart: {error}",
            hint="Quote each one as in a shell, and all of them together: --extension \"'my file' other\"",
        ) from None


def _ready(
    readier: PackageReadier, source: str, parameters: tuple[str, ...], server: str, extension: str = ""
) -> Ready:
    """The package that words mean; one that the project has is taken as it is recorded."""
    from stackwright.packages._sources import recorded_source

    directory = _root()
    project = Session.current().workspace.project_or_none
    plain = not (parameters or extension)
    recorded = project.packages.get(source) if project is not None and plain else None
    wanted = (
        recorded_source(source, recorded, directory)
        if recorded is not None
        else _meant(source, parameters, server, directory, extension)
    )
    return readier.ready(wanted, recorded=recorded is not None)


def _generate(
    ready: Ready,
    directory: Path,
    module: str | None,
    *,
    version: str = "",
    local: bool = False,
    overlays: Path | None = None,
) -> None:
    import json

    from stackwright.packages import generate
    from stackwright.packages.sdkgen import read_overlays

    schema = ready.schema
    if version:
        schema = json.dumps({**json.loads(schema), "version": version}).encode()
    added = read_overlays(overlays / "python") if overlays is not None else {}
    generate(schema, directory, module=module, has_sdk=local, overlays=added)


def _told(line: str) -> None:
    """A line of pip, unless it is one of the many that say that nothing has to be done."""
    if not line.startswith("Requirement already satisfied: "):
        click.echo(line, err=True)


def _install_sdks(project: Project) -> None:
    """Put SDKs where programs find them; an environment that is not the project's own is left alone."""
    from stackwright.project import load_project
    from stackwright.project.python import has_own_environment, install_dependencies

    project = load_project(project.path)
    if has_own_environment(project):
        install_dependencies(project, output=_told)
        return
    click.echo(
        "The project has no environment of its own, so nothing was installed: its programs find the SDK in "
        f"the folder sdks.\nTo give it one, set `virtualenv: venv` in the runtime options of "
        f"{project.path.name} and run `stackwright install`.\n",
        err=True,
    )
