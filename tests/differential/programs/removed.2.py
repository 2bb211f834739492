from things import *

Thing('a')
