"""Physical names that the user's configuration asks for (E16, E186-E188)."""

from __future__ import annotations

import hashlib
import json
import random
import re
import string
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from stackwright.errors import UserError
from stackwright.providers import Autonaming, AutonamingMode
from stackwright.urn import type_package

CONFIG_KEY = "pulumi:autonaming"
_MODES = ("default", "verbatim", "disabled")
_PART = re.compile(r"\$\{([^}]*)\}")
_RANDOM = re.compile(r"^(hex|alphanum|string|num)\((\d+)\)$")
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "alphanum": string.ascii_lowercase + string.digits,
    "string": string.ascii_lowercase,
    "num": string.digits,
}


class AutonamingError(UserError):
    """The configuration of autonaming contradicts itself, or says something that is not known."""

    code = "bad-autonaming"

    def __init__(self, message: str) -> None:
        super().__init__(f"{CONFIG_KEY}: {message}", hint="See docs/concepts.md, «Physical names»")


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """How names of some resources are made."""

    mode: str = "default"
    pattern: str = ""
    enforce: bool = False
    specific: bool = False
    """Configured for a provider or a resource type, rather than for everything."""

    @property
    def is_random(self) -> bool:
        """Whether two names made of one logical name differ."""
        if self.mode == "default":
            return True
        return bool(self.pattern) and any(
            part == "uuid" or _RANDOM.match(part) for part in _PART.findall(self.pattern)
        )


class NamingRules(msgspec.Struct, frozen=True, kw_only=True):
    """The most specific strategy wins (E186)."""

    everything: Strategy = Strategy()
    providers: Mapping[str, Strategy] = {}
    resources: Mapping[str, Strategy] = {}

    def strategy(self, type_: str) -> Strategy:
        """The strategy for resources of a type."""
        return self.resources.get(type_) or self.providers.get(type_package(type_)) or self.everything


def parse_rules(text: str | None, expand: Callable[[str], str]) -> NamingRules:
    """
    Read the configuration value.

    *expand* resolves what is the same for the whole deployment: `organization`, `project`,
    `stack` and `config.KEY`.

    Raises:
        AutonamingError: Says what is wrong with it.
    """
    if not text:
        return NamingRules()
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise AutonamingError(f"it is no JSON object: {error}") from error
    if not isinstance(tree, dict):
        raise AutonamingError("it is to be an object")
    tree = dict(tree)
    providers = _object(tree.pop("providers", {}), "providers")
    everything = _strategy(tree, "the top level", expand, specific=False)
    found_providers: dict[str, Strategy] = {}
    found_resources: dict[str, Strategy] = {}
    for package, entry in providers.items():
        entry = dict(_object(entry, f"providers.{package}"))
        resources = _object(entry.pop("resources", {}), f"providers.{package}.resources")
        if entry:
            found_providers[package] = _strategy(entry, f"providers.{package}", expand, specific=True)
        for token, rule in resources.items():
            where = f"providers.{package}.resources.{token}"
            if not _object(rule, where):
                raise AutonamingError(f"{where} needs a mode or a pattern")
            found_resources[token] = _strategy(dict(rule), where, expand, specific=True)
    return NamingRules(everything=everything, providers=found_providers, resources=found_resources)


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AutonamingError(f"{where} is to be an object")
    return value


def _strategy(entry: dict[str, Any], where: str, expand: Callable[[str], str], *, specific: bool) -> Strategy:
    unknown = sorted(entry.keys() - {"mode", "pattern", "enforce"})
    if unknown:
        raise AutonamingError(f"{where} has no `{unknown[0]}`; it takes mode, or pattern and enforce")
    mode, pattern, enforce = entry.get("mode"), entry.get("pattern"), entry.get("enforce")
    if mode is not None and (pattern is not None or enforce is not None):
        raise AutonamingError(f"cannot specify both mode and pattern/enforce ({where})")
    if enforce is not None and pattern is None:
        raise AutonamingError(f"{where}: enforce needs a pattern")
    if mode is not None and mode not in _MODES:
        raise AutonamingError(f"{where}: mode is one of {', '.join(_MODES)}, not {mode!r}")
    if pattern is None:
        return Strategy(mode=mode or "default", specific=specific and mode is not None)
    if not isinstance(pattern, str) or not pattern:
        raise AutonamingError(f"{where}: pattern is to be a text")
    return Strategy(
        mode="pattern", pattern=_expand(pattern, expand), enforce=bool(enforce), specific=specific
    )


def _expand(pattern: str, expand: Callable[[str], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        part = match.group(1)
        if part in ("organization", "project", "stack") or part.startswith("config."):
            return expand(part)
        if part in ("name", "uuid") or _RANDOM.match(part):
            return match.group(0)
        raise AutonamingError(f"a pattern cannot hold `{match.group(0)}`")

    return _PART.sub(replace, pattern)


def autoname(strategy: Strategy, name: str, seed: bytes) -> Autonaming | None:
    """
    What to tell the provider about a resource's name; None: nothing (E188).

    One seed always gives the same name (E16).
    """
    warn = strategy.specific or strategy.enforce
    if strategy.mode == "default":
        return None
    if strategy.mode == "disabled":
        return Autonaming("", AutonamingMode.DISABLE, warn)
    if strategy.mode == "verbatim":
        return Autonaming(name, AutonamingMode.ENFORCE, warn)
    generator = random.Random(hashlib.sha256(seed).digest()) if seed else random.Random()
    mode = AutonamingMode.ENFORCE if strategy.enforce else AutonamingMode.PROPOSE
    return Autonaming(_fill(strategy.pattern, name, generator), mode, warn)


def _fill(pattern: str, name: str, generator: random.Random) -> str:
    def replace(match: re.Match[str]) -> str:
        part = match.group(1)
        if part == "name":
            return name
        if part == "uuid":
            return str(uuid.UUID(int=generator.getrandbits(128), version=4))
        random_part = _RANDOM.match(part)
        if random_part is None:
            return match.group(0)
        alphabet = _ALPHABETS[random_part.group(1)]
        return "".join(generator.choice(alphabet) for _ in range(int(random_part.group(2))))

    return _PART.sub(replace, pattern)
