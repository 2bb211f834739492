"""The public names and their parameters, beside those of the genuine package (sdk.md §1.1, §16)."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from typing import Any

import pytest

MODULES = (
    "",
    "asset",
    "config",
    "deprecated",
    "errors",
    "invoke",
    "log",
    "metadata",
    "output",
    "resource",
    "resource_hooks",
    "runtime",
    "runtime.config",
    "runtime.invoke",
    "runtime.known_types",
    "runtime.mocks",
    "runtime.settings",
    "runtime.stack",
    "runtime.sync_await",
    "stack_reference",
    "type_token",
)

DIFFERENCES = {
    # Rooms of their own that are not built yet.
    ":dynamic": "dynamic providers are still to come",
    ":policy": "policy packs are still to come",
    ":automation": "the automation API is a package of its own",
    "runtime:exists_resource": "the Monitor has no such question yet",
    # Wider than the genuine ones.
    ":ComponentResource.register_outputs": "outputs may be left out",
    "resource:ComponentResource.register_outputs": "outputs may be left out",
    ":Stash": "the parameters that matter have names",
    # What speaks protobuf there, and values here.
    "output:Unknown": "it may say what kind of value is unknown",
    "log:get_engine": "messages go to the monitor",
    "runtime.settings:grpc_error_to_exception": "a monitor raises exceptions itself",
    "runtime.settings:handle_grpc_error": "a monitor raises exceptions itself",
    "runtime.settings:get_base_provider_for_ref": "the monitor knows the base of a package reference",
    "runtime.settings:Settings.lock": "a session belongs to one thread",
    "runtime:Settings.lock": "a session belongs to one thread",
    "runtime.settings:Settings.monitor_features": "features are asked for one by one",
    "runtime:Settings.monitor_features": "features are asked for one by one",
    "runtime.settings:Settings.callbacks": "callbacks are functions",
    "runtime:Settings.callbacks": "callbacks are functions",
    "runtime.settings:Settings.base_providers_by_ref": "the monitor knows the base of a package reference",
    "runtime:Settings.base_providers_by_ref": "the monitor knows the base of a package reference",
    "runtime.mocks:MockMonitor.*": "the methods are those of `Monitor`",
    "runtime.mocks:MockEngine.Log": "messages go to the monitor",
    "runtime.mocks:MockSettings": "takes what `Settings` takes",
    "runtime.stack:Stack": "running a function is the work of `run_in_stack`",
    "runtime.stack:reference_contains": "an internal of the genuine implementation",
}

# Runs in a process of its own, for either package: prints names, parameters and members.
LISTING = """
import importlib, inspect, json, sys

def parameters(what):
    try:
        return [[p.name, p.kind.name, p.default is not p.empty]
                for p in inspect.signature(what).parameters.values()]
    except (TypeError, ValueError):
        return None

def members(cls):
    found = {}
    for name, member in vars(cls).items():
        if not name.startswith("_"):
            function = getattr(member, "__func__", member)
            found[name] = parameters(function) if callable(function) else None
    return found

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases
    _import_aliases.install()
listing = {}
for name in sys.argv[2:]:
    name = name.strip(".")
    module = importlib.import_module("pulumi." + name if name else "pulumi")
    names = {}
    exported = getattr(module, "__all__", None) if name in ("", "runtime") else None
    for public in exported or [n for n in vars(module) if not n.startswith("_")]:
        thing = getattr(module, public)
        if inspect.ismodule(thing) and name:
            continue
        home = getattr(thing, "__module__", "") or ""
        # Of the genuine package, only what is made there; ours may be made anywhere.
        if sys.argv[1] == "genuine" and name not in ("", "runtime") and home != "pulumi." + name:
            continue
        if not inspect.ismodule(thing) and not (inspect.isclass(thing) or inspect.isfunction(thing)):
            names[public] = ["value", None, {}]
        else:
            cls = inspect.isclass(thing)
            names[public] = [type(thing).__name__, parameters(thing), members(thing) if cls else {}]
    listing[name] = names
print(json.dumps(listing))
"""


def listing(who: str) -> dict[str, dict[str, Any]]:
    """The public surface of one of the two packages."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING, who, *(module or "." for module in MODULES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.real
def test_every_public_name_is_there_with_the_same_parameters() -> None:
    """But for the differences listed above, each with its reason."""
    # Not by looking for the module: that name may mean ours here.
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    ours, genuine = listing("ours"), listing("genuine")
    found: set[str] = set()
    for module, names in genuine.items():
        for name, (_, parameters, members) in names.items():
            own = ours[module].get(name)
            if own is None:
                if not (name[0].islower() and name.endswith("_pb2")) and len(name) > 2 and name != "T_co":
                    found.add(f"{module}:{name}")
                continue
            if parameters is not None and own[1] != parameters:
                found.add(f"{module}:{name}")
            for member, member_parameters in members.items():
                if member not in own[2]:
                    known = module == "runtime.mocks" and name == "MockMonitor"
                    found.add(f"{module}:{name}.{'*' if known else member}")
                elif member_parameters is not None and own[2][member] != member_parameters:
                    found.add(f"{module}:{name}.{member}")
    assert sorted(found - DIFFERENCES.keys()) == []
    assert sorted(DIFFERENCES.keys() - found) == []
