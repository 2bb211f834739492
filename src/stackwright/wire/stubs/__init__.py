"""Messages and services of the wire protocols; written by tools/protos.py."""
