from things import *

a = Thing('a')
Thing('b', Opts(deleted_with=a))
Thing('k')
