"""A resource moves below a component."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo hi")
