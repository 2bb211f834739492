from things import *

a = Thing('a', fixed=2)
Thing('b', x=a.id)
