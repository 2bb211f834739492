from things import *

Group('g', size=2)
