from things import *

other = pulumi.StackReference("organization/other/prod")


async def details():
    plain, hidden, missing = [await other.get_output_details(name) for name in ("plain", "hidden", "nothing")]
    return {
        "plain": [plain.value, plain.secret_value],
        "hidden": [hidden.value, hidden.secret_value],
        "missing": [missing.value, missing.secret_value],
    }


Thing("a", x=other.get_output("plain"), y=other.require_output("hidden"), z=other.get_output("nothing"))
Thing("b", x=other.name, y=other.outputs, z=other.secret_output_names)
pulumi.export("details", details())
named = pulumi.StackReference("named", stack_name="organization/other/dev")
pulumi.export("named", named.get_output(pulumi.Output.from_input("plain")))
