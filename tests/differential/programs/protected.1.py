from things import *

Thing('a', Opts(protect=True))
Thing('b', Opts(protect=False))
