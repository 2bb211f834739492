"""A Python package, run as a provider plugin: `python -m pulumi.run.plugin PACKAGE` (sdk.md §19.2)."""
