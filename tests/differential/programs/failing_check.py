from things import *

Thing('a', bad=True)
