"""
Deployment JSON: a stack's state as a file, in the compatible format (state.md §7-9).

Reading takes every envelope and versions 1 to 4, and trusts nothing: sizes and depth are
bounded, and whatever does not follow the format is told by its place in the file.
Writing gives the bytes that the compatible tool would: member order, number forms,
indentation.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from stackwright.errors import StateError
from stackwright.goals import Parameterization
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._go_json import encode, encode_sorted, indented, valid_unicode
from stackwright.state._integrity import integrity_problems, shown
from stackwright.state._property_json import (
    MalformedValueError,
    PropertyReader,
    PropertyWriter,
    SecretTexts,
)
from stackwright.state._record_json import ResourceJson, resource_json, resource_state, spelled
from stackwright.state._repair import without_aliases
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import Key, Manifest, OperationKind, PendingOperation, Snapshot
from stackwright.state._store import StackName
from stackwright.urn import split_urn

MAX_BYTES: Final = 1 << 30
"""The largest file that is read."""
OLDEST, CURRENT, LATEST = 1, 3, 4
FEATURES: Final = frozenset(
    {
        "refreshBeforeUpdate",
        "views",
        "hooks",
        "taint",
        "replaceWith",
        "extensionParameterization",
        "snippets-prototype",
        "byteString",
    }
)
"""What a deployment of version 4 may use (E284)."""


class DeploymentError(StateError):
    """A file is no deployment, or not one that can be read here. Nothing was changed."""

    code = "malformed-deployment"


# The form ----------------------------------------------------------------------------------------


class ManifestJson(msgspec.Struct, omit_defaults=True):
    """Who wrote the file."""

    time: str | None = None
    magic: str | None = None
    version: str | None = None
    plugins: Any = None


class SecretsProvidersJson(msgspec.Struct, omit_defaults=True):
    """Which secrets manager; `state` is its own business."""

    type: str | None = None
    state: Any = None


class OperationJson(msgspec.Struct):
    """A pending operation."""

    resource: ResourceJson
    type: str


class ExtensionJson(msgspec.Struct):
    """An extension of a provider."""

    name: str
    version: str
    value: str


class DeploymentJson(msgspec.Struct, omit_defaults=True):
    """The body, versions 3 and 4; members in written order."""

    manifest: ManifestJson | None = None
    secrets_providers: SecretsProvidersJson | None = None
    resources: list[ResourceJson] | None = None
    pending_operations: list[OperationJson] | None = None
    metadata: Any = None
    snippets: Any = None
    extensions: dict[str, ExtensionJson] | None = None


class _Envelope(msgspec.Struct):
    version: int | None = None
    features: list[str] | None = None
    deployment: msgspec.Raw = msgspec.Raw()
    checkpoint: msgspec.Raw = msgspec.Raw()
    latest: msgspec.Raw = msgspec.Raw()  # of a checkpoint without an envelope
    stack: str | None = None


class _Checkpoint(msgspec.Struct):
    stack: str | None = None
    latest: DeploymentJson | None = None


# Reading -----------------------------------------------------------------------------------------


class DeploymentFile:
    """
    A deployment that was read, its property values not looked into yet.

    Secrets are read by `snapshot`, once somebody knows the key: `secrets_provider` says
    whose it is, `has_sealed_secrets` whether it is needed at all.
    """

    def __init__(
        self, version: int, features: Sequence[str], body: DeploymentJson | None, *, place: str
    ) -> None:
        self.version = version
        self.features = tuple(features)
        self._body = body
        self._place = place

    @property
    def is_empty(self) -> bool:
        """Whether this is the export of a stack that was never deployed (`"deployment": null`)."""
        return self._body is None

    @property
    def secrets_provider(self) -> SecretsProvider | None:
        """The manager that encrypted the secrets, as the file names it."""
        raw = self._body.secrets_providers if self._body is not None else None
        return SecretsProvider(type=raw.type, state=raw.state) if raw is not None and raw.type else None

    @property
    def has_sealed_secrets(self) -> bool:
        """Whether a secret is given as ciphertext, so that reading all of it needs the key."""
        reader = _Counting()
        self._read(reader)
        return reader.found

    def snapshot(self, *, crypter: Crypter | None = None) -> Snapshot:
        """
        The state, in the order of the file, with aliases applied (state.md §9.2).

        Without *crypter* a sealed secret stays as it is. Nothing is checked beyond the
        format (see `integrity_problems`).

        Raises:
            DeploymentError: A value does not follow the format; the message says where.
            AliasConflictError: Two resources have one alias.
            DecryptionError: A secret cannot be decrypted.
        """
        reader = PropertyReader(
            SecretTexts(crypter, reuse=False) if crypter is not None else None, exchange=True
        )
        snapshot = self._read(reader)
        try:
            reader.finish()
        except MalformedValueError as error:
            raise self._malformed(error) from None
        return snapshot

    def _read(self, reader: PropertyReader) -> Snapshot:
        body = self._body
        if body is None:
            return Snapshot()
        records = []
        for position, raw in enumerate(body.resources or ()):
            records.append(self._resource(raw, reader, ["resources", position]))
        pending = []
        for position, operation in enumerate(body.pending_operations or ()):
            try:
                kind = OperationKind(operation.type)
            except ValueError:
                raise DeploymentError(
                    f"could not deserialize deployment: pending_operations[{position}].type: "
                    f"there is no operation `{operation.type}`"
                ) from None
            resource = self._resource(
                operation.resource, reader, ["pending_operations", position, "resource"]
            )
            pending.append(PendingOperation(number=position + 1, kind=kind, resource=resource))
        manifest = body.manifest or ManifestJson()
        return Snapshot(
            records={Key(number): record for number, record in enumerate(without_aliases(records), 1)},
            pending=tuple(pending),
            manifest=Manifest(
                time=manifest.time or "",
                version=manifest.version or "",
                magic=manifest.magic or "",
                plugins=tuple(_objects(manifest.plugins, "manifest.plugins")),
            ),
            secrets_provider=self.secrets_provider,
            metadata=_object(body.metadata, "metadata"),
            snippets=tuple(_objects(body.snippets, "snippets")),
            extensions={name: _extension(name, raw) for name, raw in (body.extensions or {}).items()},
        )

    def _resource(self, raw: ResourceJson, reader: PropertyReader, path: list[str | int]) -> ResourceState:
        if self.version < CURRENT and raw.dependencies and raw.inputs and not raw.property_dependencies:
            # Before version 3 it was not known which property a dependency comes from (§7.4).
            raw.property_dependencies = dict.fromkeys(raw.inputs, raw.dependencies)
        reader.where = f"`{raw.urn}`"
        try:
            return resource_state(raw, reader)
        except MalformedValueError as error:
            error.path[:0] = path
            raise self._malformed(error) from None

    def _malformed(self, error: MalformedValueError) -> DeploymentError:
        return DeploymentError(
            f"could not deserialize deployment: {spelled(error.path)}: {error.problem}",
            detail=f"In {self._place}" if self._place else None,
        )


class _Counting(PropertyReader):
    """Reads values only to see whether a secret is sealed."""

    def __init__(self) -> None:
        super().__init__(exchange=True)
        self.found = False

    def note_sealed(self) -> None:
        self.found = True


def read_deployment(data: bytes, *, stack: str = "", place: str = "") -> DeploymentFile:
    """
    Read a deployment, or a checkpoint of an object store, of any version.

    *stack* is whose it is, and *place* where it came from, for messages.

    Raises:
        DeploymentError: It is not JSON (with the position), not of the form (with the
            path), too large, or of a version or with features that are not known here.
    """
    if len(data) > MAX_BYTES:
        raise DeploymentError(
            f"could not deserialize deployment: the file has {len(data):,} bytes, and "
            f"{MAX_BYTES:,} are read at most"
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    envelope = _decode(data, _Envelope, place)
    version, features = envelope.version, envelope.features or []
    if version is None:
        if not bytes(envelope.latest) and envelope.stack is None:
            raise DeploymentError(
                "could not deserialize deployment: there is neither a `version` nor a checkpoint in it",
                detail=f"In {place}" if place else None,
                hint="A deployment is what `stack export` writes",
            )
        body = _decode(data, _Checkpoint, place).latest
        version = OLDEST
    elif bytes(envelope.checkpoint):
        inner = _decode(bytes(envelope.checkpoint), _Checkpoint, place, within="checkpoint", whole=data)
        body = inner.latest
    else:
        _check_version(version, features, stack, has_body=bytes(envelope.deployment) not in {b"", b"null"})
        body = _decode(
            bytes(envelope.deployment) or b"null",
            DeploymentJson | None,
            place,
            within="deployment",
            whole=data,
        )
    _check_version(version, features, stack, has_body=body is not None)
    return DeploymentFile(version, features, body, place=place)


def _check_version(version: int, features: Sequence[str], stack: str, *, has_body: bool) -> None:
    if version > LATEST:
        raise DeploymentError(
            f"the stack '{stack}' is newer than what this version of Stackwright understands. "
            "Please update your version of Stackwright",
            detail=f"The deployment has version {version}; versions up to {LATEST} are known",
        )
    if version < OLDEST and has_body:
        raise DeploymentError(f"the stack '{stack}' is too old to be used by this version of Stackwright")
    unknown = sorted(set(features) - FEATURES)
    if unknown:
        raise DeploymentError(
            f"the stack '{stack}' uses features that are not supported by this version of Stackwright: "
            f"{', '.join(unknown)}. Please update your version of Stackwright"
        )


def _decode(data: bytes, form: Any, place: str, *, within: str = "", whole: bytes = b"") -> Any:
    try:
        return msgspec.json.decode(data, type=form)
    except msgspec.ValidationError as error:
        raise _not_of_the_form(error, place, within) from None
    except RecursionError:
        raise DeploymentError("could not deserialize deployment: it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _decode_slowly(data, form, place, within, whole or data, error)


def _decode_slowly(data: bytes, form: Any, place: str, within: str, whole: bytes, problem: Exception) -> Any:
    # The fast decoder does not say where it stopped, and refuses the escapes of half a character
    # that Go reads as U+FFFD.
    try:
        json.loads(whole)
        tree = json.loads(data, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DeploymentError(
            f"could not deserialize deployment: it is not JSON: {error.msg} "
            f"(line {error.lineno}, column {error.colno})",
            detail=f"In {place}" if place else None,
            hint="The file may have been cut off on its way. Nothing was changed",
        ) from None
    except ValueError as error:
        raise DeploymentError(f"could not deserialize deployment: it is not JSON: {error}") from None
    except RecursionError:
        raise DeploymentError("could not deserialize deployment: it is nested too deeply") from None
    try:
        return msgspec.json.decode(encode(valid_unicode(tree)), type=form)
    except msgspec.ValidationError as error:
        raise _not_of_the_form(error, place, within) from None
    except msgspec.DecodeError:
        raise DeploymentError(f"could not deserialize deployment: {problem}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _not_of_the_form(error: msgspec.ValidationError, place: str, within: str) -> DeploymentError:
    problem, _, path = str(error).partition(" - at `$")
    path = f"{within}{path.removesuffix('`')}".removeprefix(".")
    return DeploymentError(
        f"could not deserialize deployment: {path or 'the file'}: {problem[:1].lower()}{problem[1:]}",
        detail=f"In {place}" if place else None,
    )


def _object(tree: Any, path: str) -> dict[str, Any]:
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise DeploymentError(f"could not deserialize deployment: {path}: expected an object")
    return tree


def _objects(tree: Any, path: str) -> list[dict[str, Any]]:
    if tree is None:
        return []
    if not isinstance(tree, list):
        raise DeploymentError(f"could not deserialize deployment: {path}: expected a list")
    return [_object(item, f"{path}[{position}]") for position, item in enumerate(tree)]


def _extension(name: str, raw: ExtensionJson) -> Parameterization:
    try:
        value = base64.b64decode(raw.value, validate=True)
    except ValueError:
        raise DeploymentError(
            f"could not deserialize deployment: extensions.{name}.value: it has to be given in base64"
        ) from None
    return Parameterization(name=raw.name, version=raw.version, value=value)


# Writing -----------------------------------------------------------------------------------------


def encode_deployment(
    snapshot: Snapshot | None,
    *,
    crypter: Crypter | None = None,
    show_secrets: bool = False,
    features: Sequence[str] = (),
) -> bytes:
    """
    What `stack export` prints: indented by four spaces, with a newline at the end (state.md §13.6).

    None, or a blank snapshot, is a stack without a deployment. Sealed secrets stay as they
    are; others are encrypted by *crypter*, or written in plain text with *show_secrets*. A file with plain
    secrets does not name a local key, which nobody else could use. *features* are ones that
    are known to be used but cannot be seen, within sealed secrets.
    """
    body, used = _body(snapshot, crypter, show_secrets=show_secrets)
    used |= set(features)
    envelope: dict[str, Any] = {"version": LATEST if used else CURRENT}
    if used:
        envelope["features"] = sorted(used)
    return indented(b'{%b,"deployment":%b}' % (encode(envelope)[1:-1], body))


def encode_checkpoint(name: StackName, snapshot: Snapshot | None, *, crypter: Crypter | None = None) -> bytes:
    """The file that an object store keeps for a stack: compact, no newline (state.md §7.1, §8.1)."""
    if snapshot is None:
        return encode({"version": 0, "checkpoint": {"stack": str(name)}})
    body, used = _body(snapshot, crypter, show_secrets=False)
    envelope: dict[str, Any] = {"version": LATEST if used else CURRENT}
    if used:
        envelope["features"] = sorted(used)
    stack = encode(str(name))
    return b'{%b,"checkpoint":{"stack":%b,"latest":%b}}' % (encode(envelope)[1:-1], stack, body)


def _body(
    snapshot: Snapshot | None, crypter: Crypter | None, *, show_secrets: bool
) -> tuple[bytes, set[str]]:
    if snapshot is None or snapshot.is_blank:
        return b"null", set()
    writer = PropertyWriter(
        SecretTexts(crypter, reuse=False) if crypter is not None else None,
        show_secrets=show_secrets,
        exchange=True,
    )
    manifest = snapshot.manifest
    provider = snapshot.secrets_provider
    if show_secrets and provider is not None and provider.type == "local":
        provider = None
    body = DeploymentJson(
        manifest=ManifestJson(
            manifest.time, manifest.magic, manifest.version, _as_it_is(manifest.plugins) or None
        ),
        secrets_providers=None
        if provider is None
        else SecretsProvidersJson(provider.type, _as_it_is(provider.state)),
        resources=[resource_json(record, writer) for record in snapshot.records.values()] or None,
        pending_operations=[
            OperationJson(resource_json(operation.resource, writer), operation.kind.value)
            for operation in snapshot.pending
        ]
        or None,
        metadata=msgspec.Raw(encode(snapshot.metadata)),
        snippets=_as_it_is(snapshot.snippets) or None,
        extensions={
            name: ExtensionJson(item.name, item.version, base64.b64encode(item.value).decode())
            for name, item in snapshot.used_extensions.items()
        }
        or None,
    )
    data = encode_sorted(body)
    return data, _features(snapshot, has_bytes=writer.has_bytes)


def _as_it_is(tree: Any) -> msgspec.Raw | None:
    # Members that are somebody else's keep the order they came in.
    return msgspec.Raw(encode(tree)) if tree else None


def _features(snapshot: Snapshot, *, has_bytes: bool) -> set[str]:
    found = {"byteString"} if has_bytes else set()
    if snapshot.snippets:
        found.add("snippets-prototype")
    for record in [*snapshot.records.values(), *(operation.resource for operation in snapshot.pending)]:
        for used, feature in (
            (record.refresh_before_update, "refreshBeforeUpdate"),
            (record.view_of, "views"),
            (record.hooks, "hooks"),
            (record.taint, "taint"),
            (record.replace_with, "replaceWith"),
            (record.extension_ref, "extensionParameterization"),
            (record.snippet_id, "snippets-prototype"),
        ):
            if used:
                found.add(feature)
    return found


# Importing ---------------------------------------------------------------------------------------


class ImportRefusedError(StateError):
    """A deployment could be imported, but doing so would be dangerous."""

    code = "import-refused"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "importing this file could be dangerous; rerun with --force to proceed anyway",
            detail=shown(problems),
        )


class PreparedImport(msgspec.Struct, frozen=True):
    """A snapshot that is ready to replace a stack's, and what its user should be told."""

    snapshot: Snapshot
    warnings: tuple[str, ...] = ()


def prepare_import(
    snapshot: Snapshot,
    name: StackName,
    *,
    force: bool = False,
    secrets_provider: SecretsProvider | None = None,
) -> PreparedImport:
    """
    Apply the rules of `stack import` (state.md §9.4) to what was read for stack *name*.

    Resources of another stack and broken integrity are refused, or with *force* become
    warnings; operations that were pending are forgotten, with a warning each. The state is
    to be encrypted by *secrets_provider*, the stack's own, whatever the file had.

    Raises:
        ImportRefusedError: With all that speaks against it.
    """
    problems = [
        f"resource '{record.urn}' is from a different stack ({stack} != {name.stack})"
        for record in snapshot.records.values()
        if (stack := split_urn(record.urn).stack) != name.stack
    ]
    problems += [f"state file contains errors: {problem}" for problem in integrity_problems(snapshot)]
    if problems and not force:
        raise ImportRefusedError(problems)
    warnings = problems + [
        f"removing pending operation '{operation.kind.value}' on '{operation.resource.urn}' from snapshot"
        for operation in snapshot.pending
    ]
    ready = msgspec.structs.replace(snapshot, pending=(), secrets_provider=secrets_provider)
    return PreparedImport(ready, tuple(warnings))
