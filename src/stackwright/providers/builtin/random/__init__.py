"""
The package `random`: numbers, texts, names and UUIDs that stay what they are once made.

Decides what the genuine package's resource types do here; they speak its tokens and
share its states. Leaves checking, comparing and previewing to `builtin`. May import
what `builtin` may.
"""

from stackwright.providers.builtin._provider import EmbeddedPackage
from stackwright.providers.builtin.random._resources import (
    RandomBytes,
    RandomId,
    RandomInteger,
    RandomPassword,
    RandomPet,
    RandomShuffle,
    RandomString,
    RandomUuid,
    RandomUuid4,
    RandomUuid7,
)

PACKAGE = EmbeddedPackage(
    name="random",
    version="4.21.4",
    about="Random numbers, texts, names and UUIDs that are drawn once and then kept.",
    resources=(
        RandomBytes,
        RandomId,
        RandomInteger,
        RandomPassword,
        RandomPet,
        RandomShuffle,
        RandomString,
        RandomUuid,
        RandomUuid4,
        RandomUuid7,
    ),
)

__all__ = ["PACKAGE"]
