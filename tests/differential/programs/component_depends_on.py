from things import *

a = Thing('a')
Group('g', Opts(depends_on=[a]), size=2)
