"""A replacement that deletes first takes along what would be replaced with it."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

n = random.RandomInteger("n", min=1, max=1000, seed="other", opts=Opts(delete_before_replace=True))
m = random.RandomInteger("m", min=n.result, max=2000, seed="fixed")
