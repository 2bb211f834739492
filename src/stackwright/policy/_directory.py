"""From a pack's directory to what has to be started for it (protocol.md §7.5, §13.6)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stackwright.engine import Target
from stackwright.policy._configuration import PolicySetting
from stackwright.policy._errors import PolicyPackError
from stackwright.policy._process import ProcessPack
from stackwright.project import PolicyManifest, check_required_version, find_policy_file, load_policy_pack
from stackwright.project.python import find_environment
from stackwright.wire import COMPATIBLE_VERSION

_STARTER: Final = str(Path(__file__).parents[1] / "policy_program.py")
"""Finds out which SDK the pack's environment has; by its path, since that need not be ours."""


def load_pack(
    directory: Path,
    settings: Mapping[str, PolicySetting],
    target: Target,
    *,
    preview: bool,
    engine_address: str,
) -> ProcessPack:
    """
    How the pack in *directory* is started for *target*.

    Raises:
        PolicyPackError: It is no pack, or one that cannot be run here.
        ProjectFileError: Its manifest cannot be used.
        PythonEnvironmentError: Its virtual environment is missing; says how to make it.
    """
    directory = Path(os.path.normpath(directory.absolute()))
    if not directory.is_dir():
        raise PolicyPackError(f"there is no policy pack at {directory}: no such directory")
    path = find_policy_file(directory)
    if path is None:
        raise PolicyPackError(
            f"there is no policy pack at {directory}: it has no PulumiPolicy.yaml",
            hint="Start one with `stackwright policy new --dir DIRECTORY`",
        )
    manifest = load_policy_pack(path)
    return ProcessPack(
        command=_command(manifest, engine_address),
        directory=manifest.project.root,
        environ=_environ(target, preview=preview),
        version=manifest.version,
        settings=settings,
    )


def _command(manifest: PolicyManifest, engine_address: str) -> tuple[str, ...]:
    project = manifest.project
    check_required_version(project, COMPATIBLE_VERSION)
    runtime = project.runtime
    if runtime is None or runtime.name == "python":
        program = project.program()
        place = str(program.directory / program.entry_point)
        return (str(find_environment(project).interpreter), "-u", _STARTER, engine_address, place)
    name = f"pulumi-analyzer-policy-{runtime.name}"
    executable = shutil.which(name)
    if executable is None:
        raise PolicyPackError(
            f"the policy pack {project.root} is written for the runtime `{runtime.name}`, "
            f"and there is no program `{name}` on PATH to run it",
            hint="Packs written in Python need nothing else",
        )
    options = (f"-{option}={value}" for option, value in sorted(runtime.options.items()))
    return (executable, engine_address, ".", *options)


def _environ(target: Target, *, preview: bool) -> dict[str, str]:
    return {
        **os.environ,
        "PULUMI_ORGANIZATION": target.organization,
        "PULUMI_PROJECT": target.project,
        "PULUMI_STACK": target.stack,
        "PULUMI_DRY_RUN": "true" if preview else "false",
        "PULUMI_CONFIG": json.dumps(dict(target.config)),
    }
