from things import *

a = Thing('a')
g = Group('g')
Thing('b', x=a, y=[g])
