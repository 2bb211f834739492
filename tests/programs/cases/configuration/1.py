"""Configuration of every type."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

config = pulumi.Config()
pulumi.export("all", {
    "text": config.get("text"),
    "int": config.require_int("count"),
    "bool": config.get_bool("flag"),
    "float": config.get_float("ratio"),
    "object": config.require_object("tree"),
    "missing": config.get("none"),
    "other": pulumi.Config("other").get("key"),
})
