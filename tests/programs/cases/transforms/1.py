"""A transform for every resource of the stack."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

def tag(args):
    if args.type_ == "command:local:Command":
        return pulumi.ResourceTransformResult(props={**args.props, "environment": {"TAG": "t"}}, opts=args.opts)
pulumi.runtime.register_resource_transform(tag)
c = local.Command("c", create="echo $TAG")
pulumi.export("said", c.stdout)
