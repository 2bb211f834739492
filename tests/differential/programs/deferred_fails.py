from things import *


def fail(value):
    raise ValueError("no way")


later, resolve = pulumi.deferred_output()
Thing("b", x=later)
resolve(Thing("a", x=1).out.apply(fail))
