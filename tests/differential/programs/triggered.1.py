from things import *

Thing('a', Opts(replacement_trigger=1))
