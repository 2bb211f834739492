"""A first program: everything here is made on this machine, by providers that come with Stackwright."""

import pulumi
import pulumi_random as random

config = pulumi.Config()
words = config.get_int("words") or 2

pet = random.RandomPet("pet", length=words)
password = random.RandomPassword("password", length=20, special=False)
port = random.RandomInteger("port", min=20_000, max=30_000, keepers={"pet": pet.id})

pulumi.export("name", pet.id)
pulumi.export("address", pulumi.Output.format("http://{0}.example.com:{1}", pet.id, port.result))
pulumi.export("password", password.result)
