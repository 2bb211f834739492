"""
Packages that programs use: their schemas, their SDKs, their plugins, and the lock file.

Decides how a package becomes usable in a project: where its plugin is fetched from and
how it is verified, what its schema is, what Python package is generated from that, and
what is recorded so that it can be had again. Leaves to others how a provider is spoken
to (`providers`) and how an environment is filled (`project`). May import `project` and
all that is below it. Facts: packages.md; terraform.md §7; protocol.md §7.
"""

from stackwright.packages._errors import PackageSchemaError
from stackwright.packages._schema import PackageSchema, Problem, problems, read_schema
from stackwright.packages.sdkgen import Generated, UnnameableError, generate

__all__ = [
    "Generated",
    "PackageSchema",
    "PackageSchemaError",
    "Problem",
    "UnnameableError",
    "generate",
    "problems",
    "read_schema",
]
