"""A program under test, as users have them: a component, custom resources, functions, configuration."""

from __future__ import annotations

from typing import Any, Optional

import pulumi


class Instance(pulumi.CustomResource):
    def __init__(self, name: str, ami: Any, tags: Any = None, user_data: Any = None, opts: Any = None) -> None:
        props = {"ami": ami, "tags": tags, "user_data": user_data, "public_ip": None}
        super().__init__("aws:ec2/instance:Instance", name, props, opts)

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Optional[dict]]:
        return pulumi.get(self, "tags")

    @property
    @pulumi.getter(name="publicIp")
    def public_ip(self) -> pulumi.Output[str]:
        return pulumi.get(self, "public_ip")

    @property
    @pulumi.getter(name="userData")
    def user_data(self) -> pulumi.Output[Optional[str]]:
        return pulumi.get(self, "user_data")

    def translate_output_property(self, prop: str) -> str:
        return {"publicIp": "public_ip", "userData": "user_data"}.get(prop, prop)

    def translate_input_property(self, prop: str) -> str:
        return {"public_ip": "publicIp", "user_data": "userData"}.get(prop, prop)


class Group(pulumi.CustomResource):
    ingress: pulumi.Output[list]

    def __init__(self, name: str, ingress: Any, opts: Any = None) -> None:
        super().__init__("aws:ec2/securityGroup:SecurityGroup", name, {"ingress": ingress}, opts)


class Server(pulumi.ComponentResource):
    address: pulumi.Output[str]

    def __init__(self, name: str, ports: list[int], opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("my:web:Server", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.group = Group(f"{name}-sg", [{"from": p, "to": p, "cidr": ["0.0.0.0/0"]} for p in ports], child)
        self.image = pulumi.runtime.invoke("aws:ec2/getAmi:getAmi", {"mostRecent": True}).value["id"]
        self.instance = Instance(
            f"{name}-vm",
            self.image,
            tags={"Name": name, "Project": pulumi.get_project()},
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[self.group])),
        )
        self.address = self.instance.public_ip.apply(lambda ip: f"http://{ip}")
        self.register_outputs({"address": self.address})
