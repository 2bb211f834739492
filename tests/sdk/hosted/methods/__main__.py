"""A package written against `pulumi.provider`: a component that shows its options, methods, a function."""

import sys

import pulumi
import pulumi.provider as provider
from pulumi.provider.provider import InvokeResult


class Made(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("methods:index:Made", name, {}, opts)
        self.register_outputs({})


class Thing(pulumi.CustomResource):
    def __init__(self, name, props, opts):
        super().__init__("things:index:Thing", name, {**props, "made": None}, opts)


class Methods(provider.Provider):
    def construct(self, name, resource_type, inputs, options=None):
        if resource_type != "methods:index:Made":
            return super().construct(name, resource_type, inputs, options)
        made = Made(name, options)
        thing = Thing(f"{name}-thing", dict(inputs), pulumi.ResourceOptions(parent=made))
        outputs = {
            "id": "no",
            "urn": "no",
            "made": thing.made,
            "thing": thing,
            "fixed": pulumi.Output.secret(1),
        }
        return provider.ConstructResult(made.urn, {**outputs, "inputs": inputs})

    def call(self, token, args):
        if token == "methods:index:Made/refuse":
            return provider.CallResult({}, [provider.CheckFailure("word", "is wrong")])
        if token == "methods:index:Made/blame":
            raise pulumi.InputPropertyError("word", "is worse")
        if token != "methods:index:Made/describe":
            return super().call(token, args)
        thing = Thing(args["name"], {"word": args.get("word")}, pulumi.ResourceOptions())
        return provider.CallResult({"me": args["__self__"], "word": args.get("word"), "made": thing.made})

    def invoke(self, token, args):
        if token == "methods:index:refuse":
            return InvokeResult({}, [provider.CheckFailure("word", "is wrong")])
        if token == "methods:index:fail":
            raise ValueError("no function today")
        if token != "methods:index:echo":
            return super().invoke(token, args)
        return InvokeResult({"said": args.get("word"), "all": args})


if __name__ == "__main__":
    provider.main(Methods("0.1.0", '{"name": "methods"}'), sys.argv[1:])
