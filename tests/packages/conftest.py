"""What tests of installation share: a misbehaving server that is trusted, and a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.goplugin import cache
from support.misbehaving import Server, certificate, serving
from support.notes import Notes

from stackwright.cli._app import run


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers' certificate is."""
    directory = tmp_path_factory.mktemp("tls")
    certificate(directory)
    return directory


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, tls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's user counts, and the servers are believed."""
    # What was built once stays where it is, whatever home is.
    monkeypatch.setenv("STACKWRIGHT_TEST_CACHE", str(cache()))
    for name, value in {
        "HOME": tmp_path / "user",
        "STACKWRIGHT_HOME": tmp_path / "home",
        "PULUMI_HOME": tmp_path / "pulumi",
        "XDG_DATA_DIRS": tmp_path / "none",
        "SSL_CERT_FILE": certificate(tls),
    }.items():
        monkeypatch.setenv(name, str(value))
    for name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(tls: Path) -> Iterator[Server]:
    with serving(tls) as app:
        yield app


@pytest.fixture
def elsewhere(tls: Path) -> Iterator[Server]:
    """A server of another origin."""
    with serving(tls, "127.0.0.1") as app:
        yield app


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project, in which commands are run."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text("name: shop # ours\nruntime: python\n")
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def say(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in the project; its status and what it printed."""

    def one(*words: str) -> tuple[int, str, str]:
        status = run(list(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return one
