"""The version of the compatible package that this SDK stands in for, as tools ask for it."""

from semver import VersionInfo

from stackwright.sdk.runtime._versions import COMPATIBLE_VERSION

_VERSION = COMPATIBLE_VERSION

version = VersionInfo.parse(_VERSION)
