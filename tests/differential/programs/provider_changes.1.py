from things import *

p = Provider('p', region='r')
Thing('a', Opts(provider=p))
