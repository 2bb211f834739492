"""Mocks as people write them."""

import pulumi


class MyMocks(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs):
        self.seen.append(args.name)
        outputs = args.inputs
        if args.typ == "aws:ec2/instance:Instance":
            outputs = {
                **args.inputs,
                "publicIp": "203.0.113.12",
                "publicDns": "ec2-203-0-113-12.compute-1.amazonaws.com",
            }
        return [args.name + "_id", outputs]

    def call(self, args: pulumi.runtime.MockCallArgs):
        if args.token == "aws:ec2/getAmi:getAmi":
            return {"architecture": "x86_64", "id": "ami-0eb1f3cdeeb8eed2a"}
        return {}
