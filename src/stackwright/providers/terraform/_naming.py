"""
Whether a new object can exist beside the one that it replaces.

Schemas do not say what is unique. But an object whose id is what the program calls it,
and that is still called so, has to go first: the new one could not be made, or would be
taken away with the old one. Everything else is replaced in the order that the program
asked for (terraform.md §8.11).
"""

from __future__ import annotations

from typing import Final

from stackwright.providers.terraform._reading_back import DEFAULTS_KEY
from stackwright.providers.terraform._shapes import Shape
from stackwright.providers.terraform._types import STRING
from stackwright.values import PropertyMap, reveal

_SHORTEST: Final = 3
"""Shorter texts end an id by chance."""


def keeps_its_name(shape: Shape, id_: str, *, olds: PropertyMap, news: PropertyMap) -> bool:
    """
    Whether what *news* describe would be called as the object *id_*, made of *olds*, is.

    Its name is every input that the id consists of or ends with, as addresses do. One that
    was made up does not count: it will be another one.
    """
    before, after = reveal(olds), reveal(news)
    made_up = after.get(DEFAULTS_KEY)
    names = [
        field.shown_as
        for field in shape.fields
        if field.shown_as is not None
        and field.attribute is not None
        and field.attribute.type is STRING
        and _names(before.get(field.shown_as), id_)
    ]
    return bool(names) and all(
        after.get(name) == before[name] and not (isinstance(made_up, list) and name in made_up)
        for name in names
    )


def _names(text: object, id_: str) -> bool:
    if not isinstance(text, str) or not text:
        return False
    return text == id_ or (len(text) >= _SHORTEST and id_.endswith((f"/{text}", f":{text}")))
