from things import *

p = Provider('p', region='r', secret=Output.secret('s'))
Thing('a', Opts(provider=p))
