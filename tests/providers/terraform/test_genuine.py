"""Genuine providers without a cloud: random (protocol 5, on the framework) and time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.terraform_deployments import TerraformBench

from stackwright.values import Secret, contains_secrets, reveal

pytestmark = pytest.mark.real


class TestRandom:
    def test_their_lives(self, tmp_path: Path) -> None:
        """Create, keep, replace by keepers, destroy."""
        bench = TerraformBench("random", tmp_path, {})

        def all_of(keeper: str) -> Any:
            def body(client: Any) -> None:
                keepers = {"keepers": {"k": keeper}}
                client.make("Pet", "pet", {"length": 3, **keepers})
                client.make("Integer", "integer", {"min": 1, "max": 6, **keepers})
                client.make("Password", "password", {"length": 12, "overrideSpecial": "_", **keepers})
                client.make("Id", "id", {"byteLength": 8, **keepers})
                client.make("Shuffle", "shuffle", {"inputs": ["a", "b", "c"], **keepers})
                client.make("Uuid", "uuid", keepers)

            return bench.program(body)

        assert not bench.up(all_of("1")).errors
        pet = bench.record("pet")
        assert pet.id.count("-") == 2
        assert 1 <= bench.record("integer").outputs["result"] <= 6
        assert contains_secrets(bench.record("password").outputs["result"])
        assert len(reveal(bench.record("password").outputs["result"])) == 12
        assert sorted(bench.record("shuffle").outputs["results"]) == ["a", "b", "c"]
        assert bench.up(all_of("1")).changes == []
        assert bench.record("pet").id == pet.id

        preview = bench.preview(all_of("2"))
        assert preview.step("pet").detailed["keepers.k"].kind.replaces
        replaced = bench.up(all_of("2"))
        assert not replaced.errors
        assert {name for op, name in replaced.changes if op == "create-replacement"} == set(bench.names)
        assert bench.record("pet").id != pet.id
        assert not bench.destroy().errors

    def test_imports(self, tmp_path: Path) -> None:
        """§5.14: a secret by its value, and a number by its parts."""
        bench = TerraformBench("random", tmp_path, {})

        def body(client: Any) -> None:
            client.make("Password", "password", {"length": 5}, import_id="hello")
            client.make("Integer", "integer", {"min": 1, "max": 9}, import_id="4,1,9")

        ran = bench.up(bench.program(body))
        assert not ran.errors
        assert bench.record("password").outputs["result"] == Secret("hello")
        assert bench.record("integer").outputs["result"] == 4


def test_time(tmp_path: Path) -> None:
    """A resource that keeps time, an update in place, and functions."""
    bench = TerraformBench("time", tmp_path, {})
    answers: list[Any] = []

    def program(days: int) -> Any:
        def body(client: Any) -> None:
            base = {"baseRfc3339": "2024-01-01T00:00:00Z", "offsetDays": days}
            client.make("Offset", "offset", base)
            client.make("Static", "static", {"rfc3339": "2024-02-29T00:00:00Z"})
            answers.append(client.call("durationParse", {"duration": "1h30m"}))

        return bench.program(body)

    assert not bench.up(program(1)).errors
    assert bench.record("offset").outputs["rfc3339"] == "2024-01-02T00:00:00Z"
    assert bench.record("static").outputs["day"] == 29
    assert answers[0].value["result"]["minutes"] == 90
    assert ("update", "offset") in bench.up(program(2)).changes
    assert bench.record("offset").outputs["rfc3339"] == "2024-01-03T00:00:00Z"
    assert not bench.destroy().errors


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_provider_of_2019(tmp_path: Path) -> None:
    """On an SDK that knows nothing of what came later: files are made, replaced, lost and made again."""
    bench = TerraformBench("local", tmp_path / "bench", {})
    folder = tmp_path / "files"
    read: list[Any] = []

    def program(text: str) -> Any:
        def body(client: Any) -> None:
            file = client.make("File", "file", {"filename": f"{folder}/{text}.txt", "content": text})
            secret = {"filename": f"{folder}/secret", "sensitiveContent": "hush-hush"}
            client.make("File", "secret", secret)
            found = client.call("getFile", {"filename": file.outputs.get("filename")}, depends_on=(file.urn,))
            read.append(found.value["content"])

        return bench.program(body)

    assert not bench.up(program("one")).errors
    assert (folder / "one.txt").read_text() == read[-1] == "one"
    assert "hush-hush" not in repr([[each.inputs, each.outputs] for each in bench.state])
    assert bench.up(program("one")).changes == []

    replaced = bench.up(program("two"))
    assert ("create-replacement", "file") in replaced.changes
    assert sorted(each.name for each in folder.iterdir()) == ["secret", "two.txt"]

    (folder / "two.txt").unlink()
    assert not bench.refresh().errors
    assert bench.up(program("two")).changes == [("create", "file")]
    assert not bench.destroy().errors
    assert list(folder.iterdir()) == []


def test_what_random_makes_up_for_a_moment(tmp_path: Path) -> None:
    """§5.18: an ephemeral password is secret, another one in every run, and recorded nowhere."""
    bench = TerraformBench("random", tmp_path, {})
    seen: list[Any] = []
    program = bench.program(lambda client: seen.append(client.call("openPassword", {"length": 9}).value))

    assert not bench.up(program).errors
    assert not bench.up(program).errors
    first, second = (value["result"] for value in seen)
    assert isinstance(first, Secret)
    assert len(str(first.value)) == 9
    assert first != second
    assert bench.names == []
