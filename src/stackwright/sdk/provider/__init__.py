"""
Providers of components, written in Python (sdk.md §19.1).

Decides what a provider's author writes (`Provider`) and how its answers travel
(`server`). Loaded only when it is imported: programs do not need it.
"""

from stackwright.sdk.provider.provider import CallResult, CheckFailure, ConstructResult, Provider
from stackwright.sdk.provider.server import main

__all__ = ["CallResult", "CheckFailure", "ConstructResult", "Provider", "main"]
