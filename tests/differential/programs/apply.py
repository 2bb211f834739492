from things import *

a = Thing('a', x=1)
Thing('b', x=a.out.apply(lambda v: v + '!'))
