"""What installations say, remembered."""

from __future__ import annotations


class Notes:
    """A `Progress` that remembers what was said."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str, /) -> None:
        self.texts.append(text)

    def installing(self, what: str, text: str, /) -> None:
        self.texts.append(text)

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        """Bytes are of no interest."""
