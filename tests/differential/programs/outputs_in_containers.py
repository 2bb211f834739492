from things import *

a = Thing('a')
Thing('b', x={'k': a.out}, y=[a.id, [a.out]], z={'n': {'m': a.out}})
