"""
Python environments of projects: finding, making, filling and looking into them.

Decides which interpreter a program gets, whether it runs inline, here or in
the project's own environment, or remotely, and what its provider SDKs need.
Starting programs is left to others. Imports `stackwright.project`'s modules of
files and the vocabulary.
"""

from stackwright.project.python._about import (
    EnvironmentFacts,
    InstalledPackage,
    environment_facts,
    installed_packages,
)
from stackwright.project.python._environment import (
    REEXECUTED,
    PythonEnvironment,
    RunPlan,
    available_toolchains,
    find_environment,
    run_plan,
)
from stackwright.project.python._install import (
    InstallError,
    Output,
    check_types,
    create_environment,
    install_dependencies,
)
from stackwright.project.python._options import (
    PythonOptions,
    RunMode,
    Toolchain,
    Typechecker,
    detected_toolchain,
    python_options,
    runtime_variables,
)
from stackwright.project.python._plugins import Parameterization, RequiredPlugin, required_plugins

__all__ = [
    "REEXECUTED",
    "EnvironmentFacts",
    "InstallError",
    "InstalledPackage",
    "Output",
    "Parameterization",
    "PythonEnvironment",
    "PythonOptions",
    "RequiredPlugin",
    "RunMode",
    "RunPlan",
    "Toolchain",
    "Typechecker",
    "available_toolchains",
    "check_types",
    "create_environment",
    "detected_toolchain",
    "environment_facts",
    "find_environment",
    "install_dependencies",
    "installed_packages",
    "python_options",
    "required_plugins",
    "run_plan",
    "runtime_variables",
]
