"""
The stack's own resource, its outputs, and running a program under it (sdk.md §9).

`run_in_stack` is the asynchronous heart: make the stack's resource, run the program,
register the outputs, wait for all that is outstanding. Who makes the event loop and
executes files is `_program`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from stackwright.lazy import LazyModule
from stackwright.sdk import _registration, _session, _types
from stackwright.sdk._patience import patience
from stackwright.sdk._session import Session
from stackwright.sdk._standing import ResourceBase
from stackwright.sdk._stuck import fail_what_is_stuck, what_may_bring_something
from stackwright.sdk._turns import StuckError, sync_await
from stackwright.sdk._types import is_output_type
from stackwright.sdk.asset import Archive, Asset
from stackwright.sdk.errors import RunError
from stackwright.sdk.output import Output
from stackwright.sdk.resource import (
    ComponentResource,
    ResourceTransform,
    ResourceTransformation,
)
from stackwright.urn import ROOT_STACK_TYPE

if TYPE_CHECKING:
    import asyncio

    from stackwright.sdk.invoke import InvokeTransform
    from stackwright.sdk.output import Inputs
else:
    asyncio = LazyModule("asyncio")

Program = Callable[[], "Awaitable[Inputs | None]"]


class Stack(ComponentResource):
    """The resource that is the stack: parent of all that names none, bearer of the exports."""

    outputs: dict[str, Any]

    def __init__(self, func: Callable[[], Awaitable[None] | None] | None = None) -> None:
        session = _session.current()
        if session.root is not None:
            raise Exception("Only one root Pulumi Stack may be active at once")  # noqa: TRY002 # §9.1
        session.root = self
        self.outputs = {}
        self._running: Program | None = None
        self._may_run = True
        project = session.project or _session.DEFAULT_PROJECT
        stack = session.stack or _session.DEFAULT_STACK
        try:
            super().__init__(ROOT_STACK_TYPE, f"{project}-{stack}", None, None)
        except BaseException:
            session.root = None
            raise
        if func is not None:
            # The whole program in one call: how it was run before there was `run_in_stack`.
            try:
                result = func()
                if isawaitable(result):
                    sync_await(result)
            finally:
                self._may_run = False
                self.register_outputs(massage(self.outputs, []))

    def output(self, name: str, value: Any) -> None:
        """Make *value* an output of the stack; a later one of the same name replaces it."""
        self.outputs[name] = value

    def run(self, program: Program) -> None:
        """Have *program* run when the program's body has ended (§9.2)."""
        if not self._may_run:
            raise RunError("pulumi.run may only be called once, before the program's body has ended")
        if self._running is not None:
            raise RunError("pulumi.run may only be called once: a program has one body")
        self._running = program

    async def body(self, func: Callable[[], Any]) -> None:
        """Run the program's body, and what it gave to `pulumi.run`."""
        try:
            result = func()
            if isawaitable(result):
                await result
            self._may_run = False
            if self._running is not None:
                awaitable = self._running()
                if not isawaitable(awaitable):
                    raise TypeError("What is given to pulumi.run must return an awaitable: make it async")
                exports = await awaitable
                for name, value in (exports or {}).items():
                    self.output(name, value)
        finally:
            self._may_run = False


def run(program: Program) -> None:
    """
    Have the async function *program* run as the program's body; the mapping it returns is exported.

    For programs that want to `await`: `pulumi.run(main)` as the last line.
    """
    if not callable(program):
        raise TypeError("pulumi.run expects an async function")
    _session.refuse_while_migrating("Running a program")
    root = _session.current().root
    if not isinstance(root, Stack):
        raise RunError(
            "pulumi.run may only be called while a Pulumi program is running, by `stackwright up` say"
        )
    root.run(program)


async def run_in_stack(func: Callable[[], Any]) -> None:
    """
    Run *func* as a program (§9.1): under the stack's resource, until nothing is outstanding.

    Raises:
        Exception: What the program or something it asked for failed with. An exception of the
            program itself comes first; what else failed is in the session's `failures`.
    """
    session = _session.current()
    stack = Stack()
    await stack_is_known(stack)
    error: BaseException | None = None
    try:
        await stack.body(func)
    except BaseException as raised:  # noqa: BLE001 # whatever it is, what is outstanding is awaited first
        error = raised
    if isinstance(error, (KeyboardInterrupt, asyncio.CancelledError)):
        raise error
    if isinstance(error, SystemExit) and not error.code:
        error = None  # the end of the program, like any other
    with patience(session, failed=error is not None):
        # Exports that callbacks make count as well, so the outputs are registered when these have run.
        await drain(session)
        stack.register_outputs(massage(stack.outputs, []))
        await drain(session)
    if error is not None:
        raise error
    raise_first_failure(session)
    if session.monitor is not None and not session.closed:
        session.turns.listen()
        await session.monitor.finish()
        # Callbacks that were made until the end may have failed.
        await drain(session)
        raise_first_failure(session)


async def stack_is_known(stack: Stack) -> None:
    """
    Wait for the stack's URN before the program starts.

    Every resource without a parent needs it; with it, requests are sent from within the
    constructors, in the order of the program.
    """
    session = stack._standing.session
    if stack._standing.waits:
        await session.turns.settled()
    if session.monitor is not None and stack._standing.urn is not None:
        session.monitor.set_root(stack._standing.urn)
    if stack._standing.error is not None:
        raise stack._standing.error


def raise_first_failure(session: Session) -> None:
    """Raise what failed first and was handled by nobody."""
    failures = session.failures
    if failures:
        raise failures[0]


async def drain(session: Session, *, outputs: bool = True) -> None:
    """
    Wait until nothing is outstanding: requests, callbacks, what they lead to in turn (§9.3).

    What can never come is not waited for: it fails, saying what it waits for. Without
    *outputs*, those that nothing under way can bring are left as they are.
    """
    while True:
        await session.turns.settled()
        if session.managed:
            await asyncio.wait(list(session.managed))
            continue
        open_outputs = session.open if outputs else session.turns.awaiting
        if not session.unsent and not open_outputs:
            return
        at_work = what_may_bring_something(session)
        if at_work:
            await asyncio.wait({*at_work, session.turns.next_idle()}, return_when=asyncio.FIRST_COMPLETED)
            continue
        # Callbacks of what was just done may be due in the loop's next round.
        await asyncio.sleep(0)
        if session.turns.quiet and not what_may_bring_something(session):
            fail_what_is_stuck(session)


async def wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
    """
    Wait for all that is outstanding, and raise what failed first.

    Without *await_all_outstanding_tasks*, outputs that nothing under way can bring are not waited for.
    """
    session = _session.current()
    await drain(session, outputs=await_all_outstanding_tasks)
    raise_first_failure(session)


async def run_pulumi_func(func: Callable[[], Any]) -> None:
    """Run *func* without making a stack resource, and wait for all it leads to."""
    error: BaseException | None = None
    try:
        result = func()
        if isawaitable(result):
            await result
    except Exception as raised:  # noqa: BLE001 # raised again below
        error = raised
    await drain(_session.current())
    if error is not None:
        raise error
    raise_first_failure(_session.current())


# Outputs of the stack -----------------------------------------------------------------------------


def is_primitive(attr: Any) -> bool:
    """Whether a value is shown as it is."""
    return attr is None or isinstance(attr, (str, int, float, bool))


def reference_contains(val1: Any, seen: list[Any]) -> bool:
    """Whether this very object is among *seen*."""
    return any(val1 is above for above in seen)


def massage(attr: Any, seen: list[Any]) -> Any:
    """
    A value as an output of the stack: plain data, with outputs in it where they are (§9.4).

    *seen* is the path to it; a value on its own path becomes its URN, or None.
    """
    if is_primitive(attr):
        return attr
    if isinstance(attr, Output):
        return attr.apply(lambda value: massage(value, seen))
    if isawaitable(attr):
        return Output.from_input(cast("Any", attr)).apply(lambda value: massage(value, seen))
    if reference_contains(attr, seen):
        return attr.urn if isinstance(attr, ResourceBase) else None  # type: ignore[attr-defined] # all have one
    if isinstance(attr, (Asset, Archive)):
        return attr
    return massage_complex(attr, [*seen, attr])


def massage_complex(attr: Any, seen: list[Any]) -> Any:
    """The parts of a value that is made of others."""

    def inner(value: Any) -> Any:
        return massage(value, seen)

    if isinstance(attr, ResourceBase):
        shown = {name: inner(value) for name, value in _public(resource_attributes(attr)).items()}
        if _session.current().dry_run:
            shown["@isPulumiResource"] = True
        return shown
    if is_output_type(type(attr)):
        return {name: inner(value) for name, value in _types.output_type_to_dict(attr).items()}
    if isinstance(attr, dict):
        return {name: inner(value) for name, value in dict.items(attr)}
    if isinstance(attr, Mapping):
        return {name: inner(value) for name, value in attr.items()}
    if isinstance(attr, Iterable):
        return [inner(value) for value in attr]
    if hasattr(attr, "__dict__"):
        return {name: inner(value) for name, value in _public(vars(attr)).items()}
    return attr


def resource_attributes(resource: ResourceBase) -> dict[str, Any]:
    """All attributes of a resource, those included whose outputs nobody has read yet."""
    found = dict(vars(resource))
    names = ["urn", *resource._standing.declared]
    if resource._custom:
        names.append("id")
    for name in names:
        if name not in found:
            found[name] = (
                getattr(resource, name) if name in ("urn", "id") else _types.resource_property(resource, name)
            )
    return found


def _public(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if not name.startswith("_")}


# What applies to the whole stack ------------------------------------------------------------------


def register_stack_transformation(t: ResourceTransformation) -> None:
    """Run *t* on every resource that is made from now on (§12.1)."""
    root = _session.current().root
    if root is None:
        raise Exception("The root stack resource was referenced before it was initialized.")  # noqa: TRY002 # §12.1
    transformations: list[ResourceTransformation] = root._transformations  # type: ignore[attr-defined] # see Resource
    transformations.append(t)


def register_resource_transform(t: ResourceTransform) -> None:
    """Have the deployment ask *t* about every resource that is registered from now on (§12.2)."""
    from stackwright.sdk._transforms import resource_transform

    session = _callbacks_needed("transforms", "transforms")
    assert session.monitor is not None
    session.turns.expect(session.monitor.add_stack_transform(resource_transform(session, t)), _added)


def register_stack_transform(t: ResourceTransform) -> None:
    """The older name of `register_resource_transform`."""
    register_resource_transform(t)


def register_invoke_transform(t: InvokeTransform) -> None:
    """Have the deployment ask *t* about every function call from now on (§12.2)."""
    from stackwright.sdk._transforms import invoke_transform

    session = _callbacks_needed("invokeTransforms", "invoke transforms")
    assert session.monitor is not None
    session.turns.expect(session.monitor.add_invoke_transform(invoke_transform(session, t)), _added)


def _callbacks_needed(feature: str, called: str) -> Session:
    _session.refuse_while_migrating(f"Registering {called}")
    session = _session.current()
    if session.monitor is None:
        raise Exception(f"There is no deployment that could call {called}: no program is running")  # noqa: TRY002
    _registration.require(session, feature, called)
    session.turns.listen()
    # They apply to what comes after, so what came before has to be asked for first: all of it, where
    # another process asks for the parts.
    with contextlib.suppress(StuckError):
        session.turns.run_until(
            lambda: not session.unsent and not any(one.asks_for_more for one in session.under_way)
        )
    return session


def _added(reply: Any) -> None:
    if reply.error is not None:
        _session.current().fail(reply.error)


__all__ = [
    "Stack",
    "register_invoke_transform",
    "register_resource_transform",
    "register_stack_transform",
    "register_stack_transformation",
    "run",
    "run_in_stack",
    "run_pulumi_func",
    "wait_for_rpcs",
]
