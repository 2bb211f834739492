"""The kinds of values (protocol.md §2.2-2.5, §4.1)."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.value_strategies import nested

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
    UnknownKind,
    Value,
)

PASSWORD = "correct horse"


class TestHiding:
    @given(nested(st.just(PASSWORD)))
    def test_no_repr_shows_a_secret(self, value: Value) -> None:
        """However deep it lies, what is secret appears in no `repr` and no `str` around it."""
        for hidden in (Secret(value), OutputValue(value=value, secret=True)):
            around = [hidden, {"key": hidden}, OutputValue(value=hidden), Secret(hidden)]
            for shown in (repr(around), str(around), f"{around}", f"{hidden!s}"):
                assert PASSWORD not in shown

    def test_secret_asset_is_hidden(self) -> None:
        """The text of an asset inside a secret is hidden like any other value."""
        assert PASSWORD not in repr(Secret(Asset(text=PASSWORD)))

    def test_failed_comparison_is_hidden(self) -> None:
        """A traceback that shows the values shows no secret."""
        error = ValueError(Secret({"password": PASSWORD}))

        assert PASSWORD not in "".join(traceback.format_exception(error))

    def test_what_is_not_secret_is_shown(self) -> None:
        """An output value that is not secret shows what it holds."""
        assert "'open'" in repr(OutputValue(value="open"))


class TestUnknowns:
    def test_sentinels(self) -> None:
        """Each kind of unknown has its own string, the generic one that of a text (§2.3)."""
        assert {kind.name: kind.value[:8] for kind in UnknownKind} == {
            "BOOL": "1c4a061d",
            "NUMBER": "3eeb2bf0",
            "STRING": "04da6b54",
            "ARRAY": "6a19a0b0",
            "ASSET": "030794c1",
            "ARCHIVE": "e48ece36",
            "OBJECT": "dd056dcd",
        }
        assert UNKNOWN.kind is UnknownKind.STRING

    def test_output_values_are_unknown_by_default(self) -> None:
        """An output value without a value is unknown (§2.4)."""
        assert OutputValue().value is UNKNOWN


class TestPlaceholders:
    @pytest.mark.parametrize(
        ("value", "placeholder"),
        [
            (Asset(hash="h"), True),
            (Asset(text="", hash="h"), True),
            (Asset(), False),
            (Asset(hash=EMPTY_TEXT_HASH), False),
            (Asset(text="t", hash="h"), False),
            (Asset(path="p", hash="h"), False),
            (Asset(uri="u", hash="h"), False),
            (Archive(hash="h"), True),
            (Archive(), False),
            (Archive(hash=EMPTY_ARCHIVE_HASH), False),
            (Archive(assets={}, hash="h"), False),
            (Archive(path="p", hash="h"), False),
            (Archive(uri="u", hash="h"), False),
        ],
    )
    def test_only_a_hash_is_left(self, value: Asset | Archive, placeholder: bool) -> None:
        """No source, and a hash that is not that of nothing, is a placeholder (§4.1)."""
        assert value.is_placeholder is placeholder


def test_values_are_frozen() -> None:
    """Values are immutable; to change one, make another."""
    for value in (UNKNOWN, Secret(1), OutputValue(), Asset(), Archive(), ResourceRef(urn=Urn("u"))):
        with pytest.raises(AttributeError):
            value.extra = 1  # type: ignore[union-attr]
        with pytest.raises(AttributeError):
            setattr(value, value.__struct_fields__[0], 1)
