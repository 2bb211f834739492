"""Components with children."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Group", name, None, opts)
        self.command = local.Command(f"{name}-cmd", create=f"echo {name}", opts=Opts(parent=self))
        self.register_outputs({"said": self.command.stdout})

Group("one")
Group("two")
