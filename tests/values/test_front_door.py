"""What `stackwright.values` exports, and that importing it stays cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stackwright import values


def test_everything_listed_is_there() -> None:
    """Each name in `__all__` can be had, the ones that load on first use too."""
    assert len(values.__all__) == len(set(values.__all__))
    for name in values.__all__:
        assert getattr(values, name) is not None


def test_nothing_else_is_there() -> None:
    """A name that does not exist is an ordinary `AttributeError`."""
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = values.nonsense


def test_files_are_read_by_those_who_read_files() -> None:
    """Values alone load neither the reading of assets nor the web."""
    script = (
        "import sys, stackwright.values as values\n"
        "ours = {f'stackwright.values.{name}' for name in ('_assets', '_archives', '_tar')}\n"
        "heavy = ours | {'httpx', 'zipfile', 'hashlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "values.asset_hash(values.Asset(text='x'), '.')\n"
        "print(sorted({'httpx', 'zipfile', 'gzip'} & set(sys.modules)))\n"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n[]\n"
