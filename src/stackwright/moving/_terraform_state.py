"""
Terraform's state, as its files and `terraform show -json` have it (terraform.md §11).

Decides what can be read and says clearly what cannot; what becomes of it is decided
elsewhere. Nothing here ever writes to where a state came from. The forms: a state file of
version 4, and the document of `terraform show -json`, which has no private data.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from stackwright.errors import UserError

T = TypeVar("T")

STATE_NAME: Final = "terraform.tfstate"
_VERSION: Final = 4
_UPGRADE: Final = "Run `terraform apply -refresh-only` with Terraform 1.x there, which writes it anew"

IndexKey = int | str | None


_NOTHING: Final = msgspec.Raw()
_MARKED: Final[Mapping[bytes, str]] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def is_there(raw: msgspec.Raw) -> bool:
    """Whether a document has anything at the place of *raw*."""
    return bytes(raw) not in (b"", b"null")


class TerraformStateError(UserError):
    """A Terraform state cannot be read."""

    code = "terraform-state-file"


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """An output of the root module."""

    value: Any = None
    sensitive: bool = False


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """
    One object of a resource; `deposed` ones are old halves of replacements.

    Attributes:
        depends_on: What the first releases of Terraform 0.12 had in place of `dependencies`:
            addresses within the module that the resource is in.
    """

    index_key: IndexKey = None
    status: str = ""
    deposed: str = ""
    schema_version: int = 0
    attributes: msgspec.Raw = _NOTHING
    attributes_flat: dict[str, str] | None = None
    sensitive_attributes: list[list[dict[str, Any]]] = []
    private: bytes = b""
    dependencies: list[str] = []
    depends_on: list[str] = []
    identity: msgspec.Raw = _NOTHING
    identity_schema_version: int = 0
    create_before_destroy: bool = False

    @property
    def tainted(self) -> bool:
        return self.status == "tainted"

    def sensitive_paths(self) -> Iterator[tuple[str | int, ...]]:
        """Where what is sensitive lies, in Terraform's names."""
        for steps in self.sensitive_attributes:
            found: list[str | int] = []
            for step in steps:
                value = step.get("value")
                # What state files say of an index is its value and its type.
                inner = value.get("value") if isinstance(value, dict) else value
                if isinstance(inner, str | int):
                    found.append(inner)
            yield tuple(found)


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of a configuration, and its objects."""

    mode: str
    type: str
    name: str
    provider: str
    module: str = ""
    instances: list[Instance] = []

    @property
    def is_managed(self) -> bool:
        """Whether there is an object of which Terraform takes care."""
        return self.mode == "managed"

    @property
    def address(self) -> str:
        """As Terraform writes it, without an instance's key."""
        prefix = f"{self.module}." if self.module else ""
        mode = "" if self.is_managed else f"{self.mode}."
        return f"{prefix}{mode}{self.type}.{self.name}"


class TerraformState(msgspec.Struct, frozen=True, kw_only=True):
    """
    A whole state.

    Attributes:
        has_private: Whether providers' private data is there, as far as there is any.
    """

    version: int = _VERSION
    terraform_version: str = ""
    serial: int = 0
    lineage: str = ""
    outputs: dict[str, Output] = {}
    resources: list[Resource] = []
    has_private: bool = True

    @property
    def origin(self) -> str:
        """Which state it is, through all its versions."""
        return self.lineage or "unknown"


class _Head(msgspec.Struct, frozen=True):
    version: Any = None
    encrypted_data: Any = None
    format_version: Any = None
    planned_values: Any = None
    backend: Any = None


def find_state(place: Path) -> Path:
    """
    The state file that *place*, a directory or a file, means.

    Raises:
        TerraformStateError: There is none; the hint says where it is instead, if that shows.
    """
    if place.is_file():
        return place
    if not place.is_dir():
        raise TerraformStateError(f"There is no {place}")
    found = place / STATE_NAME
    if found.is_file():
        return found
    workspaces = sorted(each.parent.name for each in place.glob(f"{STATE_NAME}.d/*/{STATE_NAME}"))
    if workspaces:
        raise TerraformStateError(
            f"{place} has a state for each of several workspaces: {', '.join(workspaces)}",
            hint=f"Name the file: {place / f'{STATE_NAME}.d' / workspaces[0] / STATE_NAME}",
        )
    if (place / ".terraform" / STATE_NAME).is_file():
        raise TerraformStateError(
            f"The state of {place} is kept in a backend, not in a file",
            hint="Run `terraform state pull > pulled.tfstate` there, and name that file",
        )
    raise TerraformStateError(f"{place} has no {STATE_NAME}", hint="Name the file that holds the state")


def read_state(data: bytes, place: str) -> TerraformState:
    """
    Read a state file, or what `terraform show -json` prints; *place* is where it came from.

    Raises:
        TerraformStateError: It is none, or one that cannot be read; with the path to what is wrong.
    """
    data = _as_utf8(data)
    head = _decoded(data, _Head, place)
    if head.encrypted_data is not None:
        raise TerraformStateError(
            f"{place} is encrypted",
            hint="Run `tofu state pull > pulled.tfstate` where its key is, and name that file",
        )
    if head.planned_values is not None:
        raise TerraformStateError(
            f"{place} holds a plan, not a state", hint="Run `terraform show -json` without a plan's file"
        )
    if head.format_version is not None:
        return _of_show(_decoded(data, _Show, place), place)
    if head.version is None:
        raise TerraformStateError(f"{place} is no Terraform state: it has no `version`")
    if not isinstance(head.version, int):
        raise TerraformStateError(f"{place} is no Terraform state: its `version` is no whole number")
    if head.version > _VERSION:
        raise TerraformStateError(
            f"{place} is a state of version {head.version}, and the newest known is {_VERSION}"
        )
    if head.version < _VERSION:
        if head.backend is not None:
            raise TerraformStateError(
                f"{place} says which backend has the state, and is none itself",
                hint="Run `terraform state pull > pulled.tfstate` in its project, and name that file",
            )
        raise TerraformStateError(f"{place} is a state of version {head.version}", hint=_UPGRADE)
    return _decoded(_without_nulls(data, place), TerraformState, place)


def _as_utf8(data: bytes) -> bytes:
    """*data* as JSON has to be: some shells write what commands print with a mark, or in UTF-16."""
    for mark, encoding in _MARKED.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").encode()
    return data


def _without_nulls(data: bytes, place: str) -> bytes:
    """*data* without the members that are there, but hold nothing; attributes stay as they are."""

    def stripped(raw: msgspec.Raw, below: tuple[str, ...]) -> Any:
        members = _decoded(bytes(raw), dict[str, msgspec.Raw], place)
        found: dict[str, Any] = {key: each for key, each in members.items() if bytes(each) != b"null"}
        inner = found.get(below[0]) if below else None
        if inner is not None and bytes(inner).startswith(b"["):
            items = _decoded(bytes(inner), list[msgspec.Raw], place)
            found[below[0]] = [
                stripped(each, below[1:]) if bytes(each).startswith(b"{") else each for each in items
            ]
        return found

    return msgspec.json.encode(stripped(msgspec.Raw(data), ("resources", "instances")))


def _decoded(data: bytes, kind: type[T], place: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        path = where.strip("`").removeprefix("$").removeprefix(".")
        raise TerraformStateError(f"{place}: {path or 'the document'}: {what}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TerraformStateError(
            f"{place} cannot be read: it is cut off, or is no JSON",
            detail=str(error),
            hint="Name a state file, or one with what `terraform show -json` prints",
        ) from None
    except RecursionError:
        raise TerraformStateError(f"{place} cannot be read: it is nested too deeply") from None


# terraform show -json -----------------------------------------------------------------------------


class _ShownResource(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    mode: str
    type: str
    name: str
    provider_name: str
    index: IndexKey = None
    schema_version: int = 0
    values: msgspec.Raw = _NOTHING
    sensitive_values: Any = None
    depends_on: list[str] = []
    tainted: bool = False
    deposed_key: str = ""
    identity: msgspec.Raw = _NOTHING
    identity_schema_version: int = 0


class _ShownModule(msgspec.Struct, frozen=True, kw_only=True):
    address: str = ""
    resources: list[_ShownResource] = []
    child_modules: list[_ShownModule] = []


class _ShownValues(msgspec.Struct, frozen=True, kw_only=True):
    outputs: dict[str, Output] = {}
    root_module: _ShownModule = _ShownModule()


class _Show(msgspec.Struct, frozen=True, kw_only=True):
    format_version: str
    terraform_version: str = ""
    values: _ShownValues = _ShownValues()


def _of_show(document: _Show, place: str) -> TerraformState:
    if document.format_version.partition(".")[0] != "1":
        raise TerraformStateError(
            f"{place} has the format {document.format_version}, and only 1.x is known",
            hint="Use the state file itself",
        )
    grouped: dict[tuple[str, str], tuple[_ShownResource, str, list[Instance]]] = {}
    for module, shown in _resources(document.values.root_module):
        key = (module, f"{shown.mode}.{shown.type}.{shown.name}")
        grouped.setdefault(key, (shown, module, []))[2].append(_instance(shown))
    return TerraformState(
        terraform_version=document.terraform_version,
        outputs=document.values.outputs,
        resources=[
            Resource(
                mode=shown.mode,
                type=shown.type,
                name=shown.name,
                provider=f'provider["{shown.provider_name}"]',
                module=module,
                instances=instances,
            )
            for shown, module, instances in grouped.values()
        ],
        has_private=False,
    )


def _resources(module: _ShownModule) -> Iterator[tuple[str, _ShownResource]]:
    for each in module.resources:
        yield module.address, each
    for child in module.child_modules:
        yield from _resources(child)


def _instance(shown: _ShownResource) -> Instance:
    return Instance(
        index_key=shown.index,
        status="tainted" if shown.tainted else "",
        deposed=shown.deposed_key,
        schema_version=shown.schema_version,
        attributes=shown.values,
        sensitive_attributes=[
            [{"type": "get_attr", "value": step} for step in path] for path in _marked(shown.sensitive_values)
        ],
        dependencies=shown.depends_on,
        identity=shown.identity,
        identity_schema_version=shown.identity_schema_version,
    )


def _marked(value: Any) -> Iterator[tuple[str | int, ...]]:
    """The places of `true` in what `sensitive_values` is."""
    if value is True:
        yield ()
    members: Mapping[Any, Any] = (
        value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    )
    for key, each in members.items():
        for rest in _marked(each):
            yield (key, *rest)
