from things import *

p = Provider('p')
a = Thing('a', Opts(provider=p))
Thing('b', Opts(parent=a))
