"""The types of all ancestors are in the URN."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

outer = pulumi.ComponentResource("shop:index:Outer", "outer")
inner = pulumi.ComponentResource("shop:index:Inner", "inner", None, Opts(parent=outer))
local.Command("leaf", create="echo leaf", opts=Opts(parent=inner))
