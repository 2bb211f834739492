"""What a resource takes from its parent, and which provider manages it (engine.md E38-E40)."""

from __future__ import annotations

import pytest
from support.records import goal, urn

from stackwright.engine.plan import choose_provider, effective_providers, inherit
from stackwright.urn import provider_type

EXPLICIT = f"{urn('mine', type_=provider_type('pkg'))}::1"
OTHER = f"{urn('mine', type_=provider_type('other'))}::2"


class TestInherit:
    def test_unset_options_come_from_the_parent(self) -> None:
        """`deleted_with`, `protect` and `retain_on_delete` are inherited where unset (E38)."""
        parent = goal("p", custom=False, deleted_with=urn("x"), protect=True, retain_on_delete=True)

        options = inherit(goal("c"), parent).options

        assert (options.deleted_with, options.protect, options.retain_on_delete) == (urn("x"), True, True)

    def test_what_is_set_stays(self) -> None:
        """An explicit false is a decision (E38)."""
        parent = goal("p", custom=False, deleted_with=urn("x"), protect=True, retain_on_delete=True)

        options = inherit(
            goal("c", deleted_with=urn("y"), protect=False, retain_on_delete=False), parent
        ).options

        assert (options.deleted_with, options.protect, options.retain_on_delete) == (urn("y"), False, False)

    def test_nothing_to_inherit_makes_nothing_new(self) -> None:
        """The very goal comes back where nothing changes."""
        child = goal("c")

        assert inherit(child, goal("p", custom=False)) is child

    @pytest.mark.parametrize(
        ("child", "expected"),
        [
            (goal("c"), EXPLICIT),
            (goal("c", type_="other:index:Thing"), ""),
            (goal("c", custom=False), EXPLICIT),
            (goal("c", type_="other:index:Part", custom=False), EXPLICIT),
            (goal("c", type_="other:index:Part", custom=False, remote=True), ""),
            (goal("c", type_="pkg:index:Part", custom=False, remote=True), EXPLICIT),
            (goal("c", provider=OTHER), OTHER),
        ],
        ids=["same package", "another", "component", "any component", "remote", "remote of it", "explicit"],
    )
    def test_the_provider_is_inherited_where_it_fits(self, child: object, expected: str) -> None:
        """X17: by local components, and by what is of the provider's own package (E38)."""
        parent = goal("p", provider=EXPLICIT)

        assert inherit(child, parent).options.provider == expected  # type: ignore[arg-type]

    def test_a_parents_default_provider_is_inherited_as_well(self) -> None:
        """The parent's goal carries the provider that was resolved for it (E38, E71, X17)."""
        parent = goal("p")

        assert inherit(goal("c"), parent, EXPLICIT).options.provider == EXPLICIT
        assert inherit(goal("c", type_="other:index:Thing"), parent, EXPLICIT).options.provider == ""


class TestProviders:
    def test_a_components_own_providers_come_first(self) -> None:
        """Its own map, and missing keys from its parent's (E40)."""
        assert effective_providers({"a": "1"}, {"a": "2", "b": "3"}) == {"a": "1", "b": "3"}
        assert effective_providers({}, {"a": "2"}) == {"a": "2"}
        assert effective_providers({"a": "1"}, {}) == {"a": "1"}

    def test_the_order_of_choice(self) -> None:
        """Explicit, own map, the parent's map, and then the default one (E39)."""
        above = {"pkg": "above"}

        assert choose_provider(goal("c", provider="explicit", providers={"pkg": "own"}), above) == "explicit"
        assert choose_provider(goal("c", providers={"pkg": "own"}), above) == "own"
        assert choose_provider(goal("c", providers={"other": "own"}), above) == "above"
        assert choose_provider(goal("c"), {"other": "above"}) == ""
