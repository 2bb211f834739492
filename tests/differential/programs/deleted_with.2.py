from things import *

Thing('k')
