from things import *

a = Thing('a')
Thing('b', x=Output.concat('<', a.out, '>'), y=Output.format('{0}/{name}', a.out, name=a.id), z=Output.json_dumps({'k': a.out}))
