"""`policy new`, `policy analyze`, and the flags of `up` and `preview` (cli.md §4.1, §4.2, §13)."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from support import genuine
from support.commands import Room, kill_group, names

PROGRAM = """
import pulumi
import pulumi_random as random

random.RandomPassword("weak", length=8)
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path, PROGRAM).init()


@pytest.fixture
def pack(room: Room) -> Path:
    """The pack that `policy new` writes, in an environment that is there already."""
    environment = genuine.interpreter("pulumi_policy==1.21.0").parents[1]
    made = room.run("policy", "new", "--dir", "../rules", "--generate-only")
    assert "Created Policy Pack!" in made.out
    assert "stackwright preview --policy-pack" in made.out
    folder = room.project.parent / "rules"
    manifest = folder / "PulumiPolicy.yaml"
    manifest.write_text(manifest.read_text().replace("virtualenv: venv", f"virtualenv: {environment}"))
    return folder


@pytest.mark.real
def test_a_new_pack_obeyed_and_asked(room: Room, pack: Path) -> None:
    """From its beginning to what it says of a state that was exported."""
    refused = room.run("up", "--yes", "--skip-preview", "--policy-pack", str(pack))
    assert refused.status == 1
    assert "❌ rules@v0.1.0 (local: " in refused.out
    assert "[mandatory]  long-passwords  (random:index:RandomPassword: weak)" in refused.out
    assert "weak has 8 characters" in refused.out

    settings = pack.parent / "settings.json"
    settings.write_text('{"long-passwords": "advisory"}')
    allowed = room.run(
        *("up", "--yes", "--skip-preview"),
        *("--policy-pack", str(pack), "--policy-pack-config", str(settings)),
    )
    assert allowed.status == 0
    assert "[advisory]  long-passwords" in allowed.out

    analyzed = room.run("policy", "analyze", "--policy-pack", str(pack))
    assert analyzed.status == 1
    assert "one or more mandatory policy violations were found" in analyzed.err
    room.run("stack", "export", "--file", "state.json")
    exported = room.run("policy", "analyze", "--file", "state.json", "--policy-pack", str(pack), "--json")
    assert exported.status == 1
    assert "cannot be decrypted" in exported.err
    events = [json.loads(line) for line in exported.out.splitlines()]
    (found,) = [each["policyEvent"] for each in events if "policyEvent" in each]
    assert (found["policyName"], found["enforcementLevel"]) == ("long-passwords", "mandatory")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["preview", "--policy-pack-config", "x"],
            '"--policy-pack-config" must be specified with "--policy-pack"',
        ),
        (
            ["preview", "--policy-pack", "a,b", "--policy-pack-config", "x"],
            'the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags',
        ),
        (
            ["preview", "--policy-pack", "a", "--policy-pack-config", "x"],
            "the policy settings x cannot be read",
        ),
        (["preview", "--policy-pack", "nowhere"], "no such directory"),
        (["policy", "analyze"], "at least one policy pack has to be named"),
        (["policy", "analyze", "-s", "dev", "--file", "x", "--policy-pack", "p"], "cannot be used together"),
        (["policy", "analyze", "--file", "x", "--policy-pack", "p"], "x cannot be read"),
        (["policy", "new", "cobol"], "no template 'cobol'"),
        (["policy", "new"], "is not empty"),
    ],
)
def test_what_cannot_be_meant(room: Room, words: list[str], said: str) -> None:
    done = room.run(*words)
    assert done.status != 0
    assert said in done.err + done.out


HANGS = 'Path("hangs").touch(); threading.Event().wait()'


@pytest.mark.real
@pytest.mark.parametrize(
    ("place", "recorded"),
    [
        ("", []),
        ("def hang(args, report): {0}\nPolicyPack('p', [ResourceValidationPolicy('h', 'h', hang)])", []),
        ("def hang(args, report): {0}\nPolicyPack('p', [StackValidationPolicy('h', 'h', hang)])", ["weak"]),
    ],
    ids=["coming up", "at a resource", "at the stack"],
)
def test_one_ctrl_c_ends_an_update_that_waits_for_a_pack(
    room: Room, pack: Path, place: str, recorded: list[str]
) -> None:
    """E255: nothing that a pack is asked changes anything, so it is not waited for."""
    imports = "import threading\nfrom pathlib import Path\nfrom pulumi_policy import *\n"
    (pack / "__main__.py").write_text(imports + (place or "{0}").format(HANGS))
    process = room.start("up", "--yes", "--skip-preview", "--policy-pack", str(pack))
    try:
        deadline = time.monotonic() + 40
        while not (pack / "hangs").exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        said = process.communicate(timeout=40)[0]
    finally:
        kill_group(process)
    assert process.returncode not in (None, 0)
    assert "canceled" in said
    assert "Traceback" not in said
    exported = (room.export()["deployment"] or {}).get("resources", [])
    assert names([each for each in exported if not each["type"].startswith("pulumi:")]) == recorded
