"""
Options of resources on our own providers of both genuine frameworks (terraform.md §8.12, §8.13, §5.25).

What an option means is the engine's (engine.md §6); here is that Terraform's providers do as they
are asked to then, whatever the shape of what a path leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.deployments import Run
from support.terraform_deployments import TerraformBench, TerraformClient
from support.tfproviders import Cloud

from stackwright.diagnostics import Severity
from stackwright.goals import CustomTimeouts
from stackwright.values import reveal

pytestmark = pytest.mark.real

BOTH = pytest.mark.parametrize("name", ["vintage", "modern"])


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


class Things:
    """A stack with one thing, `a`, or as many as a test names."""

    def __init__(self, name: str, cloud: Cloud) -> None:
        self.cloud = cloud
        self.bench = TerraformBench(name, cloud.folder.parent / name, {"path": str(cloud.folder)})

    def up(self, inputs: Mapping[str, Any] | None = None, **options: Any) -> Run:
        """Have `a` be of *inputs*."""
        return self.run(
            lambda client: client.make("Thing", "a", {"name": "one", **(inputs or {})}, **options)
        )

    def run(self, body: Callable[[TerraformClient], object]) -> Run:
        ran = self.bench.up(self.bench.program(body))
        assert ran.errors == []
        return ran

    def timeouts(self, op: str) -> list[str]:
        """What the provider was given for each *op*."""
        return [call["timeout"] for call in self.cloud.calls(op)]


class TestTimeouts:
    """§8.13, §5.25: the provider's own limits, as the program says; the engine sets none beside them."""

    def test_of_every_operation_on_the_old_sdk(self, cloud: Cloud) -> None:
        """A block: those of a delete come from private data, for nobody says them any more by then."""
        things = Things("vintage", cloud)
        given = CustomTimeouts(create=60, update=61, delete=62)
        things.up(custom_timeouts=given)
        things.up({"size": 2}, custom_timeouts=given)
        things.bench.destroy()
        assert things.timeouts("create") == ["1m0s"]
        assert things.timeouts("update") == ["1m1s"]
        assert things.timeouts("delete") == ["1m2s"]

    def test_of_the_framework(self, cloud: Cloud) -> None:
        """An attribute, of which this resource has no `update`."""
        things = Things("modern", cloud)
        ran = things.up(custom_timeouts=CustomTimeouts(create=60, update=61, delete=62))
        said = [each.message for each in ran.diagnostics if each.severity is Severity.WARNING]
        assert [line for line in said if "no effect on update of modern:index/thing:Thing" in line]
        things.bench.destroy()
        assert things.timeouts("create") == ["1m0s"]
        assert things.timeouts("delete") == ["1m2s"]

    def test_one_for_reading(self, cloud: Cloud) -> None:
        """No option says it, so the resource's own input does, and keeps the others from being filled in."""
        things = Things("vintage", cloud)
        given = CustomTimeouts(create=60)
        things.up({"timeouts": {"read": "90s"}}, custom_timeouts=given)
        assert things.bench.refresh().errors == []
        assert things.timeouts("create") == ["20m0s"]
        assert things.timeouts("read")[-1] == "1m30s"

    def test_a_change_of_nothing_else(self, cloud: Cloud) -> None:
        """§5.25: nothing to do for the old SDK, and in force with the next real change."""
        things = Things("vintage", cloud)
        things.up(custom_timeouts=CustomTimeouts(update=60))
        assert things.up(custom_timeouts=CustomTimeouts(update=90)).changes == []
        things.up({"size": 2}, custom_timeouts=CustomTimeouts(update=90))
        assert things.timeouts("update") == ["1m30s"]

    def test_of_a_replacement(self, cloud: Cloud) -> None:
        """The old object goes by what it was made with, the new one comes by what is said now."""
        things = Things("vintage", cloud)
        things.up(custom_timeouts=CustomTimeouts(create=60, delete=61))
        things.up({"name": "two"}, custom_timeouts=CustomTimeouts(create=70, delete=71))
        assert things.timeouts("create") == ["1m0s", "1m10s"]
        assert things.timeouts("delete") == ["1m1s"]

    @BOTH
    @pytest.mark.parametrize("op", ["create", "delete"])
    def test_they_end_what_takes_longer(self, name: str, op: str, cloud: Cloud) -> None:
        """The provider ends it and says so: that is an answer like others, and nothing stays open."""
        things = Things(name, cloud)
        given = CustomTimeouts(create=0.2 if op == "create" else 60, delete=0.2)
        program = things.bench.program(
            lambda client: client.make("Thing", "a", {"name": "one"}, custom_timeouts=given)
        )
        if op == "delete":
            assert things.bench.up(program).errors == []
        cloud.fail(**{op: "hang"})
        ran = things.bench.up(program) if op == "create" else things.bench.destroy()
        assert any("deadline exceeded" in line for line in ran.errors)
        assert things.bench.pending == {}
        assert things.bench.names == (["a"] if op == "delete" else [])
        cloud.fail()
        assert things.bench.up(program).errors == []

    def test_where_a_resource_has_none(self, cloud: Cloud) -> None:
        """No limit of ours either: the answer would be lost with the call (§5.25)."""
        bench = Things("modern", cloud)
        ran = bench.run(
            lambda client: client.make(
                "Pair", "a", {"left": "l"}, custom_timeouts=CustomTimeouts(create=0.000_001)
            )
        )
        said = [each.message for each in ran.diagnostics if each.severity is Severity.WARNING]
        assert [line for line in said if "`custom_timeouts` has no effect" in line]
        assert bench.bench.record("a").outputs["both"] == "l"


@BOTH
class TestDeleting:
    """engine.md §6: what is not asked of a provider."""

    def test_what_is_retained(self, name: str, cloud: Cloud) -> None:
        things = Things(name, cloud)
        things.up(retain_on_delete=True)
        things.up({"name": "two"}, retain_on_delete=True)  # of a replacement, too
        assert things.run(lambda client: None).changes == [("delete", "a")]
        assert things.bench.names == []
        assert cloud.calls("delete") == []
        assert sorted(cloud.objects()) == ["thing-one", "thing-two"]

    def test_what_goes_with_another(self, name: str, cloud: Cloud) -> None:
        things = Things(name, cloud)

        def body(client: TerraformClient) -> None:
            house = client.make("Thing", "house", {"name": "house"})
            client.make("Thing", "room", {"name": "room"}, deleted_with=house.urn)

        things.run(body)
        assert things.bench.destroy().errors == []
        assert [call["name"] for call in cloud.calls("delete")] == ["house"]
        assert things.bench.names == []

    def test_what_is_protected(self, name: str, cloud: Cloud) -> None:
        things = Things(name, cloud)
        things.up(protect=True)
        assert any("protect" in line for line in things.bench.destroy().errors)
        replacing = things.bench.program(
            lambda client: client.make("Thing", "a", {"name": "two"}, protect=True)
        )
        assert any("protect" in line for line in things.bench.up(replacing).errors)
        assert list(cloud.objects()) == ["thing-one"]
        things.up()  # protected no longer
        assert things.bench.destroy().errors == []
        assert cloud.objects() == {}


STEPS = [{"name": "s1"}, {"name": "s2"}]


def cases(*each: tuple[str, str, Any, Any]) -> Any:
    return pytest.mark.parametrize(
        ("name", "path", "before", "after"), each, ids=[f"{name}-{path}" for name, path, *_ in each]
    )


CHANGES = (
    ("vintage", "note", {"note": "a"}, {"note": "b"}),
    ("vintage", "tags.k", {"tags": {"k": "1"}}, {"tags": {"k": "2"}}),
    ("vintage", 'tags["a.b"]', {"tags": {"a.b": "1"}}, {"tags": {"a.b": "2"}}),
    ("vintage", "tags", {"tags": {"k": "1"}}, {"tags": {"k": "1", "l": "2"}}),
    ("vintage", "zones[1]", {"zones": ["a", "b"]}, {"zones": ["a", "c"]}),
    ("vintage", "zones[*]", {"zones": ["a", "b"]}, {"zones": ["x", "y"]}),
    ("vintage", "labels", {"labels": ["a", "b"]}, {"labels": ["a", "c"]}),
    ("vintage", "disk.size", {"disk": {"kind": "k", "size": 5}}, {"disk": {"kind": "k", "size": 6}}),
    ("vintage", "steps[0].name", {"steps": STEPS}, {"steps": [{"name": "x"}, STEPS[1]]}),
    ("vintage", "steps[*].name", {"steps": STEPS}, {"steps": [{"name": "x"}, {"name": "y"}]}),
    ("vintage", "rules", {"rules": [{"port": 1}]}, {"rules": [{"port": 2}]}),
    ("vintage", "ingresses", {"ingresses": [{"port": 1}]}, {"ingresses": [{"port": 2}]}),
    ("modern", "note", {"note": "a"}, {"note": "b"}),
    ("modern", "tags.k", {"tags": {"k": "1"}}, {"tags": {"k": "2"}}),
    ("modern", "zones[1]", {"zones": ["a", "b"]}, {"zones": ["a", "c"]}),
    ("modern", "labels", {"labels": ["a", "b"]}, {"labels": ["a", "c"]}),
    ("modern", "pair.left", {"pair": {"left": "l", "right": 1}}, {"pair": {"left": "m", "right": 1}}),
    ("modern", "disk.size", {"disk": {"kind": "k", "size": 5}}, {"disk": {"kind": "k", "size": 6}}),
    ("modern", "steps[0].name", {"steps": STEPS}, {"steps": [{"name": "x"}, STEPS[1]]}),
    ("modern", "steps[*].name", {"steps": STEPS}, {"steps": [{"name": "x"}, {"name": "y"}]}),
    ("modern", "rules", {"rules": [{"port": 1}]}, {"rules": [{"port": 2}]}),
    ("modern", "endpoints.a.url", {"endpoints": {"a": {"url": "u"}}}, {"endpoints": {"a": {"url": "v"}}}),
    ("modern", "anything", {"anything": {"k": [1]}}, {"anything": ["other"]}),
    ("modern", "network.cidr", {"network": {"cidr": "1"}}, {"network": {"cidr": "2"}}),
    ("modern", "volumes[0].name", {"volumes": [{"name": "v"}]}, {"volumes": [{"name": "w"}]}),
    ("modern", "grants", {"grants": [{"to": "a"}]}, {"grants": [{"to": "b"}]}),
)


class TestPaths:
    """§8.12: paths of every shape."""

    @cases(*CHANGES)
    def test_ignored(self, name: str, path: str, before: Any, after: Any, cloud: Cloud) -> None:
        """No change by itself; beside another one it stays as it is."""
        things = Things(name, cloud)
        things.up(before)
        was = things.bench.raw("a")
        key = path.partition(".")[0].partition("[")[0]
        assert things.up(after, ignore_changes=(path,)).changes == []
        assert things.up({**after, "size": 7}, ignore_changes=(path,)).changes == [("update", "a")]
        assert reveal(things.bench.record("a").inputs)[key] == before[key]
        now = things.bench.raw("a")
        assert now["size"] == 7
        assert {each: now[each] for each in was if each.startswith(key[:4])} == {
            each: was[each] for each in was if each.startswith(key[:4])
        }
        assert things.up({**after, "size": 7}).changes == [("update", "a")]

    @cases(*CHANGES)
    def test_replaced_for(self, name: str, path: str, before: Any, after: Any, cloud: Cloud) -> None:
        """What would be an update is a replacement then; without a change it is nothing."""
        things = Things(name, cloud)
        things.up(before, replace_on_changes=(path,), delete_before_replace=True)
        assert things.up(before, replace_on_changes=(path,), delete_before_replace=True).changes == []
        ran = things.up(after, replace_on_changes=(path,), delete_before_replace=True)
        assert {op for op, _ in ran.changes} == {"delete-replaced", "replace", "create-replacement"}
        assert len(cloud.calls("create")) == 2
        assert [call["name"] for call in cloud.calls("delete")] == ["one"]


@BOTH
class TestTriggers:
    """engine.md §6: replaced for reasons that its provider knows nothing of."""

    def test_a_value(self, name: str, cloud: Cloud) -> None:
        things = Things(name, cloud)
        things.up(replacement_trigger="a", delete_before_replace=True)
        assert things.up(replacement_trigger="a", delete_before_replace=True).changes == []
        things.up(replacement_trigger="b", delete_before_replace=True)
        assert [call["op"] for call in cloud.calls() if call["op"] in ("create", "delete")] == [
            "create", "delete", "create",
        ]  # fmt: skip

    def test_another_resource(self, name: str, cloud: Cloud) -> None:
        things = Things(name, cloud)

        def body(house: str) -> Callable[[TerraformClient], None]:
            def work(client: TerraformClient) -> None:
                made = client.make("Thing", "house", {"name": house})
                client.make(
                    "Thing", "room", {"name": "room"}, replace_with=(made.urn,), delete_before_replace=True
                )

            return work

        things.run(body("one"))
        things.run(body("two"))
        made = [call["name"] for call in cloud.calls("create")]
        assert sorted(made) == ["one", "room", "room", "two"]
