from things import *

a = Thing('a')
found = pulumi.runtime.invoke_output('test:index:find', {'q': a.out})
Thing('b', x=found)
