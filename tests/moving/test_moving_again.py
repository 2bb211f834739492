"""A state that comes again, after Terraform and the stack have both moved on (terraform.md §11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import tfproviders
from support.moving import empty_room
from support.terraform_command import TerraformProject

from stackwright.moving import Standing
from stackwright.moving._standing import Held, Object, Place
from stackwright.providers.terraform._stored import StoredObject, with_stored
from stackwright.state import ResourceState
from stackwright.urn import Urn, make_urn
from stackwright.values import PropertyMap

ID = "an-id-that-tells"


def urn(name: str, type_: str = "net:index:Vpc") -> Urn:
    return make_urn("dev", "shop", "", type_, name)


def outputs(attributes: dict[str, Any], *, tainted: bool = False, origin: str) -> PropertyMap:
    raw = msgspec.Raw(json.dumps({"cidr": "10", **attributes}).encode())
    stored = StoredObject(provider="r/a/net", type="net_vpc", state=raw, tainted=tainted, origin=origin)
    return with_stored({}, stored, secret=False)


def record(
    name: str, id_: str = ID, *, delete: bool = False, origin: str = "this", **attributes: Any
) -> ResourceState:
    """What the stack has; without an *origin*, as the stack itself has made or changed it."""
    return ResourceState(
        urn=urn(name),
        type="net:index:Vpc",
        custom=True,
        id=id_,
        outputs=outputs(attributes, origin=origin),
        delete=delete,
    )


def an_object(
    name: str, id_: str = ID, *, deposed: bool = False, tainted: bool = False, **attributes: Any
) -> Object:
    return Object(
        urn=urn(name),
        type="net:index:Vpc",
        id=id_,
        outputs=outputs(attributes, tainted=tainted, origin="this"),
        deposed=deposed,
    )


def places(*objects: Object, held: list[ResourceState]) -> list[tuple[Standing, str]]:
    found: list[Place] = Held(held, "this").places(objects)
    return [(each.standing, each.urn.rpartition("::")[2]) for each in found]


class TestStanding:
    def test_what_the_stack_has_as_it_is(self) -> None:
        assert places(an_object("a"), an_object("b", "other-id"), held=[record("a")]) == [
            (Standing.SAME, "a"),
            (Standing.NEW, "b"),
        ]

    def test_whose_word_counts(self) -> None:
        """Who changed it last: the stack never touched the one, and has updated the other."""
        assert places(an_object("a", cidr="11"), held=[record("a")]) == [(Standing.LATER, "a")]
        assert places(an_object("a", tainted=True), held=[record("a")]) == [(Standing.LATER, "a")]
        assert places(an_object("a", cidr="11"), held=[record("a", origin="")]) == [(Standing.OWN, "a")]
        assert places(an_object("a"), held=[record("a", origin="")]) == [(Standing.SAME, "a")]

    def test_another_object_by_the_same_name(self) -> None:
        """Terraform has replaced its own; of another state's it has to be told apart."""
        other = an_object("a", "another-id")
        assert places(other, held=[record("a")]) == [(Standing.LATER, "a")]
        assert places(other, held=[record("a", origin="")]) == [(Standing.OTHER, "a")]
        assert places(other, held=[record("a", origin="that")]) == [(Standing.NEW, "a-2")]
        none = an_object("a", "none", cidr="11")
        assert places(none, held=[record("a", "none", origin="that")]) == [(Standing.NEW, "a-2")]
        assert places(an_object("a", cidr="11"), held=[record("a", origin="that")]) == [(Standing.LATER, "a")]

    def test_what_is_called_otherwise_by_now_keeps_its_name(self) -> None:
        """A second record of one object would have the next update delete it under the old name."""
        assert places(an_object("new"), held=[record("old")]) == [(Standing.SAME, "old")]
        assert places(an_object("new", cidr="11"), held=[record("old")]) == [(Standing.LATER, "old")]
        swapped = places(
            an_object("a", "id-of-the-b"),
            an_object("b", "id-of-the-a"),
            held=[record("a", "id-of-the-a"), record("b", "id-of-the-b")],
        )
        assert swapped == [(Standing.SAME, "b"), (Standing.SAME, "a")]

    def test_ids_that_are_the_same_by_chance(self) -> None:
        """Short ones tell with everything else only; of several with one id none is chosen."""
        assert places(an_object("new", "7", cidr="11"), held=[record("old", "7")]) == [(Standing.NEW, "new")]
        assert places(an_object("new", "7"), held=[record("old", "7")]) == [(Standing.SAME, "old")]
        assert places(an_object("x"), an_object("y"), held=[record("old")]) == [
            (Standing.NEW, "x"),
            (Standing.NEW, "y"),
        ]

    def test_a_name_that_another_object_keeps_is_not_given_again(self) -> None:
        """Names with numbers move on when a state has more of them."""
        first, second = an_object("a", "a-later-one"), an_object("a-2")
        assert places(first, second, held=[record("a")]) == [(Standing.NEW, "a-3"), (Standing.SAME, "a")]

    def test_deposed_objects(self) -> None:
        old = an_object("a", "the-old-id", deposed=True)
        assert places(an_object("a"), old, held=[record("a")])[1] == (Standing.NEW, "a")
        known = [record("a"), record("a", "the-old-id", delete=True)]
        assert places(an_object("a"), old, held=known)[1] == (Standing.SAME, "a")
        # What the stack has as its current object Terraform is about to delete.
        both = places(an_object("a", "the-new-id"), old, held=[record("a", "the-old-id")])
        assert both == [(Standing.LATER, "a"), (Standing.NEW, "a")]

    def test_what_is_left(self) -> None:
        """Of what came from this state only: all else is nothing that Terraform could have deleted."""
        others = [
            record("theirs", origin="that"),
            record("changed", origin=""),
            ResourceState(urn=urn("plain"), type="net:index:Vpc", custom=True, id="x"),
        ]
        held = Held([record("a"), record("gone"), *others], "this")
        assert held.left([urn("a")]) == [urn("gone")]


MAIN = """
    terraform {
      required_providers {
        random = {
          source = "hashicorp/random"
        }
      }
    }

    resource "random_pet" "stays" {}

    resource "random_pet" "goes" {}

    resource "random_pet" "before" {}

    resource "random_password" "db" {
      length = 12
    }

    output "pet" {
      value = random_pet.stays.id
    }

    output "size" {
      value = { big = 123456789012345678901234567890, half = 0.5 }
    }
    """
LATER = (
    MAIN.replace('resource "random_pet" "goes" {}', 'resource "random_uuid" "comes" {}')
    .replace(
        '"before" {}',
        '"after" {}\n\n    moved {\n      from = random_pet.before\n      to   = random_pet.after\n    }',
    )
    .replace("value = random_pet.stays.id", "value = random_pet.after.id")
)


@pytest.fixture
def made(tmp_path: Path) -> TerraformProject:
    project = TerraformProject(tmp_path / "infrastructure", tfproviders.random())
    project.apply({"main.tf": MAIN})
    return project


@pytest.mark.real
@pytest.mark.timeout(300)
def test_terraform_moves_on(made: TerraformProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is equal stays, what is new comes, what is gone is told, outputs follow; then nothing is to do."""
    room = empty_room(tmp_path, made, monkeypatch, "hashicorp/random")
    room.ok("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    before = {each["urn"]: each for each in room.resources()}
    again = room.ok("import", "--from", "terraform", str(made.folder), "--yes", "--force")
    assert again.splitlines()[:2] == ["In the stack already: 4 resources.", "There is nothing to bring in."]
    assert {each["urn"]: each for each in room.resources()} == before

    made.apply({"main.tf": LATER})
    made.run("taint", "random_password.db")
    said = room.ok("import", "--from", "terraform", str(made.folder), "--yes", "--force")
    gone = next(each for each in before if each.endswith("::goes"))
    assert said.startswith(
        "Bringing 1 resource into dev:\n"
        "    random_uuid.comes  ->  Uuid comes\n\n"
        "Changed by Terraform since, and recorded anew (1):\n"
        "    random_password.db  ->  Password db (tainted: will be replaced)\n\n"
        "Outputs of the stack that change (1):\n"
        "    pet\n\n"
        "In the stack already: 2 resources.\n\n"
        "Gone from Terraform, and still in the stack (1):\n"
        f"    {gone}\n"
    ), said
    assert room.outputs()["pet"] != before[next(each for each in before if each.endswith("::stays"))]["id"]
    source = (room.project / "__main__.py").read_text()
    assert 'after = random.Pet("before")' in source
    assert 'pulumi.export("pet", after.id)' in source

    exported = room.export()
    resources = exported["deployment"]["resources"]
    exported["deployment"]["resources"] = [each for each in resources if each["urn"] != gone]
    room.ok("stack", "import", stdin=json.dumps(exported))
    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 4, "replace": 1}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_stack_moves_on(made: TerraformProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it changed itself stays as it is, and what Terraform replaced follows."""
    room = empty_room(tmp_path, made, monkeypatch, "hashicorp/random")
    room.ok("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    program = (room.project / "__main__.py").read_text()
    room.program(program.replace("length=12", "length=13"))
    room.ok("up", "--yes", "--skip-preview")
    made.run("apply", "-no-color", "-auto-approve", "-replace=random_pet.goes")

    said = room.ok("import", "--from", "terraform", str(made.folder), "--yes", "--out", "again.py")
    for part in (
        "Changed by the stack itself since, and left as they are (1):\n    random_password.db",
        "Changed by Terraform since, and recorded anew (1):\n    random_pet.goes",
    ):
        assert part in said, said
    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 5}


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_states_in_one_stack(
    made: TerraformProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is called the same in both is told apart, and neither is taken for gone."""
    room = empty_room(tmp_path, made, monkeypatch, "hashicorp/random")
    room.ok("import", "--from", "terraform", str(made.folder), "--yes", seconds=120)
    second = TerraformProject(tmp_path / "second" / "infrastructure", tfproviders.random())
    second.apply({"main.tf": MAIN})
    said = room.ok("import", "--from", "terraform", str(second.folder), "--yes", "--out", "second.py")
    assert "random_pet.stays  ->  Pet stays-2" in said
    assert "Gone from Terraform" not in said
    room.program((room.project / "__main__.py").read_text() + "\nimport second\n")
    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 9}
