from things import *

a = Thing('a', fixed=2)
Thing('b', Opts(replace_with=[a]))
