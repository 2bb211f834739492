"""Functions, in their plain and their output form."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

pulumi.export("plain", local.run(command="echo plain").stdout)
pulumi.export("output", local.run_output(command=pulumi.Output.from_input("echo output")).stdout)
