from things import *

Thing('a', Opts(replace_on_changes=['x']), x=2)
