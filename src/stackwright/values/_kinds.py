"""The kinds of values beyond plain data (protocol.md §2.2-2.7)."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from stackwright.urn import Urn

Value: TypeAlias = Any
"""
None, bool, int, float, str, bytes, a list of values, a dict of str to values, or
one of the classes below. (The recursive type costs checkers more than it gives.)
"""

PropertyMap: TypeAlias = dict[str, Value]
"""A resource's inputs or outputs, by property name."""


class UnknownKind(Enum):
    """What an unknown will be once it is known; each has a string of its own on the wire (§2.3)."""

    BOOL = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"
    NUMBER = "3eeb2bf0-c639-47a8-9e75-3b44932eb421"
    STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    ARRAY = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
    ASSET = "030794c1-ac77-496b-92df-f27374a8bd58"
    ARCHIVE = "e48ece36-62e2-4504-bad9-02848725956a"
    OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"


class Unknown(msgspec.Struct, frozen=True):
    """
    A value that a preview cannot know yet.

    Two unknowns are never known to be equal: compare with `values_equal`, which
    says so. `UNKNOWN` is the generic one.
    """

    kind: UnknownKind = UnknownKind.STRING


UNKNOWN: Final = Unknown()


class Secret(msgspec.Struct, frozen=True):
    """
    A value that must never be shown, logged or stored in plain text.

    Its `repr` hides it, so that no traceback, assertion or log gives it away.
    """

    value: Value

    def __repr__(self) -> str:
        return "Secret([secret])"


class OutputValue(msgspec.Struct, frozen=True, kw_only=True):
    """
    A value together with what the program knows of it: secretness and dependencies (§2.4).

    `value` is `UNKNOWN` when it is not known. Only goals, Construct, Call and
    transforms carry these; `reduce_outputs` turns them into plain kinds.
    """

    value: Value = UNKNOWN
    secret: bool = False
    dependencies: tuple[Urn, ...] = ()

    def __repr__(self) -> str:
        shown = "[secret]" if self.secret else repr(self.value)
        return f"OutputValue({shown}, dependencies={self.dependencies!r})"


class ResourceRef(msgspec.Struct, frozen=True, kw_only=True):
    """
    A reference to a resource (§2.5).

    `id` is None for a component, `UNKNOWN` where it is not known yet.
    """

    urn: Urn
    id: str | Unknown | None = None
    package_version: str = ""


EMPTY_TEXT_HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The hash of no bytes at all (§4.1)."""

EMPTY_ARCHIVE_HASH: Final = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
"""The hash of an archive without members: 1024 zero bytes (§4.1)."""


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file's worth of bytes: a text, a local path, or a URI (§4.1).

    Exactly one source is expected; of several the first counts in the order path,
    URI, text. With none, and a hash that is not the empty text's, the contents were
    left out on the way (`is_placeholder`); without such a hash it is the empty text.
    """

    text: str | None = None
    path: str = ""
    uri: str = ""
    hash: str = ""

    @property
    def is_placeholder(self) -> bool:
        """Whether only the hash is left, so that the bytes cannot be read."""
        return not (self.path or self.uri or self.text) and self.hash not in {"", EMPTY_TEXT_HASH}


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """
    Many files: a map of names to assets and archives, a local path (a directory or
    an archive file), or a URI (§4.1).

    Of several sources the first counts in the order path, URI, assets. With none, and
    a hash that is not the empty archive's, the contents were left out on the way.
    """

    assets: dict[str, Asset | Archive] | None = None
    path: str = ""
    uri: str = ""
    hash: str = ""

    @property
    def is_placeholder(self) -> bool:
        """Whether only the hash is left, so that the members cannot be read."""
        return (
            not (self.path or self.uri) and self.assets is None and self.hash not in {"", EMPTY_ARCHIVE_HASH}
        )
