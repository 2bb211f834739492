"""
Genuine Pulumi provider plugins: programs found on this machine, spoken to over gRPC.

Decides where a plugin is looked for, how its process starts and that it ends, and
how `Provider` maps onto the protocol's messages. Leaves to others which plugin is
wanted and when it is called (`engine`), and how a missing one is installed
(`packages`). May import `providers`' interface, `wire` and the vocabulary.
Facts: protocol.md §3, §6-8, §12.
"""

from stackwright.providers.plugin._connection import Timing
from stackwright.providers.plugin._discovery import (
    InstalledPlugin,
    LocatedPlugin,
    ProjectPlugin,
    find_plugin,
    installed_plugins,
    is_repository,
    parse_version,
    plugin_name,
)
from stackwright.providers.plugin._failures import AwaitFailedError
from stackwright.providers.plugin._host import PluginContext, PluginHost, run_plugin
from stackwright.providers.plugin._programs import (
    DESCRIPTOR,
    plugin_command,
    read_descriptor,
    source_environment,
)
from stackwright.providers.plugin._provider import PluginProvider
from stackwright.wire._engine_service import COMPATIBLE_VERSION, EngineService
from stackwright.wire._version_ranges import UnreadableRangeError, version_satisfies

__all__ = [
    "COMPATIBLE_VERSION",
    "DESCRIPTOR",
    "AwaitFailedError",
    "EngineService",
    "InstalledPlugin",
    "LocatedPlugin",
    "PluginContext",
    "PluginHost",
    "PluginProvider",
    "ProjectPlugin",
    "Timing",
    "UnreadableRangeError",
    "find_plugin",
    "installed_plugins",
    "is_repository",
    "parse_version",
    "plugin_command",
    "plugin_name",
    "read_descriptor",
    "run_plugin",
    "source_environment",
    "version_satisfies",
]
