"""A renamed resource keeps its object."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

local.Command("old", create="echo hi")
