"""A genuine plugin: created, then updated in place, unknowns in between."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

class Record(pulumi.CustomResource):
    value: pulumi.Output[str]
    fingerprint: pulumi.Output[str]

    def __init__(self, name, props=None, opts=None, type_="Record"):
        outputs = {"fingerprint": None, "revision": None} if type_ == "Record" else {}
        super().__init__(f"ledger:index:{type_}", name, {"name": name, **(props or {}), **outputs}, opts)

a = Record("a", {"value": "y", "tags": {"k": "w"}, "items": ["1"]})
Record("b", {"value": a.fingerprint})
pulumi.export("print", a.fingerprint)
