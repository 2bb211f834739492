"""Values that look like secrets (spec: cli.md §6)."""

from __future__ import annotations

import pytest

from stackwright.project import looks_secret


@pytest.mark.parametrize(
    "text",
    [
        "x8Kd92jdKq0Zp1Lm",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "9f86d081884c7d659a2feaa0c55ad015",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "p@55-W0rd!x9#Q",
    ],
)
def test_random_values_under_telling_keys(text: str) -> None:
    """A key that sounds like a secret, with a value that looks random, is stopped."""
    assert looks_secret("dbPassword", text)
    assert looks_secret("api-TOKEN", text)
    assert not looks_secret("region", text)


@pytest.mark.parametrize(
    "text", ["", "password", "hunter2", "changeme", "12345", "aaaaaaaaaaaaaaaa", "my-token-name", "true"]
)
def test_ordinary_values(text: str) -> None:
    """What is easy to guess is no secret worth stopping for."""
    assert not looks_secret("password", text)
