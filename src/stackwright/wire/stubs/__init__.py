"""Messages and services of the wire protocols; written by tools/generate_stubs.py."""
