from things import *

deferred, resolve = pulumi.deferred_output()
Thing('b', x=deferred)
resolve(Thing('a').out)
