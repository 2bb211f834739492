"""The commands there are, and how they are found, helped with and failed."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import click

from stackwright.cli._globals import GlobalFlags, enter_directory, option_variable, take_global_flags
from stackwright.errors import StackwrightError, UserError

PROGRAM = "stackwright"


class Entry(NamedTuple):
    """Where a command lives; its module is imported when it is used or asked for help."""

    module: str
    attribute: str
    section: str
    help: str


STACKS = "Stack Management"
DEPLOYMENT = "Deployment"
ENVIRONMENT = "Environment"
POLICIES = "Policy Management"
OTHER = "Other"

COMMANDS: dict[str, Entry] = {
    "new": Entry("_new", "new", STACKS, "Create a new project"),
    "config": Entry("_config", "config", STACKS, "Manage configuration"),
    "stack": Entry("_stack", "stack", STACKS, "Manage stacks and view stack state"),
    "up": Entry("_operations", "up", DEPLOYMENT, "Create or update the resources in a stack"),
    "preview": Entry("_operations", "preview", DEPLOYMENT, "Show what an update would do"),
    "destroy": Entry("_operations", "destroy", DEPLOYMENT, "Destroy all resources of a stack"),
    "refresh": Entry("_operations", "refresh", DEPLOYMENT, "Take in what changed behind the stack's back"),
    "import": Entry("_import", "import_", DEPLOYMENT, "Take resources that exist into a stack"),
    "query": Entry("_query", "query", DEPLOYMENT, "List what exists of a type, to import it"),
    "cancel": Entry("_operations", "cancel", DEPLOYMENT, "Take a stack from an update that hangs"),
    "policy": Entry("_policy", "policy", POLICIES, "Begin policy packs, and ask them"),
    "package": Entry("_package", "package", ENVIRONMENT, "Add providers' packages to a project"),
    "plugin": Entry("_plugin", "plugin", ENVIRONMENT, "Manage provider plugins"),
    "install": Entry("_install", "install", ENVIRONMENT, "Install the program's dependencies"),
    "exec": Entry("_exec", "exec_", ENVIRONMENT, "Run Python with `import pulumi` meaning Stackwright"),
    "login": Entry("_login", "login", ENVIRONMENT, "Choose where state is kept"),
    "logout": Entry("_login", "logout", ENVIRONMENT, "Forget the chosen store"),
    "whoami": Entry("_login", "whoami", ENVIRONMENT, "Show who is working, and where state is kept"),
    "about": Entry("_about", "about", OTHER, "Show what is installed here, and the current project"),
    "version": Entry("_about", "version", OTHER, "Print the version"),
    "gen-completion": Entry("_completion", "gen_completion", OTHER, "Generate a completion script"),
}
ALIASES = {
    "update": "up",
    "pre": "preview",
    "down": "destroy",
    "dn": "destroy",
    "create": "new",
    "setup": "new",
    "completion": "gen-completion",
}


class Command(click.Command):
    """A command whose flags can be defaulted from the environment (cli.md §1.2)."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        kwargs.setdefault("default_map", option_defaults(self.params))
        return super().make_context(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_without_booleans(self.params, args)))

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        return ["-h", "--help"]


_TRUTH = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}


def _without_booleans(parameters: Iterable[click.Parameter], arguments: Iterable[str]) -> Iterator[str]:
    """*arguments* with `--flag=true` as click has it, and `--flag=false` as `--no-flag` or nothing."""
    flags = {
        name: each
        for each in parameters
        if isinstance(each, click.Option) and each.is_flag
        for name in each.opts
    }
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            yield argument
            break
        name, equals, text = argument.partition("=")
        flag, value = flags.get(name), _TRUTH.get(text.lower())
        if flag is None or not equals or value is None:
            yield argument
        elif value:
            yield name
        elif flag.secondary_opts:
            yield flag.secondary_opts[0]
    yield from waiting


def option_defaults(parameters: Iterable[click.Parameter]) -> dict[str, Any]:
    """Values from `STACKWRIGHT_OPTION_<FLAG>`, then `PULUMI_OPTION_<FLAG>`; odd booleans are ignored."""
    defaults: dict[str, Any] = {}
    for parameter in parameters:
        if not isinstance(parameter, click.Option) or parameter.name is None:
            continue
        long_name = next((name for name in parameter.opts if name.startswith("--")), "")
        text = option_variable(long_name)
        if text is None:
            continue
        if parameter.is_flag:
            if text.lower() in ("1", "true", "0", "false"):
                defaults[parameter.name] = text.lower() in ("1", "true")
        elif parameter.multiple:
            defaults[parameter.name] = [part for part in text.split(",") if part]
        else:
            defaults[parameter.name] = text
    return defaults


class Group(click.Group):
    """
    A command group with aliases and suggestions.

    A bare group prints its help and fails, unless it is made with `invoke_without_command`
    (cli.md §1.3).
    """

    command_class = Command

    def __init__(self, *args: Any, aliases: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aliases = aliases or {}

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        kwargs.setdefault("default_map", option_defaults(self.params))
        return super().make_context(*args, **kwargs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        return ["-h", "--help"]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            raise UnknownCommandError(args[0], ctx.command_path, self.list_commands(ctx))
        return super().resolve_command(ctx, args)


class RootGroup(Group):
    """The root: its commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(self.aliases.get(cmd_name, cmd_name))
        if entry is None:
            return None
        module = importlib.import_module(f"stackwright.cli.{entry.module}")
        command = getattr(module, entry.attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in (STACKS, DEPLOYMENT, ENVIRONMENT, POLICIES, OTHER):
            with formatter.section(section):
                rows = [(name, entry.help) for name, entry in COMMANDS.items() if entry.section == section]
                formatter.write_dl(rows)
        with formatter.section("Flags that every command takes"):
            formatter.write_dl(
                [
                    ("-C, --cwd DIR", "Change to this directory first"),
                    ("--color auto|always|never|raw", "When to use colours"),
                    ("--non-interactive", "Never ask; fail where an answer is missing"),
                    ("-Q, --fully-qualify-stack-names", "Print stacks as organization/project/stack"),
                    ("--disable-integrity-checking", "Work on state even if it contradicts itself"),
                    ("-v, --verbose N", "Say more; --logtostderr, --logflow for where"),
                ]
            )


_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


class UnknownCommandError(UserError):
    """There is no such command; says which ones are close (cli.md §1.3)."""

    code = "unknown-command"

    def __init__(self, name: str, path: str, known: Iterable[str]) -> None:
        import difflib  # for mistakes alone

        close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
        lines = ["Did you mean this?", *[f"\t{path} {match}" for match in close]] if close else []
        super().__init__(
            f'unknown command "{name}" for "{path}"',
            detail="\n" + "\n".join(lines) + "\n" if lines else None,
            hint=f"Run '{path} --help' for usage.",
        )


class BailError(Exception):
    """The command failed, and the user has seen why already."""

    def __init__(self, status: int = 1) -> None:
        super().__init__(status)
        self.status = status


@click.group(cls=RootGroup, aliases=ALIASES, invoke_without_command=True, no_args_is_help=False)
@click.option("--version", "version", is_flag=True, help="Print the version.")
@click.pass_context
def root(ctx: click.Context, version: bool) -> None:
    """Infrastructure as code for Python, in Python."""
    if ctx.invoked_subcommand is not None:
        return
    if version:
        from stackwright.cli._version import version_line

        click.echo(version_line())
    else:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run one command line and answer its exit status; nothing escapes (cli.md §1.4, §1.7)."""
    flags = GlobalFlags()
    try:
        flags, rest = take_global_flags(arguments)
        enter_directory(flags)
        result = root.main(rest, prog_name=PROGRAM, standalone_mode=False, obj=flags)
    except BailError as bail:
        return bail.status
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 1
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        click.echo("", err=True)
        return 1
    except click.ClickException as error:
        print_error(_usage_text(error))
        return 1
    except StackwrightError as error:
        print_error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader has gone (`stackwright ... | head`): nobody is left to be told anything.
        return 1
    except KeyboardInterrupt:
        return 8
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            return _own_failure()
        where = f"{error.filename} " if error.filename else "the output, or a file, "
        print_error(f"{where}cannot be written: {error.strerror}")
        return 1
    except Exception:  # noqa: BLE001 - the last resort: a bug of ours is told as one, never as a bare traceback
        return _own_failure()
    return result if isinstance(result, int) else 0


def _own_failure() -> int:
    """Tell the exception that is being handled, which nobody foresaw."""
    import traceback

    print_error("Stackwright itself failed. This is a bug: please report it with these lines.")
    click.echo(traceback.format_exc(), err=True)
    return 255


def flushed(status: int) -> int:
    """*status*, or 1 where it was a success whose words could not be written to their end."""
    try:
        sys.stdout.flush()
    except OSError:
        # What is still buffered goes nowhere; otherwise the interpreter's own last flush complains.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return status or 1
    return status


def print_error(text: str) -> None:
    """An error on standard error, as every command prints them."""
    click.echo(f"error: {text}", err=True)


def _meant(error: click.NoSuchOption) -> list[str]:
    """What the unknown option may have been meant to be; the dashes that all have are no likeness."""
    import difflib  # as above

    asked, found = error.option_name.lstrip("-"), error.possibilities or ()
    known = {each.lstrip("-"): each for each in found}
    beginnings = [each for word, each in known.items() if word.startswith(asked)]
    return beginnings or [known[word] for word in difflib.get_close_matches(asked, list(known))]


def _usage_text(error: click.ClickException) -> str:
    """Click's mistakes in the words that clients of the compatible tool know (cli.md §18)."""
    if isinstance(error, click.NoSuchOption):
        meant = _meant(error)
        close = f"\nDid you mean {', '.join(meant)}?" if meant else ""
        if error.option_name.startswith("--"):
            return f"unknown flag: {error.option_name}{close}"
        return f"unknown shorthand flag: '{error.option_name[1:]}' in {error.option_name}{close}"
    context = getattr(error, "ctx", None)
    hint = f"\nRun '{context.command_path} --help' for usage." if context is not None else ""
    return error.format_message() + hint
