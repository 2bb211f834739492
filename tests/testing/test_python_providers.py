"""Providers as plain classes, deployed in memory: recorded by name and source, never pickled."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from support import pages
from support.pages import Note, Notes, PageOutputs, Pages, Wrong

from stackwright import sdk as pulumi
from stackwright.sdk.python_provider import source_of
from stackwright.testing import DeploymentFailedError, MemoryStack
from stackwright.values import Secret


@pytest.fixture(autouse=True)
def empty() -> None:
    pages.PAGES.clear()
    pages.CALLS.clear()


def page(**inputs: Any) -> Any:
    return pulumi.ProvidedResource(Pages, "page", inputs)


class TestLife:
    def test_typed_inputs_and_outputs(self) -> None:
        """Dataclasses go in and come out, nested ones too; attributes and `outputs` agree."""

        def program() -> None:
            made = pulumi.ProvidedResource(Pages, "page", {"value": "hello", "parts": [{"title": "t"}]})
            pulumi.export("size", made.size)
            pulumi.export("typed", made.outputs.apply(lambda out: f"{out.value} {out.parts[0].weight}"))

        stack = MemoryStack(program)
        preview = stack.preview()
        assert preview.changes == {"create": 2}
        assert pages.CALLS == []
        assert stack.up().outputs == {"size": 5, "typed": "hello 1.0"}
        recorded = stack.resource("page")
        assert recorded.type == "stackwright-python:support/pages:Pages"
        assert recorded.inputs["__class"] == {"reference": "support.pages:Pages", "source": source_of(Pages)}
        assert next(iter(pages.PAGES.values())).parts == [pages.Part("t")]
        assert stack.up().changes == {}

    def test_update_replace_drift_and_destroy(self) -> None:
        def program() -> None:
            config = pulumi.Config()
            page(value=config.require("value"), fixed=config.get("fixed") or "f")

        stack = MemoryStack(program, config={"value": "a"})
        stack.up()
        stack.set_config("value", "ab")
        assert stack.up().changes == {"update": 1}
        assert stack.resource("page").outputs["size"] == 2
        stack.set_config("fixed", "g")
        assert stack.up().changes["replace"] == 1
        assert len(pages.PAGES) == 1

        pages.PAGES[stack.resource("page").id] = PageOutputs("drifted", "g")
        stack.refresh()
        assert stack.resource("page").outputs["value"] == "drifted"
        stack.destroy()
        assert pages.PAGES == {}

    def test_configuration_and_secrets(self) -> None:
        """Configuration arrives before anything else; `secret_outputs` are secret."""
        stack = MemoryStack(lambda: page(value="a"), secrets={"suffix": "!"})
        stack.up()

        assert next(iter(pages.PAGES.values())).value == "a!"
        assert stack.resource("page").outputs["key"] == Secret("k")

    def test_an_import_needs_the_id_alone(self) -> None:
        pages.PAGES["page-0"] = PageOutputs("there", size=5)

        def program() -> None:
            opts = pulumi.ResourceOptions(import_="page-0")
            pulumi.ProvidedResource(Pages, "page", {"value": "there", "fixed": "f", "parts": []}, opts)

        stack = MemoryStack(program)
        stack.up()
        assert stack.resource("page").outputs["size"] == 5


MET = threading.Event()


class Waiting(pulumi.Provider[dict[str, Any], dict[str, Any]]):
    async def create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return "waited", {"met": MET.wait(20)}


class Coming(pulumi.Provider[dict[str, Any], dict[str, Any]]):
    def create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        MET.set()
        return "came", {}


def test_an_async_method_that_blocks_stops_nothing_else() -> None:
    """It runs beside the engine, so that a debugger may stop in it as well."""

    def program() -> None:
        pulumi.ProvidedResource(Waiting, "waiting", {})
        pulumi.ProvidedResource(Coming, "coming", {})

    MET.clear()
    stack = MemoryStack(program)
    stack.up()
    assert stack.resource("waiting").outputs["met"] is True


class TestWrongInputs:
    @pytest.mark.parametrize(
        ("inputs", "said"),
        [
            ({}, "value"),
            ({"value": 1}, "xpected `str`, got `int`"),
            ({"value": "a", "colour": "red"}, "there are value, fixed, parts"),
            ({"value": "bad"}, "must not be bad"),
            ({"value": "a", "parts": [{"title": 1}]}, "parts[0].title"),
        ],
    )
    def test_they_are_named(self, inputs: dict[str, Any], said: str) -> None:
        """Missing, of the wrong type, unknown, or refused by the provider itself."""
        result = MemoryStack(lambda: page(**inputs)).preview(check=False)

        assert any(said in error for error in result.errors), result.errors

    def test_unknown_ones_wait(self) -> None:
        """In a preview nothing is held against a value that is not there yet."""

        def program() -> None:
            first = page(value="a")
            pulumi.ProvidedResource(Pages, "second", {"value": first.size.apply(str)})

        assert MemoryStack(program).preview().changes == {"create": 3}

    def test_a_provider_that_answers_nonsense(self) -> None:
        stack = MemoryStack(lambda: pulumi.ProvidedResource(Wrong, "w", {"text": "t"}))

        with pytest.raises(DeploymentFailedError, match="a pair of id and outputs, not dict"):
            stack.up()

    def test_what_it_cannot_do_is_said(self) -> None:
        text = "a"

        def program() -> None:
            pulumi.ProvidedResource(Notes, "n", Note(text=text))

        stack = MemoryStack(program)
        stack.up()
        text = "b"
        with pytest.raises(DeploymentFailedError, match="has no `update`"):
            stack.up()

    def test_a_class_that_could_not_be_found_again(self) -> None:
        """It is refused when it is declared, not when it is to be destroyed."""

        class Local(Pages):
            pass

        result = MemoryStack(lambda: pulumi.ProvidedResource(Local, "n", {"value": "a"})).preview(check=False)
        assert "cannot be imported by its name" in result.errors[0]


PROVIDER = """
import stackwright

class Counters(stackwright.Provider[dict, dict]):
    update_on_new_source = {always}

    def create(self, inputs):
        return "c", {{**inputs, "made_by": {version}}}

    def update(self, id, old, inputs):
        return {{**inputs, "made_by": {version}}}
"""


class TestSource:
    """A change of the code is seen; a class that is gone is named."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (tmp_path / "__main__.py").write_text(
            "import stackwright\nfrom counting import Counters\n"
            "stackwright.ProvidedResource(Counters, 'c', {'start': 1})\n"
        )
        self.write(tmp_path, 1)
        return tmp_path

    def write(self, project: Path, version: int, *, always: bool = False) -> None:
        # Of another length each time: what is compiled already goes by size and second.
        text = PROVIDER.format(version=version, always=always) + "#" * version
        (project / "counting.py").write_text(text)

    def test_new_source_is_recorded_without_a_call(self, project: Path) -> None:
        stack = MemoryStack(project)
        stack.up()
        self.write(project, 2)
        preview = stack.preview()
        assert preview.step("c").op == "update"
        assert list(preview.step("c").detailed) == ["__class"]
        stack.up()
        assert stack.resource("c").outputs["made_by"] == 1
        assert stack.up().changes == {}

    def test_unless_the_provider_wants_the_call(self, project: Path) -> None:
        stack = MemoryStack(project)
        stack.up()
        self.write(project, 22, always=True)
        stack.up()
        assert stack.resource("c").outputs["made_by"] == 22

    def test_a_class_that_is_gone_says_so(self, project: Path) -> None:
        stack = MemoryStack(project)
        stack.up()
        (project / "counting.py").unlink()
        with pytest.raises(DeploymentFailedError) as failure:
            stack.destroy()

        said = "\n".join(failure.value.result.errors)
        assert "The provider `counting:Counters`" in said
        assert "is gone" in said
        assert "Restore the class `Counters`" in said
        self.write(project, 3)
        sys.modules.pop("counting", None)
        stack.destroy()
        assert stack.resources == []
