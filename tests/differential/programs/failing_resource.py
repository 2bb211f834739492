from things import *

a = Thing('a', fails=9)
Thing('b', x=a.out)
