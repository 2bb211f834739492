"""The embedded package `random` beside the genuine provider: what a seed gives, and what replaces."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.embedded import Driver
from support.genuine_random import Terraform

from stackwright.providers.builtin.random._go_sequence import GoSequence, crc64

pytestmark = pytest.mark.real

SEEDS = ["abc", "x", "a longer seed", "ünïcödé", "0"]
RANGES = [(1, 1_000_000), (-5, 5), (0, 2**31 - 1), (0, 2**31), (-(2**40), 2**61), (7, 7), (0, 1023)]


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    return Terraform(tmp_path_factory.mktemp("terraform"))


def camel(name: str) -> str:
    """The package's name of a Terraform attribute."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def ours(kind: str) -> Driver:
    token = camel(kind)
    return Driver(f"random:index/{token}:{token[0].upper()}{token[1:]}")


class TestSeeds:
    def test_integers_and_shuffles(self, terraform: Terraform) -> None:
        """For every seed the same number and the same order, whatever the range."""
        wanted: dict[str, dict[str, Any]] = {}
        for at, seed in enumerate(SEEDS):
            for which, (low, high) in enumerate(RANGES):
                wanted[f"random_integer.i{at}_{which}"] = {"min": low, "max": high, "seed": seed}
            wanted[f"random_shuffle.s{at}"] = {"input": list("abcdefg"), "seed": seed, "result_count": 20}
        for address, genuine in terraform.apply(wanted).items():
            inputs = wanted[address]
            if address.startswith("random_integer"):
                made = ours("random_integer").create(**inputs)
                assert (made.id, made["result"]) == (genuine["id"], genuine["result"])
            else:
                made = ours("random_shuffle").create(
                    inputs=inputs["input"], seed=inputs["seed"], resultCount=inputs["result_count"]
                )
                assert (made.id, made["results"]) == (genuine["id"], genuine["result"])


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("random_id", {"byte_length": 4}, {"byte_length": 5, "prefix": "p"}),
    ("random_id", {"byte_length": 4, "keepers": {"a": "b"}}, {"byte_length": 4}),
    ("random_bytes", {"length": 4}, {"length": 4, "keepers": {"a": "b"}}),
    ("random_integer", {"min": 1, "max": 9}, {"min": 2, "max": 8, "seed": "s"}),
    ("random_integer", {"min": 1, "max": 9}, {"min": 1, "max": 9, "keepers": {}}),
    ("random_integer", {"min": 1, "max": 9, "keepers": {"a": "b"}}, {"min": 1, "max": 9, "keepers": {}}),
    ("random_password", {"length": 9}, {"length": 9, "special": False, "min_lower": 2}),
    ("random_password", {"length": 9}, {"length": 9, "special": True, "numeric": True}),
    ("random_string", {"length": 9}, {"length": 8, "lower": False, "upper": False, "min_upper": 1}),
    ("random_string", {"length": 9, "override_special": ""}, {"length": 9}),
    ("random_string", {"length": 9, "override_special": "_"}, {"length": 9}),
    ("random_string", {"length": 9}, {"length": 9, "override_special": "_"}),
    ("random_string", {"length": 9, "number": False}, {"length": 9, "numeric": False}),
    ("random_string", {"length": 9, "number": False}, {"length": 9}),
    ("random_pet", {}, {"length": 2, "separator": "-"}),
    ("random_pet", {}, {"length": 3, "separator": "_", "prefix": "p"}),
    ("random_shuffle", {"input": ["a"]}, {"input": ["a", "b"], "result_count": 1, "seed": "s"}),
    ("random_uuid", {}, {"keepers": {"a": "b"}}),
    ("random_uuid4", {"keepers": {"a": "b"}}, {"keepers": {"a": "c"}}),
    ("random_uuid7", {"keepers": {"a": "b"}}, {"keepers": {"a": "b"}}),
]


class TestChanges:
    def test_what_replaces(self, terraform: Terraform) -> None:
        """Every change is no change, an update, or a replacement for the same reasons as there."""
        names = [f"{kind}.c{at}" for at, (kind, _, _) in enumerate(CHANGES)]
        before = {name: inputs for name, (_, inputs, _) in zip(names, CHANGES, strict=True)}
        after = {name: inputs for name, (_, _, inputs) in zip(names, CHANGES, strict=True)}
        terraform.apply(before)
        genuine = terraform.plan(after)
        renamed = {"input": "inputs"}

        def inputs(kind: str, given: dict[str, Any]) -> dict[str, Any]:
            return {renamed.get(name, camel(name)): value for name, value in given.items()}

        for name, (kind, old, new) in zip(names, CHANGES, strict=True):
            actions, reasons = genuine[name]
            diff = ours(kind).create(**inputs(kind, old)).diff(**inputs(kind, new))
            expected = sorted(renamed.get(reason, camel(reason)) for reason in reasons)
            assert sorted(diff.replaces) == expected, (kind, old, new)
            assert bool(diff.diffs) == (actions != ["no-op"]), (kind, old, new)


PROGRAM = """
package main

import (
	"encoding/json"
	"hash/crc64"
	"math/rand"
	"os"
)

func main() {
	var seeds []int64
	var limits []int
	var texts []string
	decoder := json.NewDecoder(os.Stdin)
	for _, part := range []any{&seeds, &limits, &texts} {
		if err := decoder.Decode(part); err != nil {
			panic(err)
		}
	}
	drawn := [][]int{}
	for _, seed := range seeds {
		source := rand.New(rand.NewSource(seed))
		numbers := []int{}
		for _, limit := range limits {
			numbers = append(numbers, source.Intn(limit))
		}
		numbers = append(numbers, source.Perm(9)...)
		last := 0
		for range 2000 {
			last = source.Intn(1000003)
		}
		drawn = append(drawn, append(numbers, last))
	}
	sums := []uint64{}
	for _, text := range texts {
		sums = append(sums, crc64.Checksum([]byte(text), crc64.MakeTable(crc64.ISO)))
	}
	json.NewEncoder(os.Stdout).Encode([]any{drawn, sums})
}
"""


class TestSequence:
    def test_go_draws_the_same(self, tmp_path: Path) -> None:
        """Our sequence is that of Go's standard library, at the edges of seeds and limits and far along."""
        go = shutil.which("go")
        if go is None:
            pytest.skip("`go` is not installed")
        seeds = [0, 1, -1, 42, 2**31 - 1, 2**31, -(2**63), 2**63 - 1, 123456789012345]
        limits = [1, 10, 16, 2**31 - 1, 2**31, 2**40, 3 * 2**61, 2**63 - 1]
        (tmp_path / "main.go").write_text(PROGRAM)
        asked = "\n".join(json.dumps(part) for part in (seeds, limits, SEEDS))
        done = subprocess.run(
            [go, "run", "main.go"], cwd=tmp_path, input=asked, capture_output=True, text=True, check=True
        )
        drawn, sums = json.loads(done.stdout)
        for seed, numbers in zip(seeds, drawn, strict=True):
            sequence = GoSequence(seed)
            mine = [sequence.below(limit) for limit in limits] + sequence.permutation(9)
            last = [sequence.below(1000003) for _ in range(2000)][-1]
            assert [*mine, last] == numbers
        assert [crc64(text.encode()) for text in SEEDS] == sums
