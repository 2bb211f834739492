"""
Calling functions and methods of providers (sdk.md §8).

The plain form blocks the program until the answer is there; it takes turns of the
program's own queue while arguments are still unknown, and then only waits. The
output form never blocks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from stackwright.goals import CallRequest, CallResult, CheckFailure, InvokeRequest
from stackwright.goals import InvokeResult as Answer
from stackwright.monitor import MonitorClosedError
from stackwright.reply import Reply
from stackwright.sdk import _references, _session, _types
from stackwright.sdk import output as _output
from stackwright.sdk._deserialize import plain_bag, translate
from stackwright.sdk._registration import Submission, depends_on, provider_reference
from stackwright.sdk._serialize import Serializer, expand
from stackwright.sdk._source import users_line
from stackwright.sdk._standing import ResourceBase
from stackwright.sdk._turns import StuckError
from stackwright.sdk._types import is_input_type, is_output_type
from stackwright.sdk.invoke import InvokeOptions, InvokeOutputOptions
from stackwright.sdk.output import NO_RESOURCES, Output, contains_unknowns
from stackwright.urn import Urn
from stackwright.values import contains_secrets, strip_secrets
from stackwright.values import contains_unknowns as value_contains_unknowns

if TYPE_CHECKING:
    from stackwright.sdk.output import Inputs
    from stackwright.sdk.resource import Resource

_KUBERNETES_NONE = ("kubernetes:yaml:decode", "kubernetes:helm:template", "kubernetes:kustomize:directory")


class InvokeResult:
    """The answer of the plain form: usable at once, and awaitable for the sake of older programs."""

    def __init__(
        self,
        value: Any,
        is_secret: bool = False,
        is_known: bool = True,
        dependencies: list[Resource] | None = None,
    ) -> None:
        self.value = value
        self.is_secret = is_secret
        self.is_known = is_known
        self.dependencies = dependencies if dependencies is not None else []

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()  # what makes this a generator
        return self.value

    __iter__ = __await__


class _Invoke(Submission):
    """One function call. Its outcome is in `reply`, as parts of an output."""

    __slots__ = (
        "_deps",
        "_held",
        "_secret",
        "_version",
        "depends",
        "opts",
        "outcome",
        "package_ref",
        "props",
        "sent",
        "token",
        "typ",
    )

    action = "Calling"

    def __init__(
        self,
        token: str,
        props: Inputs,
        opts: InvokeOptions | None,
        typ: type | None,
        package_ref: Awaitable[str | None] | None,
        *,
        depends: bool,
        held: bool = False,
    ) -> None:
        _session.refuse_while_migrating("Calling a function")
        if typ is not None and not is_output_type(typ):
            raise TypeError("Expected typ to be decorated with @output_type")
        super().__init__(_session.current())
        self.session.insist_on_the_programs_thread()
        self.site = users_line()
        self.token = token
        self.props = props
        self.opts = opts if opts is not None else InvokeOptions()
        self.typ = typ
        self.package_ref = package_ref
        self.depends = depends
        self.outcome: Reply[tuple[Any, bool, bool, frozenset[Any]]] = Reply()
        self._held = held
        self.sent: Reply[Any] | None = None
        self._secret = False
        self._version = ""
        self._deps: frozenset[Any] = NO_RESOURCES

    def title(self) -> str:
        return f"{self.action} {self.token}"

    def build(self, look: Serializer) -> InvokeRequest | None:
        opts = self.opts
        args, by_argument = _arguments(look, self.props)
        urns: set[Urn] = set()
        resources: set[ResourceBase] = set().union(*by_argument.values())
        if self.depends:
            resources |= depends_on(look, getattr(opts, "depends_on", None))
            urns = look.urns_of(resources)
        self._deps = frozenset(resources)
        package_ref = look.package_reference(self.package_ref)
        self._version = "" if package_ref else opts.version or ""
        url = "" if package_ref else opts.plugin_download_url or ""
        provider = opts.provider
        if provider is None and opts.parent is not None:
            base = self.session.base_providers.get(package_ref)
            provider = (
                opts.parent.get_provider(self.token) if base is None else opts.parent._providers.get(base)
            )
        reference = provider_reference(look, provider) if provider is not None else ""
        parent = None
        if opts.parent is not None and self.session.supports("invokeParent"):
            parent = look.urn_of(opts.parent)
        if look.waits or value_contains_unknowns(args):
            return None
        if self.depends and not self.session.supports("invokeDependsOn"):
            # Without the engine's help: what depends on something that is not there yet is not known.
            if any(_is_not_there_yet(r) for r in expand(resources)):
                return None
            urns = set()
        self._secret = contains_secrets(args)
        return InvokeRequest(
            token=self.token,
            args=strip_secrets(args) if self._secret else args,
            parent=parent,
            provider=reference,
            version=self._version,
            plugin_download_url=url,
            package_ref=package_ref,
            depends_on=tuple(sorted(urns)),
            **self.place(),
        )

    def send(self, request: InvokeRequest | None) -> Reply[Answer] | None:
        if request is None:
            self._found(None, False, False)
            return None
        monitor = self.session.monitor
        if monitor is None:
            self.failed(Exception(f"invoke of {self.token} failed: no program is running under a deployment"))
            return None
        reply = monitor.invoke(request)
        if self._held:  # somebody blocks on it and takes the answer himself
            self.sent = reply
            return None
        return reply

    def answered(self, answer: Any) -> None:
        result: Answer = answer
        if result.failures:
            self.failed(Exception(f"invoke of {self.token} failed: {_first(result.failures)}"))
            return
        if result.unknown:
            self._found(None, False, False)
            return
        if not result.value and self.token in _KUBERNETES_NONE and _is_old(self._version):
            self._found(None, True, self._secret)
            return
        value, secret = plain_bag(self.session, result.value)
        self._found(translate(value, self.typ), not contains_unknowns(value), secret or self._secret)

    def take(self, reply: Reply[Any]) -> None:
        """Take the answer that somebody blocked on."""
        self._replied(reply)

    def _found(self, value: Any, known: bool, secret: bool) -> None:
        self.outcome.answer((value, known, secret and known, self._deps))

    def _replied(self, reply: Reply[Any]) -> None:
        error = reply.error
        if error is not None and self._is_the_deployments(error):
            better = Exception(f"invoke of {self.token} failed: {error}")
            better.__cause__ = error
            reply = Reply.failed(better)
        super()._replied(reply)

    def _is_the_deployments(self, error: BaseException) -> bool:
        """Whether a deployment refused; what the mocks of a test raise is the test's own."""
        if isinstance(error, MonitorClosedError):
            return False
        return not getattr(self.session.monitor, "stands_in", False) or callable(getattr(error, "code", None))

    def failed(self, error: BaseException) -> None:
        self.outcome.fail(error)


def _is_not_there_yet(resource: Any) -> bool:
    """Whether the resource has no id yet. One that is known by its URN alone has none to wait for."""
    from stackwright.sdk.resource import DependencyResource

    if not resource._custom or isinstance(resource, DependencyResource):
        return False
    return not resource._standing.id_is_known


def _first(failures: tuple[CheckFailure, ...]) -> str:
    failure = failures[0]
    return f"{failure.reason} ({failure.property})"


def _is_old(version: str) -> bool:
    from semver import Version

    try:
        return not version or Version.parse(version) <= Version(4, 5, 4)
    except ValueError:
        return True


def _arguments(look: Serializer, props: Any) -> tuple[dict[str, Any], dict[str, set[ResourceBase]]]:
    if is_input_type(type(props)):
        return look.bag(_types.stored_inputs(props), type(props))
    if not isinstance(props, Mapping):
        raise TypeError("Expected the arguments of a function to be a mapping")
    return look.bag(props, None)


def _blocking(
    token: str,
    props: Inputs,
    opts: InvokeOptions | None,
    typ: type | None,
    package_ref: Awaitable[str | None] | None,
) -> InvokeResult:
    call = _Invoke(token, props, opts, typ, package_ref, depends=False, held=True)
    turns = call.session.turns
    call.start()
    try:
        turns.run_until(lambda: call.sent is not None or call.outcome.done)
    except StuckError:
        call.session.unsent.pop(call, None)
        raise RuntimeError(
            f"The call of {token} waits for an argument that nothing under way can bring. "
            "Use the output form of the function, or pass values that are known"
        ) from None
    if call.sent is not None:
        turns.wait_for(call.sent)
        call.take(call.sent)
    value, known, secret, deps = call.outcome.result()
    return InvokeResult(value, secret, known, list(deps))


def _as_output(call: _Invoke) -> Output[Any]:
    result = _output.pending(call.session)

    def arrived(outcome: Reply[tuple[Any, bool, bool, frozenset[Any]]]) -> None:
        if outcome.error is not None:
            _output.fail(result, outcome.error)
        else:
            _output.settle(result, *outcome.result())

    call.outcome.then(arrived)
    call.start()
    return result


def invoke(
    tok: str,
    props: Inputs,
    opts: InvokeOptions | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> InvokeResult:
    """Call a function and wait for the answer."""
    return _blocking(tok, props, opts, typ, package_ref)


def invoke_single(
    tok: str,
    props: Inputs,
    opts: InvokeOptions | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> InvokeResult:
    """Call a function that answers with one value, and wait for it."""
    result = _blocking(tok, props, opts, typ, package_ref)
    result.value = _single(result.value) if result.is_known else result.value
    return result


async def invoke_async(
    tok: str,
    props: Inputs,
    opts: InvokeOptions | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> Any:
    """Call a function from async code; answers its value."""
    call = _Invoke(tok, props, opts, typ, package_ref, depends=False)
    return await _as_output(call)._raw()


def invoke_output(
    tok: str,
    props: Inputs,
    opts: InvokeOptions | InvokeOutputOptions | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> Output[Any]:
    """Call a function once its arguments are known; never blocks."""
    return _as_output(_Invoke(tok, props, opts, typ, package_ref, depends=True))


def invoke_output_single(
    tok: str,
    props: Inputs,
    opts: InvokeOptions | InvokeOutputOptions | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> Output[Any]:
    """Call a function that answers with one value, once its arguments are known."""
    return invoke_output(tok, props, opts, typ, package_ref).apply(_single)


def _single(value: Any) -> Any:
    """The first value of a dict; anything else is the value itself."""
    return list(dict.values(value))[0] if isinstance(value, dict) else value  # noqa: RUF015 # IndexError if empty


class _Call(Submission):
    """A call of a method of a resource."""

    __slots__ = ("package_ref", "props", "resource", "result", "token", "typ")

    action = "Calling"

    def __init__(
        self,
        token: str,
        props: Inputs,
        resource: Resource | None,
        typ: type | None,
        package_ref: Awaitable[str | None] | None,
    ) -> None:
        _session.refuse_while_migrating("Calling a method")
        if typ is not None and not is_output_type(typ):
            raise TypeError("Expected typ to be decorated with @output_type")
        super().__init__(_session.current())
        self.site = users_line()
        self.token = token
        self.props = props
        self.resource = resource
        self.typ = typ
        self.package_ref = package_ref
        self.result: Output[Any] = _output.pending(self.session)

    @property
    def asks_for_more(self) -> bool:
        return True

    def title(self) -> str:
        return f"{self.action} {self.token}"

    def serializer(self) -> Serializer:
        return Serializer(self.session, self._memo, keep_outputs=True, ref_deps=False)

    def build(self, look: Serializer) -> CallRequest:
        args, by_argument = _arguments(look, self.props)
        resource = self.resource
        package_ref, version, url, provider = "", "", "", ""
        if resource is not None:
            if resource._provider is not None:
                provider = provider_reference(look, resource._provider)
            version, url = resource._version or "", resource._plugin_download_url or ""
        if (
            self.package_ref is not None
            and (known := look.settled(self.package_ref)) is not None
            and known._value
        ):
            package_ref, version, url = known._value, "", ""
        return CallRequest(
            token=self.token,
            args=args,
            arg_dependencies={name: tuple(sorted(look.urns_of(deps))) for name, deps in by_argument.items()},
            provider=provider,
            version=version,
            plugin_download_url=url,
            package_ref=package_ref,
            **self.place(),
        )

    def send(self, request: CallRequest) -> Reply[CallResult] | None:
        monitor = self.session.monitor
        if monitor is None:
            self.failed(Exception(f"call of {self.token} failed: no program is running under a deployment"))
            return None
        return monitor.call(request)

    def answered(self, answer: Any) -> None:
        result: CallResult = answer
        if result.failures:
            self.failed(Exception(f"call of {self.token} failed: {_first(result.failures)}"))
            return
        if not result.value:  # the answer of a method that answers nothing is None, and no empty dict
            _output.settle(self.result, None, True, False, NO_RESOURCES)
            return
        value, secret = plain_bag(self.session, result.value)
        urns = {urn for deps in result.dependencies.values() for urn in deps}
        resources = frozenset(_references.dependency(self.session, urn) for urn in sorted(urns))
        _output.settle(
            self.result, translate(value, self.typ), not contains_unknowns(value), secret, resources
        )

    def failed(self, error: BaseException) -> None:
        if isinstance(error, MonitorClosedError):
            self.session.fail(error)
        _output.fail(self.result, error)


def call(
    tok: str,
    props: Inputs,
    res: Resource | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> Output[Any]:
    """Call a method of the resource *res*, once its arguments are known."""
    request = _Call(tok, props, res, typ, package_ref)
    request.start()
    return request.result


def call_single(
    tok: str,
    props: Inputs,
    res: Resource | None = None,
    typ: type | None = None,
    package_ref: Awaitable[str | None] | None = None,
) -> Output[Any]:
    """Call a method that answers with one value."""
    return call(tok, props, res, typ, package_ref).apply(_single)
