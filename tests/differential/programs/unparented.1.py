from things import *

g = Group('g')
Thing('a', Opts(parent=g), x=1)
