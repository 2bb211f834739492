from things import *

a = Thing('a', fixed=1)
Thing('b', x=a.id)
