"""What this project deploys. Change it and run `stackwright up` again."""

import pulumi_random as random

import stackwright

# A name for a pet: two words that stay the same until you ask for others.
pet = random.RandomPet("pet", length=2)

# A password. It is a secret: encrypted in the state, masked on the screen.
password = random.RandomPassword("password", length=20, special=True)

stackwright.export("greeting", pet.id.apply(lambda name: f"Hello, {name}!"))
stackwright.export("password", password.result)
