from things import *

Thing('a')
Thing('a')
