"""Fixtures for the SDK's tests."""
