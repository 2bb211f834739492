from things import *

Thing('a').out.apply(lambda value: 1 / 0)
Thing('b')
