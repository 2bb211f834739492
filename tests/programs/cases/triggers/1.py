"""Triggers of a command replace it."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo one", triggers=[1, {"a": "b"}])
