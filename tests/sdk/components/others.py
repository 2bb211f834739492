"""Assets, and resources of other packages."""

from typing import Optional, TypedDict

import pulumi
import pulumi_random
import pulumi_tls


class Files(TypedDict):
    archive: pulumi.Archive


class Args(TypedDict):
    asset: pulumi.Input[pulumi.Asset]
    """A file."""
    plain_asset: pulumi.FileAsset
    archive: Optional[pulumi.Archive]
    files: list[Files]
    pet: pulumi_random.RandomPet
    """A pet."""
    pets: pulumi.Input[list[pulumi_random.RandomPet]]
    key: Optional[pulumi.Input[pulumi_tls.PrivateKey]]


class Others(pulumi.ComponentResource):
    pet: pulumi.Output[pulumi_random.RandomPet]
    key: pulumi_tls.PrivateKey
    assets: pulumi.Output[dict[str, pulumi.Asset]]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:Others", name, {}, opts)


COMPONENTS = [Others]
