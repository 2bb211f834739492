"""A provider of one's own."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

p = random.Provider("mine")
random.RandomInteger("n", min=1, max=9, seed="s", opts=Opts(provider=p))
