"""Files written by hand in generated packages (packages.md §2, §5.3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.sdks import run

from stackwright.packages import generate
from stackwright.packages.sdkgen import OverlayError, read_overlays

SCHEMA = json.dumps(
    {
        "name": "chart",
        "version": "1.0.0",
        "resources": {
            "chart:index:Chart": {"isOverlay": True},
            "chart:index:Plain": {},
            "chart:helm/v3:Release": {},
        },
    }
).encode()
CHART = """
import pulumi

def _hidden(): ...

class Chart(pulumi.ComponentResource):
    "By hand."

DEFAULT: int = 1
other, also = 2, 3
"""


@pytest.fixture
def overlays(tmp_path: Path) -> Path:
    folder = tmp_path / "overlays" / "python"
    (folder / "helm" / "v3").mkdir(parents=True)
    (folder / "chart.py").write_text(CHART)
    (folder / "helm" / "v3" / "helm.py").write_text("__all__ = ['FetchOpts']\nclass FetchOpts: ...\nx = 1\n")
    (folder / "templates").mkdir()
    (folder / "templates" / "page.html").write_text("<html>")
    return folder.parent


def test_they_are_part_of_their_modules(tmp_path: Path, overlays: Path) -> None:
    """Exported like what was generated, and imported only when they are used."""
    generate(SCHEMA, tmp_path / "sdk", has_sdk=True, overlays=read_overlays(overlays / "python"))
    printed = run(
        """
        import sys
        import pulumi_chart as chart
        assert "pulumi_chart.chart" not in sys.modules
        print(chart.Chart.__doc__, chart.DEFAULT, hasattr(chart, "_hidden"), "Chart" in chart.__all__)
        print(chart.helm.v3.FetchOpts.__name__, hasattr(chart.helm.v3, "x"), chart.Plain.__name__)
        """,
        tmp_path / "sdk",
    )
    assert printed.split("\n")[:2] == ["By hand. 1 False True", "FetchOpts False Plain"]
    package = tmp_path / "sdk" / "pulumi_chart"
    assert "from .chart import (" in (package / "__init__.pyi").read_text()
    assert (package / "templates" / "page.html").read_text() == "<html>"


def test_nothing_of_them_runs(tmp_path: Path) -> None:
    """They are looked at, not imported."""
    data = b"raise SystemExit('it ran')\nclass Chart: ...\n"
    generate(SCHEMA, tmp_path / "sdk", overlays={"chart.py": data})
    assert '"chart": ["Chart"]' in (tmp_path / "sdk" / "pulumi_chart" / "__init__.py").read_text()


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("__init__.py", "", "would take the place of a generated file"),
        ("helm/_utilities.py", "", "would take the place of a generated file"),
        ("broken.py", "class", "is no Python"),
        ("nul.py", "\0", "is no Python"),
        ("not-a-name.py", "", "cannot be imported under that name"),
        ("class.py", "", "cannot be imported under that name"),
    ],
)
def test_what_is_none(tmp_path: Path, place: str, text: str, said: str) -> None:
    """And what was there stays."""
    path = tmp_path / "overlays" / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "mine").touch()
    with pytest.raises(OverlayError, match=said):
        generate(SCHEMA, tmp_path / "sdk", overlays=read_overlays(tmp_path / "overlays"))
    assert (tmp_path / "sdk" / "mine").exists()


def test_the_command(say: Callable[..., tuple[int, str, str]], tmp_path: Path, overlays: Path) -> None:
    """`--overlays DIR` takes the language's folder of it (§5.3)."""
    (tmp_path / "schema.json").write_bytes(SCHEMA)
    words = ("package", "gen-sdk", str(tmp_path / "schema.json"), "--out", str(tmp_path / "out"))
    status, _, err = say(*words, "--overlays", str(overlays))
    assert status == 0, err
    assert (tmp_path / "out" / "python" / "pulumi_chart" / "chart.py").read_text() == CHART
    status, _, err = say(*words, "--overlays", str(tmp_path / "none"))
    assert status == 1
    assert "it is no directory" in err
    assert (tmp_path / "out" / "python" / "pulumi_chart" / "chart.py").exists(), "it is as it was"
