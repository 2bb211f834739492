"""Messages and services; written by tools/generate_stubs.py."""
