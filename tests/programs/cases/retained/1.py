"""A retained object is forgotten, not deleted."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("c", create="echo made", delete="echo deleted > deleted", opts=Opts(retain_on_delete=True))
