"""A component hands its providers down."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

p = random.Provider("mine")
holder = pulumi.ComponentResource("shop:index:Holder", "holder", None, Opts(providers=[p]))
inner = pulumi.ComponentResource("shop:index:Holder", "inner", None, Opts(parent=holder))
random.RandomInteger("n", min=1, max=9, seed="s", opts=Opts(parent=inner))
