from things import *

a = Thing('a', x=Output.secret('s'))
Thing('b', x=Output.unsecret(Output.secret(1)), y=a.x if hasattr(a, 'x') else 0)
