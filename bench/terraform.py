"""
`python -m bench.terraform`: Terraform providers under `terraform` and under us, side by side.

The same genuine provider program, the same resources, one run: N random integers; N SSM
parameters on an AWS of our own (moto as `bench/emulator.py` serves it, started anew for each
series, and used once before anybody is measured); the first preview of one AWS resource, and
how much of that is the provider's own start. As people do, each tool previews before it
creates. CPU counts children, and so the provider; what the emulator takes is told beside it,
for no tool can be faster than that. `terraform` looks at every resource before it does
anything, so that we are asked to `--refresh`, too. What is missing here is left out, and the
reason told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import msgspec
import pytest
from support import moto, tfproviders

from bench.measure import run
from stackwright.providers.terraform._plugin import ProviderProgram, TerraformPlugin

README = Path(__file__).with_name("README.md")
EMULATOR = Path(__file__).with_name("emulator.py")
BEGIN, END = "<!-- terraform figures: begin -->", "<!-- terraform figures: end -->"


class Subject(NamedTuple):
    """What is managed: by which provider, in which words of either tool."""

    provider: Path
    config: Mapping[str, Any]
    """The provider's configuration, in Terraform's words."""
    kind: str
    """Terraform's name of the resource."""
    class_name: str
    arguments: Callable[[int], Mapping[str, Any]]
    outside: Callable[[], float] = lambda: 0.0
    """Seconds of CPU so far of what both tools use, and neither is."""

    @property
    def package(self) -> str:
        return self.provider.parts[-4]

    @property
    def address(self) -> str:
        return "/".join(self.provider.parts[-6:-3])

    @property
    def version(self) -> str:
        return self.provider.parts[-3]


def random_integers() -> Subject:
    return Subject(
        tfproviders.random(), {}, "random_integer", "Integer", lambda at: {"min": 1, "max": 50_000 + at}
    )


def ssm_parameters(aws: moto.Moto) -> Subject:
    config = aws.provider_config()
    config["endpoints"] = [{"ssm": aws.endpoint, "sts": aws.endpoint}]
    return Subject(
        tfproviders.aws(),
        config,
        "aws_ssm_parameter",
        "SsmParameter",
        lambda at: {"name": f"/bench/p{at}", "type": "String", "value": f"value {at}"},
        aws.cpu,
    )


@contextmanager
def warm_aws() -> Iterator[moto.Moto]:
    """An AWS of our own that has loaded what it needs."""
    with moto.serving(EMULATOR) as aws:
        aws.call("ssm", "put_parameter", Name="/warm", Value="x", Type="String")
        aws.call("ssm", "delete_parameter", Name="/warm")
        yield aws


class Cost(NamedTuple):
    """What one operation took: seconds."""

    wall: float
    cpu: float
    outside: float


class Tool(Protocol):
    """One of the two, in a room of its own."""

    def write(self, size: int) -> None:
        """Describe so many resources."""
        ...

    def preview(self) -> Cost: ...

    def create(self) -> Cost: ...

    def no_op(self) -> Cost: ...

    def destroy(self) -> Cost: ...


class _Room:
    """A folder, and an environment that leads to the provider and to nothing else."""

    def __init__(self, folder: Path, subject: Subject, **environ: str) -> None:
        folder.mkdir()
        self.folder, self.subject = folder, subject
        settings = folder / "terraform.rc"
        root = json.dumps(str(subject.provider.parents[5]))
        settings.write_text(
            f"provider_installation {{\n  filesystem_mirror {{\n    path = {root}\n  }}\n}}\n"
        )
        inherited = {
            name: value
            for name, value in os.environ.items()
            # Bytecode is what users have.
            if not name.startswith(("PULUMI_", "STACKWRIGHT_", "TF_")) and name != "PYTHONDONTWRITEBYTECODE"
        }
        self.environ = {**inherited, "TF_CLI_CONFIG_FILE": str(settings), **environ}

    def measured(self, *command: str) -> Cost:
        before = self.subject.outside()
        done = run(command, cwd=self.folder, env=self.environ)
        return Cost(done.wall, done.cpu, self.subject.outside() - before)


class Stackwright(_Room):
    """Our own command line on the provider's generated SDK, state in SQLite."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        super().__init__(
            folder,
            subject,
            STACKWRIGHT_HOME=str(folder / "home"),
            NO_COLOR="1",
            PYTHONPATH=str(folder / "sdk" / "python"),
        )
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        self._ours("package", "gen-sdk", "--local", "--out", "sdk", subject.address, subject.version)
        self._ours("stack", "init", "dev")

    def _ours(self, *words: str) -> Cost:
        return self.measured(sys.executable, "-m", "stackwright", *words)

    def write(self, size: int) -> None:
        package, kind = self.subject.package, self.subject.class_name
        config = dict(self.subject.config)
        lines = [
            "import pulumi",
            f"import pulumi_{package} as {package}",
            f"opts = pulumi.ResourceOptions(provider={package}.Provider('explicit', **{config!r}))",
        ]
        lines += [
            f"{package}.{kind}('r{at}', opts=opts, **{dict(self.subject.arguments(at))!r})"
            for at in range(size)
        ]
        (self.folder / "__main__.py").write_text("\n".join(lines) + "\n")

    def create(self) -> Cost:
        return self._ours("up", "--yes", "--skip-preview")

    def no_op(self) -> Cost:
        return self._ours("up", "--yes", "--skip-preview", "--refresh=true")

    def destroy(self) -> Cost:
        return self._ours("destroy", "--yes", "--skip-preview", "--refresh=true")

    def preview(self) -> Cost:
        return self._ours("preview")


class Terraform(_Room):
    """The genuine tool, with its defaults."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        super().__init__(folder, subject, TF_IN_AUTOMATION="1", CHECKPOINT_DISABLE="1")
        executable = shutil.which("terraform")
        if executable is None:
            pytest.skip("terraform is not on PATH: no comparison")
        self._executable = executable

    def _theirs(self, *words: str) -> Cost:
        return self.measured(self._executable, *words, "-input=false", "-no-color")

    def write(self, size: int) -> None:
        subject = self.subject
        needed = {subject.package: {"source": subject.address, "version": subject.version}}
        document: dict[str, Any] = {
            "terraform": {"required_providers": needed},
            "resource": {subject.kind: {f"r{at}": dict(subject.arguments(at)) for at in range(size)}},
        }
        if subject.config:
            document["provider"] = {subject.package: dict(subject.config)}
        (self.folder / "main.tf.json").write_text(json.dumps(document))
        self._theirs("init")

    def create(self) -> Cost:
        return self._theirs("apply", "-auto-approve")

    def no_op(self) -> Cost:
        return self._theirs("apply", "-auto-approve")

    def destroy(self) -> Cost:
        return self._theirs("destroy", "-auto-approve")

    def preview(self) -> Cost:
        return self._theirs("plan")


TOOLS: tuple[type[Stackwright] | type[Terraform], ...] = (Stackwright, Terraform)


def lives(subject: Subject, size: int) -> Iterator[dict[str, Cost]]:
    """What each tool takes from nothing to nothing; nothing for a tool that is missing."""
    for tool in TOOLS:
        with _tool(tool, subject) as made:
            made.write(size)
            yield {
                "preview": made.preview(),
                "create": made.create(),
                "no-op": made.no_op(),
                "destroy": made.destroy(),
            }


def previews(subject: Subject) -> Iterator[dict[str, Cost]]:
    """The first preview of one resource: nothing of it is remembered but the provider's schema."""
    for tool in TOOLS:
        with _tool(tool, subject) as made:
            made.write(1)
            yield {"first preview": made.preview()}


@contextmanager
def _tool(tool: type[Stackwright] | type[Terraform], subject: Subject) -> Iterator[Tool]:
    with tempfile.TemporaryDirectory() as folder:
        yield tool(Path(folder) / "room", subject)


def own_start(path: Path) -> tuple[float, float]:
    """Seconds until the provider can be called, and until it has described itself."""

    async def scenario() -> tuple[float, float]:
        start = time.perf_counter()
        program = ProviderProgram(name=path.name, path=path, environ=os.environ)
        plugin = await TerraformPlugin.open(program)
        try:
            up = time.perf_counter() - start
            request = plugin.dialect.request("GetProviderSchema")()
            await plugin.call_raw("GetProviderSchema", request, "describe itself")
            return up, time.perf_counter() - start
        finally:
            await plugin.close()

    return asyncio.run(scenario())


def answers_alone(path: Path, size: int) -> float:
    """
    Seconds that the random provider needs for what a run without changes asks of it.

    As many are asked at once as it takes, by bytes that are made beforehand, and nobody looks at
    the answers: less time than this no tool can take.
    """
    known = {"id": "7", "keepers": None, "max": 50_000, "min": 1, "result": 7, "seed": None}
    state, config = (msgspec.msgpack.encode(each) for each in (known, {**known, "id": None, "result": None}))

    async def scenario() -> float:
        plugin = await TerraformPlugin.open(ProviderProgram(name=path.name, path=path, environ=os.environ))
        dialect = plugin.dialect
        read = dialect.request("ReadResource")(type_name="random_integer")
        read.current_state.msgpack = state
        plan = dialect.request("PlanResourceChange")(type_name="random_integer")
        plan.prior_state.msgpack = plan.proposed_new_state.msgpack = state
        plan.config.msgpack = config
        slots = asyncio.Semaphore(64)

        async def ask(call: str, request: Any) -> None:
            async with slots:
                await plugin.call_raw(call, request, "answer")

        try:
            await ask("GetProviderSchema", dialect.request("GetProviderSchema")())
            start = time.perf_counter()
            for call, request in (("ReadResource", read), ("PlanResourceChange", plan)):
                await asyncio.gather(*(ask(call, request) for _ in range(size)))
            return time.perf_counter() - start
        finally:
            await plugin.close()

    return asyncio.run(scenario())


class Table:
    """The figures so far, as lines of Markdown."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, title: str, size: int, series: Iterator[dict[str, Cost]]) -> None:
        sys.stderr.write(f"{title}: {size:,}\n")
        found: list[dict[str, Cost]] = []
        with _told():
            found.extend(series)
        if not found:
            return
        ours, theirs = found[0], found[1] if len(found) > 1 else {}
        for operation, mine in ours.items():
            peer = theirs.get(operation)
            cells = [title, f"{size:,}", operation, *(f"{each:.2f}" for each in mine)]
            if peer is not None:
                cells += [f"{each:.2f}" for each in peer]
                cells += [f"{mine.wall / peer.wall:.2f}", f"{mine.cpu / peer.cpu:.2f}"]
            else:
                cells += [""] * 5
            self.lines.append(f"| {' | '.join(cells)} |")
            sys.stderr.write(f"{self.lines[-1]}\n")

    def __str__(self) -> str:
        heads = ["resources", "N", "operation", "our wall s", "our CPU s", "emulator's CPU s"]
        heads += ["terraform's wall s", "its CPU s", "emulator's CPU s"]
        heads += ["wall, ours : its", "CPU, ours : its"]
        return "\n".join([f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|", *self.lines])


@contextmanager
def _told() -> Iterator[None]:
    """Say what is missing here, and go on."""
    try:
        yield
    except pytest.skip.Exception as reason:
        sys.stderr.write(f"left out: {reason}\n")


def main() -> None:
    """Measure, print, and write the figures into bench/README.md."""
    arguments = _arguments()
    sizes = [int(text) for text in arguments.sizes.split(",") if text]
    table, notes = Table(), ""
    if "random" in arguments.only:
        with _told():
            subject = random_integers()
            for size in sizes:
                table.add("random integers", size, lives(subject, size))
            alone = answers_alone(subject.provider, sizes[-1])
            notes += (
                f"\n\nThe random provider alone takes {alone:.2f} s to read and to plan {sizes[-1]:,} "
                "integers that do not change, whoever asks it."
            )
    if "ssm" in arguments.only:
        for size in sizes:
            with _told(), warm_aws() as aws:
                table.add("SSM parameters", size, lives(ssm_parameters(aws), size))
    if "preview" in arguments.only:
        with _told(), warm_aws() as aws:
            subject = ssm_parameters(aws)
            up, described = own_start(subject.provider)
            table.add("AWS, one SSM parameter", 1, previews(subject))
            notes += (
                "\n\nThe AWS provider's own start, which is part of every command of either tool: "
                f"{up:.2f} s until it can be called, {described:.2f} s until it has described itself."
            )
    text = f"{_heading(arguments.note)}\n\n{table}{notes}"
    sys.stdout.write(text + "\n")
    if arguments.write:
        _write(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.terraform", description=__doc__)
    parser.add_argument("--sizes", default="100,1000", help="how many resources")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=["random", "ssm", "preview"],
        help="random, ssm, preview (default: all, with commas between)",
    )
    parser.add_argument("--note", default="", help="what to say of the machine beside the figures")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave README.md as it is")
    return parser.parse_args()


def _heading(note: str) -> str:
    where = f"{platform.machine()}, Python {platform.python_version()}"
    return f"Measured {datetime.now(UTC):%Y-%m-%d} on {where}{', ' if note else ''}{note}:"


def _write(text: str) -> None:
    old = README.read_text(encoding="utf-8")
    head, _, rest = old.partition(BEGIN)
    _, _, tail = rest.partition(END)
    README.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
