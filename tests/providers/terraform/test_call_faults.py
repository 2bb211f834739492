"""
A provider that ends in the middle of a call, whichever call that is (terraform.md §14.1, §2.7, §1.6).

Played by our own providers of both genuine frameworks, whose servers let any call go wrong
(`tests/plugins/terraform/internal/faults`).
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from support import commands, tfproviders
from support.deployments import ProgramError, Run
from support.terraform_deployments import TerraformBench, TerraformClient
from support.tfproviders import Cloud

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import Deployment, OperationResult, PendingFound
from stackwright.errors import StackwrightError
from stackwright.goals import AliasSpec, RegisterRequest, ResourceOptions
from stackwright.providers.terraform import ProviderProgram, _opening
from stackwright.providers.terraform._dialects import Dialect
from stackwright.providers.terraform._plugin import Timing
from stackwright.providers.terraform._stored import STORED_KEY, parse_stored, with_stored
from stackwright.urn import urn_name
from stackwright.values import reveal

pytestmark = pytest.mark.real

DIALECTS = {"vintage": Dialect(5), "modern": Dialect(6)}


class Room:
    """A stack whose programs use one of our providers, and what is to go wrong in it."""

    def __init__(self, package: str, folder: Path, *, cloud: Cloud | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.package, self.folder = package, folder
        self.cloud = cloud or Cloud(folder / "cloud")
        self._faults = folder / "faults.json"
        self._pipe = folder / "pipe"
        self._mark = str(folder)
        os.mkfifo(self._pipe)
        environ = {"STACKWRIGHT_TEST_FAULTS": str(self._faults), "STACKWRIGHT_TF_ASK_ALWAYS": "1"}
        self.bench = TerraformBench(
            package, folder / package, {"path": str(self.cloud.folder)}, environ=environ
        )

    def name_of(self, call: str) -> str:
        """What *call*, of protocol 6, is in this provider's."""
        after, _, bare = call.rpartition(" ")
        name = DIALECTS[self.package].method(bare).rpartition("/")[2]
        return f"{after} {name}".strip()

    def forget_schemas(self) -> None:
        """Have the next run ask the provider for all that is remembered of it."""
        shutil.rmtree(self.folder / self.package / "home", ignore_errors=True)

    @contextmanager
    def fault(self, kind: str, call: str) -> Iterator[None]:
        """Have *call* end the provider: by a `panic`, by an `exit`, or by a `kill` from outside."""
        if kind == "kill":
            with self.hanging(call, lambda pid: os.kill(pid, signal.SIGKILL)):
                yield
            return
        self._faults.write_text(json.dumps({self.name_of(call): kind}))
        yield
        self._faults.unlink()

    @contextmanager
    def hanging(
        self, call: str, then: Callable[[int], object], others: Mapping[str, str] | None = None
    ) -> Iterator[None]:
        """Have *call* hang, deaf to everything, and *then* something done, which is told the process."""
        faults = {self.name_of(call): f"wait:{self._pipe}", **(others or {})}
        self._faults.write_text(json.dumps(faults))

        def wait() -> None:
            if pid := int(self._pipe.read_text()):
                then(pid)

        waiting = threading.Thread(target=wait)
        waiting.start()
        try:
            yield
        finally:
            self._faults.unlink()
            if waiting.is_alive():
                self._pipe.write_text("0")  # the call was never made
            waiting.join()

    def await_fault(self) -> None:
        """Wait until the fault has happened, whose process is gone then."""
        assert self.nothing_runs()

    def nothing_runs(self) -> bool:
        """Whether all that this room's runs started is gone, or goes in a moment, having been killed."""
        for _ in range(250):
            if not self._running():
                return True
            time.sleep(0.02)
        return False

    def _running(self) -> list[str]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self._mark.encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_text())
        return found

    @property
    def deployment(self) -> Deployment:
        """The run that is under way."""
        running: Deployment | None = self.bench.deployment
        assert running is not None
        return running

    def up(self, body: Callable[[TerraformClient], object], **options: Any) -> Run:
        """Run *body*; it ends as programs do that do not expect an error."""

        def program(client: TerraformClient) -> None:
            try:
                body(client)
            except StackwrightError as error:
                client.monitor.log(Diagnostic(severity=Severity.ERROR, message=f"{error}"))
                raise ProgramError from error

        return self.bench.up(self.bench.program(program), **options)


Body = Callable[[TerraformClient], object]


def thing(size: int = 1, **options: Any) -> Body:
    return lambda client: client.make("Thing", "a", {"name": "one", "size": size}, **options)


def called(function: str, **args: Any) -> Body:
    def body(client: TerraformClient) -> None:
        client.make("Thing", "a", {"name": "one", "size": 1})
        client.call(function, args)

    return body


def moved(client: TerraformClient) -> None:
    client.make("Thing", "a", {"name": "one"}, aliases=(AliasSpec(type="vintage:index/thing:Thing"),))


def up(body: Body, **options: Any) -> Callable[[Room], Run]:
    return lambda room: room.up(body, **options)


def there(room: Room) -> None:
    """One thing exists and is recorded."""
    assert room.up(thing()).errors == []


def there_unrecorded(room: Room) -> None:
    there(room)
    room.bench.records.clear()


def destroy(room: Room) -> Run:
    return room.bench.destroy()


def refresh(room: Room) -> Run:
    return room.bench.refresh()


def as_of_version(version: int) -> Callable[[Room], None]:
    """As if a provider with that version of the identity had recorded the thing."""

    def work(room: Room) -> None:
        for key, state in room.bench.records.items():
            if STORED_KEY in state.outputs:
                stored = parse_stored(reveal(state.outputs[STORED_KEY]))
                changed = msgspec.structs.replace(stored, identity_version=version)
                outputs = with_stored(state.outputs, changed, secret=True)
                room.bench.records[key] = msgspec.structs.replace(state, outputs=outputs)

    return work


def there_of_old(room: Room) -> None:
    there(room)
    as_of_version(0)(room)


def refresh_of_today(room: Room) -> Run:
    as_of_version(1)(room)
    return refresh(room)


def there_of_vintage(room: Room) -> None:
    other = Room("vintage", room.folder / "other", cloud=room.cloud)
    there(other)
    room.bench.records, room.bench.last_key = other.bench.records, other.bench.last_key


class Scene(NamedTuple):
    """A call, how it comes to be made, and what the user then reads."""

    call: str
    doing: str
    run: Callable[[Room], Run]
    before: Callable[[Room], object] = lambda room: None
    again: Callable[[Room], Run] | None = None
    """The next run; by default the same as the one that failed."""
    packages: tuple[str, ...] = ("vintage", "modern")
    where: str = "a"
    """The resource that the error is told of; none for what the program asked."""
    pending: bool = False
    left: int = 1
    """How many objects there are in the end."""


MODERN = ("modern",)
SCENES = [
    Scene("GetProviderSchema", "describe itself", up(thing()), where="explicit"),
    Scene("GetResourceIdentitySchemas", "list identities", up(thing()), where="explicit"),
    Scene("ValidateProviderConfig", "check its configuration", up(thing()), where="explicit"),
    Scene("ConfigureProvider", "take its configuration", up(thing())),
    Scene("ValidateResourceConfig", "check a `{0}_thing`", up(thing())),
    Scene("PlanResourceChange", "plan a `{0}_thing`", up(thing())),
    Scene("ApplyResourceChange", "create a `{0}_thing`", up(thing()), pending=True),
    Scene("after ApplyResourceChange", "create a `{0}_thing`", up(thing()), pending=True),
    Scene("ApplyResourceChange", "update a `{0}_thing`", up(thing(2)), there, pending=True),
    Scene("after ApplyResourceChange", "update a `{0}_thing`", up(thing(2)), there, pending=True),
    Scene("ApplyResourceChange", "delete a `{0}_thing`", destroy, there, pending=True, left=0),
    Scene("after ApplyResourceChange", "delete a `{0}_thing`", destroy, there, pending=True, left=0),
    Scene("UpgradeResourceState", "upgrade the state of a `{0}_thing`", up(thing(2)), there),
    Scene(
        "UpgradeResourceIdentity",
        "upgrade the identity of a `{0}_thing`",
        refresh,
        there_of_old,
        again=refresh_of_today,
    ),
    Scene("ReadResource", "read a `{0}_thing`", refresh, there),
    Scene(
        "ImportResourceState",
        "import a `{0}_thing`",
        up(thing(import_id="thing-one")),
        there_unrecorded,
    ),
    Scene(
        "MoveResourceState",
        "turn a `vintage_thing` into a `{0}_thing`",
        up(moved),
        there_of_vintage,
        packages=MODERN,
    ),
    Scene("ValidateDataResourceConfig", "check a `{0}_thing`", up(called("getThing", name="one")), where=""),
    Scene("ReadDataSource", "read the data source `{0}_thing`", up(called("getThing", name="one")), where=""),
    Scene(
        "CallFunction",
        "call the function `join`",
        up(called("join", separator="-", parts=["a"])),
        packages=MODERN,
        where="",
    ),
    Scene(
        "ValidateEphemeralResourceConfig",
        "check a `{0}_ticket`",
        up(called("openTicket", audience="you")),
        packages=MODERN,
        where="",
    ),
    Scene(
        "OpenEphemeralResource",
        "open a `{0}_ticket`",
        up(called("openTicket", audience="you")),
        packages=MODERN,
        where="",
    ),
    Scene(
        "ValidateListResourceConfig",
        "check a list of `{0}_thing`",
        up(called("listThing")),
        packages=MODERN,
        where="",
    ),
    Scene("ListResource", "list `{0}_thing`", up(called("listThing")), packages=MODERN, where=""),
    Scene(
        "ValidateActionConfig",
        "check the action `{0}_touch`",
        up(called("runTouch", name="one")),
        packages=MODERN,
        where="",
    ),
    Scene(
        "PlanAction",
        "plan the action `{0}_touch`",
        up(called("runTouch", name="one")),
        packages=MODERN,
        where="",
    ),
    Scene(
        "InvokeAction",
        "run the action `{0}_touch`",
        up(called("runTouch", name="one")),
        packages=MODERN,
        where="",
    ),
]


EVERY = pytest.mark.parametrize(
    ("package", "scene"),
    [
        pytest.param(package, scene, id=f"{package}-{scene.doing.partition(' ')[0]}-{scene.call}")
        for scene in SCENES
        for package in scene.packages
    ],
)


@pytest.mark.parametrize("kind", ["panic", "kill"])
@EVERY
def test_it_ends_in_the_middle(package: str, scene: Scene, kind: str, tmp_path: Path) -> None:
    """Told: what ended, how, where, what it said, what next. Nothing is forgotten; the next run works."""
    room = Room(package, tmp_path)
    scene.before(room)
    before = room.bench.names
    room.forget_schemas()

    with room.fault(kind, scene.call):
        ran = scene.run(room)

    said = [each for each in ran.diagnostics if each.severity is Severity.ERROR]
    doing = f"while it was to {scene.doing.format(package)}"
    (error,) = [each for each in said if doing in each.message]
    ended, evidence, hint = {
        "panic": (
            "ended with exit status 2",
            f"panic: the test wanted {room.name_of(scene.call)} to panic",
            "tell its authors",
        ),
        "kill": ("was ended by SIGKILL", "It printed ", "for want of memory"),
    }[kind]
    assert f"registry.terraform.io/stackwright/{package} {ended} {doing}" in error.message
    assert evidence in error.message
    assert hint in error.message
    assert ("the next run then finds out" in error.message) is scene.pending
    assert (urn_name(error.urn) if error.urn else "") in ({scene.where} if scene.where else {"proj-dev"})
    assert ran.summary.result is OperationResult.FAILED
    assert set(before) <= set(room.bench.names)
    assert len(room.bench.pending) == scene.pending
    assert room.nothing_runs()

    again = (scene.again or scene.run)(room)
    assert again.errors == []
    assert room.bench.pending == {}
    assert room.nothing_runs()
    assert len(room.cloud.objects()) == scene.left


@pytest.mark.parametrize("package", ["vintage", "modern"])
def test_what_was_made_is_found_by_its_identity(package: str, tmp_path: Path) -> None:
    """§5.16: nothing is there twice, though nobody ever heard the object's id."""
    room = Room(package, tmp_path)

    def body(client: TerraformClient) -> None:
        client.make("Thing", "a", {"name": "one", "region": "there", "tags": {"k": "v"}})

    with room.fault("kill", "after ApplyResourceChange"):
        room.up(body)
    assert room.bench.names == []
    again = room.up(body)
    (found,) = [each for each in again.events if isinstance(each, PendingFound)]
    assert found.outcome == "had been made: `thing-one` exists with the same inputs; adopted"
    assert [call["name"] for call in room.cloud.calls("create")] == ["one"]
    assert room.bench.record("a").id == "thing-one"


@EVERY
def test_it_hangs(package: str, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    §5.27: one Ctrl-C asks it to stop, and what changes nothing is waited for no longer than a while;
    two end it all, and what it was changing is looked at by the next run.
    """
    impatient = functools.partial(ProviderProgram, timing=Timing(stopping=0.1))
    monkeypatch.setattr(_opening, "ProviderProgram", impatient)
    room = Room(package, tmp_path)
    scene.before(room)
    room.forget_schemas()
    changes = scene.pending or scene.call == "InvokeAction"

    def interrupt(_: int) -> None:
        room.deployment.cancel()
        if changes:
            room.deployment.terminate()

    with room.hanging(scene.call, interrupt):
        ran = scene.run(room)

    assert ran.summary.result is OperationResult.CANCELED
    doing = scene.doing.format(package)
    unanswered = f"did not {doing}: it gave no answer within 0.1 s of having been asked to stop"
    told = any(unanswered in line for line in ran.errors)
    assert told is (scene.where != "" and not changes)  # a program is over by then
    assert len(room.bench.pending) == scene.pending
    assert room.nothing_runs()
    assert (scene.again or scene.run)(room).errors == []
    assert room.bench.pending == {}
    assert len(room.cloud.objects()) == scene.left


@pytest.mark.parametrize("package", ["vintage", "modern"])
def test_it_ends_when_asked_to_stop(package: str, tmp_path: Path) -> None:
    """§5.27: what it was doing ends with it, and the next run looks at what became of that."""
    room = Room(package, tmp_path)
    stop = {room.name_of("StopProvider"): "panic"}

    with room.hanging("ApplyResourceChange", lambda _: room.deployment.cancel(), stop):
        ran = room.up(thing())

    assert ran.summary.result is OperationResult.CANCELED
    (said,) = [line for line in ran.errors if "while it was to create" in line]
    assert f"panic: the test wanted {room.name_of('StopProvider')} to panic" in said
    assert f"while it was to create a `{package}_thing`" in said
    assert len(room.bench.pending) == 1
    assert room.nothing_runs()
    assert room.up(thing()).errors == []
    assert room.bench.pending == {}


@pytest.mark.parametrize("kind", ["panic", "exit"])
@pytest.mark.parametrize(("call", "doing"), [("Renew", "renewed"), ("Close", "closed")])
def test_it_ends_with_something_open(call: str, doing: str, kind: str, tmp_path: Path) -> None:
    """§5.18: a warning, since what the program wanted was there; nothing runs on."""
    room = Room("modern", tmp_path)

    def body(client: TerraformClient) -> None:
        client.call("openTicket", {"audience": "you", "lifetime": 20})
        if call == "Renew":
            room.await_fault()
        client.make("Thing", "a", {"name": "one"})

    with room.fault(kind, f"{call}EphemeralResource"):
        ran = room.up(body)

    assert ran.errors == []
    warning = f"modern_ticket could not be {doing}: The provider registry.terraform.io/stackwright/modern"
    assert [each.message for each in ran.diagnostics if warning in each.message]
    assert room.nothing_runs()


PROGRAM = """
    import pulumi
    import pulumi_modern as modern

    provider = modern.Provider("explicit", path={path!r})
    modern.Thing("a", name="one", opts=pulumi.ResourceOptions(provider=provider))
"""


class TestTheCommand:
    """All this as a user meets it: exit statuses, words, and Ctrl-C."""

    @pytest.fixture
    def room(self, tmp_path: Path) -> commands.Room:
        provider = tfproviders.modern()
        settings = tmp_path / "terraform.rc"
        mirror = json.dumps(str(provider.parents[5]))
        settings.write_text(f"provider_installation {{\n filesystem_mirror {{\n path = {mirror}\n }}\n}}\n")
        made = commands.Room(
            tmp_path,
            PROGRAM.format(path=str(tmp_path / "cloud")),
            TF_CLI_CONFIG_FILE=str(settings),
            PYTHONPATH=str(tmp_path / "shop" / "sdk" / "python"),
            STACKWRIGHT_TEST_FAULTS=str(tmp_path / "faults.json"),
        )
        made.ok("package", "gen-sdk", "--local", "--out", "sdk", "/".join(provider.parts[-6:-3]), "1.0.0")
        return made.init()

    def test_a_crash(self, room: commands.Room, tmp_path: Path) -> None:
        (tmp_path / "faults.json").write_text('{"after ApplyResourceChange": "panic"}')
        done = room.run("up", "--yes", "--skip-preview")
        assert done.status == 1
        assert "ended with exit status 2 while it was to create a `modern_thing`" in done.text
        assert "panic: the test wanted after ApplyResourceChange to panic" in done.text
        assert "Traceback" not in done.text
        (pending,) = room.export()["deployment"]["pending_operations"]
        assert pending["type"] == "creating"

        (tmp_path / "faults.json").unlink()
        room.up()
        assert "pending_operations" not in room.export()["deployment"]
        assert commands.names(room.resources()) == ["a"]
        assert list(Cloud(tmp_path / "cloud").objects()) == ["thing-one"]

    def test_a_call_that_hangs(self, room: commands.Room, tmp_path: Path) -> None:
        """Two Ctrl-C end it at once, whatever it is; no traceback, and nothing runs on."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        (tmp_path / "faults.json").write_text(json.dumps({"ConfigureProvider": f"wait:{pipe}"}))
        process = room.start("up", "--yes", "--skip-preview")
        try:
            provider = int(pipe.read_text())
            os.kill(process.pid, signal.SIGINT)
            assert process.stdout is not None
            said = ""
            while "waits for this to end" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            os.kill(process.pid, signal.SIGINT)
            said += process.communicate(timeout=40)[0]
        finally:
            commands.kill_group(process)
        assert process.returncode == 8, said
        assert "Traceback" not in said
        assert not Path(f"/proc/{provider}").exists()

        (tmp_path / "faults.json").unlink()
        room.up()
        assert commands.names(room.resources()) == ["a"]


@pytest.mark.parametrize("package", ["vintage", "modern"])
def test_it_ends_with_many_under_way(package: str, tmp_path: Path) -> None:
    """Each is told with the others, each stays open, and each is there once in the end."""
    room = Room(package, tmp_path)
    names = [f"t{at}" for at in range(6)]

    def body(client: TerraformClient) -> None:
        waiting = [
            client.monitor.register(
                RegisterRequest(
                    type=f"{package}:index/thing:Thing",
                    name=name,
                    custom=True,
                    inputs={"name": name},
                    options=ResourceOptions(provider=client.provider),
                    package_ref=client.ref,
                )
            )
            for name in names
        ]
        if hanging:
            while len(room.cloud.calls("create")) < len(names):
                time.sleep(0.01)
            os.kill(room.cloud.calls("create")[0]["process"], signal.SIGKILL)
        for each in waiting:
            each.wait(60)

    room.cloud.fail(create="hang")
    hanging = True
    ran = room.bench.up(room.bench.program(body))
    said = [line for line in ran.errors if f"SIGKILL while it was to create a `{package}_thing`" in line]
    assert len(said) == len(names)
    assert any("It was also to:" in line for line in said)
    assert len(room.bench.pending) == len(names)
    assert room.nothing_runs()

    room.cloud.fail()
    hanging = False
    assert room.bench.up(room.bench.program(body)).errors == []
    assert room.bench.names == names
    assert room.bench.pending == {}
    assert len(room.cloud.objects()) == len(names)
