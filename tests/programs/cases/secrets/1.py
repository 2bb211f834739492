"""What is made of a secret is secret."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

config = pulumi.Config()
c = local.Command("c", create="cat", stdin=config.require_secret("word"))
pulumi.export("said", c.stdout)
pulumi.export("upper", c.stdout.apply(str.upper))
