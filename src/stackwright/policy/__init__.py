"""
Policy packs: what must not be, and what is better made otherwise (engine.md §8, protocol.md §14.1).

Decides how a pack is found, started, set and asked: one in a directory, in a process of its
own with whatever SDK its environment has; or policies as objects in this process, which tests
use. When packs are asked, and what follows from their answers, is decided in `engine`, whose
`Analyzer` they implement. May import `project`, `engine` and what is below.
"""

from stackwright.policy._configuration import PolicySetting, read_settings
from stackwright.policy._errors import PolicyFailedError, PolicyPackError
from stackwright.policy._local import LocalPack
from stackwright.policy._new_pack import write_pack
from stackwright.policy._packs import PackDirectory, PolicyPacks
from stackwright.policy._recorded import review_recorded

__all__ = [
    "LocalPack",
    "PackDirectory",
    "PolicyFailedError",
    "PolicyPackError",
    "PolicyPacks",
    "PolicySetting",
    "read_settings",
    "review_recorded",
    "write_pack",
]
