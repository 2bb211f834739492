"""
Stack files: what one stack of a project is configured with.

A stack file lies beside the project file (or in `stackConfigDir`), is named after
it, and may be missing, which means: empty. Edits keep comments and order (spec:
state.md §2). What the values mean together with the project is put together by
`effective_config`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.project._config import Config
from stackwright.project._config_key import ConfigKey, parse_config_key
from stackwright.project._config_schema import check, complete
from stackwright.project._config_value import ConfigValue, Crypter, load_value
from stackwright.project._document import Document, read_document
from stackwright.project._editing import rendered, write_file
from stackwright.project._problems import ConfigError, Problem, StackFileError, located
from stackwright.project._project_file import PROJECT_NAMES
from stackwright.project._shape import Shape

if TYPE_CHECKING:
    from stackwright.project._document import Tree
    from stackwright.project._project_file import Project

_FIELDS: Final = ("secretsprovider", "encryptedkey", "encryptionsalt", "config", "environment")


class StackFile(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a stack file says. Make another one to change it, and `save_stack_file` it.

    Attributes:
        path: The file, which need not exist.
        secrets_provider: `passphrase`, `default`, a key service's URL, or None.
        encrypted_key: The data key as a key service wrapped it, base64, or None.
        encryption_salt: Salt and check value of a passphrase, or None.
        environment: The environments that are asked for; see `effective_config`.
        text: The file as it was read, empty when there was none.
        warnings: What is allowed but looks like a slip.
    """

    path: Path
    project: str
    secrets_provider: str | None = None
    encrypted_key: str | None = None
    encryption_salt: str | None = None
    config: Config = Config()
    environment: Any = None
    text: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the file says nothing."""
        return not (
            self.secrets_provider
            or self.encrypted_key
            or self.encryption_salt
            or len(self.config)
            or self.environment
        )

    def with_config(self, config: Config) -> StackFile:
        """The same file with another configuration."""
        return msgspec.structs.replace(self, config=config)

    def with_secrets(
        self,
        *,
        provider: str | None = None,
        encrypted_key: str | None = None,
        encryption_salt: str | None = None,
    ) -> StackFile:
        """The same file with exactly these secrets settings; those not given are removed."""
        return msgspec.structs.replace(
            self, secrets_provider=provider, encrypted_key=encrypted_key, encryption_salt=encryption_salt
        )


def stack_file_path(project: Project, stack: str) -> Path:
    """
    Where the file of *stack* (a short name) is, or would be.

    It shares base name and extension with the project file. A project file with a
    name of ours also finds stack files that the compatible tool wrote, so that one
    configuration serves both; where there are both, the one of the project file's
    own name counts.
    """
    directory = project.root / project.stack_config_dir if project.stack_config_dir else project.root
    own_base, extension = project.path.stem, project.path.suffix
    name = stack.replace("/", "-")
    own = directory / f"{own_base}.{name}{extension}"
    if own_base == PROJECT_NAMES[0] and not own.exists():
        for base in PROJECT_NAMES[1:]:
            other = directory / f"{base}.{name}{extension}"
            if other.exists():
                return other
    return own


def load_stack_file(project: Project, stack: str, *, config_file: Path | None = None) -> StackFile:
    """
    Read the file of *stack* (a short name), or *config_file* in its place; a missing one is empty.

    Raises:
        StackFileError: It cannot be read, is malformed, or says something that
            cannot be meant; holds every problem.
    """
    path = (config_file or stack_file_path(project, stack)).absolute()
    try:
        document = read_document(path, error=StackFileError)
    except FileNotFoundError:
        return StackFile(path=path, project=project.name)
    return _read(document, project.name)


def parse_stack_file(text: str, path: Path, *, project: str) -> StackFile:
    """Read *text* as the content of a stack file at *path*; see `load_stack_file`."""
    return _read(Document(path, text.removeprefix("\ufeff"), error=StackFileError), project)


def save_stack_file(file: StackFile) -> StackFile:
    """
    Write *file* to its path, keeping comments and order of what was there; an empty one is written too.

    What is there is read anew for its comments and its order; the values are those of *file*.

    Raises:
        StackFileError: The file cannot be written, or is malformed by now.
    """
    try:
        text = read_document(file.path, error=StackFileError).text
    except FileNotFoundError:
        text = ""
    text = render_stack_file(file, text)
    try:
        write_file(file.path, text)
    except OSError as problem:
        raise StackFileError(
            file.path, [Problem(f"the file cannot be written: {problem.strerror or problem}")]
        ) from None
    return msgspec.structs.replace(file, text=text)


def rename_stack_file(project: Project, old: str, new: str) -> Path | None:
    """
    Give the file of stack *old* the name of stack *new*; None when there was no file.

    Raises:
        StackFileError: There is a file of that name already, or it cannot be renamed.
    """
    source = stack_file_path(project, old)
    if not source.exists():
        return None
    name = new.replace("/", "-")
    target = source.with_name(f"{source.name.split('.')[0]}.{name}{source.suffix}")
    if target.exists():
        raise StackFileError(
            target,
            [Problem(f"the file is in the way of {source.name}", hint="Move it away; nothing was renamed")],
        )
    try:
        source.rename(target)
    except OSError as problem:
        raise StackFileError(
            source, [Problem(f"the file cannot be renamed: {problem.strerror or problem}")]
        ) from None
    return target


def remove_stack_file(project: Project, stack: str) -> Path | None:
    """
    Remove the file of *stack*, as `stack rm` does; None when there was no file.

    Raises:
        StackFileError: It cannot be removed.
    """
    path = stack_file_path(project, stack)
    try:
        path.unlink()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise StackFileError(
            path, [Problem(f"the file cannot be removed: {problem.strerror or problem}")]
        ) from None
    return path


def set_stack_file_aside(path: Path) -> Path:
    """
    Rename the stack file *path* to the first free of `.bak`, `.bak.bak`, … (spec: cli.md §6).

    Raises:
        StackFileError: It cannot be renamed.
    """
    target = path.with_name(f"{path.name}.bak")
    while target.exists():
        target = target.with_name(f"{target.name}.bak")
    try:
        return path.rename(target)
    except OSError as problem:
        raise StackFileError(
            path, [Problem(f"the file cannot be renamed: {problem.strerror or problem}")]
        ) from None


def render_stack_file(file: StackFile, text: str) -> str:
    """*text*, the present content of a stack file, edited so that it says what *file* does."""
    old = Document(file.path, text, error=StackFileError).value
    top: dict[str, Tree] = dict(old) if isinstance(old, dict) else {}
    # Keys are written as they were found: a bare one stays bare.
    spelled = {str(_key(key, file.project)): key for key in top.get("config") or {}}
    unset = {key for key, spelling in spelled.items() if top["config"][spelling] is None}
    wanted: dict[str, Tree] = {
        "secretsprovider": file.secrets_provider,
        "encryptedkey": file.encrypted_key,
        "encryptionsalt": file.encryption_salt,
        "config": {
            spelled.get(key, key): None if value == "" and key in unset else value
            for key, value in file.config.stored().items()
        },
        "environment": file.environment,
    }
    for field, value in wanted.items():
        if value:
            top[field] = value
        else:
            top.pop(field, None)
    if not top and file.path.suffix != ".json" and not text.strip():
        return "{}\n"
    return rendered(file.path, text, top, error=StackFileError)


def effective_config(
    project: Project,
    stack: str,
    file: StackFile,
    *,
    crypter: Crypter | None = None,
    validate: bool = True,
) -> Config:
    """
    What *stack* runs with: its own values, and the project's where it has none.

    With *validate* the stack's values are first held against the project's
    declarations (spec: state.md §4); *crypter* lets secret ones be checked too.

    Raises:
        ConfigError: The stack file asks for environments, which are a service of
            their vendor's.
        ConfigValidationError: The values do not fit the declarations.
    """
    refuse_environments(file)
    if validate:
        check(file.config, project.config, stack=stack, project=project.name, crypter=crypter)
    return complete(file.config, project.config)


def refuse_environments(file: StackFile) -> None:
    """
    Raises:
        ConfigError: *file* asks for environments (spec: state.md §5).
    """
    if file.environment:
        document = Document(file.path, file.text, error=StackFileError)
        problem = Problem(
            "the stack asks for environments (`environment:`), which only exist in Pulumi Cloud",
            document.position(("environment",), key=True),
        )
        raise ConfigError(
            located(file.path, problem),
            hint="Remove the entry and set the values with `stackwright config set`",
        )


def _read(document: Document, project: str) -> StackFile:
    shape = Shape(document)
    top = document.value
    if top is not None and not isinstance(top, dict):
        shape.problem((), "a stack file must hold `key: value` lines")
        shape.finish(StackFileError)
    top = top or {}
    shape_environment = top.get("environment")
    if shape_environment is not None and not isinstance(shape_environment, list | dict):
        shape.problem(("environment",), "`environment` must be a list of names, or a map")
    file = StackFile(
        path=document.path,
        project=project,
        secrets_provider=shape.text(top, "secretsprovider", ()) or None,
        encrypted_key=shape.text(top, "encryptedkey", ()) or None,
        encryption_salt=shape.text(top, "encryptionsalt", ()) or None,
        config=_config(shape.mapping(top, "config", ()), project, shape),
        environment=shape_environment or None,
        text=document.text,
        warnings=shape.warnings(),
    )
    shape.finish(StackFileError)
    return file


def _config(block: dict[str, Any], project: str, shape: Shape) -> Config:
    values: dict[ConfigKey, ConfigValue] = {}
    for text, tree in block.items():
        at = ("config", text)
        try:
            key = parse_config_key(text, project=project)
            value = load_value("" if tree is None else tree)
        except ConfigError as problem:
            shape.problem(at, problem.message, hint=problem.hint, key=True)
            continue
        if tree is None:
            shape.warning(at, f"`{text}` has no value; it is taken as empty text", key=True)
        if key in values:
            shape.problem(at, f"`{key}` is set twice", key=True)
        values[key] = value
    return Config(values)


def _key(text: str, project: str) -> ConfigKey | str:
    try:
        return parse_config_key(text, project=project)
    except ConfigError:
        return text
