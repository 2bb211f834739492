from things import *

Thing('a')
raise ValueError('broken')
