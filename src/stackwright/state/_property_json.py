"""
Property values as JSON trees and back (state.md §8.2).

Writing never shows a secret: it encrypts each one by itself, or is told
explicitly to write plain text. Reading collects what has to be decrypted and
does it at the end, in one round trip.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, Final

import msgspec

from stackwright.errors import InternalError, StateError
from stackwright.secrets import Crypter, DecryptionError
from stackwright.state._go_json import (
    LARGEST_EXACT,
    UNREADABLE,
    TooDeepError,
    encode_secret_text,
    float_bits,
    float_of_bits,
    go_number,
)
from stackwright.state._store import EncryptedSecret
from stackwright.urn import Urn
from stackwright.values import (
    EMPTY_ARCHIVE_HASH,
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
    Value,
    reduce_outputs,
)

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a constant of the format
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
FLOAT: Final = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"
BYTES: Final = "803fd3297a5875dc03ca845dda5d2a98"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

MAX_DEPTH: Final = 256
"""Levels of a value that are read or written; deeper ones are refused rather than overflow a stack."""

_SIGNATURE_BYTES: Final = SIGNATURE.encode()
_UNKNOWN_BYTES: Final = UNKNOWN_TEXT.encode()
_ATOMS: Final = frozenset({str, int, bool, NoneType})


class MalformedValueError(StateError):
    """A stored value does not follow the format; `path` leads to it from where reading began."""

    code = "malformed-state"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: list[str | int] = []


class SecretTexts:
    """
    The ciphertexts of secrets that were read or written with one crypter.

    A secret that passes through unchanged keeps its ciphertext (§8.3), so that an
    unchanged resource keeps its bytes. Only the very object is recognised, never an
    equal one: equal texts in two places must not become recognisable as equal.
    """

    def __init__(self, crypter: Crypter, *, reuse: bool = True) -> None:
        self.crypter = crypter
        self._reuse = reuse
        # The secret is kept beside its text so that its identity cannot be given to another object.
        self._known: dict[int, tuple[Secret, str]] = {}

    def encrypt(self, secret: Secret, text: Callable[[], str]) -> str:
        """The ciphertext of *secret*; *text* gives its JSON text if that is needed."""
        known = self._known.get(id(secret))
        if known is not None:
            return known[1]
        ciphertext = self.crypter.encrypt(text())
        self.remember(secret, ciphertext)
        return ciphertext

    def remember(self, secret: Secret, ciphertext: str) -> None:
        """Note that *secret* was read from *ciphertext*."""
        if self._reuse:
            self._known[id(secret)] = (secret, ciphertext)


def is_plain(value: Value) -> bool:
    """Whether *value* is its own JSON tree: true of most, and told without making anything."""
    kind = type(value)
    if kind is dict:
        if SIGNATURE in value:
            return False
        for item in value.values():  # noqa: SIM110 - a generator would double the cost
            if type(item) not in _ATOMS and not is_plain(item):
                return False
        return True
    if kind is list:
        for item in value:  # noqa: SIM110 - a generator would double the cost
            if type(item) not in _ATOMS and not is_plain(item):
                return False
        return True
    return kind in _ATOMS


class PropertyWriter:
    """
    Values to JSON trees, with secrets encrypted by *secrets*.

    With `show_secrets` they are written in plain text instead (`export --show-secrets`).
    With neither, only secrets that are still encrypted can be written. *exchange* is for
    files that other tools read: floats get the very tokens that Go writes.
    """

    def __init__(
        self, secrets: SecretTexts | None = None, *, show_secrets: bool = False, exchange: bool = False
    ) -> None:
        self._secrets = secrets
        self._show = show_secrets
        self._exchange = exchange
        self.has_bytes = False
        """Whether a byte string was written: a feature of its own (§7.1)."""

    def tree(self, value: Value) -> Any:
        """
        The JSON tree of *value*; *value* itself where that is one.

        Raises:
            StateError: There is no stored form for it; the message says where.
        """
        try:
            if is_plain(value):
                return value
            return self._tree(value, sealed=False)
        except RecursionError:
            raise TooDeepError from None

    def _tree(self, value: Value, *, sealed: bool) -> Any:
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is dict:
            if SIGNATURE in value:
                raise StateError(
                    "A property map has a key that is reserved for marking special values",
                    hint=f"Rename the key {SIGNATURE}",
                )
            return {_text_key(key): self._tree(item, sealed=sealed) for key, item in value.items()}
        if kind is list or kind is tuple:
            return [self._tree(item, sealed=sealed) for item in value]
        if kind is float:
            return self._number(value, sealed=sealed)
        if kind is Secret:
            return self._secret(value, sealed=sealed)
        if kind is Unknown:
            return UNKNOWN_TEXT
        if kind is OutputValue:
            return self._tree(reduce_outputs(value), sealed=sealed)
        if kind is ResourceRef:
            return _reference_tree(value)
        if kind is Asset:
            return _asset_tree(value)
        if kind is Archive:
            return _archive_tree(value)
        if kind is bytes:
            self.has_bytes = True
            return {SIGNATURE: BYTES, "value": base64.b64encode(value).decode()}
        if isinstance(value, Mapping):
            return self._tree(dict(value), sealed=sealed)
        # Subclasses of plain types, such as members of a str enum.
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return self._tree(float(value), sealed=sealed)
        if isinstance(value, list):
            return self._tree(list(value), sealed=sealed)
        raise StateError(f"A value of type {kind.__module__}.{kind.__qualname__} cannot be recorded")

    def _number(self, number: float, *, sealed: bool) -> Any:
        if not math.isfinite(number):
            return {SIGNATURE: FLOAT, "value": float_bits(number)}
        if self._exchange or sealed:
            return go_number(number)
        # Larger whole numbers stay floats, as which they are read again.
        return int(number) if number.is_integer() and 0 < abs(number) <= LARGEST_EXACT else number

    def _secret(self, secret: Secret, *, sealed: bool) -> dict[str, str]:
        if type(secret.value) is EncryptedSecret:
            return {SIGNATURE: SECRET, "ciphertext": secret.value.ciphertext}

        def text() -> str:
            return encode_secret_text(self._tree(secret.value, sealed=True))

        if self._show:
            return {SIGNATURE: SECRET, "plaintext": text()}
        if sealed:  # within another secret, which is what gets encrypted
            return {SIGNATURE: SECRET, "ciphertext": text()}
        if self._secrets is None:
            raise InternalError("A secret was to be recorded, but nothing was given to encrypt it with")
        return {SIGNATURE: SECRET, "ciphertext": self._secrets.encrypt(secret, text)}


def _text_key(key: object) -> str:
    if not isinstance(key, str):
        raise StateError(f"A property map has a key of type {type(key).__name__}; keys are texts")
    return key


def _reference_tree(reference: ResourceRef) -> dict[str, str]:
    tree = {SIGNATURE: RESOURCE, "urn": str(reference.urn), "packageVersion": reference.package_version}
    if reference.id is not None:
        tree["id"] = reference.id if isinstance(reference.id, str) else ""
    return tree


def _asset_tree(asset: Asset) -> dict[str, str]:
    tree = {SIGNATURE: ASSET}
    if asset.hash:
        tree["hash"] = asset.hash
    if asset.text:
        tree["text"] = asset.text
    elif asset.path:
        tree["path"] = asset.path
    elif asset.uri:
        tree["uri"] = asset.uri
    return tree


def _archive_tree(archive: Archive) -> dict[str, Any]:
    tree: dict[str, Any] = {SIGNATURE: ARCHIVE}
    if archive.hash:
        tree["hash"] = archive.hash
    if archive.assets:
        tree["assets"] = {
            name: _archive_tree(member) if isinstance(member, Archive) else _asset_tree(member)
            for name, member in archive.assets.items()
        }
    elif archive.path:
        tree["path"] = archive.path
    elif archive.uri:
        tree["uri"] = archive.uri
    return tree


# Reading ------------------------------------------------------------------------------------------


def may_be_special(body: bytes) -> bool:
    """
    Whether JSON that *we* wrote may hold anything but plain data.

    JSON from elsewhere may write the same characters in other ways: always read that in full.
    """
    return _SIGNATURE_BYTES in body or _UNKNOWN_BYTES in body


class PropertyReader:
    """
    JSON trees to values. Call `finish` at the end: before it, secrets are not decrypted.

    Without *secrets* a secret stays a `Secret` around an `EncryptedSecret`. *exchange* is for
    files of other tools, to which every number is a double; the texts of secrets are such files.
    """

    def __init__(self, secrets: SecretTexts | None = None, *, exchange: bool = False) -> None:
        self._secrets = secrets
        self._exchange = exchange
        self._sealed: list[tuple[Secret, str, str]] = []
        self.where = ""
        """What is being read, for the message when a secret cannot be decrypted."""

    def value(self, tree: Any) -> Value:
        """
        The value of a tree.

        Raises:
            MalformedValueError: It does not follow the format; its `path` says where.
        """
        return self._value(tree, 0, sealed=False)

    def _value(self, tree: Any, depth: int, *, sealed: bool) -> Value:
        kind = type(tree)
        if kind is str:
            return UNKNOWN if tree == UNKNOWN_TEXT else tree
        if kind is dict:
            if depth > MAX_DEPTH:
                raise MalformedValueError(f"more than {MAX_DEPTH} levels are nested in each other")
            if SIGNATURE in tree:
                return self._special(tree, depth, sealed=sealed)
            if "V" in tree and len(tree) == 1 and type(tree["V"]) is dict and SIGNATURE in tree["V"]:
                return self._value(tree["V"], depth + 1, sealed=sealed)  # an old form of references
            result = {}
            key: str | int = ""
            try:
                for key, item in tree.items():
                    result[key] = item if item is None else self._value(item, depth + 1, sealed=sealed)
            except MalformedValueError as error:
                error.path.insert(0, key)
                raise
            return result
        if kind is list:
            if depth > MAX_DEPTH:
                raise MalformedValueError(f"more than {MAX_DEPTH} levels are nested in each other")
            items = []
            try:
                for item in tree:
                    items.append(self._value(item, depth + 1, sealed=sealed))  # noqa: PERF401 - counted below
            except MalformedValueError as error:
                error.path.insert(0, len(items))
                raise
            return items
        if kind is int and (self._exchange or sealed) and not -LARGEST_EXACT <= tree <= LARGEST_EXACT:
            try:
                return float(tree)
            except OverflowError:
                raise MalformedValueError("a number is too large") from None
        return tree

    def _special(self, tree: dict[str, Any], depth: int, *, sealed: bool) -> Value:
        signature = tree[SIGNATURE]
        if signature == SECRET:
            return self._secret(tree, depth, sealed=sealed)
        if signature == RESOURCE:
            return ResourceRef(
                urn=Urn(_member(tree, "urn")),
                id=_member(tree, "id") if tree.get("id") is not None else None,
                package_version=_optional(tree, "packageVersion"),
            )
        if signature in {ASSET, ARCHIVE}:
            return _asset_or_archive(tree, depth)
        if signature == FLOAT:
            try:
                return float_of_bits(_member(tree, "value"))
            except ValueError:
                raise MalformedValueError("a number has to be given as 16 hexadecimal digits") from None
        if signature == BYTES:
            try:
                return base64.b64decode(_member(tree, "value"), validate=True)
            except binascii.Error:
                raise MalformedValueError("a byte string has to be given in base64") from None
        raise MalformedValueError(f"unrecognized signature '{signature}' in property map")

    def _secret(self, tree: dict[str, Any], depth: int, *, sealed: bool) -> Secret:
        ciphertext, plaintext = _optional(tree, "ciphertext"), _optional(tree, "plaintext")
        if bool(ciphertext) == bool(plaintext):
            raise MalformedValueError(
                "malformed secret value: exactly one of `ciphertext` or `plaintext` must be supplied"
            )
        if plaintext or sealed:
            return Secret(self._text_value(plaintext or ciphertext, depth))
        secret = Secret(EncryptedSecret(ciphertext))
        self.note_sealed()
        if self._secrets is not None:
            self._sealed.append((secret, ciphertext, self.where))
        return secret

    def note_sealed(self) -> None:
        """Called for every secret that is given as ciphertext."""

    def _text_value(self, text: str, depth: int) -> Value:
        try:
            tree = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
        except UNREADABLE:
            raise MalformedValueError("the text of a secret is not JSON") from None
        return self._value(tree, depth + 1, sealed=True)

    def finish(self) -> None:
        """
        Decrypt what was read.

        Raises:
            DecryptionError: The key or passphrase is another one; says which resource.
            MalformedValueError: What was decrypted does not follow the format.
        """
        if self._secrets is None or not self._sealed:
            return
        sealed, self._sealed = self._sealed, []
        crypter = self._secrets.crypter
        try:
            texts = list(crypter.decrypt_many([ciphertext for _, ciphertext, _ in sealed]))
        except DecryptionError as error:
            raise _first_failure(crypter, sealed, error) from error
        for (secret, ciphertext, where), text in zip(sealed, texts, strict=True):
            try:
                value = self._text_value(text, 0)
            except MalformedValueError as error:
                error.path.insert(0, where)
                raise
            # The object was handed out already; nobody has seen it before `finish`.
            msgspec.structs.force_setattr(secret, "value", value)
            self._secrets.remember(secret, ciphertext)


def _first_failure(
    crypter: Crypter, sealed: list[tuple[Secret, str, str]], error: DecryptionError
) -> DecryptionError:
    for _, ciphertext, where in sealed:
        try:
            crypter.decrypt(ciphertext)
        except DecryptionError as first:
            owner = f"A secret of {where} cannot be decrypted: " if where else ""
            return DecryptionError(f"{owner}{first.message}", detail=first.detail, hint=first.hint)
    return error


def _member(tree: dict[str, Any], name: str) -> str:
    found = tree.get(name)
    if not isinstance(found, str):
        raise MalformedValueError(f"`{name}` has to be a text")
    return found


def _optional(tree: dict[str, Any], name: str) -> str:
    return "" if tree.get(name) is None else _member(tree, name)


def _asset_or_archive(tree: Any, depth: int) -> Asset | Archive:
    if not isinstance(tree, dict):
        raise MalformedValueError("an asset has to be an object")
    if depth > MAX_DEPTH:
        raise MalformedValueError(f"more than {MAX_DEPTH} levels are nested in each other")
    signature = tree.get(SIGNATURE)
    path, uri, digest = _optional(tree, "path"), _optional(tree, "uri"), _optional(tree, "hash")
    if signature == ASSET:
        text: str | None = _optional(tree, "text")
        # An empty text is left out when it is written; with another hash the contents were left out.
        if not text and (path or uri or digest not in {"", EMPTY_TEXT_HASH}):
            text = None
        return Asset(text=text, path=path, uri=uri, hash=digest)
    if signature != ARCHIVE:
        raise MalformedValueError("an archive's member has to be an asset or an archive")
    members = tree.get("assets")
    if members is None:
        empty = not path and not uri and digest in {"", EMPTY_ARCHIVE_HASH}
        return Archive(assets={} if empty else None, path=path, uri=uri, hash=digest)
    if not isinstance(members, dict):
        raise MalformedValueError("`assets` has to be an object")
    assets = {}
    name = ""
    try:
        for name, member in members.items():
            assets[name] = _asset_or_archive(member, depth + 1)
    except MalformedValueError as error:
        error.path.insert(0, name)
        raise
    return Archive(assets=assets, path=path, uri=uri, hash=digest)
