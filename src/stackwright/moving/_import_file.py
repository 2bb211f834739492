"""
Import files (state.md §13.4, engine.md E229): what to import, as a document says it.

Read, held against its own rules, and turned into goals; or written, with what a preview would
create. All that is wrong with a file is told at once, each thing with its place.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from stackwright.engine import ImportGoal
from stackwright.errors import UserError
from stackwright.goals import PackageRequest, Parameterization
from stackwright.project._suggestions import closest
from stackwright.secrets import Crypter
from stackwright.state._property_json import MalformedValueError, PropertyReader, SecretTexts
from stackwright.urn import (
    ROOT_STACK_TYPE,
    Urn,
    child_urn,
    is_provider_type,
    is_urn,
    parse_provider_reference,
    resource_package,
    urn_type,
)
from stackwright.values import PropertyMap

PLACEHOLDER: Final = "<PLACEHOLDER>"
"""What stands in a written file where a person has to put an id."""


class ImportFileError(UserError):
    """An import file cannot be used; the detail says what and where."""

    code = "import-file"

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        super().__init__(
            f"{where} cannot be imported: {problems[0]}"
            if len(problems) == 1
            else f"{where} cannot be imported, because of {len(problems)} mistakes:",
            detail="\n".join(f"  {each}" for each in problems) if len(problems) > 1 else None,
        )


class ParameterizedBy(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What makes another package of a plugin; `value` is in base 64."""

    plugin_name: str = ""
    plugin_version: str = ""
    value: str = ""


class ExtendedBy(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider has to learn to know the type; `value` is in base 64."""

    name: str = ""
    version: str = ""
    value: str = ""

    @property
    def meant(self) -> Parameterization:
        return Parameterization(name=self.name, version=self.version, value=base64.b64decode(self.value))


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One resource of an import file; `name` is what others call it, `logical_name` what the stack does."""

    type: str = ""
    name: str = ""
    id: str = ""
    parent: str = ""
    provider: str = ""
    version: str = ""
    plugin_download_url: str = ""
    logical_name: str = ""
    properties: list[str] | str = []
    component: bool = False
    remote: bool = False
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    parameterization: ParameterizedBy | None = None
    extension: ExtendedBy | None = None

    @property
    def called(self) -> str:
        """What other entries and the generated code call it."""
        return self.name or self.logical_name

    @property
    def stack_name(self) -> str:
        """What it is called in the stack."""
        return self.logical_name or self.name

    @property
    def chosen(self) -> tuple[str, ...]:
        """The inputs that are to be recorded; automation clients have them as one text."""
        if isinstance(self.properties, str):
            return tuple(name.strip() for name in self.properties.split(",") if name.strip())
        return tuple(self.properties)

    @property
    def package(self) -> str:
        """The package of its type; empty where no provider is concerned."""
        if self.component and not self.remote:
            return ""
        # Who writes a type as Terraform does is to hear what it is called here.
        return resource_package(self.type) if ":" in self.type else self.type.partition("_")[0]

    def package_request(
        self, usual: PackageRequest | None, *, extends: bool = False
    ) -> PackageRequest | None:
        """
        What it says of its plugin, else *usual*.

        What *extends* another package has no version to find a plugin by: *usual* is what it extends.
        """
        if (extends or self.extension is not None) and usual is not None and self.parameterization is None:
            return usual
        if not (self.version or self.plugin_download_url or self.parameterization):
            return usual
        version = self.version.removeprefix("v")
        if self.parameterization is not None:
            return PackageRequest(
                name=self.parameterization.plugin_name,
                version=self.parameterization.plugin_version,
                download_url=self.plugin_download_url,
                parameterization=Parameterization(
                    name=self.package, version=version, value=base64.b64decode(self.parameterization.value)
                ),
            )
        if usual is not None and usual.parameterization is not None and not self.plugin_download_url:
            return usual
        return PackageRequest(name=self.package, version=version, download_url=self.plugin_download_url)


class ImportFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is to be imported, and what other resources are called in it."""

    name_table: dict[str, str] = {}
    resources: list[Entry] = []
    provider_inputs: dict[str, dict[str, Any]] = {}

    def text(self) -> str:
        """The document, as it is written to a file."""
        return json.dumps(msgspec.to_builtins(self), indent=4, ensure_ascii=False) + "\n"


class Goal(msgspec.Struct, frozen=True):
    """One import, with its address and what it is called in generated code."""

    urn: Urn
    name: str
    goal: ImportGoal


def read_import_file(data: bytes, where: str) -> ImportFile:
    """
    Read a file.

    Raises:
        ImportFileError: It is none, or contradicts itself.
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportFileError(where, [f"this is no JSON: {error}"]) from None
    # What the place of a spelling that nobody knows is, comes first: it explains the rest.
    problems = list(_misspelled(document))
    try:
        file = msgspec.convert(_without_nulls(document), ImportFile)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        path = place.rstrip("`").lstrip(".")
        problems.append(f"{path}: {message}" if path else message)
        raise ImportFileError(where, problems) from None
    problems += _problems(file)
    if problems:
        raise ImportFileError(where, problems)
    return file


def _without_nulls(document: Any) -> Any:
    """Other tools write what an entry does not say as null."""
    if not isinstance(document, dict):
        return document
    said = {name: value for name, value in document.items() if value is not None}
    resources = said.get("resources")
    if isinstance(resources, list):
        said["resources"] = [_without_nulls(each) for each in resources]
    return said


def _misspelled(document: Any) -> Iterator[str]:
    if not isinstance(document, dict):
        return
    yield from _unknown(document, ImportFile, "")
    resources = document.get("resources")
    for at, each in enumerate(resources if isinstance(resources, list) else ()):
        if isinstance(each, dict):
            yield from _unknown(each, Entry, f"resources[{at}].")


def _unknown(part: Mapping[str, Any], kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    known = kind.__struct_encode_fields__
    for name in part:
        if name not in known:
            meant = closest(name, known)
            if meant is not None and meant not in part:
                yield f"{path}{name} is not known; did you mean `{meant}`?"


def _problems(file: ImportFile) -> Iterator[str]:
    for name, urn in file.name_table.items():
        if wrong := _no_urn(urn):
            yield f"nameTable.{name}: {wrong}"
    names = Counter(each.called for each in file.resources)
    for at, each in enumerate(file.resources):
        place = f"resources[{at}]{f' ({each.called})' if each.called else ''}"
        if not each.type:
            yield f"{place} has no type"
        if not each.called:
            yield f"{place} has no name"
        if each.component and each.id:
            yield f"{place} is marked as a component but has an ID"
        if not each.component and not each.id and not is_provider_type(each.type):
            yield f"{place} has no ID"
        if each.id == PLACEHOLDER:
            yield f"{place}: put its ID in the place of {PLACEHOLDER}"
        if each.remote and not each.component:
            yield f"{place} is marked as remote, but not as a component"
        for role, name in (("parent", each.parent), ("provider", each.provider)):
            if name and name not in file.name_table:
                if name not in names:
                    yield f"{place}: the {role} '{name}' for '{each.called}' has no entry in 'nameTable'"
                elif names[name] > 1:
                    yield f"{place}: its {role} '{name}' is ambiguous: several resources are called so"
        if each.extension is not None:
            yield from _extension_problems(each.extension, f"{place}.extension")
        if each.parameterization is not None and not _is_base64(each.parameterization.value):
            yield f"{place}.parameterization.value is no base 64"


def _extension_problems(extension: ExtendedBy, place: str) -> Iterator[str]:
    if not extension.name:
        yield f"{place} has no name"
    if not _is_base64(extension.value):
        yield f"{place}.value is no base 64"


def _no_urn(text: str) -> str:
    """What is wrong with *text* as a URN; empty if nothing is."""
    if not is_urn(text):
        return f"`{text}` is no URN"
    try:
        reference = parse_provider_reference(text)
    except UserError:
        return ""
    return f"a URN is expected, and this refers to one object of a provider; write {reference.urn}"


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def import_goals(
    file: ImportFile,
    where: str,
    *,
    stack: str,
    project: str,
    protect: bool,
    packages: Mapping[str, PackageRequest],
    extensions: Mapping[str, Parameterization],
    crypter: Crypter | None,
) -> list[Goal]:
    """
    What the engine is to import; *packages* are those that are meant where an entry says nothing.

    So are *extensions*, of those that have no provider of their own.

    Raises:
        ImportFileError: Values cannot be read, or names lead in a circle.
    """
    return _Goals(file, where, stack, project, protect, packages, extensions, crypter).all()


class _Goals:
    def __init__(
        self,
        file: ImportFile,
        where: str,
        stack: str,
        project: str,
        protect: bool,
        packages: Mapping[str, PackageRequest],
        extensions: Mapping[str, Parameterization],
        crypter: Crypter | None,
    ) -> None:
        self._file = file
        self._where = where
        self._stack = stack
        self._project = project
        self._protect = protect
        self._packages = packages
        self._extensions = extensions
        self._crypter = crypter
        self._by_name = {each.called: each for each in file.resources}

    def all(self) -> list[Goal]:
        found: list[Goal] = []
        places: dict[Urn, int] = {}
        problems: list[str] = []
        for at, each in enumerate(self._file.resources):
            urn = self._urn(each, ())
            if urn in places:
                problems.append(
                    f"resources[{at}] ({each.called}) has the URN of resources[{places[urn]}], {urn}:"
                    " give it another name or logicalName"
                )
                continue
            places[urn] = at
            found.append(Goal(urn, each.called, self._goal(each, f"resources[{at}]")))
        if problems:
            raise ImportFileError(self._where, problems)
        return found

    def _urn(self, entry: Entry, above: tuple[str, ...]) -> Urn:
        return child_urn(
            self._stack, self._project, self._named(entry.parent, above), entry.type, entry.stack_name
        )

    def _named(self, name: str, above: tuple[str, ...] = ()) -> Urn | None:
        """The URN of what is called *name*; None for nothing, and for the stack itself."""
        if not name:
            return None
        known = self._file.name_table.get(name)
        if known is not None:
            return None if urn_type(known) == ROOT_STACK_TYPE else Urn(known)
        if name in above:
            circle = " -> ".join((*above, name))
            raise ImportFileError(self._where, [f"parents lead in a circle: {circle}"])
        return self._urn(self._by_name[name], (*above, name))

    def _goal(self, entry: Entry, place: str) -> ImportGoal:
        usual, said = self._packages.get(entry.package), entry.extension
        given = self._file.provider_inputs.get(entry.provider)
        return ImportGoal(
            type=entry.type,
            name=entry.stack_name,
            id=entry.id,
            parent=self._named(entry.parent),
            provider=self._named(entry.provider),
            package=entry.package_request(usual, extends=entry.package in self._extensions),
            extension=self._extensions.get(entry.package) if said is None else said.meant,
            properties=entry.chosen,
            component=entry.component,
            remote=entry.remote,
            protect=self._protect and not is_provider_type(entry.type),
            inputs=self._values(entry.inputs, f"{place}.inputs"),
            outputs=self._values(entry.outputs, f"{place}.outputs"),
            provider_inputs=self._values(given, f"providerInputs.{entry.provider}"),
        )

    def _values(self, tree: dict[str, Any] | None, place: str) -> PropertyMap | None:
        if tree is None:
            return None
        reader = PropertyReader(SecretTexts(self._crypter) if self._crypter is not None else None)
        reader.where = place
        try:
            found = {name: reader.value(each) for name, each in tree.items()}
            reader.finish()
        except MalformedValueError as error:
            path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
            raise ImportFileError(self._where, [f"{place}{path}: {error}"]) from error
        return found


def one_entry(
    type_: str, name: str, id_: str, *, parent: str | None, provider: str | None, properties: Iterable[str]
) -> ImportFile:
    """
    The words of a command line as an import file.

    Raises:
        UserError: *parent* or *provider* is not `name=URN`, or a URN.
    """
    table: dict[str, str] = {}
    for role, text in (("parent", parent), ("provider", provider)):
        if text is None:
            continue
        called, urn = _spec(text, role)
        if called in table:
            raise UserError(f"--parent and --provider have to have different names; both are `{called}`")
        table[called] = urn
    names = [*table]
    return ImportFile(
        name_table=table,
        resources=[
            Entry(
                type=type_,
                name=name,
                id=id_,
                parent=names[0] if parent is not None else "",
                provider=names[-1] if provider is not None else "",
                properties=list(properties),
            )
        ],
    )


def _spec(text: str, role: str) -> tuple[str, str]:
    name, separator, urn = text.partition("=")
    if is_urn(text):
        name, separator, urn = role, "=", text
    if not separator or not name or not urn:
        raise UserError(f"--{role} is to be of the form name=URN, not `{text}`")
    if wrong := _no_urn(urn):
        raise UserError(f"--{role} {name}=URN: {wrong}")
    return name, urn
