from things import *

a = Thing('a', fixed=1)
Thing('b', Opts(replace_with=[a]))
