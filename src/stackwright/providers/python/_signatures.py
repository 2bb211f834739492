"""
Which pickled providers of a state this stack wrote itself (design.md §8).

A pickle is code, and a state may come from anywhere. So the host leaves a signature beside
each pickle: its digest, encrypted with the key of the stack's secrets. The ciphers of all
secrets managers are authenticated: whoever cannot encrypt for the stack can make no
signature. It is an output of the resource by a name that other tools do not know and pass over.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from stackwright.providers._interface import ProviderError
from stackwright.secrets import Crypter, SecretsError
from stackwright.values import PropertyMap, reveal

PROVIDER_KEY: Final = "__provider"
SIGNATURE_KEY: Final = "__stackwright_signature"
_PURPOSE: Final = "stackwright pickled provider sha256:"


class UntrustedPickleError(ProviderError):
    """A pickled provider of the state that this stack's key has not signed."""

    code = "untrusted-pickle"

    def __init__(self, urn: str, *, signed: bool) -> None:
        reason = (
            "Its signature was made with another key"
            if signed
            else "It has no signature: the state came from another tool, or was changed"
        )
        super().__init__(
            f"The dynamic provider of {urn} is not loaded from the state: loading a pickle runs "
            "the code in it, and this stack's key did not sign it",
            detail=reason,
            hint="If you trust where this state comes from, run the command again with "
            "--trust-pickled-providers, or set STACKWRIGHT_TRUST_PICKLED_PROVIDERS=true",
        )


class Signatures:
    """Makes and verifies signatures with one stack's *crypter*; without one, nothing is signed."""

    def __init__(self, crypter: Crypter | None) -> None:
        self._crypter = crypter
        self._made: dict[str, str] = {}
        self._verified: dict[tuple[str, str], bool] = {}

    def sign(self, text: str) -> str | None:
        """The signature of the pickle *text*, the same each time; None where there is no key."""
        made = self._made.get(text)
        if made is None and self._crypter is not None:
            made = self._made[text] = self._crypter.encrypt(_claim(text))
        return made

    def verify(self, text: str, signature: object) -> bool:
        """Whether *signature* was made for *text* with this stack's key."""
        if self._crypter is None or not isinstance(signature, str):
            return False
        known = self._verified.get((text, signature))
        if known is None:
            try:
                known = self._crypter.decrypt(signature) == _claim(text)
            except SecretsError:
                known = False
            self._verified[text, signature] = known
            if known:
                self._made.setdefault(text, signature)
        return known


class Admission:
    """
    Decides, for one deployment, which pickles may be loaded.

    Those that the program of this run declares may; so may those that the stack has
    signed, and with *trusting* every one.
    """

    def __init__(self, signatures: Signatures, *, trusting: bool = False) -> None:
        self._signatures = signatures
        self._trusting = trusting
        self._from_program: set[str] = set()

    def note_program(self, news: PropertyMap) -> None:
        """The inputs of a check are the program's: what is in them was written down just now."""
        text = pickle_in(news)
        if text is not None:
            self._from_program.add(text)

    async def admit(self, urn: str, bag: PropertyMap) -> None:
        """
        Return if the pickle in *bag* may be loaded, or if there is none.

        Raises:
            UntrustedPickleError: Nobody known has written it.
        """
        text = pickle_in(bag)
        if text is None or text in self._from_program or self._trusting:
            return
        signature = bag.get(SIGNATURE_KEY)
        # The key may be a service somewhere: not on the engine's loop.
        if not await asyncio.to_thread(self._signatures.verify, text, signature):
            raise UntrustedPickleError(urn, signed=signature is not None)

    async def signature(self, bag: PropertyMap) -> PropertyMap:
        """The output that goes beside the pickle in *bag*; empty where nothing is to be signed, or no key."""
        text = pickle_in(bag)
        made = None if text is None else await asyncio.to_thread(self._signatures.sign, text)
        return {} if made is None else {SIGNATURE_KEY: made}


def pickle_in(bag: PropertyMap) -> str | None:
    """The pickled provider in *bag*, if there is one and it is known."""
    text = reveal(bag.get(PROVIDER_KEY))
    return text if isinstance(text, str) else None


def _claim(text: str) -> str:
    return _PURPOSE + hashlib.sha256(text.encode()).hexdigest()
