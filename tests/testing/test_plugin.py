"""The pytest plugin in runs of its own: alias, fixtures, golden files, isolation, xdist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = """
import pulumi

class Bucket(pulumi.CustomResource):
    arn: pulumi.Output[str]

    def __init__(self, name, acl, opts=None):
        super().__init__("cloud:store/bucket:Bucket", name, {"acl": acl, "arn": None}, opts)

def site():
    bucket = Bucket("site", pulumi.Config().get("acl") or "private")
    pulumi.export("arn", bucket.arn)
"""


class Suite:
    """A folder of tests as a user has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("infra.py", PROGRAM)
        self.write("pytest.ini", "[pytest]\nstackwright_alias = true\n")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run(self, *arguments: str, command: tuple[str, ...] = ("-m", "pytest")) -> tuple[int, str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        done = subprocess.run(
            [sys.executable, *command, "-q", "-p", "no:cacheprovider", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        return done.returncode, done.stdout + done.stderr

    def passes(self, *arguments: str, command: tuple[str, ...] = ("-m", "pytest")) -> str:
        status, text = self.run(*arguments, command=command)
        assert status == 0, text
        return text


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


ALIAS = """
    import pulumi

    def test_which():
        assert pulumi.Output.__module__ == "stackwright.sdk.output"
"""


class TestAlias:
    def test_one_line_of_configuration(self, suite: Suite) -> None:
        """Also in conftest files, which are imported first; in workers of xdist as well."""
        suite.write("conftest.py", "import khulnasoft\nassert 'stackwright' in khulnasoft.__file__\n")
        suite.write("test_it.py", ALIAS)
        suite.write("test_that.py", ALIAS)

        assert "2 passed" in suite.passes()
        assert "2 passed" in suite.passes("-n", "2")

    def test_exec_does_it_without(self, suite: Suite) -> None:
        suite.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
        suite.write("test_it.py", ALIAS)

        assert "1 passed" in suite.passes(command=("-m", "stackwright", "exec", "--", "pytest"))

    def test_exec_reaches_the_workers_of_xdist(self, suite: Suite) -> None:
        """They are processes that somebody else starts."""
        suite.write("pytest.ini", "[pytest]\n")
        suite.write("conftest.py", "import khulnasoft\nassert 'stackwright' in khulnasoft.__file__\n")
        suite.write("test_it.py", ALIAS)
        suite.write("test_that.py", ALIAS)

        found = suite.passes("-n", "2", command=("-m", "stackwright", "exec", "--", "pytest"))
        assert "2 passed" in found

    def test_it_reaches_processes_that_tests_start(self, suite: Suite) -> None:
        """Whatever starts them; after the run, the variables are what they were."""
        suite.write(
            "test_it.py",
            """
            import multiprocessing, subprocess, sys
            import pytest

            def which(_):
                import pulumi
                return pulumi.Output.__module__

            @pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
            def test_workers(method):
                with multiprocessing.get_context(method).Pool(1) as pool:
                    assert pool.map(which, [1]) == ["stackwright.sdk.output"]

            def test_scripts():
                code = "import pulumi; print(pulumi.Output.__module__)"
                assert subprocess.check_output([sys.executable, "-c", code], text=True) == (
                    "stackwright.sdk.output\\n"
                )
            """,
        )
        suite.write(
            "run.py",
            """
            import os, pytest
            before = dict(os.environ)
            assert pytest.main(["-q", "-p", "no:cacheprovider", "-k", "scripts"]) == 0
            changed = {k for k in {*before, *os.environ} if before.get(k) != os.environ.get(k)}
            print(changed - {"PYTEST_VERSION"})
            """,
        )

        assert " passed" in suite.passes()
        assert suite.passes(command=("run.py",)).splitlines()[-1] == "set()"

    def test_otherwise_nothing_changes(self, suite: Suite) -> None:
        """Neither what `pulumi` is, nor what is loaded."""
        suite.write("pytest.ini", "[pytest]\n")
        suite.write(
            "test_it.py",
            """
            import sys

            def test_which():
                loaded = [name for name in sys.modules if name.startswith("stackwright")]
                assert set(loaded) <= {"stackwright", "stackwright._version", "stackwright.lazy",
                                       "stackwright.testing", "stackwright.testing._plugin"}
            """,
        )
        assert "1 passed" in suite.passes()


GOLDEN = """
    from infra import site

    def test_site(memory_stack, fakes, assert_golden):
        fakes.resource("site", {"arn": "arn:site"})
        stack = memory_stack(site, config={"acl": "ACL"})
        assert_golden(stack.preview())
        assert stack.up().outputs == {"arn": "arn:site"}
        assert_golden(stack.outputs, "outputs")
"""


class TestGolden:
    def test_written_held_and_different(self, suite: Suite) -> None:
        """A missing file fails with what it would be; a difference is shown as one."""
        suite.write("test_it.py", GOLDEN)
        status, text = suite.run()
        assert status == 1
        assert "--stackwright-update" in text
        assert "+ cloud:store/bucket:Bucket site" in text

        suite.passes("--stackwright-update")
        files = sorted(path.name for path in (suite.folder / "golden" / "test_it").iterdir())
        assert files == ["test_site.outputs.txt", "test_site.txt"]
        suite.passes()

        suite.write("test_it.py", GOLDEN.replace("ACL", "public"))
        status, text = suite.run()
        assert status == 1
        assert re.search(r'^E +-    acl: "ACL"$', text, re.MULTILINE)
        assert re.search(r'^E +\+    acl: "public"$', text, re.MULTILINE)


def test_nothing_leaks_between_tests(suite: Suite) -> None:
    """Mocks, configuration and variables of one test are gone in the next; those of the module stay."""
    suite.write(
        "test_it.py",
        """
        import os
        import pulumi

        class Mocks(pulumi.runtime.Mocks):
            def new_resource(self, args):
                return "id", args.inputs
            def call(self, args):
                return {}

        pulumi.runtime.set_mocks(Mocks(), project="module")
        pulumi.runtime.set_all_config({"module:a": "1"})

        def test_one():
            pulumi.runtime.set_mocks(Mocks(), project="test")
            pulumi.runtime.set_all_config({"test:a": "2"})
            os.environ["PULUMI_CONFIG_PASSPHRASE"] = "x"
            assert pulumi.get_project() == "test"

        def test_two():
            assert pulumi.get_project() == "module"
            assert pulumi.Config().get("a") == "1"
            assert "PULUMI_CONFIG_PASSPHRASE" not in os.environ
        """,
    )
    assert "2 passed" in suite.passes()
