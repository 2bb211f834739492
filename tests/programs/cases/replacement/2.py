"""A replacement: the new one first, its user updated, the old one at the end."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

n = random.RandomInteger("n", min=1, max=1000, seed="other")
local.Command("user", create=n.result.apply(lambda v: f"echo {v}"))
