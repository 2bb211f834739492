"""What is not asked for any more goes, dependents first."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

a = local.Command("a", create="echo a")
b = local.Command("b", create=a.stdout.apply(lambda v: f"echo {v}"))
local.Command("c", create=b.stdout.apply(lambda v: f"echo {v}"))
