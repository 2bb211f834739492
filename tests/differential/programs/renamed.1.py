from things import *

Thing('old', x=1)
