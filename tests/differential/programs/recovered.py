from things import *


def fail(value):
    raise ValueError("no way")


a = Thing("a", x=1)
recovered = a.out.apply(fail).recover(lambda error: Output.from_input(str(error)))
Thing("b", x=recovered, y=a.out.recover(lambda error: "never"))
pulumi.export("recovered", recovered)
