from things import *

things = [Thing(f't{n}', n=n) for n in range(100)]
Thing('last', x=[thing.out for thing in things])
