"""
The package `command`: commands of the user's as resources.

Decides how commands run on this machine and what becomes of their output. Those
on other machines (`command:remote`) need the genuine plugin, which brings its own SSH.
May import what `builtin` may.
"""

from stackwright.providers.builtin._provider import EmbeddedPackage
from stackwright.providers.builtin.command._resources import LOGGING, Command, run

PACKAGE = EmbeddedPackage(
    name="command",
    version="1.2.1",
    about="Commands that run when resources are created, changed and deleted.",
    resources=(Command,),
    functions=(run,),
    choices=(LOGGING,),
    absent={"command:remote:": "Commands on other machines need an SSH client, which is not embedded"},
)

__all__ = ["PACKAGE"]
