"""The embedded package `command`: behaviours as the docstrings of its SDK (1.2) promise them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.embedded import Driver, Made, invoke, run

from stackwright.diagnostics import Severity
from stackwright.providers import (
    CreateRequest,
    DiffChanges,
    ProviderError,
    ResourceStatus,
    UnimplementedError,
)
from stackwright.providers.builtin.command._globs import compile_pattern, find_files
from stackwright.values import UNKNOWN, Archive, Asset, DiffKind, Secret, Unknown, UnknownKind

TOKEN = "command:local:Command"


@pytest.fixture
def driver() -> Driver:
    return Driver(TOKEN, name="hello")


class TestCreate:
    def test_outputs(self, driver: Driver) -> None:
        """Both outputs are captured without the newline at their end; the id begins with the name."""
        made = driver.create(create="echo out; echo; echo err >&2")
        assert made.outputs == {
            "create": "echo out; echo; echo err >&2",
            "stdout": "out\n",
            "stderr": "err",
        }
        assert re.fullmatch(r"hello[0-9a-f]{8}", made.id)

    def test_nothing_to_run(self, driver: Driver) -> None:
        """Without `create` there is no output, and that is known before."""
        assert driver.create(delete="true").outputs == {"delete": "true", "stdout": "", "stderr": ""}
        assert driver.preview(delete="true").outputs == {"delete": "true", "stdout": "", "stderr": ""}

    def test_input_and_environment(self, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command sees its input, its own variables, and those of this process."""
        monkeypatch.setenv("INHERITED", "yes")
        made = driver.create(
            create='cat; echo "$NAME $INHERITED"', stdin="in\n", environment={"NAME": 7, "EMPTY": ""}
        )
        assert made["stdout"] == "in\n7 yes"

    def test_unread_input_is_no_failure(self, driver: Driver) -> None:
        """A command may end without reading what it was given."""
        assert driver.create(create="true", stdin="x" * 1_000_000)["stdout"] == ""

    def test_no_input_is_an_empty_one(self, driver: Driver) -> None:
        """A command that reads does not wait for a terminal."""
        assert driver.create(create="cat")["stdout"] == ""

    def test_directory(self, driver: Driver, tmp_path: Path) -> None:
        """`dir` is where it runs; one that is not there is an error that says so."""
        assert driver.create(create="pwd -P", dir=str(tmp_path))["stdout"] == str(tmp_path.resolve())
        with pytest.raises(ProviderError, match="not a directory"):
            driver.create(create="pwd", dir=str(tmp_path / "none"))

    def test_interpreter(self, driver: Driver) -> None:
        """The command is the interpreter's last argument."""
        made = driver.create(create="print(6 * 7)", interpreter=["python3", "-c"])
        assert made["stdout"] == "42"
        with pytest.raises(ProviderError, match="interpreter `no-such-program`"):
            driver.create(create="x", interpreter=["no-such-program"])

    def test_output_that_is_not_text(self, driver: Driver) -> None:
        """Bytes that are not UTF-8 are replaced rather than failing the command."""
        assert driver.create(create=r"printf 'a\377b\303'")["stdout"] == "a�b�"

    def test_previews_run_nothing(self, driver: Driver, tmp_path: Path) -> None:
        """A preview knows what will be there, not what it will be (Provider.create)."""
        created = driver.preview(create=f"touch {tmp_path}/made", assetPaths=["*"], archivePaths=["*"])
        assert created.id == ""
        assert created.outputs["stdout"] == UNKNOWN
        assert created.outputs["assets"] == Unknown(UnknownKind.OBJECT)
        assert created.outputs["archive"] == Unknown(UnknownKind.ARCHIVE)
        assert list(tmp_path.iterdir()) == []

    def test_wrong_inputs(self, driver: Driver) -> None:
        """Types and choices are checked, and mistyped names recognised."""
        failures = driver.failures(create=["x"], logging="loud", enviroment={})
        reasons = {failure.property: failure.reason for failure in failures}
        assert reasons.keys() == {"create", "logging", "enviroment"}
        assert "`stdoutAndStderr`" in reasons["logging"]
        assert "did you mean `environment`" in reasons["enviroment"]


class TestFailure:
    def test_the_error_shows_status_and_last_lines(self, driver: Driver) -> None:
        """What happened, and the last of what was printed on either output."""
        with pytest.raises(ProviderError) as raised:
            driver.create(create="seq 1 50; echo broken >&2; exit 3")
        assert "exit status 3" in raised.value.message
        assert raised.value.detail is not None
        assert "broken" in raised.value.detail
        assert "50" in raised.value.detail
        assert "\n20\n" not in raised.value.detail
        assert raised.value.status is ResourceStatus.OK

    def test_a_signal_is_named(self, driver: Driver) -> None:
        """A command that was killed says by what."""
        with pytest.raises(ProviderError, match="SIGKILL"):
            driver.create(create="kill -9 $$")

    def test_secrets_are_hidden(self, driver: Driver) -> None:
        """Neither the error nor the log shows a secret that the command prints."""
        with pytest.raises(ProviderError) as raised:
            driver.create(
                create='echo "token: $TOKEN"; cat; exit 1',
                environment={"TOKEN": Secret("hunter2")},
                stdin=Secret("first line\nsecond line"),
            )
        shown = f"{raised.value} {driver.said}"
        assert "token: [secret]" in shown
        for hidden in ("hunter2", "first line", "second line"):
            assert hidden not in shown

    def test_a_secret_command_is_hidden(self, driver: Driver) -> None:
        """The error does not quote a command that is secret itself."""
        with pytest.raises(ProviderError) as raised:
            driver.create(create=Secret("exit 9 # hunter2"))
        assert "hunter2" not in str(raised.value)


class TestSecrets:
    @pytest.mark.parametrize("name", ["create", "stdin", "environment", "triggers"])
    def test_results_are_as_secret_as_the_inputs(self, driver: Driver, name: str) -> None:
        """Whatever is secret among the inputs may show up in any output."""
        value: Any = {"create": "cat", "stdin": "x", "environment": {"A": "b"}, "triggers": ["t"]}[name]
        made = driver.create(**{"create": "cat", name: Secret(value)})
        assert isinstance(made["stdout"], Secret)
        assert isinstance(made["stderr"], Secret)
        assert made[name] == Secret(value)


class TestLogging:
    @pytest.mark.parametrize(
        ("mode", "shown"),
        [
            (None, {"out", "err"}),
            ("stdoutAndStderr", {"out", "err"}),
            ("stdout", {"out"}),
            ("stderr", {"err"}),
            ("none", set()),
        ],
    )
    def test_modes(self, driver: Driver, mode: str | None, shown: set[str]) -> None:
        """`logging` says which output is shown; both are captured all the same."""
        inputs = {"create": "echo out; echo err >&2"} | ({"logging": mode} if mode else {})
        made = driver.create(**inputs)
        assert {said.message for said in driver.said} == shown
        assert {said.urn for said in driver.said} <= {driver.urn}
        assert {said.severity for said in driver.said} <= {Severity.INFO}
        assert (made["stdout"], made["stderr"]) == ("out", "err")

    def test_lines_arrive_while_it_runs(self, driver: Driver, tmp_path: Path) -> None:
        """The first line is heard before the command ends: the command itself waits for that."""
        gate = tmp_path / "gate"

        def hear(said: Any) -> None:
            driver.said.append(said)
            if said.message == "ready":
                gate.touch()

        driver.provider._session.log = hear  # type: ignore[attr-defined]
        command = f"echo ready; until [ -e {gate} ]; do sleep 0.01; done; printf unfinished"
        assert driver.create(create=command)["stdout"] == "ready\nunfinished"
        assert [said.message for said in driver.said] == ["ready", "unfinished"]


class TestUpdate:
    def test_update_runs_with_the_previous_outputs(self, driver: Driver) -> None:
        """`update` sees what the last command printed."""
        made = driver.create(create="echo one; echo uno >&2")
        update = 'echo "$PULUMI_COMMAND_STDOUT+$PULUMI_COMMAND_STDERR"'
        assert made.diff(create="echo one; echo uno >&2", update=update).replaces == ()
        made.update(create="echo one; echo uno >&2", update=update)
        assert made["stdout"] == "one+uno"
        assert made["stderr"] == ""

    def test_create_stands_in_for_update(self, driver: Driver) -> None:
        """Without `update`, `create` runs again."""
        made = driver.create(create="echo one")
        made.update(create='echo "two after $PULUMI_COMMAND_STDOUT"')
        assert made["stdout"] == "two after one"

    def test_previous_outputs_can_be_kept_away(self, driver: Driver) -> None:
        """`addPreviousOutputInEnv` false leaves the variables unset."""
        made = driver.create(create="echo one")
        made.update(update='echo "<$PULUMI_COMMAND_STDOUT>"', addPreviousOutputInEnv=False)
        assert made["stdout"] == "<>"

    def test_nothing_to_run_keeps_the_outputs(self, driver: Driver) -> None:
        """Taking `create` away runs nothing."""
        made = driver.create(create="echo one")
        made.update(delete="true")
        assert made["stdout"] == "one"

    def test_triggers_replace_and_everything_else_updates(self, driver: Driver) -> None:
        """Changed triggers take a new object; the path says which."""
        made = driver.create(create="true", triggers=["a", 1])
        assert made.diff(create="true", triggers=["a", 1]).changes is DiffChanges.NONE
        diff = made.diff(create="true", triggers=["a", 2], environment={"A": "b"})
        assert diff.replaces == ("triggers",)
        assert diff.detailed is not None
        assert diff.detailed["triggers[1]"].kind is DiffKind.UPDATE_REPLACE
        assert diff.detailed["environment"].kind is DiffKind.ADD
        assert made.diff(create="true", triggers=["a", True]).replaces == ("triggers",)

    def test_previews(self, driver: Driver) -> None:
        """Results are unknown if a command will run, and stay if none will."""
        made = driver.create(create="echo one")
        assert made.preview_update(create="echo two")["stdout"] == UNKNOWN
        assert made.preview_update(delete="true")["stdout"] == "one"


class TestDelete:
    def test_delete_runs_with_the_previous_outputs(self, driver: Driver, tmp_path: Path) -> None:
        """`delete` sees what the last command printed, and runs where `dir` says."""
        made = driver.create(
            create="echo one", delete='printf %s "$PULUMI_COMMAND_STDOUT" > gone', dir=str(tmp_path)
        )
        made.delete()
        assert (tmp_path / "gone").read_text() == "one"

    def test_without_delete_nothing_runs(self, driver: Driver, tmp_path: Path) -> None:
        """`create` is not run on deletion."""
        made = driver.create(create="touch made", dir=str(tmp_path))
        (tmp_path / "made").unlink()
        made.delete()
        assert list(tmp_path.iterdir()) == []

    def test_a_failing_delete_fails(self, driver: Driver) -> None:
        """The resource is kept, since the command did not do its work."""
        made = driver.create(create="true", delete="exit 4")
        with pytest.raises(ProviderError, match="exit status 4"):
            made.delete()


class TestRead:
    def test_the_record_stands(self, driver: Driver) -> None:
        """A command that ran cannot be looked at again."""
        made = driver.create(create="echo one")
        read = made.read()
        assert (read.id, read.outputs, read.inputs) == (made.id, made.outputs, made.inputs)

    def test_no_import(self, driver: Driver) -> None:
        """There is nothing elsewhere that could be taken over."""
        with pytest.raises(ProviderError, match="cannot be imported"):
            driver.adopt("hello0000")


class TestAssets:
    def test_assets_and_archives(self, driver: Driver, tmp_path: Path) -> None:
        """Selected files become assets by path, and members of one archive; both have hashes."""
        made = driver.create(
            create="mkdir -p logos src; touch logos/a.svg src/b.js src/secret.js top",
            dir=str(tmp_path),
            assetPaths=["logos/**", "src/**.js", "!**secret.*"],
            archivePaths=["top"],
        )
        assets = made["assets"]
        assert sorted(assets) == ["logos/a.svg", "src/b.js"]
        asset = assets["src/b.js"]
        assert isinstance(asset, Asset)
        assert asset.path == str(tmp_path / "src/b.js")
        assert len(asset.hash) == 64
        archive = made["archive"]
        assert isinstance(archive, Archive)
        assert list(archive.assets or {}) == ["top"]
        assert len(archive.hash) == 64

    def test_no_matches_are_no_assets(self, driver: Driver, tmp_path: Path) -> None:
        """Patterns that find nothing give an empty map rather than none."""
        assert driver.create(create="true", dir=str(tmp_path), assetPaths=["*.none"])["assets"] == {}

    def test_links_to_directories_are_not_followed(self, tmp_path: Path) -> None:
        """A link that leads upwards would never end; links to files count as files."""
        (tmp_path / "file").touch()
        (tmp_path / "loop").symlink_to(tmp_path)
        (tmp_path / "link").symlink_to(tmp_path / "file")
        (tmp_path / "broken").symlink_to(tmp_path / "none")
        assert find_files(tmp_path, ["**"]) == ["file", "link"]

    @pytest.mark.parametrize(
        ("pattern", "matching", "others"),
        [
            ("*", ["a", ".a", ""], ["a/b"]),
            ("**", ["a", "a/b/c"], []),
            ("a/**", ["a/b", "a/b/c"], ["a"]),
            ("src/**.js", ["src/index.js", "src/deep/x.js"], ["src/x.ts"]),
            ("?.py", ["a.py"], ["ab.py", "/.py"]),
            ("[abc]", ["a", "c"], ["d", "-"]),
            ("[a-c]x", ["bx"], ["dx"]),
            ("[!a-c]", ["d"], ["b"]),
            ("{a,b*}.txt", ["a.txt", "bcd.txt"], ["c.txt", "a,b.txt"]),
            (r"\*.txt", ["*.txt"], ["a.txt"]),
            ("a,b}", ["a,b}"], ["a"]),
            ("a.b+c", ["a.b+c"], ["axb+c"]),
        ],
    )
    def test_patterns(self, pattern: str, matching: list[str], others: list[str]) -> None:
        """What the patterns of the SDK's documentation mean."""
        rule = compile_pattern(pattern)
        assert [path for path in matching + others if rule.fullmatch(path)] == matching

    @pytest.mark.parametrize("pattern", ["[a", "{a,b", "[z-a]", "[!]"])
    def test_unreadable_patterns(self, pattern: str) -> None:
        """A pattern that cannot be read is an error that shows a right one."""
        with pytest.raises(ProviderError, match="not a path pattern"):
            compile_pattern(pattern)

    @given(st.text("ab*?[]{}!,\\-/.", max_size=8))
    def test_any_text_is_a_pattern_or_an_error(self, pattern: str) -> None:
        """No pattern breaks the matcher."""
        with contextlib.suppress(ProviderError):
            compile_pattern(pattern).fullmatch("a/b.a")


class TestRun:
    def test_answer(self) -> None:
        """The arguments and what was printed, at once."""
        result = invoke("command:local:run", command="echo $A", environment={"A": "b"})
        assert result.value == {
            "command": "echo $A",
            "environment": {"A": "b"},
            "stdout": "b",
            "stderr": "",
        }

    def test_secret_arguments(self) -> None:
        """A secret argument makes the answer secret."""
        result = invoke("command:local:run", command="cat", stdin=Secret("x"))
        assert result.value["stdout"] == Secret("x")

    def test_wrong_arguments_are_failures(self) -> None:
        """They come back as data, all of them (protocol.md §6.5)."""
        result = invoke("command:local:run", comand="true")
        assert {failure.property for failure in result.failures} == {"command", "comand"}

    def test_a_failing_command_fails_the_call(self) -> None:
        """There is no answer from a command that failed."""
        with pytest.raises(ProviderError, match="exit status 1"):
            invoke("command:local:run", command="false")


class TestRemote:
    def test_what_needs_ssh_says_so(self) -> None:
        """Commands on other machines are refused with the way to have them."""
        for token in ("command:remote:Command", "command:remote:CopyToRemote"):
            with pytest.raises(UnimplementedError) as raised:
                Driver(token).create()
            assert "SSH" in str(raised.value)
            assert "plugin install" in (raised.value.hint or "")

    def test_mistyped_tokens(self) -> None:
        """A token that was probably meant is named."""
        with pytest.raises(UnimplementedError, match="Did you mean `command:local:Command`"):
            Driver("command:locl:Command").create()


def alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be collected does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def gone(pids: list[int]) -> None:
    """Return when none of the processes runs any more: a killed one takes a moment."""
    async with asyncio.timeout(10):
        while any(alive(pid) for pid in pids):
            await asyncio.sleep(0.001)


class TestEnding:
    """The command writes the ids of its processes into a pipe, so that nothing has to wait by the clock."""

    COMMAND = "sleep 1000 & echo $$ $! > {pipe}; wait"

    async def _begin(
        self, driver: Driver, pipe: Path, command: str, *, timeout: float = 0
    ) -> tuple[asyncio.Task[Any], list[int]]:
        os.mkfifo(pipe)
        request = CreateRequest(
            urn=driver.urn,
            type=TOKEN,
            inputs={"create": command.format(pipe=pipe)},
            preview=False,
            timeout=timeout,
        )
        task: asyncio.Task[Any] = asyncio.ensure_future(driver.provider.create(request))
        pids = await asyncio.to_thread(pipe.read_text)
        return task, [int(pid) for pid in pids.split()]

    def test_cancelling_the_provider_ends_the_whole_group(self, driver: Driver, tmp_path: Path) -> None:
        """A cancelled command and what it began are gone, and the error says why (E255)."""

        async def work() -> None:
            task, pids = await self._begin(driver, tmp_path / "pipe", self.COMMAND)
            await driver.provider.cancel()
            with pytest.raises(ProviderError, match="cancelled") as raised:
                await task
            assert raised.value.status is ResourceStatus.UNKNOWN
            await gone(pids)
            with pytest.raises(ProviderError, match="not started"):
                await driver.provider.create(driver.create_request({"create": "true"}))

        run(work())

    def test_a_command_may_end_well_when_asked_to(self, driver: Driver, tmp_path: Path) -> None:
        """What finishes its work on the request to end has succeeded."""
        command = "trap 'echo tidied; exit 0' TERM; echo $$ > {pipe}; while :; do sleep 0.01; done"

        async def work() -> None:
            task, _ = await self._begin(driver, tmp_path / "pipe", command)
            await driver.provider.cancel()
            assert (await task).outputs["stdout"] == "tidied"

        run(work())

    def test_cancelling_the_call_ends_the_whole_group(self, driver: Driver, tmp_path: Path) -> None:
        """Nobody waits any longer, so nothing keeps running."""

        async def work() -> None:
            task, pids = await self._begin(driver, tmp_path / "pipe", self.COMMAND)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await gone(pids)

        run(work())

    def test_timeouts(self, driver: Driver, tmp_path: Path) -> None:
        """A command that takes longer than its custom timeout is ended (E122)."""

        async def work() -> None:
            task, pids = await self._begin(driver, tmp_path / "pipe", self.COMMAND, timeout=0.2)
            with pytest.raises(ProviderError, match=r"longer than 0\.2 s") as raised:
                await task
            assert raised.value.status is ResourceStatus.UNKNOWN
            await gone(pids)

        run(work())


def test_made_is_what_the_engine_would_pass(driver: Driver) -> None:
    """A state of the genuine plugin, which records the same, is unchanged here."""
    outputs = {"create": "echo one", "stdout": "one", "stderr": "", "triggers": ["a"]}
    made = Made(driver, {"create": "echo one", "triggers": ["a"]}, "hello12345678", outputs)
    assert made.diff(create="echo one", triggers=["a"]).changes is DiffChanges.NONE
