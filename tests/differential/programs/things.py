"""What the programs beside this file have in common: they begin with `from things import *`."""

import asyncio
import pulumi
from pulumi import Alias, Output, ROOT_STACK_RESOURCE
from pulumi import ResourceOptions as Opts
from pulumi import InvokeOptions, InvokeOutputOptions

class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("test:index:Thing", name, {"out": None, **props}, opts)

class Other(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("test:index:Other", name, {"out": None, **props}, opts)

class Provider(pulumi.ProviderResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("test", name, props, opts)

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None, size=1, **more):
        super().__init__("test:index:Group", name, more or None, opts)
        self.things = [Thing(f"{name}-{n}", Opts(parent=self), n=n) for n in range(size)]
        self.register_outputs({"outs": [thing.out for thing in self.things]})
