"""Resources, components and their options."""

from typing import Any, Optional

import pulumi
from pulumi import Alias, ComponentResource, CustomResource, CustomTimeouts, Input, Output, ResourceOptions


class Bucket(CustomResource):
    name: Output[str]
    tags: Output[Optional[dict[str, str]]]

    def __init__(
        self,
        resource_name: str,
        tags: Optional[Input[dict[str, Input[str]]]] = None,
        opts: Optional[ResourceOptions] = None,
    ) -> None:
        super().__init__("shop:index:Bucket", resource_name, {"name": None, "tags": tags}, opts)


class Site(ComponentResource):
    bucket: Bucket
    url: Output[str]

    def __init__(self, name: str, opts: Optional[ResourceOptions] = None) -> None:
        super().__init__("shop:index:Site", name, {}, opts)
        self.bucket = Bucket("bucket", opts=ResourceOptions(parent=self))
        self.url = Output.concat("https://", self.bucket.name)
        self.register_outputs({"url": self.url})


site = Site("site", ResourceOptions(protect=True, aliases=[Alias(name="old")]))
other = Bucket(
    "other",
    {"owner": site.url, "team": "a"},
    ResourceOptions(
        depends_on=[site, site.bucket],
        ignore_changes=["tags"],
        delete_before_replace=True,
        custom_timeouts=CustomTimeouts(create="5m"),
        additional_secret_outputs=["name"],
    ),
)
reveal_type(site.urn)
reveal_type(site.bucket.id)
reveal_type(site.bucket.name)
reveal_type(other.tags)
reveal_type(other.name.apply(lambda name: name.split("-")))
reveal_type(ResourceOptions.merge(None, ResourceOptions(protect=True)))
reveal_type(pulumi.create_urn("a", "b"))
reveal_type(site.pulumi_resource_name)
pulumi.export("url", site.url)
pulumi.export("all", {"bucket": other.id, "list": [site.urn]})


def transformed(args: pulumi.ResourceTransformArgs) -> Optional[pulumi.ResourceTransformResult]:
    reveal_type(args.type_)
    reveal_type(args.opts)
    return pulumi.ResourceTransformResult(props={**args.props, "x": 1}, opts=args.opts)


def transformation(
    args: pulumi.ResourceTransformationArgs,
) -> Optional[pulumi.ResourceTransformationResult]:
    reveal_type(args.resource)
    return pulumi.ResourceTransformationResult(args.props, args.opts)


Bucket("c", opts=ResourceOptions(transforms=[transformed], transformations=[transformation]))
pulumi.runtime.register_stack_transformation(transformation)
pulumi.runtime.register_resource_transform(transformed)


def hook(args: pulumi.ResourceHookArgs) -> None:
    reveal_type(args.urn)


named = pulumi.ResourceHook("named", hook)
binding = pulumi.ResourceHookBinding(before_create=[named, hook], after_delete=[named])
reveal_type(ResourceOptions(hooks=binding).protect)


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[Optional[str], dict[Any, Any]]:
        reveal_type(args.name)
        return args.name + "-id", args.inputs

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[Any, Any], Optional[list[tuple[str, str]]]]:
        reveal_type(args.token)
        return {}, None


pulumi.runtime.set_mocks(Mocks(), project="p", stack="s", preview=False)
