from things import *

a = Thing('a')
a.out.apply(lambda value: Thing('b', x=value))
