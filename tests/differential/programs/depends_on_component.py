from things import *

g = Group('g', size=2)
Thing('a', Opts(depends_on=[g]))
