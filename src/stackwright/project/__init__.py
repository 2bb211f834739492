"""
Projects as people keep them: files, configuration, selections, Python environments, templates.

Decides what a project file, a stack file and a workspace say, how they are
written back, which interpreter runs a program and what has to be installed for
it, and what a new project consists of. Leaves to others: running programs
(`stackwright.engine` and the command line), encrypting (`Crypter` is
implemented in `stackwright.secrets`), storing state, asking people.

May import everything below the faces: `engine`, `providers`, `state`, `secrets`,
`sdk`, `wire` and the vocabulary; it needs the vocabulary alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use
from stackwright.project._config import Config, ProgramConfig
from stackwright.project._config_key import (
    ConfigKey,
    ConfigPath,
    format_config_path,
    parse_config_key,
    parse_config_path,
)
from stackwright.project._config_schema import ConfigDeclaration, ConfigType
from stackwright.project._config_value import (
    MASK,
    ConfigValue,
    Crypter,
    Encrypted,
    coerced,
    encrypted_tree,
    encrypted_value,
    recorded_form,
    value_from_json,
    value_from_record,
)
from stackwright.project._credentials import (
    DEFAULT_BACKEND_URL,
    Backend,
    Credentials,
    current_backend,
    load_credentials,
    log_in,
    log_out,
    log_out_everywhere,
)
from stackwright.project._engine_config import disabled_default_providers, stack_tags
from stackwright.project._names import (
    ORGANIZATION,
    StackReference,
    check_description,
    check_project_name,
    check_stack_name,
    parse_stack_reference,
    project_name_from,
)
from stackwright.project._problems import (
    ConfigError,
    ConfigValidationError,
    FileProblemsError,
    NameProblemError,
    Position,
    Problem,
    ProjectFileError,
    ProjectNotFoundError,
    PythonEnvironmentError,
    StackFileError,
    TemplateError,
    UnknownRuntimeError,
    WorkspaceError,
    located,
)
from stackwright.project._project_file import (
    PackageSpec,
    PluginOverride,
    PolicyManifest,
    Program,
    Project,
    Runtime,
    TemplateBlock,
    TemplateConfig,
    check_required_version,
    find_plugin_file,
    find_policy_file,
    find_project,
    find_project_file,
    load_policy_pack,
    load_project,
    package_entry,
    parse_project,
    runtime_entry,
    save_project,
)
from stackwright.project._secret_guess import looks_secret
from stackwright.project._selection import deselect_stack, select_stack, selected_stack
from stackwright.project._stack_file import (
    StackFile,
    effective_config,
    load_stack_file,
    parse_stack_file,
    remove_stack_file,
    rename_stack_file,
    save_stack_file,
    set_stack_file_aside,
    stack_file_path,
)

if TYPE_CHECKING:
    from stackwright.project._new_project import (
        ConfigAnswer,
        CreatedProject,
        Identity,
        Prompter,
        check_destination,
        choose_config,
        choose_identity,
        create_project,
        parse_assignment,
        parse_runtime_options,
    )
    from stackwright.project._template import (
        Template,
        TemplateListing,
        find_template,
        list_templates,
        read_template,
    )

__all__ = [
    "DEFAULT_BACKEND_URL",
    "MASK",
    "ORGANIZATION",
    "Backend",
    "Config",
    "ConfigAnswer",
    "ConfigDeclaration",
    "ConfigError",
    "ConfigKey",
    "ConfigPath",
    "ConfigType",
    "ConfigValidationError",
    "ConfigValue",
    "CreatedProject",
    "Credentials",
    "Crypter",
    "Encrypted",
    "FileProblemsError",
    "Identity",
    "NameProblemError",
    "PackageSpec",
    "PluginOverride",
    "PolicyManifest",
    "Position",
    "Problem",
    "Program",
    "ProgramConfig",
    "Project",
    "ProjectFileError",
    "ProjectNotFoundError",
    "Prompter",
    "PythonEnvironmentError",
    "Runtime",
    "StackFile",
    "StackFileError",
    "StackReference",
    "Template",
    "TemplateBlock",
    "TemplateConfig",
    "TemplateError",
    "TemplateListing",
    "UnknownRuntimeError",
    "WorkspaceError",
    "check_description",
    "check_destination",
    "check_project_name",
    "check_required_version",
    "check_stack_name",
    "choose_config",
    "choose_identity",
    "coerced",
    "create_project",
    "current_backend",
    "deselect_stack",
    "disabled_default_providers",
    "effective_config",
    "encrypted_tree",
    "encrypted_value",
    "find_plugin_file",
    "find_policy_file",
    "find_project",
    "find_project_file",
    "find_template",
    "format_config_path",
    "list_templates",
    "load_credentials",
    "load_policy_pack",
    "load_project",
    "load_stack_file",
    "located",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "looks_secret",
    "package_entry",
    "parse_assignment",
    "parse_config_key",
    "parse_config_path",
    "parse_project",
    "parse_runtime_options",
    "parse_stack_file",
    "parse_stack_reference",
    "project_name_from",
    "read_template",
    "recorded_form",
    "remove_stack_file",
    "rename_stack_file",
    "runtime_entry",
    "save_project",
    "save_stack_file",
    "select_stack",
    "selected_stack",
    "set_stack_file_aside",
    "stack_file_path",
    "stack_tags",
    "value_from_json",
    "value_from_record",
]

# What `new` alone needs.
__getattr__ = on_first_use(
    __name__,
    {
        "_new_project": (
            "ConfigAnswer",
            "CreatedProject",
            "Identity",
            "Prompter",
            "check_destination",
            "choose_config",
            "choose_identity",
            "create_project",
            "parse_assignment",
            "parse_runtime_options",
        ),
        "_template": (
            "Template",
            "TemplateListing",
            "find_template",
            "list_templates",
            "read_template",
        ),
    },
)
