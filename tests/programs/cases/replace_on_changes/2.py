"""A change that forces replacement because the program says so."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo two", opts=Opts(replace_on_changes=["create"]))
