from things import *

a = Thing('a')
p = Provider('p', region=a.out)
Thing('b', Opts(provider=p))
