"""
`import stackwright.as_pulumi`: from here on, `import pulumi` means Stackwright in this process.

For programs that somebody else starts, and that cannot be started with `stackwright exec`: the
first line of a provider's `__main__.py`, say. The import has to come before those of `pulumi`.
"""

from stackwright.sdk import _import_aliases

_import_aliases.install()
