"""
Python environments of projects: finding, making, filling and looking into them.

Decides which interpreter a program gets, whether it runs inline, here or in
the project's own environment, or remotely, and what its provider SDKs need.
Starting programs is left to others. Imports `stackwright.project`'s modules of
files and the vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use
from stackwright.project.python._environment import (
    REEXECUTED,
    PythonEnvironment,
    RunPlan,
    available_toolchains,
    find_environment,
    require_debugger,
    run_plan,
)
from stackwright.project.python._local_sdks import (
    has_own_environment,
    local_sdks,
    missing_sdks,
    package_path,
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

if TYPE_CHECKING:
    from stackwright.project.python._about import (
        EnvironmentFacts,
        InstalledPackage,
        environment_facts,
        installed_packages,
    )
    from stackwright.project.python._install import (
        InstallError,
        Output,
        check_types,
        create_environment,
        install_dependencies,
        provide_environment,
        remove_distributions,
    )

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
    "has_own_environment",
    "install_dependencies",
    "installed_packages",
    "local_sdks",
    "missing_sdks",
    "package_path",
    "provide_environment",
    "python_options",
    "remove_distributions",
    "require_debugger",
    "required_plugins",
    "run_plan",
    "runtime_variables",
]

# What running a program has no use for.
__getattr__ = on_first_use(
    __name__,
    {
        "_about": (
            "EnvironmentFacts",
            "InstalledPackage",
            "environment_facts",
            "installed_packages",
        ),
        "_install": (
            "InstallError",
            "Output",
            "check_types",
            "create_environment",
            "install_dependencies",
            "provide_environment",
            "remove_distributions",
        ),
    },
)
