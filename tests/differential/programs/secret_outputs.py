from things import *

a = Thing('a', Opts(additional_secret_outputs=['out']))
Thing('b', x=a.out)
pulumi.export('o', a.out)
