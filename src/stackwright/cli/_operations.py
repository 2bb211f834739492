"""`up`, `preview`, `destroy`, `refresh` and `cancel` (cli.md §4)."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from stackwright.automation import (
    ClientProgram,
    Program,
    Stack,
    circumstances,
    command_in_environment,
    default_message,
    python_program,
)
from stackwright.cli._app import BailError, Command
from stackwright.cli._breakpoints import usable_breakpoints
from stackwright.cli._policy_packs import policy_packs
from stackwright.cli._prompts import ConfirmationMissingError, choose, confirm_by_typing
from stackwright.cli._session import Session, one_name
from stackwright.debugging import DebugTargets, parse_debug_targets
from stackwright.diagnostics import DebuggerAwaited
from stackwright.display import (
    DiffDisplay,
    Digest,
    DisplaySettings,
    EventLog,
    Lines,
    PhaseLine,
    PlainDisplay,
)
from stackwright.engine import (
    Event,
    ImportGoal,
    Listeners,
    OperationResult,
    OperationType,
    Options,
    Reporter,
    Summary,
    default_parallel,
)
from stackwright.environment import (
    CONTINUE_ON_ERROR,
    ENABLE_STREAMING_JSON_PREVIEW,
    PARALLEL,
    SKIP_CONFIRMATIONS,
)
from stackwright.errors import UserError
from stackwright.project import Project, coerced, encrypted_value, parse_config_key, parse_config_path

if TYPE_CHECKING:
    from stackwright.display import TreeDisplay
    from stackwright.engine import AnalyzerHost

F = TypeVar("F", bound=Callable[..., Any])

_NOT_YET = {
    "target": "--target",
    "exclude": "--exclude",
    "replace": "--replace",
    "target_replace": "--target-replace",
    "plan": "--plan",
    "save_plan": "--save-plan",
    "run_program": "--run-program",
    "exclude_protected": "--exclude-protected",
}
"""Flags of the compatible tool that this release parses, and answers clearly that it does not serve."""


def _option(*names: str, only: str = "", **settings: Any) -> tuple[tuple[str, ...], str, dict[str, Any]]:
    return names, only, settings


_EVERY = "up preview destroy refresh"
_OPTIONS = (
    _option("-s", "--stack", "stack_name", help="The stack to work on, instead of the selected one."),
    _option("--config-file", help="Use this file instead of the stack's own."),
    _option("-c", "--config", "set_config", multiple=True, metavar="KEY=VALUE", help="Set this first."),
    _option("--config-path", is_flag=True, help="Keys of --config are paths."),
    _option("-m", "--message", default="", help="A message for the history."),
    _option("-d", "--debug", is_flag=True, help="Show debug messages."),
    _option("-p", "--parallel", type=int, help="How many operations run at once."),
    _option("--expect-no-changes", only="up preview refresh", is_flag=True, help="Fail if anything changes."),
    _option(
        "-r", "--refresh", only=_EVERY, is_flag=False, flag_value="true", help="Look at every resource first."
    ),
    _option(
        "--skip-config-validation",
        only=_EVERY,
        is_flag=True,
        help="Do not hold values against the project's types.",
    ),
    _option("--diff", "diff", is_flag=True, help="Show what changes, property by property."),
    _option("-j", "--json", "as_json", is_flag=True, help="Machine-readable output."),
    _option("--output", type=click.Choice(["default", "json"]), default="default", hidden=True),
    _option("--show-config", only="up preview destroy", is_flag=True, help="Show the configuration first."),
    _option("--show-replacement-steps", only=_EVERY, is_flag=True, help="Show each half of a replacement."),
    _option("--show-sames", is_flag=True, help="Show what stays the same, too."),
    _option("--show-reads", only="up preview", is_flag=True, help="Show what is only read, too."),
    _option("--show-secrets", only="up preview", is_flag=True, help="Show secret values."),
    _option("--show-full-output", only="up preview destroy", is_flag=True, help="Do not shorten values."),
    _option("--urns", is_flag=True, help="Show URNs instead of types and names."),
    _option("--suppress-outputs", is_flag=True, help="Do not show the stack's outputs."),
    _option("--suppress-progress", is_flag=True, help="Do not show that something is going on."),
    _option("--suppress-permalink", is_flag=False, flag_value="false", hidden=True),
    _option("-f", "--skip-preview", only="up destroy refresh", is_flag=True, help="Go ahead at once."),
    _option("--skip-preview", only="import", is_flag=True, help="Go ahead at once."),
    _option("--preview-only", only="destroy refresh import", is_flag=True, help="Stop after the preview."),
    _option(
        "-y", "--yes", only="up destroy refresh import", is_flag=True, help="Go ahead after the preview."
    ),
    _option("--continue-on-error", only="up destroy", is_flag=True, help="Do what else can be done."),
    _option("--ignore-protect", only="up preview destroy", is_flag=True, help="Delete protected ones too."),
    _option(
        "--trust-pickled-providers",
        "trust_pickles",
        is_flag=True,
        help="Load dynamic providers from the state that this stack's key has not signed.",
    ),
    _option("--remove", only="destroy", is_flag=True, help="Remove the stack and its file afterwards."),
    _option("--skip-plugin-pre-install", is_flag=True, hidden=True),
    _option("--exec-kind", hidden=True),
    _option("--exec-agent", hidden=True),
    _option("--event-log", help="Write the engine's events to this file or tcp:// address.", hidden=True),
    _option("-t", "--target", only=_EVERY, multiple=True, hidden=True),
    _option("-x", "--exclude", multiple=True, only="preview destroy refresh", hidden=True),
    _option("--exclude", "exclude", multiple=True, only="up", hidden=True),
    _option("--target-dependents", only=_EVERY, is_flag=True, hidden=True),
    _option("--exclude-dependents", is_flag=True, only="up preview refresh", hidden=True),
    _option("--replace", multiple=True, only="up preview", hidden=True),
    _option("--target-replace", multiple=True, only="up preview", hidden=True),
    _option("--policy-pack", multiple=True, only="up preview", metavar="DIR", help="Ask this policy pack."),
    _option(
        "--policy-pack-config",
        multiple=True,
        only="up preview",
        metavar="FILE",
        help="How its policies are set: a JSON file for each pack.",
    ),
    _option(
        "--show-policy-remediations",
        only="up preview",
        is_flag=True,
        help="Tell every resource that a policy changes.",
    ),
    _option("--plan", only="up", hidden=True),
    _option("--strict", only="up", is_flag=True, hidden=True),
    _option("--save-plan", only="preview", hidden=True),
    _option("--import-file", only="preview", help="Write what would be created as an import file."),
    _option(
        "--attach-debugger",
        is_flag=False,
        flag_value="program",
        multiple=True,
        only="up preview",
        metavar="WHAT",
        help="Have these wait for a debugger: program, plugins, plugin:NAME, all.",
    ),
    _option(
        "--client",
        only=_EVERY,
        help="Have the program run by whoever serves it at this address.",
        hidden=True,
    ),
    _option("--run-program", only=_EVERY, is_flag=False, flag_value="true", hidden=True),
    _option("--exclude-protected", only="destroy", is_flag=True, hidden=True),
    _option("--secrets-provider", only="up", default="default", hidden=True),
    _option("--clear-pending-creates", only="refresh", is_flag=True, hidden=True),
    _option("--skip-pending-creates", only="refresh", is_flag=True, hidden=True),
)


def options_of(command: str) -> Callable[[F], F]:
    """The options that *command* shares with other operations."""

    def decorate(function: F) -> F:
        for names, only, settings in reversed(_OPTIONS):
            if not only or command in only.split():
                function = click.option(*names, **settings)(function)
        return function

    return decorate


class Flags(msgspec.Struct, kw_only=True):
    """The flags of one operation, with what a command lacks at its default."""

    kind: OperationType
    preview_command: bool = False
    stack_name: str | None = None
    config_file: str | None = None
    set_config: tuple[str, ...] = ()
    config_path: bool = False
    message: str = ""
    debug: bool = False
    parallel: int | None = None
    expect_no_changes: bool = False
    refresh: str | None = None
    skip_config_validation: bool = False
    diff: bool = False
    as_json: bool = False
    output: str = "default"
    show_config: bool = False
    show_replacement_steps: bool = False
    show_sames: bool = False
    show_reads: bool = False
    show_secrets: bool = False
    show_full_output: bool = False
    urns: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False
    skip_preview: bool = False
    preview_only: bool = False
    yes: bool = False
    continue_on_error: bool = False
    ignore_protect: bool = False
    trust_pickles: bool = False
    remove: bool = False
    policy_pack: tuple[str, ...] = ()
    policy_pack_config: tuple[str, ...] = ()
    show_policy_remediations: bool = False
    event_log: str | None = None
    import_file: str | None = None
    client: str | None = None
    attach_debugger: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        return self.kind.word

    @property
    def machine_readable(self) -> bool:
        """Whether standard output is for programs: then nobody is asked, and no hints are given."""
        return self.as_json or self.output == "json"

    @classmethod
    def of(cls, kind: OperationType, given: dict[str, Any], *, preview_command: bool = False) -> Flags:
        """Sort the parsed flags; refuse, clearly, those that this release does not serve."""
        for name, flag in _NOT_YET.items():
            value = given.get(name)
            if value and value != "false":
                raise UserError(f"{flag} comes with a later release of Stackwright")
        known = {field: given[field] for field in cls.__struct_fields__ if field in given}
        flags = cls(kind=kind, preview_command=preview_command, **known)
        flags.check()
        return flags

    def check(self) -> None:
        """Combinations that contradict each other (cli.md §4.2)."""
        if self.as_json and self.output != "default":
            raise UserError("--json and --output cannot be used together")
        if self.skip_preview and self.preview_only:
            raise UserError("--skip-preview and --preview-only cannot be used together")
        if self.yes and self.preview_only:
            raise UserError("--yes and --preview-only cannot be used together")
        parse_debug_targets(self.attach_debugger)
        if self.refresh not in (None, "true", "false"):
            raise UserError(f"--refresh is true or false, not `{self.refresh}`")

    @property
    def debugged(self) -> DebugTargets:
        """What is to wait for a debugger."""
        return parse_debug_targets(self.attach_debugger)

    def policies(self) -> AnalyzerHost | None:
        """The policy packs to ask, if there are any."""
        return policy_packs(self.policy_pack, self.policy_pack_config)

    def options(self, *, preview: bool) -> Options:
        """What the engine is told."""
        return Options(
            type=self.kind,
            preview=preview,
            parallel=self.parallel or PARALLEL.value() or default_parallel(),
            refresh=self.refresh == "true",
            continue_on_error=self.continue_on_error or CONTINUE_ON_ERROR.value(),
            ignore_protect=self.ignore_protect,
        )


@click.command(cls=Command, name="up")
@options_of("up")
@click.argument("template", required=False)
def up(template: str | None, **given: Any) -> None:
    """
    Create or update the resources of a stack.

    Runs the program, shows what would change, asks, and makes it so.
    """
    if template:
        raise UserError("`up` from a template comes with a later release; use `stackwright new` first")
    _operate(Flags.of(OperationType.UPDATE, given))


@click.command(cls=Command, name="preview")
@options_of("preview")
def preview(**given: Any) -> None:
    """Show what an update would do, without doing it."""
    _operate(Flags.of(OperationType.UPDATE, given, preview_command=True))


@click.command(cls=Command, name="destroy")
@options_of("destroy")
def destroy(**given: Any) -> None:
    """Destroy all resources of a stack. Its history and configuration stay."""
    _operate(Flags.of(OperationType.DESTROY, given))


@click.command(cls=Command, name="refresh")
@options_of("refresh")
def refresh(**given: Any) -> None:
    """Look at every resource, and record what has changed behind the stack's back."""
    _operate(Flags.of(OperationType.REFRESH, given))


@click.command(cls=Command, name="cancel")
@click.argument("name", required=False)
@click.option("-s", "--stack", "stack_name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def cancel(name: str | None, stack_name: str | None, yes: bool) -> None:
    """
    Take a stack from an update that hangs.

    Updates whose process is gone need no cancelling: the next one goes ahead by itself.
    """
    session = Session.current()
    stack = session.stack(one_name(name, stack_name))
    if not (yes or SKIP_CONFIRMATIONS.value()):
        if not session.interactive:
            raise ConfirmationMissingError("non-interactive mode requires --yes flag")
        confirm_by_typing(
            stack.reference.name,
            "This will take the stack from whoever is working on it: what they do next is not recorded.",
        )
    holder = stack.store.holder(stack.name)
    stack.store.cancel(stack.name)
    if holder is None:
        click.echo(f"Nobody is working on stack '{stack.reference.name}'.")
    else:
        click.echo(
            f"The {holder.operation} of stack '{stack.reference.name}' by {holder.user}@{holder.host} "
            f"(pid {holder.pid}) has been canceled!"
        )


def _operate(flags: Flags) -> None:
    session = Session.current(config_file=flags.config_file)
    refuse_to_wait_for_nobody(session, flags)
    program: Program | None = None
    runs_program = flags.kind is OperationType.UPDATE
    if runs_program and flags.client is None:
        _move_to_its_environment(session.workspace.project)
    if session.flags.traces:
        from stackwright.tracing import lead  # few ask for it

        lead(session.flags.traces, f"stackwright {flags.word}")
    if runs_program:
        project = session.workspace.project
        if flags.client is not None:
            program = ClientProgram(flags.client, root=project.root, debugged=flags.debugged.program)
        else:
            program = python_program(project, debugged=flags.debugged.program)
    creates = flags.kind is not OperationType.DESTROY
    stack = session.stack(flags.stack_name, offers_creation=creates)
    if flags.set_config:
        set_config(stack, flags)
    session.warn_of_slips(stack)
    if flags.preview_command:
        _preview(session, flags, stack, program)
        return
    work = Work(session, flags, stack, program)
    if not carried_out(flags, work):
        return
    _farewell(session, flags, stack)


def _preview(session: Session, flags: Flags, stack: Stack, program: Program | None) -> None:
    if flags.import_file is None:
        conclude(flags, Work(session, flags, stack, program).preview(), preview=True)
        return
    from stackwright.moving import Wanted

    wanted = Wanted()
    conclude(flags, Work(session, flags, stack, program, also=wanted).preview(), preview=True)
    file = wanted.file(stack.crypter)
    try:
        Path(flags.import_file).write_text(file.text(), encoding="utf-8")
    except OSError as error:
        raise UserError(f"--import-file: {flags.import_file} cannot be written: {error.strerror}") from error
    if not flags.machine_readable and file.resources:
        click.echo(
            f"\nWrote {flags.import_file}. Put in the ids of what exists already, leave out what does not,"
            f" and run `stackwright import --file {flags.import_file}`."
        )


def carried_out(flags: Flags, work: Work) -> bool:
    """Preview, ask, do; False where only the preview was wanted. Ends the command where that ends badly."""
    if not (flags.skip_preview or (flags.as_json and flags.yes)):
        summary = work.preview()
        conclude(flags, summary, preview=True, expect=flags.preview_only)
        if flags.preview_only:
            return False
    if not work.approved():
        click.echo(f"confirmation declined, not proceeding with the {flags.word}")
        raise BailError
    conclude(flags, work.apply(), preview=False)
    return True


def _move_to_its_environment(project: Project) -> None:
    """Start again with the project's own interpreter, where that is another one (design.md §2)."""
    command, variables = command_in_environment(project, sys.argv[1:])
    if command:
        sys.stdout.flush()
        os.execve(command[0], command, variables)  # noqa: S606 - this very command, in its environment


def refuse_to_wait_for_nobody(session: Session, flags: Flags) -> None:
    """Fail where an answer will be needed, and nobody can give one."""
    asks = session.interactive and not flags.machine_readable
    if asks or flags.preview_command or flags.preview_only:
        return
    if not (flags.yes or flags.skip_preview or SKIP_CONFIRMATIONS.value()):
        raise ConfirmationMissingError(
            "--yes or --skip-preview or --preview-only must be passed in to proceed when running "
            "in non-interactive mode",
            exit_code=1 if flags.kind is OperationType.REFRESH else 2,
        )


def set_config(stack: Stack, flags: Flags) -> None:
    """`--config KEY=VALUE`, written to the stack file first."""
    file = stack.file
    if file is None:
        raise UserError("--config needs the project of the stack")
    config = file.config
    for entry in flags.set_config:
        key_text, separator, value = entry.partition("=")
        if not separator:
            raise UserError(f"--config takes KEY=VALUE, not `{entry}`")
        if flags.config_path:
            key, path = parse_config_path(key_text, project=file.project)
            config = config.with_value(key, coerced(value, nested=True), path)
        else:
            key = parse_config_key(key_text, project=file.project)
            old = config.get(key)
            secret = old is not None and old.is_secret
            leaf = encrypted_value(value, stack.crypter).tree if secret else value
            config = config.with_value(key, leaf)
    stack.save(file.with_config(config))


class Work:
    """The preview and the operation that follows it; *also* hears what the displays hear."""

    def __init__(
        self,
        session: Session,
        flags: Flags,
        stack: Stack,
        program: Program | None,
        *,
        imports: Sequence[ImportGoal] = (),
        also: Reporter | None = None,
    ) -> None:
        self._session = session
        self._flags = flags
        self._stack = stack
        self._program = program
        self._imports = imports
        self._also = also
        self._policies = flags.policies()
        self._plan: list[Event] = []

    def preview(self) -> Summary:
        return self._run(preview=True)

    def apply(self) -> Summary:
        return self._run(preview=False)

    def approved(self) -> bool:
        """Whether to go ahead: by flag, or because somebody said yes (cli.md §4.4)."""
        flags = self._flags
        if flags.yes or flags.skip_preview or SKIP_CONFIRMATIONS.value():
            return True
        if flags.kind is OperationType.REFRESH:
            click.echo("Nothing but the recorded state will change.")
        question = f"Do you want to perform this {flags.word}?"
        options = ["yes", "no"] if flags.diff else ["yes", "no", "details"]
        while True:
            try:
                answer = choose(question, options, default="no")
            except (KeyboardInterrupt, click.Abort):
                click.echo(f"confirmation cancelled, not proceeding with the {flags.word}")
                raise BailError(8) from None
            if answer != "details":
                return answer == "yes"
            self._print_details()

    def _print_details(self) -> None:
        details = DiffDisplay(
            msgspec.structs.replace(self._settings(preview=True), show_full_output=True), sys.stdout
        )
        for event in self._plan:
            details(event)

    def _run(self, *, preview: bool) -> Summary:
        flags = self._flags
        with self._reporter(preview=preview) as report:
            return self._stack.run(
                flags.options(preview=preview),
                report=report,
                program=self._program,
                imports=self._imports,
                policies=self._policies,
                message=flags.message or ("" if preview else default_message(Path.cwd())),
                validate_config=not flags.skip_config_validation,
                trust_pickles=flags.trust_pickles,
                debugged=flags.debugged,
                check_integrity=not self._session.flags.disable_integrity_checking,
                environment_record=None if preview else circumstances(Path.cwd()),
            )

    def _settings(self, *, preview: bool) -> DisplaySettings:
        flags = self._flags
        return DisplaySettings(
            stack=self._session.shown(self._stack.reference),
            kind=flags.word,
            preview=preview,
            colour=self._session.flags.colours,
            debug=flags.debug,
            show_sames=flags.show_sames,
            show_reads=flags.show_reads,
            show_replacement_steps=flags.show_replacement_steps,
            show_secrets=flags.show_secrets,
            show_full_output=flags.show_full_output,
            show_config=flags.show_config,
            show_policy_remediations=flags.show_policy_remediations,
            urns=flags.urns,
            suppress_outputs=flags.suppress_outputs,
            suppress_progress=flags.suppress_progress,
        )

    @contextlib.contextmanager
    def _reporter(self, *, preview: bool) -> Iterator[Callable[[Event], None]]:
        """The displays that this run reports to: on the screen, and in a log if that was asked for."""
        flags = self._flags
        with contextlib.ExitStack() as exits:
            listeners: list[Callable[[Event], None]] = []
            digest: Digest | None = None
            out = sys.stdout
            if flags.machine_readable:
                # What the program prints would stand in the middle of what a program is to read.
                exits.enter_context(contextlib.redirect_stdout(sys.stderr))
            if flags.output == "json":
                listeners.append(PhaseLine(out, sys.stderr, show_sames=flags.show_sames))
            elif flags.as_json and flags.preview_command and not ENABLE_STREAMING_JSON_PREVIEW.value():
                digest = Digest(show_secrets=flags.show_secrets)
                listeners.append(digest)
            elif flags.as_json:
                listeners.append(EventLog(out, show_secrets=flags.show_secrets))
            else:
                display = self._display(preview=preview)
                exits.enter_context(display)
                exits.enter_context(usable_breakpoints(display.pause))
                listeners.append(display)
            if preview and not flags.diff and self._session.interactive:
                self._plan = []
                listeners.append(self._plan.append)
            listeners.append(_tell_of_debuggers)
            if self._also is not None:
                listeners.append(self._also)
            if flags.event_log and (not preview or flags.preview_command or flags.preview_only):
                listeners.append(EventLog(exits.enter_context(_open_log(flags.event_log))))

            report = Listeners(listeners)
            yield report
            report.complain()
            if digest is not None:
                out.write(digest.text())
                out.flush()

    def _display(self, *, preview: bool) -> PlainDisplay | TreeDisplay | DiffDisplay:
        settings = self._settings(preview=preview)
        if self._flags.diff:
            return DiffDisplay(settings, sys.stdout)
        if self._session.interactive:
            from stackwright.display import TreeDisplay

            if self._program is None:
                return TreeDisplay(settings)
            from stackwright.sdk import program_waits

            return TreeDisplay(settings, waits=program_waits)
        return PlainDisplay(settings, sys.stdout)


def _tell_of_debuggers(event: Event) -> None:
    """Say at once that something waits for a debugger, whatever the display would make of it."""
    if isinstance(event, DebuggerAwaited):
        click.echo(event.message, err=True)


def _open_log(path: str) -> contextlib.AbstractContextManager[Lines]:
    """The file, or whoever listens at an address, that events go to (cli.md §17.6)."""
    if path.startswith("tcp://"):
        from stackwright.wire import EventStream

        return EventStream(path.removeprefix("tcp://"))
    try:
        return open(path, "w", encoding="utf-8")  # noqa: PTH123 - closed by the caller's stack
    except OSError as error:
        raise UserError(f"--event-log: {path} cannot be written: {error.strerror}") from error


def conclude(flags: Flags, summary: Summary, *, preview: bool, expect: bool = True) -> None:
    """End the command where an operation ended badly (cli.md §4.5)."""
    if summary.result is OperationResult.CANCELED:
        click.echo(f"error: {'preview' if preview else flags.word} cancelled", err=True)
        raise BailError(8)
    if summary.result is OperationResult.FAILED:
        raise BailError
    final = flags.preview_command or not preview or flags.preview_only
    if flags.expect_no_changes and final and expect and summary.has_changes:
        word = "preview" if flags.preview_command else flags.word
        click.echo(f"error: no changes were expected for {word} but changes were proposed", err=True)
        raise BailError(7)


def _farewell(session: Session, flags: Flags, stack: Stack) -> None:
    if flags.kind is not OperationType.DESTROY:
        return
    if flags.remove:
        stack.store.remove(stack.name)
        file = stack.file
        if file is not None:
            file.path.unlink(missing_ok=True)
    if flags.machine_readable:
        return
    if flags.remove:
        click.echo("The resources in the stack have been deleted, and the history and configuration removed.")
        return
    name = session.shown(stack.reference)
    click.echo(
        "The resources in the stack have been deleted, but the history and configuration associated "
        f"with the stack are still maintained.\nIf you want to remove the stack completely, run "
        f"`stackwright stack rm {name}`."
    )
