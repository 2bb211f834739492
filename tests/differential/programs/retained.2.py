from things import *

Thing('b')
