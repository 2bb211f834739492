"""What hears the progress of installing: bytes, and words."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears what an installation does; may be called from another thread than the main one."""

    def note(self, text: str, /) -> None:
        """Something that the user should read."""
        ...

    def installing(self, what: str, text: str, /) -> None:
        """The installation of *what* begins; *text* says so."""
        ...

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        """*done* bytes of *what* are here; called for the last time with both equal."""
        ...


class Silent:
    """Hears everything and does nothing."""

    def note(self, text: str, /) -> None:
        """Nothing."""

    def installing(self, what: str, text: str, /) -> None:
        """Nothing."""

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        """Nothing."""
