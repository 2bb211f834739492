"""
Files and directories of this machine as resources.

Names, defaults and outputs are those of Terraform's provider `local` as its bridge
shows them; the id of a file is the SHA-1 of its contents, so other contents are
another object. Where that provider would surprise, this one does not: permissions
change in place, a replaced object never takes the file of its successor along, and
contents that somebody else changed show up as what they are.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffRequest,
    ProviderError,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers.builtin._functions import Function
from stackwright.providers.builtin._properties import BOOLEAN, STRING, Property
from stackwright.providers.builtin._resources import Resource
from stackwright.providers.builtin._session import Session
from stackwright.providers.builtin.local._disk import (
    make_directories,
    read_file,
    remove_file,
    reported,
    write_file,
)
from stackwright.values import DiffKind, PropertyDiff, PropertyMap, Value, reveal, seal

_PERMISSION: Final = re.compile(r"[0-7]{3,4}")
_NOTES: Final = "__meta"
"""Where bridged providers keep notes of their own among the outputs."""

_HASHES: Final = (
    Property(name="contentBase64sha256", type=STRING, about="The SHA-256 of the contents, in base64."),
    Property(name="contentBase64sha512", type=STRING, about="The SHA-512 of the contents, in base64."),
    Property(name="contentMd5", type=STRING, about="The MD5 of the contents, in hexadecimal digits."),
    Property(name="contentSha1", type=STRING, about="The SHA-1 of the contents, in hexadecimal digits."),
    Property(name="contentSha256", type=STRING, about="The SHA-256 of the contents, in hexadecimal digits."),
    Property(name="contentSha512", type=STRING, about="The SHA-512 of the contents, in hexadecimal digits."),
)


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _hashes(data: bytes) -> PropertyMap:
    sha256, sha512 = hashlib.sha256(data), hashlib.sha512(data)
    return {
        "contentBase64sha256": base64.b64encode(sha256.digest()).decode(),
        "contentBase64sha512": base64.b64encode(sha512.digest()).decode(),
        "contentMd5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "contentSha1": _sha1(data),
        "contentSha256": sha256.hexdigest(),
        "contentSha512": sha512.hexdigest(),
    }


class _Owners:
    """
    Which object owns a path, as far as this provider instance has made objects.

    When a resource is replaced by one at the same path, the old object is deleted last:
    by then the path belongs to the new one. The note that tells them apart is among
    their outputs.
    """

    def __init__(self) -> None:
        self._owners: dict[Path, str] = {}

    def take(self, path: Path) -> PropertyMap:
        """Make a new object the owner of *path*; answers the note for its outputs."""
        owner = self._owners[path] = secrets.token_hex(8)
        return {_NOTES: json.dumps({"owner": owner})}

    def has_lost(self, path: Path, outputs: PropertyMap) -> bool:
        """Whether *path* belongs to another object than the one with these outputs."""
        owner = self._owners.get(path)
        return owner is not None and owner not in str(outputs.get(_NOTES))


def _permission(name: str, about: str, default: str | None) -> Property:
    usual = f"{default} less the file mode mask" if default else "as the system gives them"
    return Property(
        name=name, type=STRING, about=f"{about} in octal digits; {usual} by default.", default=default
    )


def _permission_failures(inputs: PropertyMap, *names: str) -> Iterable[CheckFailure]:
    for name in names:
        value = reveal(inputs.get(name))
        if type(value) is str and not _PERMISSION.fullmatch(value):
            yield CheckFailure(name, "must be three or four octal digits, such as 0644")


class _FileResource(Resource):
    """What plain and sensitive files have in common."""

    contents: ClassVar[tuple[str, ...]]
    """The inputs of which exactly one says what is in the file."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._owners = _Owners()

    # Inputs -------------------------------------------------------------------------------------

    def validate(self, inputs: PropertyMap) -> Iterable[CheckFailure]:
        given = [name for name in self.contents if name in inputs]
        if len(given) != 1:
            names = ", ".join(f"`{name}`" for name in self.contents)
            which = f"{len(given)} are" if given else "none is"
            yield CheckFailure(
                given[-1] if given else "content", f"exactly one of {names} is needed; {which} given"
            )
        encoded = reveal(inputs.get("contentBase64"))
        if type(encoded) is str and _decoded(encoded) is None:
            yield CheckFailure("contentBase64", "is not base64")
        name = reveal(inputs["filename"])
        if type(name) is str and (not name or name.endswith("/") or "\0" in name):
            yield CheckFailure("filename", "must be the name of a file")
        yield from _permission_failures(inputs, "filePermission", "directoryPermission")

    def complete(self, inputs: PropertyMap) -> PropertyMap:
        completed = super().complete(inputs)
        for each in self.inputs:
            if each.secret and completed.get(each.name) is not None:
                completed[each.name] = seal(completed[each.name])
        return completed

    def _path(self, inputs: PropertyMap) -> Path:
        return self.session.directory / str(reveal(inputs["filename"]))

    def _source(self, inputs: PropertyMap) -> Path:
        return self.session.directory / str(reveal(inputs["source"]))

    def _data(self, inputs: PropertyMap) -> bytes:
        """What belongs into the file; reads the source, if that is what was given."""
        data = _given_data(inputs)
        if data is None:
            source = self._source(inputs)
            with reported("read", source):
                return source.read_bytes()
        return data

    # Objects ------------------------------------------------------------------------------------

    def preview_create(self, inputs: PropertyMap) -> PropertyMap:
        data = _given_data(inputs)
        computed = self._unknowns if data is None else _hashes(data)
        return {**self.complete(inputs), **computed}

    async def drift(self, request: DiffRequest) -> Mapping[str, PropertyDiff]:
        """A source file with other contents than before makes another object, though its name is the same."""
        source = reveal(request.news.get("source"))
        recorded = request.old_outputs.get("contentSha256")
        if type(source) is not str or type(recorded) is not str:
            return {}
        data = await asyncio.to_thread(read_file, self._source(request.news))
        if data is None or hashlib.sha256(data).hexdigest() == recorded:
            return {}
        return {"source": PropertyDiff(DiffKind.UPDATE_REPLACE)}

    async def create(self, request: CreateRequest) -> CreateResult:
        inputs = request.inputs
        data = await asyncio.to_thread(self._write, inputs)
        notes = self._owners.take(self._path(inputs))
        return CreateResult(id=_sha1(data), outputs={**self.complete(inputs), **_hashes(data), **notes})

    def _write(self, inputs: PropertyMap) -> bytes:
        data = self._data(inputs)
        completed = reveal(self.complete(inputs))
        write_file(
            self._path(inputs),
            data,
            int(completed["filePermission"], 8),
            exactly="filePermission" in inputs,
            directories=int(completed["directoryPermission"], 8),
            as_told="directoryPermission" in inputs,
        )
        return data

    async def read(self, request: ReadRequest) -> ReadResult:
        """The file as it is: other contents are shown in place of the recorded ones."""
        if not request.outputs:
            raise ProviderError(
                f"`{self.token}` cannot be imported",
                detail="Its id is a hash of its contents, which says not where it is",
                hint="Let it be made: a file with the same contents stays as it is",
            )
        inputs = self.inputs_of(request.outputs) if request.inputs is None else request.inputs
        data = await asyncio.to_thread(read_file, self._path(request.outputs))
        if data is None:
            return ReadResult(id="", outputs=None)
        if _sha1(data) == request.outputs.get("contentSha1"):
            return ReadResult(id=request.id, outputs=request.outputs, inputs=inputs)
        found = self._as_found(request.outputs, data)
        return ReadResult(
            id=_sha1(data),
            outputs={**request.outputs, **found, **_hashes(data)},
            inputs={**inputs, **found},
        )

    def _as_found(self, outputs: PropertyMap, data: bytes) -> PropertyMap:
        """The input that says what is in the file, saying what was found there."""
        name = next((name for name in self.contents if outputs.get(name) is not None), "source")
        if name == "source":
            return {}
        text: Value = (
            base64.b64encode(data).decode() if name == "contentBase64" else data.decode(errors="replace")
        )
        was_secret = type(outputs[name]) is not str
        return {name: seal(text) if was_secret else text}

    async def update(self, request: UpdateRequest) -> UpdateResult:
        """Only permissions change in place."""
        data = await asyncio.to_thread(self._write, request.news)
        outputs = {**self.complete(request.news), **_hashes(data), **_notes(request.old_outputs)}
        return UpdateResult(outputs=outputs)

    async def delete(self, request: DeleteRequest) -> None:
        """Remove the file, unless it belongs to another object by now or has other contents."""
        path = self._path(request.outputs)
        if self._owners.has_lost(path, request.outputs):
            return
        data = await asyncio.to_thread(read_file, path)
        if data is None:
            return
        if _sha1(data) != request.outputs.get("contentSha1", request.id):
            self.session.log(
                Diagnostic(
                    severity=Severity.WARNING,
                    message=f"{path} was left where it is: its contents are not those that were written",
                    urn=request.urn,
                )
            )
            return
        await asyncio.to_thread(remove_file, path)


def _notes(outputs: PropertyMap) -> PropertyMap:
    return {_NOTES: outputs[_NOTES]} if _NOTES in outputs else {}


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _given_data(inputs: PropertyMap) -> bytes | None:
    """The contents that *inputs* spell out, or None where they are unknown or lie in a source file."""
    for name in ("content", "sensitiveContent"):
        text = reveal(inputs.get(name))
        if type(text) is str:
            return text.encode("utf-8", "surrogateescape")
    encoded = reveal(inputs.get("contentBase64"))
    return _decoded(encoded) if type(encoded) is str else None


_FILENAME: Final = Property(
    name="filename",
    type=STRING,
    about="Where the file is. Directories that are missing are made.",
    required=True,
    replaces=True,
)
_SOURCE: Final = Property(
    name="source",
    type=STRING,
    about="A file to copy. When its contents change, so does this one.",
    replaces=True,
)


def _content(name: str, about: str, *, secret: bool = False, deprecated: str = "") -> Property:
    return Property(name=name, type=STRING, about=about, replaces=True, secret=secret, deprecated=deprecated)


class File(_FileResource):
    """
    A file with given contents.

    Exactly one of `content`, `contentBase64`, `sensitiveContent` and `source` says what is in it.
    Other contents or another name make another file; permissions change in place.
    """

    token = "local:index/file:File"
    contents = ("content", "sensitiveContent", "contentBase64", "source")
    inputs = (
        _content("content", "The contents as text, written in UTF-8."),
        _content("contentBase64", "The contents in base64, for what is not text."),
        _permission("directoryPermission", "Permissions of directories that are made,", "0777"),
        _permission("filePermission", "Permissions of the file,", "0777"),
        _FILENAME,
        _content(
            "sensitiveContent",
            "The contents as text that is kept secret.",
            secret=True,
            deprecated="Use `SensitiveFile` instead.",
        ),
        _SOURCE,
    )
    outputs = _HASHES


class SensitiveFile(_FileResource):
    """
    A file whose contents are kept secret.

    Exactly one of `content`, `contentBase64` and `source` says what is in it.
    """

    token = "local:index/sensitiveFile:SensitiveFile"
    contents = ("content", "contentBase64", "source")
    inputs = (
        _content("content", "The contents as text, written in UTF-8.", secret=True),
        _content("contentBase64", "The contents in base64, for what is not text.", secret=True),
        _permission("directoryPermission", "Permissions of directories that are made,", "0700"),
        _permission("filePermission", "Permissions of the file,", "0700"),
        _FILENAME,
        _SOURCE,
    )
    outputs = _HASHES


class Directory(Resource):
    """
    A directory. One that was there before is left there when the resource is deleted.

    Not in Terraform's provider; here because a program that writes files often needs an
    empty place for them.
    """

    token = "local:index/directory:Directory"
    inputs = (
        Property(
            name="deleteContents",
            type=BOOLEAN,
            about="Delete the directory with everything in it. Otherwise only an empty one is deleted.",
        ),
        Property(
            name="path",
            type=STRING,
            about="Where the directory is. Those above it that are missing are made, and stay.",
            required=True,
            replaces=True,
        ),
        _permission("permission", "Permissions of the directory,", None),
    )
    outputs = (
        Property(
            name="existed", type=BOOLEAN, about="Whether it was there before and is therefore never deleted."
        ),
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._owners = _Owners()

    def validate(self, inputs: PropertyMap) -> Iterable[CheckFailure]:
        if reveal(inputs["path"]) == "":
            yield CheckFailure("path", "must be the name of a directory")
        yield from _permission_failures(inputs, "permission")

    def _path(self, inputs: PropertyMap) -> Path:
        return self.session.directory / str(reveal(inputs["path"]))

    async def create(self, request: CreateRequest) -> CreateResult:
        inputs = request.inputs
        path = self._path(inputs)
        made = await asyncio.to_thread(self._make, inputs)
        outputs = {**inputs, "existed": not made, **self._owners.take(path)}
        return CreateResult(id=str(reveal(inputs["path"])), outputs=outputs)

    def _make(self, inputs: PropertyMap) -> bool:
        path, permission = self._path(inputs), reveal(inputs.get("permission"))
        with reported("make the directory", path):
            made = make_directories(path, 0o777, exactly=False)
            if permission is not None:
                path.chmod(int(permission, 8))
        return made

    async def read(self, request: ReadRequest) -> ReadResult:
        """The directory as recorded while it is there; an id without a record is the path to import."""
        outputs = request.outputs or {"path": request.id, "existed": True}
        path = self._path(outputs)
        if not await asyncio.to_thread(path.is_dir):
            return ReadResult(id="", outputs=None)
        inputs = self.inputs_of(outputs) if request.inputs is None else request.inputs
        return ReadResult(id=request.id, outputs=outputs, inputs=inputs)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        await asyncio.to_thread(self._make, request.news)
        return UpdateResult(outputs={**self.preview_update(request), **_notes(request.old_outputs)})

    async def delete(self, request: DeleteRequest) -> None:
        outputs = request.outputs
        path = self._path(outputs)
        if outputs.get("existed") is True or self._owners.has_lost(path, outputs):
            return
        await asyncio.to_thread(self._remove, path, contents=reveal(outputs.get("deleteContents")) is True)

    @staticmethod
    def _remove(path: Path, *, contents: bool) -> None:
        with reported("delete the directory", path):
            if path.is_symlink() or not path.is_dir():
                return
            if contents:
                shutil.rmtree(path)
            elif next(path.iterdir(), None) is None:
                path.rmdir()
            else:
                raise ProviderError(
                    f"The directory {path} is not empty, so it was not deleted",
                    hint="Empty it, or set `deleteContents` and update before deleting",
                )


class _GetFile(Function):
    """What reading plain and sensitive files has in common."""

    inputs = (Property(name="filename", type=STRING, about="Where the file is.", required=True),)
    secret: ClassVar[bool]

    async def answer(self, args: PropertyMap) -> PropertyMap:
        path = self.session.directory / str(reveal(args["filename"]))

        def read() -> bytes:
            with reported("read", path):
                return path.read_bytes()

        data = await asyncio.to_thread(read)
        contents: dict[str, Any] = {
            "content": data.decode(errors="replace"),
            "contentBase64": base64.b64encode(data).decode(),
        }
        if self.secret:
            contents = {name: seal(value) for name, value in contents.items()}
        return {**args, **contents, **_hashes(data), "id": _sha1(data)}


def _read_outputs(*, secret: bool) -> tuple[Property, ...]:
    return (
        Property(name="content", type=STRING, about="The contents as text in UTF-8.", secret=secret),
        Property(name="contentBase64", type=STRING, about="The contents in base64.", secret=secret),
        *_HASHES,
        Property(name="id", type=STRING, about="The SHA-1 of the contents, in hexadecimal digits."),
    )


class getFile(_GetFile):  # noqa: N801 - the function's own name
    """Read a file."""

    token = "local:index/getFile:getFile"
    outputs = _read_outputs(secret=False)
    secret = False


class getSensitiveFile(_GetFile):  # noqa: N801 - the function's own name
    """Read a file whose contents are kept secret."""

    token = "local:index/getSensitiveFile:getSensitiveFile"
    outputs = _read_outputs(secret=True)
    secret = True
