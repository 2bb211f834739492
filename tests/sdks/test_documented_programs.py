"""Programs in the documentation of `pulumi_aws` on a generated package (terraform.md §8, packages.md §4)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import provider_packages
from support.sdks import made, terraform_schema

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(1800)]

CODE = """
import json
from pathlib import Path
from support.documented_programs import outcomes

print(json.dumps(outcomes(Path({theirs!r}), checked={checked})))
"""


def test_they_run_unmodified(tmp_path: Path) -> None:
    """All that run on the package made by hand, with few exceptions, each with a reason of its own."""
    theirs = provider_packages.fetched("pulumi_aws", "6.83.4")
    sdk = made(tmp_path, terraform_schema("aws")).directory

    def run(path: Path, *, checked: bool) -> list[str]:
        code = CODE.format(theirs=str(theirs / "pulumi_aws"), checked=checked)
        found: list[str] = json.loads(
            provider_packages.in_a_process(code, path=path, timeout=900).splitlines()[-1]
        )
        return found

    valid = run(theirs, checked=False)
    ours = run(sdk, checked=True)
    failed = [wrong for wrong, problem in zip(ours, valid, strict=True) if wrong and not problem]

    assert len(valid) > 3_000
    assert valid.count("") > 2_500
    assert len(failed) < valid.count("") / 100, failed
