"""
Extensions: packages that base providers learn beside their own (engine.md E137, E244).

Which provider serves an extension's resources is decided elsewhere; this sees to it that the
provider has learnt the extension before it is asked about one of them, and knows what has to
be recorded so that a run without the program can teach it again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

from stackwright.goals import Parameterization
from stackwright.providers import Provider, ProviderError, UnimplementedError


class UnknownExtensionError(ProviderError):
    """A record names an extension that is neither recorded nor announced."""

    code = "unknown-extension"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"unknown extension '{reference}' of a provider",
            hint="The program's SDK of the extended package brings it: run `stackwright up`",
        )


class Extensions:
    """The extensions of one deployment by their references; *recorded* are those of its base state."""

    def __init__(self, recorded: Mapping[str, Parameterization]) -> None:
        self._known = dict(recorded)
        self._recorded = dict(recorded)
        self._learning: dict[Provider, dict[str, asyncio.Future[None]]] = {}

    def announce(self, value: Parameterization) -> str:
        """Make *value* known; answers its reference, which is the same in every run (E96)."""
        text = b"\0".join((value.name.encode(), value.version.encode(), value.value))
        reference = hashlib.sha256(text).hexdigest()
        self._known[reference] = value
        return reference

    def __contains__(self, reference: str) -> bool:
        return reference in self._known

    async def teach(self, provider: Provider, reference: str) -> None:
        """
        Have *provider* learn an extension, unless it has: once for each instance, whoever asks (E244).

        Raises:
            UnknownExtensionError: Nobody knows it.
            ProviderError: The provider does not take it.
        """
        learning = self._learning.setdefault(provider, {})
        lesson = learning.get(reference)
        if lesson is None:
            value = self._known.get(reference)
            if value is None:
                raise UnknownExtensionError(reference)
            lesson = learning[reference] = asyncio.ensure_future(_teach(provider, value))
        await asyncio.shield(lesson)

    def to_record(self, reference: str) -> Mapping[str, Parameterization] | None:
        """All that has to be recorded before a record may name *reference*; None where it is."""
        if reference in self._recorded or reference not in self._known:
            return None
        self._recorded[reference] = self._known[reference]
        return dict(self._recorded)


async def _teach(provider: Provider, value: Parameterization) -> None:
    try:
        await provider.parameterize(value)
    except UnimplementedError as error:
        name = (await provider.info()).name
        raise ProviderError(
            f"The provider `{name}` cannot be extended with `{value.name}` {value.version}", detail=str(error)
        ) from error
