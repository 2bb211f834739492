"""
The project file: where it is, what it says, what is wrong with it.

The search starts in a directory and goes up; in each, the names below are tried
(spec: state.md §1.1). A file is checked as a whole and all its problems are
reported together, with their places. Top-level keys that nobody knows are kept
and, where they look like a slip, warned about; nested ones are refused (spec:
state.md §1.2).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.project._config_key import ConfigKey, parse_config_key
from stackwright.project._config_schema import TYPE_NAMES, ConfigDeclaration, ConfigType, project_value
from stackwright.project._document import Document, read_document
from stackwright.project._editing import rendered, write_file
from stackwright.project._problems import (
    ConfigError,
    Problem,
    ProjectFileError,
    ProjectNotFoundError,
    UnknownRuntimeError,
    located,
    shown_path,
)
from stackwright.project._shape import Shape
from stackwright.project._suggestions import closest, edit_distance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stackwright.project._document import Steps, Tree

PROJECT_NAMES: Final = ("Stackwright", "Pulumi", "Khulnasoft", "Codeinfra")
"""Base names of project files, earlier ones win: ours, the compatible tool's, its forks' (sdk.md §23)."""

EXTENSIONS: Final = (".json", ".yaml", ".yml")

RUNTIMES: Final = ("python",)
"""The languages that programs can be written in."""

TOP_LEVEL: Final = (
    "name",
    "runtime",
    "main",
    "description",
    "author",
    "website",
    "license",
    "config",
    "stackConfigDir",
    "template",
    "backend",
    "options",
    "packages",
    "plugins",
    "requiredPulumiVersion",
)

RUNTIME_OPTIONS: Final = ("mode", "toolchain", "typechecker", "virtualenv")
"""The options of the Python runtime that mean something here."""


class Runtime(msgspec.Struct, frozen=True):
    """The language of a program, and options for it."""

    name: str
    options: dict[str, Any] = {}


class TemplateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration value that a template asks for."""

    key: str
    description: str | None = None
    default: str | None = None
    secret: bool = False


class TemplateBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a project a template (spec: state.md §1.6)."""

    display_name: str | None = None
    description: str | None = None
    quickstart: str | None = None
    important: bool = False
    metadata: dict[str, str] = {}
    config: tuple[TemplateConfig, ...] = ()


class PackageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the program uses (spec: state.md §1.7)."""

    source: str
    version: str | None = None
    parameters: tuple[str, ...] = ()
    checksums: dict[str, str] = {}
    plugin_download_url: str | None = None
    extensions: tuple[str, ...] = ()
    module: str | None = None
    """What programs import its SDK as, if that is not the usual name."""

    @property
    def is_path(self) -> bool:
        """Whether the source is a local path."""
        return self.source.startswith(("./", "../", ".\\", "..\\")) or Path(self.source).is_absolute()


class PluginOverride(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that is found at a path of its own; *path* is absolute and exists (spec: state.md §1.8)."""

    kind: str
    name: str
    path: Path
    version: str | None = None


class Program(msgspec.Struct, frozen=True):
    """Where the program is: its directory, and `.` or a file in it."""

    directory: Path
    entry_point: str


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a project file says.

    Attributes:
        path: The file, absolute.
        required_version: A range of versions of the compatible tool, or None.
        warnings: What is allowed but looks like a slip.
        document: The file as it was read, to edit it.
    """

    path: Path
    name: str
    runtime: Runtime | None = None
    main: str | None = None
    description: str | None = None
    author: str | None = None
    website: str | None = None
    license: str | None = None
    config: dict[ConfigKey, ConfigDeclaration] = {}
    stack_config_dir: str | None = None
    template: TemplateBlock | None = None
    backend_url: str | None = None
    always_refresh: bool = False
    packages: dict[str, PackageSpec] = {}
    plugins: tuple[PluginOverride, ...] = ()
    required_version: str | None = None
    warnings: tuple[Problem, ...] = ()
    document: Document

    @property
    def root(self) -> Path:
        """The directory of the project file."""
        return self.path.parent

    @property
    def extras(self) -> dict[str, Tree]:
        """Top-level entries that have no meaning here."""
        return {key: value for key, value in self.document.value.items() if key not in TOP_LEVEL}

    def program(self) -> Program:
        """
        Where the program is (spec: state.md §1.1).

        Raises:
            ProjectFileError: `main` names something that does not exist.
        """
        if self.main is None:
            return Program(self.root, ".")
        target = self.root / self.main
        if target.is_dir():
            return Program(Path(os.path.normpath(target)), ".")
        if target.is_file():
            return Program(Path(os.path.normpath(target.parent)), target.name)
        raise ProjectFileError(
            self.path,
            [
                Problem(
                    f"`main` names `{self.main}`, which does not exist",
                    self.document.position(("main",)),
                    "Name the program's file or directory, seen from the project file; or leave `main` out",
                )
            ],
        )

    def python_runtime(self) -> Runtime:
        """
        The runtime, which is Python.

        Raises:
            UnknownRuntimeError: The project has none, or another one.
        """
        if self.runtime is None:
            raise UnknownRuntimeError(
                f"{shown_path(self.path)}: the project has no runtime, so there is no program to run",
                hint="Add the line `runtime: python`",
            )
        if self.runtime.name in RUNTIMES:
            return self.runtime
        near = closest(self.runtime.name, RUNTIMES)
        meant = f"; did you mean `{near}`?" if near else ""
        steps = ("runtime", "name") if isinstance(self.document.value["runtime"], dict) else ("runtime",)
        problem = Problem(
            f"the runtime `{self.runtime.name}` is not known{meant}", self.document.position(steps)
        )
        raise UnknownRuntimeError(
            located(self.path, problem),
            hint="Stackwright runs programs written in Python: `runtime: python`",
        )


def find_file(start: Path, names: tuple[str, ...]) -> Path | None:
    """The nearest file with one of these base names, in *start* or above; earlier names win."""
    start = start.absolute()
    for directory in (start, *start.parents):
        # One listing instead of a look at every name; a directory that may not be read has no project.
        try:
            present = {entry.name for entry in os.scandir(directory) if entry.is_file()}
        except (PermissionError, FileNotFoundError, NotADirectoryError):
            continue
        for name in names:
            for extension in EXTENSIONS:
                if name + extension in present:
                    return directory / (name + extension)
    return None


def find_project_file(start: Path | None = None) -> Path:
    """
    The project file of *start*, or of the working directory.

    Raises:
        ProjectNotFoundError: There is none.
    """
    start = Path.cwd() if start is None else start
    found = find_file(start, PROJECT_NAMES)
    if found is None:
        raise ProjectNotFoundError(start.absolute())
    return found


def find_policy_file(start: Path) -> Path | None:
    """The manifest of the policy pack around *start*, or None."""
    return find_file(start, tuple(f"{name}Policy" for name in PROJECT_NAMES))


def find_plugin_file(start: Path) -> Path | None:
    """The manifest of the source plugin around *start*, or None."""
    return find_file(start, tuple(f"{name}Plugin" for name in PROJECT_NAMES))


def find_project(start: Path | None = None) -> Project:
    """
    The project around *start*, or around the working directory.

    Raises:
        ProjectNotFoundError: There is no project file.
        ProjectFileError: It cannot be used.
    """
    return load_project(find_project_file(start))


def load_project(path: Path) -> Project:
    """
    Read the project file *path*.

    Raises:
        ProjectFileError: It cannot be read, is malformed, or says something that
            cannot be meant; holds every problem.
    """
    path = path.absolute()
    try:
        document = read_document(path, error=ProjectFileError)
    except FileNotFoundError:
        raise ProjectFileError(path, [Problem("there is no such file")]) from None
    return _ProjectReader(document).project()


def load_policy_pack(path: Path) -> PolicyManifest:
    """
    Read the manifest of a policy pack (spec: state.md §1.8), which is much like a project file.

    Raises:
        ProjectFileError: It cannot be read, is malformed, or has no runtime.
    """
    path = path.absolute()
    document = read_document(path, error=ProjectFileError)
    project = _ProjectReader(document, name=path.parent.name).project()
    shape = Shape(document)
    version = document.value.get("version")
    if not isinstance(version, str | int | float | None):
        shape.problem(("version",), "`version` must be a text such as `1.0.0`")
    if project.runtime is None:
        shape.problem((), "the policy pack has no `runtime`", hint="Add the line `runtime: python`")
    shape.finish(ProjectFileError)
    return PolicyManifest(project, "" if version is None else str(version))


def parse_project(text: str, path: Path) -> Project:
    """Read *text* as the content of a project file at *path*; see `load_project`."""
    return _ProjectReader(Document(path, text.removeprefix("\ufeff"), error=ProjectFileError)).project()


def save_project(project: Project, changes: Mapping[str, Tree]) -> Project:
    """
    Set top-level entries of the project file (None removes one) and return the project as it is then.

    Comments, order and quotes of the rest survive (spec: state.md §1.9).

    Raises:
        ProjectFileError: The project would be invalid; nothing is written.
        OSError: The file cannot be written.
    """
    value = dict(project.document.value)
    for key, entry in changes.items():
        if entry is None:
            value.pop(key, None)
        else:
            value[key] = entry
    text = rendered(project.path, project.document.text, value, error=ProjectFileError)
    changed = parse_project(text, project.path)
    write_file(project.path, text)
    return changed


def check_required_version(project: Project, version: str) -> None:
    """
    Make sure that *version*, the level of the compatible tool that we offer, is what *project* asks for.

    Raises:
        ProjectFileError: `requiredPulumiVersion` excludes it.
    """
    if project.required_version is None:
        return
    from stackwright.project._version_range import VersionRange

    if version not in VersionRange(project.required_version):
        raise ProjectFileError(
            project.path,
            [
                Problem(
                    f"the project requires version `{project.required_version}`,"
                    f" and this Stackwright offers what version {version.removeprefix('v')} does",
                    project.document.position(("requiredPulumiVersion",)),
                    "Update Stackwright, or change `requiredPulumiVersion`",
                )
            ],
        )


def runtime_entry(name: str, options: Mapping[str, Tree]) -> Tree:
    """What the project file says for a runtime; a plain word when there are no options."""
    return {"name": name, "options": dict(options)} if options else name


def package_entry(package: PackageSpec) -> Tree:
    """What the project file says for a package; a plain word when nothing but source and version is known."""
    entry: dict[str, Tree] = {"source": package.source}
    if package.version is not None:
        entry["version"] = package.version
    if package.parameters:
        entry["parameters"] = list(package.parameters)
    if package.checksums:
        entry["checksums"] = dict(package.checksums)
    if package.plugin_download_url is not None:
        entry["pluginDownloadURL"] = package.plugin_download_url
    if package.extensions:
        entry["extensions"] = list(package.extensions)
    if package.module is not None:
        entry["module"] = package.module
    if entry.keys() <= {"source", "version"}:
        return package.source if package.version is None else f"{package.source}@{package.version}"
    return entry


class PolicyManifest(msgspec.Struct, frozen=True):
    """What the manifest of a policy pack says; `project` has its runtime and where its code is."""

    project: Project
    version: str


class _ProjectReader:
    """One reading of one project file; *name* is what it is called if it does not say so."""

    def __init__(self, document: Document, *, name: str = "") -> None:
        self._document = document
        self._unnamed = name
        self._shape = Shape(document)
        if document.value is not None and not isinstance(document.value, dict):
            self._shape.problem((), "a project file must hold `key: value` lines")
            self._shape.finish(ProjectFileError)
        self._top: dict[str, Any] = document.value or {}

    def project(self) -> Project:
        shape, top = self._shape, self._top
        name = self._name()
        for key in top:
            self._look_for_slip(key)
        backend = shape.mapping(top, "backend", ())
        shape.only(backend, ("url",), ("backend",))
        options = shape.mapping(top, "options", ())
        shape.only(options, ("refresh",), ("options",))
        if options.get("refresh") not in (None, "always"):
            shape.problem(("options", "refresh"), "`options.refresh` can only be `always`")
        config_directory = shape.text(top, "stackConfigDir", ())
        if isinstance(top.get("config"), str):
            # The historical meaning of `config`: where the stack files are.
            config_directory = config_directory or top["config"]
        project = Project(
            path=self._document.path,
            document=self._document,
            name=name,
            runtime=self._runtime(),
            main=shape.text(top, "main", ()) or None,
            description=shape.text(top, "description", ()),
            author=shape.text(top, "author", ()),
            website=shape.text(top, "website", ()),
            license=shape.text(top, "license", ()),
            config=self._config(name or "project"),
            stack_config_dir=config_directory,
            template=self._template(),
            backend_url=shape.text(backend, "url", ("backend",)),
            always_refresh=options.get("refresh") == "always",
            packages=self._packages(),
            plugins=self._plugins(),
            required_version=self._required_version(),
            warnings=shape.warnings(),
        )
        shape.finish(ProjectFileError)
        return project

    def _name(self) -> str:
        name = self._top.get("name")
        if name is None and self._unnamed:
            return self._unnamed
        if "name" not in self._top:
            near = next((key for key in self._top if key not in TOP_LEVEL and _is_slip(key, "name")), None)
            if near is None:
                self._shape.problem(
                    (), "the project has no `name`", hint="Add a line such as `name: my-project`"
                )
            else:
                self._shape.problem(
                    (near,), f"the project has no `name`, but `{near}`; did you mean `name`?", key=True
                )
        elif not isinstance(name, str) or not name:
            self._shape.problem(
                ("name",),
                "`name` must be a text that is not empty",
                hint="Put quotes around a name that reads as a number",
            )
        return name if isinstance(name, str) else ""

    def _look_for_slip(self, key: str) -> None:
        if key in TOP_LEVEL:
            return
        near = _nearest(key, [known for known in TOP_LEVEL if known not in self._top])
        if near is not None and near != "name":
            self._shape.warning((key,), f"`{key}` means nothing here; did you mean `{near}`?", key=True)

    def _runtime(self) -> Runtime | None:
        runtime = self._top.get("runtime")
        if runtime is None:
            return None
        if isinstance(runtime, str) and runtime:
            return Runtime(runtime)
        if isinstance(runtime, dict) and isinstance(runtime.get("name"), str) and runtime["name"]:
            self._shape.only(runtime, ("name", "options"), ("runtime",))
            options = self._shape.mapping(runtime, "options", ("runtime",))
            self._look_for_slipped_options(options)
            return Runtime(runtime["name"], options)
        self._shape.problem(
            ("runtime",), "`runtime` must be a word such as `python`, or a map with `name` and `options`"
        )
        return None

    def _look_for_slipped_options(self, options: Mapping[str, Any]) -> None:
        # Options that we do not know may mean something to a plugin, which is told of all of them.
        for key in options:
            left = [known for known in RUNTIME_OPTIONS if known not in options]
            near = _nearest(key, left) if key not in RUNTIME_OPTIONS else None
            if near is not None:
                self._shape.warning(
                    ("runtime", "options", key),
                    f"`runtime.options.{key}` means nothing here; did you mean `{near}`?",
                    key=True,
                )

    def _required_version(self) -> str | None:
        text = self._shape.text(self._top, "requiredPulumiVersion", ())
        if text:
            from stackwright.project._version_range import VersionRange

            try:
                VersionRange(text)
            except ValueError as problem:
                self._shape.problem(
                    ("requiredPulumiVersion",),
                    f"`{text}` is not {problem}",
                    hint="Ranges look like `>=3.100.0 <4.0.0`",
                )
        return text or None

    def _template(self) -> TemplateBlock | None:
        if self._top.get("template") is None:
            return None
        shape, at = self._shape, ("template",)
        block = shape.mapping(self._top, "template", ())
        shape.only(block, ("displayName", "description", "quickstart", "important", "metadata", "config"), at)
        asked: list[TemplateConfig] = []
        config = shape.mapping(block, "config", at)
        for key, raw in config.items():
            here = (*at, "config", key)
            if raw is not None and not isinstance(raw, dict):
                shape.problem(here, f"`template.config.{key}` must be a map with `description` and `default`")
                continue
            entry = raw or {}
            shape.only(entry, ("description", "default", "secret"), here)
            default = entry.get("default")
            asked.append(
                TemplateConfig(
                    key=key,
                    description=shape.text(entry, "description", here),
                    default=default if default is None or isinstance(default, str) else _word(default),
                    secret=shape.flag(entry, "secret", here),
                )
            )
        return TemplateBlock(
            display_name=shape.text(block, "displayName", at),
            description=shape.text(block, "description", at),
            quickstart=shape.text(block, "quickstart", at),
            important=shape.flag(block, "important", at),
            metadata=shape.text_map(block, "metadata", at),
            config=tuple(asked),
        )

    def _packages(self) -> dict[str, PackageSpec]:
        packages: dict[str, PackageSpec] = {}
        for name, entry in self._shape.mapping(self._top, "packages", ()).items():
            package = self._package(name, entry)
            if package is not None:
                packages[name] = package
        return packages

    def _package(self, name: str, entry: Any) -> PackageSpec | None:
        shape, at = self._shape, ("packages", name)
        if isinstance(entry, str) and entry:
            before, _, version = entry.rpartition("@")
            # `git@host:…` has its @ in front of the host, not of a version.
            if before and not any(mark in version for mark in "/:"):
                return PackageSpec(source=before, version=version)
            return PackageSpec(source=entry)
        if not isinstance(entry, dict):
            shape.problem(at, f"`packages.{name}` must be `source`, `source@version` or a map with `source`")
            return None
        shape.only(
            entry,
            ("source", "version", "parameters", "checksums", "pluginDownloadURL", "extensions", "module"),
            at,
        )
        source = shape.text(entry, "source", at)
        if not source:
            if not isinstance(entry.get("source"), int | float | list | dict):
                shape.problem(at, f"`packages.{name}` has no `source`", key=True)
            return None
        return PackageSpec(
            source=source,
            version=shape.text(entry, "version", at),
            parameters=shape.texts(entry, "parameters", at),
            checksums=shape.text_map(entry, "checksums", at),
            plugin_download_url=shape.text(entry, "pluginDownloadURL", at),
            extensions=shape.texts(entry, "extensions", at),
            module=shape.text(entry, "module", at),
        )

    def _plugins(self) -> tuple[PluginOverride, ...]:
        shape = self._shape
        block = shape.mapping(self._top, "plugins", ())
        kinds = {"providers": "resource", "languages": "language", "analyzers": "analyzer"}
        shape.only(block, tuple(kinds), ("plugins",))
        plugins: list[PluginOverride] = []
        seen: set[tuple[str, str, str | None]] = set()
        for field, kind in kinds.items():
            for index, entry in enumerate(shape.entries(block, field, ("plugins",))):
                at: Steps = ("plugins", field, index)
                plugin = self._plugin(kind, entry, at)
                if plugin is None:
                    continue
                identity = (plugin.kind, plugin.name, plugin.version)
                if identity in seen:
                    shape.problem(
                        at, f"the {kind} plugin `{plugin.name}` is listed twice in the same version"
                    )
                seen.add(identity)
                plugins.append(plugin)
        return tuple(plugins)

    def _plugin(self, kind: str, entry: Any, at: Steps) -> PluginOverride | None:
        shape = self._shape
        if not isinstance(entry, dict):
            shape.problem(at, f"a {kind} plugin must be a map with `name` and `path`")
            return None
        shape.only(entry, ("name", "path", "version"), at)
        name = shape.text(entry, "name", at)
        where = shape.text(entry, "path", at)
        version = shape.text(entry, "version", at)
        if not name or not where:
            lacking = "name" if not name else "path"
            if entry.get(lacking) is None or entry[lacking] == "":
                shape.problem(at, f"a {kind} plugin has no `{lacking}`")
            return None
        path = Path(os.path.normpath(self._document.path.parent / where))
        if not path.exists():
            shape.problem(
                (*at, "path"),
                f"the {kind} plugin `{name}` is said to be at `{where}`, where there is nothing",
                hint="Paths of plugins are seen from the directory of the project file",
            )
            return None
        return PluginOverride(kind=kind, name=name, path=path, version=version or None)

    def _config(self, project: str) -> dict[ConfigKey, ConfigDeclaration]:
        block = self._top.get("config")
        if block is None or isinstance(block, str):
            return {}
        declarations: dict[ConfigKey, ConfigDeclaration] = {}
        for text, entry in self._shape.mapping(self._top, "config", ()).items():
            at: Steps = ("config", text)
            try:
                key = parse_config_key(text, project=project)
            except ConfigError as problem:
                self._shape.problem(at, problem.message, hint=problem.hint, key=True)
                continue
            if key in declarations:
                self._shape.problem(at, f"`{key}` is declared twice", key=True)
                continue
            if isinstance(entry, dict):
                declarations[key] = self._declaration(key, text, entry, at, own=key.namespace == project)
            else:
                declarations[key] = ConfigDeclaration(
                    key=key,
                    fallback=None if entry is None else project_value(entry),
                    is_required=entry is None,
                )
        return declarations

    def _declaration(
        self, key: ConfigKey, shown: str, entry: dict[str, Any], at: Steps, *, own: bool
    ) -> ConfigDeclaration:
        shape = self._shape
        shape.only(entry, ("type", "items", "description", "secret", "default", "value"), at)
        type_ = self._type(shown, entry, at)
        default, value = entry.get("default"), entry.get("value")
        if default is not None and value is not None:
            shape.problem(
                (*at, "value"), f"`{shown}` has both a `default` and a `value`; it can have one", key=True
            )
        if not own:
            # Values of other namespaces belong to packages: the project may give them, not describe them.
            hint = "Only the project's own configuration can be described; other keys are given a `value`"
            if "type" in entry:
                shape.problem(
                    (*at, "type"),
                    f"`{shown}` is not the project's own, so it has no `type`",
                    hint=hint,
                    key=True,
                )
            if default is not None:
                shape.problem(
                    (*at, "default"),
                    f"`{shown}` is not the project's own: give it a `value`",
                    hint=hint,
                    key=True,
                )
            elif value is None:
                shape.problem(
                    at, f"`{shown}` is not the project's own and has no `value`", hint=hint, key=True
                )
        elif type_ is not None and default is not None and not type_.accepts(default):
            shape.problem((*at, "default"), f"the default of `{shown}` is not of the type {type_}")
        fallback = value if value is not None else default
        return ConfigDeclaration(
            key=key,
            type=type_,
            description=shape.text(entry, "description", at),
            secret=shape.flag(entry, "secret", at),
            fallback=None if fallback is None else project_value(fallback),
            is_required=fallback is None and own,
        )

    def _type(self, shown: str, entry: dict[str, Any], at: Steps) -> ConfigType | None:
        shape = self._shape
        name = entry.get("type")
        if name is None:
            return None
        if name not in TYPE_NAMES:
            near = closest(name, TYPE_NAMES) if isinstance(name, str) else None
            shape.problem(
                (*at, "type"),
                f"`{name}` is not a type" + (f"; did you mean `{near}`?" if near else ""),
                hint=f"Types are {', '.join(TYPE_NAMES)}",
            )
            return None
        items = entry.get("items")
        if name != "array":
            return ConfigType(name)
        if items is None:
            shape.problem(
                (*at, "type"),
                f"`{shown}` is an array, but `items` does not say of what",
                hint="Add for instance:\n  items:\n    type: string",
            )
            return None
        if not isinstance(items, dict):
            shape.problem((*at, "items"), f"`items` of `{shown}` must be a map with a `type`")
            return None
        shape.only(items, ("type", "items"), (*at, "items"))
        if "type" not in items:
            shape.problem((*at, "items"), f"`items` of `{shown}` has no `type`", key=True)
            return None
        inner = self._type(shown, items, (*at, "items"))
        return None if inner is None else ConfigType("array", inner)


def _nearest(key: str, known: Sequence[str]) -> str | None:
    """The one of *known* that a slip may have made *key* of."""
    return closest(key, known, within=1 if len(key) <= 4 else 2)


def _is_slip(word: str, known: str) -> bool:
    return edit_distance(word.lower(), known) <= 2 and len(word) > 2


def _word(value: Any) -> str:
    return project_value(value).text()
