"""Outputs of every type."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

pulumi.export("text", "a")
pulumi.export("number", 1.5)
pulumi.export("whole", 3)
pulumi.export("yes", True)
pulumi.export("nothing", None)
pulumi.export("list", [1, "b", {"c": [True]}])
pulumi.export("map", {"a": {"b": 1}})
pulumi.export("secret", pulumi.Output.secret("hidden"))
pulumi.export("json", pulumi.Output.json_dumps({"a": pulumi.Output.from_input(1)}))
