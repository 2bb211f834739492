from things import *

a = Thing('a', Opts(delete_before_replace=True), fixed=1)
Thing('b', x=a.id)
