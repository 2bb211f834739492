"""
Run an installed package as a plugin.

The package is imported under its distribution's name. If it has components, these are
served; otherwise the package itself is run, as with `python -m`.
"""

from __future__ import annotations

import importlib
import runpy
import sys

from stackwright.sdk.provider.experimental.host import component_provider_host, components_from_module


def main() -> None:
    """Run the package that the first argument names; what follows is for the plugin."""
    if len(sys.argv) < 2:  # the program's own name, and the package
        raise SystemExit("Missing package name argument")
    distribution = sys.argv.pop(1)
    name = distribution.replace("-", "_")
    components = components_from_module(importlib.import_module(name))
    if components:
        component_provider_host(name=distribution, components=components)
        return
    try:
        runpy.run_module(name, run_name="__main__")
    except ImportError as error:
        raise SystemExit(
            f"{name} can not be executed: {error.msg}\n\n"
            "Please ensure that your module includes a `__main__.py` file that can be run with "
            "`python -m <module>`"
        ) from error


if __name__ == "__main__":
    main()
