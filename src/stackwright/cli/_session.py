"""What commands share: the workspace, the stack that is meant, and who may be asked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import click

from stackwright.automation import NoStackSelectedError, PassphraseSource, Stack, Workspace
from stackwright.cli._globals import GlobalFlags
from stackwright.cli._prompts import ask, choose
from stackwright.errors import UserError
from stackwright.project import StackReference, check_stack_name, located, stack_tags
from stackwright.state import StackNotFoundError

CREATE_NEW = "<create a new stack>"


class Session:
    """One command's view of the workspace."""

    def __init__(self, flags: GlobalFlags, *, config_file: str | None = None) -> None:
        self.flags = flags
        self.workspace = Workspace(config_file=Path(config_file) if config_file else None)

    @classmethod
    def current(cls, *, config_file: str | None = None) -> Session:
        """The session of the command that is running; its store is closed when the command ends."""
        context = click.get_current_context()
        session = cls(context.find_object(GlobalFlags) or GlobalFlags(), config_file=config_file)
        context.call_on_close(session.workspace.close)
        return session

    @property
    def interactive(self) -> bool:
        return self.flags.interactive

    @cached_property
    def passphrase(self) -> PassphraseSource:
        """Where a passphrase comes from when no variable holds one."""
        if not self.interactive:
            return PassphraseSource()
        return PassphraseSource(
            unlock=lambda stack: ask(
                f"Enter your passphrase to unlock config/secrets for stack {stack}", secret=True
            ),
            choose=_choose_passphrase,
        )

    def stack(self, name: str | None, *, offers_creation: bool = False) -> Stack:
        """
        The stack that a command works on: named, selected, or asked for; it exists (cli.md §2).

        Raises:
            NoStackSelectedError: None is meant, and nobody can be asked.
            StackNotFoundError: The one that is meant does not exist.
        """
        workspace = self.workspace
        reference = workspace.reference(name) if name else workspace.selected
        if reference is None:
            if not self.interactive:
                raise NoStackSelectedError
            reference = self._ask_for_stack(offers_creation=offers_creation)
        stack = Stack(workspace, reference, passphrase=self.passphrase)
        if not stack.exists:
            if not (offers_creation and self._wants_creation(reference)):
                raise StackNotFoundError(stack.name)
            return self.create(reference)
        return stack

    def _wants_creation(self, reference: StackReference) -> bool:
        if not self.interactive:
            return False
        click.echo(f"The stack '{reference.name}' does not exist.")
        click.prompt(
            "If you would like to create this stack now, please press ENTER, otherwise press ^C",
            default="",
            show_default=False,
            prompt_suffix=":",
        )
        return True

    def _ask_for_stack(self, *, offers_creation: bool) -> StackReference:
        names = [item.name.stack for item in self.workspace.store.stacks(project=self.workspace.project.name)]
        options = [*names, CREATE_NEW] if offers_creation else names
        if not options:
            raise NoStackSelectedError
        chosen = choose("Please choose a stack:", options, default=options[0])
        if chosen == CREATE_NEW:
            chosen = ask("Please enter your desired stack name", default="dev", check=check_stack_name)
            reference = self.workspace.reference(chosen)
            self.create(reference)
            return reference
        return self.workspace.reference(chosen)

    def create(self, reference: StackReference, *, secrets: str = "default", select: bool = True) -> Stack:
        """Make a stack and say so."""
        project = self.workspace.project_or_none
        tags = {"pulumi:project": reference.project}
        if project is not None and project.runtime is not None:
            tags["pulumi:runtime"] = project.runtime.name
        if project is not None and project.description:
            tags["pulumi:description"] = project.description
        stack = self.workspace.create(reference, secrets=secrets, passphrase=self.passphrase, tags=tags)
        configured = stack_tags(stack.effective_config(validate=False))
        if configured:
            stack.store.set_tags(stack.name, configured)
        click.echo(f"Created stack '{self.shown(reference)}'")
        if select and project is not None:
            self.workspace.select(reference)
        return stack

    def warn_of_slips(self, stack: Stack) -> None:
        """Say what in the project's files and in the stack's is allowed, but hardly meant."""
        project = self.workspace.project_or_none
        found = [(project.path, each) for each in project.warnings] if project is not None else []
        found += [(stack.file.path, each) for each in stack.file.warnings] if stack.file is not None else []
        for path, warning in found:
            click.echo(f"warning: {located(path, warning)}", err=True)

    def shown(self, reference: StackReference) -> str:
        """A stack as people write it from here."""
        project = self.workspace.project_or_none
        name = project.name if project is not None else None
        return reference.shown(name, fully=self.flags.fully_qualify)


def _choose_passphrase() -> str:
    while True:
        first = ask("Enter your passphrase to protect config/secrets", secret=True)
        if ask("Re-enter your passphrase to confirm", secret=True) == first:
            return first
        click.echo("passphrases do not match")


def one_name(argument: str | None, option: str | None) -> str | None:
    """A stack named by an argument or by `--stack`, not by both (cli.md §2)."""
    if argument and option:
        raise UserError("only one of --stack or argument stack name may be specified, not both")
    return argument or option
