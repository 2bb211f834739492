"""Configuration, metadata, stack references, assets, logging."""

import pulumi
from pulumi import Config, StackReference

config = Config()
reveal_type(config.get("a"))
reveal_type(config.get("a", "default"))
reveal_type(config.require("a"))
reveal_type(config.get_bool("a"))
reveal_type(config.require_bool("a"))
reveal_type(config.get_int("a"))
reveal_type(config.require_int("a"))
reveal_type(config.get_float("a"))
reveal_type(config.require_float("a"))
reveal_type(config.get_secret("a"))
reveal_type(config.require_secret("a"))
reveal_type(config.require_secret_int("a"))
reveal_type(config.require_secret_bool("a"))
reveal_type(config.get_secret_int("a"))
reveal_type(config.full_key("a"))

reveal_type(pulumi.get_project())
reveal_type(pulumi.get_stack())
reveal_type(pulumi.get_organization())
reveal_type(pulumi.get_root_directory())
reveal_type(pulumi.runtime.is_dry_run())

reference = StackReference("org/project/stack")
reveal_type(reference.get_output("a"))
reveal_type(reference.require_output("a"))
reveal_type(reference.outputs)


async def details() -> None:
    found = await reference.get_output_details("a")
    reveal_type(found)


archive = pulumi.AssetArchive({"a": pulumi.StringAsset("x"), "b": pulumi.FileArchive("dir")})
reveal_type(archive.assets)
reveal_type(pulumi.FileAsset("x").path)
reveal_type(pulumi.RemoteAsset("https://x").uri)

pulumi.log.info("said", ephemeral=True)
pulumi.warn("said")


async def main() -> pulumi.Inputs:
    return {"a": 1}


pulumi.run(main)
