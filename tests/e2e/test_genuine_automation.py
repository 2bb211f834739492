"""
The genuine package's automation interface drives our command line (cli.md §17).

Its scripts run in an environment that has the genuine package and no Stackwright; the executable that
they find under the fixed name is ours.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from support import genuine

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PREAMBLE = """
    import json, os, sys
    import pulumi
    from pulumi import automation as auto

    command = auto.PulumiCommand(root=sys.argv[1])
    project = sys.argv[2]
    options = auto.LocalWorkspaceOptions(pulumi_command=command)
    seen = {}
"""

PROGRAM = """
    import pulumi
    import pulumi_random as random

    config = pulumi.Config()
    pet = random.RandomPet("pet", length=config.get_int("length") or 2)
    pulumi.export("name", pet.id)
    pulumi.export("token", config.get_secret("token"))
"""


@pytest.fixture
def drive(tmp_path: Path) -> Any:
    """Run a script under the genuine package; answers what it put into `seen`."""
    interpreter = genuine.interpreter()
    root, project, home = tmp_path / "root", tmp_path / "shop", tmp_path / "home"
    for folder in (root / "bin", project, home):
        folder.mkdir(parents=True)
    (root / "bin" / "pulumi").symlink_to(Path(sys.executable).with_name("stackwright"))
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
    (project / "__main__.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}

    def drive(script: str) -> dict[str, Any]:
        ending = "\nprint('SEEN ' + json.dumps(seen))\n"
        code = textwrap.dedent(PREAMBLE) + textwrap.dedent(script) + ending
        done = subprocess.run(
            [interpreter, "-c", code, root, project],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            env={**inherited, "HOME": str(home), "STACKWRIGHT_HOME": str(home / "stackwright")},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("SEEN ")]
        found: dict[str, Any] = json.loads(line.removeprefix("SEEN "))
        return found

    return drive


def test_the_life_of_a_stack(drive: Any) -> None:
    """Created, configured, previewed, updated, refreshed, exported, imported, renamed and removed (§17.3)."""
    seen = drive("""
        stack = auto.create_or_select_stack("dev", work_dir=project, opts=options)
        stack.set_config("token", auto.ConfigValue("hush", secret=True))
        stack.set_all_config({"length": auto.ConfigValue("3"), "a:b.c": auto.ConfigValue("1")})
        seen["config"] = {key: [v.value, v.secret] for key, v in stack.get_all_config().items()}
        stack.remove_config("a:b.c")

        events = []
        preview = stack.preview(on_event=events.append)
        seen["preview"] = {str(key.value if hasattr(key, "value") else key): n
                           for key, n in preview.change_summary.items()}
        seen["kinds"] = sorted({name for event in events for name in vars(event)
                                if name.endswith("event") and getattr(event, name) is not None})

        up = stack.up()
        seen["result"] = up.summary.result
        seen["words"] = up.outputs["name"].value.count("-")
        seen["secret"] = [up.outputs["token"].value, up.outputs["token"].secret]
        seen["again"] = stack.up().summary.resource_changes
        seen["refresh"] = stack.refresh().summary.result
        seen["history"] = [entry.kind for entry in stack.history()]
        state = stack.export_stack()
        stack.import_stack(state)
        seen["resources"] = len(state.deployment["resources"])
        stack.workspace.set_tag("dev", "owner", "me")
        seen["tag"] = stack.workspace.get_tag("dev", "owner")
        seen["who"] = bool(stack.workspace.who_am_i().user)
        seen["stacks"] = [[each.name, each.current] for each in stack.workspace.list_stacks()]
        seen["plugins"] = isinstance(stack.workspace.list_plugins(), list)
        seen["destroy"] = stack.destroy().summary.result
        stack.workspace.remove_stack("dev")
        seen["left"] = stack.workspace.list_stacks()
    """)
    assert seen == {
        "config": {"shop:token": ["hush", True], "shop:length": ["3", False], "a:b.c": ["1", False]},
        "preview": {"create": 2},
        "kinds": [
            "cancel_event",
            "prelude_event",
            "res_outputs_event",
            "resource_pre_event",
            "summary_event",
        ],
        "result": "succeeded",
        "words": 2,
        "secret": ["hush", True],
        "again": {"same": 2},
        "refresh": "succeeded",
        "history": ["refresh", "update", "update"],
        "resources": 3,
        "tag": "me",
        "who": True,
        "stacks": [["dev", True]],
        "plugins": True,
        "destroy": "succeeded",
        "left": [],
    }


def test_configuration_by_path_tags_and_previews_of_everything(drive: Any) -> None:
    """The methods beside the life of a stack (sdk.md §21.3, §21.4)."""
    seen = drive("""
        stack = auto.create_stack("dev", work_dir=project, opts=options)
        space = stack.workspace
        stack.set_config("a.b[0]", auto.ConfigValue("x"), path=True)
        values = {"c.d": auto.ConfigValue("1"), "s": auto.ConfigValue("h", secret=True)}
        stack.set_all_config(values, path=True)
        space.set_all_config_json("dev", json.dumps({"shop:j": {"value": "v", "secret": False}}))
        seen["element"] = stack.get_config("a.b[0]", path=True).value
        seen["config"] = {key: [v.value, v.secret] for key, v in stack.get_all_config().items()}
        stack.remove_all_config(["c", "s", "j"])
        stack.remove_config("a.b[0]", path=True)
        seen["left"] = {key: v.value for key, v in stack.get_all_config().items()}
        space.set_tag("dev", "k", "v")
        seen["tag"] = space.list_tags("dev")["k"]
        space.remove_tag("dev", "k")
        seen["tags"] = "k" in space.list_tags("dev")
        seen["project"] = space.project_settings().name
        space.save_stack_settings("dev", space.stack_settings("dev"))

        up = stack.up(message="first", diff=True, parallel=4, color="never", show_secrets=True,
                      suppress_progress=True, suppress_outputs=True, on_output=lambda line: None)
        seen["up"] = [up.summary.kind, up.summary.message, up.summary.version]
        seen["outputs"] = sorted(stack.outputs())
        entry, = stack.history(page_size=1, page=1)
        seen["history"] = [entry.kind, entry.result, type(entry.start_time).__name__]
        seen["refresh"] = stack.preview_refresh().change_summary
        seen["destroy"] = stack.preview_destroy().change_summary
        seen["same"] = stack.up(expect_no_changes=True, continue_on_error=True).summary.resource_changes
        stack.rename("renamed")
        stack = auto.select_stack("renamed", work_dir=project, opts=options)
        stack.cancel()
        seen["removed"] = stack.destroy(remove=True).summary.result
        seen["stacks"] = space.list_stacks()
    """)
    assert seen == {
        "element": "x",
        "config": {
            "shop:a": ['{"b":["x"]}', False],
            "shop:c": ['{"d":1}', False],
            "shop:j": ["v", False],
            "shop:s": ["h", True],
        },
        "left": {"shop:a": '{"b":[]}'},
        "tag": "v",
        "tags": False,
        "project": "shop",
        "up": ["update", "first", 1],
        "outputs": ["name"],
        "history": ["update", "succeeded", "datetime"],
        "refresh": {"same": 2},
        "destroy": {"delete": 2},
        "same": {"same": 2},
        "removed": "succeeded",
        "stacks": [],
    }


def test_a_function_as_the_program(drive: Any) -> None:
    """The command is given the address of the program's owner, and calls it back (§17.7)."""
    seen = drive("""
        import tempfile

        class Pet(pulumi.CustomResource):
            def __init__(self, name, **inputs):
                super().__init__("random:index/randomPet:RandomPet", name, inputs)

        def program():
            pet = Pet("pet", length=2)
            pulumi.export("name", pet.id)
            pulumi.export("token", pulumi.Output.secret("hush"))
            pulumi.export("config", pulumi.Config().get("a"))

        inline = auto.LocalWorkspaceOptions(pulumi_command=command, work_dir=tempfile.mkdtemp())
        stack = auto.create_stack("dev", project_name="inline", program=program, opts=inline)
        stack.set_config("a", auto.ConfigValue("b"))
        up = stack.up()
        seen["outputs"] = [up.outputs["config"].value, up.outputs["token"].secret]
        seen["words"] = up.outputs["name"].value.count("-")
        seen["preview"] = len(stack.preview().change_summary)
        seen["destroy"] = stack.destroy().summary.result
    """)
    assert seen == {"outputs": ["b", True], "words": 1, "preview": 1, "destroy": "succeeded"}


def test_what_such_a_program_says(drive: Any) -> None:
    """Its log is part of the operation's output, and what ended it is told once (§17.7, sdk.md §21)."""
    seen = drive("""
        import tempfile

        def program():
            pulumi.log.warn("careful")
            raise ValueError("no such thing")

        inline = auto.LocalWorkspaceOptions(pulumi_command=command, work_dir=tempfile.mkdtemp())
        stack = auto.create_stack("dev", project_name="inline", program=program, opts=inline)
        try:
            stack.up(color="never")
        except auto.InlineSourceRuntimeError as error:
            text = str(error)
        seen["log"] = "warning: careful" in text
        seen["told"] = text.count("python inline source runtime error: no such thing")
    """)
    assert seen == {"log": True, "told": 1}


def test_what_goes_wrong(drive: Any) -> None:
    """Each kind of failure is told apart by its client (§17.5)."""
    seen = drive("""
        def failure(work):
            try:
                work()
            except Exception as error:
                return type(error).__name__
            return "none"

        stack = auto.create_stack("dev", work_dir=project, opts=options)
        seen["exists"] = failure(lambda: auto.create_stack("dev", work_dir=project, opts=options))
        seen["missing"] = failure(lambda: auto.select_stack("prod", work_dir=project, opts=options))
        with open(os.path.join(project, "__main__.py"), "w") as file:
            file.write("raise ValueError('no luck')")
        seen["program"] = failure(stack.up)

        def program():
            raise ValueError("no luck")

        inline = auto.LocalWorkspaceOptions(pulumi_command=command, work_dir=project)
        seen["inline"] = failure(
            auto.create_or_select_stack("dev", project_name="shop", program=program, opts=inline).up
        )
    """)
    assert seen == {
        "exists": "StackAlreadyExistsError",
        "missing": "StackNotFoundError",
        "program": "RuntimeError",
        "inline": "InlineSourceRuntimeError",
    }


def test_under_exec(tmp_path: Path) -> None:
    """`stackwright exec`: the interface of the installed package, our SDK, and our command line by itself."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import pulumi, stackwright
            from pulumi import automation as auto
            import pulumi_random as random

            assert pulumi.Output is stackwright.Output

            def program():
                pulumi.export("name", random.RandomPet("pet", length=2).id)
                pulumi.export("a", pulumi.Config().require("a"))

            stack = auto.create_or_select_stack(stack_name="dev", project_name="inline", program=program)
            stack.set_config("a", auto.ConfigValue("b"))
            up = stack.up()
            assert up.summary.resource_changes == {"create": 2}, up.summary
            assert up.outputs["a"].value == "b" and up.outputs["name"].value.count("-") == 1
            assert stack.preview().change_summary == {"same": 2}
            print(stack.destroy().summary.result)
        """),
        encoding="utf-8",
    )
    command = [Path(sys.executable).with_name("stackwright"), "exec", "--", "python", script]
    homes = {"HOME": str(tmp_path), "STACKWRIGHT_HOME": str(tmp_path / "stackwright")}
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**variables, **homes})

    assert (done.returncode, done.stdout) == (0, "succeeded\n"), done.stdout + done.stderr


def test_it_imports(drive: Any) -> None:
    """`import_resources` has the code, and a summary of the right kind (§17.3)."""
    seen = drive("""
        stack = auto.create_or_select_stack("dev", work_dir=project, opts=options)
        kind = "random:index/randomInteger:RandomInteger"
        done = stack.import_resources(
            message="taken in", protect=False, resources=[{"type": kind, "name": "dice", "id": "4,1,6"}]
        )
        seen["code"] = done.generated_code
        seen["kind"] = [done.summary.kind, done.summary.result, done.summary.message]
        again = stack.import_resources(
            resources=[{"type": kind, "name": "more", "id": "3,1,6", "parent": "top"}],
            name_table={"top": stack.export_stack().deployment["resources"][0]["urn"]},
            generate_code=False,
        )
        seen["again"] = again.generated_code
        seen["state"] = [[each["id"], each.get("protect", False)]
                         for each in stack.export_stack().deployment["resources"]
                         if each["type"] == kind]
    """)

    assert 'random.RandomInteger("dice", max=6, min=1)' in seen["code"]
    assert seen["kind"] == ["resource-import", "succeeded", "taken in"]
    assert seen["again"] == ""
    assert sorted(seen["state"]) == [["3", True], ["4", False]]
