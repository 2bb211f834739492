from things import *

a, b = Thing('a'), Thing('b')
Thing('c', x=Output.all(a.out, b.out).apply('-'.join), y=Output.all(p=a.out, q=b.id).apply(dict))
