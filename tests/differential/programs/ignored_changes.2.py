from things import *

Thing('a', Opts(ignore_changes=['x']), x=2, y=2)
