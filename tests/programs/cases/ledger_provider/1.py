"""A genuine plugin with a configuration of its own."""

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

class Provider(pulumi.ProviderResource):
    def __init__(self, name, props):
        super().__init__("ledger", name, props)
p = Provider("mine", {"labels": pulumi.Output.json_dumps({"a": "b"}), "region": "south"})
Record("a", {"value": "x"}, Opts(provider=p))
