"""
Infrastructure as code for Python, in Python.

The front door: what a program needs, and nothing else is loaded. Re-exports
`stackwright.sdk`, decides nothing; the rest of the house is reached by its own names
(`stackwright.automation`, `stackwright.testing`, …).
"""

from stackwright._version import __version__
from stackwright.sdk import *  # noqa: F403 # the same names, the same objects
from stackwright.sdk import __all__ as _sdk_names

__all__ = ["__version__", *_sdk_names]
