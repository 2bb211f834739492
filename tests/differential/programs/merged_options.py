from things import *

a = Thing('a')
Thing('b', Opts.merge(Opts(depends_on=[a], ignore_changes=['p']), Opts(depends_on=[Thing('c')], ignore_changes=['q'], protect=False)))
