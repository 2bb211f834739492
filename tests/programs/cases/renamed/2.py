"""A renamed resource keeps its object."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("new", create="echo hi", opts=Opts(aliases=[pulumi.Alias(name="old")]))
