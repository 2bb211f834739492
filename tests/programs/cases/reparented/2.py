"""A resource moves below a component."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

group = pulumi.ComponentResource("shop:index:Holder", "holder")
local.Command("c", create="echo hi", opts=Opts(parent=group, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))
