"""
Tokens for registries and mirrors (terraform.md §7.3, §7.7).

Decides whose word counts: `TF_TOKEN_…`, then Terraform's CLI configuration and what
`terraform login` stored, then the helper program that the configuration names. Where a
token is sent is the matter of `_web`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stackwright.packages._errors import FetchError
from stackwright.providers.terraform.installed import CliConfig, CredentialsHelper, current_platform

_SECONDS: Final = 60
_MOST: Final = 64 * 1024


class Credentials:
    """The tokens of one user; the helper is asked for each host once."""

    def __init__(self, config: CliConfig, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self._told: dict[str, str | None] = {}

    def token(self, host: str) -> str | None:
        """
        The bearer token for *host*, or None.

        Raises:
            FetchError: The helper cannot be asked.
        """
        token = self._config.token(host, self._environ)
        if token is not None or self._config.helper is None:
            return token
        host = host.lower()
        if host not in self._told:
            self._told[host] = self._ask(self._config.helper, host)
        return self._told[host]

    def _ask(self, helper: CredentialsHelper, host: str) -> str | None:
        name = f"terraform-credentials-{helper.name}"
        home = self._environ.get("HOME")
        plugins = (Path(home) if home else Path.home()) / ".terraform.d" / "plugins"
        places = (plugins, plugins / current_platform())
        program = next((each / name for each in places if os.access(each / name, os.X_OK)), None)
        if program is None:
            raise FetchError(
                f"The credentials helper {name} of Terraform's CLI configuration is not installed",
                detail="Looked in:\n" + "\n".join(f"  {each}" for each in places),
                hint=f"Install it there, or remove `credentials_helper` from {self._config.path}",
            )
        try:
            done = subprocess.run(
                [str(program), *helper.arguments, "get", host],
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise FetchError(f"The credentials helper {program} does not work", detail=str(error)) from error
        if done.returncode != 0:
            raise FetchError(
                f"The credentials helper {program} has no answer for {host}: it ended with {done.returncode}",
                detail=done.stderr.decode("utf-8", "replace").strip() or None,
            )
        try:
            token = json.loads(done.stdout[:_MOST])["token"]
        except KeyError:
            return None  # an empty object: it knows none
        except (ValueError, TypeError):
            # What it printed may hold a secret.
            raise FetchError(f"The credentials helper {program} did not answer in JSON for {host}") from None
        return token if isinstance(token, str) and token else None
