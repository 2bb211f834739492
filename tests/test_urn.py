"""URNs, type tokens and provider references (engine.md §1.1, §1.2, §2.1; protocol.md §5.1, §5.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackwright import urn as urns
from stackwright.urn import (
    InvalidProviderReferenceError,
    InvalidUrnError,
    ProviderReference,
    Urn,
    UrnParts,
    child_urn,
    make_urn,
    parse_provider_reference,
    parse_urn,
    rename_urn,
    split_urn,
)

STACK = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")
SITE = Urn("urn:pulumi:dev::shop::my:web:Site::front")
BUCKET = Urn("urn:pulumi:dev::shop::my:web:Site$aws:s3/bucket:Bucket::assets")
AWS = "urn:pulumi:dev::shop::pulumi:providers:aws::default_6_0_0"

parts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=":"), max_size=8)


class TestReading:
    def test_parts(self) -> None:
        """Stack, project, chain of types and name lie between the separators (E1)."""
        assert split_urn(BUCKET) == ("dev", "shop", "my:web:Site$aws:s3/bucket:Bucket", "assets")

    @pytest.mark.parametrize("name", ["a::b", "a$b", "a/b", 'a"b', "a\nb", "::", ":::", ""])
    def test_name_is_all_that_follows(self, name: str) -> None:
        """The name may hold any character, separators included (E3)."""
        urn = make_urn("dev", "shop", "", "pkg:mod:Thing", name)

        assert split_urn(urn).name == name
        assert urns.urn_name(urn) == name
        assert urns.urn_type(urn) == "pkg:mod:Thing"

    def test_own_type_is_the_last_of_the_chain(self) -> None:
        """The own type follows the last `$`, even where the type itself has one (E4)."""
        assert urns.urn_type(BUCKET) == "aws:s3/bucket:Bucket"
        assert split_urn(BUCKET).type == "aws:s3/bucket:Bucket"
        assert urns.urn_type(make_urn("dev", "shop", "", "my:odd:T$x", "n")) == "x"

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("urn:pulumi:dev", UrnParts("dev", "", "", "")),
            ("urn:pulumi:dev::shop", UrnParts("dev", "shop", "", "")),
            ("", UrnParts("", "", "", "")),
        ],
    )
    def test_missing_parts_are_empty(self, text: str, expected: UrnParts) -> None:
        """Taking apart what is not a URN yields empty parts instead of failing (E3)."""
        assert split_urn(text) == expected
        assert urns.urn_name(text) == ""
        assert urns.urn_type(text) == ""

    @pytest.mark.parametrize(
        "text", [STACK, BUCKET, "urn:pulumi:::::::", "urn:pulumi:a b::c d::e f::g", "urn:pulumi:a::b::c::"]
    )
    def test_accepted(self, text: str) -> None:
        """The prefix and three separators make a URN, whatever the parts hold (E2)."""
        assert parse_urn(text) == text

    @pytest.mark.parametrize(
        "text", ["", "urn:pulumi:", "urn:pulumi:a::b::c", "urn:pulumi:a:::::", "URN:pulumi:a::b::c::d", "x"]
    )
    def test_refused(self, text: str) -> None:
        """Anything else is an error that shows the text and what a URN looks like (E2)."""
        with pytest.raises(InvalidUrnError) as caught:
            parse_urn(text)

        assert text in caught.value.message
        assert "urn:pulumi:" in (caught.value.hint or "")

    def test_missing_urn_has_its_own_words(self) -> None:
        """The empty string is a URN that is missing, or none where none is allowed (E2)."""
        with pytest.raises(InvalidUrnError, match="missing"):
            parse_urn("")
        assert urns.parse_optional_urn("") is None
        assert urns.parse_optional_urn(SITE) == SITE

    def test_root_stack_is_known_by_its_type(self) -> None:
        """The root stack is recognised by its chain of types, not by its name (E8)."""
        assert urns.is_root_stack(STACK)
        assert urns.is_root_stack("urn:pulumi:dev::shop::pulumi:pulumi:Stack::anything")
        assert not urns.is_root_stack("urn:pulumi:dev::shop::my:web:Site$pulumi:pulumi:Stack::shop-dev")


class TestMaking:
    def test_child_chains_the_types(self) -> None:
        """A child's chain is its parent's and its own type (E4, E5)."""
        assert child_urn("dev", "shop", SITE, "aws:s3/bucket:Bucket", "assets") == BUCKET

    def test_grandchild_has_the_whole_chain(self) -> None:
        """Depth is unlimited; names are never chained (E5)."""
        deep = child_urn("dev", "shop", BUCKET, "a:b:C", "x")

        assert split_urn(deep).qualified_type == "my:web:Site$aws:s3/bucket:Bucket$a:b:C"
        assert "front" not in deep

    @pytest.mark.parametrize("parent", [STACK, None, Urn("")])
    def test_root_stack_adds_nothing(self, parent: Urn | None) -> None:
        """Below the root stack, and without a parent, there is no prefix (E5)."""
        assert child_urn("dev", "shop", parent, "my:web:Site", "front") == SITE

    def test_same_types_and_names_collide(self) -> None:
        """Two parents of one type give their children of one name one URN (E6)."""
        other = Urn(SITE.replace("front", "back"))

        assert child_urn("dev", "shop", other, "a:b:C", "x") == child_urn("dev", "shop", SITE, "a:b:C", "x")

    def test_renaming_keeps_the_types(self) -> None:
        """A new name, stack or project leaves the chain of types alone (E7)."""
        assert rename_urn(BUCKET, name="n::1") == BUCKET.replace("assets", "n::1")
        assert rename_urn(BUCKET, stack="prod", project="mall") == BUCKET.replace("dev::shop", "prod::mall")
        assert rename_urn(BUCKET) == BUCKET

    @given(parts, parts, parts, parts, st.text(max_size=8))
    def test_round_trip(self, stack: str, project: str, parent: str, type_: str, name: str) -> None:
        """What a URN was made of is what it is taken apart into (E1, E3)."""
        urn = make_urn(stack, project, parent, type_, name)

        chain = f"{parent}${type_}" if parent else type_
        assert split_urn(parse_urn(urn)) == (stack, project, chain, name)
        assert urns.urn_qualified_type(urn) == chain


class TestTypeTokens:
    def test_package_is_before_the_first_colon(self) -> None:
        """The package is what precedes the first colon (E12)."""
        assert urns.type_package("aws:s3/bucket:Bucket") == "aws"
        assert urns.type_package("plain") == "plain"

    @pytest.mark.parametrize(
        ("token", "valid"), [("a:b:c", True), ("a:b:c:d", True), ("a:b", False), ("", False)]
    )
    def test_three_parts(self, token: str, valid: bool) -> None:
        """Custom and remote resources need at least two colons (E12)."""
        assert urns.is_type_token(token) is valid

    @pytest.mark.parametrize(
        ("token", "package"),
        [
            ("pulumi:providers:aws", "aws"),
            ("pulumi:providers:", None),
            ("pulumi:provider:aws", None),
            ("pulumi:pulumi:Stack", None),
            ("aws:index:Provider", None),
        ],
    )
    def test_provider_types(self, token: str, package: str | None) -> None:
        """A provider type has the module `pulumi:providers` and a name, which is the package (E13)."""
        assert urns.provider_package(token) == package
        assert urns.is_provider_type(token) is (package is not None)

    def test_package_of_a_resource(self) -> None:
        """A provider belongs to its own package, any other resource to that of its token."""
        assert urns.resource_package("pulumi:providers:aws") == "aws"
        assert urns.resource_package("aws:s3/bucket:Bucket") == "aws"
        assert urns.provider_type("aws") == "pulumi:providers:aws"


class TestProviderReferences:
    def test_split_at_the_last_separator(self) -> None:
        """The id follows the last separator, as the name may hold others (E23)."""
        urn = "urn:pulumi:dev::shop::pulumi:providers:aws::my::prov"

        reference = parse_provider_reference(f"{urn}::id-1")

        assert reference == (urn, "id-1")
        assert str(reference) == f"{urn}::id-1"
        assert reference.package == "aws"

    def test_empty_id_is_unknown(self) -> None:
        """Read or written, an empty id is the sentinel for «unknown» (E15, E23; protocol.md §5.2)."""
        assert parse_provider_reference(f"{AWS}::").id == urns.UNKNOWN_ID
        assert str(ProviderReference(Urn(AWS), "")) == f"{AWS}::04da6b54-80e4-46f7-96ec-b56ff0331ba9"

    def test_no_reference_prints_as_nothing(self) -> None:
        """The all-empty reference is the empty string (E23)."""
        assert str(ProviderReference(urns.NO_URN, "")) == ""

    @pytest.mark.parametrize(
        "text", ["", "x", f"{SITE}::id", "urn:pulumi:a::b::pulumi:providers:::n::id", AWS]
    )
    def test_refused(self, text: str) -> None:
        """The URN must be valid and of a provider type (E23)."""
        with pytest.raises(InvalidProviderReferenceError, match="is not a provider reference"):
            parse_provider_reference(text)

    @pytest.mark.parametrize(
        ("urn", "default"),
        [
            (AWS, True),
            ("urn:pulumi:dev::shop::pulumi:providers:aws::defaulted", True),
            ("urn:pulumi:dev::shop::pulumi:providers:aws::mine", False),
            ("urn:pulumi:dev::shop::my:web:Site::default", False),
        ],
    )
    def test_default_providers(self, urn: str, default: bool) -> None:
        """A provider type and a name that begins with `default` make a default provider (E24)."""
        assert urns.is_default_provider(urn) is default
