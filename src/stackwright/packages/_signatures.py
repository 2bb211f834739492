"""
Detached OpenPGP signatures over lists of checksums (terraform.md §7.4).

An expired key only earns a warning if it signed while it was valid, as registries keep
serving old releases; it is refused where the user asks for that. Revoked and unknown
keys are refused always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stackwright.packages._errors import VerificationError

if TYPE_CHECKING:
    from pysequoia import Cert

_HINT = "Do not use this package before you know why; the provider's publisher can tell"


def verify_signature(
    document: bytes,
    signature: bytes,
    keys: Sequence[str],
    *,
    what: str,
    environ: Mapping[str, str],
    now: datetime | None = None,
) -> tuple[str, ...]:
    """
    Make sure that one of the armoured *keys* signed *document*; answers warnings.

    Raises:
        VerificationError: None of them did, or its key is revoked, or expired where that counts.
    """
    from pysequoia import Cert, Sig, verify

    certificates: list[Cert] = []
    unreadable: list[str] = []
    for key in keys:
        try:
            certificates += Cert.split_bytes(key.encode())
        except RuntimeError as error:
            unreadable.append(_first_line(error))
    if not certificates:
        raise VerificationError(
            f"The keys that signed {what} cannot be read",
            detail="\n".join(unreadable) or None,
            hint=_HINT,
        )
    try:
        checked = verify(bytes=document, store=lambda _ids: certificates, signature=Sig.from_bytes(signature))
    except RuntimeError as error:
        raise VerificationError(
            f"The signature of {what} is not by a key that its registry announces",
            detail=_first_line(error),
            hint=_HINT,
        ) from None
    signers = {each.certificate for each in checked.valid_sigs}
    used = [each for each in certificates if each.fingerprint in signers]
    if not used or all(each.is_revoked for each in used):
        raise VerificationError(f"The key that signed {what} was revoked", hint=_HINT)
    return _expired(used, what, environ, now or datetime.now(UTC))


def _expired(used: Sequence[Cert], what: str, environ: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    ended = [each.expiration for each in used if not each.is_revoked]
    if any(moment is None or moment > now for moment in ended):
        return ()
    latest = max(moment for moment in ended if moment is not None)
    text = f"The key that signed {what} expired on {latest:%Y-%m-%d}"
    if environ.get("OPENTOFU_ENFORCE_GPG_EXPIRATION", "").lower() in ("true", "1"):
        raise VerificationError(
            text, hint="Unset OPENTOFU_ENFORCE_GPG_EXPIRATION to accept it with a warning"
        )
    return (text,)


def _first_line(error: RuntimeError) -> str:
    """What the library says, without the trace it adds."""
    return str(error).partition("\n")[0]
