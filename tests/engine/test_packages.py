"""Which plugin a provider resource stands for (engine.md E27-E37, E43; protocol.md §9)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.engine._packages import (
    MalformedPackageError,
    default_provider_key,
    default_provider_name,
    engine_inputs,
    package_of_inputs,
    strip_internal,
)
from stackwright.goals import PackageRequest, Parameterization
from stackwright.urn import provider_type
from stackwright.values import UNKNOWN, Secret

PARAMETERIZED = PackageRequest(
    name="terraform-provider",
    version="1.2.3",
    parameterization=Parameterization(name="pkg", version="4.5.6", value=b"value"),
)


class TestNames:
    @pytest.mark.parametrize(
        ("request_", "name"),
        [
            (PackageRequest(name="pkg"), "default"),
            (PackageRequest(name="pkg", version="4.16.0"), "default_4_16_0"),
            (PackageRequest(name="pkg", version="1.0.0-alpha.1+build.5"), "default_1_0_0_alpha_1_build_5"),
            (
                PackageRequest(name="pkg", version="1.0.0", download_url="https://host/a b//c"),
                "default_1_0_0_https_/host/a_b/c",
            ),
            (PackageRequest(name="pkg", download_url="//"), "default__"),
            (PARAMETERIZED, "default_4_5_6"),
        ],
    )
    def test_the_name_holds_version_and_url(self, request_: PackageRequest, name: str) -> None:
        """`default`, then the version's parts, then the URL as a qualified name (E30)."""
        assert default_provider_name(request_) == name

    def test_requests_for_one_package_and_version_share_a_provider(self) -> None:
        """Checksums and the parameterization's value are not part of the key (E31)."""
        plain = PackageRequest(name="pkg", version="1.0.0")
        checked = PackageRequest(name="pkg", version="1.0.0", checksums=(("linux-amd64", b"x"),))

        assert default_provider_key(plain) == default_provider_key(checked)
        assert default_provider_key(plain) != default_provider_key(
            PackageRequest(name="pkg", version="1.0.1")
        )
        assert default_provider_key(PARAMETERIZED) == ("pkg", "4.5.6", "")


class TestInputs:
    def test_nothing_asked_for_is_nothing_written(self) -> None:
        """Without a version there is no `__internal` either (E33)."""
        assert engine_inputs(PackageRequest(name="pkg"), {}) == {}

    def test_a_version_always_makes_the_internal_object(self) -> None:
        """So that readers do not look for the other keys at the top level (E33)."""
        assert engine_inputs(PackageRequest(name="pkg", version="1.0.0"), {}) == {
            "version": "1.0.0",
            "__internal": {},
        }

    def test_everything_else_goes_inside(self) -> None:
        """URL, checksums in lower-case hex, and environment mappings (E33, X8)."""
        request = PackageRequest(
            name="pkg", download_url="https://host", checksums=(("linux-amd64", b"\xab\x01"),)
        )

        assert engine_inputs(request, {"NEW": "OLD"}) == {
            "__internal": {
                "pluginDownloadURL": "https://host",
                "pluginChecksums": {"linux-amd64": "ab01"},
                "envVarMappings": {"NEW": "OLD"},
            }
        }

    def test_a_parameterized_package_names_its_base(self) -> None:
        """The top-level version is the package's, the plugin's is inside (E33)."""
        assert engine_inputs(PARAMETERIZED, {}) == {
            "version": "4.5.6",
            "__internal": {"name": "terraform-provider", "version": "1.2.3", "parameterization": "dmFsdWU="},
        }

    def test_plugins_never_see_it(self) -> None:
        """`__internal` is removed before any provider call (E34)."""
        inputs = {"region": "r"}

        assert strip_internal({**inputs, "__internal": {}}) == inputs
        assert strip_internal(inputs) is inputs


texts = st.text("abc1./-", max_size=5)


@given(
    st.builds(
        PackageRequest,
        name=st.just("pkg"),
        version=texts,
        download_url=texts,
        checksums=st.dictionaries(texts, st.binary(max_size=3), max_size=2).map(lambda d: tuple(d.items())),
    )
    | st.builds(
        PackageRequest,
        name=st.just("base"),
        version=texts,
        download_url=texts,
        parameterization=st.builds(
            Parameterization, name=st.just("pkg"), version=texts, value=st.binary(min_size=1, max_size=5)
        ),
    ),
    st.dictionaries(texts, texts, max_size=2),
)
@settings(max_examples=80)
def test_what_is_written_is_read_back(request_: PackageRequest, environment: dict[str, str]) -> None:
    """Reading a provider's inputs gives the request and the mappings they were made from (E33, E43)."""
    inputs: Any = {"region": "r", **engine_inputs(request_, environment)}

    assert package_of_inputs(provider_type("pkg"), inputs) == (request_, environment)


class TestReading:
    def test_older_states_have_the_keys_at_the_top(self) -> None:
        """Where `__internal` is absent the root is consulted (E33)."""
        inputs = {"version": "1.0.0", "pluginDownloadURL": "https://host"}

        request, _ = package_of_inputs(provider_type("pkg"), inputs)

        assert (request.version, request.download_url) == ("1.0.0", "https://host")

    def test_with_internal_the_root_is_not_consulted(self) -> None:
        """A provider may have a configuration key of that name (E33)."""
        request, _ = package_of_inputs(
            provider_type("pkg"), {"version": "1.0.0", "pluginDownloadURL": "mine", "__internal": {}}
        )

        assert request.download_url == ""

    def test_secrets_are_looked_through(self) -> None:
        """A secret version is a version (E43)."""
        request, _ = package_of_inputs(provider_type("pkg"), {"version": Secret("1.0.0"), "__internal": {}})

        assert request.version == "1.0.0"

    @pytest.mark.parametrize(
        ("inputs", "property_"),
        [
            ({"__internal": "x"}, "__internal"),
            ({"version": 1}, "version"),
            ({"version": UNKNOWN}, "version"),
            ({"__internal": {"pluginDownloadURL": 1}}, "pluginDownloadURL"),
            ({"__internal": {"pluginChecksums": {"linux": "zz"}}}, "pluginChecksums"),
            ({"__internal": {"pluginChecksums": "x"}}, "pluginChecksums"),
            ({"__internal": {"envVarMappings": {"A": 1}}}, "envVarMappings"),
            ({"__internal": {"parameterization": "not base64!"}}, "parameterization"),
        ],
    )
    def test_a_malformed_input_is_named(self, inputs: dict[str, Any], property_: str) -> None:
        """A malformed one is a check failure naming that property (E43)."""
        with pytest.raises(MalformedPackageError) as caught:
            package_of_inputs(provider_type("pkg"), inputs)

        assert caught.value.property == property_
