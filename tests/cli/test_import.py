"""`import` by type, name and id, and by file (cli.md §4.8, state.md §13.4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Line
from support.commands import Room

DICE = ("random:index/randomInteger:RandomInteger", "dice", "4,1,6")
PASSWORD = ("random:index/randomPassword:RandomPassword", "db", "a-long-Password")
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def file(line: Line, *resources: dict[str, Any], **more: Any) -> str:
    """An import file, by its name."""
    path = line.project / "resources.json"
    path.write_text(json.dumps({"resources": resources, **more}), encoding="utf-8")
    return path.name


def dice(name: str = "dice", **more: Any) -> dict[str, Any]:
    return {"type": DICE[0], "name": name, "id": DICE[2], **more}


def recorded(line: Line) -> dict[str, Any]:
    """What the stack has, by name."""
    resources = line.json("stack", "export")["deployment"]["resources"]
    return {each["urn"].split("::")[-1]: each for each in resources}


class TestOneResource:
    def test_it_is_recorded_and_its_code_printed(self, dev: Line) -> None:
        """§4.8: protected by default, with two sentences and the code."""
        said = dev("import", *DICE, "--yes")

        assert said.status == 0
        assert "Previewing import (dev):" in said.out
        assert "Importing (dev):" in said.out
        assert "= 1 imported" in said.out
        assert said.out.endswith(
            "import pulumi\n"
            "import pulumi_random as random\n"
            "\n"
            'dice = random.RandomInteger("dice", max=6, min=1, opts=pulumi.ResourceOptions(protect=True))\n'
        )
        assert "is neither deleted nor replaced until" in said.out
        record = recorded(dev)["dice"]
        assert (record["id"], record["protect"], record["inputs"]) == ("4", True, {"max": 6, "min": 1})
        assert "importID" not in record

    def test_history_calls_it_by_its_own_name(self, dev: Line) -> None:
        """state.md §11: the kind is `resource-import`."""
        dev.ok("import", *DICE, "--yes", "--message", "taken in")

        last = dev.json("stack", "history", "--json")[0]
        assert (last["kind"], last["result"], last["message"]) == ("resource-import", "succeeded", "taken in")

    def test_without_protection(self, dev: Line) -> None:
        """`--protect=false`, as automation clients write it (§17.3)."""
        out = dev.ok("import", *DICE, "--yes", "--skip-preview", "--protect=false")

        assert 'RandomInteger("dice", max=6, min=1)' in out
        assert "protected" not in out
        assert "protect" not in recorded(dev)["dice"]

    @pytest.mark.parametrize("flag", ["--generate-code=false", "--no-generate-code"])
    def test_without_code(self, dev: Line, flag: str) -> None:
        """§4.8."""
        assert "import pulumi" not in dev.ok("import", *DICE, "--yes", flag)

    def test_code_into_a_file(self, dev: Line) -> None:
        """`--out` writes it there and prints nothing of it."""
        out = dev.ok("import", *DICE, "--yes", "--out", "code.py")

        assert "import pulumi" not in out
        assert "RandomInteger(" in (dev.project / "code.py").read_text(encoding="utf-8")

    def test_a_file_that_is_there_is_not_lost(self, dev: Line) -> None:
        """`--yes` says yes to the import, not to that; and nothing is imported without its code."""
        mine = dev.project / "mine.py"
        mine.write_text("# mine\n")
        refused = dev.refused("import", *DICE, "--yes", "--out", "mine.py")

        assert "mine.py is there already; nothing was imported" in refused
        assert mine.read_text() == "# mine\n"
        assert dev.json("stack", "export")["deployment"] is None
        dev.ok("import", *DICE, "--yes", "--out", "mine.py", "--force")
        assert "RandomInteger(" in mine.read_text()

    @pytest.mark.parametrize("flags", [("--json",), ("--output", "json")])
    def test_for_programs(self, dev: Line, flags: tuple[str, ...]) -> None:
        """In JSON modes every line is JSON (§4.8, §16)."""
        lines = dev.ok("import", *DICE, "--yes", "--skip-preview", *flags).splitlines()

        assert all(json.loads(line) for line in lines)
        assert "import" in lines[-1] or "cancelEvent" in lines[-1]

    def test_a_preview_alone(self, dev: Line) -> None:
        """It looks the resource up, shows the code, and records nothing."""
        out = dev.ok("import", *DICE, "--preview-only")

        assert "= 1 to import" in out
        assert "RandomInteger(" in out
        assert dev.json("stack", "export")["deployment"] is None

    def test_some_properties(self, dev: Line) -> None:
        """`--properties` limits what is recorded."""
        dev.ok("import", *DICE, "--yes", "--properties", "max")

        assert recorded(dev)["dice"]["inputs"] == {"max": 6}

    def test_again(self, dev: Line) -> None:
        """What is managed already is left as it is; its code can be had again (E226)."""
        dev.ok("import", *DICE, "--yes")

        out = dev.ok("import", *DICE, "--yes")

        assert "imported" not in out
        assert "RandomInteger(" in out

    def test_what_the_stack_calls_it_and_what_the_program_does(self, dev: Line) -> None:
        """Names of resources become names of Python."""
        out = dev.ok("import", DICE[0], "the 2nd dice", DICE[2], "--yes")

        assert 'the_2nd_dice = random.RandomInteger(\n    "the 2nd dice",' in out

    def test_a_parent_and_a_provider_by_the_programs_names(self, dev: Line) -> None:
        """`--parent name=urn` and `--provider name=urn` (§4.8)."""
        group = {"type": "my:index:Group", "name": "group", "component": True}
        mine = {"type": "pulumi:providers:random", "name": "mine"}
        dev.ok("import", "--file", file(dev, group, mine), "--yes")
        parent = "urn:pulumi:dev::shop::my:index:Group::group"
        provider = "urn:pulumi:dev::shop::pulumi:providers:random::mine"

        said = dev("import", *DICE, "--yes", "--parent", f"box={parent}", "--provider", f"other={provider}")

        assert "opts=pulumi.ResourceOptions(parent=box, provider=other, protect=True)" in said.out
        assert "the program has to have box, other already" in said.err
        record = recorded(dev)["dice"]
        assert record["parent"] == parent
        assert record["provider"].startswith(f"{provider}::")


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "missing"),
        [
            ((), "missing type, name, and id"),
            (DICE[:1], "missing name and id"),
            (DICE[:2], "missing id"),
        ],
    )
    def test_parts_that_are_missing(self, dev: Line, words: tuple[str, ...], missing: str) -> None:
        """§4.8."""
        assert (
            "an inline resource must be specified if no converter or import file is used, " + missing
        ) in dev.refused("import", *words, "--yes")

    def test_too_many(self, dev: Line) -> None:
        """§4.8."""
        assert "only expected at most three arguments" in dev.refused("import", *DICE, "more", "--yes")

    @pytest.mark.parametrize(
        ("flags", "message"),
        [
            (("--parent", "x"), "--parent is to be of the form name=URN, not `x`"),
            (("--parent", "x=y"), "`y` is no URN"),
            (("--provider", "p=urn:pulumi:dev::shop::pulumi:providers:random::p::some-id"), "write urn:"),
            (("--generate-resources", "x"), "is for --from"),
            (("--skip-preview", "--preview-only"), "cannot be used together"),
        ],
    )
    def test_flags(self, dev: Line, flags: tuple[str, ...], message: str) -> None:
        """§4.2, §4.8."""
        assert message in dev.refused("import", *DICE, *flags)

    @pytest.mark.parametrize(
        "others", [DICE, ("--parent", f"a={STACK}"), ("--provider", "x"), ("--properties", "a")]
    )
    def test_a_file_says_everything(self, dev: Line, others: tuple[str, ...]) -> None:
        """`--file` excludes what it would contradict (§4.8)."""
        assert "cannot be used together with --file" in dev.refused("import", "--file", "f", *others)

    def test_nobody_to_ask(self, dev: Line) -> None:
        """§1.7: exit status 2."""
        assert "--yes or --skip-preview" in dev.refused("import", *DICE, status=2)

    @pytest.mark.parametrize(
        "wrong",
        ["random:index/randomInteger:RandomIntger", "random:index:RandomInteger", "random_random_integer"],
    )
    def test_a_type_that_there_is_not(self, dev: Line, wrong: str) -> None:
        """What was probably meant is said, and nothing is recorded."""
        err = dev.refused("import", wrong, "dice", "4,1,6", "--yes")

        assert f"the package random 4.21.4 has no resource type `{wrong}`" in err
        assert "Did you mean this?\n\trandom:index/randomInteger:RandomInteger\n" in err

    def test_a_package_that_there_is_not(self, dev: Line) -> None:
        """The missing plugin is named, and how to get it."""
        err = dev.refused("import", "nowhere:index:Thing", "a", "b", "--yes")

        assert "nowhere" in err
        assert "stackwright package add" in err
        assert "Did you mean" not in err
        typo = dev.refused("import", DICE[0].replace("random:", "randon:"), *DICE[1:], "--yes")
        assert "Did you mean `random`?" in typo

    def test_no_such_object(self, dev: Line) -> None:
        """E227, and a stack that is as empty as before."""
        said = dev("import", "random:index/randomInteger:RandomInteger", "dice", "four", "--yes")

        assert said.status == 1
        assert "importing failed" in said.out
        assert dev.json("stack", "export")["deployment"] is None

    def test_a_name_that_is_taken(self, dev: Line) -> None:
        """E226."""
        dev.ok("import", *DICE, "--yes")

        said = dev("import", DICE[0], DICE[1], "5,1,6", "--yes")

        assert said.status == 1
        assert "already exists in the stack with another id, `4`" in said.out


class TestFiles:
    def test_many(self, dev: Line) -> None:
        """E229: names, logical names, parents, providers, inputs."""
        name = file(
            dev,
            {"type": "my:index:Group", "name": "group", "component": True},
            dice("inner", parent="group", logicalName="the inner one"),
            dice("second", provider="mine", inputs={"seed": "s", "min": 3}),
            {"type": "pulumi:providers:random", "name": "mine"},
        )

        out = dev.ok("import", "-f", name, "--yes", "--protect=false")

        assert out.endswith(
            'group = pulumi.ComponentResource("my:index:Group", "group")\n'
            "\n"
            "inner = random.RandomInteger(\n"
            '    "the inner one",\n'
            "    max=6,\n"
            "    min=1,\n"
            "    opts=pulumi.ResourceOptions(parent=group),\n"
            ")\n"
            "\n"
            'mine = random.Provider("mine")\n'
            "\n"
            "second = random.RandomInteger(\n"
            '    "second",\n'
            "    max=6,\n"
            "    min=1,\n"
            '    seed="s",\n'
            "    opts=pulumi.ResourceOptions(provider=mine),\n"
            ")\n"
        )
        records = recorded(dev)
        assert records["the inner one"]["parent"].endswith("::group")
        assert records["second"]["inputs"] == {"max": 6, "min": 1, "seed": "s"}

    def test_supplied_outputs(self, dev: Line) -> None:
        """E227: nothing is read; a supplied secret is one."""
        secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"s"'}
        given = {"inputs": {"max": 6, "min": 1, "seed": secret}, "outputs": {"result": 2}}

        said = dev("import", "-f", file(dev, dice(**given)), "--yes")

        assert 'seed=config.require_secret("diceSeed")' in said.out
        assert "diceSeed" in said.err
        assert dev.ok("config", "get", "diceSeed").strip() == "s"
        assert recorded(dev)["dice"]["outputs"] == {"result": 2}
        # The same code again reads the same key.
        assert "diceSeed2" not in dev.ok("import", "-f", "resources.json", "--yes")

    @pytest.mark.parametrize(
        ("resources", "message"),
        [
            ([{"name": "a", "id": "b"}], "resources[0] (a) has no type"),
            ([{"type": "a:b:C", "id": "b"}], "resources[0] has no name"),
            ([dice("a"), {"type": "a:b:C", "name": "b"}], "resources[1] (b) has no ID"),
            ([dice(component=True)], "resources[0] (dice) is marked as a component but has an ID"),
            ([dice(parent="x")], "the parent 'x' for 'dice' has no entry in 'nameTable'"),
            ([dice(provider="x")], "the provider 'x' for 'dice' has no entry in 'nameTable'"),
            ([dice("a"), dice("a"), dice("b", parent="a")], "its parent 'a' is ambiguous"),
            ([dice("a"), dice("b", logicalName="a")], "resources[1] (b) has the URN of resources[0]"),
            ([dice("a", parent="b"), dice("b", parent="a")], "parents lead in a circle: b -> a -> b"),
            ([{**dice(), "id": "<PLACEHOLDER>"}], "put its ID in the place of <PLACEHOLDER>"),
            ([dice(versoin="1.2.3")], "resources[0].versoin is not known; did you mean `version`?"),
            ([dice(properties=3)], "resources[0].properties: Expected `str | array`, got `int`"),
            ([], "there is nothing to import"),
        ],
    )
    def test_a_malformed_one(self, dev: Line, resources: list[dict[str, Any]], message: str) -> None:
        """state.md §13.4: what is wrong is said with its place."""
        assert message in dev.refused("import", "-f", file(dev, *resources), "--yes")

    def test_no_json(self, dev: Line) -> None:
        """A file that is cut off."""
        (dev.project / "cut.json").write_text('{"resources": [', encoding="utf-8")

        assert "cut.json cannot be imported: this is no JSON" in dev.refused("import", "-f", "cut.json")
        assert "nowhere.json cannot be read" in dev.refused("import", "-f", "nowhere.json")

    def test_all_mistakes_at_once(self, dev: Line) -> None:
        """Who mends one hears of the others."""
        err = dev.refused("import", "-f", file(dev, {"name": "a"}), "--yes")

        assert "because of 2 mistakes:" in err
        assert "resources[0] (a) has no type" in err
        assert "resources[0] (a) has no ID" in err


@pytest.mark.real
def test_the_code_previews_with_no_change(tmp_path: Path) -> None:
    """The genuine SDK's classes, put into the program, have nothing to change."""
    room = Room(tmp_path).init()
    name = room.write(
        "resources.json",
        json.dumps(
            {
                "resources": [
                    {"type": "my:index:Group", "name": "group", "component": True},
                    dice("inner", parent="group"),
                    {"type": PASSWORD[0], "name": "db", "id": PASSWORD[2], "provider": "mine"},
                    {"type": "pulumi:providers:random", "name": "mine"},
                    {
                        "type": "random:index/randomUuid:RandomUuid",
                        "name": "key",
                        "id": "1f0a2c3e-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
                    },
                ]
            }
        ),
    )
    room.ok("import", "--file", name.name, "--yes", "--skip-preview", "--out", "__main__.py", "--force")

    changes = json.loads(room.ok("preview", "--json"))["changeSummary"]

    assert changes == {"same": 6}


@pytest.mark.real
def test_a_preview_writes_what_it_would_create(tmp_path: Path) -> None:
    """state.md §13.4: placeholders, parents and providers by name; with ids in, it can be imported."""
    program = """
        import pulumi
        import pulumi_random as random

        group = pulumi.ComponentResource("my:index:Group", "group")
        mine = random.Provider("mine")
        inside = pulumi.ResourceOptions(parent=group)
        random.RandomInteger("dice", min=1, max=6, opts=inside)
        """
    room = Room(tmp_path, program).init()
    room.up()
    more = """
        random.RandomInteger("other", min=1, max=6, opts=pulumi.ResourceOptions(parent=group, provider=mine))
        random.RandomUuid("dice", opts=inside)
        new = random.Provider("new")
        random.RandomInteger("third", min=1, max=6, opts=pulumi.ResourceOptions(provider=new))
        """
    room.program(program + more)

    said = room.ok("preview", "--import-file", "wanted.json")

    assert "`stackwright import --file wanted.json`" in said
    text = (room.project / "wanted.json").read_text()
    assert text.startswith('{\n    "nameTable": {\n')
    document = json.loads(text)
    assert document["nameTable"] == {
        "group": "urn:pulumi:dev::shop::my:index:Group::group",
        "mine": "urn:pulumi:dev::shop::pulumi:providers:random::mine",
    }
    entries = {each["name"]: each for each in document["resources"]}
    assert entries["other"] == {
        "type": DICE[0],
        "name": "other",
        "id": "<PLACEHOLDER>",
        "parent": "group",
        "provider": "mine",
        "version": "4.21.4",
    }
    assert entries["third"]["provider"] == "new"
    assert "id" not in entries["new"]
    assert sorted(entries) == ["dice", "new", "other", "third"]
    assert "put its ID in the place" in room.run("import", "-f", "wanted.json", "--yes").err

    ids = {"dice": "1f0a2c3e-5b6d-4e7f-8a9b-0c1d2e3f4a5b", "other": "3,1,6", "third": "5,1,6"}
    for name, id_ in ids.items():
        entries[name]["id"] = id_
    room.write("wanted.json", json.dumps(document))
    room.ok("import", "-f", "wanted.json", "--yes", "--skip-preview", "--protect=false")

    assert json.loads(room.ok("preview", "--json"))["changeSummary"] == {"same": 8}
    assert "import" not in json.loads(room.ok("preview", "--json", "--import-file", "none.json"))
    assert json.loads((room.project / "none.json").read_text()) == {}


def test_a_terraform_state_is_read_before_anything_is_asked(line: Line) -> None:
    """terraform.md §11: no stack is needed to learn that there is nothing to read."""
    assert "There is no nowhere" in line.refused("import", "--from", "terraform", "nowhere")
    (line.project / "old.tfstate").write_text('{"version": 3}')
    said = line.refused("import", "--from", "terraform", "old.tfstate")
    assert "old.tfstate is a state of version 3" in said
    assert "no stack selected" not in said
