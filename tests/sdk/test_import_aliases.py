"""`import pulumi` and `import khulnasoft` mean this package (sdk.md §1, §23); the front door stays light."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import textwrap

import pytest

import stackwright
import stackwright.sdk
from stackwright.sdk import _automation, _import_aliases


def in_a_process(code: str) -> str:
    """Run *code* in a fresh interpreter; answers what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestAliases:
    def test_all_names_are_the_same_objects(self) -> None:
        """Classes, modules, submodules, under every name (§23)."""
        out = in_a_process("""
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            _import_aliases.install()
            import pulumi, khulnasoft, codeinfra, stackwright, stackwright.sdk
            import codeinfra.runtime.rpc
            import pulumi.runtime.rpc
            import khulnasoft.runtime.rpc as rpc
            from pulumi.runtime.sync_await import _sync_await
            from khulnasoft.output import Output
            import pulumi._utils, pulumi._types, pulumi.log

            assert pulumi is khulnasoft is codeinfra is stackwright.sdk
            assert pulumi.runtime.rpc is rpc is stackwright.sdk.runtime.rpc
            assert Output is pulumi.Output is stackwright.Output
            assert pulumi.__name__ == pulumi.__spec__.name == "stackwright.sdk"
            assert pulumi.runtime.__spec__.name == "stackwright.sdk.runtime"
            print("same")
        """)
        assert out == "same"

    def test_functions_named_as_their_modules_stay(self) -> None:
        """Importing `pulumi.runtime.invoke` puts no module in the place of `pulumi.runtime.invoke` (§1)."""
        out = in_a_process("""
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            import pulumi, pulumi.deprecated, pulumi.type_token, pulumi.runtime.invoke
            from pulumi.runtime.invoke import InvokeResult
            import khulnasoft.runtime.invoke

            print(*(one.__name__ for one in (pulumi.deprecated, pulumi.type_token, pulumi.runtime.invoke)))
        """)
        assert out == "deprecated type_token invoke"

    def test_the_genuine_package_stays_unimported(self) -> None:
        """Installed or not; what it has and we have not is not found there (§23)."""
        out = in_a_process("""
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            import sys, pulumi
            try:
                import pulumi._instrumentation
            except ModuleNotFoundError:
                print("not found")
            files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
            assert not [file for file in files if "site-packages/pulumi/" in file]
        """)
        assert out == "not found"

    def test_metadata_of_distributions_still_works(self) -> None:
        """Provider packages ask for versions (§22)."""
        if importlib.util.find_spec("pulumi_random") is None:
            pytest.skip("the provider package pulumi-random is not installed")
        out = in_a_process("""
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            import importlib.metadata
            print(importlib.metadata.version("pulumi_random"))
        """)
        assert out == importlib.metadata.version("pulumi_random")

    def test_uninstalling(self) -> None:
        """The names mean what they meant."""
        out = in_a_process("""
            import sys
            from stackwright.sdk import _import_aliases
            before = list(sys.meta_path)
            _import_aliases.install()
            import pulumi.runtime
            _import_aliases.uninstall()
            _import_aliases.uninstall()
            assert sys.meta_path == before
            assert not [name for name in sys.modules if name.startswith("pulumi")]
            import stackwright.sdk
            assert "stackwright.sdk.runtime" in sys.modules
            print("gone")
        """)
        assert out == "gone"

    def test_a_foreign_package_of_that_name_is_refused(self) -> None:
        """If it is imported already, two kinds of objects would meet (§23)."""
        out = in_a_process("""
            import sys, types
            sys.modules["pulumi"] = types.ModuleType("pulumi")
            from stackwright.sdk import _import_aliases
            try:
                _import_aliases.install()
            except _import_aliases.WrongPulumiError as error:
                print(error.code)
        """)
        assert out == "wrong-pulumi"

    def test_names(self) -> None:
        """Which module stands behind which name."""
        assert _import_aliases.target_of("") == "stackwright.sdk"
        assert _import_aliases.target_of("runtime.rpc") == "stackwright.sdk.runtime.rpc"
        assert _import_aliases.target_of("runtime.proto") == "stackwright.sdk.runtime.proto"

    def test_automation_is_the_genuine_packages(self) -> None:
        """On this SDK, under both names; its version is the one that this SDK stands in for."""
        if importlib.util.find_spec("pulumi") is None:
            pytest.skip("the genuine pulumi package is not installed")
        out = in_a_process("""
            import os, shutil
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            before = shutil.which("pulumi")
            import pulumi
            assert shutil.which("pulumi") == before and "automation" not in vars(pulumi)
            from pulumi import automation
            import khulnasoft.automation
            from khulnasoft.automation.errors import CommandError
            from pulumi.automation._cmd import sdk_version

            assert khulnasoft.automation is automation is pulumi.automation
            assert CommandError is automation.CommandError
            assert automation._stack.__package__ == "pulumi.automation"
            assert pulumi.log is automation._server.log
            os.system("pulumi version")
            print(sdk_version.major)
        """)
        assert out.splitlines()[1:] == ["3"]

    def test_automation_without_the_genuine_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is said what to install."""
        monkeypatch.setattr(sys, "path", [])

        with pytest.raises(ModuleNotFoundError, match="install `pulumi` beside Stackwright"):
            _automation.find("automation")

    def test_the_protocols_messages(self) -> None:
        """One at a time, loaded when they are used (§1)."""
        out = in_a_process("""
            import sys
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            from pulumi.runtime.proto import resource_pb2
            import pulumi.runtime.proto as proto
            assert "google.protobuf" not in sys.modules
            request = resource_pb2.RegisterResourceRequest(name="x")
            import pulumi.runtime.proto.resource_pb2 as again
            assert again.RegisterResourceRequest is resource_pb2.RegisterResourceRequest
            assert proto.PluginInfo(version="1").version == "1"
            print(request.name)
        """)
        assert out == "x"

    def test_what_is_loaded_late_is_there_all_along(self) -> None:
        """What importing the package does not load, in every form that asks for it (§1)."""
        out = in_a_process("""
            import sys
            from stackwright.sdk import _import_aliases
            _import_aliases.install()
            import pulumi
            late = {"dynamic", "python_provider", "resource_hooks", "stack_reference", "stash"}
            assert not {f"stackwright.sdk.{name}" for name in late} & set(sys.modules)
            assert {*late, "Stash", "ResourceHook", "automation"} <= set(dir(pulumi))
            assert {"mocks", "Mocks", "resource"} <= set(dir(pulumi.runtime))
            # Borrowed names are there as well, whoever loaded the module, and through whichever name.
            assert pulumi.runtime.Mocks.__module__ == "stackwright.sdk.runtime.mocks"
            assert pulumi.runtime.mocks.SETTINGS is pulumi.runtime.settings.SETTINGS
            hook = pulumi.resource_hooks.register_resource_hook
            assert hook is pulumi.runtime.resource.register_resource_hook
            assert pulumi.runtime.resource.urn_util is pulumi.urn
            import pulumi.stack_reference as module
            assert module.StackReference is pulumi.StackReference
            import pickle
            assert pickle.loads(pickle.dumps(pulumi.Stash)) is pulumi.Stash
            names = {}
            exec("from pulumi import *", names)
            print(set(pulumi.__all__) - set(names), names["dynamic"].Resource.__name__)
        """)
        assert out == "set() Resource"

    def test_other_imports_are_left_alone(self) -> None:
        """Names that only begin alike as well."""
        finder = _import_aliases.AliasFinder()

        assert finder.find_spec("pulumi_random", None) is None
        assert finder.find_spec("json", None) is None
        assert finder.find_spec("pulumi.no_such_module", None) is None


class TestFrontDoor:
    def test_it_is_the_sdk(self) -> None:
        """The same objects, nothing more and nothing less; but for a module without names, `policy`."""
        names = set(stackwright.sdk.__all__) - {"policy"}
        for name in names:
            assert getattr(stackwright, name) is getattr(stackwright.sdk, name)
        assert set(stackwright.__all__) == {"__version__", *names}
        assert names <= set(dir(stackwright))
        with pytest.raises(AttributeError):
            stackwright.no_such_name  # noqa: B018

    def test_from_import(self) -> None:
        """Names can be imported from it."""
        from stackwright import Output, ResourceOptions

        assert Output is stackwright.sdk.Output
        assert ResourceOptions is stackwright.sdk.ResourceOptions

    def test_importing_it_loads_nothing(self) -> None:
        """Every module of the house passes through it; asking for one of them is not asking for the SDK."""
        out = in_a_process("""
            import sys
            import stackwright
            try:
                stackwright.urn
            except AttributeError:
                pass
            print([m for m in sys.modules if m.startswith("stackwright.") and m != "stackwright._version"])
        """)
        assert out == "[]"

    def test_the_sdk_is_light(self) -> None:
        """No gRPC, no engine, no command line, no files or network code of ours (design: the house)."""
        out = in_a_process("""
            import sys
            import stackwright
            stackwright.Output
            heavy = {
                "grpc", "google", "rich", "click", "cryptography", "httpx", "sqlite3", "yaml", "ruamel",
                "semver", "packaging", "dill", "importlib.metadata", "tempfile", "multiprocessing",
            }
            ours = {"engine", "cli", "providers", "state", "secrets", "wire", "project", "automation"}
            print(sorted(
                name for name in sys.modules
                if name in heavy or name.split(".")[0] in heavy
                or (name.startswith("stackwright.") and name.split(".")[1] in ours)
            ))
        """)
        assert out == "[]"
