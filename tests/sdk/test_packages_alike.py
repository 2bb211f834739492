"""
Provider packages ask for the same things under our SDK and under the genuine one (sdk.md §22).

One program (`support/exercise.py`) uses a package's resources and functions with every argument
that their types tell: under our SDK in the same process as the monitor, and under the genuine SDK
in another one. Requests are compared field by field, and so is what became of every output.
"""

from __future__ import annotations

import json
import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.foreign_programs import run_with_the_genuine_sdk
from support.monitors import FakeMonitor
from support.provider_packages import SUPPORT, fetched, in_a_process, installed

from stackwright.goals import RegisterRequest

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]

PROGRAM = SUPPORT / "support" / "exercise.py"

INSTALLED = {"pulumi_random": 1, "pulumi_tls": 1, "pulumi_command": 1}
"""Packages of the development environment: every resource and function of theirs is used."""

FETCHED: Mapping[str, tuple[str, int]] = {
    "pulumi_archive": ("0.5.3", 1),
    "pulumi_aws": ("7.51.1", 25),
    "pulumi_aws_native": ("1.84.0", 30),
    "pulumi_awsx": ("3.11.0", 1),
    "pulumi_azure": ("6.40.1", 20),
    "pulumi_azure_native": ("3.29.0", 50),
    "pulumi_azuread": ("6.11.1", 2),
    "pulumi_cloudflare": ("6.23.1", 6),
    "pulumi_digitalocean": ("4.84.1", 2),
    "pulumi_docker": ("4.11.2", 1),
    "pulumi_docker_build": ("0.0.22", 1),
    "pulumi_eks": ("4.4.0", 1),
    "pulumi_gcp": ("10.2.0", 40),
    "pulumi_kubernetes": ("4.34.2", 20),
    "pulumi_std": ("2.3.2", 1),
}
"""Packages from the index: their version, and which one in how many of their resources is used."""

NEEDS = {
    "pulumi_awsx": ("pulumi_aws", "pulumi_docker", "pulumi_docker_build"),
    "pulumi_eks": ("pulumi_aws", "pulumi_kubernetes"),
}


MORE_SECRET = ("pulumi_awsx.lb",)
"""Where a nested secret was given, and came back in no answer, the whole is secret with us alone."""


class Deployment(FakeMonitor):
    """Echoes inputs; where a package could not read its own inputs as outputs, it says less."""

    def _registered(self, request: RegisterRequest) -> Any:
        registered = super()._registered(request)
        outputs = {} if request.remote else dict(registered.outputs)
        if "identity" in outputs:  # azure-native: a list going in, a map coming out
            outputs["identity"] = {}
        return msgspec.structs.replace(registered, outputs=outputs)

    def _invoked(self, request: Any) -> Any:
        answer = super()._invoked(request)
        package, _, name = request.token.rpartition(":")
        if not package.startswith(("aws:", "gcp:")) or name.startswith(("get", "list")):
            return answer
        # A function with a single result takes the first member, whatever order maps arrive in.
        return msgspec.structs.replace(answer, value={"result": "text"})


def under_ours(package: str, step: int, out: Path, places: tuple[Path, ...]) -> list[Any]:
    """The requests of the program under our SDK."""
    there = out.with_suffix(".pickle")
    in_a_process(
        f"""
        import pickle, sys
        sys.path += {[str(place) for place in places]!r}
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_packages_alike import Deployment, recorded
        from stackwright.sdk import run_program

        monitor = Deployment()
        result = run_program(monitor, {str(PROGRAM)!r})
        assert result.ok, result.error
        monitor.stop()
        with open({str(there)!r}, "wb") as file:
            pickle.dump(recorded(monitor), file)
        """,
        timeout=600,
        environment=settings(package, step, out),
    )
    found: list[Any] = pickle.loads(there.read_bytes())
    return found


def under_genuine(package: str, step: int, out: Path, places: tuple[Path, ...]) -> list[Any]:
    """The requests of the program under the genuine SDK."""
    monitor = Deployment()
    done = run_with_the_genuine_sdk(monitor, PROGRAM, path=places, environment=settings(package, step, out))
    monitor.stop()
    assert done.returncode == 0, done.stdout + done.stderr
    return recorded(monitor)


def settings(package: str, step: int, out: Path) -> dict[str, str]:
    return {
        "EXERCISE_PACKAGE": package,
        "EXERCISE_STEP": str(step),
        "EXERCISE_OUT": str(out),
        "PYTHONWARNINGS": "ignore",
    }


def recorded(monitor: FakeMonitor) -> list[Any]:
    """The requests, without what is a function or a place in a file."""
    return [
        msgspec.structs.replace(request, transforms=()) if isinstance(request, RegisterRequest) else request
        for request in monitor.requests
    ]


def by_name(requests: list[Any]) -> dict[tuple[str, str, str], list[Any]]:
    found = defaultdict(list)
    for request in requests:
        if isinstance(request, tuple):
            key = ("outputs", request[0], "")
        else:
            kind = getattr(request, "type", "") or getattr(request, "token", "")
            key = (type(request).__name__, kind, getattr(request, "name", ""))
        found[key].append(request)
    return {key: sorted(same, key=repr) for key, same in found.items()}


def differences(path: str, ours: Any, genuine: Any) -> Iterator[str]:
    """Where two values differ, one line each."""
    if isinstance(ours, msgspec.Struct) and type(ours) is type(genuine):
        for field in ours.__struct_fields__:
            # Places in the program: ours leave out frames of packages, and functions have one, too.
            if field in ("source", "stack_trace") or (
                field == "property_dependencies" and _no_dependencies(ours) and _no_dependencies(genuine)
            ):
                continue
            yield from differences(f"{path}.{field}", getattr(ours, field), getattr(genuine, field))
    elif isinstance(ours, dict) and isinstance(genuine, dict) and ours.keys() == genuine.keys():
        for key in ours:
            yield from differences(f"{path}.{key}", ours[key], genuine[key])
    elif isinstance(ours, list | tuple) and isinstance(genuine, list | tuple) and len(ours) == len(genuine):
        for index, (one, other) in enumerate(zip(ours, genuine, strict=True)):
            yield from differences(f"{path}[{index}]", one, other)
    elif ours != genuine:
        yield f"{path}: ours {str(ours)[:200]}, genuine {str(genuine)[:200]}"


def _is_secret_with_us(line: str) -> bool:
    return line.endswith(".secret: ours True, genuine False")


def _no_dependencies(options: Any) -> bool:
    """No property depends on anything: said of each of them, or not mentioned at all."""
    return not options.depends_on and not any((options.property_dependencies or {}).values())


def compare(package: str, step: int, folder: Path, places: tuple[Path, ...]) -> None:
    ours = by_name(under_ours(package, step, folder / "ours.json", places))
    genuine = by_name(under_genuine(package, step, folder / "genuine.json", places))

    assert ours.keys() == genuine.keys()
    assert len(ours) > 2, "nothing was asked for"
    found = [line for key in ours for line in differences(" ".join(key), ours[key], genuine[key])]
    seen = [json.loads((folder / f"{who}.json").read_text()) for who in ("ours", "genuine")]
    found += differences("outcome", *seen)
    found = [
        line for line in found if not (_is_secret_with_us(line) and any(at in line for at in MORE_SECRET))
    ]
    assert not found, "\n".join(found[:40])


@pytest.mark.parametrize("package", INSTALLED)
def test_installed(package: str, tmp_path: Path) -> None:
    """Equal requests and equal outputs, for every resource and function of a package."""
    installed("pulumi")
    installed(package)
    compare(package, INSTALLED[package], tmp_path, ())


@pytest.mark.slow
@pytest.mark.parametrize("package", FETCHED)
def test_fetched(package: str, tmp_path: Path) -> None:
    """Equal requests and equal outputs, for a sample of a package from the index."""
    installed("pulumi")
    needed = (package, *NEEDS.get(package, ()))
    places = tuple(fetched(one, FETCHED[one][0]) for one in needed)
    compare(package, FETCHED[package][1], tmp_path, places)


@pytest.mark.parametrize("brand", ["khulnasoft", "codeinfra"])
def test_rebranded(brand: str, tmp_path: Path) -> None:
    """A package whose names were changed to another brand's imports and registers alike (§23)."""
    installed("pulumi_random")
    import importlib.util

    spec = importlib.util.find_spec("pulumi_random")
    assert spec is not None
    assert spec.origin is not None
    original = Path(spec.origin).parent
    for file in [*original.rglob("*.py"), *original.rglob("*.json")]:
        place = tmp_path / f"{brand}_random" / file.relative_to(original)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.read_text(encoding="utf-8").replace("pulumi", brand), encoding="utf-8")
    metadata = tmp_path / f"{brand}_random-4.0.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {brand}_random\nVersion: 4.0.0\n", encoding="utf-8")
    out = in_a_process(
        f"""
        from support.monitors import FakeMonitor
        from stackwright.sdk import run_program

        monitor = FakeMonitor()

        def program():
            import {brand}, pulumi, {brand}_random as random
            pet = random.RandomPet("pet", length=2, keepers={{"a": {brand}.Output.secret("b")}})
            assert isinstance(pet.id, pulumi.Output)
            pulumi.export("id", pet.id)

        result = run_program(monitor, program)
        assert result.ok, result.error
        print(monitor.resource("pet").type, monitor.exports)
        """,
        path=tmp_path,
    )
    assert out == "random:index/randomPet:RandomPet {'id': 'pet-id'}"
