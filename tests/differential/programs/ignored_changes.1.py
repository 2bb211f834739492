from things import *

Thing('a', Opts(ignore_changes=['x']), x=1, y=1)
