from things import *

p = Provider('p', region='r')
Group('g', Opts(providers=[p]), size=1)
Group('h', Opts(providers={'test': p}), size=1)
Group('i', Opts(provider=p))
