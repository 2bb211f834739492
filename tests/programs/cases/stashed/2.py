"""A stash keeps its first value."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

s = pulumi.Stash("s", input={"a": 2})
pulumi.export("kept", s.output)
