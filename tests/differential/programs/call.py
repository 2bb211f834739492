from things import *

a = Thing('a')
Thing('b', x=pulumi.runtime.call('test:index:Thing/do', {'__self__': a, 'n': 1}, a))
