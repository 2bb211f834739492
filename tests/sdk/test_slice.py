"""A whole program with an unmodified provider package, from its first line to the stack's outputs."""

from __future__ import annotations

import importlib.util

import pytest
from support.monitors import FakeMonitor

from stackwright.sdk import run_program


@pytest.fixture
def pulumi_random() -> None:
    # Importing it here would import the genuine `pulumi`.
    if importlib.util.find_spec("pulumi_random") is None:
        pytest.skip("the provider package pulumi-random is not installed")


@pytest.mark.usefixtures("pulumi_random")
class TestProgramWithRandom:
    def test_a_pet_is_registered_and_exported(self) -> None:
        """`import pulumi` and a provider package written for it work as they are (sdk.md §22, §23)."""

        def program() -> None:
            import pulumi
            import pulumi_random as random

            pet = random.RandomPet("pet", length=3)
            random.RandomPet("friend", prefix=pet.id)
            pulumi.export("pet", pet.id)

        monitor = FakeMonitor()
        result = run_program(monitor, program)

        assert result.ok, result.error
        assert monitor.names == ["pet", "friend"]
        assert monitor.resource("pet").inputs == {"length": 3}
        assert monitor.resource("friend").inputs == {"prefix": "pet-id"}
        assert monitor.exports == {"pet": "pet-id"}
        assert monitor.finished
