from things import *

Thing('a')
Thing('b')
