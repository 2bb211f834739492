from things import *

Thing('a', Opts(aliases=[Alias(type_='test:index:Other')]), x=1)
