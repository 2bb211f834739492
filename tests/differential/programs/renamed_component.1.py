from things import *

Group('old', size=2)
