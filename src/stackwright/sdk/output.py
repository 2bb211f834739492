"""
`Output`: a value that a program can hold before it is known.

Decides what is known, secret and depended upon when values are combined (sdk.md
§2). An output is one small object: settled or not, a value or an error, and who
waits for it. Callbacks run on the program's thread in their turn (`_turns`), each
in the context it was given in; none runs before the call that gave it returned.

Leaves to others: what resources are, and how values travel to a deployment.
"""

from __future__ import annotations

import contextvars
import functools
import sys
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar, Union, cast, overload

from stackwright.diagnostics import Severity
from stackwright.environment import ERROR_OUTPUT_STRING
from stackwright.lazy import LazyModule
from stackwright.sdk import _pickling, _session
from stackwright.sdk._skipped import tell_of_hidden_resources
from stackwright.sdk._source import is_the_users, note_site, users_frame, users_line
from stackwright.values import UNKNOWN, Unknown

if TYPE_CHECKING:
    import asyncio
    import json
    from types import FrameType

    from stackwright.sdk._session import Session
    from stackwright.sdk.resource import Resource
else:
    asyncio, json = LazyModule("asyncio"), LazyModule("json")

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")

# The literal text of the last member matters: type metadata is unwrapped by it (sdk.md §1.2).
Input = Union[T, Awaitable[T], "Output[T]"]
"""A value, now or later: plain, awaitable, or an output."""

Inputs = Mapping[str, Input[Any]]
"""Named inputs, such as the properties of a resource."""

InputType = Union[T, Mapping[str, Any]]  # noqa: UP007 # as above
"""An arguments class, or a mapping with the same keys."""

_PENDING: Final = 0
_SETTLED: Final = 1
_FAILED: Final = 2

NO_RESOURCES: Final[frozenset[Any]] = frozenset()
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_COMPARED: Final = frozenset({str, int, float, bool})


class Output(Generic[T_co]):
    """
    A value that may only be known once resources exist.

    `apply` derives another output from it; attributes and items can be reached directly
    (`bucket.website.endpoint`, `zones.names[0]`). An output can be used wherever an
    input is expected, and whatever is made from it depends on the same resources and
    stays secret if it is.
    """

    __slots__ = ("__weakref__", "_deps", "_known", "_secret", "_session", "_state", "_value", "_waiting")

    _state: int
    _value: Any
    _known: bool
    _secret: bool
    _deps: frozenset[Any]
    _waiting: list[tuple[Callable[[Any], None], Any]] | None
    _session: Session

    def __init__(
        self,
        resources: Awaitable[set[Resource]] | set[Resource],
        future: Awaitable[T_co],
        is_known: Awaitable[bool],
        is_secret: Awaitable[bool] | None = None,
    ) -> None:
        self._session = _session.current()
        self._state = _PENDING
        self._value = None
        self._known = self._secret = False
        self._deps = NO_RESOURCES
        self._waiting = None

        async def parts() -> tuple[set[Resource], Any, bool, bool]:
            of = await resources if isawaitable(resources) else resources
            value = await future
            known = await is_known
            secret = bool(await is_secret) if is_secret is not None else False
            return of, value, bool(known), secret

        def arrived(done: asyncio.Future[tuple[set[Resource], Any, bool, bool]]) -> None:
            error = _outcome(done)
            if error is not None:
                fail(self, error)
            else:
                of, value, known, secret = done.result()
                settle(self, value, known, secret, frozenset(of))

        self._session.open[self] = None
        self._session.turns.await_(parts(), arrived)

    # What async code may await (§2.2) ---------------------------------------------------------------

    async def resources(self) -> set[Resource]:
        """The resources this value depends on."""
        await _settled(self)
        return set(self._deps)

    async def future(self, with_unknowns: bool | None = None) -> T_co | None:
        """The value; None while part of it is unknown, unless *with_unknowns* asks for what there is."""
        await _settled(self)
        if not with_unknowns and not self._known and contains_unknowns(self._value):
            return None
        return cast("T_co | None", self._value)

    async def is_known(self) -> bool:
        """Whether the value is known; in a preview it may not be."""
        await _settled(self)
        return self._known

    async def is_secret(self) -> bool:
        """Whether the value must never be shown."""
        await _settled(self)
        return self._secret

    async def _raw(self) -> T_co:
        await _settled(self)
        return cast("T_co", self._value)

    @property
    def _future(self) -> Awaitable[T_co]:
        return self._raw()

    @property
    def _is_known(self) -> Awaitable[bool]:
        return self.is_known()

    @property
    def _is_secret(self) -> Awaitable[bool]:
        return self.is_secret()

    @property
    def _resources(self) -> Awaitable[set[Resource]]:
        return self.resources()

    # Deriving ---------------------------------------------------------------------------------------

    # Checkers cannot take the union `Input[U]` apart, so its members are spelled out, here and below.
    @overload
    def apply(self, func: Callable[[T_co], Output[U]], run_with_unknowns: bool = False) -> Output[U]: ...

    @overload
    def apply(self, func: Callable[[T_co], Awaitable[U]], run_with_unknowns: bool = False) -> Output[U]: ...

    @overload
    def apply(self, func: Callable[[T_co], Input[U]], run_with_unknowns: bool = False) -> Output[U]: ...

    def apply(self, func: Callable[[T_co], Any], run_with_unknowns: bool = False) -> Output[Any]:
        """
        Derive an output: *func* is called with the value once it is known.

        It runs later, exactly once, and may return a value, an output or an awaitable. In a
        preview it is not called for a value that is not known; *run_with_unknowns* calls it
        all the same, with `UNKNOWN` in the place of what is missing. The result depends on
        the same resources, and is secret if this value, or the output returned, is.
        """
        if not callable(func):
            raise TypeError(f"`apply` takes a function to call with the value, not {safe_str(func)!r}")
        result: Output[Any] = pending(self._session)
        self._session.output_consumed(self)
        when_settled(self, _applied, (self, result, func, run_with_unknowns, contextvars.copy_context()))
        return result

    def recover(self, func: Callable[[Exception], Input[T_co]]) -> Output[T_co]:
        """If this output fails, have *func* supply another value for it; otherwise pass it through."""
        result: Output[T_co] = pending(self._session)
        self._session.output_consumed(self)
        when_settled(self, _recovered, (self, result, func, contextvars.copy_context()))
        return result

    def get(self) -> T_co:
        """Not possible here: the value is not there yet when a program runs. Use `apply`."""
        raise Exception(  # noqa: TRY002 # §2.2 promises the plain class
            "`.get()` cannot be called while a program runs, because the value may not be known yet. "
            "Use `.apply(lambda value: …)` to work with it."
        )

    def __getattr__(self, name: str) -> Output[Any]:
        # Probing by copy, pickle, dataclasses and the like must fail, not lift (§2.4).
        if name.startswith("__"):
            raise AttributeError(f"'Output' object has no attribute '{name}'")
        return self.apply(_Attribute(name), True)

    def __getitem__(self, key: Any) -> Output[Any]:
        return self.apply(_Item(key), True)

    def __iter__(self) -> NoReturn:
        raise TypeError(
            "'Output' object is not iterable: its elements are not known yet. Iterate inside `apply`, "
            "as in `o.apply(lambda items: [f(item) for item in items])`, or pick elements with `o[0]`"
        )

    def __str__(self) -> str:
        if ERROR_OUTPUT_STRING.value():
            raise TypeError(_NOT_A_STRING)
        self._session.log(Severity.WARNING, _NOT_A_STRING + _line_of(users_frame()))
        return _NOT_A_STRING + "\nThis may become an error in a future version."

    def __bool__(self) -> bool:
        """
        True, whatever the value will be, as for any object: a condition on an output is a mistake.

        Programs that make it keep running, as they always did; the user is told where, once.
        """
        self._tell(_NOT_A_CONDITION, sys._getframe(1))
        return True

    def __eq__(self, other: object) -> bool:
        if type(other) in _COMPARED:
            self._tell(_NOT_COMPARABLE, sys._getframe(1))
        return NotImplemented

    __hash__ = object.__hash__

    def _tell(self, text: str, frame: FrameType) -> None:
        """Warn of a mistake in the user's line that *frame* runs, once for each line."""
        place = (frame.f_code.co_filename, frame.f_lineno)
        if place not in self._session.conditions and is_the_users(place[0]):
            self._session.conditions.add(place)
            self._session.log(Severity.WARNING, text.format(file=place[0], line=place[1]))

    def __getstate__(self) -> dict[str, Any]:
        """The value, for a provider that is being written down (§2.7); refused anywhere else."""
        pickling = _pickling.under_way()
        if pickling is None:
            raise Exception(  # noqa: TRY002 # §2.7 promises the plain class
                "An Output cannot be copied or pickled. Use `.apply(lambda value: …)` to work with its "
                "value, or pass the output itself."
            )
        from stackwright.sdk._turns import sync_await

        value = sync_await(self.future())
        secret = self._secret
        if secret and not pickling.allow_secrets:
            raise Exception("Secret outputs cannot be captured")  # noqa: TRY002 # §2.7
        pickling.outputs = True
        pickling.secrets = pickling.secrets or secret
        return {"value": value}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Hold the value that a provider brought along; `get` answers it from now on (§2.7)."""
        if _pickling.under_way() is None:
            raise Exception("An Output cannot be unpickled")  # noqa: TRY002 # §2.7
        self._session = _session.current()
        self._state, self._value, self._known, self._secret = _SETTLED, state["value"], True, False
        self._deps, self._waiting = NO_RESOURCES, None
        self.__class__ = _captured_output()

    # Making outputs (§2.5) --------------------------------------------------------------------------

    @overload
    @staticmethod
    def from_input(val: Output[U]) -> Output[U]: ...

    @overload
    @staticmethod
    def from_input(val: Awaitable[U]) -> Output[U]: ...

    @overload
    @staticmethod
    def from_input(val: Input[U]) -> Output[U]: ...

    @staticmethod
    def from_input(val: Any) -> Output[Any]:
        """Make an output of *val*, with the outputs and awaitables anywhere inside it resolved."""
        if type(val) in _PLAIN:
            return settled(_session.current(), val)
        return _deep(val, False)

    @staticmethod
    def _from_input_shallow(val: Input[U]) -> Output[U]:
        session = _session.current()
        if isinstance(val, Output):
            return cast("Output[U]", val)
        if isawaitable(val):
            return from_awaitable(session, val)
        return settled(session, val)

    @overload
    @staticmethod
    def secret(val: Output[U]) -> Output[U]: ...

    @overload
    @staticmethod
    def secret(val: Awaitable[U]) -> Output[U]: ...

    @overload
    @staticmethod
    def secret(val: Input[U]) -> Output[U]: ...

    @staticmethod
    def secret(val: Any) -> Output[Any]:
        """Like `from_input`, and secret: encrypted in the state, never shown."""
        return _deep(val, True)

    @staticmethod
    def unsecret(val: Output[U]) -> Output[U]:
        """The same value, no longer secret."""
        result: Output[U] = pending(val._session)
        val._session.output_consumed(val)
        when_settled(val, _unsecret, (val, result))
        return result

    # The overloads of `all` cannot name every combination; checkers see lists and dicts.
    @overload
    @staticmethod
    def all(*args: Input[Any]) -> Output[list[Any]]: ...

    @overload
    @staticmethod
    def all(**kwargs: Input[Any]) -> Output[dict[str, Any]]: ...

    @staticmethod
    def all(*args: Input[Any], **kwargs: Input[Any]) -> Output[Any]:
        """Wait for several inputs at once: a list of the positional ones, or a dict of the named ones."""
        if args and kwargs:
            raise ValueError(
                "Output.all() was supplied a mix of named and unnamed inputs: "
                "pass all of them by name (for a dict) or none (for a list)"
            )
        return _deep(kwargs or list(args), False)

    @staticmethod
    def concat(*args: Input[str]) -> Output[str]:
        """Put strings together, some of which are not known yet."""
        return Output.all(*args).apply(_Joined())

    @staticmethod
    def format(format_string: Input[str], *args: Input[object], **kwargs: Input[object]) -> Output[str]:
        """`str.format` with a template and arguments that may not be known yet."""
        return Output.all(format_string, list(args), dict(kwargs)).apply(
            lambda parts: cast("str", parts[0]).format(*parts[1], **parts[2])
        )

    @staticmethod
    def json_dumps(
        obj: Input[Any],
        *,
        skipkeys: bool = False,
        ensure_ascii: bool = True,
        check_circular: bool = True,
        allow_nan: bool = True,
        cls: type[json.JSONEncoder] | None = None,
        indent: int | str | None = None,
        separators: tuple[str, str] | None = None,
        default: Callable[[Any], Any] | None = None,
        sort_keys: bool = False,
        **kw: Any,
    ) -> Output[str]:
        """`json.dumps` of a value that may hold outputs, also inside what *default* returns."""
        options: dict[str, Any] = {
            "skipkeys": skipkeys,
            "ensure_ascii": ensure_ascii,
            "check_circular": check_circular,
            "allow_nan": allow_nan,
            "indent": indent,
            "separators": separators,
            "sort_keys": sort_keys,
            **kw,
        }
        session = _session.current()
        result: Output[str] = pending(session)
        _Dump(session, obj, result, cls or json.JSONEncoder, default, options).attempt(None)
        return result

    @staticmethod
    def json_loads(
        s: Input[str | bytes | bytearray],
        *,
        cls: type[json.JSONDecoder] | None = None,
        object_hook: Callable[[dict[Any, Any]], Any] | None = None,
        parse_float: Callable[[str], Any] | None = None,
        parse_int: Callable[[str], Any] | None = None,
        parse_constant: Callable[[str], Any] | None = None,
        object_pairs_hook: Callable[[list[tuple[Any, Any]]], Any] | None = None,
        **kwds: Any,
    ) -> Output[Any]:
        """`json.loads` of a text that may not be known yet."""
        text: Output[Any] = Output.from_input(s)
        return text.apply(
            lambda known: json.loads(
                known,
                cls=cls,
                object_hook=object_hook,
                parse_float=parse_float,
                parse_int=parse_int,
                parse_constant=parse_constant,
                object_pairs_hook=object_pairs_hook,
                **kwds,
            )
        )


def _line_of(frame: FrameType | None) -> str:
    return "" if frame is None else f"\n\n{frame.f_code.co_filename}, line {frame.f_lineno}"


_NOT_COMPARABLE: Final = """\
An Output is compared with a plain value, which it never equals, whatever its own value:
  {file}, line {line}
Compare inside `.apply(lambda value: value == ...)`.\
"""

_NOT_A_CONDITION: Final = """\
An Output stands in a condition, where it is always true, whatever its value:
  {file}, line {line}
To decide by its value, use `.apply(lambda value: ...)`; to ask whether there is an output at all,
compare it with None.\
"""

_NOT_A_STRING: Final = """\
Calling __str__ on an Output[T] is not supported: its value may only be known once resources exist.

To make a string from it, write one of
  o.apply(lambda v: f"prefix{v}suffix")
  pulumi.Output.concat("prefix", o, "suffix")
  pulumi.Output.format("prefix{}suffix", o)

See https://www.pulumi.com/docs/concepts/inputs-outputs for more details."""


class _Attribute:
    """What lifting `o.name` calls. A class of its own so that an error can say what was asked."""

    __slots__ = ("name", "site")

    def __init__(self, name: str) -> None:
        self.name = name
        self.site = users_line()

    def __call__(self, value: Any) -> Any:
        try:
            return UNKNOWN if type(value) is Unknown else getattr(value, self.name)
        except AttributeError as error:
            note_site(error, self.site)
            raise


class _Joined:
    """What `concat` calls: says which part is no text, and where the parts were given."""

    __slots__ = ("site",)

    def __init__(self) -> None:
        self.site = users_line()

    def __call__(self, parts: list[Any]) -> str:
        for index, part in enumerate(parts):
            if not isinstance(part, str):
                error = TypeError(
                    f"Output.concat() takes texts, and argument {index + 1} is a {type(part).__name__}: "
                    "make a text of it with `.apply(str)` or `str(...)`"
                )
                note_site(error, self.site)
                raise error
        return "".join(parts)


class _Item:
    """What lifting `o[key]` calls."""

    __slots__ = ("key", "site")

    def __init__(self, key: Any) -> None:
        self.key = key
        self.site = users_line()

    def __call__(self, value: Any) -> Any:
        try:
            return UNKNOWN if type(value) is Unknown else value[self.key]
        except (LookupError, TypeError) as error:
            note_site(error, self.site)
            raise


# The inside of an output: for the SDK alone -------------------------------------------------------


def _blank(session: Session) -> Output[Any]:
    output: Output[Any] = Output.__new__(Output)
    output._session = session
    output._waiting = None
    output._deps = NO_RESOURCES
    return output


def pending(session: Session, *, tracked: bool = True) -> Output[Any]:
    """
    An output that somebody will `settle` or `fail`.

    A tracked one is waited for at the end of the program, and if it fails and nobody
    derived anything from it, the program fails with it (§2.1).
    """
    output = _blank(session)
    output._state = _PENDING
    output._value = None
    output._known = output._secret = False
    if tracked:
        session.open[output] = None
    return output


def settled(
    session: Session,
    value: Any,
    known: bool = True,
    secret: bool = False,
    deps: frozenset[Any] = NO_RESOURCES,
) -> Output[Any]:
    """An output whose value is there already. A value that contains unknowns is not known."""
    output = _blank(session)
    output._state = _SETTLED
    output._value = value
    output._known = known and (type(value) in _PLAIN or not contains_unknowns(value))
    output._secret = secret
    output._deps = deps
    return output


def failed(session: Session, error: BaseException) -> Output[Any]:
    """An output that has failed already; somebody has to derive from it, or the program fails."""
    output = pending(session)
    fail(output, error)
    return output


def settle(output: Output[Any], value: Any, known: bool, secret: bool, deps: frozenset[Any]) -> None:
    """Give *output* its value. Those who wait are called in their turn, in the order they came."""
    output._value = value
    output._known = known and (type(value) in _PLAIN or not contains_unknowns(value))
    output._secret = secret
    output._deps = deps
    output._state = _SETTLED
    _done(output)


def fail(output: Output[Any], error: BaseException) -> None:
    """Have *output* fail: whatever is derived from it fails likewise."""
    output._value = error
    output._state = _FAILED
    output._session.output_failed(output, error)
    _done(output)


def _done(output: Output[Any]) -> None:
    session = output._session
    session.open.pop(output, None)
    waiting, output._waiting = output._waiting, None
    if waiting:
        if output._state == _FAILED:
            # Those who waited take over and answer for the failure from now on.
            session.output_consumed(output)
        turns = session.turns
        for call, argument in waiting:
            turns.soon(call, argument)


def when_settled(output: Output[Any], call: Callable[[Any], None], argument: Any) -> None:
    """Call `call(argument)` in its turn once *output* is settled or has failed; never right now."""
    if output._state == _PENDING:
        if output._waiting is None:
            output._waiting = [(call, argument)]
        else:
            output._waiting.append((call, argument))
    else:
        output._session.turns.soon(call, argument)


def is_pending(output: Output[Any]) -> bool:
    """Whether *output* has neither a value nor an error yet."""
    return output._state == _PENDING


def error_of(output: Output[Any]) -> BaseException | None:
    """What *output* failed with, if it did."""
    return output._value if output._state == _FAILED else None


def from_awaitable(session: Session, awaitable: Awaitable[Any]) -> Output[Any]:
    """An output of what *awaitable* results in; an output among that is followed."""
    result = pending(session)

    def arrived(done: asyncio.Future[Any]) -> None:
        error = _outcome(done)
        if error is not None:
            fail(result, error)
        else:
            follow(result, done.result(), False, NO_RESOURCES)

    session.turns.await_(awaitable, arrived)
    return result


def _outcome(done: asyncio.Future[Any]) -> BaseException | None:
    """What a finished future failed with; a cancelled one failed with the cancellation."""
    if done.cancelled():
        return asyncio.CancelledError("an awaited value was cancelled")
    return done.exception()


def follow(result: Output[Any], value: Any, secret: bool, deps: frozenset[Any]) -> None:
    """Settle *result* with *value*: at once, or when the output or awaitable that it is has its own."""
    session = result._session
    if isinstance(value, Output):
        session.output_consumed(value)
        if value._state == _PENDING:
            when_settled(value, _followed, (result, value, secret, deps))
        else:
            _followed((result, value, secret, deps))
    elif type(value) not in _PLAIN and isawaitable(value):

        def arrived(done: asyncio.Future[Any]) -> None:
            error = _outcome(done)
            if error is not None:
                fail(result, error)
            else:
                follow(result, done.result(), secret, deps)

        session.turns.await_(value, arrived)
    else:
        settle(result, value, True, secret, deps)


def _followed(parts: tuple[Output[Any], Output[Any], bool, frozenset[Any]]) -> None:
    result, inner, secret, deps = parts
    if inner._state == _FAILED:
        fail(result, inner._value)
    else:
        settle(result, inner._value, inner._known, secret or inner._secret, _union(deps, inner._deps))


def _union(one: frozenset[Any], other: frozenset[Any]) -> frozenset[Any]:
    if not other or one is other:
        return one
    return one | other if one else other


Applied = tuple[Output[Any], Output[Any], Callable[[Any], Any], bool, contextvars.Context]


def _applied(parts: Applied) -> None:
    # What happens, by the state of the source (§2.3):
    #   failed                       the same failure, func not called
    #   known                        func(value)
    #   unknown, not asked for       unknown, func not called
    #   unknown, asked for           func(value with unknowns inside), or func(UNKNOWN)
    source, result, func, run_with_unknowns, context = parts
    if source._state == _FAILED:
        fail(result, source._value)
        return
    value = source._value
    if not source._known:
        if not run_with_unknowns:
            if source._session.dry_run:
                tell_of_hidden_resources(source._session, func)
            settle(result, None, False, source._secret, source._deps)
            return
        if not contains_unknowns(value):
            value = UNKNOWN
    try:
        answer = context.run(func, value)
    except SystemExit:  # on its way to whoever runs the program; nothing shall wait for this output
        settle(result, None, True, source._secret, source._deps)
        raise
    except Exception as error:  # noqa: BLE001 # whatever user code raises becomes the output's failure
        fail(result, error)
        return
    if type(answer) in _PLAIN:
        settle(result, answer, True, source._secret, source._deps)
    elif isinstance(answer, Output):
        context.run(follow, result, answer, source._secret, source._deps)
    elif isawaitable(answer):
        context.run(_await_into, result, answer, source)
    else:
        settle(result, answer, True, source._secret, source._deps)


def _await_into(result: Output[Any], awaitable: Awaitable[Any], source: Output[Any]) -> None:
    """Settle *result* with what *awaitable* results in, as it is: an output among that stays one (§2.3)."""

    def arrived(done: asyncio.Future[Any]) -> None:
        error = _outcome(done)
        if error is not None:
            fail(result, error)
        else:
            settle(result, done.result(), True, source._secret, source._deps)

    source._session.turns.await_(awaitable, arrived)


def _recovered(
    parts: tuple[Output[Any], Output[Any], Callable[[Any], Any], contextvars.Context],
) -> None:
    source, result, func, context = parts
    if source._state != _FAILED:
        settle(result, source._value, source._known, source._secret, source._deps)
        return
    if not isinstance(source._value, Exception):  # a cancellation is not the program's to handle
        fail(result, source._value)
        return
    try:
        answer = context.run(func, source._value)
        answer = context.run(_deep, answer, False)
    except Exception as error:  # noqa: BLE001 # see above
        fail(result, error)
        return
    follow(result, answer, False, NO_RESOURCES)


def _unsecret(parts: tuple[Output[Any], Output[Any]]) -> None:
    source, result = parts
    if source._state == _FAILED:
        fail(result, source._value)
    else:
        settle(result, source._value, source._known, False, source._deps)


async def _settled(output: Output[Any]) -> None:
    """Wait in async code until *output* is settled; raise what it failed with."""
    if output._state == _PENDING:
        session = output._session
        loop = asyncio.get_running_loop()
        arrived: asyncio.Future[None] = loop.create_future()
        # Who waits is written down, so that a wait that can never end is noticed (see `_stuck`).
        session.awaited_by[arrived] = output
        when_settled(output, _wake, arrived)
        session.turns.stir()
        try:
            await arrived
        finally:
            session.awaited_by.pop(arrived, None)
    if output._state == _FAILED:
        output._session.output_consumed(output)
        raise output._value


def _wake(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)


# Resolving what is nested -------------------------------------------------------------------------


class Depth:
    """
    One look through a value for outputs and awaitables in it (§2.5).

    `resolve` answers with the value as far as it is known, and gathers on the way what is
    not there yet (`waits`), whether all is known, whether any of it is secret, and the
    resources met. Awaitables can be awaited once only, so their outputs are remembered
    from one look to the next (`memo`).
    """

    __slots__ = ("deps", "error", "known", "memo", "secret", "session", "waits")

    def __init__(self, session: Session, memo: dict[int, tuple[Any, Output[Any]]]) -> None:
        self.session = session
        self.memo = memo
        self.waits: list[Output[Any]] = []
        self.known = True
        self.secret = False
        self.deps: frozenset[Any] = NO_RESOURCES
        self.error: BaseException | None = None

    def resolve(self, value: Any) -> Any:
        """*value* with what is inside it resolved; meaningless while `waits` is not empty."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if isinstance(value, Output):
            return self._output(value)
        if kind is list:
            return [self.resolve(item) for item in value] if value else value
        if isinstance(value, dict):
            return self._mapping(value) if dict.__len__(value) else value
        if isinstance(value, (list, tuple)):
            return self._sequence(value) if value else value
        if getattr(kind, "_pulumi_input_type", False):
            return self._arguments(value)
        if isawaitable(value):
            remembered = self.memo.get(id(value))
            if remembered is None:
                remembered = self.memo[id(value)] = (value, from_awaitable(self.session, value))
            return self._output(remembered[1])
        return value

    def _output(self, output: Output[Any]) -> Any:
        self.session.output_consumed(output)
        if output._state == _PENDING:
            self.waits.append(output)
            return None
        if output._state == _FAILED:
            if self.error is None:
                self.error = output._value
            return None
        if output._secret:
            self.secret = True
        self.deps = _union(self.deps, output._deps)
        value = output._value
        if not output._known:
            self.known = False
            return value if contains_unknowns(value) else UNKNOWN
        return value if type(value) in _PLAIN else self.resolve(value)

    def _mapping(self, value: dict[Any, Any]) -> Any:
        # Never by the value's own names: generated classes have properties called `items` (edge 32).
        resolved: dict[Any, Any] = {}
        for key, item in dict.items(value):
            name = self.resolve(key)
            if type(name) is not str and not self.waits and self.error is None and type(name) is not Unknown:
                raise TypeError(f"keywords must be strings: the key {name!r} of a mapping is not one")
            resolved[name] = self.resolve(item)
        return resolved

    def _sequence(self, value: Any) -> Any:
        items = [self.resolve(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items

    def _arguments(self, value: Any) -> Any:
        fields = {name: self.resolve(item) for name, item in vars(value).items()}
        if self.waits or self.error is not None:
            return None
        return type(value)(**fields)


class _Gather:
    """A nested value on its way to being resolved: looks again each time what it waited for is there."""

    __slots__ = ("count", "memo", "result", "secret", "session", "value")

    def __init__(self, session: Session, value: Any, result: Output[Any], secret: bool) -> None:
        self.session = session
        self.value = value
        self.result = result
        self.secret = secret
        self.memo: dict[int, tuple[Any, Output[Any]]] = {}
        self.count = 0

    def arrived(self, _: Any) -> None:
        self.count -= 1
        if not self.count:
            self.attempt()

    def attempt(self) -> None:
        depth = Depth(self.session, self.memo)
        try:
            resolved = depth.resolve(self.value)
        except Exception as error:  # noqa: BLE001 # constructors of arguments classes may raise anything
            fail(self.result, error)
            return
        if depth.waits:
            self.count = wait_for(depth.waits, self.arrived)
        elif depth.error is not None:
            fail(self.result, depth.error)
        else:
            settle(self.result, resolved, depth.known, depth.secret or self.secret, depth.deps)


def wait_for(outputs: list[Output[Any]], call: Callable[[Any], None]) -> int:
    """Have *call* called once for each distinct output of *outputs*; answers how many that are."""
    distinct = {id(output): output for output in outputs}
    for output in distinct.values():
        when_settled(output, call, None)
    return len(distinct)


def _deep(value: Any, secret: bool) -> Output[Any]:
    session = _session.current()
    memo: dict[int, tuple[Any, Output[Any]]] = {}
    depth = Depth(session, memo)
    try:
        resolved = depth.resolve(value)
    except Exception as error:  # noqa: BLE001 # see `_Gather.attempt`
        return failed(session, error)
    if depth.error is not None and not depth.waits:
        return failed(session, depth.error)
    if not depth.waits:
        return settled(session, resolved, depth.known, depth.secret or secret, depth.deps)
    result = pending(session)
    gather = _Gather(session, value, result, secret)
    gather.memo = memo
    gather.count = wait_for(depth.waits, gather.arrived)
    return result


class _Dump:
    """One `json_dumps`: encodes, and encodes again when outputs met on the way have their values."""

    def __init__(
        self,
        session: Session,
        value: Any,
        result: Output[str],
        encoder: type[json.JSONEncoder],
        default: Callable[[Any], Any] | None,
        options: dict[str, Any],
    ) -> None:
        self.session = session
        self.value = value
        self.result = result
        self.encoder = encoder
        self.default = default
        self.options = options
        self.memo: dict[int, tuple[Any, Output[Any]]] = {}
        self.count = 1

    def attempt(self, _: Any) -> None:
        self.count -= 1
        if self.count > 0:
            return
        depth = Depth(self.session, self.memo)

        class Encoder(self.encoder):  # type: ignore[misc,name-defined] # the base is the caller's
            def default(_, o: Any) -> Any:  # noqa: N805
                if isinstance(o, Output) or isawaitable(o):
                    inner = depth.resolve(o)
                    return None if type(inner) is Unknown else inner
                return self.default(o) if self.default is not None else super().default(o)

        try:
            resolved = depth.resolve(self.value)
            text = ""
            if not depth.waits and depth.error is None and not contains_unknowns(resolved):
                text = json.dumps(resolved, cls=Encoder, **self.options)
        except Exception as error:  # noqa: BLE001 # encoders are user code
            fail(self.result, error)
            return
        if depth.waits:
            self.count = wait_for(depth.waits, self.attempt)
        elif depth.error is not None:
            fail(self.result, depth.error)
        elif not depth.known:
            settle(self.result, None, False, depth.secret, depth.deps)
        else:
            settle(self.result, text, True, depth.secret, depth.deps)


def contains_unknowns(val: Any) -> bool:
    """Whether *val* is unknown, or has something unknown in its dicts and lists (§2.8)."""
    kind = type(val)
    if kind in _PLAIN:
        return False
    if kind is Unknown:
        return True
    if not isinstance(val, (dict, list)):
        return False
    seen: set[int] = set()
    waiting: list[Any] = [val]
    while waiting:
        part = waiting.pop()
        kind = type(part)
        if kind in _PLAIN:
            continue
        if kind is Unknown:
            return True
        if isinstance(part, (dict, list)) and id(part) not in seen:
            seen.add(id(part))
            # `dict.values`, because generated dict classes may have a property of that name.
            waiting.extend(dict.values(part) if isinstance(part, dict) else part)
    return False


def deferred_output() -> tuple[Output[T], Callable[[Output[T]], None]]:
    """An output, and a function that later says which other output it stands for; once only."""
    session = _session.current()
    result: Output[T] = pending(session, tracked=False)
    resolved = False

    def resolve(output: Output[T]) -> None:
        nonlocal resolved
        if resolved:
            raise Exception("This deferred output is resolved already")  # noqa: TRY002 # §2.5
        resolved = True
        session.open[result] = None
        session.output_consumed(output)
        when_settled(output, _followed, (result, output, False, NO_RESOURCES))

    return result, resolve


@functools.cache
def _captured_output() -> Any:
    return _pickling.captured_class(Output)


def safe_str(value: Any) -> str:
    """`str(value)` for messages: an output is shown as such, without a warning (edge case 15)."""
    return "Output[T]" if isinstance(value, Output) else str(value)


__all__ = [
    "UNKNOWN",
    "Input",
    "InputType",
    "Inputs",
    "Output",
    "Unknown",
    "contains_unknowns",
    "deferred_output",
]
