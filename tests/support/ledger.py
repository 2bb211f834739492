"""The ledger of the test plugins, seen from a test: what the "cloud" holds and what was done to it.

The file is written by the Go plugins (`tests/plugins/ledger/internal/book`); the format is described in
`tests/plugins/README.md`. A test reads it to compare the cloud with the recorded state, and writes to it to
change the cloud behind the engine's back.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the file; the fields are those of `book.Line`."""

    op: str
    phase: str
    time: str = ""
    process: int = 0
    call: str = ""
    urn: str = ""
    type: str = ""
    name: str = ""
    id: str = ""
    inputs: dict[str, Any] = msgspec.field(default_factory=dict)
    state: dict[str, Any] = msgspec.field(default_factory=dict)
    secrets: list[str] = msgspec.field(default_factory=list)
    preview: bool = False
    outcome: str = ""
    error: str = ""
    detail: dict[str, Any] = msgspec.field(default_factory=dict)


class Operation(msgspec.Struct, frozen=True):
    """A create, read, update or delete, from its begin to its end if it came to one."""

    begin: Line
    end: Line | None

    @property
    def op(self) -> str:
        return self.begin.op

    @property
    def name(self) -> str:
        return self.begin.name

    @property
    def outcome(self) -> str:
        """`ok`, `partial`, `failed`, `absent`, `gone`, or `unfinished`."""
        return self.end.outcome if self.end else "unfinished"


class Object(msgspec.Struct, frozen=True):
    """Something that exists in the cloud."""

    id: str
    type: str
    name: str
    urn: str
    inputs: dict[str, Any]
    state: dict[str, Any]


class Ledger:
    """The ledger at *path*. Every question reads the file anew: no answer is older than its question."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def environment(self) -> dict[str, str]:
        """The variables that make a plugin use this ledger."""
        return {"LEDGER_PATH": str(self.path)}

    def lines(self) -> list[Line]:
        """Everything written so far; a last line that is still being written is left out."""
        if not self.path.exists():
            return []
        decoder = msgspec.json.Decoder(Line)
        whole, _, _ = self.path.read_bytes().rpartition(b"\n")
        return [decoder.decode(line) for line in whole.split(b"\n") if line]

    def marks(self, op: str) -> list[Line]:
        """Lines about something without duration: start, configure, cancel, stop, traced questions."""
        return [line for line in self.lines() if line.op == op and line.phase == "mark"]

    def operations(self, op: str = "") -> list[Operation]:
        """The operations in the order in which they began, all or those of one kind."""
        lines = self.lines()
        ends = {line.call: line for line in lines if line.phase == "end" and line.call}
        return [
            Operation(line, ends.get(line.call))
            for line in lines
            if line.phase == "begin" and op in ("", line.op)
        ]

    def unfinished(self) -> list[Operation]:
        """Operations that began and never ended, as after a crash."""
        return [o for o in self.operations() if o.end is None]

    def objects(self) -> dict[str, Object]:
        """What exists now, by identifier, oldest first."""
        alive: dict[str, Object] = {}
        for line in self.lines():
            if line.preview or line.phase == "begin" or line.outcome not in ("ok", "partial"):
                continue
            was = alive.get(line.id)
            match line.op:
                case "create" | "plant":
                    alive[line.id] = Object(line.id, line.type, line.name, line.urn, line.inputs, line.state)
                case "update" if was:
                    alive[line.id] = msgspec.structs.replace(was, inputs=line.inputs, state=line.state)
                case "drift" if was:
                    alive[line.id] = msgspec.structs.replace(
                        was, inputs=_merged(was.inputs, line.inputs), state=_merged(was.state, line.state)
                    )
                case "delete" | "vanish":
                    alive.pop(line.id, None)
        return alive

    def named(self, name: str) -> list[Object]:
        """The objects of that name."""
        return [o for o in self.objects().values() if o.name == name]

    def duplicates(self) -> dict[tuple[str, str], list[str]]:
        """Identifiers of objects that share type and name, as when an engine creates something twice."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for o in self.objects().values():
            found[o.type, o.name].append(o.id)
        return {key: ids for key, ids in found.items() if len(ids) > 1}

    def drift(
        self,
        object_id: str,
        *,
        inputs: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Change an object behind the engine's back; None as a value removes the key."""
        self._write(op="drift", id=object_id, inputs=inputs, state=state)

    def vanish(self, object_id: str) -> None:
        """Remove an object behind the engine's back."""
        self._write(op="vanish", id=object_id)

    def plant(
        self, object_id: str, *, name: str = "", token: str = "ledger:index:Record", **inputs: Any
    ) -> str:
        """Make an object that no engine knows of, for it to be imported; returns its identifier."""
        name = name or object_id
        inputs = {"name": name, **inputs}
        state = dict(inputs)
        if token == "ledger:index:Record":
            inputs = {"size": 1, "region": "here", **inputs}
            fingerprint = hashlib.sha256(str(inputs.get("value", "")).encode()).hexdigest()[:12]
            state = {**inputs, "fingerprint": fingerprint, "revision": 1}
        self._write(op="plant", id=object_id, name=name, type=token, inputs=inputs, state=state)
        return object_id

    def _write(self, **fields: Any) -> None:
        line = {k: v for k, v in fields.items() if v is not None}
        with self.path.open("ab") as file:
            file.write(json.dumps({"phase": "mark", "outcome": "ok", **line}).encode() + b"\n")


class Script:
    """A file of rules about what goes wrong next, for LEDGER_SCRIPT or RAWLEDGER_SCRIPT."""

    def __init__(self, path: Path, *, variable: str = "LEDGER_SCRIPT") -> None:
        self.path = path
        self.variable = variable

    def environment(self) -> dict[str, str]:
        """The variable that makes a plugin follow this script."""
        return {self.variable: str(self.path)}

    def say(self, *rules: Mapping[str, Any]) -> None:
        """Replace the rules; a running plugin follows the new ones from its next call on."""
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.write_text(json.dumps(rules))
        fresh.replace(self.path)


def _merged(old: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in {**old, **changes}.items() if v is not None}
