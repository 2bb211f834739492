from things import *

Thing('a', Opts(retain_on_delete=True))
Thing('b')
