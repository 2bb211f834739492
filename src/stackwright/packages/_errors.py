"""
What goes wrong when something is fetched, and when a package is made of it.

    PackageSchemaError        a schema is malformed, or no package can be made of it
    PackageError
    ├── FetchError            a server was not reached, refused, or answered nonsense
    │   ├── MissingError      the server says that there is no such thing
    │   └── ForbiddenError    the server wants credentials, or other ones
    └── VerificationError     what came is not what was promised; it was thrown away

`FetchError` belongs to the network or the user, the others to whoever supplied the file.
"""

from __future__ import annotations

from stackwright.errors import StackwrightError, UserError


class PackageSchemaError(StackwrightError):
    """A package schema cannot be read, or says what no package can be made of."""

    code = "package-schema"


class PackageError(UserError):
    """A package cannot be made ready."""

    code = "package"


class FetchError(PackageError):
    """A server was not reached, refused, or answered something that cannot be used."""

    code = "fetch-failed"


class MissingError(FetchError):
    """The server knows no such thing."""

    code = "fetch-missing"


class ForbiddenError(FetchError):
    """The server wants credentials, or refused those that it got."""

    code = "fetch-forbidden"


class VerificationError(PackageError):
    """A file has not the checksum or the signature that it should have. Nothing of it was run."""

    code = "verification-failed"
