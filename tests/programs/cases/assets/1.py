"""Files, and assets that come back from a command."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

class File(pulumi.CustomResource):
    def __init__(self, name, props):
        super().__init__("local:index/file:File", name, props)
File("f", {"filename": "made/here.txt", "content": "hello"})
local.Command("c", create="echo x > made.out", asset_paths=["made.out"])
