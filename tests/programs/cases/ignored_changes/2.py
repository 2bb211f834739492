"""Ignored changes change nothing."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo one", environment={"A": "2"}, opts=Opts(ignore_changes=["environment"]))
