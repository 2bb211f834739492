"""Random values from a seed are the same everywhere."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

n = random.RandomInteger("n", min=1, max=1000, seed="fixed")
s = random.RandomShuffle("s", inputs=["a", "b", "c", "d"], seed="fixed")
pulumi.export("n", n.result)
pulumi.export("s", s.results)
