"""Versions of Terraform providers, and which of them a constraint allows (terraform.md §7.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec
from semver import Version

from stackwright.errors import UserError

_TERM: Final = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*(v?[0-9][0-9A-Za-z.+-]*)\s*")


class BadConstraintError(UserError):
    """A text is not a version constraint."""

    code = "bad-version-constraint"


class Term(msgspec.Struct, frozen=True):
    """One comparison; `given` counts the numbers that were written."""

    operator: str
    version: Version
    given: int

    def allows(self, version: Version) -> bool:
        """Whether *version* is in the range, pre-releases judged by their place in the order alone."""
        mine = self.version
        match self.operator:
            case "=":
                return version == mine
            case "!=":
                return version != mine
            case ">":
                return version > mine
            case ">=":
                return version >= mine
            case "<":
                return version < mine
            case "<=":
                return version <= mine
        # `~>`: the last number given may grow; of a lone major number that means its minor versions.
        same = 2 if self.given > 2 else 1
        numbers = (version.major, version.minor)[:same] == (mine.major, mine.minor)[:same]
        return numbers and version >= mine


class Constraint(msgspec.Struct, frozen=True):
    """Terms that must all hold; without any, every release is fine."""

    terms: tuple[Term, ...] = ()
    text: str = ""

    def allows(self, version: Version) -> bool:
        """
        Whether *version* may be chosen.

        A pre-release is, only if a term names exactly it.
        """
        if version.prerelease is not None and not any(
            term.operator == "=" and term.version == version for term in self.terms
        ):
            return False
        return all(term.allows(version) for term in self.terms)

    @property
    def exact(self) -> Version | None:
        """The one version that is allowed, if the constraint is of that kind."""
        if len(self.terms) == 1 and self.terms[0].operator == "=":
            return self.terms[0].version
        return None

    def newest(self, versions: Iterable[Version]) -> Version | None:
        """The newest allowed one."""
        return max((version for version in versions if self.allows(version)), default=None)


ANY: Final = Constraint()


def parse_provider_version(text: str) -> Version | None:
    """A version as registries and directories write it, or None for anything else."""
    try:
        return Version.parse(text)
    except ValueError:
        return None


def parse_constraint(text: str) -> Constraint:
    """
    Read terms joined by commas, such as `>= 5.1, != 5.3.0`.

    Raises:
        BadConstraintError: It is not a constraint; says which term is the first that is none.
    """
    if not text.strip():
        return ANY
    terms = []
    for part in text.split(","):
        match = _TERM.fullmatch(part)
        written = match[2].removeprefix("v") if match else ""
        try:
            version = Version.parse(written, optional_minor_and_patch=True)
        except ValueError:
            raise BadConstraintError(
                f"`{text}` is not a version constraint: `{part.strip()}` cannot be read",
                hint="Constraints look like `5.100.0`, `~> 5.0` or `>= 5.1, < 6.0`",
            ) from None
        given = len(re.split("[-+]", written, maxsplit=1)[0].split("."))
        terms.append(Term((match and match[1]) or "=", version, given))
    return Constraint(tuple(terms), text.strip())
