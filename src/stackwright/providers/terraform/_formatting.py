"""
Plans that only write a document in another way (terraform.md §6, §10 item 26).

Providers on the old SDK bring JSON into a form of their own when they plan. Most of them
then see that nothing differs from what is recorded; some do not, and would "update" an
object for ever that is, letter by letter, what the program asks for.
"""

from __future__ import annotations

import msgspec

from stackwright.providers.terraform._types import STRING, ListOf, MapOf, ObjectOf, Type
from stackwright.providers.terraform._values import TfValue, UnknownValue, equal


def only_reformats(prior: TfValue, config: TfValue, planned: TfValue, kind: Type) -> bool:
    """
    Whether *planned* differs from *prior* in the writing of JSON documents alone.

    That counts only where *prior* is exactly what *config* says: a program that writes
    its document differently from now on has asked for a change.
    """
    if equal(prior, planned, kind):
        return True
    if isinstance(config, UnknownValue):
        return False
    match kind:
        case ObjectOf(attributes) if isinstance(prior, dict) and isinstance(planned, dict):
            said = config if isinstance(config, dict) else {}
            return all(
                only_reformats(prior.get(name), said.get(name), planned.get(name), each)
                for name, each in attributes.items()
            )
        case MapOf(element) if isinstance(prior, dict) and isinstance(planned, dict):
            said = config if isinstance(config, dict) else {}
            return prior.keys() == planned.keys() and all(
                only_reformats(prior[key], said.get(key), planned[key], element) for key in prior
            )
        case ListOf(element) if isinstance(prior, list) and isinstance(planned, list):
            said_list = config if isinstance(config, list) else []
            return len(prior) == len(planned) == len(said_list) and all(
                only_reformats(*each, element) for each in zip(prior, said_list, planned, strict=True)
            )
    return kind is STRING and prior == config and _same_document(prior, planned)


def _same_document(one: TfValue, other: TfValue) -> bool:
    """Whether two texts are the same JSON object or list, however they are written."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    if one.lstrip()[:1] not in ("{", "["):
        return False
    try:
        left, right = msgspec.json.decode(one), msgspec.json.decode(other)
    except msgspec.DecodeError:
        return False
    # Not `==`, for which `true` is `1`.
    return msgspec.json.encode(left, order="deterministic") == msgspec.json.encode(
        right, order="deterministic"
    )
