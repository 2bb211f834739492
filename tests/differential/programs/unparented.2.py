from things import *

g = Group('g')
Thing('a', Opts(aliases=[Alias(parent=g)]), x=1)
