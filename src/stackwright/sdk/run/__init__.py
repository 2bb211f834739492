"""Programs that a language host starts with `python -m` (protocol.md §13)."""
