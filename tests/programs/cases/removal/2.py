"""What is not asked for any more goes, dependents first."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("a", create="echo a")
