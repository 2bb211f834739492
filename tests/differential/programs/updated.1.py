from things import *

Thing('a', x=1)
