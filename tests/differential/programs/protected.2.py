from things import *

Thing('a', Opts(protect=False))
