"""One Terraform provider at work: what resources, functions and configuration share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.providers._interface import ProviderError
from stackwright.providers.terraform._catalogue import Catalogue
from stackwright.providers.terraform._client import TerraformClient, TfDiagnostic, TfSeverity
from stackwright.providers.terraform._lifecycle import Lifecycle, RefusedError
from stackwright.providers.terraform._memory import ValidConfigurations
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._said import described
from stackwright.providers.terraform._shapes import Shape
from stackwright.values import Mask

if TYPE_CHECKING:
    from stackwright.providers._interface import ProviderLog
    from stackwright.providers.terraform._schema import Block
    from stackwright.urn import Urn


class TerraformError(ProviderError):
    """A Terraform provider refused; the message is what it said."""

    code = "terraform"


class ProviderOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """Which provider this is: `host/namespace/type`, and its version if that is known."""

    address: str
    version: str = ""

    @property
    def type(self) -> str:
        return self.address.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        return self.address.split("/")[-2]


class Session:
    """
    A client, what it offers, and who listens.

    `mask` hides what is secret in the provider's own configuration, `valid` remembers
    validations; *trusts_records* is told to `Lifecycle`. Relative paths start at *directory*.
    """

    def __init__(
        self,
        client: TerraformClient,
        catalogue: Catalogue,
        provider: ProviderOrigin,
        *,
        log: ProviderLog,
        valid: ValidConfigurations | None = None,
        trusts_records: bool = False,
        directory: Path = Path(),
    ) -> None:
        self.client = client
        self.catalogue = catalogue
        self.provider = provider
        self.directory = directory
        capabilities = catalogue.schema.capabilities
        self.lifecycle = Lifecycle(
            client,
            address=provider.address,
            version=provider.version,
            plans_destroys=capabilities.plan_destroy,
            moves=capabilities.move_resource_state,
            trusts_records=trusts_records,
        )
        self.valid = valid or ValidConfigurations()
        self.mask = Mask()
        self._log = log
        self._warned: set[tuple[str | None, str]] = set()

    def warn(self, message: str, urn: Urn | None = None) -> None:
        """Show a warning; the same one for the same resource only once."""
        if (urn, message) in self._warned:
            return
        self._warned.add((urn, message))
        self._log(Diagnostic(severity=Severity.WARNING, message=message, urn=urn))

    def warn_deprecated(self, what: str, block: Block, urn: Urn | None = None) -> None:
        """Say that *what* is to be used no longer, if its provider says so."""
        if block.deprecated:
            why = block.deprecation_message or "its provider will remove it"
            self.warn(f"{what} is deprecated: {why}", urn)

    def tell(self, message: str, urn: Urn | None = None) -> None:
        """Show what is going on."""
        self._log(Diagnostic(severity=Severity.INFO, message=message, urn=urn))

    def warn_all(
        self, diagnostics: Sequence[TfDiagnostic], shape: Shape | None, mask: Mask, urn: Urn | None = None
    ) -> None:
        """Show the warnings among *diagnostics*."""
        for each in diagnostics:
            if each.severity is TfSeverity.WARNING:
                self.warn(described(each, shape, mask), urn)

    def reasons(
        self, diagnostics: Sequence[TfDiagnostic], shape: Shape | None, mask: Mask
    ) -> tuple[str, ...]:
        """The errors among *diagnostics*, as they are shown."""
        found = [described(each, shape, mask) for each in diagnostics if each.severity is TfSeverity.ERROR]
        return tuple(dict.fromkeys(found))

    def refusal(self, diagnostics: Sequence[TfDiagnostic], shape: Shape | None, mask: Mask) -> TerraformError:
        """The errors among *diagnostics* as one."""
        return TerraformError("\n".join(self.reasons(diagnostics, shape, mask)) or "the provider refused")

    @contextmanager
    def explained(self, shape: Shape | None, mask: Mask, urn: Urn | None = None) -> Iterator[None]:
        """Translate what a provider refuses into an error for people, and hide secrets in all errors."""
        try:
            yield
        except RefusedError as error:
            self.warn_all(error.diagnostics, shape, mask, urn)
            raise self.refusal(error.diagnostics, shape, mask) from error
        except ValueMismatchError as error:
            raise TerraformError(
                mask(f"The provider `{self.provider.type}` and its schema disagree: {error.message}")
            ) from error
        except ProviderError as error:
            error.message = mask(error.message)
            error.detail = mask(error.detail) if error.detail else error.detail
            error.args = (error.message,)
            raise
