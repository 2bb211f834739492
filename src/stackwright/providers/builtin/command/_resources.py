"""
The resource type and the function of the package `command` that need nothing but this machine.

Facts: the docstrings of the package's SDK (version 1.2). A command's previous output reaches
the next one in `PULUMI_COMMAND_STDOUT` and `PULUMI_COMMAND_STDERR`; every output is as
secret as the most secret input.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from typing import Final

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.providers._interface import (
    CreateRequest,
    CreateResult,
    DeleteRequest,
    ProviderError,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers.builtin._functions import Function
from stackwright.providers.builtin._properties import (
    ANY,
    ARCHIVE,
    ASSET,
    BOOLEAN,
    STRING,
    Choice,
    Property,
    list_of,
    map_of,
)
from stackwright.providers.builtin._resources import Resource
from stackwright.providers.builtin._session import Session
from stackwright.providers.builtin.command._globs import find_files
from stackwright.providers.builtin.command._processes import (
    DEFAULT_INTERPRETER,
    Finished,
    Run,
    masked_texts,
    run_command,
)
from stackwright.urn import Urn, urn_name
from stackwright.values import (
    Archive,
    Asset,
    PropertyMap,
    Secret,
    Value,
    contains_secrets,
    map_leaves,
    reveal,
    with_hashes,
)

LOGGING: Final = Choice(
    token="command:local:Logging",
    about="Which of a command's outputs are shown while it runs.",
    texts={
        "stdout": "Show what it prints to its standard output only.",
        "stderr": "Show what it prints to its standard error only.",
        "stdoutAndStderr": "Show both.",
        "none": "Show nothing.",
    },
)

_PATHS_ABOUT: Final = (
    " Patterns: `*` is anything but a slash, `**` anything, and a pattern that begins with `!` takes "
    "back what earlier ones found. Only files are found, by their path from the working directory."
)

_ADD_PREVIOUS: Final = Property(
    name="addPreviousOutputInEnv",
    type=BOOLEAN,
    about="Give the next command what the last one printed, in `PULUMI_COMMAND_STDOUT` and "
    "`PULUMI_COMMAND_STDERR`. On unless switched off.",
)
_ARCHIVE_PATHS: Final = Property(
    name="archivePaths",
    type=list_of(STRING),
    about="Patterns of files that become one archive when the command has ended." + _PATHS_ABOUT,
)
_ASSET_PATHS: Final = Property(
    name="assetPaths",
    type=list_of(STRING),
    about="Patterns of files that become assets when the command has ended." + _PATHS_ABOUT,
)
_DIR: Final = Property(
    name="dir", type=STRING, about="The directory to run in, which must exist. The project's by default."
)
_ENVIRONMENT: Final = Property(
    name="environment", type=map_of(STRING), about="Environment variables on top of those already set."
)
_INTERPRETER: Final = Property(
    name="interpreter",
    type=list_of(STRING),
    about="The program that gets the command as its last argument. `/bin/sh` and `-c` by default.",
)
_LOGGING: Final = Property(
    name="logging",
    type=LOGGING.as_type(),
    about="What is shown while the command runs; both outputs by default. What is returned is not affected.",
)
_STDIN: Final = Property(name="stdin", type=STRING, about="Text for the command's standard input.")

_RESULTS: Final = (
    Property(
        name="archive",
        type=ARCHIVE,
        about="The files that `archivePaths` selects.",
        optional_output=True,
    ),
    Property(
        name="assets",
        type=map_of(ASSET),
        about="The files that `assetPaths` selects, by path.",
        optional_output=True,
    ),
    Property(name="stderr", type=STRING, about="What the command printed to its standard error."),
    Property(name="stdout", type=STRING, about="What the command printed to its standard output."),
)


class _Runner:
    """Runs a command as its inputs say, and gathers what comes of it."""

    def __init__(self, session: Session, inputs: PropertyMap, *, urn: Urn | None = None) -> None:
        self._session = session
        self._inputs = reveal(inputs)
        self._urn = urn
        self._hidden = masked_texts(_secret_texts(inputs))
        self._directory = session.directory / (self._inputs.get("dir") or "")

    async def run(self, command: str, previous: PropertyMap, *, within: float = 0) -> PropertyMap:
        """The results, bare; *previous* holds those of the last command; *within* is in seconds."""
        inputs = self._inputs
        finished = await run_command(
            Run(
                command=command,
                interpreter=inputs.get("interpreter") or DEFAULT_INTERPRETER,
                directory=self._directory,
                environment=self._environment(reveal(previous)),
                stdin=inputs.get("stdin") or "",
                hidden=self._hidden,
                heard=self._hear,
                timeout=within,
            ),
            self._session,
        )
        return await self._results(finished)

    def _environment(self, previous: PropertyMap) -> Mapping[str, str]:
        variables = {**os.environ, **(self._inputs.get("environment") or {})}
        if self._inputs.get("addPreviousOutputInEnv") is not False:
            for name in ("stdout", "stderr"):
                if previous.get(name):
                    variables[f"PULUMI_COMMAND_{name.upper()}"] = previous[name]
        return variables

    def _hear(self, stream: str, text: str) -> None:
        shown = self._inputs.get("logging") or "stdoutAndStderr"
        if shown in {stream, "stdoutAndStderr"} and text:
            self._session.log(Diagnostic(severity=Severity.INFO, message=text, urn=self._urn))

    async def _results(self, finished: Finished) -> PropertyMap:
        results: PropertyMap = {"stdout": finished.stdout, "stderr": finished.stderr}
        assets, archived = self._inputs.get("assetPaths"), self._inputs.get("archivePaths")
        if assets is not None:
            results["assets"] = await asyncio.to_thread(self._files, assets)
        if archived is not None:
            results["archive"] = await asyncio.to_thread(self._archive, archived)
        return results

    def _files(self, patterns: list[str]) -> dict[str, Asset | Archive]:
        # Written the way `dir` is, so that the record of another machine is not full of this one's paths.
        base = self._inputs.get("dir") or str(self._session.directory)
        found: dict[str, Asset | Archive] = {
            path: Asset(path=os.path.normpath(f"{base}/{path}"))
            for path in find_files(self._directory, patterns)
        }
        hashed: dict[str, Asset | Archive] = with_hashes(found, self._session.directory)
        return hashed

    def _archive(self, patterns: list[str]) -> Value:
        return with_hashes(Archive(assets=self._files(patterns)), self._session.directory)


def _secret_texts(inputs: PropertyMap) -> list[str]:
    """Every text within a secret."""
    found: list[str] = []

    def look(part: Value) -> Value:
        if type(part) is Secret:
            pending = [reveal(part)]
            while pending:
                value = pending.pop()
                if type(value) is str:
                    found.append(value)
                elif type(value) is dict:
                    pending.extend(value.values())
                elif type(value) is list:
                    pending.extend(value)
        return part

    map_leaves(inputs, look)
    return found


def _sealed(results: PropertyMap, inputs: PropertyMap) -> PropertyMap:
    if not contains_secrets(inputs):
        return results
    return {name: Secret(value) for name, value in results.items()}


class Command(Resource):
    """
    A command that runs on this machine when the resource is created, and others when it changes or goes.

    `create` runs once; `update` (or `create` again, if there is none) when an input changes;
    `delete`, if there is one, when the resource is deleted. Changed `triggers` make a new one.
    """

    token = "command:local:Command"
    inputs = (
        _ADD_PREVIOUS,
        _ARCHIVE_PATHS,
        _ASSET_PATHS,
        Property(name="create", type=STRING, about="The command to run on creation."),
        Property(name="delete", type=STRING, about="The command to run on deletion."),
        _DIR,
        _ENVIRONMENT,
        _INTERPRETER,
        _LOGGING,
        _STDIN,
        Property(
            name="triggers",
            type=list_of(ANY),
            about="Any values; when one of them changes, the resource is replaced.",
            replaces=True,
            replaces_in_sdk=True,
        ),
        Property(
            name="update",
            type=STRING,
            about="The command to run when inputs change; `create` runs if it is missing.",
        ),
    )
    outputs = _RESULTS

    async def create(self, request: CreateRequest) -> CreateResult:
        inputs = request.inputs
        id_ = f"{urn_name(request.urn)}{secrets.token_hex(4)}"
        results = await self._run(inputs, inputs.get("create"), {}, request.urn, request.timeout)
        return CreateResult(id=id_, outputs={**inputs, **results})

    async def read(self, request: ReadRequest) -> ReadResult:
        """What is recorded: a command that has run cannot be looked at again."""
        if not request.outputs:
            raise ProviderError(
                f"`{self.token}` cannot be imported",
                detail="A command that ran elsewhere left nothing that could be read",
            )
        inputs = self.inputs_of(request.outputs) if request.inputs is None else request.inputs
        return ReadResult(id=request.id, outputs=request.outputs, inputs=inputs)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        results = await self._run(
            request.news,
            self._update_command(request.news),
            self.computed(request.old_outputs),
            request.urn,
            request.timeout,
        )
        return UpdateResult(outputs={**request.news, **results})

    async def delete(self, request: DeleteRequest) -> None:
        inputs = {**request.inputs, **request.outputs}
        await self._run(inputs, inputs.get("delete"), inputs, request.urn, request.timeout)

    def preview_create(self, inputs: PropertyMap) -> PropertyMap:
        return {**inputs, **self._preview(inputs, inputs.get("create"), {})}

    def preview_update(self, request: UpdateRequest) -> PropertyMap:
        news = request.news
        return {**news, **self._preview(news, self._update_command(news), self.computed(request.old_outputs))}

    @staticmethod
    def _update_command(news: PropertyMap) -> Value:
        return news["update"] if news.get("update") is not None else news.get("create")

    async def _run(
        self, inputs: PropertyMap, command: Value, previous: PropertyMap, urn: Urn, within: float
    ) -> PropertyMap:
        if command is None:
            return {"stdout": "", "stderr": "", **previous}
        runner = _Runner(self.session, inputs, urn=urn)
        return _sealed(await runner.run(reveal(command), previous, within=within), inputs)

    def _preview(self, inputs: PropertyMap, command: Value, previous: PropertyMap) -> PropertyMap:
        if command is None:
            return {"stdout": "", "stderr": "", **previous}
        wanted = {
            "archive": inputs.get("archivePaths") is not None,
            "assets": inputs.get("assetPaths") is not None,
        }
        return {each.name: each.unknown for each in self.outputs if wanted.get(each.name, True)}


class run(Function):  # noqa: N801 - the function's own name
    """Run a command on this machine, at every preview and every update."""

    token = "command:local:run"
    inputs = (
        _ADD_PREVIOUS,
        _ARCHIVE_PATHS,
        _ASSET_PATHS,
        Property(name="command", type=STRING, about="The command to run.", required=True),
        _DIR,
        _ENVIRONMENT,
        _INTERPRETER,
        _LOGGING,
        _STDIN,
    )
    outputs = _RESULTS

    async def answer(self, args: PropertyMap) -> PropertyMap:
        results = await _Runner(self.session, args).run(reveal(args["command"]), {})
        return {**args, **_sealed(results, args)}
