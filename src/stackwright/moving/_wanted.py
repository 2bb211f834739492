"""
What a preview would create, as an import file (state.md §13.4).

For resources that exist already, only that the stack does not know: a person puts their
ids in, and `import --file` takes them in instead of creating them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import msgspec

from stackwright.engine import Event, Op, StepDone
from stackwright.engine._packages import package_of_inputs, strip_internal
from stackwright.moving._import_file import PLACEHOLDER, Entry, ImportFile, ParameterizedBy
from stackwright.moving._names import Distinct
from stackwright.secrets import Crypter
from stackwright.state import ResourceState
from stackwright.state._property_json import PropertyWriter, SecretTexts
from stackwright.urn import (
    Urn,
    is_default_provider,
    is_provider_type,
    is_root_stack,
    urn_name,
    urn_type,
)


class Wanted:
    """A reporter that remembers what a preview says; `file` is what came of it."""

    def __init__(self) -> None:
        self._created: dict[Urn, ResourceState] = {}
        self._providers: dict[Urn, ResourceState] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StepDone) or event.new is None:
            return
        if is_provider_type(event.new.type):
            self._providers[event.new.urn] = event.new
        created = event.op is Op.CREATE and not event.step.is_internal
        if created and not is_root_stack(event.new.urn):
            self._created[event.new.urn] = event.new

    def file(self, crypter: Crypter) -> ImportFile:
        """Everything that would be created; what it belongs to and exists already is in the name table."""
        names = Distinct()
        called = {urn: names.name(*_wishes(urn), separator="") for urn in self._created}
        table: dict[str, str] = {}

        def name_of(urn: Urn | None) -> str:
            if urn is None or is_root_stack(urn):
                return ""
            if urn not in called:
                called[urn] = names.name(*_wishes(urn), separator="")
                table[called[urn]] = urn
            return called[urn]

        entries: list[Entry] = []
        for urn, record in self._created.items():
            provider = Urn(record.provider.rpartition("::")[0])
            explicit = provider if provider and not is_default_provider(provider) else None
            entry = Entry(
                type=record.type,
                name=called[urn],
                id=PLACEHOLDER if record.custom and not is_provider_type(record.type) else "",
                parent=name_of(record.parent),
                provider=name_of(explicit),
                logical_name=urn_name(urn) if called[urn] != urn_name(urn) else "",
                component=not record.custom,
                remote=not record.custom and bool(provider),
            )
            if is_provider_type(record.type):
                entry = _configured(_of_package(entry, record), record, crypter)
            elif provider in self._providers:
                entry = _of_package(entry, self._providers[provider])
            entries.append(entry)
        return ImportFile(name_table=table, resources=entries)


def _of_package(entry: Entry, provider: ResourceState) -> Entry:
    """*entry* with what *provider* says of its plugin."""
    request, _ = package_of_inputs(provider.type, provider.inputs)
    parameter = request.parameterization
    if parameter is None:
        return msgspec.structs.replace(
            entry, version=request.version, plugin_download_url=request.download_url
        )
    return msgspec.structs.replace(
        entry,
        version=parameter.version,
        plugin_download_url=request.download_url,
        parameterization=ParameterizedBy(
            plugin_name=request.name,
            plugin_version=request.version,
            value=base64.b64encode(parameter.value).decode(),
        ),
    )


def _configured(entry: Entry, provider: ResourceState, crypter: Crypter) -> Entry:
    """*entry* with the configuration of the provider that it stands for; secrets are encrypted."""
    writer = PropertyWriter(SecretTexts(crypter))
    inputs = {key: value for key, value in strip_internal(provider.inputs).items() if key != "version"}
    trees = {key: writer.tree(value) for key, value in inputs.items()}
    return msgspec.structs.replace(entry, inputs=trees or None)


def _wishes(urn: Urn) -> Iterator[str]:
    """What a resource may be called in the file: by its name, and where that is taken by its type too."""
    yield urn_name(urn)
    kind = urn_type(urn).rpartition(":")[2]
    yield f"{urn_name(urn)}{kind[:1].upper()}{kind[1:]}"
