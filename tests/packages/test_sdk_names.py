"""What things are called in Python (packages.md §4)."""

from __future__ import annotations

import pytest

from stackwright.packages.sdkgen import UnnameableError
from stackwright.packages.sdkgen._names import (
    class_name,
    import_name,
    member_name,
    module_path,
    py_name,
    python_version,
)


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("bucketName", "bucket_name"),
        ("kmsKeyARN", "kms_key_arn"),
        ("enableHTTP2", "enable_http2"),
        ("IPv6CIDR", "i_pv6_cidr"),
        ("Sha256Hash", "sha256_hash"),
        ("SHA256", "sha256"),
        ("IPs", "ips"),
        ("URL", "url"),
        ("address1", "address1"),
        ("openXJsonSerDe", "open_x_json_ser_de"),
        ("GetPublicIPs", "get_public_i_ps"),
        ("from", "from_"),
        ("match", "match"),
        ("type", "type"),
        ("a-b", "a_b"),
        ("1st", "_1st"),
        ("HTTPServer", "http_server"),
    ],
)
def test_properties(name: str, python: str) -> None:
    """packages.md §4.1, §4.2."""
    assert py_name(name) == python


def test_classes_packages_and_modules() -> None:
    """packages.md §4.3, §4.4."""
    assert class_name("aws:index/ssmParameter:SsmParameter") == "SsmParameter"
    assert class_name("aws:index/getAmi:getAmi") == "GetAmi"
    assert import_name("azure-native", "") == "pulumi_azure_native"
    assert import_name("pkg", "MyOrg") == "my_org_pkg"
    assert module_path("core/v1Beta") == "core.v1beta"


@pytest.mark.parametrize(
    ("version", "python"),
    [
        ("1.2.3", "1.2.3"),
        ("1.2.3-alpha.4", "1.2.3a4"),
        ("1.2.3-beta4", "1.2.3b4"),
        ("1.2.3-rc.1", "1.2.3rc1"),
        ("1.2.3-dev5", "1.2.3.dev5"),
        ("1.2.3-alpha.4+a-b", "1.2.3a4+a.b"),
        ("1.2.3-odd", "1.2.3+odd"),
    ],
)
def test_versions(version: str, python: str) -> None:
    """packages.md §4.5."""
    assert python_version(version) == python


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("*", "ASTERISK"),
        ("0", "ZERO"),
        ("t2.micro", "T2_MICRO"),
        ("OneTwo", "ONE_TWO"),
        ("1a", "SIZE_1A"),
        ("global", "GLOBAL_"),
    ],
)
def test_members_of_enums(name: str, member: str) -> None:
    """packages.md §4.6."""
    assert member_name("Size", name) == member


def test_a_member_without_any_name() -> None:
    """packages.md §4.6."""
    with pytest.raises(UnnameableError):
        member_name("Size", "%")
