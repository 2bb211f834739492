"""
What questions about values and names cost: `python bench/values.py`.

Prints microseconds per call, best of several rounds, for a bag such as a resource
has (34 leaves in 6 containers). Each of these runs several times per resource.
"""

from __future__ import annotations

import copy
import timeit
from typing import TYPE_CHECKING, Any, Final

from stackwright import urn
from stackwright.values import (
    Archive,
    Asset,
    Secret,
    archive_hash,
    contains_secrets,
    contains_unknowns,
    diff_properties,
    get_path,
    map_leaves,
    parse_path,
    strip_secrets,
    values_equal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

URN: Final = urn.make_urn("dev", "shop", "my:web:Site", "aws:s3/bucket:Bucket", "assets")

BAG: Final[dict[str, Any]] = {
    **{f"property{at}": value for at, value in enumerate(["text", 1, True, None, 2.5, "more text"] * 4)},
    "tags": {"env": "prod", "owner": "team", "cost": "x"},
    "ids": ["a", "b", "c"],
    "blocks": [{"port": 80, "protocol": "tcp"}, {"port": 443, "protocol": "tcp"}],
}
COPY: Final = copy.deepcopy(BAG)
CHANGED: Final = {**COPY, "property1": 7}
WITH_SECRET: Final = {**BAG, "password": Secret("hunter2")}

CALLS: Final[dict[str, Callable[[], object]]] = {
    "values_equal, a copy": lambda: values_equal(BAG, COPY),
    "values_equal, changed": lambda: values_equal(BAG, CHANGED),
    "diff_properties, a copy": lambda: diff_properties(BAG, COPY),
    "diff_properties, changed": lambda: diff_properties(BAG, CHANGED),
    "contains_unknowns": lambda: contains_unknowns(BAG),
    "contains_secrets": lambda: contains_secrets(WITH_SECRET),
    "strip_secrets, none": lambda: strip_secrets(BAG),
    "strip_secrets, one": lambda: strip_secrets(WITH_SECRET),
    "map_leaves, nothing changes": lambda: map_leaves(BAG, lambda part: part),
    "get_path, three levels": lambda: get_path(BAG, ("blocks", 1, "port")),
    "parse_path, seen before": lambda: parse_path('blocks[0]["a key"].x'),
    "split_urn, seen before": lambda: urn.split_urn(URN),
    "urn_type": lambda: urn.urn_type(URN),
    "urn_name": lambda: urn.urn_name(URN),
    "parse_urn": lambda: urn.parse_urn(URN),
    "child_urn": lambda: urn.child_urn("dev", "shop", URN, "aws:s3/bucket:Object", "index"),
    "archive_hash, one text": lambda: archive_hash(Archive(assets={"a": Asset(text="text")}), "."),
}


def main() -> None:
    for name, call in CALLS.items():
        timer = timeit.Timer(call)
        count, _ = timer.autorange()
        best = min(timer.repeat(5, max(1, count // 10))) / max(1, count // 10)
        print(f"{name:32} {best * 1e6:8.2f} µs")


if __name__ == "__main__":
    main()
