"""What is called how after moving in (terraform.md §11)."""

from __future__ import annotations

import pytest

from stackwright.moving._names import Distinct, provider_of, stack_name, variable_name

AWS = "registry.terraform.io/hashicorp/aws"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'provider["{AWS}"]', (AWS, "")),
        (f'provider["{AWS}"].west', (AWS, "west")),
        (f'module.net["a"].provider["{AWS}"].west', (AWS, "net-a-west")),
        (f'module.net.module.x.provider["{AWS}"]', (AWS, "net-x")),
        ("provider.aws", (AWS, "")),
        ("provider.aws.west", (AWS, "west")),
        ('provider["registry.terraform.io/-/aws"]', (AWS, "")),
    ],
)
def test_providers_and_their_configurations(text: str, expected: tuple[str, str]) -> None:
    """§11: aliases follow the address, modules precede it; old states have neither host nor namespace."""
    assert provider_of(text) == expected


def test_names_in_the_stack() -> None:
    """§11: module path, name and key."""
    assert stack_name("", "main", None) == "main"
    assert stack_name('module.net["eu.west"].module.x[0]', "subnet", 2) == "net-eu.west-x-0-subnet-2"
    assert stack_name("", "page", "a/b") == "page-a/b"


def test_names_in_the_program() -> None:
    assert variable_name("net-a-Private-0") == "net_a_private_0"
    assert variable_name("class") == "class_"
    assert variable_name("list") == "list_"
    assert variable_name("2nd") == "_2nd"


def test_the_same_name_twice_is_told_apart() -> None:
    names = Distinct(iter(["config"]))
    assert names.name("a", separator="-") == "a"
    assert names.name("a", "a-b", separator="-") == "a-b"
    assert names.name("a", separator="-") == "a-2"
    assert names.name("config", separator="_") == "config_2"
