from things import *

p = Provider('p', region='s')
Thing('a', Opts(provider=p))
