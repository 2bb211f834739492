"""Flags that every command takes, before or after its name (cli.md §1.1)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stackwright.errors import UserError

COLOURS = ("auto", "always", "never", "raw")

_FLAGS = {
    "--emoji": "emoji",
    "-e": "emoji",
    "--fully-qualify-stack-names": "fully_qualify",
    "-Q": "fully_qualify",
    "--disable-integrity-checking": "disable_integrity_checking",
    "--logflow": "log_flow",
    "--logtostderr": "log_to_stderr",
    "--non-interactive": "non_interactive",
}
_VALUES = {
    "--cwd": "cwd",
    "-C": "cwd",
    "--color": "colour",
    "--verbose": "verbose",
    "--tracing": "tracing",
    "--otel-traces": "traces",
    "--profiling": "profiling",
    "--memprofilerate": "profiling",
    "--tracing-header": "tracing",
}
_VERBOSE = "-v"


class GlobalFlags(msgspec.Struct, kw_only=True):
    """What was said on the command line for every command."""

    cwd: str = ""
    emoji: bool = False
    fully_qualify: bool = False
    disable_integrity_checking: bool = False
    log_flow: bool = False
    log_to_stderr: bool = False
    non_interactive: bool = False
    colour: str = "auto"
    verbose: str = "0"
    traces: str = ""
    tracing: str = ""
    profiling: str = ""

    @property
    def interactive(self) -> bool:
        """Whether there is a person to ask (cli.md §1.5)."""
        if self.non_interactive or os.environ.get("TERM") == "dumb" or in_ci():
            return False
        return sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def colours(self) -> bool:
        """Whether output is coloured (cli.md §1.5)."""
        if self.colour in ("always", "raw"):
            return True
        if self.colour == "never" or os.environ.get("NO_COLOR"):
            return False
        return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def in_ci() -> bool:
    """Whether a continuous-integration system runs this: nobody answers prompts there."""
    if os.environ.get("STACKWRIGHT_DISABLE_CI_DETECTION") or os.environ.get("PULUMI_DISABLE_CI_DETECTION"):
        return False
    return any(os.environ.get(name) for name in ("CI", "BUILD_ID", "BUILD_NUMBER", "TF_BUILD"))


def take_global_flags(arguments: Sequence[str]) -> tuple[GlobalFlags, list[str]]:
    """
    Pull the global flags out of *arguments*, wherever they stand before a `--`.

    What is not given there can come from the environment (cli.md §1.2).

    Raises:
        UserError: A flag lacks its value, or the value is none that it can have.
    """
    flags = _flags_from_environment()
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            rest += [argument, *waiting]
            break
        name, equals, value = argument.partition("=")
        if name in _FLAGS and name.startswith("-") and (not equals or value.lower() in _BOOLEANS):
            setattr(flags, _FLAGS[name], _BOOLEANS.get(value.lower(), True))
        elif name in _VALUES or (name == _VERBOSE and _is_number(value or (waiting or [""])[0])):
            if not equals:
                if not waiting:
                    raise UserError(f"flag needs an argument: {argument}")
                value = waiting.pop(0)
            setattr(flags, _VALUES.get(name, "verbose"), value)
        else:
            rest.append(argument)
    if flags.colour not in COLOURS:
        raise UserError(
            f"unsupported color option: '{flags.colour}'.  Supported values are: auto, always, never, raw"
        )
    return flags, rest


def _flags_from_environment() -> GlobalFlags:
    flags = GlobalFlags()
    for name, attribute in (*_FLAGS.items(), *_VALUES.items()):
        text = option_variable(name)
        if text is None:
            continue
        if name in _VALUES:
            setattr(flags, attribute, text)
        elif text and text.lower() in _BOOLEANS:
            setattr(flags, attribute, _BOOLEANS[text.lower()])
    return flags


def option_variable(flag: str) -> str | None:
    """What the environment says of *flag*: in our variable, then in the compatible tool's (cli.md §1.2)."""
    if not flag.startswith("--"):
        return None
    variable = "OPTION_" + flag.removeprefix("--").upper().replace("-", "_")
    return os.environ.get(f"STACKWRIGHT_{variable}", os.environ.get(f"PULUMI_{variable}"))


def _is_number(text: str) -> bool:
    return text.isdigit()


_BOOLEANS = {"": True, "true": True, "1": True, "false": False, "0": False}


def enter_directory(flags: GlobalFlags) -> None:
    """Go where `--cwd` says, before anything is looked for."""
    if flags.cwd:
        target = Path(flags.cwd)
        if not target.is_dir():
            raise UserError(f"--cwd: there is no directory {target}")
        os.chdir(target)
