# mypy: ignore-errors
"""
The clauses of sdk.md §1 to §18, and §24, as small scenarios; a script for the genuine package and for ours.

    python tests/support/clauses genuine|ours [part of a name]

Prints by section and clause what came of each, as JSON; `tests/sdk/test_clauses.py` compares the two.
"""

from __future__ import annotations

import asyncio
import json
import sys

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases

    _import_aliases.install()

import classes  # noqa: F401
import functions  # noqa: F401
import lives  # noqa: F401
import machinery  # noqa: F401
import names  # noqa: F401
import numbers_of_outputs  # noqa: F401
import outputs  # noqa: F401
import resources  # noqa: F401
import things
import values  # noqa: F401

print(json.dumps(asyncio.run(things.run(sys.argv[2] if len(sys.argv) > 2 else ""))))
