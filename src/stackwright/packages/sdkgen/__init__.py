"""
Typed Python packages of package schemas (packages.md §2–§4, §8).

Decides what generated code looks like and how a package is laid out; leaves to `packages`
where a schema comes from and where the result is put. May import what `packages` may.
"""

from stackwright.packages.sdkgen._generate import Generated, generate
from stackwright.packages.sdkgen._names import UnnameableError
from stackwright.packages.sdkgen._overlays import OverlayError, read_overlays

__all__ = ["Generated", "OverlayError", "UnnameableError", "generate", "read_overlays"]
