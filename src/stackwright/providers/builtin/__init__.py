"""
Embedded providers: packages that come with Stackwright and run in its process.

Decides what the packages `random`, `command` and `local` do where no plugin is
installed, so that a fresh machine without a network runs a first program. They speak
the genuine packages' tokens and share their states. Leaves to others when a provider
is called (`engine`) and when an installed plugin is preferred (`providers`, the host).
May import `providers._interface` and the vocabulary.

A resource is a short class: what it takes and gives as data (`Property`), and the few
things only it can do. Checking, comparing, previewing and schemas are derived.
"""

from stackwright.providers.builtin._registry import embedded_packages, is_embedded, open  # noqa: A004

__all__ = ["embedded_packages", "is_embedded", "open"]
