"""From `package add` of a genuine Terraform provider to a program that uses it (terraform.md §7, §8.1)."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from support import tfproviders
from support.commands import Room
from support.misbehaving import Server

from stackwright.packages._project_packages import ProjectPackages
from stackwright.packages._sources import parse_source
from stackwright.packages._web import Web
from stackwright.project import load_project
from stackwright.providers._lock_file import read_lock_file

pytestmark = pytest.mark.real

PROGRAM = """
    import pulumi
    import pulumi_random as random

    number = random.Integer("number", min=5, max=5)
    pulumi.export("number", number.result)
    pulumi.export("text", pulumi.Output.format("{}", number.result))
    """
HOST = "registry.terraform.io"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A project whose only source of providers is a mirror with the genuine random provider."""
    tfproviders.random()
    config = tmp_path / "terraformrc"
    config.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tfproviders.mirror()}"\n  }}\n}}\n'
    )
    made = Room(
        tmp_path,
        PROGRAM,
        TF_CLI_CONFIG_FILE=str(config),
        PYTHONPATH=str(tmp_path / "site"),
    )
    for name in ("HOME", "STACKWRIGHT_HOME", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, made.environment[name])
    return made


def add(room: Room, *words: str) -> ProjectPackages:
    """`package add` without the tools that fill environments: the SDK is found by its path here."""
    with Web() as web:
        packages = ProjectPackages(load_project(room.project / "Pulumi.yaml"), web)
        added = packages.add(parse_source(words[0], words[1:], directory=room.project))
    shutil.copytree(added.directory / added.module, room.home.parent / "site" / added.module)
    return packages


def test_a_program_uses_it_and_the_lock_file_is_obeyed(room: Room) -> None:
    """§7.2, §7.4 (4), §7.6: recorded exactly, pinned by hash, and nothing else is run."""
    project = add(room, "hashicorp/random", "~> 3.0").project
    assert project.packages["random"].source == "terraform-provider"
    assert project.packages["random"].parameters == (
        f"{HOST}/hashicorp/random",
        tfproviders.RANDOM_VERSION,
    )
    entry = read_lock_file(room.project).provider(f"{HOST}/hashicorp/random")
    assert entry is not None
    assert (entry.version, entry.constraints) == (tfproviders.RANDOM_VERSION, "~> 3.0")
    assert entry.schema.startswith("sha256:")

    room.run("stack", "init", "dev")
    done = room.run("up", "--yes")
    assert done.status == 0, done.text
    assert json.loads(room.run("stack", "output", "--json").out) == {"number": 5, "text": "5"}
    listed = json.loads(room.run("package", "ls", "--json").out)
    assert (listed[0]["name"], listed[0]["version"], listed[0]["pinned"]) == ("random", entry.version, True)

    lock = room.project / "stackwright.lock"
    honest = lock.read_text()
    lock.write_text(honest.replace(entry.hashes[0], "h1:" + "A" * 43 + "="))
    refused = room.run("up", "--yes")
    assert refused.status != 0
    assert "stackwright.lock pins" in refused.text
    lock.write_text(honest)
    gone = room.run("destroy", "--yes")
    assert gone.status == 0, gone.text


def test_parts_and_other_names(room: Room) -> None:
    """§8.1: --include and --provider-name are recorded, and hold for the schema too."""
    words = ("hashicorp/random", "--include", "random_integer", "--provider-name", "chance")
    project = add(room, "terraform-provider", *words).project
    assert project.packages["chance"].parameters[2:] == (
        "--include=random_integer",
        "--provider-name=chance",
    )
    schema = json.loads(room.run("package", "get-schema", "chance").out)
    assert schema["name"] == "chance"
    assert len(schema["resources"]) == 1
    assert schema["publisher"] == "hashicorp"


def test_a_provider_at_a_path(room: Room) -> None:
    """§8.1: a local binary; its path is recorded as it was given."""
    program = room.project / "terraform-provider-random"
    program.symlink_to(tfproviders.random())
    project = add(room, "./terraform-provider-random").project
    assert project.packages["random"].parameters == ("./terraform-provider-random",)
    assert not (room.project / "stackwright.lock").exists()
    room.run("stack", "init", "dev")
    done = room.run("up", "--yes")
    assert done.status == 0, done.text


def configure(room: Room, text: str) -> None:
    """Have Terraform's CLI configuration say *text* of where providers come from."""
    Path(room.environment["TF_CLI_CONFIG_FILE"]).write_text(f"provider_installation {{\n{text}\n}}\n")


def test_missing_on_this_machine(room: Room, server: Server, tls: Path, tmp_path: Path) -> None:
    """§7.6, protocol.md §7.4: installed from a network mirror when a program needs it, as it is pinned."""
    add(room, "hashicorp/random", "~> 3.0")
    program, target = tfproviders.random(), tfproviders.target()
    packed = tmp_path / "random.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.write(program, program.name)
    place = f"/mirror/{HOST}/hashicorp/random"
    version = tfproviders.RANDOM_VERSION
    server.json(f"{place}/index.json", {"versions": {version: {}}})
    server.json(f"{place}/{version}.json", {"archives": {target: {"url": "random.zip"}}})
    archive = server.on(f"{place}/random.zip", packed.read_bytes())
    configure(room, f'network_mirror {{\n url = "{server.url("/mirror/")}"\n}}')
    room.environment["SSL_CERT_FILE"] = str(tls / "server.pem")
    room.init()
    forbidden = room.run("up", "--yes", "--skip-preview")
    assert "STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION is set" in forbidden.text
    room.environment.pop("STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
    done = room.run("up", "--yes", "--skip-preview")
    assert done.status == 0, done.text
    what = f"hashicorp/random {version}"
    said = f"Installing the Terraform provider {what} from the mirror {server.url('/mirror/')}"
    assert (
        f"{said}: starting\nDownloading {what}: starting\nDownloading {what}: done\n{said}: done" in done.out
    )
    assert len(server.asked(archive.removeprefix(server.url("")))) == 1

    # Somebody else's mirror has something else under this name: it is neither run nor kept.
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(program.name, "#!/bin/sh\n")
    server.on(f"{place}/random.zip", packed.read_bytes())
    shutil.rmtree(room.home / "stackwright" / "terraform")
    refused = room.run("destroy", "--yes", "--skip-preview")
    assert refused.status == 1
    assert "is not what stackwright.lock pins" in refused.text


def test_under_development(room: Room) -> None:
    """§7.7: an override is used and announced, never pinned, and needs no version."""
    folder = tfproviders.random().parent
    configure(room, f'dev_overrides {{\n "hashicorp/random" = "{folder}"\n}}\ndirect {{}}')
    add(room, "hashicorp/random")
    assert not (room.project / "stackwright.lock").exists()
    done = room.init().run("up", "--yes", "--skip-preview")
    assert done.status == 0, done.text
    assert f"is overridden by {folder}" in done.text
    assert room.outputs() == {"number": 5, "text": "5"}


def test_added_again(room: Room) -> None:
    """§7.2: a second time, by another name, and as a pre-release that nobody has."""
    first = add(room, "hashicorp/random", "~> 3.0").project
    again = room.run("package", "add", "hashicorp/random", "~> 3.0")
    assert again.status == 0, again.text
    assert load_project(first.path).packages == first.packages
    renamed = room.run("package", "add", "hashicorp/random", "--module", "chance")
    assert renamed.status == 0, renamed.text
    assert "  import chance\n" in renamed.out
    assert (room.project / "sdks" / "random" / "chance").is_dir()
    assert not (room.project / "sdks" / "random" / "pulumi_random").exists()
    assert load_project(first.path).packages["random"].module == "chance"
    for wanted in ("= 3.9.1-beta1", "~> 4.0"):
        refused = room.run("package", "add", "hashicorp/random", wanted)
        assert refused.status == 1
        assert f"Nobody has a version of the Terraform provider hashicorp/random that `{wanted}` allows" in (
            refused.err
        )
        assert f"only {tfproviders.RANDOM_VERSION}" in refused.err
    assert load_project(first.path).packages["random"].module == "chance"


def test_queries_and_actions(room: Room, tmp_path: Path) -> None:
    """§5.20, §8.2: list resources are functions with typed results; actions can wait for outputs."""
    cloud = tfproviders.Cloud(tmp_path / "cloud")
    room.environment["MODERN_PATH"] = str(cloud.folder)
    room.program(
        """
        import pulumi
        import pulumi_modern as modern

        one = modern.Thing("one", name="one")
        two = modern.Thing("two", name="two", size=4)
        modern.run_touch_output(name=one.name, times=2)

        def found(name: str) -> list[object]:
            results = modern.list_thing(prefix=name[:1], include_resource=True, limit=5).results
            return [[each.display_name, each.identity.region, each.resource.name] for each in results]

        pulumi.export("found", two.name.apply(found))
        """
    )
    add(room, str(tfproviders.modern()))
    room.run("stack", "init", "dev")
    done = room.run("up", "--yes")
    assert done.status == 0, done.text
    assert json.loads(room.run("stack", "output", "--json").out) == {
        "found": [["The thing two", "here", "two"]]
    }
    assert cloud.objects()["thing-one"]["revision"] == 3


def clone(room: Room, folder: Path) -> Room:
    """The project as somebody else gets it: what is committed, and a home where nothing is yet."""
    there = Room(folder, "", TF_CLI_CONFIG_FILE=room.environment["TF_CLI_CONFIG_FILE"])
    for name in ("Pulumi.yaml", "__main__.py", "requirements.txt", "stackwright.lock"):
        shutil.copy(room.project / name, there.project / name)
    return there


def test_a_project_without_an_environment_of_its_own(room: Room, tmp_path: Path) -> None:
    """packages.md §5.2: the environment of the command itself is left alone; install brings all back."""
    genuine = installed_files("pulumi-random")
    room.environment.pop("PYTHONPATH")
    added = room.run("package", "add", "hashicorp/random", "~> 3.0")
    assert added.status == 0, added.text
    assert "import pulumi_random as random" in added.out
    assert "no environment of its own, so nothing was installed" in added.err
    assert "set `virtualenv: venv`" in added.err
    assert installed_files("pulumi-random") == genuine
    again = room.run("package", "add", "hashicorp/random", "~> 3.0")
    assert again.status == 0, again.text
    assert (room.project / "requirements.txt").read_text() == "./sdks/random\n"
    room.init().up()
    assert room.outputs() == {"number": 5, "text": "5"}
    gone = room.run("destroy", "--yes", "--skip-preview")
    assert gone.status == 0, gone.text

    there = clone(room, tmp_path / "there")
    early = there.init().run("preview")
    assert "packages are not here yet: random. Run `stackwright install`" in early.text
    brought = there.run("install", "--no-plugins")  # those of what this environment has besides
    assert brought.status == 0, brought.text
    assert f"Generated the SDK of random {tfproviders.RANDOM_VERSION}" in brought.err
    assert installed_files("pulumi-random") == genuine
    there.up()
    assert there.outputs() == {"number": 5, "text": "5"}
    tried = there.run("exec", "-c", "import pulumi_random; print(pulumi_random.__file__)")
    assert str(there.project / "sdks" / "random") in tried.out


def installed_files(name: str) -> list[tuple[str, float]]:
    """Each file of a distribution here, and when it was written."""
    found = [distribution(name).locate_file(each) for each in distribution(name).files or ()]
    return [(str(each), Path(str(each)).stat().st_mtime) for each in found]


@pytest.mark.slow
def test_the_command_itself(room: Room, tmp_path: Path) -> None:
    """cli.md §11: one command fills an environment of its own, and install brings it back."""
    room.write(
        "Pulumi.yaml",
        "name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: venv # of its own\n",
    )
    room.environment.pop("PYTHONPATH")
    added = room.run("package", "add", "hashicorp/random", seconds=300)
    assert added.status == 0, added.text
    assert "import pulumi_random as random" in added.out
    assert "Added package random" in added.err
    assert "virtualenv: venv # of its own" in (room.project / "Pulumi.yaml").read_text()
    python = room.project / "venv" / "bin" / "python"
    assert python.exists() or sys.platform == "win32"
    room.run("stack", "init", "dev")
    done = room.run("up", "--yes", seconds=120)
    assert done.status == 0, done.text
    gone = room.run("destroy", "--yes", seconds=120)
    assert gone.status == 0, gone.text

    there = clone(room, tmp_path / "there")
    brought = there.run("install", seconds=300)
    assert brought.status == 0, brought.text
    assert (there.project / "venv" / "bin" / "python").exists()
    there.ok("stack", "init", "dev")
    done = there.run("up", "--yes", seconds=120)
    assert done.status == 0, done.text
    assert json.loads(there.run("stack", "output", "--json").out) == {"number": 5, "text": "5"}
