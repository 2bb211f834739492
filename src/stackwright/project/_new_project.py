"""
Make a new project from a template (spec: cli.md §9.2, §9.3, §9.5).

The steps of `new` as functions, in their order:

    check_destination    the directory is empty, or may be written into
    choose_identity      name and description, asked for or taken
    create_project       files copied, names filled in, the project file tidied
    choose_config        the values that the template asks for

Creating the stack, installing and printing are the caller's. Templates come from
outside: nothing of them runs, links are not followed, and no name leads out of the
new directory.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from stackwright.project._config_key import ConfigKey, ConfigPath, parse_config_key, parse_config_path
from stackwright.project._editing import write_file
from stackwright.project._names import check_description, check_project_name, project_name_from
from stackwright.project._problems import ConfigError, TemplateError, shown_path
from stackwright.project._project_file import (
    PROJECT_NAMES,
    Project,
    load_project,
    runtime_entry,
    save_project,
)
from stackwright.project._text_edits import dumped, inline_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stackwright.project._template import Template

_REPOSITORIES: Final = frozenset({".git", ".hg", ".bzr"})
_SKIPPED: Final = frozenset({".git", "__pycache__", ".pulumi.template.yaml"})
_APPENDIX: Final = "Pulumi.yaml.append"
_PROJECT: Final = "${PROJECT}"
_DESCRIPTION: Final = "${DESCRIPTION}"
_PLACEHOLDER: Final = re.compile(r"\$\{(?:PROJECT|DESCRIPTION)\}")
_QUOTED: Final = re.compile(r"""(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^']|'')*')""")
_PLAIN_ENTRY: Final = re.compile(
    r"(?P<start>\s*(?:- +)*(?:[^\s:#'\"-][^:#'\"]*: +)?)(?P<value>[^\s'\"|>#].*?)(?P<end>\s+#.*)?\Z"
)


class Prompter(Protocol):
    """What asks a person."""

    def ask(
        self,
        label: str,
        *,
        default: str = "",
        secret: bool = False,
        check: Callable[[str], None] | None = None,
    ) -> str:
        """
        The answer to *label*, trimmed; *default* for an empty one.

        *check* raises a StackwrightError for an answer that will not do; then its
        message is shown and the question asked again.
        """
        ...


class Identity(msgspec.Struct, frozen=True):
    """What a new project is called."""

    name: str
    description: str


class ConfigAnswer(msgspec.Struct, frozen=True):
    """A value for a new stack, as text; *secret* ones are to be encrypted."""

    key: ConfigKey
    path: ConfigPath
    text: str
    secret: bool


class CreatedProject(msgspec.Struct, frozen=True):
    """
    A project that was just made.

    Attributes:
        files: What was written, seen from the project's directory.
        quickstart: What the template wants people to read, or None.
    """

    project: Project
    files: tuple[Path, ...]
    quickstart: str | None = None


def check_destination(directory: Path, *, force: bool = False) -> None:
    """
    Make sure that a project may be made in *directory*, which need not exist.

    Raises:
        TemplateError: It is not empty (version control aside) and not *force*, or
            it is no directory.
    """
    if directory.exists() and not directory.is_dir():
        raise TemplateError(f"{shown_path(directory)} is not a directory", hint="Name another one with --dir")
    if force or not directory.exists():
        return
    if any(entry.name not in _REPOSITORIES for entry in directory.iterdir()):
        raise TemplateError(
            f"The directory {directory} is not empty",
            hint="Add --force to write into it and overwrite its files, or name an empty one with --dir",
        )


def choose_identity(
    directory: Path,
    *,
    template: Template | None = None,
    name: str | None = None,
    description: str | None = None,
    prompter: Prompter | None = None,
) -> Identity:
    """
    Name and description of a new project in *directory*.

    What is given is taken. The rest is asked for, or, without a *prompter*, taken from
    the template or the directory's name.

    Raises:
        NameProblemError: A given name, or without a prompter the default one, will not do.
    """
    if name is not None:
        _check_new_name(name)
    else:
        default = _default_name(directory, template)
        if prompter is not None:
            name = prompter.ask("Project name", default=default, check=_check_new_name)
        else:
            _check_new_name(default)
            name = default
    if description is None:
        default = _default_description(template)
        if prompter is not None:
            description = prompter.ask("Project description", default=default, check=check_description)
        else:
            description = default
    check_description(description)
    return Identity(name, description)


def create_project(
    template: Template | None,
    directory: Path,
    identity: Identity,
    *,
    force: bool = False,
    runtime_options: Mapping[str, str] | None = None,
) -> CreatedProject:
    """
    Write a new project into *directory*, which is made if need be.

    Without a *template* the project file holds a name and, if there is one, a
    description. Existing files are only overwritten with *force*; otherwise nothing
    is written at all.

    Raises:
        TemplateError: Files are in the way, or the template cannot be copied.
        NameProblemError: The name or the description will not do.
        ProjectFileError: The project file that came out cannot be used.
    """
    _check_new_name(identity.name)
    check_description(identity.description)
    if template is None:
        return _bare_project(directory, identity, force=force)
    files = list(_files(template.directory, identity))
    if not force:
        _refuse_overwriting(directory, [target for _, target in files])
    for source, target in files:
        _copy(source, directory / target, identity)
    project = _tidied(
        load_project(directory / template.project.path.name), template, identity, runtime_options or {}
    )
    block = template.project.template
    quickstart = _filled(block.quickstart, identity) if block and block.quickstart else None
    return CreatedProject(project, tuple(target for _, target in files), quickstart)


def choose_config(
    project_name: str,
    template: Template | None,
    given: Sequence[str] = (),
    *,
    paths: bool = False,
    existing: Mapping[ConfigKey, str] | None = None,
    prompter: Prompter | None = None,
) -> list[ConfigAnswer]:
    """
    The configuration of a new stack: what is *given* as `key=value`, and what the template asks for.

    Without a *prompter* the template's defaults are taken, and values without a
    default are left out. With *paths*, given keys may lead into structured values.

    Raises:
        ConfigError: Something given is not `key=value`, or no key.
    """
    answers = [parse_assignment(text, project=project_name, paths=paths) for text in given]
    decided = {answer.key for answer in answers}
    block = template.project.template if template is not None else None
    for asked in block.config if block else ():
        key = parse_config_key(asked.key, project=project_name)
        default = (existing or {}).get(key) or asked.default or ""
        secret_given = next((index for index, answer in enumerate(answers) if answer.key == key), None)
        if secret_given is not None:
            # The template knows that a value is secret, even when it comes from the command line.
            answers[secret_given] = msgspec.structs.replace(answers[secret_given], secret=asked.secret)
        if key in decided:
            continue
        text = default
        if prompter is not None:
            shown = key.shown(project_name)
            label = f"{asked.description} ({shown})" if asked.description else shown
            text = prompter.ask(label, default=default, secret=asked.secret)
        if text:
            answers.append(ConfigAnswer(key, (), text, asked.secret))
    return answers


def parse_assignment(text: str, *, project: str, paths: bool = False, secret: bool = False) -> ConfigAnswer:
    """
    What `key=value` says.

    Raises:
        ConfigError: There is no `=`, or no key in front of it.
    """
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise ConfigError(
            "A configuration value must be given as `key=value`"
            if not name
            else f"`{name}` is given without a value",
            hint="Write it as `key=value`",
        )
    if paths:
        key, path = parse_config_path(name, project=project)
        return ConfigAnswer(key, path, value, secret)
    return ConfigAnswer(parse_config_key(name, project=project), (), value, secret)


def parse_runtime_options(text: str) -> dict[str, str]:
    """
    What `--runtime-options a=b,c=d` says.

    Raises:
        TemplateError: An entry is not `name=value`.
    """
    options: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, separator, value = part.partition("=")
        if not separator or not name.strip():
            raise TemplateError(f"The runtime option `{part}` must be given as `name=value`")
        options[name.strip()] = value.strip()
    return options


def _check_new_name(name: str) -> None:
    check_project_name(name, new=True)


def _default_name(directory: Path, template: Template | None) -> str:
    own = template.project.name if template is not None else _PROJECT
    return project_name_from(directory.absolute().name) if _PLACEHOLDER.search(own) else own


def _default_description(template: Template | None) -> str:
    if template is None:
        return ""
    own = template.project.description or ""
    return template.description if not own or _PLACEHOLDER.search(own) else own


def _bare_project(directory: Path, identity: Identity, *, force: bool) -> CreatedProject:
    target = Path(f"{PROJECT_NAMES[1]}.yaml")
    if not force:
        _refuse_overwriting(directory, [target])
    content = {"name": identity.name}
    if identity.description:
        content["description"] = identity.description
    write_file(directory / target, dumped(content))
    return CreatedProject(load_project(directory / target), (target,))


def _refuse_overwriting(directory: Path, targets: list[Path]) -> None:
    in_the_way = [target for target in targets if os.path.lexists(directory / target)]
    if in_the_way:
        raise TemplateError(
            "The template would change files that exist",
            detail="\n".join(f"  overwrite   {target}" for target in in_the_way),
            hint="Add --force to overwrite them, or name another directory with --dir",
        )


def _files(root: Path, identity: Identity) -> Iterator[tuple[Path, Path]]:
    """Each file of a template, and where it goes."""
    for parent, directories, names in os.walk(root):
        directories[:] = sorted(name for name in directories if name not in _SKIPPED)
        for name in sorted(names):
            source = Path(parent) / name
            if name in _SKIPPED or name == _APPENDIX:
                continue
            if source.is_symlink() or not source.is_file():
                raise TemplateError(
                    f"The template holds {source.relative_to(root)}, which is a link or no ordinary file",
                    hint="Templates consist of files and directories",
                )
            target = Path(_filled(source.relative_to(root).as_posix(), identity))
            if target.is_absolute() or ".." in target.parts:
                raise TemplateError(
                    f"The template's file {source.relative_to(root)} would be written outside"
                )
            yield source, target
        links = [name for name in directories if (Path(parent) / name).is_symlink()]
        if links:
            raise TemplateError(f"The template holds {links[0]}, which is a link to a directory")


def _copy(source: Path, target: Path, identity: Identity) -> None:
    data = source.read_bytes()
    try:
        text: str | None = data.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None or "\0" in text:
            target.write_bytes(data)
        elif _PLACEHOLDER.search(text):
            filled = (
                _filled_yaml(text, identity)
                if target.suffix in {".yaml", ".yml"}
                else _filled(text, identity)
            )
            target.write_text(filled, encoding="utf-8", newline="")
        else:
            target.write_bytes(data)
        # A template in a read-only place gives a project that its owner can change.
        target.chmod(source.stat().st_mode & 0o777 | 0o200)
    except OSError as problem:
        raise TemplateError(
            f"{shown_path(target)} cannot be written", detail=problem.strerror or str(problem)
        ) from None


def _tidied(project: Project, template: Template, identity: Identity, options: Mapping[str, str]) -> Project:
    """The copied project file with its names, its runtime options and its origin, no template any more."""
    changes: dict[str, Any] = {
        "name": identity.name,
        "description": identity.description or None,
        "template": None,
    }
    if project.runtime is not None and options:
        merged = {**project.runtime.options, **options}
        if options.get("toolchain") not in (None, "pip") and "virtualenv" not in options:
            # The other tools decide themselves where their environment is.
            merged.pop("virtualenv", None)
        changes["runtime"] = runtime_entry(project.runtime.name, merged)
    config = dict(project.document.value.get("config") or {}) if _has_config_map(project) else None
    if config is not None:
        tags = config.get("pulumi:tags")
        known = dict(tags.get("value") or {}) if isinstance(tags, dict) else {}
        config["pulumi:tags"] = {"value": {**known, "pulumi:template": template.name}}
        changes["config"] = config
    return save_project(project, changes)


def _has_config_map(project: Project) -> bool:
    return isinstance(project.document.value.get("config"), dict | None)


def _filled(text: str, identity: Identity) -> str:
    return text.replace(_PROJECT, identity.name).replace(_DESCRIPTION, identity.description)


def _filled_yaml(text: str, identity: Identity) -> str:
    """*text* with its placeholders filled so that every value stays one value."""
    return "".join(_filled_line(line, identity) for line in text.splitlines(keepends=True))


def _filled_line(line: str, identity: Identity) -> str:
    if not _PLACEHOLDER.search(line):
        return line
    content = line.rstrip("\r\n")
    ending = line[len(content) :]
    quoted = _QUOTED.search(content)
    if quoted is not None and _PLACEHOLDER.search(quoted[0]):

        def inside(match: re.Match[str]) -> str:
            if match["double"] is not None:
                return '"' + _filled(match[0][1:-1], _changed(identity, _escaped)) + '"'
            return "'" + _filled(match[0][1:-1], _changed(identity, _doubled)) + "'"

        return _QUOTED.sub(inside, content) + ending
    entry = _PLAIN_ENTRY.match(content)
    if entry is None or not _PLACEHOLDER.search(entry["value"]):
        return _filled(content, identity) + ending
    return f"{entry['start']}{inline_scalar(_filled(entry['value'], identity))}{entry['end'] or ''}{ending}"


def _changed(identity: Identity, change: Callable[[str], str]) -> Identity:
    return Identity(change(identity.name), change(identity.description))


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _doubled(text: str) -> str:
    return text.replace("'", "''")
