"""Custom timeouts."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo hi", opts=Opts(custom_timeouts=pulumi.CustomTimeouts(create="5m", update="30s")))
