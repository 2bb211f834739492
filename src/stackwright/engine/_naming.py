"""Physical names, as the stack's configuration asks for them (engine.md §6.3)."""

from __future__ import annotations

from stackwright.engine._context import Context
from stackwright.engine.plan import AUTONAMING_KEY, NamingRules, autoname, parse_rules
from stackwright.errors import StackwrightError
from stackwright.providers import Autonaming
from stackwright.state import ResourceState
from stackwright.urn import urn_name


class Naming:
    """Answers how a resource is to be named; the configuration is read when it is first asked."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: NamingRules | None = None

    @property
    def _rules(self) -> NamingRules:
        if self._read is None:
            try:
                self._read = parse_rules(self._context.target.config.get(AUTONAMING_KEY), self._expand)
            except StackwrightError as error:
                raise self._context.bail(str(error)) from error
        return self._read

    def _expand(self, part: str) -> str:
        target = self._context.target
        if part.startswith("config."):
            key = part.removeprefix("config.")
            full = key if ":" in key else f"{target.project}:{key}"
            value = target.config.get(full)
            if value is None:
                raise self._context.bail(f"{AUTONAMING_KEY}: there is no configuration value `{full}`")
            return value
        return {"organization": target.organization, "project": target.project, "stack": target.stack}[part]

    def for_resource(self, new: ResourceState, seed: bytes) -> Autonaming | None:
        """What its provider is told about its name (E144)."""
        if AUTONAMING_KEY not in self._context.target.config:
            return None
        return autoname(self._rules.strategy(new.type), urn_name(new.urn), seed)

    def forces_delete_first(self, type_: str) -> bool:
        """Whether two objects of this type would get one name, so that the old one must go first (E144)."""
        if AUTONAMING_KEY not in self._context.target.config:
            return False
        return not self._rules.strategy(type_).is_random
