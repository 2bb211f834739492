"""Components of every kind, as the users of either SDK would write them."""

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_random
from pulumi.provider.experimental import component_provider_host


class Thing(pulumi.CustomResource):
    made: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None):
        super().__init__("things:index:Thing", name, {**props, "made": None}, opts)


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Port(TypedDict):
    """A port."""

    port_number: pulumi.Input[int]
    """Its number."""
    open_to: NotRequired[pulumi.Input[list[str]]]


@dataclass
class Plan:
    """A plan."""

    plan_size: Size
    extra_ports: dict[str, Port] | None = None


class SiteArgs(TypedDict):
    host_name: pulumi.Input[str]
    """Where it is."""
    size: NotRequired[pulumi.Input[Size]]
    ports: pulumi.Input[list[pulumi.Input[Port]]]
    plan: NotRequired[Plan]
    copies: int
    ratio: NotRequired[float]
    anything: NotRequired[pulumi.Input[Any]]
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]


class Site(pulumi.ComponentResource):
    """A site."""

    address: pulumi.Output[str]
    """Where it can be found."""
    things_made: pulumi.Output[list[str]]
    main_port: pulumi.Output[Port]
    size: pulumi.Output[Size]
    first: pulumi.Output[str]

    def __init__(self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("workshop:index:Site", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self)
        things = [
            Thing(
                f"{name}-{number}",
                {
                    "host": args["host_name"],
                    "ports": args["ports"],
                    "labels": args.get("labels"),
                    "anything": args.get("anything"),
                    "size": getattr(args.get("size"), "value", None),
                    "ratio": args.get("ratio"),
                },
                below,
            )
            for number in range(int(args["copies"]))
        ]
        plan = args.get("plan")
        if plan is not None:
            Thing(f"{name}-plan", {"plan": plan["plan_size"].value, "ports": plan.get("extra_ports")}, below)

        def inside(made: str) -> str:
            Thing(f"{name}-inside", {"of": made, "stack": pulumi.get_stack()}, below)
            return f"https://{made}"

        async def later(made: str) -> str:
            await asyncio.sleep(0)
            Thing(f"{name}-later", {"of": made, "dry": pulumi.runtime.is_dry_run()}, below)
            return made

        self.address = things[0].made.apply(inside)
        self.first = things[0].made.apply(later)
        self.things_made = pulumi.Output.all(*(thing.made for thing in things))
        self.main_port = pulumi.Output.from_input(args["ports"]).apply(lambda ports: ports[0])
        if args.get("size"):
            self.size = pulumi.Output.from_input(args["size"])
        self._never, _ = pulumi.deferred_output()  # nobody waits for it
        self.register_outputs({"address": self.address})


class FilesArgs(TypedDict):
    one: pulumi.Input[pulumi.Asset]
    archive: pulumi.Archive | None
    pet: NotRequired[pulumi.Input[pulumi_random.RandomPet]]
    pets: NotRequired[list[pulumi_random.RandomPet]]


class Files(pulumi.ComponentResource):
    one: pulumi.Output[pulumi.Asset]
    archive: pulumi.Output[pulumi.Archive] | None
    pet: pulumi.Output[pulumi_random.RandomPet] | None
    thing_name: pulumi.Output[str]

    def __init__(self, name: str, args: FilesArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("workshop:index:Files", name, {}, opts)
        thing = Thing(
            f"{name}-thing",
            {"one": args["one"], "archive": args.get("archive"), "pets": args.get("pets")},
            pulumi.ResourceOptions(parent=self, depends_on=args.get("pets")),
        )
        self.one = pulumi.Output.from_input(args["one"])
        if args.get("archive") is not None:
            self.archive = pulumi.Output.from_input(args["archive"])
        if args.get("pet") is not None:
            self.pet = pulumi.Output.from_input(args["pet"])
        self.thing_name = thing.made
        self.register_outputs({})


class Nothing(TypedDict):
    mood: NotRequired[str]


class Configured(pulumi.ComponentResource):
    seen: pulumi.Output[str]
    secret: pulumi.Output[str]
    answer: pulumi.Output[float]

    def __init__(self, name: str, args: Nothing, opts: pulumi.ResourceOptions | None = None):
        super().__init__("workshop:index:Configured", name, {}, opts)
        config = pulumi.Config("workshop")
        where = [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()]
        self.seen = pulumi.Output.from_input("/".join([*where, config.get("word") or "none"]))
        self.secret = config.get_secret("hidden") or pulumi.Output.secret("made up")
        found = pulumi.runtime.invoke("workshop:index:answer", {"of": name}).value
        self.answer = pulumi.Output.from_input(found["answer"])
        pulumi.log.info(f"{name} is there", self)
        self.register_outputs({"seen": self.seen})


class Parent(pulumi.ComponentResource):
    child_seen: pulumi.Output[str]

    def __init__(self, name: str, args: Nothing, opts: pulumi.ResourceOptions | None = None):
        super().__init__("workshop:index:Parent", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name="old-child")])
        child = Configured(f"{name}-child", {}, below)
        Thing(
            f"{name}-thing",
            {"a": 1},
            pulumi.ResourceOptions(
                parent=child,
                ignore_changes=["a"],
                additional_secret_outputs=["made"],
                custom_timeouts=pulumi.CustomTimeouts(create="300s"),
                provider=pulumi.ProviderResource("things", f"{name}-things", {}, below),
            ),
        )
        self.child_seen = child.seen
        self.register_outputs({})


class Fails(pulumi.ComponentResource):
    def __init__(self, name: str, args: Nothing, opts: pulumi.ResourceOptions | None = None):
        super().__init__("workshop:index:Fails", name, {}, opts)
        if args.get("mood") == "one":
            raise pulumi.InputPropertyError("mood", "is one")
        if args.get("mood") == "many":
            raise pulumi.InputPropertiesError(
                "moods",
                [{"property_path": "mood", "reason": "is many"}, {"property_path": "a[0]", "reason": "no"}],
            )
        if args.get("mood") == "later":
            thing = Thing(f"{name}-thing", {}, pulumi.ResourceOptions(parent=self))
            thing.made.apply(lambda _: 1 // 0)
            return
        if args.get("mood") == "run":
            raise pulumi.RunError("no more")
        raise ValueError("not today")


component_provider_host(
    [Site, Files, Configured, Parent, Fails], "workshop", namespace="tools", version="1.2.3"
)
