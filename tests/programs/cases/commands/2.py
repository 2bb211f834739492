"""A command that is created, then updated in place."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

c = local.Command("a", create="echo two", update="echo updated", delete="true", environment={"X": "2"})
pulumi.export("said", c.stdout)
