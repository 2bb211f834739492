"""Secrets that generated code reads from the stack's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackwright.automation import Stack


def write_secrets(stack: Stack, secrets: Mapping[str, Any]) -> None:
    """Put *secrets* into the stack file, encrypted, under their keys in the project's namespace."""
    from stackwright.moving import configured_text
    from stackwright.project import encrypted_value, parse_config_key

    file = stack.file
    if file is None or not secrets:
        return
    values = file.config
    for name, value in secrets.items():
        key = parse_config_key(name, project=stack.reference.project)
        values = values.with_value(key, encrypted_value(configured_text(value), stack.crypter).tree, ())
    stack.save(file.with_config(values))


def secret_texts(stack: Stack) -> dict[str, str]:
    """The values of the project's own configuration, by their bare keys."""
    config = stack.config
    values = config.for_program(stack.crypter if config.has_secrets else None).values
    prefix = f"{stack.reference.project}:"
    return {key.removeprefix(prefix): text for key, text in values.items() if key.startswith(prefix)}
