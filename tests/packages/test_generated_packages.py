"""What generated packages have, and what their classes and functions send (packages.md §2–§4, §8)."""

from __future__ import annotations

import ast
import json
import textwrap
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import provider_packages
from support.checkers import lines_told_by_mypy, lines_told_by_pyright
from support.sdks import MOCKED, SEE_ALL, document, embedded_schema, made, run

from stackwright.packages import PackageSchemaError

PROGRAM = """
{mocked}
import pulumi_every_thing as every
@pulumi.runtime.test
def program():
{body}
program()
print('SEEN', repr(seen))
"""


@pytest.fixture(scope="module")
def sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("every"), document()).directory


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = {"type": "string"}
    properties = {"label": text, "sides": {"type": "array", "items": text}, "lid": text}
    box = {
        "properties": properties,
        "required": ["label"],
        "inputProperties": properties,
        "requiredInputs": ["label"],
        "language": {
            "python": {
                "otherInputs": {
                    "label": {"name": "title"},
                    "sides": {"name": "side", "amount": "one"},
                    "lid": {"name": "lids", "amount": "many"},
                }
            }
        },
    }
    token = "every-thing:index:Box"
    others = {"python": {"otherTokens": {token: ["every-thing:index:Crate"]}}}
    schema = document(resources={token: box}, functions={}, language=others)
    return made(tmp_path_factory.mktemp("boxes"), schema).directory


def program(sdk: Path, body: str) -> list[str]:
    """The lines that *body* prints, run with mocks; `every` is the package."""
    return _ran(sdk, body)[0]


def program_seen(sdk: Path, body: str) -> list[Any]:
    """What *body* registers and calls, in order."""
    return _ran(sdk, body)[1]


def _ran(sdk: Path, body: str) -> tuple[list[str], list[Any]]:
    code = PROGRAM.format(mocked=textwrap.dedent(MOCKED), body=textwrap.indent(textwrap.dedent(body), "    "))
    printed, _, seen = run(code, sdk).rpartition("SEEN ")
    return printed.splitlines(), list(ast.literal_eval(seen))


class TestDistribution:
    def test_what_the_engine_learns(self, sdk: Path) -> None:
        """packages.md §2.4."""
        plugin = json.loads((sdk / "pulumi_every_thing" / "pulumi-plugin.json").read_text())

        assert plugin == {"resource": True, "name": "every-thing", "version": "1.2.3-alpha.4"}

    def test_a_parameterised_package_names_its_base(self, tmp_path: Path) -> None:
        """packages.md §2.4, §9.14."""
        view = {"baseProvider": {"name": "base", "version": "2.0.0"}, "parameter": "eyJhIjoxfQ=="}
        made_of = made(tmp_path, document(parameterization=view))
        package = made_of.directory / "pulumi_every_thing"

        assert json.loads((package / "pulumi-plugin.json").read_text()) == {
            "resource": True,
            "name": "base",
            "version": "2.0.0",
            "parameterization": {"name": "every-thing", "version": "1.2.3-alpha.4", "value": "eyJhIjoxfQ=="},
        }
        assert "package_ref=_utilities.get_package()" in (package / "whole.py").read_text()

    def test_the_project_file(self, sdk: Path) -> None:
        """packages.md §2.5, §4.5."""
        project = tomllib.loads((sdk / "pyproject.toml").read_text())["project"]

        assert project["name"] == "pulumi_every_thing"
        assert project["version"] == "1.2.3a4"
        assert project["description"] == 'All there is, "quoted".'
        assert project["keywords"] == ["one", "two"]

    def test_the_sdk_that_it_runs_with(self, tmp_path: Path, sdk: Path) -> None:
        """packages.md §2.5: Pulumi's is required only where ours is not."""
        ours = made(tmp_path, document(), has_sdk=True).directory
        project = tomllib.loads((ours / "pyproject.toml").read_text())["project"]
        alone = tomllib.loads((sdk / "pyproject.toml").read_text())["project"]

        assert "dependencies" not in project
        assert project["optional-dependencies"] == {"pulumi": alone["dependencies"]}
        assert alone["dependencies"][0].startswith("pulumi>=3")
        assert "optional-dependencies" not in alone

    def test_equal_schemas_give_equal_files(self, tmp_path: Path) -> None:
        """packages.md §8.3.3."""
        one = made(tmp_path / "one", document()).directory
        two = made(tmp_path / "two", document()).directory

        assert {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()} == {
            path.relative_to(two): path.read_bytes() for path in two.rglob("*") if path.is_file()
        }

    def test_what_was_there_is_replaced(self, tmp_path: Path) -> None:
        """packages.md §5.2."""
        first = made(tmp_path, document())
        (first.directory / "stale.py").touch()

        made(tmp_path, document())

        assert not (first.directory / "stale.py").exists()
        assert [path.name for path in tmp_path.iterdir()] == ["sdk"]

    def test_another_name_to_import(self, tmp_path: Path) -> None:
        """packages.md §1.9, §4.4."""
        assert made(tmp_path, document(), module="mine").module == "mine"
        with pytest.raises(PackageSchemaError, match="a-b"):
            made(tmp_path, document(), module="a-b")

    def test_a_failure_leaves_what_was_there(self, tmp_path: Path) -> None:
        """A schema that is malformed further down changes no file."""
        before = made(tmp_path, document())

        with pytest.raises(PackageSchemaError, match="#/resources/every-thing:index:Odd"):
            made(tmp_path, document(resources={"every-thing:index:Odd": {"aliases": 3}}))

        assert (before.directory / "pulumi_every_thing" / "whole.py").exists()


class TestNames:
    def test_everything_can_be_imported_and_every_type_be_found(self, sdk: Path) -> None:
        """packages.md §8.3.1: under `-W error`."""
        code = SEE_ALL.format(package="pulumi_every_thing")

        assert run(code, sdk, flags=("-W", "error")) == "all seen\n"

    def test_nothing_is_imported_before_it_is_used(self, sdk: Path) -> None:
        """packages.md §8: lazily."""
        code = """
            import sys
            import pulumi_every_thing as every
            before = sorted(name for name in sys.modules if name.startswith("pulumi_every_thing."))
            every.Whole
            after = sorted(name for name in sys.modules if name.startswith("pulumi_every_thing."))
            print(before, sorted(set(after) - set(before)))
        """

        assert run(code, sdk) == "['pulumi_every_thing._utilities'] ['pulumi_every_thing.whole']\n"

    def test_functions_are_no_modules(self, sdk: Path) -> None:
        """A function has the name of its file: whichever is touched first, the function is found."""
        code = """
            import pulumi_every_thing as every
            every.get_part_output
            print(every.get_part, callable(every.get_part), callable(every.add_output), callable(every.add))
        """

        assert run(code, sdk).endswith(" True True True\n")

    def test_modules_types_and_enums(self, sdk: Path) -> None:
        """packages.md §2, §3.7, §4.6."""
        code = """
            import pulumi_every_thing as every
            from pulumi_every_thing.deep import er
            from pulumi_every_thing import PartArgs, Size, deep
            print(deep.er is er, er.Whole is every.Whole, Size.T2_MICRO.value, Size.VERY_BIG, Size.ASTERISK)
            print(every.outputs.Part, er.outputs.Far, er.FarArgs, hasattr(every, "UnusedArgs"))
            print(sorted(name for name in dir(every) if name[0].isupper()))
        """

        lines = run(code, sdk).splitlines()

        assert lines[0] == "True False t2.micro Size.VERY_BIG Size.ASTERISK"
        assert lines[1].endswith("False")
        assert "'WholeArgs'" in lines[2]

    def test_names_that_are_not_there(self, sdk: Path) -> None:
        """packages.md §8.2: as in any module."""
        code = """
            import pulumi_every_thing as every
            for name in ("Nothing", "NothingArgs"):
                try:
                    getattr(every, name)
                except AttributeError as error:
                    print(error)
        """

        assert run(code, sdk).count("has no attribute") == 2


class TestResources:
    def test_keywords_arguments_and_dictionaries_are_the_same(self, sdk: Path) -> None:
        """packages.md §3.4, §4.7, §8.3.6."""
        body = """
            part = {"part_name": "p", "from_": "x", "parts": [{"partName": "q", "size": "big"}]}
            every.Whole("one", whole_name="w", parts=[part])
            every.Whole("two", every.WholeArgs(whole_name="w", parts=[every.PartArgs(part_name="p", from_="x",
                parts=[every.PartArgs(part_name="q", size=every.Size.VERY_BIG)])]))
            every.Whole("three", None, "c", whole_name="w", opts_="o")
        """

        seen = program_seen(sdk, body)

        one, two, three = (each[2] for each in seen)
        assert one["parts"] == [{"partName": "p", "from": "x", "parts": [{"partName": "q", "size": "big"}]}]
        assert two["parts"][0]["parts"] == [{"partName": "q", "size": "big", "kind": "part"}]
        assert three["opts"] == "o"

    @pytest.mark.real
    def test_they_are_the_same_to_the_genuine_sdk(self, sdk: Path) -> None:
        """packages.md §4.7: names in dictionaries are translated by it as well."""
        provider_packages.installed("pulumi")
        body = """
            part = {"part_name": "p", "from_": "x", "parts": [{"part_name": "q", "kind": "part"}]}
            every.Whole("one", whole_name="w", parts=[part], part=part)
        """
        code = textwrap.dedent(
            PROGRAM.format(mocked=textwrap.dedent(MOCKED), body=textwrap.indent(body, "    "))
        )

        printed = provider_packages.in_a_process("import pulumi\n" + code, path=sdk)

        (seen,) = ast.literal_eval(printed.rpartition("SEEN ")[2])
        sent = {"partName": "p", "from": "x", "parts": [{"partName": "q", "kind": "part"}]}
        assert seen[2]["parts"] == [sent]
        assert seen[2]["part"] == sent

    def test_defaults_and_constants(self, sdk: Path) -> None:
        """packages.md §1.5, §3.2, §3.4."""
        (seen,) = program_seen(sdk, 'every.Whole("one", whole_name="w", version="v2")')

        assert seen == (
            "every-thing:index:Whole",
            "one",
            {"wholeName": "w", "version": "v1", "count": 5},
            "",
        )

    def test_what_is_needed_and_what_is_unknown(self, sdk: Path) -> None:
        """packages.md §3.4."""
        body = """
            for arguments in ({}, {"whole_nam": "w"}, {"whole_name": "w", "opts": 3}):
                try:
                    every.Whole("one", **arguments)
                except TypeError as error:
                    print(error)
            import pulumi_every_thing._utilities as helpers
            known = pulumi.ResourceOptions(urn="urn:pulumi:s::p::every-thing:index:Whole::w")
            helpers.resource_inputs(every.WholeArgs, (known,), {}, required=("whole_name",))
        """

        assert program(sdk, body) == [
            "Missing required property 'whole_name'",
            "Whole has no argument 'whole_nam'",
            "Expected resource options to be a ResourceOptions instance",
        ]

    def test_secrets_aliases_and_replacements_go_along(self, sdk: Path) -> None:
        """packages.md §3.4: in the options, in the schema's spelling."""
        body = """
            import pulumi_every_thing._utilities as helpers
            found = helpers.resource_inputs(every.WholeArgs, (), {"whole_name": "w", "password": "p"},
                secrets=("password",), secret_outputs=("token",), replace_on_changes=("parts",),
                aliases=("a:b:C",))
            options, props = found
            print(options.additional_secret_outputs, options.replace_on_changes, options.aliases[0].type_)
            print(isinstance(props.__dict__["password"], pulumi.Output), options.version)
        """
        text = (sdk / "pulumi_every_thing" / "whole.py").read_text()

        assert program(sdk, body) == ["['token'] ['parts'] a:b:C", "True 1.2.3-alpha.4"]
        assert 'replace_on_changes=("parts", "parts[*].place")' in text
        assert 'aliases=("every-thing:old:Whole",)' in text

    def test_something_called_self(self, sdk: Path) -> None:
        """packages.md §3.4: a keyword like others, as `self` of AWS's security groups is."""
        body = """
            part = every.PartArgs(part_name="p", self="me")
            whole = every.Whole("one", whole_name="w", self=True, parts=[part])
            whole.parts.apply(lambda parts: print(parts[0].self))
        """

        assert program(sdk, body) == ["me"]
        assert program_seen(sdk, body)[0][2]["self"] is True

    def test_arguments_of_any_name(self, tmp_path: Path) -> None:
        """Whatever our own code calls things, as `instance` is one of AWS's addresses."""
        names = ["self", "self_", "instance", "cls", "args", "kwargs", "name", "given", "value", "fields"]
        odd = {"inputProperties": {name: {"type": "string"} for name in names}}
        written = {**json.loads(document()), "resources": {"every-thing:index:Odd": odd}}
        sdk = made(tmp_path, json.dumps(written).encode()).directory
        given = ", ".join(f"{name}={name!r}" for name in names)

        (seen,) = program_seen(sdk, f'every.Odd("odd", {given})')

        assert seen[2] == {name: name for name in names}

    def test_inputs_have_places(self, sdk: Path) -> None:
        """packages.md §3.4: behind the options, in the order of their names in the schema."""
        body = """
            every.Whole("one", None, 4, {"a": 1}, "either", None, None, "opts", whole_name="w")
            every.Whole("two", pulumi.ResourceOptions(protect=True), 5, whole_name="w")
            every.Whole("three", args=every.WholeArgs(whole_name="w", count=6), opts=pulumi.ResourceOptions())
            every.Group("four", None, every.Size.VERY_BIG)
            every.Group("five", every.GroupArgs(size="big"))
        """

        seen = program_seen(sdk, body)

        assert [each[2].get("count", each[2].get("size")) for each in seen] == [4, 5, 6, "big", "big"]
        assert {"data": {"a": 1}, "either": "either", "opts": "opts"}.items() <= seen[0][2].items()

    def test_get(self, sdk: Path) -> None:
        """packages.md §3.4: `get`, with all that may be known of the state."""
        body = """
            every.Whole.get("one", "the-id", whole_name="w")
            every.Whole.get("two", "the-id", None, 3, "w")
            import inspect
            print(*inspect.signature(every.Whole.get).parameters)
            try:
                every.Whole.get("three", "the-id", whole_nam="w")
            except TypeError as error:
                print(str(error).partition(". Did you mean")[0])  # newer interpreters have an idea
        """
        token = "every-thing:index:Whole"

        assert program_seen(sdk, body) == [
            (token, "one", {"wholeName": "w"}, "the-id"),
            (token, "two", {"wholeName": "w", "count": 3}, "the-id"),
        ]
        assert program(sdk, body) == [
            "resource_name id opts count whole_name",
            "Whole.get() got an unexpected keyword argument 'whole_nam'",
        ]

    def test_outputs_are_typed(self, sdk: Path) -> None:
        """packages.md §3.3."""
        body = """
            whole = every.Whole("one", whole_name="w", parts=[{"partName": "p", "from": "x"}])
            whole.parts.apply(lambda parts: print(parts[0].part_name, parts[0].from_, parts[0]["partName"]))
            whole.count.apply(lambda count: print(count + 1))
        """

        assert sorted(program(sdk, body)) == ["6", "p x p"]

    def test_the_provider_sends_texts_and_json(self, sdk: Path) -> None:
        """packages.md §1.7, §3.8."""
        (seen,) = program_seen(sdk, 'every.Provider("p", region="r", max_retries=4)')

        assert seen[:3] == ("pulumi:providers:every-thing", "p", {"region": "r", "maxRetries": "4"})

    def test_the_providers_json_goes_by_the_names_on_the_wire(self, sdk: Path) -> None:
        """Whether a part is a dictionary or an object, to whatever depth; other keys stay."""
        body = """
        inner = {"part_name": pulumi.Output.from_input("b"), "from_": "x", "other_key": 1}
        every.Provider("p", region="r", parts=[{"part_name": "a", "parts": [inner]}])
        every.Provider("q", region="r", parts=[every.PartArgs(part_name="a", parts=[inner])])
        """
        for (_, name, properties, *_), more in zip(
            program_seen(sdk, body), ({}, {"kind": "part"}), strict=True
        ):
            inner = {"partName": "b", "from": "x", "other_key": 1}
            assert json.loads(properties["parts"]) == [{"partName": "a", "parts": [inner], **more}], name

    def test_components_and_deprecated_resources(self, sdk: Path) -> None:
        """packages.md §3.4, §3.10: a component has no `get`; deprecations are told on use."""
        body = """
            import warnings
            print(hasattr(every.Group, "get"))
            every.Group("g", size="big")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                every.deep.er.Whole("d", far={"how_far": 2, "near": {"part_name": "n"}})
                print([str(each.message) for each in caught])
        """

        printed = program(sdk, body)
        assert printed[:2] == ["False", "['Whole is deprecated: Use the other one.']"]

    def test_methods(self, sdk: Path) -> None:
        """packages.md §3.6."""
        body = """
            whole = every.Whole("one", whole_name="w")
            whole.get_report(in_detail=True).apply(lambda report: print(report.page_count))
            whole.poke()
        """
        seen = program_seen(sdk, body)

        assert program(sdk, body) == ["7"]
        assert [each[0] for each in seen if len(each) == 2] == [
            "every-thing:index:Whole/getReport",
            "every-thing:index:Whole/poke",
        ]

    def test_references_become_resources(self, sdk: Path) -> None:
        """packages.md §2.2."""
        code = """
            import pulumi_every_thing as every
            resources = every._utilities._Resources("pulumi_every_thing", every._RESOURCES)
            print(resources.version(), every._RESOURCES["every-thing:deep/er:Whole"])
            for wrong in (resources.construct, resources.construct_provider):
                try:
                    wrong("n", "other:index:T", "urn")
                except ValueError as error:
                    print(error)
        """

        assert run(code, sdk).splitlines() == [
            "None deep.er.whole",
            "unknown resource type other:index:T",
            "unknown provider type other:index:T",
        ]


class TestLargePackages:
    def test_services_are_the_first_words_of_names(self, tmp_path: Path) -> None:
        """packages.md §8: of a package that nobody has made by hand; there, names do without that word."""
        text = {"type": "string"}
        part = {"type": "object", "properties": {"size": text}}
        rule = {"$ref": "#/types/big:index/StorageBucketRule:StorageBucketRule"}
        name = {**text, "replaceOnChanges": True}
        bucket = {"properties": {"name": name}, "inputProperties": {"name": text, "rule": rule}}
        things = {f"big:index/thing{at}:Thing{at}": {"properties": {}} for at in range(120)}
        schema = {
            "name": "big",
            "version": "1.0.0",
            "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
            "types": {"big:index/StorageBucketRule:StorageBucketRule": part},
            "resources": {"big:index/storageBucket:StorageBucket": bucket, **things},
            "functions": {
                "big:index/getStorageBucket:getStorageBucket": {"outputs": {"properties": {"name": text}}}
            },
        }
        code = """
            import pulumi_big as big
            from pulumi_big import storage
            print(big.StorageBucket is storage.StorageBucket is storage.Bucket)
            print(storage.BucketRuleArgs is storage.StorageBucketRuleArgs is big.StorageBucketRuleArgs)
            print(storage.get_bucket is big.get_storage_bucket, storage.GetBucketResult.__name__)
            print(storage.BucketArgs(name="n", rule={"size": "s"}).name, hasattr(big, "Bucket"))
        """

        sdk = made(tmp_path, json.dumps(schema).encode()).directory

        assert run(code, sdk).splitlines() == ["True", "True", "True GetStorageBucketResult", "n False"]
        file = sdk / "pulumi_big" / "storage" / "storage_bucket.py"
        assert 'replace_on_changes=("name",)' in file.read_text()


class TestOtherNames:
    """Names that programs know something by as well: settings of our own, in `language.python`."""

    def test_of_a_class(self, boxes: Path) -> None:
        body = "print(every.Crate is every.Box, every.CrateArgs is every.BoxArgs, 'Crate' in dir(every))"

        assert program(boxes, body) == ["True True True"]

    def test_of_arguments(self, boxes: Path) -> None:
        """In keywords, in an object of arguments, as outputs; a list there may be one value here."""
        body = """
            every.Box("one", title="t", side="s", lids=["l"])
            every.Box("two", every.BoxArgs(title="t", side="s", lids=["l"]))
            every.Box("three", label="t", sides=["s"], lid=pulumi.Output.from_input("l"))
            later = pulumi.Output.from_input(["l"])
            every.Box("four", title="t", side=pulumi.Output.from_input("s"), lids=later)
            print(every.BoxArgs(label="t", sides=["s"], lid="l").side)
        """

        seen = program_seen(boxes, body)

        assert [each[2] for each in seen] == [{"label": "t", "sides": ["s"], "lid": "l"}] * 4
        assert program(boxes, body) == ["s"]

    def test_of_outputs(self, boxes: Path) -> None:
        body = """
            box = every.Box("one", title="t", side="s", lids=["l"])
            pulumi.Output.all(box.title, box.side, box.lids, box.lid).apply(lambda all: print(*all))
        """

        assert program(boxes, body) == ["t s ['l'] l"]

    def test_mistakes(self, boxes: Path) -> None:
        body = """
            for given in ({"title": "t", "label": "l"}, {"side": "s"}, {"titel": "t"}):
                try:
                    every.Box("one", **given)
                except TypeError as error:
                    print(error)
        """

        assert program(boxes, body) == [
            "'title' and 'label' are one argument; both were given",
            "Missing required property 'label'",
            "Box has no argument 'titel'",
        ]

    def test_one_for_a_list_and_a_list_for_one(self, tmp_path: Path) -> None:
        """Nested arguments and results, and names of classes, are understood in the other amount."""
        text = {"type": "string"}
        part = {"$ref": "#/types/every-thing:index:LidPart"}
        many = {"type": "array", "items": part}
        types = {
            "every-thing:index:LidPart": {"type": "object", "properties": {"size": text}},
            "every-thing:index:Lid": {"type": "object", "properties": {"parts": many, "base": part}},
        }
        properties = {"lid": {"$ref": "#/types/every-thing:index:Lid"}, "bodies": many}
        lidded = {"properties": properties, "inputProperties": properties}
        schema = document(types=types, resources={"every-thing:index:Lidded": lidded}, functions={})
        sdk = made(tmp_path, schema).directory
        body = """
            print(every.LidPartsArgs is every.LidPartArgs, hasattr(every, "LidPartiesArgs"))
            lid = every.LidArgs(part=every.LidPartArgs(size="a"), bases=[every.LidPartArgs(size="b")])
            lidded = every.Lidded("one", lid=lid, body={"size": "c"})
            lidded.lid.apply(lambda made: print(made.part.size, made.bases[0].size, made.parts[0].size))
            try:
                every.LidArgs(lots=1)
            except TypeError as error:
                print(error)
        """

        inputs = program_seen(sdk, body)[0][2]

        assert inputs["lid"] == {"parts": [{"size": "a"}], "base": {"size": "b"}}
        assert inputs["bodies"] == [{"size": "c"}]
        assert sorted(program(sdk, body)) == [
            "LidArgs() got an unexpected keyword argument 'lots'",
            "True False",
            "a b a",
        ]

    @pytest.mark.parametrize("told", [lines_told_by_mypy, lines_told_by_pyright])
    def test_to_type_checkers(self, boxes: Path, tmp_path: Path, told: Callable[..., dict[int, str]]) -> None:
        file = tmp_path / "program.py"
        file.write_text(
            "import pulumi\n"
            "import pulumi_every_thing as every\n"
            'box = every.Crate("one", title="t", side="s", lids=["l"])\n'
            'args = every.CrateArgs(title="t", side="s", lids=["l"])\n'
            "side: pulumi.Output[str | None] = box.side\n"
            'every.Box("two", title="t", side=3)\n'
        )

        assert list(told(file, [boxes])) == [6]


class TestFunctions:
    def test_both_forms(self, sdk: Path) -> None:
        """packages.md §3.5."""
        body = """
            found = every.get_part(part_name="p", size=every.Size.VERY_BIG)
            print(found.part_name, found.parts[0].part_name, type(found).__name__)
            every.get_part_output("q").apply(lambda each: print(each.part_name, type(each).__name__))
            print(every.add(1, 2))
            print(list(every.ping().__await__()))
        """

        assert program(sdk, body) == ["p inner AwaitableGetPartResult", "3.0", "[]", "q GetPartResult"]

    def test_names_on_the_wire(self, sdk: Path) -> None:
        """packages.md §3.5: arguments in the schema's spelling, in the order it gives."""
        seen = program_seen(sdk, 'every.get_part(part_name="p")\nevery.add(1, 2)')

        assert seen == [
            ("every-thing:index:getPart", {"partName": "p"}),
            ("every-thing:index:add", {"b": 1, "a": 2}),
        ]


class TestConfig:
    def test_settings_are_read_when_they_are_asked_for(self, sdk: Path) -> None:
        """packages.md §3.9."""
        code = """
            import os
            import pulumi_every_thing as every
            pulumi.runtime.set_all_config({"every-thing:region": "here"})
            print(every.config.region, every.config.max_retries, every.config.fast)
            pulumi.runtime.set_all_config({"every-thing:maxRetries": "9"})
            os.environ["EVERY_FAST"] = "true"
            print(every.config.region, every.config.max_retries, every.config.fast)
        """

        assert run(code, sdk).splitlines() == ["here 3 None", "None 9 True"]


@pytest.mark.parametrize("name", ["random", "command", "local"])
def test_embedded_packages(name: str, tmp_path: Path) -> None:
    """packages.md §8.3.1, §8.3.7, for the schemas that come with us."""
    found = made(tmp_path, embedded_schema(name))

    assert run(SEE_ALL.format(package=found.module), found.directory, flags=("-W", "error")) == "all seen\n"
