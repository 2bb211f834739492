"""A genuine plugin: replaced in both orders, as it demands."""

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

a = Record("a", {"region": "south"})
Record("s", {"zone": "s"}, Opts(depends_on=[a]), type_="Slot")
