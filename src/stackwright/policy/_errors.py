"""What can be wrong with policy packs."""

from __future__ import annotations

from stackwright.errors import StackwrightError, UserError


class PolicyPackError(UserError):
    """A policy pack cannot be used as it is, or is configured wrongly."""

    code = "policy-pack"


class PolicyFailedError(StackwrightError):
    """A policy pack went wrong while it was to answer; `detail` is what it printed, or where it failed."""

    code = "policy-failed"
