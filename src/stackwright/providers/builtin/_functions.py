"""Functions of embedded providers: declared arguments, and what comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from stackwright.goals import InvokeResult
from stackwright.providers.builtin._arguments import check_arguments
from stackwright.providers.builtin._properties import Property
from stackwright.providers.builtin._session import Session
from stackwright.values import PropertyMap


class Function(ABC):
    """One function of a package; the class's docstring describes it in the schema."""

    token: ClassVar[str]
    inputs: ClassVar[tuple[Property, ...]] = ()
    outputs: ClassVar[tuple[Property, ...]] = ()

    def __init__(self, session: Session) -> None:
        self.session = session
        self._declared = {each.name: each for each in self.inputs}

    async def invoke(self, args: PropertyMap) -> InvokeResult:
        """See `Provider.invoke`: wrong arguments come back as failures."""
        accepted, failures = check_arguments(self._declared, args)
        if failures:
            return InvokeResult(failures=tuple(failures))
        return InvokeResult(value=await self.answer(accepted))

    @abstractmethod
    async def answer(self, args: PropertyMap) -> PropertyMap:
        """The answer to checked arguments."""
