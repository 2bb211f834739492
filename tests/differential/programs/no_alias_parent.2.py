from things import *

Thing('a', Opts(aliases=[Alias(name='z', parent=None), Alias(stack='s', project='p')]))
