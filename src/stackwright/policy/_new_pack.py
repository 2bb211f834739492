"""Writing the beginnings of a policy pack."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from stackwright.policy._errors import PolicyPackError

_MANIFEST: Final = """\
description: Policies of this team
runtime:
  name: python
  options:
    virtualenv: venv
version: 0.1.0
"""
_PROGRAM: Final = '''\
"""Policies: what must not be, and what is better made otherwise."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def is_long_enough(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    if args.resource_type == "random:index/randomPassword:RandomPassword" and args.props["length"] < 16:
        report_violation(f"{args.name} has {args.props['length']:.0f} characters")


PolicyPack(
    "NAME",
    [
        ResourceValidationPolicy(
            name="long-passwords",
            description="Passwords have at least 16 characters.",
            validate=is_long_enough,
            enforcement_level=EnforcementLevel.MANDATORY,
        ),
    ],
)
'''
_FILES: Final = {
    "PulumiPolicy.yaml": _MANIFEST,
    "__main__.py": _PROGRAM,
    "requirements.txt": "pulumi>=3.0.0,<4.0.0\npulumi-policy>=1.21.0,<2.0.0\n",
    ".gitignore": "__pycache__/\nvenv/\n",
}


def write_pack(directory: Path, *, force: bool = False) -> Path:
    """
    Write a pack of one policy into *directory*, called like it; answers the manifest.

    Raises:
        PolicyPackError: Something is there already, unless *force* says that it may be overwritten.
        OSError: It cannot be written.
    """
    directory = directory.absolute()
    if directory.is_dir() and any(directory.iterdir()) and not force:
        raise PolicyPackError(
            f"{directory} is not empty", hint="Name another one with --dir, or use --force to write into it"
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (directory / name).write_text(text.replace("NAME", directory.name), encoding="utf-8")
    return directory / "PulumiPolicy.yaml"
