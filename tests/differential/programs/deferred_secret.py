from things import *

later, resolve = pulumi.deferred_output()
Thing("b", x=later.apply(lambda v: v + "!"))
a = Thing("a", x="1")
resolve(pulumi.Output.secret(a.out))
try:
    resolve(a.out)
except Exception as error:
    pulumi.log.info(type(error).__name__)
