from things import *

Thing('a', x={'k': [1, 2]})
