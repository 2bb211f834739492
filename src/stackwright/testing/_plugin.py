"""
The pytest plugin: the alias, fixtures, and nothing left behind between tests.

pytest loads it by itself. Until a test asks for something, it costs nothing and changes
nothing: with a genuine `pulumi` in the same environment, tests see that one unless
`stackwright_alias = true` is set, or the run was started by `stackwright exec`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from stackwright.testing import Fakes, GoldenFiles, MemoryStack

_VARIABLES = ("PULUMI_", "STACKWRIGHT_", "KHULNASOFT_")


class DeployFunction(Protocol):
    """What the fixture `memory_stack` is: `MemoryStack`, with the test's own fakes."""

    def __call__(
        self,
        program: Any,
        *,
        project: str = "",
        stack: str = "test",
        config: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        fakes: Fakes | None = None,
        others: Mapping[str, Mapping[str, Any]] | None = None,
        policies: Sequence[Any] = (),
        policy_settings: Mapping[str, Any] | None = None,
    ) -> MemoryStack: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "stackwright_alias",
        "Let `import pulumi` and `import khulnasoft` mean Stackwright in this run",
        type="bool",
        default=False,
    )
    parser.getgroup("stackwright").addoption(
        "--stackwright-update",
        action="store_true",
        default=False,
        help="Write the golden files of `assert_golden` anew, instead of comparing",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before any conftest of the user's could import another `pulumi`."""
    # Workers of xdist are processes of their own, which `exec` did not start: it left them a sign.
    if early_config.getini("stackwright_alias") or os.environ.get("STACKWRIGHT_ALIAS_IN") == sys.prefix:
        from stackwright.sdk._children import children_reached
        from stackwright.sdk._import_aliases import install

        install()
        reaching = ExitStack()
        reaching.enter_context(children_reached())
        early_config.add_cleanup(reaching.close)


@pytest.fixture(autouse=True)
def _stackwright_isolation() -> Iterator[None]:
    """Deployment, configuration and variables are after a test what they were before it."""
    session = sys.modules.get("stackwright.sdk._session")
    saved = session.save() if session is not None else None
    variables = {name: text for name, text in os.environ.items() if name.startswith(_VARIABLES)}
    yield
    session = sys.modules.get("stackwright.sdk._session")
    if session is not None:
        session.restore(saved)
    for name in [name for name in os.environ if name.startswith(_VARIABLES)]:
        if name not in variables:
            del os.environ[name]
    for name, text in variables.items():
        if os.environ.get(name) != text:
            os.environ[name] = text


@pytest.fixture
def fakes() -> Fakes:
    """The fakes that answer for the providers in this test."""
    from stackwright.testing import Fakes

    return Fakes()


@pytest.fixture
def memory_stack(fakes: Fakes) -> DeployFunction:
    """Make stacks in memory, of a function, a file or a project directory."""
    from stackwright.testing import MemoryStack

    def make(program: Any, **given: Any) -> MemoryStack:
        if given.get("fakes") is None:
            given["fakes"] = fakes
        return MemoryStack(program, **given)

    return make


@pytest.fixture
def assert_golden(request: pytest.FixtureRequest) -> GoldenFiles:
    """Hold results against golden files."""
    from stackwright.testing import GoldenFiles

    module = Path(str(request.node.path))
    test = request.node.nodeid.partition("::")[2].replace("::", ".")
    return GoldenFiles(module, test, update=bool(request.config.getoption("--stackwright-update")))
