from things import *

a = Thing('a')
b = Thing('b')
Thing('c', Opts(depends_on=[a, b]))
Thing('d', Opts(depends_on=a))
