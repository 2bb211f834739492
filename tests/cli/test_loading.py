"""What a command has no use for is not loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["stackwright.display", "stackwright.cli._stack", "stackwright.cli._operations"]
)
def test_the_terminal_library_is_for_terminals(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "print([name for name in sys.modules if name.split('.')[0] in ('rich', 'grpc')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
