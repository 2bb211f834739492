"""Physical names that the configuration asks for (engine.md E16, E186-E188)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.records import TYPE

from stackwright.engine.plan import AutonamingError, NamingRules, autoname, parse_rules
from stackwright.providers import Autonaming, AutonamingMode

FIXED = {"organization": "acme", "project": "shop", "stack": "dev", "config.zone": "z1"}
SEED = b"s" * 32


def rules(**members: Any) -> NamingRules:
    return parse_rules(json.dumps(members), FIXED.__getitem__)


def named(type_: str = TYPE, *, seed: bytes = SEED, **members: Any) -> Autonaming | None:
    return autoname(rules(**members).strategy(type_), "web", seed)


class TestModes:
    def test_default_leaves_it_to_the_provider(self) -> None:
        """Nothing is sent (E188)."""
        assert named(mode="default") is None
        assert named() is None
        assert parse_rules(None, FIXED.__getitem__).strategy(TYPE).is_random

    def test_verbatim_enforces_the_logical_name(self) -> None:
        """The program's name, binding (E188)."""
        assert named(mode="verbatim") == Autonaming("web", AutonamingMode.ENFORCE)

    def test_disabled_proposes_nothing(self) -> None:
        """The program has to give names itself (E188)."""
        assert named(mode="disabled") == Autonaming("", AutonamingMode.DISABLE)

    def test_a_pattern_proposes_and_may_enforce(self) -> None:
        """Enforced patterns warn where a provider does not support names (E188)."""
        assert named(pattern="x-${name}") == Autonaming("x-web", AutonamingMode.PROPOSE)
        assert named(pattern="x-${name}", enforce=True) == Autonaming("x-web", AutonamingMode.ENFORCE, True)


class TestPatterns:
    @pytest.mark.parametrize(
        ("part", "shape"),
        [
            ("${hex(6)}", "[0-9a-f]{6}"),
            ("${alphanum(9)}", "[0-9a-z]{9}"),
            ("${string(5)}", "[a-z]{5}"),
            ("${num(4)}", "[0-9]{4}"),
            ("${uuid}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ],
    )
    def test_random_parts(self, part: str, shape: str) -> None:
        """Each has its alphabet and length, and one seed gives one name (E16, E187)."""
        name = named(pattern="${name}-" + part)

        assert name is not None
        assert re.fullmatch(f"web-{shape}", name.proposed_name)
        assert named(pattern="${name}-" + part) == name
        assert named(pattern="${name}-" + part, seed=b"t" * 32) != name

    def test_without_a_seed_names_differ(self) -> None:
        """An empty seed is no seed (E16)."""
        assert named(pattern="${hex(16)}", seed=b"") != named(pattern="${hex(16)}", seed=b"")

    def test_parts_that_are_the_same_for_the_stack(self) -> None:
        """Organization, project, stack and configuration are filled in (E187)."""
        name = named(pattern="${organization}.${project}.${stack}.${config.zone}.${name}")

        assert name is not None
        assert name.proposed_name == "acme.shop.dev.z1.web"

    def test_only_names_with_a_random_part_can_stand_side_by_side(self) -> None:
        """Verbatim, disabled and patterns without a random part force delete before replace (E188)."""
        assert rules(mode="default").strategy(TYPE).is_random
        assert rules(pattern="${name}-${hex(4)}").strategy(TYPE).is_random
        assert not rules(pattern="${name}-${stack}").strategy(TYPE).is_random
        assert not rules(mode="verbatim").strategy(TYPE).is_random
        assert not rules(mode="disabled").strategy(TYPE).is_random


class TestSpecificRules:
    MEMBERS: Any = {
        "mode": "verbatim",
        "providers": {
            "pkg": {"mode": "disabled", "resources": {TYPE: {"pattern": "r-${name}"}}},
            "bare": {"resources": {"bare:index:Thing": {"mode": "default"}}},
        },
    }

    @pytest.mark.parametrize(
        ("type_", "expected"),
        [
            (TYPE, Autonaming("r-web", AutonamingMode.PROPOSE, True)),
            ("pkg:index:Other", Autonaming("", AutonamingMode.DISABLE, True)),
            ("other:index:Thing", Autonaming("web", AutonamingMode.ENFORCE)),
            ("bare:index:Other", Autonaming("web", AutonamingMode.ENFORCE)),
            ("bare:index:Thing", None),
        ],
    )
    def test_the_most_specific_wins(self, type_: str, expected: Autonaming | None) -> None:
        """Resource type, then provider, then everything; specific ones warn (E186, E188)."""
        assert named(type_, **self.MEMBERS) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "JSON"),
        ("[]", "object"),
        ('{"mod": "verbatim"}', "mod"),
        ('{"mode": "loud"}', "loud"),
        ('{"mode": "verbatim", "pattern": "${name}"}', "cannot specify both"),
        ('{"mode": "verbatim", "enforce": true}', "cannot specify both"),
        ('{"enforce": true}', "enforce"),
        ('{"pattern": ""}', "pattern"),
        ('{"pattern": "${nane}"}', "nane"),
        ('{"providers": []}', "providers"),
        ('{"providers": {"pkg": {"resources": {"pkg:index:Thing": {}}}}}', "pkg:index:Thing"),
        ('{"providers": {"pkg": {"mode": "loud"}}}', "providers.pkg"),
    ],
)
def test_configuration_that_makes_no_sense_is_an_error(text: str, problem: str) -> None:
    """The message names the member at fault (E186)."""
    with pytest.raises(AutonamingError, match=re.escape(problem)):
        parse_rules(text, FIXED.__getitem__)
