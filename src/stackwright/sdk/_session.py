"""
The SDK's process-wide state: which deployment the code that runs right now belongs to.

A `Session` is one program talking to one deployment. The current one is kept in a
context variable, so that several programs in one process (threads, tasks, copied
contexts) do not see each other (sdk.md §9.5, edge cases 103, 104, 112). Code that
runs outside any program gets a session of its own without a deployment (§9.7).

Besides, and only here: the configuration table (it is set before there is a
session, §13.4 of protocol.md) and the registries of provider packages (§7).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.monitor import Monitor, MonitorClosedError
from stackwright.sdk._turns import Turns

if TYPE_CHECKING:
    from stackwright.sdk._standing import ResourceBase

DEFAULT_PROJECT: Final = "project"
DEFAULT_STACK: Final = "stack"
DEFAULT_ORGANIZATION: Final = "organization"
DEFAULT_ROOT: Final = "root_directory"


REFUSED_BY: Final = "_stackwright_session"
"""On an error that another thread got: the session whose program the thread belongs to."""


class Session:
    """
    One program and the deployment it talks to; used on the program's thread alone.

    Attributes:
        monitor: The deployment, or None outside of any (§9.7).
        engine: Where messages were said to go, if that was said.
        is_worker: Whether this is a process that the program has started, and not the program itself.
        thread: The program's thread; None where there is no program, but a test or a script.
        root: The stack's own resource, parent of all that names none.
        unsent: Requests that wait for something, in the order of the program (values say what for).
        under_way: Requests that were sent and are not answered yet.
        open: Outputs that are to be waited for before the program ends.
        awaited_by: Futures of async code that waits for an output, with that output.
        base_providers: The base packages of extension packages, by package reference.
        managed: Awaitables that others have put into the deployment's care (§9.6).
        trace_handle: What the deployment knows the place by that this work was asked for from, where
            the program is another one (protocol.md §10.12).
    """

    def __init__(
        self,
        *,
        monitor: Monitor | None = None,
        project: str | None = None,
        stack: str | None = None,
        organization: str | None = None,
        root_directory: str | None = None,
        parallel: int | None = None,
        dry_run: bool = False,
        legacy_apply: bool = False,
    ) -> None:
        self.monitor = monitor
        self.engine: Any = None
        self.project = project
        self.stack = stack
        self.organization = organization
        self.root_directory = root_directory
        self.parallel = parallel
        self.dry_run = dry_run
        self.legacy_apply = legacy_apply
        self.turns = Turns()
        self.is_worker = False
        self.thread: int | None = None
        self.config: ConfigTable | None = None
        self.trace_handle = ""
        self.root: ResourceBase | None = None
        self.closed = False
        self.unsent: dict[Any, None] = {}
        self.under_way: dict[Any, None] = {}
        self.open: dict[Any, None] = {}
        self.package_refs: dict[Any, Any] = {}
        self.base_providers: dict[str, str] = {}
        self.managed: list[Any] = []
        self.given: dict[int, tuple[Any, str | None, str]] = {}
        """Dicts and lists that resources were given, by identity: what was in them, and who got them."""
        self.lock: Any = None
        self.awaited_by: dict[Any, Any] = {}
        self._failed_outputs: dict[Any, BaseException] = {}
        self.on_failure: Callable[[], None] | None = None
        self._failures: dict[int, BaseException] = {}
        self.strays: list[BaseException] = []
        """Other threads of the program ended with these; only ever appended to, from any thread."""
        self._features: dict[str, bool] = {}
        self.conditions: set[tuple[str, int]] = set()
        """Places where an output stood in a condition, each told once."""
        self.skipped: set[Any] = set()
        """Code of callbacks that a preview did not run, each looked at once."""

    def supports(self, feature: str) -> bool:
        """Whether the deployment understands *feature* (protocol.md §10.1); asked once for each."""
        known = self._features.get(feature)
        if known is None:
            known = self._features[feature] = self.monitor is not None and self.monitor.supports(feature)
        return known

    def have_features(self, known: Mapping[str, bool]) -> None:
        """Say which features the deployment understands, instead of asking it."""
        self._features.update(known)

    def insist_on_the_program(self) -> None:
        """
        Refuse to go on in a worker process of the program: what it asks for would get lost.

        Raises:
            RuntimeError: This is not the process that runs the program.
        """
        if self.is_worker:
            raise RuntimeError(
                "Resources, functions and exports can only be asked for in the process that runs the "
                "program, and this is a worker process of it. Return what it has computed, and use that in "
                "the program"
            )

    def insist_on_the_programs_thread(self) -> None:
        """
        Refuse to go on in a thread of the program's own: what it asks for would get lost, or mixed up.

        Raises:
            RuntimeError: This is not the thread, or not the process, that runs the program.
        """
        self.insist_on_the_program()
        # A thread that was started without the program's context does not even know its session.
        stray = self is _outside and _programs
        if stray or (self.thread is not None and self.thread != threading.get_ident()):
            owner = next(iter(_programs.values()), self) if stray and len(_programs) == 1 else self
            error = RuntimeError(
                "Resources and functions can only be asked for on the thread that runs the program. "
                "Do the slow work in the thread, and use its result in the program: "
                "pass `asyncio.to_thread(…)` as an input, for instance"
            )
            setattr(error, REFUSED_BY, owner)
            raise error

    # Failures -------------------------------------------------------------------------------------

    def fail(self, error: BaseException) -> None:
        """Remember that something this program asked for has failed; it will end with that (§9.3)."""
        if isinstance(error, MonitorClosedError):
            self.closed = True
        else:
            self._failures[id(error)] = error
            self._notice_failure()

    def output_failed(self, output: Any, error: BaseException) -> None:
        """Remember a failed output until somebody makes another one from it (§2.1)."""
        self._failed_outputs[output] = error
        self._notice_failure()

    def _notice_failure(self) -> None:
        if self.on_failure is not None:
            self.on_failure()

    def output_consumed(self, output: Any) -> None:
        """Forget a failed output: the one derived from it answers for it now."""
        if self._failed_outputs:
            self._failed_outputs.pop(output, None)

    @property
    def failures(self) -> list[BaseException]:
        """What went wrong and was handled by nobody, oldest first, each once."""
        found = dict(self._failures)
        found.update((id(error), error) for error in self.strays)
        for error in self._failed_outputs.values():
            if isinstance(error, MonitorClosedError):
                self.closed = True
            else:
                found[id(error)] = error
        return list(found.values())

    def forget_failures(self) -> None:
        """Start over with a clean slate: for tests that run one after the other (§17)."""
        self._failures.clear()
        self._failed_outputs.clear()
        self.strays.clear()
        self.unsent.clear()
        self.under_way.clear()
        self.open.clear()
        self.managed.clear()

    # Words ----------------------------------------------------------------------------------------

    def log(
        self,
        severity: Severity,
        message: str,
        *,
        urn: Any = None,
        stream: int = 0,
        ephemeral: bool = False,
    ) -> None:
        """Say something to the user, through the deployment or on standard error where it is not (§11)."""
        if self.monitor is not None and not self.is_worker:
            self.monitor.log(
                Diagnostic(severity=severity, message=message, urn=urn, stream=stream, ephemeral=ephemeral)
            )
        elif severity is not Severity.DEBUG:
            import sys

            print(f"{severity.value}: {message}", file=sys.stderr)  # noqa: T201 # §9.7 asks for it


_current: Final[ContextVar[Session | None]] = ContextVar("stackwright_session", default=None)
_outside: Session | None = None


_programs: dict[int, Session] = {}


@contextmanager
def running_here(session: Session) -> Iterator[None]:
    """Make *session* the current one, and this thread the one of its program, while the block lasts."""
    session.thread = threading.get_ident()
    session.config = _config.get()
    enter(session)
    _programs[id(session)] = session
    try:
        yield
    finally:
        _programs.pop(id(session), None)


def _forked() -> None:
    """In a process that was forked: the programs that run are the other process's."""
    for session in _programs.values():
        session.is_worker = True


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_forked)


def running() -> list[Session]:
    """The sessions of the programs that run now; may be asked from any thread."""
    return list(_programs.values())


def current() -> Session:
    """The session of the code that runs right now."""
    session = _current.get()
    return session if session is not None else _without_deployment()


def facts() -> Session:
    """
    The session to ask what the deployment is called, and whether it is a preview.

    A thread that was started without any context is taken for one of the only program there is.
    """
    return _of_the_only_program() or current()


def _of_the_only_program() -> Session | None:
    """The program that runs, for code that knows of none, if there is just one."""
    programs = running() if _current.get() is None else []
    return programs[0] if len(programs) == 1 else None


def _without_deployment() -> Session:
    global _outside  # noqa: PLW0603 # this module is where process-wide state lives
    if _outside is None:
        _outside = Session()
    return _outside


def enter(session: Session) -> None:
    """Make *session* the current one, in the current context and the contexts copied from it."""
    _current.set(session)


# Configuration ------------------------------------------------------------------------------------


class ConfigTable:
    """Configuration by full key (`namespace:key`), and which keys are secret (§10)."""

    __slots__ = ("secret_keys", "values")

    def __init__(self, values: Mapping[str, Any] | None = None, secret_keys: Iterable[str] = ()) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.secret_keys: set[str] = set(secret_keys)


_config: Final[ContextVar[ConfigTable | None]] = ContextVar("stackwright_config", default=None)
_outside_config: Final = ConfigTable()


def config_table() -> ConfigTable:
    """The configuration of the code that runs right now; see `facts` for threads."""
    table = _config.get()
    if table is None and (program := _of_the_only_program()) is not None:
        table = program.config
    return _outside_config if table is None else table


def enter_config(table: ConfigTable) -> None:
    """Make *table* the current configuration, in the current context and copies of it."""
    _config.set(table)
    if (session := _current.get()) is not None:
        session.config = table


# Between tests ----------------------------------------------------------------------------------------


def save() -> tuple[Session | None, ConfigTable | None, dict[str, Any], set[str]]:
    """What `restore` puts back."""
    outside = _outside_config
    return _current.get(), _config.get(), dict(outside.values), set(outside.secret_keys)


def restore(saved: tuple[Session | None, ConfigTable | None, dict[str, Any], set[str]] | None) -> None:
    """Put the current session and configuration back to what they were; None: to what they are at first."""
    session, table, values, secret_keys = saved or (None, None, {}, set())
    _current.set(session)
    _config.set(table)
    _outside_config.values, _outside_config.secret_keys = values, secret_keys


# Provider packages --------------------------------------------------------------------------------

resource_packages: Final[dict[str, list[Any]]] = {}
"""`ResourcePackage` objects by package name, filled when provider SDKs are imported (§7)."""

resource_modules: Final[dict[str, list[Any]]] = {}
"""`ResourceModule` objects by `package:module`."""

# What a program may not do inside a state migration is checked in many places (§13).
migrating: Final[ContextVar[str | None]] = ContextVar("stackwright_migrating", default=None)
"""The URN whose state is being migrated by the callback that runs right now, if one does."""


def refuse_while_migrating(operation: str) -> None:
    """Raise RuntimeError if the code that runs right now is a state migration (§13)."""
    urn = migrating.get()
    if urn is not None:
        raise RuntimeError(
            f"{operation} is not possible while the state of {urn} is being migrated: "
            "a state migration may only compute with the state it is given"
        )
