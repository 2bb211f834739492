"""A loop of hundreds."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

made = [random.RandomInteger(f"n{i}", min=1, max=1000, seed=str(i)) for i in range(300)]
pulumi.export("sum", pulumi.Output.all(*[m.result for m in made]).apply(sum))
