from things import *

Group('g', size=2, colour='red', deep={'a': [1]})
