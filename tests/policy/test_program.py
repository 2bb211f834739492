"""`python -m pulumi.policy`: what a pack finds when it is run, beside the genuine package (sdk.md §20)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import genuine

PACK = """
import pulumi, sys
print([pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), pulumi.runtime.is_dry_run()])
print([pulumi.Config("shop").get("a"), pulumi.Config("shop").get("b"), __name__])
if pulumi.Config("shop").get("b"):
    raise ValueError("broken")
"""
VARIABLES = {"PULUMI_PROJECT": "shop", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": "true"}
CASES: dict[str, tuple[list[str], dict[str, str]]] = {
    "everything is told": ([], {**VARIABLES, "PULUMI_ORGANIZATION": "org"}),
    "no organization": ([], VARIABLES),
    "no stack": ([], {"PULUMI_PROJECT": "shop", "PULUMI_DRY_RUN": "true"}),
    "options": (["--logtostderr", "-v", "3", "--tracing", "file:///t"], VARIABLES),
    "it fails": ([], {**VARIABLES, "PULUMI_CONFIG": '{"shop:a": "1", "shop:b": "2"}'}),
}


def ran(python: str | Path, module: str, pack: Path, case: str) -> tuple[int, str, bool]:
    options, variables = CASES[case]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    done = subprocess.run(
        [python, "-W", "ignore", "-m", module, *options, "127.0.0.1:1", str(pack)],
        capture_output=True,
        text=True,
        check=False,
        env={**inherited, "PULUMI_CONFIG": '{"shop:a": "1"}', **variables},
    )
    return done.returncode, done.stdout, "ValueError: broken" in done.stderr


@pytest.mark.real
@pytest.mark.parametrize("case", CASES)
def test_settings_and_the_end(case: str, tmp_path: Path) -> None:
    """Settings and configuration are the environment's; 1 where the pack ends with an exception."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "__main__.py").write_text("import stackwright.as_pulumi\n" + PACK, encoding="utf-8")
    ours = ran(sys.executable, "stackwright.sdk.policy", pack, case)
    (pack / "__main__.py").write_text(PACK, encoding="utf-8")

    assert ours == ran(genuine.interpreter(), "pulumi.policy", pack, case)
    assert ours[0] == (1 if case == "it fails" else 0)
