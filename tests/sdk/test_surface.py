"""Every public name of the genuine package, with its parameters, beside ours (sdk.md §1.1, §16)."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LISTING = Path(__file__).parent.parent / "support" / "surface.py"

DIFFERENCES = {
    # Wider than the genuine ones.
    r".*:(ComponentResource|Stack)\.register_outputs": "outputs may be left out",
    r"output:Unknown": "it may say what kind of value is unknown",
    r"provider\.(experimental\.)?server:ProviderServicer\.(Attach|Handshake)": "answered, not refused",
    # Not for anybody outside of that package.
    r"runtime\.settings:contextproperty": "how that package keeps settings apart",
    r"runtime\..*_pb2(_grpc)?:(google|pulumi)_dot_.*": "how protoc's own code calls what it imports",
    r"runtime\.proto\.testing.*": "the protocol of that project's own conformance tests",
}
"""Patterns of `module:name.member` that may differ, with reasons."""


def listing(who: str, modules: list[str] | None = None) -> dict[str, Any]:
    """The public surface of one of the two packages, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", LISTING, who],
        input=json.dumps(modules),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def differences(genuine: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    """Every name that is missing, of another kind, or called in another way: with what differs."""
    for module, names in genuine.items():
        if names is None:
            continue  # there it cannot be imported either
        if ours[module] is None:
            yield f"{module} is missing"
            continue
        for name, there in names.items():
            here = ours[module].get(name)
            if here is None:
                yield f"{module}:{name} is missing"
                continue
            yield from different(f"{module}:{name}", there, here)


def different(name: str, there: dict[str, Any], here: dict[str, Any]) -> Iterator[str]:
    """What differs between two things of one name."""
    if there["kind"] != here["kind"]:
        yield f"{name} is a {here['kind']}, not a {there['kind']}"
    if there["parameters"] not in (None, here["parameters"]):
        yield f"{name} takes {here['parameters']}, not {there['parameters']}"
    missing = set(there["bases"]) - set(here["bases"])
    if missing:
        yield f"{name} is no {missing}"
    for member, (kind, parameters) in there["members"].items():
        own = here["members"].get(member)
        if own is None:
            yield f"{name}.{member} is missing"
        elif [kind, parameters] != own:
            yield f"{name}.{member} is {own}, not {[kind, parameters]}"


@pytest.mark.real
def test_every_public_name_is_there_with_the_same_parameters() -> None:
    """But for the differences listed above, each with its reason, and none of them outdated."""
    # Not by looking for the module: that name may mean ours here.
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    genuine = listing("genuine")
    ours = listing("ours", list(genuine))
    found = list(differences(genuine, ours))
    names = [text.partition(" ")[0] for text in found]

    assert sum(len(names or ()) for names in genuine.values()) > 1000
    assert [
        text
        for text, name in zip(found, names, strict=True)
        if not any(re.fullmatch(pattern, name) for pattern in DIFFERENCES)
    ] == []
    assert [
        pattern for pattern in DIFFERENCES if not any(re.fullmatch(pattern, name) for name in names)
    ] == []
