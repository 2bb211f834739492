"""
What becomes of each object of a Terraform state (terraform.md §11).

Asks providers to read what `terraform` recorded, and finds the inputs with which they plan
nothing. Nothing is created, changed, deleted or looked up in the cloud: providers upgrade
recorded states, validate and plan. What is recorded and written of it is decided elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from stackwright.moving._names import (
    BUILT_IN,
    Distinct,
    module_steps,
    provider_of,
    says_little,
    shown_key,
    stack_name,
    variable_name,
    without_keys,
)
from stackwright.moving._standing import Held, Object, Standing
from stackwright.moving._terraform_state import (
    IndexKey,
    Instance,
    Resource,
    TerraformState,
    TerraformStateError,
    is_there,
)
from stackwright.providers import CheckConfigRequest, ConfigureRequest, ProviderError
from stackwright.providers.terraform import AttributeName, AttributePath, ElementKey, TerraformProvider
from stackwright.providers.terraform._fitting import fitted, ignorable, terse
from stackwright.providers.terraform._stored import StoredObject, brought_in
from stackwright.providers.terraform.installed import BadAddressError
from stackwright.state import ResourceState
from stackwright.urn import Urn, child_urn, make_urn, urn_name
from stackwright.values import PropertyMap

if TYPE_CHECKING:
    from stackwright.goals import PackageRequest

Loading: TypeAlias = "Callable[[PackageRequest], Awaitable[TerraformProvider]]"
"""How a provider instance is had."""

ROOT_TYPE: Final = "pulumi:pulumi:Stack"
_AT_ONCE: Final = 10


class ProviderUse(msgspec.Struct, frozen=True, order=True):
    """A provider and one of its configurations; the usual one is called nothing."""

    address: str
    configuration: str = ""

    @property
    def type(self) -> str:
        return self.address.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.address} ({self.configuration})" if self.configuration else self.address


class MovedResource(msgspec.Struct, frozen=True, kw_only=True):
    """
    One object that is brought in.

    Attributes:
        address: Terraform's, with the instance's key.
        group: The same without any keys: what dependencies are written with.
        module: The modules that it is in, outermost first, each with its instance's key.
        depends_on: Groups that Terraform says it depends on.
        standing: What the stack has of it already.
        goes_first: Whether it is about to be replaced, and Terraform would delete it first.
        differs: What a preview would still show, if that is known.
        ignored: Where the program is to ignore changes, which its provider plans whatever is said.
    """

    address: str
    group: str
    module: tuple[tuple[str, str], ...] = ()
    key: IndexKey
    type: str
    name: str
    variable: str
    urn: Urn
    provider: ProviderUse
    id: str
    inputs: PropertyMap
    outputs: PropertyMap
    depends_on: tuple[str, ...] = ()
    tainted: bool = False
    deposed: bool = False
    standing: Standing = Standing.NEW
    goes_first: bool = False
    differs: str = ""
    ignored: tuple[str, ...] = ()


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something of the state that is not brought in, and why.

    Attributes:
        is_lost: Whether Terraform manages something there that the stack does not from now on.
        urn: What it would have been in the stack, if that much is known.
    """

    address: str
    reason: str
    is_lost: bool = True
    urn: Urn | None = None


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the stack has of a state from now on, in dependency order; what is not brought in; and what
    else there is to say.

    `left` are resources that came into the stack from this state, and of which it has nothing by now. With
    `protect` all that is current is protected from then on.
    """

    resources: tuple[MovedResource, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()
    left: tuple[Urn, ...] = ()
    protect: bool = False

    @property
    def current(self) -> tuple[MovedResource, ...]:
        """Those that a program declares."""
        return tuple(each for each in self.resources if not each.deposed)

    @property
    def fresh(self) -> tuple[MovedResource, ...]:
        """Those that are brought in."""
        return self.of(Standing.NEW)

    @property
    def recorded(self) -> tuple[MovedResource, ...]:
        """Those of which something is written down: what is brought in, and what Terraform changed since."""
        return tuple(each for each in self.resources if each.standing.is_recorded)

    @property
    def lost(self) -> tuple[Skipped, ...]:
        """What Terraform manages, and the stack will not."""
        return tuple(each for each in self.skipped if each.is_lost)

    @property
    def uses(self) -> tuple[ProviderUse, ...]:
        """The providers and configurations of what is recorded."""
        return tuple(sorted({each.provider for each in self.recorded}))

    def of(self, standing: Standing) -> tuple[MovedResource, ...]:
        return tuple(each for each in self.resources if each.standing is standing)


def root_urn(stack: str, project: str) -> Urn:
    """The URN of the stack's own resource."""
    return make_urn(stack, project, "", ROOT_TYPE, f"{project}-{stack}")


def provider_uses(state: TerraformState) -> tuple[ProviderUse, ...]:
    """
    The providers and configurations that the managed resources of *state* need, sorted.

    Raises:
        TerraformStateError: A resource's provider has no address that can be read.
    """
    found = {
        use
        for each in state.resources
        if each.is_managed and each.instances and not (use := _use(each)).address.startswith(BUILT_IN)
    }
    return tuple(sorted(found))


def _use(resource: Resource) -> ProviderUse:
    try:
        return ProviderUse(*provider_of(resource.provider))
    except BadAddressError as error:
        raise TerraformStateError(
            f"{resource.address}: its provider is no address: {error.message}"
        ) from None


class Opener:
    """Opens provider instances; *configurations* are the inputs that each is configured with."""

    def __init__(
        self,
        load: Loading,
        requests: Mapping[str, PackageRequest],
        configurations: Mapping[ProviderUse, PropertyMap],
    ) -> None:
        self._load = load
        self._requests = requests
        self._configurations = configurations

    async def open(self, use: ProviderUse, urn: Urn) -> tuple[TerraformProvider, str]:
        """An instance, and why it could not be configured, if so."""
        provider = await self._load(self._requests[use.address])
        inputs = self._configurations.get(use, {})
        try:
            checked = await provider.check_config(CheckConfigRequest(urn=urn, olds={}, news=inputs))
            if checked.failures:
                return provider, "; ".join(f"{each.property}: {each.reason}" for each in checked.failures)
            await provider.configure(ConfigureRequest(urn=urn, id="moving", inputs=checked.inputs))
            await provider.configured()
        except ProviderError as error:
            return provider, error.message
        return provider, ""


class _Named(msgspec.Struct, frozen=True):
    resource: Resource
    instance: Instance
    use: ProviderUse
    name: str
    variable: str

    @property
    def address(self) -> str:
        return self.resource.address + shown_key(self.instance.index_key)

    @property
    def group(self) -> str:
        """What others name when they depend on it."""
        return self._in_module(f"{self.resource.type}.{self.resource.name}")

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The groups that it depends on."""
        legacy = tuple(map(self._in_module, self.instance.depends_on))
        return tuple(self.instance.dependencies) or legacy

    def _in_module(self, address: str) -> str:
        module = without_keys(self.resource.module)
        return f"{module}.{address}" if module else address


async def adopt(
    state: TerraformState,
    opener: Opener,
    *,
    stack: str,
    project: str,
    held: Iterable[ResourceState] = (),
    missing: Mapping[str, str] | None = None,
) -> Adoption:
    """
    Have the providers read everything in *state*; *held* is what the stack has already.

    *missing* are the addresses of providers that cannot be had, and why.

    Raises:
        ProviderError: A provider cannot be started. What one of them cannot read is skipped.
    """
    root = root_urn(stack, project)
    skipped: list[Skipped] = []
    notes: list[str] = []
    named = _named(state, skipped, missing or {})
    providers: dict[ProviderUse, tuple[TerraformProvider, str]] = {}
    for use in sorted({each.use for each in named}):
        providers[use] = await opener.open(use, root)
        why_not = providers[use][1]
        if why_not:
            notes.append(
                f"The provider {use} could not be configured, so that its resources were not held against"
                f" the program: {why_not}"
            )
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(each: _Named) -> MovedResource | Skipped:
        provider, why_not = providers[each.use]
        async with limit:
            return await _moved(
                each,
                provider,
                stack=stack,
                project=project,
                plans=not why_not,
                untyped=not state.has_private,
                origin=state.origin,
            )

    found = await asyncio.gather(*(one(each) for each in named))
    skipped += [each for each in found if isinstance(each, Skipped)]
    moved, left = _settled(
        [each for each in found if isinstance(each, MovedResource)], Held(held, state.origin), skipped
    )
    return Adoption(
        resources=tuple(_in_order(moved)), skipped=tuple(skipped), notes=tuple(notes), left=tuple(left)
    )


def _settled(
    moved: Sequence[MovedResource], held: Held, skipped: list[Skipped]
) -> tuple[list[MovedResource], list[Urn]]:
    """*moved* as it stands to what the stack has, and what the stack has besides."""
    places = held.places(
        [
            Object(urn=each.urn, type=each.type, id=each.id, outputs=each.outputs, deposed=each.deposed)
            for each in moved
        ]
    )
    settled: list[MovedResource] = []
    for each, place in zip(moved, places, strict=True):
        name = urn_name(place.urn)
        if place.standing is Standing.OTHER:
            reason = (
                f"the stack has another object called {name}; if that is gone, `stackwright refresh` takes it"
                " out, and the next import brings this one in"
            )
            skipped.append(Skipped(address=each.address, reason=reason, urn=place.urn))
        else:
            settled.append(msgspec.structs.replace(each, urn=place.urn, name=name, standing=place.standing))
    there = [each.urn for each in settled] + [each.urn for each in skipped if each.urn is not None]
    return settled, held.left(there)


def _named(state: TerraformState, skipped: list[Skipped], missing: Mapping[str, str]) -> list[_Named]:
    """What can be brought in as far as the state tells, with names that are told apart."""
    names: dict[str, Distinct] = {}
    variables = Distinct(iter(("config", "json", "pulumi", *(use.type for use in provider_uses(state)))))
    kinds = _kinds(state)
    found: list[_Named] = []
    for resource in state.resources:
        if not resource.is_managed:
            what = "a data source" if resource.mode == "data" else f"a resource of mode {resource.mode}"
            reason = f"{what} has no state to keep"
            skipped.append(Skipped(address=resource.address, reason=reason, is_lost=False))
            continue
        use = _use(resource)
        if use.address.startswith(BUILT_IN):
            reason = "it is made by Terraform itself, without any provider"
            skipped.append(Skipped(address=resource.address, reason=reason, is_lost=False))
            continue
        if use.address in missing:
            skipped.append(Skipped(address=resource.address, reason=missing[use.address]))
            continue
        given: dict[IndexKey, tuple[str, str]] = {}
        for instance in sorted(resource.instances, key=lambda each: bool(each.deposed)):
            key = instance.index_key
            if key not in given:
                wanted = stack_name(resource.module, resource.name, key)
                name = names.setdefault(resource.type, Distinct()).name(wanted, separator="-")
                given[key] = name, variables.name(*_variables(resource, name, kinds), separator="_")
            found.append(_Named(resource, instance, use, *given[key]))
    return found


def _kinds(state: TerraformState) -> Mapping[str, set[str]]:
    """The types that objects of one name in the program are of."""
    found: dict[str, set[str]] = {}
    for each in state.resources:
        if each.is_managed:
            for instance in each.instances:
                name = variable_name(stack_name(each.module, each.name, instance.index_key))
                found.setdefault(name, set()).add(each.type)
    return found


def _variables(resource: Resource, name: str, kinds: Mapping[str, set[str]]) -> tuple[str, ...]:
    """What a person might call it: by its name, and by its type where that says too little."""
    kind = resource.type.partition("_")[2] or resource.type
    plain = variable_name(name)
    if says_little(resource.name):
        last = name.rpartition(resource.name)
        return variable_name(f"{last[0]}{kind}{last[2]}"), variable_name(f"{name}_{kind}")
    if len(kinds.get(plain, ())) > 1:
        return (variable_name(f"{name}_{kind}"),)
    return plain, variable_name(f"{name}_{kind}")


async def _moved(
    each: _Named,
    provider: TerraformProvider,
    *,
    stack: str,
    project: str,
    plans: bool,
    untyped: bool,
    origin: str,
) -> MovedResource | Skipped:
    resource, instance = each.resource, each.instance
    if not is_there(instance.attributes):
        older = instance.attributes_flat is not None
        reason = "it was written by Terraform 0.11" if older else "it has no attributes"
        return Skipped(address=each.address, reason=reason)
    token = provider.token(resource.type)
    if token is None:
        return Skipped(address=each.address, reason=f"this provider has no resource type {resource.type}")
    urn = child_urn(stack, project, root_urn(stack, project), token, each.name)
    sensitive = [_attribute_path(path) for path in instance.sensitive_paths()]
    whole = _stored(each)
    try:
        adopted = await provider.adopt(token, whole, urn, sensitive=sensitive, untyped=untyped)
        plans = plans and not instance.deposed
        inputs, differs = await fitted(provider, token, urn, adopted, plans=plans)
        ignored = await ignorable(provider, token, urn, adopted, inputs) if plans and differs else ()
        if plans and not differs:
            inputs = await terse(provider, token, urn, adopted, inputs)
        if instance.tainted:
            # Compared without the flag, which alone would have it replaced.
            tainted = msgspec.structs.replace(whole, tainted=True)
            adopted = await provider.adopt(token, tainted, urn, sensitive=sensitive, untyped=untyped)
    except ProviderError as error:
        return Skipped(address=each.address, reason=error.message, urn=urn)
    return MovedResource(
        address=each.address,
        group=each.group,
        module=module_steps(resource.module),
        key=instance.index_key,
        type=token,
        name=each.name,
        variable=each.variable,
        urn=urn,
        provider=each.use,
        id=adopted.id,
        inputs=inputs,
        outputs=brought_in(adopted.outputs, origin),
        depends_on=each.depends_on,
        tainted=instance.tainted,
        deposed=bool(instance.deposed),
        goes_first=instance.tainted and not instance.create_before_destroy,
        differs="" if ignored else differs,
        ignored=ignored,
    )


def _stored(each: _Named) -> StoredObject:
    instance = each.instance
    return StoredObject(
        provider=each.use.address,
        type=each.resource.type,
        schema_version=instance.schema_version,
        state=instance.attributes,
        private=instance.private,
        identity=bytes(instance.identity).decode() if is_there(instance.identity) else "",
        identity_version=instance.identity_schema_version,
    )


def _attribute_path(steps: Sequence[str | int]) -> AttributePath:
    """In Terraform's own paths names and keys of maps differ; both are found by what they are called."""
    return tuple(
        AttributeName(step) if isinstance(step, str) and not at else ElementKey(step)
        for at, step in enumerate(steps)
    )


# Order --------------------------------------------------------------------------------------------


def _in_order(resources: Sequence[MovedResource]) -> list[MovedResource]:
    """What others depend on first; otherwise as the state has them. A circle is left where it is."""
    groups: dict[str, list[MovedResource]] = {}
    for each in resources:
        groups.setdefault(each.group, []).append(each)
    done: list[MovedResource] = []
    seen: set[str] = set()

    def visit(group: str) -> None:
        waiting = [(group, iter(_needs(groups, group)))]
        seen.add(group)
        while waiting:
            at, needs = waiting[-1]
            below = next((each for each in needs if each in groups and each not in seen), None)
            if below is not None:
                seen.add(below)
                waiting.append((below, iter(_needs(groups, below))))
            else:
                done.extend(groups[at])
                waiting.pop()

    for group in groups:
        if group not in seen:
            visit(group)
    return done


def _needs(groups: Mapping[str, Sequence[MovedResource]], group: str) -> list[str]:
    return list(dict.fromkeys(need for each in groups[group] for need in each.depends_on))
