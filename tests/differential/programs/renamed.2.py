from things import *

Thing('new', Opts(aliases=[Alias(name='old')]), x=1)
