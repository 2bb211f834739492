"""
`python -m pulumi.policy ENGINE-ADDRESS PROGRAM`: run a policy pack, which serves itself (sdk.md §20).

Configuration, project and stack are in the environment; other words of the command line are
for other engines' purposes.
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import traceback

from stackwright.sdk import log, runtime


def main(arguments: list[str] | None = None) -> int:
    """Run the pack; answers the exit status, which is 1 if it ended with an exception."""
    parser = argparse.ArgumentParser(prog="python -m pulumi.policy")
    parser.add_argument("engine")
    parser.add_argument("program")
    for name in ("--tracing", "--verbose", "-v"):
        parser.add_argument(name, help="taken and not used")
    program = parser.parse_known_args(arguments)[0].program
    for key, value in runtime.get_config_env().items():
        runtime.set_config(key, value)
    if {"PULUMI_PROJECT", "PULUMI_STACK", "PULUMI_DRY_RUN"} <= os.environ.keys():
        runtime.configure(
            runtime.Settings(
                project=os.environ["PULUMI_PROJECT"],
                stack=os.environ["PULUMI_STACK"],
                dry_run=os.environ["PULUMI_DRY_RUN"] == "true",
                organization=os.environ.get("PULUMI_ORGANIZATION", "organization"),
            )
        )
    try:
        runpy.run_path(program, run_name="__main__")
    except Exception:  # noqa: BLE001 - whatever the pack raises is told, and is no fault of ours
        log.error("Program failed with an unhandled exception:\n" + traceback.format_exc())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
