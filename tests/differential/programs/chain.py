from things import *

a = Thing('a', x=1)
b = Thing('b', x=a.out)
Thing('c', x=b.out, y=a.id)
