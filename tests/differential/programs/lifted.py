from things import *

a = Thing('a', x={'k': [1, {'v': 'w'}]})
Thing('b', x=pulumi.Output.from_input({'o': a.out, 'i': [a.id]}))
