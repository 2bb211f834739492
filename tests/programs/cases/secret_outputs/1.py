"""Outputs that the program wants secret."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

c = local.Command("c", create="echo token", opts=Opts(additional_secret_outputs=["stdout"]))
pulumi.export("token", c.stdout)
