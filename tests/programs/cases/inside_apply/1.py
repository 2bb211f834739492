"""Resources made inside an apply."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

a = local.Command("a", create="echo 2")
def make(text):
    for i in range(int(text)):
        local.Command(f"made-{i}", create=f"echo {i}")
a.stdout.apply(make)
