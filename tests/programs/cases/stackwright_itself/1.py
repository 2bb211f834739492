"""A new program says stackwright; the objects are the same."""

import stackwright
import pulumi_random as random

n = random.RandomInteger("n", min=1, max=9, seed="s")
stackwright.export("n", n.result)
stackwright.export("stack", stackwright.get_stack())
stackwright.export("project", stackwright.get_project())
