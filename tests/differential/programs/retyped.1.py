from things import *

Other('a', x=1)
