"""
What the codec costs: `python bench/wire_codec.py`.

Prints microseconds per bag, best of several rounds, for bags such as resources
have. The parse and serialize lines are protobuf's own share of a call.
"""

from __future__ import annotations

import timeit
from typing import TYPE_CHECKING, Any, Final

from stackwright.urn import make_urn
from stackwright.values import UNKNOWN, Asset, OutputValue, ResourceRef, Secret
from stackwright.wire import EVERYTHING, decode_properties, encode_properties
from stackwright.wire.stubs.pulumi.provider_pb2 import CreateRequest

if TYPE_CHECKING:
    from collections.abc import Callable

URN: Final = make_urn("dev", "shop", "", "aws:s3/bucket:Bucket", "site")

BAGS: Final[dict[str, dict[str, Any]]] = {
    "plain, 25 values": {
        "name": "my-bucket-name",
        "tags": {"env": "prod", "owner": "team-a", "cost": "x"},
        "ids": ["a", "b", "c"],
        "size": 12,
        "enabled": True,
        "policy": '{"Version":"2012"}' * 5,
        "nested": {"a": {"b": [{"c": 1.5}, {"d": None}]}},
        "arn": "arn:aws:s3:::my-bucket",
        "region": "us-east-1",
        "forceDestroy": False,
    },
    "special, 8 values": {
        "password": Secret("hunter2"),
        "endpoint": UNKNOWN,
        "source": Asset(path="./site/index.html", hash="e" * 64),
        "bucket": OutputValue(value="site", dependencies=(URN,)),
        "vpc": ResourceRef(urn=URN, id="vpc-1"),
    },
    "one text of 100 kB": {"body": "x" * 100_000},
    "list of 1000 texts": {"names": [f"name-{number}" for number in range(1000)]},
}


def best(action: Callable[[], object]) -> float:
    """Microseconds that one call of *action* takes when nothing disturbs it."""
    timer = timeit.Timer(action)
    number, _ = timer.autorange()
    return min(timer.repeat(repeat=5, number=max(1, number // 4))) / max(1, number // 4) * 1e6


def main() -> None:
    """Measure every bag."""
    print(f"{'bag':24} {'bytes':>8} {'encode':>10} {'serialize':>10} {'parse':>10} {'decode':>10}")
    for name, bag in BAGS.items():

        def encoded(bag: dict[str, Any] = bag) -> CreateRequest:
            request = CreateRequest(urn=URN)
            encode_properties(bag, request.properties, EVERYTHING)
            return request

        request = encoded()
        data = request.SerializeToString()
        parsed = CreateRequest.FromString(data)
        assert decode_properties(parsed.properties, EVERYTHING) == bag
        print(
            f"{name:24} {len(data):8} {best(encoded):10.1f} {best(request.SerializeToString):10.1f}"
            f" {best(lambda data=data: CreateRequest.FromString(data)):10.1f}"
            f" {best(lambda parsed=parsed: decode_properties(parsed.properties, EVERYTHING)):10.1f}"
        )


if __name__ == "__main__":
    main()
