from things import *

a = Thing('a')
Thing('b', Opts(depends_on=Output.from_input(a)))
Thing('c', Opts(depends_on=[Output.from_input(a)]))
