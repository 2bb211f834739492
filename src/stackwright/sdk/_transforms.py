"""
Transforms between the program and the deployment (sdk.md §12.2).

The deployment asks with values; the program's functions get objects of the SDK and
run on its own thread; what they answer goes back as values. The same function always
becomes the same callback, so that whoever serves callbacks can give it one token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from stackwright.diagnostics import Severity
from stackwright.goals import (
    Alias,
    AliasSpec,
    InvokeTransformArgs,
    ResourceOptions,
    TransformArgs,
    TransformResult,
)
from stackwright.reply import Reply
from stackwright.sdk import _registration
from stackwright.sdk._hooks import bag, hook_names
from stackwright.sdk._registration import Submission, custom_timeouts, depends_on, provider_reference
from stackwright.sdk._serialize import Serializer
from stackwright.sdk._session import Session
from stackwright.values import PropertyMap, reduce_outputs


def resource_transform(
    session: Session, transform: Callable[[Any], Any]
) -> Callable[[TransformArgs], Awaitable[TransformResult]]:
    """The callback that the deployment calls for *transform*."""
    session.turns.listen()
    key = ("transform", transform)
    known = session.package_refs.get(key)
    if known is None:

        def asked(args: TransformArgs) -> Reply[TransformResult]:
            return session.turns.ask(lambda: _transform(session, transform, args))

        asked.stackwright_function = transform  # type: ignore[attr-defined] # for monitors that only record it
        known = session.package_refs[key] = asked
    return known


def invoke_transform(
    session: Session, transform: Callable[[Any], Any]
) -> Callable[[InvokeTransformArgs], Awaitable[InvokeTransformArgs | None]]:
    """The callback that the deployment calls for an invoke transform."""
    session.turns.listen()
    key = ("invoke transform", transform)
    known = session.package_refs.get(key)
    if known is None:

        def asked(args: InvokeTransformArgs) -> Reply[InvokeTransformArgs | None]:
            return session.turns.ask(lambda: _invoke_transform(session, transform, args))

        asked.stackwright_function = transform  # type: ignore[attr-defined] # for monitors that only record it
        known = session.package_refs[key] = asked
    return known


class _Answer(Submission):
    """An answer that is made of inputs: it may have to wait for outputs among them."""

    __slots__ = ("_build", "reply")

    action = "Answering a transform"

    def __init__(self, session: Session, build: Callable[[Serializer], Any]) -> None:
        super().__init__(session)
        self._build = build
        self.reply: Reply[Any] = Reply()

    def serializer(self) -> Serializer:
        return Serializer(self.session, self._memo, keep_outputs=True)

    def build(self, look: Serializer) -> Any:
        return self._build(look)

    def send(self, request: Any) -> None:
        self.reply.answer(request)

    def failed(self, error: BaseException) -> None:
        self.reply.fail(error)


def _answer(session: Session, build: Callable[[Serializer], Any]) -> Any:
    answer = _Answer(session, build)
    answer.start()
    return answer.reply.result() if answer.reply.done else answer.reply


def _continue(result: Any, then: Callable[[Any], Any]) -> Any:
    if not isawaitable(result):
        return then(result)

    async def awaited() -> Any:
        answer = then(await result)
        return await answer if isawaitable(answer) else answer

    return awaited()


# Resources ----------------------------------------------------------------------------------------


def _transform(session: Session, transform: Callable[[Any], Any], args: TransformArgs) -> Any:
    from stackwright.sdk.resource import ResourceTransformArgs

    opts = options_for_program(session, args)
    parent = opts.parent
    result = transform(
        ResourceTransformArgs(
            custom=args.custom,
            type_=args.type,
            name=args.name,
            props=bag(session, args.properties) or {},
            opts=opts,
        )
    )

    def changed(result: Any) -> Any:
        if result is None:
            return TransformResult()
        if result.opts is not None and result.opts.parent not in (None, parent):
            session.log(
                Severity.WARNING,
                f"A transform of `{args.name}` named another parent; transforms cannot change it: "
                "it is as the program says",
            )

        def build(look: Serializer) -> TransformResult:
            return TransformResult(
                properties=_bag(look, result.props),
                options=None if result.opts is None else options_for_deployment(look, result.opts, args),
            )

        return _answer(session, build)

    return _continue(result, changed)


def _bag(look: Serializer, props: Mapping[str, Any]) -> PropertyMap:
    found, _ = look.bag(props, None)
    return found


def options_for_program(session: Session, args: TransformArgs) -> Any:
    """The options of a registration as a transform sees them: only what is set (§12.2)."""
    from stackwright.sdk.resource import (
        CustomTimeouts,
        DependencyProviderResource,
        DependencyResource,
    )
    from stackwright.sdk.resource import ResourceOptions as Options

    given = args.options
    opts = Options()
    if args.parent:
        opts.parent = DependencyResource(args.parent)
    if given.depends_on:
        opts.depends_on = [DependencyResource(urn) for urn in given.depends_on]
    for name in ("protect", "delete_before_replace", "retain_on_delete"):
        value = getattr(given, name)
        if value is not None:
            setattr(opts, name, value)
    for name in ("ignore_changes", "replace_on_changes", "additional_secret_outputs", "hide_diffs"):
        value = getattr(given, name)
        if value:
            setattr(opts, name, list(value))
    if given.version:
        opts.version = given.version
    if given.plugin_download_url:
        opts.plugin_download_url = given.plugin_download_url
    if given.import_id:
        opts.import_ = given.import_id
    if given.aliases:
        opts.aliases = [_alias(alias) for alias in given.aliases]
    if given.provider:
        opts.provider = DependencyProviderResource(given.provider)
    if given.providers:
        opts.providers = {p: DependencyProviderResource(ref) for p, ref in given.providers.items()}
    timeouts = given.custom_timeouts
    if timeouts:
        opts.custom_timeouts = CustomTimeouts(
            *(f"{s:g}s" if s else None for s in (timeouts.create, timeouts.update, timeouts.delete))
        )
    if given.deleted_with:
        opts.deleted_with = DependencyResource(given.deleted_with)
    if given.replace_with:
        opts.replace_with = [DependencyResource(urn) for urn in given.replace_with]
    if given.replacement_trigger is not None:
        opts.replacement_trigger = (bag(session, {"trigger": given.replacement_trigger}) or {})["trigger"]
    if given.hooks:
        opts.hooks = _binding(given.hooks)
    if given.env_var_mappings:
        opts.env_var_mappings = dict(given.env_var_mappings)
    return opts


def _alias(alias: Alias) -> Any:
    from stackwright.sdk.resource import Alias as ProgramAlias

    if not isinstance(alias, AliasSpec):
        return str(alias)
    found = ProgramAlias()
    for part, attribute in (("name", "name"), ("type", "type_"), ("stack", "stack"), ("project", "project")):
        value = getattr(alias, part)
        if value:
            setattr(found, attribute, value)
    if alias.no_parent:
        found.parent = None
    elif alias.parent:
        found.parent = alias.parent
    return found


class _NamedHook:
    """A hook that the deployment knows: transforms see its name only."""

    def __init__(self, name: str) -> None:
        self.name = name


def _binding(hooks: Mapping[Any, tuple[str, ...]]) -> Any:
    from stackwright.sdk._hooks import _KINDS
    from stackwright.sdk.resource_hooks import ErrorHook, ResourceHook, ResourceHookBinding

    binding = ResourceHookBinding()
    for attribute, kind in _KINDS.items():
        names = hooks.get(kind)
        if names:
            cls: Any = ErrorHook if attribute == "on_error" else ResourceHook
            found = []
            for name in names:
                hook = cls.__new__(cls)  # already registered: the constructor would do so again
                hook.name = name
                found.append(hook)
            setattr(binding, attribute, found)
    return binding


def options_for_deployment(look: Serializer, opts: Any, args: TransformArgs) -> ResourceOptions:
    """The options that a transform answered with, complete: what it left out is not set (§12.2)."""
    found: dict[str, Any] = {
        "depends_on": tuple(sorted(look.urns_of(depends_on(look, opts.depends_on)))),
        # What properties depend on is inside them, as output values.
        "property_dependencies": args.options.property_dependencies,
        "protect": opts.protect,
        "delete_before_replace": opts.delete_before_replace,
        "retain_on_delete": opts.retain_on_delete,
        "ignore_changes": tuple(opts.ignore_changes or ()),
        "replace_on_changes": tuple(opts.replace_on_changes or ()),
        "additional_secret_outputs": tuple(opts.additional_secret_outputs or ()),
        "hide_diffs": tuple(opts.hide_diffs or ()),
        "version": opts.version or "",
        "plugin_download_url": opts.plugin_download_url or "",
        "plugin_checksums": args.options.plugin_checksums,
        "import_id": opts.import_ or "",
    }
    if opts.aliases:
        known = [look.settled(alias) for alias in opts.aliases]
        found["aliases"] = tuple(
            alias._value if isinstance(alias._value, str) else _registration.alias_spec(look, alias._value)
            for alias in known
            if alias is not None and alias._value is not None
        )
    if opts.provider is not None:
        found["provider"] = provider_reference(look, opts.provider)
    if opts.providers:
        providers = (
            opts.providers if isinstance(opts.providers, Mapping) else {p.package: p for p in opts.providers}
        )
        found["providers"] = {package: provider_reference(look, p) for package, p in providers.items()}
    if opts.custom_timeouts is not None:
        found["custom_timeouts"] = custom_timeouts(opts.custom_timeouts)
    if opts.deleted_with is not None:
        found["deleted_with"] = look.urn_of(opts.deleted_with)
    if opts.replace_with:
        found["replace_with"] = tuple(urn for r in opts.replace_with if (urn := look.urn_of(r)))
    if opts.replacement_trigger is not None:
        found["replacement_trigger"] = reduce_outputs(look.value(opts.replacement_trigger))
    if opts.hooks is not None:
        found["hooks"] = hook_names(look.session, opts.hooks, f"{args.type}_{args.name}")
    if opts.env_var_mappings:
        found["env_var_mappings"] = dict(opts.env_var_mappings)
    return ResourceOptions(**found)


# Functions ----------------------------------------------------------------------------------------


def _invoke_transform(session: Session, transform: Callable[[Any], Any], args: InvokeTransformArgs) -> Any:
    from stackwright.sdk.invoke import InvokeOptions
    from stackwright.sdk.invoke import InvokeTransformArgs as Args
    from stackwright.sdk.resource import DependencyProviderResource

    opts = InvokeOptions(
        provider=DependencyProviderResource(args.provider) if args.provider else None,
        version=args.version or None,
        plugin_download_url=args.plugin_download_url or None,
    )
    result = transform(Args(token=args.token, args=bag(session, args.args) or {}, opts=opts))

    def changed(result: Any) -> Any:
        if result is None:
            return None

        def build(look: Serializer) -> InvokeTransformArgs:
            given = opts if result.opts is None else result.opts
            return InvokeTransformArgs(
                token=args.token,
                args=_bag(look, result.args),
                provider=provider_reference(look, given.provider) if given.provider is not None else "",
                version=given.version or "",
                plugin_download_url=given.plugin_download_url or "",
                plugin_checksums=args.plugin_checksums,
            )

        return _answer(session, build)

    return _continue(result, changed)


__all__ = ["invoke_transform", "options_for_deployment", "options_for_program", "resource_transform"]
