from things import *

Thing('a', Opts(hide_diffs=['x']), x=2)
