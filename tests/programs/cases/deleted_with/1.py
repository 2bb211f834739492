"""What goes with another is not deleted by itself."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

a = local.Command("a", create="echo a")
local.Command("b", create="echo b", delete="exit 1", opts=Opts(deleted_with=a))
