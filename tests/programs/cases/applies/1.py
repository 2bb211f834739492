"""Combinators of outputs."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

a = local.Command("a", create="echo 1")
twice = a.stdout.apply(lambda v: int(v) * 2).apply(lambda v: pulumi.Output.from_input(v + 1))
pulumi.export("all", pulumi.Output.all(x=twice, y=[a.stdout]).apply(lambda d: f"{d['x']} {d['y'][0]}"))
pulumi.export("format", pulumi.Output.format("<{0}|{x}>", a.stdout, x=twice))
pulumi.export("concat", pulumi.Output.concat("<", a.stdout, ">"))
