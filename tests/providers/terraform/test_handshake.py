"""The first line of a provider, and the variables that it is started with (terraform.md §1.1-1.3)."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from stackwright.providers.terraform._handshake import (
    Handshake,
    HandshakeError,
    host_environment,
    parse_handshake,
)

CERTIFICATE = b"a certificate of more than thirty-eight bytes, as all are"


class TestLine:
    @pytest.mark.parametrize(
        ("line", "wanted"),
        [
            ("1|5|unix|/tmp/plugin1|grpc|", Handshake(protocol=5, network="unix", address="/tmp/plugin1")),
            ("1|6|unix|/tmp/plugin1|grpc\r\n", Handshake(protocol=6, network="unix", address="/tmp/plugin1")),
            (
                "  1|6|tcp|127.0.0.1:1234|grpc||true|more",
                Handshake(protocol=6, network="tcp", address="127.0.0.1:1234"),
            ),
            ("1|5|unix|/p|grpc|too short", Handshake(protocol=5, network="unix", address="/p")),
            (
                f"1|5|unix|/p|grpc|{base64.b64encode(CERTIFICATE).decode().rstrip('=')}",
                Handshake(protocol=5, network="unix", address="/p", certificate=CERTIFICATE),
            ),
        ],
    )
    def test_read(self, line: str, wanted: Handshake) -> None:
        """§1.2: white space around it and surplus segments do not matter."""
        assert parse_handshake(line) == wanted

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("", "where a provider says how it is reached"),
            ("hello", "'hello'"),
            ("1|5|unix", "where a provider says"),
            ("2|5|unix|/p|grpc|", "version 2 of the plugin handshake"),
            ("1|4|unix|/p|grpc|", "version 4 of Terraform's plugin protocol"),
            ("1|x|unix|/p|grpc|", "version x"),
            ("1|5|pipe|/p|grpc|", "pipe:/p"),
            ("1|5|unix||grpc|", "nobody can reach"),
            ("1|5|unix|/p", "netrpc"),
            ("1|5|unix|/p|netrpc", "netrpc"),
            (f"1|5|unix|/p|grpc|{'?' * 60}", "certificate in its first line is damaged"),
        ],
    )
    def test_refused(self, line: str, message: str) -> None:
        """§1.3: also a version that was never asked for, which a provider falls back to."""
        with pytest.raises(HandshakeError) as caught:
            parse_handshake(line)

        assert message in caught.value.message


class TestEnvironment:
    def test_what_the_host_says(self, tmp_path: Path) -> None:
        """§1.1."""
        said = host_environment({"AWS_PROFILE": "mine"}, socket_directory=tmp_path)

        assert said["AWS_PROFILE"] == "mine"
        assert said["TF_PLUGIN_MAGIC_COOKIE"].startswith("d602bf8f470bc67c")
        assert said["PLUGIN_PROTOCOL_VERSIONS"] == "5,6"
        assert said["PLUGIN_UNIX_SOCKET_DIR"] == str(tmp_path)
        assert "PLUGIN_CLIENT_CERT" not in said

    def test_nothing_of_a_host_above_us_is_passed_on(self, tmp_path: Path) -> None:
        inherited = {
            "PLUGIN_CLIENT_CERT": "theirs",
            "PLUGIN_MULTIPLEX_GRPC": "true",
            "PLUGIN_UNIX_SOCKET_GROUP": "staff",
        }
        said = host_environment(inherited, socket_directory=tmp_path, client_certificate="ours")

        assert said["PLUGIN_CLIENT_CERT"] == "ours"
        assert not {"PLUGIN_MULTIPLEX_GRPC", "PLUGIN_UNIX_SOCKET_GROUP"} & said.keys()
