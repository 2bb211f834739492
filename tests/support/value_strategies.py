"""Hypothesis strategies for property values: plain data, and every kind beyond it."""

from __future__ import annotations

from hypothesis import strategies as st

from stackwright.urn import make_urn
from stackwright.values import (
    Archive,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
    Value,
)

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
keys = st.sampled_from(["a", "b", "c", "name", "a.b", 'q"q', "*", "x[0]", "", "back\\slash"]) | texts
numbers = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
plain_leaves = st.none() | st.booleans() | numbers | texts

urns = st.builds(
    make_urn,
    st.just("dev"),
    st.just("shop"),
    st.sampled_from(["", "my:web:Site"]),
    st.just("pkg:mod:Thing"),
    st.sampled_from(["one", "two", "a::b"]),
)
unknowns = st.builds(Unknown, st.sampled_from(UnknownKind))
assets = st.builds(Asset, text=texts, hash=st.sampled_from(["h1", "h2"]))
archives = st.builds(
    Archive,
    assets=st.dictionaries(texts, assets, max_size=2),
    hash=st.sampled_from(["h1", "h2"]),
)
references = st.builds(
    ResourceRef, urn=urns, id=st.none() | texts, package_version=st.sampled_from(["", "1.2.3"])
)


def nested(leaves: st.SearchStrategy[Value], *, wrapped: bool = True) -> st.SearchStrategy[Value]:
    """Containers over *leaves*, and secrets and output values around both if *wrapped*."""

    def grow(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        containers = st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
        if not wrapped:
            return containers
        outputs = st.builds(
            OutputValue,
            value=inner,
            secret=st.booleans(),
            dependencies=st.lists(urns, max_size=2, unique=True).map(tuple),
        )
        return containers | st.builds(Secret, inner) | outputs

    return st.recursive(leaves, grow, max_leaves=12)


plain_values = nested(plain_leaves, wrapped=False)
known_values = nested(plain_leaves | st.binary(max_size=4) | assets | archives | references)
values = nested(plain_leaves | st.binary(max_size=4) | assets | archives | references | unknowns)
property_maps = st.dictionaries(keys, known_values, max_size=5)
