"""
From a constructed resource to a request, and from the answer back (sdk.md §3.4-3.8).

A `Submission` is one request in the making. If all it needs is there, it is sent from
within the constructor, so that the deployment sees resources in the program's order;
otherwise it looks again each time what was missing has arrived.

Leaves to others: what is inside a property bag (`_serialize`), what the program sees
of the answer (`_deserialize`), and in which order requests are carried out (the deployment).
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from stackwright.diagnostics import Severity
from stackwright.durations import parse_duration
from stackwright.environment import ERROR_ON_DEPENDENCY_CYCLES
from stackwright.goals import (
    Alias,
    AliasSpec,
    CustomTimeouts,
    ExistsRequest,
    InvokeRequest,
    InvokeResult,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
    Result,
    SourcePosition,
)
from stackwright.monitor import MonitorClosedError
from stackwright.reply import Reply
from stackwright.sdk import _session
from stackwright.sdk import output as _output
from stackwright.sdk._deserialize import ResourceReader
from stackwright.sdk._serialize import Memo, Serializer, expand
from stackwright.sdk._session import Session
from stackwright.sdk._source import call_site, note_site, users_line
from stackwright.sdk._standing import ResourceBase, Standing
from stackwright.sdk._types import class_names
from stackwright.urn import UNKNOWN_ID, Urn, child_urn
from stackwright.values import PropertyMap

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource
    from stackwright.sdk.resource import ResourceOptions as Options

GET_RESOURCE: Final = "pulumi:pulumi:getResource"
"""The function that answers what a resource of this deployment is (protocol.md §10.13)."""


class Submission:
    """
    One request on its way to the deployment.

    `attempt` builds it with a `Serializer`; what is missing then is waited for, and
    `attempt` is called again. Subclasses say what is built and what the answer means.
    """

    __slots__ = ("_memo", "_missing", "session", "site", "waits_for")

    action: str = "making"

    def __init__(self, session: Session) -> None:
        self.session = session
        self._memo: Memo | None = None
        self._missing = 0
        self.site: tuple[SourcePosition, ...] = ()
        self.waits_for: Any = None

    @property
    def asks_for_more(self) -> bool:
        """Whether another process asks for resources of its own before this is answered."""
        return False

    def start(self) -> None:
        """Look for the first time: from within the program's own call."""
        self.session.unsent[self] = None
        self.look()

    def _arrived(self, _: Any) -> None:
        self._missing -= 1
        if not self._missing:
            self.look()

    def look(self) -> None:
        """Send the request if all of it is there; else look again when what is missing has arrived."""
        look = self.serializer()
        try:
            request = self.build(look)
        except Exception as error:  # noqa: BLE001 # user code (translators, names) may raise anything
            self._end()
            self.failed(self.explained(error))
            return
        waits = look.waits
        if waits.error is not None:
            self._end()
            self.failed(waits.error)
        elif waits:
            self._memo = look.memo
            self.waits_for = waits
            self._missing = waits.when_there(self._arrived)
        else:
            self._end()
            self._send(request)

    def _end(self) -> None:
        self.session.unsent.pop(self, None)
        self.waits_for = None

    def _send(self, request: Any) -> None:
        try:
            reply = self.send(request)
        except Exception as error:  # noqa: BLE001 # a monitor may be anybody's
            self.failed(error)
            return
        if reply is not None:
            self.session.under_way[self] = None
            self.session.turns.expect(reply, self._replied)

    def _replied(self, reply: Reply[Any]) -> None:
        self.session.under_way.pop(self, None)
        if reply.error is not None:
            self.located(reply.error, foreign=True)
            self.failed(reply.error)
            return
        try:
            self.answered(reply.result())
        except Exception as error:  # noqa: BLE001 # constructors of provider packages run here
            self.failed(error)

    def explained(self, error: Exception) -> Exception:
        """*error* with the request it belongs to in front, if it speaks of a value (§3.4)."""
        if type(error) not in (ValueError, AssertionError):
            self.located(error)
            return error
        better = type(error)(f"{self.title()}: {error}")
        better.__cause__ = error.__cause__
        self.located(better.with_traceback(error.__traceback__))
        return better

    def located(self, error: BaseException, *, foreign: bool = False) -> None:
        """Note on *error* which lines of the program asked for this."""
        if not isinstance(error, MonitorClosedError):
            note_site(error, self.site, foreign=foreign)

    def place(self) -> dict[str, Any]:
        """Where the program asks for this: the fields of `PlacedRequest` (protocol.md §10.12)."""
        return {
            "source": self.site[0] if self.site else None,
            "stack_trace": self.site,
            "trace_handle": self.session.trace_handle,
        }

    def title(self) -> str:
        """What this is, for messages."""
        return self.action

    # For subclasses -------------------------------------------------------------------------------

    def serializer(self) -> Serializer:
        """The look at values that `build` takes."""
        return Serializer(self.session, self._memo)

    def build(self, look: Serializer) -> Any:
        """Make the request; what it returns means nothing while `look.waits` is not empty."""
        raise AssertionError("every kind of request is built in its own way")

    def send(self, request: Any) -> Reply[Any] | None:
        """Hand the request to the deployment; None if the answer is given already."""
        raise AssertionError("every kind of request is sent in its own way")

    def answered(self, answer: Any) -> None:
        """Take the answer."""

    def failed(self, error: BaseException) -> None:
        """The request could not be made, or was answered with a failure."""
        self.session.fail(error)


class ResourceSubmission(Submission):
    """What registering, reading and getting a resource have in common."""

    __slots__ = (
        "custom",
        "inputs",
        "name",
        "opts",
        "package_ref",
        "props",
        "remote",
        "resource",
        "typ",
        "type",
    )

    def __init__(
        self,
        resource: Resource,
        type_: str,
        name: str,
        *,
        custom: bool,
        remote: bool,
        props: Mapping[str, Any],
        opts: Options,
        typ: type | None,
        package_ref: Awaitable[str | None] | None,
    ) -> None:
        super().__init__(resource._standing.session)
        self.resource = resource
        self.type = type_
        self.name = name
        self.custom = custom
        self.remote = remote
        self.props = props
        self.opts = opts
        self.typ = typ
        self.package_ref = package_ref
        self.inputs: PropertyMap = {}
        self.site = call_site(resource)

    @property
    def asks_for_more(self) -> bool:
        return self.remote

    def title(self) -> str:
        return f"{self.action} the resource `{self.name}` of type {self.type}"

    def serializer(self) -> Serializer:
        return Serializer(
            self.session,
            self._memo,
            owner=self.resource,
            translate=self.translator(),
            keep_outputs=self.remote,
            ref_deps=not self.remote,
        )

    def translator(self) -> Callable[[str], str] | None:
        """What turns the names of untyped properties into wire names; None: nothing does."""
        return translator_of(self.resource) if self.typ is None else None

    def parent(self, look: Serializer) -> Urn | None:
        """The URN of the parent: the one that was asked for, else the stack's (§3.4)."""
        parent: ResourceBase | None = self.opts.parent
        if parent is None:
            parent = self.session.root
            if parent is None or parent is self.resource:
                return None
        return look.urn_of(parent)

    def package(self, look: Serializer) -> tuple[str, str, str]:
        """Package reference, version and URL; a reference that is known clears the others (§3.4)."""
        if reference := look.package_reference(self.package_ref):
            base = self.session.base_providers.get(reference)
            if base is not None:
                self._serve_by(base)
            return reference, "", ""
        return "", self.opts.version or "", self.opts.plugin_download_url or ""

    def _serve_by(self, base: str) -> None:
        """An extension has no provider of its own: that of the *base* package serves it."""
        if self.custom or self.remote:
            self.resource.__dict__["_provider"] = self.resource._providers.get(base)

    def provider(self, look: Serializer) -> str:
        """The reference to the provider that this resource was given, or empty."""
        provider = self.resource._provider
        return provider_reference(look, provider) if provider is not None else ""

    def translate(self, names: list[str] | None, *, outputs: bool = False) -> tuple[str, ...]:
        """Python names of whole properties as wire names; paths below them stay as they are (§3.4)."""
        if not names:
            return ()
        if self.typ is not None:
            table = class_names(type(self.resource) if outputs else self.typ).to_wire
            return tuple(table.get(name, name) for name in names)
        translate = translator_of(self.resource)
        return tuple(names) if translate is None else tuple(translate(name) for name in names)

    def answered(self, answer: Registered) -> None:
        standing = self.resource._standing
        keeps_inputs = not self.session.dry_run or self.session.legacy_apply
        told = keeps_inputs and answer.result is Result.SUCCESS
        reader = ResourceReader(answer, self.inputs if told else None, self.typ is not None)
        standing.known(answer.urn, answer.id, reader)

    def failed(self, error: BaseException) -> None:
        self.resource._standing.fail(error)


class Registration(ResourceSubmission):
    """«This resource shall exist» (§3.4)."""

    __slots__ = ()

    action = "Registering"

    def build(self, look: Serializer) -> RegisterRequest:
        opts = self.opts
        parent = self.parent(look)
        inputs, by_property = look.bag(self.props, self.typ)
        self.inputs = inputs
        if not look.waits:
            self._tell_of_shared_inputs()
        package_ref, version, url = self.package(look)
        options = self._options(look, by_property, version, url)
        transforms: tuple[Any, ...] = ()
        if opts.transforms:
            from stackwright.sdk._transforms import resource_transform

            require(self.session, "transforms", "transforms")
            transforms = tuple(resource_transform(self.session, transform) for transform in opts.transforms)
        return RegisterRequest(
            type=self.type,
            name=self.name,
            custom=self.custom,
            parent=parent,
            inputs=inputs,
            options=options,
            remote=self.remote,
            package_ref=package_ref,
            transforms=transforms,
            **self.place(),
        )

    def _tell_of_shared_inputs(self) -> None:
        """
        Say so if a dict or list was given to another resource before, and has changed since.

        Often it is the default of a parameter, which all calls of the function share.
        """
        given = self.session.given
        for name, value in self.props.items():
            if type(value) not in (dict, list) or not value:
                continue
            before = given.get(id(value))
            shown = repr_of_plain(value)
            if before is None:
                given[id(value)] = (value, shown, self.name)
            elif shown is not None and before[1] not in (None, shown):
                given[id(value)] = (value, shown, self.name)
                self.session.log(Severity.WARNING, _SHARED.format(name=name, one=before[2], other=self.name))

    def _options(
        self, look: Serializer, by_property: dict[str, set[ResourceBase]], version: str, url: str
    ) -> ResourceOptions:
        given = vars(self.opts)
        provider = self.provider(look) if self.resource._provider is not None else ""
        # Most resources have no options but the version of their package and their provider.
        if not by_property and self.custom and _are_plain(given):
            return _plain_options(provider, version, url)
        return self._all_options(look, by_property, provider, version, url)

    def _all_options(
        self,
        look: Serializer,
        by_property: dict[str, set[ResourceBase]],
        provider: str,
        version: str,
        url: str,
    ) -> ResourceOptions:
        opts = self.opts
        _check_lists(self.session, opts)
        found: dict[str, Any] = {"version": version, "plugin_download_url": url, "provider": provider}
        explicit = self._without_cycle(depends_on(look, opts.depends_on))
        urns = look.urns_of(explicit) if explicit else set()
        if by_property:
            per_property = {
                wire: tuple(sorted(look.urns_of(self._without_cycle(deps))))
                for wire, deps in by_property.items()
            }
            for deps in per_property.values():
                urns.update(deps)
        else:
            per_property = {}
        if urns:
            found["depends_on"] = tuple(sorted(urns))
            found["property_dependencies"] = {wire: per_property.get(wire, ()) for wire in self.inputs}
        if opts.protect is None:
            if self.resource._protect is not None:
                found["protect"] = self.resource._protect
        else:
            found["protect"] = opts.protect
        found["ignore_changes"] = self.translate(opts.ignore_changes)
        found["replace_on_changes"] = self.translate(opts.replace_on_changes)
        found["hide_diffs"] = self.translate(opts.hide_diffs)
        found["additional_secret_outputs"] = self.translate(opts.additional_secret_outputs, outputs=True)
        found["delete_before_replace"] = opts.delete_before_replace
        found["retain_on_delete"] = opts.retain_on_delete
        if opts.deleted_with is not None:
            require(self.session, "deletedWith", "the DeletedWith option")
            found["deleted_with"] = look.urn_of(opts.deleted_with)
        if opts.replace_with:
            require(self.session, "replaceWith", "the ReplaceWith option")
            found["replace_with"] = tuple(urn for r in opts.replace_with if (urn := look.urn_of(r)))
        if opts.replacement_trigger is not None:
            found["replacement_trigger"] = look.value(opts.replacement_trigger)
        if opts.aliases:
            found["aliases"] = aliases(look, self.resource, opts.aliases, self.name, self.type, opts.parent)
        if opts.custom_timeouts is not None:
            found["custom_timeouts"] = custom_timeouts(opts.custom_timeouts)
        if opts.import_:
            found["import_id"] = opts.import_
        if not self.custom:
            found["providers"] = self._providers(look)
        if opts.hooks is not None:
            from stackwright.sdk._hooks import hook_names

            found["hooks"] = hook_names(self.session, opts.hooks, f"{self.type}_{self.name}")
        if opts.env_var_mappings:
            found["env_var_mappings"] = dict(opts.env_var_mappings)
        if opts.state_migrations:
            require(self.session, "stateMigrations", "state migrations")
        return ResourceOptions(**found)

    def _providers(self, look: Serializer) -> Mapping[str, str]:
        providers = dict(self.resource._providers)
        given = self.opts.provider
        if given is not None:
            providers.setdefault(given.package, given)
        return {package: provider_reference(look, provider) for package, provider in providers.items()}

    def _without_cycle(self, resources: set[ResourceBase]) -> set[ResourceBase]:
        if not resources:
            return resources
        if not errors_on_cycles():
            from stackwright.sdk._circles import without_circles

            return without_circles(self.resource, resources)
        if self.resource in expand(resources):
            raise RuntimeError(
                f"The resource `{self.name}` of type {self.type} depends on itself. A component that is "
                "depended upon stands for all of its children: a child cannot depend on its own component"
            )
        return resources

    def send(self, request: RegisterRequest) -> Reply[Registered] | None:
        monitor = self.session.monitor
        if monitor is None:
            self.answered(_nowhere(self.session, request.parent, self.type, self.name))
            return None
        return monitor.register(request)


_SHARED: Final = """\
The value of `{name}` of the resource `{other}` is the very object that `{one}` was given, and it has
changed since. If it is the default of a parameter (`{name}={{}}`), all calls share it: take None as
the default, and make a new one inside."""


def repr_of_plain(value: Any) -> str | None:
    """A short text that changes when *value* does; None if that would take long, or is not plain."""
    if len(value) > _FEW:
        return None
    items = value.values() if isinstance(value, dict) else value
    if any(type(item) not in (str, int, float, bool) for item in items):
        return None
    return repr(value)


_FEW: Final = 64


class Read(ResourceSubmission):
    """«This resource exists already; what is it?» (§3.7)."""

    __slots__ = ("_sent_id",)

    action = "Reading"

    def build(self, look: Serializer) -> ReadRequest:
        parent = self.parent(look)
        inputs, by_property = look.bag(self.props, self.typ)
        self.inputs = inputs
        package_ref, version, url = self.package(look)
        known = look.settled(self.opts.id)
        self._sent_id = ""
        if known is not None:
            self._sent_id = known._value if known._known and known._value is not None else UNKNOWN_ID
        resources = depends_on(look, self.opts.depends_on).union(*by_property.values())
        return ReadRequest(
            type=self.type,
            name=self.name,
            id=self._sent_id,
            parent=parent,
            inputs=inputs,
            depends_on=tuple(sorted(look.urns_of(resources))),
            provider=self.provider(look),
            version=version,
            plugin_download_url=url,
            additional_secret_outputs=self.translate(self.opts.additional_secret_outputs, outputs=True),
            package_ref=package_ref,
            **self.place(),
        )

    def send(self, request: ReadRequest) -> Reply[Registered] | None:
        monitor = self.session.monitor
        if monitor is None:
            self.answered(_nowhere(self.session, request.parent, self.type, self.name))
            return None
        return monitor.read(request)

    def answered(self, answer: Registered) -> None:
        if not answer.id:
            sent = UNKNOWN_ID if self.session.dry_run else self._sent_id
            answer = msgspec.structs.replace(answer, id=sent)
        super().answered(answer)


class Get(ResourceSubmission):
    """A resource of this deployment, by its URN: how references become objects (§3.6, §7)."""

    __slots__ = ()

    action = "Getting"

    def build(self, look: Serializer) -> InvokeRequest:
        return InvokeRequest(token=GET_RESOURCE, args={"urn": self.opts.urn})

    def send(self, request: InvokeRequest) -> Reply[InvokeResult] | None:
        monitor = self.session.monitor
        if monitor is None:
            self.answered(InvokeResult(unknown=True))
            return None
        return monitor.invoke(request)

    def answered(self, answer: Any) -> None:
        urn = Urn(self.opts.urn or "")
        result: InvokeResult = answer
        if result.failures:
            first = result.failures[0]
            raise Exception(f"getResource failed: {first.reason} ({first.property})")  # noqa: TRY002 # §3.6
        if result.unknown:
            super().answered(Registered(urn=urn, id="" if self.custom else None, result=Result.SKIP))
            return
        value = result.value
        state = value.get("state") or {}
        id_ = value.get("id")
        super().answered(
            Registered(
                urn=Urn(value.get("urn") or urn),
                id=id_ if isinstance(id_, str) else ("" if self.custom else None),
                outputs=state,
            )
        )


class Existence(Submission):
    """«Is there such a resource?»: nothing is read, nothing adopted."""

    __slots__ = ("id", "opts", "package_ref", "props", "resource", "result", "type")

    action = "Asking for the existence of"

    def __init__(
        self,
        session: Session,
        result: _output.Output[bool],
        resource: Resource | None,
        type_: str,
        id_: Any,
        props: Mapping[str, Any],
        opts: Options,
        package_ref: Awaitable[str | None] | None,
    ) -> None:
        super().__init__(session)
        self.result = result
        self.resource = resource
        self.type = type_
        self.id = id_
        self.props = props
        self.opts = opts
        self.package_ref = package_ref
        self.site = users_line()

    def title(self) -> str:
        return f"{self.action} a resource of type {self.type}"

    def build(self, look: Serializer) -> ExistsRequest:
        inputs, _ = look.bag(self.props or {}, None)
        package_ref = look.package_reference(self.package_ref)
        provider = self.opts.provider if self.resource is None else self.resource._provider
        known = look.settled(self.id)
        return ExistsRequest(
            type=self.type,
            id=known._value if known is not None and known._known and known._value else UNKNOWN_ID,
            parent=look.urn_of(self.opts.parent) if self.opts.parent is not None else None,
            inputs=inputs,
            provider=provider_reference(look, provider) if provider is not None else "",
            version="" if package_ref else self.opts.version or "",
            plugin_download_url="" if package_ref else self.opts.plugin_download_url or "",
            package_ref=package_ref,
        )

    def send(self, request: ExistsRequest) -> Reply[bool | None] | None:
        monitor = self.session.monitor
        if monitor is None:
            self.answered(False)
            return None
        return monitor.exists(request)

    def answered(self, answer: Any) -> None:
        deps = frozenset((self.resource,)) if self.resource is not None else _output.NO_RESOURCES
        _output.settle(self.result, answer, answer is not None, False, deps)

    def failed(self, error: BaseException) -> None:
        _output.fail(self.result, error)
        super().failed(error)


def _nowhere(session: Session, parent: Urn | None, type_: str, name: str) -> Registered:
    """The answer when there is no deployment: an address, and nothing known (§9.7)."""
    urn = child_urn(
        session.stack or _session.DEFAULT_STACK,
        session.project or _session.DEFAULT_PROJECT,
        parent,
        type_,
        name,
    )
    return Registered(urn=urn, id="", result=Result.SKIP)


class Outputs(Submission):
    """The outputs that a component gives itself, or the stack (§3.8)."""

    __slots__ = ("outputs", "resource")

    action = "Registering outputs of"

    def __init__(self, resource: ResourceBase, outputs: Any) -> None:
        super().__init__(resource._standing.session)
        self.resource = resource
        self.outputs = outputs

    def title(self) -> str:
        return f"{self.action} `{self.resource._name}` of type {self.resource._type}"

    def build(self, look: Serializer) -> tuple[Urn, PropertyMap]:
        urn = look.urn_of(self.resource)
        outputs = self.outputs
        bag: PropertyMap = {}
        if outputs:
            if isinstance(outputs, Mapping):
                bag, _ = look.bag(outputs, None)
            else:
                bag = look.value(outputs) or {}
                if bag is not None and not isinstance(bag, dict):
                    raise ValueError("the outputs of a component are a mapping of names to values")
        return urn or Urn(""), bag

    def send(self, request: tuple[Urn, PropertyMap]) -> Reply[None] | None:
        monitor = self.session.monitor
        return None if monitor is None else monitor.register_outputs(*request)

    def answered(self, answer: Any) -> None:
        return


# Parts of requests --------------------------------------------------------------------------------

_PLAIN_OPTIONS: Final = frozenset(
    {"version", "plugin_download_url", "provider", "parent", "urn", "id", "transformations"}
)


def _are_plain(given: Mapping[str, Any]) -> bool:
    """Whether options say nothing beyond version, provider, parent and what is not sent."""
    more = given.keys() - _PLAIN_OPTIONS
    # Merged options, which those of provider packages are, always have a list of these.
    return not more or (more == _DEPENDS_ON and given["depends_on"] == [])


_DEPENDS_ON: Final = frozenset({"depends_on"})


@functools.lru_cache(maxsize=1024)
def _plain_options(provider: str, version: str, url: str) -> ResourceOptions:
    return ResourceOptions(provider=provider, version=version, plugin_download_url=url)


def translator_of(resource: Any) -> Callable[[str], str] | None:
    """What turns Python names into wire names for resources without typed arguments; None: nothing does."""
    translate = resource.translate_input_property
    return None if getattr(translator_function(translate), "_is_identity", False) else translate


def translator_function(method: Any) -> Any:
    """The function behind a bound method."""
    return getattr(method, "__func__", method)


class _Provider(Protocol):
    _standing: Standing
    package: str


def provider_reference(look: Serializer, provider: Any) -> str:
    """`urn::id` of a provider resource; an id that a preview cannot know has a sign of its own (§8)."""
    urn = look.urn_of(provider)
    standing: Standing = provider._standing
    return f"{urn}::{standing.id or UNKNOWN_ID}" if urn else ""


def depends_on(look: Serializer, given: Any) -> set[ResourceBase]:
    """
    The resources of a `depends_on`, and those that outputs in it depend on (§3.5).

    Raises:
        TypeError: An element is no resource.
    """
    found: set[ResourceBase] = set()
    if given is None:
        return found
    waiting = [given]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ResourceBase):
            found.add(item)
        elif isinstance(item, (list, tuple, set, frozenset)):
            waiting.extend(item)
        elif item is not None:
            if not isinstance(item, _output.Output) and not hasattr(item, "__await__"):
                raise not_a_resource(item)
            known = look.settled(item)
            if known is not None:
                found.update(known._deps)
                if known._known:
                    waiting.append(known._value)
    return found


def not_a_resource(value: Any) -> TypeError:
    """The error for something in `depends_on` that is no resource."""
    return TypeError(f"'depends_on' was passed a value {_output.safe_str(value)} that was not a Resource.")


def errors_on_cycles() -> bool:
    """Whether a cycle among dependencies is an error; else its edges are left out (§24)."""
    return ERROR_ON_DEPENDENCY_CYCLES.value()


def custom_timeouts(given: Any) -> CustomTimeouts:
    """Timeouts as the deployment takes them: texts such as `5m` or `1h30m`, in an object or a mapping."""
    times = given if isinstance(given, Mapping) else getattr(given, "__dict__", None)
    if times is None:
        raise TypeError(_wrong_option("custom_timeouts", "a CustomTimeouts object", given))
    return CustomTimeouts(
        **{kind: parse_duration(times[kind]) for kind in ("create", "update", "delete") if times.get(kind)}
    )


_LISTS: Final = (
    "additional_secret_outputs",
    "aliases",
    "hide_diffs",
    "ignore_changes",
    "replace_on_changes",
    "replace_with",
    "state_migrations",
    "transforms",
)


def _check_lists(session: Session, opts: Options) -> None:
    """
    Raise TypeError if an option that takes several things was given one.

    A text is a list of its letters to Python: such an option means nothing, and the user is told.
    """
    given = vars(opts)
    for name in _LISTS:
        value = given.get(name)
        if isinstance(value, str):
            session.log(Severity.WARNING, _wrong_option(name, "a list", value))
        elif value is not None and not isinstance(value, Iterable):
            raise TypeError(_wrong_option(name, "a list", value))


def _wrong_option(name: str, expected: str, given: Any) -> str:
    shown = _output.safe_str(given)
    return f"The option `{name}` takes {expected}, and was given {shown!r} ({type(given).__name__})"


def require(session: Session, feature: str, called: str) -> None:
    """Raise an Exception if the deployment does not understand *feature* (§3.4)."""
    if session.monitor is not None and not session.supports(feature):
        raise Exception(  # noqa: TRY002 # §3.4 promises the plain class
            f"This deployment's engine does not support {called}. Update it to use this feature"
        )


def aliases(
    look: Serializer, resource: Resource, given: Any, name: str, type_: str, parent: Resource | None
) -> tuple[Alias, ...]:
    """The former addresses of a resource: as specs, or as URNs for engines without specs (§4.3)."""
    if not look.session.supports("aliasSpecs") and look.session.monitor is not None:
        from stackwright.sdk._alias_urns import alias_urns

        return alias_urns(look, resource, given, name, type_, parent)
    found: list[Alias] = []
    for item in given:
        known = look.settled(item)
        if known is None or not known._known or known._value is None:
            continue
        alias = known._value
        if isinstance(alias, str):
            found.append(Urn(alias))
        else:
            found.append(alias_spec(look, alias))
    return tuple(found)


def alias_spec(look: Serializer, alias: Any) -> AliasSpec:
    """One `Alias` in parts; what was left out stays empty."""
    parts: dict[str, Any] = {}
    for part, attribute in (("name", "name"), ("type", "type_"), ("stack", "stack"), ("project", "project")):
        value = getattr(alias, attribute)
        if value is not ... and value is not None:
            known = look.settled(value)
            if known is not None and known._value is not None:
                parts[part] = known._value
    if alias.parent is None:
        parts["no_parent"] = True
    elif alias.parent is not ...:
        if isinstance(alias.parent, ResourceBase):
            parts["parent"] = look.urn_of(alias.parent)
        else:
            known = look.settled(alias.parent)
            parts["parent"] = Urn(known._value) if known is not None and known._value else None
    return AliasSpec(**parts)
