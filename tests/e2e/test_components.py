"""
Components that a provider's process builds (protocol.md §8.14, §8.15; engine.md E69, E77, E94).

One plugin is Python, under the genuine component host and under ours; the other is built on the
genuine Go framework. The program is ours, in the process of the engine.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from support import genuine, goplugin
from support.commands import Room
from support.ledger import Ledger

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SITE = """
    from typing import Optional, TypedDict

    import pulumi
    import pulumi_random as random
    from pulumi.provider.experimental import component_provider_host


    class SiteArgs(TypedDict):
        prefix: pulumi.Input[str]
        fail: Optional[pulumi.Input[bool]]


    class Site(pulumi.ComponentResource):
        name: pulumi.Output[str]
        token: pulumi.Output[str]

        def __init__(self, name: str, args: SiteArgs, opts: Optional[pulumi.ResourceOptions] = None):
            super().__init__("sites:index:Site", name, {}, opts)
            if args.get("fail"):
                raise ValueError("no site today")
            below = pulumi.ResourceOptions(parent=self)
            pet = random.RandomPet(f"{name}-pet", prefix=args["prefix"], opts=below)
            password = random.RandomPassword(f"{name}-password", length=12, opts=below)
            self.name = pet.id
            self.token = password.result
            self.register_outputs({"name": self.name, "token": self.token})


    component_provider_host(name="sites", components=[Site])
"""

PROGRAM = """
    import pulumi
    import pulumi_random as random


    class Site(pulumi.ComponentResource):
        name: pulumi.Output[str]
        token: pulumi.Output[str]

        def __init__(self, name, opts=None, **inputs):
            inputs = {**inputs, "name": None, "token": None}
            super().__init__("sites:index:Site", name, inputs, opts, remote=True)


    first = random.RandomPet("first")
    site = Site("site", prefix=first.id)
    random.RandomInteger("after", min=1, max=5, opts=pulumi.ResourceOptions(depends_on=[site]))
    pulumi.export("name", site.name)
    pulumi.export("token", site.token)
"""


@pytest.fixture(params=["ours", "genuine"])
def sites(tmp_path: Path, request: pytest.FixtureRequest) -> Room:
    """A project whose component package lies beside the program, as source, under either host."""
    if importlib.util.find_spec("pulumi_random") is None:
        pytest.skip("the genuine pulumi_random is not installed")
    room = Room(tmp_path, PROGRAM)
    room.write("Pulumi.yaml", "name: shop\nruntime: python\npackages:\n  sites: ./sites\n")
    descriptor = "runtime: python\n"
    if request.param == "genuine":
        environment = genuine.interpreter("pulumi_random==4.21.4").parent.parent
        descriptor = f"runtime:\n  name: python\n  options:\n    virtualenv: {environment}\n"
    room.write("sites/PulumiPlugin.yaml", descriptor)
    room.write("sites/__main__.py", SITE)
    return room.init()


def line_of_the_site(room: Room) -> int:
    """The line of the program that asks for the component."""
    lines = (room.project / "__main__.py").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith("site = "))


class TestHosts:
    """A component written for the component host, used from our engine."""

    def test_its_life(self, sites: Room) -> None:
        """Previewed, built, unchanged and destroyed, with its parts below it and its secret kept."""
        preview = sites.ok("preview")
        assert "site-pet" in preview
        assert "+ 6 to create" in preview

        sites.up()
        resources = {resource["urn"].rpartition("::")[2]: resource for resource in sites.resources()}
        site = resources["site"]
        assert site["type"] == "sites:index:Site"
        assert resources["site-pet"]["parent"] == site["urn"]
        assert resources["first"]["urn"] in resources["site-pet"]["dependencies"]
        assert site["urn"] in resources["after"]["dependencies"]
        outputs = sites.outputs()
        assert outputs["name"] == resources["site-pet"]["id"]
        assert outputs["token"] == json.loads(resources["site-password"]["outputs"]["result"]["plaintext"])
        assert outputs["token"] not in sites.ok("stack", "output")
        descriptor = (sites.project / "sites" / "PulumiPlugin.yaml").read_text(encoding="utf-8")
        if "virtualenv" not in descriptor:  # the genuine host does not pass on where its work came from
            asked_at = {"sourcePosition": f"project:///__main__.py#{line_of_the_site(sites)}"}
            assert site["stackTrace"][0] == resources["site-pet"]["stackTrace"][0] == asked_at
            assert resources["site-pet"]["sourcePosition"].startswith("project:///sites/__main__.py#")

        assert "6 unchanged" in sites.up()
        sites.ok("destroy", "--yes")
        assert sites.resources() == []

    def test_transforms_of_the_program(self, sites: Room) -> None:
        """
        What the program declared for the component reaches the parts that another process makes (E69).

        A transform of the stack that comes later does not (sdk.md §12.2).
        """
        sites.program(
            PROGRAM.replace(
                'site = Site("site", prefix=first.id)',
                "def longer(args):\n"
                '        if args.type_ == "random:index/randomPassword:RandomPassword":\n'
                '            return pulumi.ResourceTransformResult({**args.props, "length": 33}, args.opts)\n'
                "    def shorter(args):\n"
                "        if longer(args):\n"
                '            return pulumi.ResourceTransformResult({**args.props, "length": 7}, args.opts)\n'
                '    site = Site("site", pulumi.ResourceOptions(transforms=[longer]), prefix=first.id)\n'
                "    pulumi.runtime.register_resource_transform(shorter)",
            )
        )
        sites.up()
        assert len(sites.outputs()["token"]) == 33

    def test_it_fails(self, sites: Room) -> None:
        """The component's own error is shown, with which component it was; nothing else is lost."""
        sites.program(PROGRAM.replace("prefix=first.id", "prefix=first.id, fail=True"))
        done = sites.run("up", "--yes", "--skip-preview")

        assert done.status != 0
        assert "could not construct sites:index:Site `site`" in done.text
        assert "no site today" in done.text
        program = sites.project / "__main__.py"
        assert f'File "{program}", line {line_of_the_site(sites)}' in done.text  # protocol.md §10.12


DESK = """
    import sys

    import pulumi
    import pulumi_random as random
    from pulumi import provider
    from pulumi.provider.provider import InvokeResult


    class Desk(pulumi.ComponentResource):
        def __init__(self, name, inputs, opts):
            super().__init__("desks:index:Desk", name, {}, opts)
            word = pulumi.Config("shop").get("word") or "words"
            words = pulumi.runtime.invoke("desks:index:words", {"of": name, "word": word}).value
            hooks = pulumi.ResourceHookBinding(
                before_delete=[pulumi.ResourceHook(f"{name}-goodbye", self.goodbye)]
            )
            self.pet = random.RandomPet(
                f"{name}-pet", prefix=words["said"], opts=pulumi.ResourceOptions(parent=self, hooks=hooks)
            )
            self.register_outputs({})

        @staticmethod
        def goodbye(args):
            with open(sys.path[0] + "/goodbye", "a") as file:
                file.write(args.name)


    class Desks(provider.Provider):
        def construct(self, name, resource_type, inputs, options=None):
            desk = Desk(name, inputs, options)
            key = pulumi.Output.secret("hush")
            return provider.ConstructResult(desk.urn, {"pet": desk.pet.id, "key": key})

        def call(self, token, args):
            return provider.CallResult({"said": pulumi.Output.concat(args["greeting"], " from the desk")})

        def invoke(self, token, args):
            return InvokeResult({"said": f"{args['word']}-of-{args['of']}"})


    if __name__ == "__main__":
        provider.main(Desks("1.0.0"), sys.argv[1:])
"""

DESK_PROGRAM = """
    import pulumi


    class Desk(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("desks:index:Desk", name, {"pet": None, "key": None}, remote=True)

        def describe(self, **arguments):
            return pulumi.runtime.call("desks:index:Desk/describe", {"__self__": self, **arguments}, self)


    desks = [Desk(f"desk{number}") for number in range(3)]
    pulumi.export("pets", [desk.pet for desk in desks])
    pulumi.export("key", desks[0].key)
    pulumi.export("words", desks[0].describe(greeting="hi"))
    found = pulumi.runtime.invoke("desks:index:words", {"of": "me", "word": "w"})
    pulumi.export("asked", found.value["said"])
"""


def test_a_package_of_ours(tmp_path: Path) -> None:
    """
    Components, methods and functions of `pulumi.provider`, under our host and our engine.

    The component blocks for a function that its own process answers, and has a hook that is
    called when the component has long been made.
    """
    if importlib.util.find_spec("pulumi_random") is None:
        pytest.skip("the genuine pulumi_random is not installed")
    room = Room(tmp_path, DESK_PROGRAM)
    room.write("Pulumi.yaml", "name: shop\nruntime: python\npackages:\n  desks: ./desks\n")
    room.write("desks/PulumiPlugin.yaml", "runtime: python\n")
    room.write("desks/__main__.py", DESK)
    room.init()

    room.ok("preview")
    room.up()
    outputs = room.outputs()
    for number, pet in enumerate(outputs["pets"]):
        assert pet.startswith(f"words-of-desk{number}-")
    assert outputs["key"] == "hush"
    assert str(outputs["words"]).count("hi from the desk") == 1
    assert outputs["asked"] == "w-of-me"
    assert "unchanged" in room.up()

    room.ok("config", "set", "word", "other")
    room.up()
    assert room.outputs()["pets"][2].startswith("other-of-desk2-")
    assert (room.project / "desks" / "goodbye").read_text().count("desk") == 3


PACKAGE = """
    from typing import TypedDict

    import pulumi


    class NoteArgs(TypedDict):
        note_text: pulumi.Input[str]


    class Note(pulumi.ComponentResource):
        shouted: pulumi.Output[str]

        def __init__(self, name: str, args: NoteArgs, opts: pulumi.ResourceOptions | None = None):
            super().__init__("my-notes:index:Note", name, {}, opts)
            self.shouted = pulumi.Output.from_input(args["note_text"]).apply(str.upper)
            self.register_outputs({"shouted": self.shouted})
"""


@pytest.mark.parametrize("place", ["my_notes", "src/my_notes"])
def test_a_package_without_a_program(tmp_path: Path, place: str) -> None:
    """protocol.md §13.6: the components of the package that `pyproject.toml` names."""
    room = Room(
        tmp_path,
        """
        import pulumi

        class Note(pulumi.ComponentResource):
            def __init__(self, name, **inputs):
                super().__init__("my-notes:index:Note", name, {**inputs, "shouted": None}, None, remote=True)

        pulumi.export("shouted", Note("note", noteText="hello").shouted)
        """,
    )
    room.write("Pulumi.yaml", "name: shop\nruntime: python\npackages:\n  my-notes: ./notes\n")
    room.write("notes/PulumiPlugin.yaml", "runtime: python\n")
    room.write("notes/pyproject.toml", '[project]\nname = "my-notes"\nversion = "1.0.0"\n')
    room.write(f"notes/{place}/__init__.py", PACKAGE)
    room.init()

    room.up()
    assert room.outputs()["shouted"] == "HELLO"


BUNDLE = """
    import pulumi


    class Bundle(pulumi.ComponentResource):
        total: pulumi.Output[int]

        def __init__(self, name, opts=None, **inputs):
            super().__init__("ledger:index:Bundle", name, {**inputs, "total": None}, opts, remote=True)

        def describe(self, **arguments):
            return pulumi.runtime.call(
                "ledger:index:Bundle/describe", {"__self__": self, **arguments}, self
            )


    bundle = Bundle("bundle", count=3, value=pulumi.Output.secret("hidden"))
    pulumi.export("total", bundle.total)
    pulumi.export("words", bundle.describe(greeting="hi"))
"""


def test_go_framework(tmp_path: Path) -> None:
    """A component and a method of a plugin that is built on the genuine Go framework."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    room = Room(tmp_path, BUNDLE, LEDGER_PATH=str(tmp_path / "ledger.jsonl"), LEDGER_FSYNC="0")
    goplugin.plugins(tmp_path / "home" / "stackwright" / "plugins", names=["ledger"])
    room.init()

    room.up()
    names = [resource["urn"].rpartition("::")[2] for resource in room.resources()]
    assert sorted(names) == ["bundle", "bundle-0", "bundle-1", "bundle-2"]
    assert len(ledger.objects()) == 3
    assert room.outputs()["total"] == 3
    assert "hi from" in str(room.outputs()["words"])
    assert "unchanged" in room.up()
    room.ok("destroy", "--yes")
    assert ledger.objects() == {}
